"""P4, P6, P7: a purge of thousands is finished whatever happens to it, with one receipt.

A moderator purges one member from a server over the sandbox's rate limits and through faults, while
the bot is killed again and again. One channel refuses; some messages are older than 14 days;
others' messages, and those of another server, stand in between.
"""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto import receipts, rootkey
from bot.crypto.receipts import Erasure
from bot.sandbox import messages, shipped_world
from bot.sandbox.clock import Clock
from bot.sandbox.drafts import Draft
from bot.sandbox.entities import Overwrite
from bot.sandbox.permissions import Permission
from bot.sandbox.server import Sandbox
from bot.sandbox.weather import Rule
from bot.sandbox.wire import Record
from bot.storage.keyring import RECIPE
from bot.storage.memory import Memory, open_memory
from tests.people import People, Seen
from tests.prove.judge import quiet
from tests.prove.report import Proof

MESSAGES, OLD, REFUSED, KILLS = 2_000, 20, 30, 20
FAULTS = 0.05
FORTNIGHT_SECONDS = 15 * 86_400
MOST_INVALID = 20
INVALID = {401, 403, 429}
LIMIT_SECONDS = 240.0

SHARED = (shipped_world.GENERAL_ID, shipped_world.GALLERY_ID, shipped_world.NSFW_ID)
CLOSED = shipped_world.STAFF_ID
_RECEIPT = re.compile(r"darkroom-receipt\.[\w.-]+")
_PURGES = ("/messages", "/members/")
_TROUBLES: tuple[dict[str, object], ...] = ({"status": 503}, {"drop": True}, {"lost_answer": True})


@dataclass
class Purged:
    """What one run came to."""

    messages: int
    kills: int = 0
    faults: int = 0
    requests: int = 0
    invalid: int = 0
    left: int = 0  #: of what was to go, outside the channel that refuses
    touched: int = 0  #: of what was to stay
    rows: int = 0  #: of what was to go
    entries: int = 0
    lines: set[str] = field(default_factory=set)
    receipt: Erasure | None = None
    seconds: float = 0.0

    def failures(self) -> list[str]:
        """All that is wrong with it."""
        done = self.receipt
        told = (done.messages_deleted, done.messages_found) if done else None
        meant = (self.messages - REFUSED, self.messages)
        wrong = {
            f"{len(self.lines)} receipts": len(self.lines) != 1,
            f"{self.entries} audit entries": self.entries != 1,
            f"the receipt states {told}, not {meant}": told != meant,
            f"{self.invalid} invalid requests": self.invalid >= MOST_INVALID,
            f"{self.left} messages and {self.rows} rows left": self.left + self.rows > 0,
            f"{self.touched} other messages touched": self.touched > 0,
        }
        return [what for what, is_so in wrong.items() if is_so]


class Bot:
    """The bot as a process that can be killed."""

    def __init__(self, url: str, folder: Path, broken: str) -> None:
        self._command = (sys.executable, "-m", "tests.prove.purged", url, str(folder), broken)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, without waiting for it."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )

    async def ready(self) -> None:
        """Wait until it says so."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            assert await self._process.stdout.readline(), "the bot did not start"

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def purge(
    seed: int, messages_in_all: int = MESSAGES, kills: int = KILLS, broken: str = ""
) -> Purged:
    """Purge so many messages of ana's while the bot is killed so often; say what it came to."""
    began, dice = time.monotonic(), random.Random(seed)
    came = Purged(messages_in_all)
    clock = Clock(start=time.time() - FORTNIGHT_SECONDS)  # noqa: TID251  # the bot's clock is real
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        async with Sandbox(clock=clock) as sandbox, People(sandbox.url) as people:
            hers = await _furnish(sandbox, folder, messages_in_all)
            others = _standing(sandbox) - hers
            bot = Bot(sandbox.url, folder, broken)
            try:
                await bot.start()
                await bot.ready()
                await _begins(people)
                _trouble(sandbox, dice, came)
                await _kill(sandbox, bot, dice, came, kills, in_the_middle=bool(broken))
                await _ends(folder)
            finally:
                await bot.kill()
            standing = _standing(sandbox)
            came.touched = len(others - standing)
            came.left = len((hers & standing) - set(_in(sandbox, CLOSED)))
            came.invalid = sum(one.status in INVALID for one in sandbox.wire.records)
            came.requests = len(sandbox.wire.records)
            seen = [*await people["mod"].sees("general"), *await people["mod"].sees("dm")]
        await _look_inside(folder, came, seen)
    came.seconds = time.monotonic() - began
    return came


# --- the world before


async def _furnish(sandbox: Sandbox, folder: Path, count: int) -> set[int]:
    """Put ana's results and others' messages into the world, and what we know of them into rows."""
    world, hers = sandbox.world, list[tuple[int, int]]()
    for number in range(count):
        if number == OLD:
            sandbox.clock.advance(FORTNIGHT_SECONDS)
        channel = CLOSED if number >= count - REFUSED else SHARED[number % len(SHARED)]
        hers.append((channel, _post(sandbox, channel, shipped_world.BOT_ID)))
        if number % 20 == 0:
            _post(sandbox, channel, shipped_world.BOT_ID)
            _post(sandbox, channel, shipped_world.PLUM_ID)
            _post(sandbox, shipped_world.LOBBY_ID, shipped_world.BOT_ID)
    deny = Overwrite(shipped_world.BOT_ID, 1, deny=int(Permission.VIEW_CHANNEL))
    world.channels[CLOSED].overwrites.append(deny)
    memory = await _open(folder)
    try:
        await _remember(memory, shipped_world.ANA_ID, shipped_world.CAFE_ID, hers)
        await _remember(
            memory,
            shipped_world.ANA_ID,
            shipped_world.ELSEWHERE_ID,
            [(shipped_world.LOBBY_ID, one) for one in _in(sandbox, shipped_world.LOBBY_ID)],
        )
    finally:
        await memory.close()
    return {message for _, message in hers}


def _post(sandbox: Sandbox, channel: int, author: int) -> int:
    draft = Draft(frozenset({"content"}), content="a picture")
    return messages.create(sandbox.world, sandbox.world.channels[channel], author, draft).id


async def _remember(
    memory: Memory, person: int, guild: int, standing: list[tuple[int, int]]
) -> None:
    """Enter jobs that were delivered, with the keys of their recipes."""
    owner, now = memory.keys.person(person), int(time.time())  # noqa: TID251
    jobs = [secrets.token_hex(16) for _ in standing]
    for job in jobs:
        await memory.keys.new_item(job, RECIPE, owner, "2026-11-01")
    async with memory.db.transaction() as tx:
        await tx.executemany(
            "INSERT INTO jobs (id, tenant, state, rows, cost, start_tag, span, accepted_at,"
            " ended_at) VALUES (?, ?, 'delivered', 1, 0, 0, 0, ?, ?)",
            [(job, owner, now - 60, now - 60) for job in jobs],
        )
        await tx.executemany(
            "INSERT INTO deliveries (job, interaction, visibility, day, expires_at)"
            " VALUES (?1, ?1, 'public', '2026-11-01', ?2)",
            [(job, now + 86_400) for job in jobs],
        )
        await tx.executemany(
            "INSERT INTO recipes (job, person, guild_id, sealed, made_at, expires_at)"
            " VALUES (?, ?, ?, x'00', ?, ?)",
            [(job, owner, guild, now - 60, now + 86_400) for job in jobs],
        )
        await tx.executemany(
            "INSERT INTO posts (job, person, guild_id, channel_id, message_id, posted_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (job, owner, guild, channel, message, now - 60)
                for job, (channel, message) in zip(jobs, standing, strict=True)
            ],
        )


async def _open(folder: Path) -> Memory:
    return await open_memory(
        folder, rootkey.find(None, folder.with_name(f"{folder.name}.key"), {}), {}
    )


def _in(sandbox: Sandbox, channel: int) -> list[int]:
    """Our messages in a channel."""
    found = sandbox.world.messages.get(channel, {}).values()
    return [one.id for one in found if one.author_id == shipped_world.BOT_ID]


def _standing(sandbox: Sandbox) -> set[int]:
    """Everything that everybody may read."""
    return {
        one.id
        for channel in sandbox.world.messages.values()
        for one in channel.values()
        if one.ephemeral_for is None
    }


# --- what happens


async def _begins(people: People) -> None:
    """The moderator asks, is shown what would go, and presses."""
    answer = await people["mod"].slash("general", "purge user", user="ana")
    preview = await people["mod"].sees_until(
        "general", lambda one: one.id == answer.message.id and "Purge" in one.buttons
    )
    pressed = await people["mod"].press(preview, label="Purge")
    await people["mod"].sees_until(
        "general", lambda one: one.id == pressed.message.id and "Cancel" in one.buttons
    )


def _trouble(sandbox: Sandbox, dice: random.Random, came: Purged) -> None:
    """From now on Discord fails now and then, in every way that leaves open what it did."""

    def strike(_method: str, names: tuple[str, ...], _: int = 0) -> Rule | None:
        if not any(part in names[-1] for part in _PURGES) or dice.random() >= FAULTS:
            return None
        came.faults += 1
        return Rule(**dice.choice(_TROUBLES))

    sandbox.weather.strike = strike  # type: ignore[method-assign]


async def _kill(
    sandbox: Sandbox,
    bot: Bot,
    dice: random.Random,
    came: Purged,
    kills: int,
    *,
    in_the_middle: bool,
) -> None:
    """Kill the bot at some moment of its work, or while it starts, and start it again.

    `in_the_middle`: only after messages went, where whoever forgets has something to forget.
    """
    for _ in range(kills):
        if in_the_middle:
            await _heard(sandbox, "bulk-delete", 2, limit_seconds=30)
        else:
            what = dice.choice(("bulk-delete", "/members/", "/messages"))
            await _heard(sandbox, what, 1, limit_seconds=dice.choice((1, 5, 5)))
        await _passes(dice.choice((0.0, 0.01, 0.1)))
        await bot.kill()
        came.kills += 1
        await bot.start()


async def _heard(sandbox: Sandbox, what: str, times: int, *, limit_seconds: float) -> None:
    """Wait until the purge asked Discord for something so many times, or so long."""
    left, done = times, asyncio.Event()

    def hear(record: Record) -> None:
        nonlocal left
        left -= what in record.path
        if left <= 0:
            done.set()

    sandbox.wire.listeners.append(hear)
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), limit_seconds)
    sandbox.wire.listeners.remove(hear)


async def _passes(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


async def _ends(folder: Path) -> None:
    """Wait until no purge is left; another process works on it, so only looking tells."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while _rows(folder, "SELECT id FROM purges"):
            await _passes(0.2)


# --- what came of it


def _rows(folder: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "darkroom.db", timeout=10)) as connection:
        return connection.execute(query, values).fetchall()


async def _look_inside(folder: Path, came: Purged, seen: list[Seen]) -> None:
    memory = await _open(folder)
    try:
        ana = memory.keys.person(shipped_world.ANA_ID)
        cafe = shipped_world.CAFE_ID
        of_hers = "FROM {} WHERE person = ? AND guild_id = ?"
        came.rows = sum(
            len(_rows(folder, f"SELECT 1 {of_hers.format(table)}", ana, cafe))  # ours
            for table in ("posts", "recipes")
        )
        came.entries = len(_rows(folder, "SELECT 1 FROM audit WHERE chain = ?", cafe))
        came.lines = {line for one in seen for line in _RECEIPT.findall(one.content)}
        public = receipts.public_key(await memory.keys.receipt_seed())
        checked = [receipts.verify(public, line) for line in came.lines]
        came.receipt = next((one for one in checked if isinstance(one, Erasure)), None)
    finally:
        await memory.close()


async def _three(seed: int) -> tuple[Purged, Purged, Purged]:
    """Purge three times side by side: most of it is waiting for Discord's limits."""
    return await asyncio.gather(
        purge(seed),
        purge(seed, 600, kills=1, broken="forgets"),
        purge(seed, 60, kills=0, broken="insists"),
    )


def prove(seed: int) -> Proof:
    """One purge of thousands; and two broken ones that must be noticed."""
    began = time.monotonic()
    with quiet():
        came, forgets, insists = asyncio.run(_three(seed))
    told = came.receipt
    return Proof(
        promise="P4  A purge of thousands is finished, with one receipt",
        tried=came.kills,
        trials=f"kills of one purge of {came.messages} messages and as many jobs",
        seeds=f"seed {seed}",
        figures=[
            f"{came.faults} faults on {came.requests} requests: "
            f"{told.messages_deleted if told else 0} messages deleted, {REFUSED} in a channel that "
            f"refuses; {len(came.lines)} receipt, {came.entries} audit entry",
            f"{came.invalid} invalid requests (401, 403, 429); {came.touched} other messages "
            f"touched; {came.seconds:.0f} s",
        ],
        controls={
            "a purge that forgets how far it got": "; ".join(forgets.failures()),
            "a purge that insists where a channel refuses": "; ".join(insists.failures()),
        },
        failures=came.failures(),
        seconds=time.monotonic() - began,
    )
