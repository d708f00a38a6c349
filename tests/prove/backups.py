"""P3 and P5 across a restore: whatever old copy is brought back, nothing that was erased is in it.

People ask, are served, erase, opt out and choose, at random, while copies are made. Then each copy
that may still be restored is, once with the data folder at hand and once with that lost. What is
there then is compared with what was there before: no key that was destroyed is back, no recipe, no
choice and nobody who is gone; every post is known that stands; who said no, or chose stealth, is
still heard; nothing is delivered a second time. Without the ledger the same look must find plenty.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto.receipts import Scope
from bot.crypto.stealthkeys import is_memory
from bot.domain import OptOut, PersonId, Visibility
from bot.storage.backups import DAY_SECONDS, Copy
from tests.prove.judge import quiet
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread
from tests.services.conftest import ANA, MOD
from tests.services.erasing import PRO
from tests.services.purging import ZOE
from tests.services.vault import Vault

DEEDS_A_LIFE = 30
PEOPLE = (ANA, MOD, ZOE)
DEEDS = (
    *("public", "public", "stealth", "waiting", "hours", "copy"),
    *(
        "erase-job",
        "erase-all",
        "opt-out",
        "opt-in",
        "choose-stealth",
        "choose-public",
        "take-back",
    ),
)
AT_HAND, LOST = "at hand", "lost"


@dataclass
class Lived:
    """What came of one life: restores, what each brought back that was gone, what was at stake."""

    restores: int = 0
    breaches: list[str] = field(default_factory=list)
    destroyed: int = 0
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class State:
    """All that a restore may not add to."""

    keys: frozenset[bytes]
    recipes: frozenset[str]
    choices: frozenset[str]
    people: frozenset[str]
    acts: frozenset[tuple[object, ...]]
    posts: frozenset[tuple[object, ...]]
    opt_outs: dict[str, str]
    guarded: frozenset[int]  #: who chose stealth, or is asked before anything is public
    standing: tuple[tuple[int, int], ...]


def live_quietly(seed: int, *, ledger: bool = True) -> Lived:
    """Live one life and restore all its copies, and print no log lines."""
    with quiet():
        return asyncio.run(live(seed, ledger=ledger))


async def live(seed: int, *, ledger: bool = True, deeds: int = DEEDS_A_LIFE) -> Lived:
    """One life. Without `ledger` no restore is told what was destroyed."""
    shared = Path("/dev/shm")
    root = shared if is_memory(shared) else None
    folder = Path(tempfile.mkdtemp(prefix="darkroom-prove-", dir=root))
    (folder / "runtime").mkdir(mode=0o700)
    (folder / "house").mkdir(mode=0o700)
    came, vault = Lived(), Vault(folder / "house", folder / "runtime")
    dice, copies = random.Random(seed), list[tuple[Copy, list[str]]]()
    try:
        await vault.opens()
        for deed in ("public", "public", "copy", *dice.choices(DEEDS, k=deeds)):
            if deed == "copy":
                copies.append((await vault.backs_up(), []))
                continue
            await _does(vault, deed, dice)
            for _, since in copies:
                since.append(deed)
        await vault.house.finish()
        await vault.memory.tell_ledger()
        before = await _state(vault)
        await vault.closes()
        shutil.copytree(vault.folder, folder / "kept")
        for copy, since in copies:
            if vault.clock.now() - copy.at > 7 * DAY_SECONDS or not copy.keys.exists():
                continue
            for how in (AT_HAND, LOST):
                await vault.opens()
                lists = None if ledger else []
                await vault.restores(copy, lists=lists, lost=how == LOST)
                await vault.settles()
                came.restores += 1
                for deed in set(since):
                    came.hits[deed, how] += 1
                came.breaches += _breaches(before, await _state(vault), seed, how)
                came.destroyed += await _gone_since(copy, before)
                await vault.closes()
                shutil.rmtree(vault.folder)
                shutil.copytree(folder / "kept", vault.folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return came


async def _does(vault: Vault, deed: str, dice: random.Random) -> None:
    """One deed of somebody's, and what the house then does by itself."""
    person = dice.choice(PEOPLE)
    if deed in {"public", "stealth", "waiting", "hours"}:
        await _asks(vault, deed, person, dice)
    elif deed in {"erase-job", "erase-all", "take-back"}:
        await _takes_back(vault, deed, person, dice)
    else:
        choose = vault.house.choose
        chosen = {
            "opt-out": choose.never_public,
            "opt-in": choose.opt_in,
            "choose-stealth": choose.stealth,
            "choose-public": choose.public,
        }
        await chosen[deed](person)
    vault.turn(dice.randrange(1, 60))
    await vault.memory.tell_ledger()


async def _asks(vault: Vault, deed: str, person: PersonId, dice: random.Random) -> None:
    """Somebody asks and is served, or waits; or hours go by."""
    if deed == "hours":
        vault.turn(dice.randrange(1, 20) * 3600)
        return
    seen = Visibility.STEALTH if deed == "stealth" else Visibility.PUBLIC
    await vault.house.ask(f"a {deed} fox", person=person, visibility=seen, role_ids=PRO)
    if deed == "waiting":
        await vault.house.places()
    else:
        await vault.house.finish()


async def _takes_back(vault: Vault, deed: str, person: PersonId, dice: random.Random) -> None:
    """Somebody erases a result or everything, or removes a post of theirs."""
    rows, owner = await vault.house.rows(), vault.memory.keys.person(person)
    recipes = [row[0] for row in rows["db.recipes"] if row[1] == owner]
    posts = [row[0] for row in rows["db.posts"] if row[1] == owner]
    if deed == "erase-all":
        await vault.eraser.erased(Scope.EVERYTHING, person)
    elif deed == "erase-job" and recipes:
        await vault.eraser.erased(Scope.JOB, person, dice.choice(recipes))
    elif deed == "take-back" and posts:
        await vault.house.remove(dice.choice(posts), person)


async def _state(vault: Vault) -> State:
    rows = await vault.house.rows()
    guarded = {
        person
        for person in PEOPLE
        if (await vault.house.choose.read(person)).visibility is Visibility.STEALTH
        or await vault.house.choose.opt_out_of(person)
    }
    return State(
        keys=frozenset(row[4] for row in rows["keys.item_keys"]),
        recipes=frozenset(row[0] for row in rows["db.recipes"]),
        choices=frozenset(row[0] for row in rows["db.choices"]),
        people=frozenset(row[0] for row in rows["db.people"]),
        acts=frozenset((row[1], row[0]) for row in rows["db.acts"]),
        posts=frozenset(row for row in rows["db.posts"]),
        opt_outs={vault.memory.keys.person(each): "" for each in PEOPLE}
        | {row[0]: row[1] for row in rows["db.opt_outs"]},
        guarded=frozenset(guarded),
        standing=tuple(
            sorted((channel, message.message_id) for channel, standing in
                   vault.messenger.channels.items() for message in standing)
        ),
    )  # fmt: skip


def _breaches(before: State, after: State, seed: int, how: str) -> list[str]:
    """Name what a restore brought back, or forgot."""
    said = [
        f"{len(back)} {kind} are back"
        for kind in ("keys", "recipes", "choices", "people", "acts")
        if (back := getattr(after, kind) - getattr(before, kind))
    ]
    if before.posts != after.posts:
        said.append("a post is not known as it stands")
    if set(before.standing) != set(after.standing):
        said.append("a message was sent or removed")
    strict = (OptOut.NEVER_PUBLIC, OptOut.NO_PROCESSING)
    if any(after.opt_outs[each] != was for each, was in before.opt_outs.items() if was in strict):
        said.append("an opt-out is forgotten")
    if before.guarded - after.guarded:
        said.append("a choice of stealth is forgotten")
    return [f"seed {seed}, {how}: {each}" for each in said]


async def _gone_since(copy: Copy, before: State) -> int:
    """How many keys of a copy had been destroyed: what was at stake."""
    with closing(sqlite3.connect(copy.keys)) as base:
        held = {row[0] for row in base.execute("SELECT wrapped FROM item_keys")}
    return len(held - before.keys)


def prove(seed: int, seconds: float) -> Proof:
    """Live, restore and compare, for so long; then once more without the ledger."""
    began, proof = (
        time.monotonic(),
        Proof("P3  What was erased stays erased when a copy is restored"),
    )
    lives = spread(live_quietly, seed, budget_seconds=seconds, at_least=4)
    table = Table(
        "done since the copy × folder",
        (AT_HAND, LOST),
        {deed: (AT_HAND, LOST) for deed in dict.fromkeys(DEEDS) if deed != "copy"},
    )
    for _, came in lives:
        table.hits.update(came.hits)
        proof.failures += came.breaches
    proof.tables, proof.trials = [table], "restores"
    proof.tried = sum(came.restores for _, came in lives)
    destroyed = sum(came.destroyed for _, came in lives)
    proof.figures = [f"{len(lives)} lives; {destroyed} keys in the copies had been destroyed since"]
    proof.seeds = f"SEED={lives[-1][0] + 1} goes on"
    control = live_quietly(seed, ledger=False), live_quietly(seed + 1, ledger=False)
    found = sum(len(came.breaches) for came in control)
    proof.controls["no ledger"] = f"{found} finds" if found else ""
    proof.seconds = time.monotonic() - began
    return proof
