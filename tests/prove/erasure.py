"""P3: nothing readable stays, and what is erased is gone from every file.

Churn: several people's jobs go through the whole house, interleaved, growing and deleted; then one
of them erases everything. No word that anybody asked for may be in any file, before or after; with
the cipher taken out the same search must find them.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import envelope
from bot.domain import Visibility
from bot.policy.prompt import MAX_CHARACTERS
from bot.storage.database import many
from tests.prove import diskcopy
from tests.prove.canaries import canaries_in
from tests.prove.judge import quiet
from tests.prove.mutants import patched
from tests.prove.report import Proof
from tests.prove.seeds import spread
from tests.prove.world import ANA, EACH_STEP, MOD, PIA, World, a_world

PROMPTS = 200
AT_ONCE = 10
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Churned:
    """What one seed came to: how many words of whom could be read in how many bytes of files."""

    prompts: int
    hers: int
    readable_before: int
    readable_after: int
    keys: int
    keys_left: int
    searched_bytes: int
    receipt: str


class NoCipher:
    """Takes the place of AES-GCM and does nothing."""

    def __init__(self, _: bytes) -> None:
        pass

    def encrypt(self, _nonce: bytes, plain: bytes, _bound_to: bytes) -> bytes:
        return plain

    def decrypt(self, _nonce: bytes, stored: bytes, _bound_to: bytes) -> bytes:
        return stored


def churn_quietly(seed: int) -> Churned:
    """Let one seed's prompts through, and print no log lines."""
    with quiet():
        return asyncio.run(churn(seed))


def churn_in_clear(seed: int) -> Churned:
    """The same without the cipher: the search must find what is there."""
    with quiet():
        return asyncio.run(churn(seed, ciphered=False))


async def churn(seed: int, prompts: int = PROMPTS, *, ciphered: bool = True) -> Churned:
    """Let so many prompts through the house, then let pia erase all that is hers."""
    async with AsyncExitStack() as stack:
        if not ciphered:
            stack.enter_context(patched(envelope, AESGCM=NoCipher))
        world = await stack.enter_async_context(a_world())
        world.people[PIA].role = world.people[ANA].role = world.people[MOD].role = True
        await _live(world, random.Random(seed), prompts)
        hers = {known.word for known in world.judge.jobs.values() if known.owner == PIA}
        hers.discard("")
        readable_before = world.on_disk()
        keys = await _keys_of(world, PIA)
        await world.erases(PIA)
        await world.settle()
        await world.house.memory.keys.forget()
        content = everything(world)
        said = [post.content for posts in world.messenger.whispers.values() for post in posts]
        return Churned(
            prompts=_accepted(world),
            hers=len(hers),
            readable_before=len(readable_before),
            readable_after=len(canaries_in(content) & hers),
            keys=len(keys),
            keys_left=sum(key in content for key in keys),
            searched_bytes=len(content),
            receipt=next((one for one in said if "darkroom-receipt." in one), ""),
        )


async def _live(world: World, dice: random.Random, prompts: int) -> None:
    """Days in the life of three people: they ask, wait, change their minds and delete."""
    while _accepted(world) < prompts:
        for _ in range(min(AT_ONCE, prompts - _accepted(world))):
            said = dice.choice((Visibility.PUBLIC, Visibility.PUBLIC, Visibility.STEALTH))
            length = dice.choice((0, 0, 0, MAX_CHARACTERS - 100))
            await world.asks(dice.choice((PIA, ANA, MOD)), said=said, tail=" so" * (length // 3))
        stages = ("accepted", "running", "rendered", "ended")
        for stage in stages[: dice.randint(2, 4)]:
            world.judge.step += 1
            await world.looks(stage, dice.randint(1, EACH_STEP + 2))
        for name in dice.sample(buttons := world.buttons(), min(4, len(buttons))):
            verb, owner = name.split(":")[1], world.owner_of(name)
            if verb in {"delete", "cancel", "onlyme"}:
                world.judge.step += 1
                await world.presses(owner, name)
        await world.passes(dice.choice((2, 61, 3600, DAY_SECONDS // 3)))
        if dice.random() < 0.4:
            await world.sweeps()


def _accepted(world: World) -> int:
    """How many prompts became jobs; what was refused was never written."""
    return len({known.word for known in world.judge.jobs.values()} - {""})


async def _keys_of(world: World, person: int) -> set[bytes]:
    """Every wrapped key of a person's, as it lies in the key file."""
    keys = world.house.memory.keys
    found = set[bytes]()
    async with keys._database.read() as tx:
        for table in ("item_keys", "day_keys"):
            rows = await many(
                tx, f"SELECT wrapped FROM {table} WHERE person = ?", (keys.person(person),)
            )
            found |= {row["wrapped"] for row in rows}
    return found


def everything(world: World) -> bytes:
    """Every byte of every file: databases, logs of theirs, pictures, keys on disk and in memory."""
    files = sorted(path for path in world.folder.rglob("*") if path.is_file())
    return b"\0".join(path.read_bytes() for path in files)


@dataclass(frozen=True)
class Said:
    """What a process printed while buttons failed in it, and the key it must not have printed."""

    printed: str
    row: str
    key: str

    @property
    def leaks(self) -> int:
        return self.printed.count(self.key) + self.printed.count(self.row)


def failed_presses(how: str) -> Said:
    """Let presses fail in a process of their own (`tests.prove.pressed`)."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "ticket"
        done = subprocess.run(
            [sys.executable, "-m", "tests.prove.pressed", str(note), how],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        row, _, key = note.read_text().partition(":")
    return Said(done.stdout, row, key)


def prove_churn(first: int, seeds: int, budget_seconds: float) -> Proof:
    """At least so many seeds, and one of them in clear."""
    began = time.monotonic()
    done = spread(
        churn_quietly, first, budget_seconds=budget_seconds, at_least=seeds, longest_seconds=0
    )
    runs, clear = [one for _, one in done], churn_in_clear(first)
    searched_mb = sum(2 * one.searched_bytes for one in runs) / 1e6
    failures = [
        f"seed {seed}: {one.readable_before} words before, {one.readable_after} after, "
        f"{one.keys_left} keys left, receipt: {bool(one.receipt)}"
        for seed, one in done
        if one.readable_before or one.readable_after or one.keys_left or not one.receipt
    ]
    found = clear.readable_before
    return Proof(
        promise="P3  Nothing readable stays (churn, then one person erases everything)",
        tried=sum(one.prompts for one in runs),
        trials="prompts",
        seeds=f"seeds {first} to {done[-1][0]} × {PROMPTS}, next SEED={done[-1][0] + 1}",
        figures=[
            f"{sum(one.hers for one in runs)} of them hers; {searched_mb:.1f} MB of databases, "
            "logs, pictures and keys searched before and after: "
            f"{sum(one.readable_before + one.readable_after for one in runs)} words readable",
            f"{sum(one.keys for one in runs)} of her wrapped keys: "
            f"{sum(one.keys_left for one in runs)} left in any file",
        ],
        controls={
            "encryption off": f"{found} words found before, {clear.readable_after} after"
            if found
            else ""
        },
        failures=failures,
        seconds=time.monotonic() - began,
    )


def prove_keys() -> Proof:
    """The key of a delivered stealth recipe is in its owner's DM and nowhere else."""
    began = time.monotonic()
    with quiet():
        tried = asyncio.run(diskcopy.attack())
    gated, ungated = failed_presses("gated"), failed_presses("open")
    failures = []
    if tried.opened or tried.foreign_opened:
        failures.append(f"{tried.opened + tried.foreign_opened} opened without the owner's press")
    if tried.control_owner != tried.rows:
        failures.append("an owner's own press did not open their recipe")
    if gated.leaks or "button.failed" not in gated.printed:
        failures.append(f"{gated.leaks} lines of a failed press name row or key")
    return Proof(
        promise="P3  The key of a delivered stealth recipe is in its owner's DM alone",
        tried=tried.attempts + tried.foreign_presses,
        trials="attempts",
        figures=[
            f"a copy of the disk, {tried.keys} keys on it, {tried.rows} rows: "
            f"{tried.opened} of {tried.attempts} attempts open one",
            f"presses of others, on other rows, of forwarded copies: {tried.foreign_opened} of "
            f"{tried.foreign_presses} open one; its owner's: {tried.control_owner} of {tried.rows}",
            f"presses that fail, every logger at DEBUG: {len(gated.printed.splitlines())} lines "
            f"printed, row or key in {gated.leaks} of them",
        ],
        controls={
            "the same keys on what they belong to": f"{tried.control_public} public recipes open"
            if tried.control_public
            else "",
            "a copy with the keys in memory, before delivery": (
                f"{tried.control_waiting} waiting stealth jobs open"
                if tried.control_waiting
                else ""
            ),
            "without the house's log": f"{ungated.leaks} times" if ungated.leaks else "",
        },
        failures=failures,
        seconds=time.monotonic() - began,
    )
