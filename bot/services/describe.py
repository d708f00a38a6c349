"""A picture that somebody brings is put into words, for them alone; nothing of it is stored.

One at a time, as each takes a processor for some seconds; a short line waits, and who would make it
longer is told so.
"""

from __future__ import annotations

import asyncio
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain import Ask, Cause, Input, Question, Refusal
from bot.policy import promptrules, starts
from bot.policy.server import Rule
from bot.services.declare import Declare
from bot.services.intake import Intake
from bot.services.studio import Studio
from gen.job import Kind

MOST_WAITING = 3

Caption = Callable[[bytes], Awaitable[Sequence[str] | None]]
"""Put a clean picture into words; None when it could not be done."""


@dataclass(frozen=True)
class Described:
    """What a picture shows, in a few ways, and the shape that is nearest to its own."""

    captions: tuple[str, ...] = field(repr=False)
    ratio: str


@dataclass
class Describe:
    """Put pictures into words. What the operator's rules forbid to ask for is left out."""

    intake: Intake
    declare: Declare
    studio: Studio
    rules: tuple[Rule, ...]
    caption: Caption
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _waiting: int = 0

    async def __call__(self, ask: Ask) -> Described | Refusal:
        """Look at the one picture of this ask, or say why not."""
        if await self.declare.needs(ask.person):
            return Refusal(Cause.DESCRIBE_UNDECLARED)
        if self._waiting >= MOST_WAITING:  # and nothing is waited for until it is counted
            return Refusal(Cause.DESCRIBE_BUSY)
        self._waiting += 1
        try:
            return await self._described(ask)
        finally:
            self._waiting -= 1

    async def _described(self, ask: Ask) -> Described | Refusal:
        brought = await self.intake(replace(ask, kind=Kind.VARY))  # it comes in as one to vary does
        if isinstance(brought, Refusal):
            return brought
        if isinstance(brought, Question):  # taken back just now
            return Refusal(Cause.DESCRIBE_UNDECLARED)
        (picture,) = brought.inputs
        async with self._turn:
            told = await self.caption(picture.content)
        if told is None:
            return Refusal(Cause.DESCRIBE_FAILED)
        if not (kept := [one for one in told if not await self._is_forbidden(one)]):
            return Refusal(Cause.DESCRIBE_NOTHING)
        return Described(tuple(kept), self._ratio_of(picture))

    def _ratio_of(self, picture: Input) -> str:
        """Give the ratio somebody may ask for that is nearest to a picture's own."""
        ratios = [one.partition(":") for one in self.studio.canvas.ratios]
        sizes = [(int(width), int(height)) for width, _, height in ratios]
        width, height = starts.nearest((picture.width, picture.height), sizes)
        return f"{width}:{height}"

    async def _is_forbidden(self, caption: str) -> bool:
        return await to_thread(promptrules.first_hit, self.rules, caption) is not None
