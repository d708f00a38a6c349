"""What the shell must lend the deeds: a clock, ids, a way to speak on Discord, an engine."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Protocol

from bot.domain import Channel, ChannelId, DmId, Input, JobId, PersonId, Private, Upload
from gen.inbound import Flaw


class Clock(Protocol):
    """Three clocks: wall time for what people and retention see, monotonic time for leases, and
    the time that really passed for quotas.
    """

    def now(self) -> int:
        """Give whole seconds since 1970, UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never jump."""
        ...

    def elapsed(self) -> float:
        """Give seconds that never jump, and go on while the machine is suspended."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> int:
        """Give whole seconds since 1970, UTC."""
        return int(datetime.now(UTC).timestamp())  # noqa: TID251  # the one place that may

    def monotonic(self) -> float:
        """Give seconds that never jump."""
        return time.monotonic()

    def elapsed(self) -> float:
        """Give seconds that never jump, and go on while the machine is suspended.

        Where the system has no such clock, they stand still meanwhile.
        """
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boottime is None else time.clock_gettime(boottime)


def day_of(now: int, zone: tzinfo) -> str:
    """Name the operator's calendar day a moment falls on: `2026-11-21`."""
    return datetime.fromtimestamp(now, zone).date().isoformat()


def month_of(day: str) -> str:
    """Name the month of a day: `2026-11`."""
    return day[:7]


class Ids(Protocol):
    """Where new ids and seeds come from."""

    def job(self) -> JobId:
        """Give a new id of 32 hex digits."""
        ...

    def seed(self) -> int:
        """Give a seed from 0 to 2³² − 1."""
        ...


class RandomIds:
    """Ids from the operating system's random source."""

    def job(self) -> JobId:
        """Give a new id of 32 hex digits."""
        return JobId(secrets.token_hex(16))

    def seed(self) -> int:
        """Give a seed from 0 to 2³² − 1."""
        return secrets.randbits(32)


@dataclass(frozen=True)
class Button:
    """One button: `custom_id` is what comes back when it is pressed, at most 100 characters.

    It may carry the key of a stealth recipe, so it is not printed.
    """

    custom_id: str = field(repr=False)
    label: str
    emoji: str | None = None
    danger: bool = False
    row: int | None = None


@dataclass(frozen=True)
class Choice:
    """One line of a select; `is_chosen`: it stands there already."""

    value: str
    label: str
    is_chosen: bool = False
    description: str = ""


@dataclass(frozen=True)
class Select:
    """One list to choose from, 1 to 25 lines; the value chosen comes back with the id."""

    custom_id: str = field(repr=False)
    placeholder: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class File:
    """One file as it is uploaded. The name says nothing about its maker."""

    filename: str
    content: bytes = field(repr=False)
    description: str = ""


@dataclass(frozen=True)
class Post:
    """A message as we mean it: words, files, buttons, and whom it may ping.

    `mention` is the only user id the message may notify. Buttons stand in the `row` they name, at
    most five in each; selects stand above them, each a row of its own.
    """

    content: str = field(repr=False)
    files: tuple[File, ...] = ()
    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    mention: PersonId | None = None


@dataclass(frozen=True)
class Standing:
    """A message of ours that stands at Discord."""

    message_id: int


class Gone:
    """The message or channel does not exist any more, or is out of our sight."""


class Closed:
    """The person's DM is closed to us (50007), or no server is shared (50278)."""


class Forbidden:
    """A permission was taken from the bot since the job was accepted."""


class TooLarge:
    """Discord refused the upload by size (413, 40005); a smaller encoding may pass."""


class Archived:
    """The message stands in a thread that sleeps: a new message wakes it, an edit does not."""


Answer = Standing | Gone | Closed | Forbidden | TooLarge | Archived


@dataclass(frozen=True)
class Membership:
    """What Discord says of somebody in a server now: permissions by name, and role ids."""

    may: frozenset[str]
    role_ids: frozenset[int]


@dataclass(frozen=True)
class Found:
    """A message of ours as we read it back: its id and the `custom_id`s of its buttons.

    `pictures` are those of a result that stands there, by position.
    """

    message_id: int
    custom_ids: tuple[str, ...] = field(default=(), repr=False)
    pictures: Mapping[int, Upload] = field(default_factory=dict, repr=False)


class Messenger(Protocol):
    """Speaking on Discord, with its answers as values.

    Every call raises `bot.errors.Unreachable` when it cannot know whether Discord acted.
    """

    async def open_dm(self, person: PersonId) -> DmId | Closed:
        """Give the id of the person's DM channel with the bot."""
        ...

    async def send(self, channel: Channel, post: Post, *, nonce: str) -> Answer:
        """Post a message once: the same nonce within Discord's window posts nothing new."""
        ...

    async def edit(self, channel: Channel, message_id: int, post: Post) -> Answer:
        """Make a message of ours read like `post`."""
        ...

    async def delete(self, channel: Channel, message_id: int) -> None:
        """Remove a message of ours; one that is gone already is a success."""
        ...

    async def delete_many(self, channel: ChannelId, message_ids: Sequence[int]) -> bool:
        """Remove 2 to 100 messages of ours, none older than 14 days, in one request.

        Returns:
            Whether they are gone: False when the bot may not remove many at once there.
        """
        ...

    async def membership(self, guild_id: int, person: PersonId) -> Membership | None:
        """Ask Discord what somebody may do in a server now; None when they, or we, are out."""
        ...

    async def is_there(self, channel: Channel, message_id: int) -> bool:
        """Say whether a message of ours was not deleted; True when that cannot be seen."""
        ...

    async def find(self, channel: Channel, custom_id: str, *, since: int) -> Standing | None:
        """Look among our messages there since a moment (seconds since 1970) for this button."""
        ...

    async def ours(self, dm: DmId, *, before: int | None = None) -> list[Found]:
        """Read back a page of our own messages in a person's DM, newest first.

        `before` is the message id to go on from. The page is empty at the end, or when the DM
        cannot be read any more.
        """
        ...

    async def read_back(self, channel: Channel, message_id: int) -> Found | None:
        """Read back one message of ours; None when it is somebody else's, or out of our sight."""
        ...

    async def whisper(self, interaction_token: str, post: Post) -> bool:
        """Rewrite the ephemeral answer of an interaction; False when its token has expired."""
        ...


class Bell:
    """Wakes a loop when there is something to do. Ringing twice before it looks is one ring."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Say that there may be work."""
        self._rung.set()

    async def heard(self, timeout_seconds: float) -> None:
        """Wait for a ring, at most this long; the loop looks for work either way."""
        with suppress(TimeoutError):
            # `wait_for` of Python 3.11 forgets a cancellation that comes together with the ring
            async with asyncio.timeout(timeout_seconds):
                await self._rung.wait()
        self._rung.clear()


class Unfetched(StrEnum):
    """Why there are no bytes behind an address."""

    FOREIGN = "foreign"  #: not one of Discord's own attachments: nobody was asked
    GONE = "gone"  #: it is not there, or the address has expired
    TOO_LARGE = "too-large"
    UNREACHABLE = "unreachable"


Fetch = Callable[[Private], Awaitable[bytes | Unfetched]]
"""Fetch what somebody attached at Discord, from there and from nowhere else."""

TakeIn = Callable[[bytes, int], Awaitable[Input | Flaw]]
"""Look at a picture from outside and write it anew, no side longer than so many pixels."""

Shrink = Callable[[bytes, int], Awaitable[bytes | None]]
"""Encode a picture again so that it fits a limit in bytes; None when it cannot."""
