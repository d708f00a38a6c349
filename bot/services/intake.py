"""Pictures that somebody brings are fetched, looked at and written anew, before anything is queued.

Who may not ask, or has not declared their rights, has nothing fetched. A few at a time, and of one
person one, so that the memory they take is bounded and nobody waits for somebody's many: how many
wait for that is bounded, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from bot.domain import Ask, Cause, Input, OptOut, PersonId, Question, Refusal, Upload, Why
from bot.policy import starts
from bot.ports import Clock, Fetch, TakeIn, Unfetched
from bot.services.declare import Declare
from bot.services.houserules import HouseRules
from bot.services.questions import Questions
from bot.storage import choices
from bot.storage.memory import Memory
from gen.inbound import LONGEST_FILE_BYTES, Flaw

AT_ONCE = 2
"""Asks whose pictures are being read, each of somebody else: it holds one file and what was made of
those before."""

MOST_WAITING = 24
MOST_OF_ONE = 2
"""Asks with pictures that wait to be read, of all people and of one."""

_UNFETCHED = {
    Unfetched.FOREIGN: Cause.INPUT_UNREAD,
    Unfetched.GONE: Cause.INPUT_GONE,
    Unfetched.TOO_LARGE: Cause.INPUT_TOO_LARGE,
    Unfetched.UNREACHABLE: Cause.INPUT_UNREAD,
}
_FLAWS = {
    Flaw.EMPTY: Cause.INPUT_BROKEN,
    Flaw.TOO_LARGE: Cause.INPUT_TOO_LARGE,
    Flaw.FORMAT: Cause.INPUT_FORMAT,
    Flaw.ANIMATED: Cause.INPUT_ANIMATED,
    Flaw.PIXELS: Cause.INPUT_PIXELS,
    Flaw.THIN: Cause.INPUT_THIN,
    Flaw.BROKEN: Cause.INPUT_BROKEN,
}


@dataclass
class Intake:
    """Turn what an ask brings into pictures that can be handed on."""

    memory: Memory
    house_rules: HouseRules
    declare: Declare
    questions: Questions
    clock: Clock
    fetch: Fetch
    take_in: TakeIn
    _reading: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(AT_ONCE), repr=False
    )
    _waiting: Counter[PersonId] = field(default_factory=Counter, repr=False)
    _turns: WeakValueDictionary[PersonId, asyncio.Lock] = field(
        default_factory=WeakValueDictionary, repr=False
    )

    async def __call__(self, ask: Ask) -> Ask | Refusal | Question:
        """Give the ask with its pictures, ask for the declaration, or say why not."""
        if refusal := starts.check(ask):
            return refusal
        if not ask.uploads or ask.inputs:
            return ask
        if (answer := await self._may_bring(ask)) is not None:
            return answer
        if self._waiting.total() >= MOST_WAITING or self._waiting[ask.person] >= MOST_OF_ONE:
            return Refusal(Cause.INPUT_BUSY)
        name = self.questions.hold_form(ask)  # who erases everything meanwhile asks for nothing
        try:
            with self._counted(ask.person):
                turn = self._turns.setdefault(ask.person, asyncio.Lock())
                async with turn, self._reading:
                    brought = await self._read_all(ask)
        finally:
            is_wanted = self.questions.take_form(name, ask.person) is not None
        if isinstance(brought, Refusal):
            return brought
        if not is_wanted:
            return Refusal(Cause.INPUT_GONE)
        further = tuple(replace(one, inputs=brought) for one in ask.also)
        ask = replace(ask, inputs=brought, also=further)
        return starts.check_inputs(ask) or ask

    async def _may_bring(self, ask: Ask) -> Refusal | Question | None:
        """Look at who asks before anything is fetched; a press on the question declares it."""
        owner = self.memory.keys.person(ask.person)
        async with self.memory.db.read() as tx:
            if await choices.opt_out(tx, owner) is OptOut.NO_PROCESSING:
                return Refusal(Cause.OPTED_OUT)
            if refusal := await self.house_rules.shut_out(tx, ask, owner, self.clock.now()):
                return refusal
        if all(upload.is_made_here for upload in ask.uploads):
            return None
        if not await self.declare.needs(ask.person):
            return None
        if Why.RIGHTS in ask.confirmed:
            await self.declare.give(ask.person)
            return None
        return Question(
            id=self.questions.hold(ask, Why.RIGHTS),
            why=Why.RIGHTS,
            channel_id=ask.where.channel_id,
        )

    @contextmanager
    def _counted(self, person: PersonId) -> Iterator[None]:
        self._waiting[person] += 1
        try:
            yield
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person]

    async def _read_all(self, ask: Ask) -> tuple[Input, ...] | Refusal:
        brought: list[Input] = []
        for upload in ask.uploads:
            found = await self.read(upload, starts.longest_side_px(ask))
            if isinstance(found, Cause):
                return Refusal(found)
            brought.append(found)
        return tuple(brought)

    async def read(self, upload: Upload, longest_side_px: int) -> Input | Cause:
        """Fetch one picture and write it anew, or say what is wrong with it."""
        if upload.size_bytes > LONGEST_FILE_BYTES:
            return Cause.INPUT_TOO_LARGE
        content = await self.fetch(upload.url)
        if isinstance(content, Unfetched):
            return _UNFETCHED[content]
        found = await self.take_in(content, longest_side_px)
        return _FLAWS[found] if isinstance(found, Flaw) else found
