"""The fake Discord, judged as it speaks, and a note of which fault met a job in which state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from bot.domain import DmId, PersonId
from bot.errors import Unreachable
from bot.ports import Answer, Closed, Forbidden, Gone, Post, Standing, TooLarge
from bot.services.walk import first_id_at
from tests.fakes import FakeClock, FakeMessenger
from tests.prove.judge import Judge

FAULTS = (
    "no answer",
    "answer lost",
    "DM closed",
    "gone",
    "forbidden",
    "too large",
    "token expired",
)
STATES = ("accepted", "placed", "running", "rendered", "ended")

MET: dict[str, tuple[str, ...]] = {
    "no answer": ("accepted", "running", "rendered", "ended"),
    "answer lost": ("accepted", "running", "rendered", "ended"),
    "DM closed": ("accepted", "rendered", "ended"),
    "gone": ("accepted", "running", "rendered"),
    "forbidden": ("accepted", "rendered"),
    "too large": ("rendered",),
    "token expired": ("ended",),
}
"""In which state a stealth job can meet a fault at all. Nobody asks Discord anything while a job is
placed; what stands in a closed DM can still be edited; only results have files, only they are too
large; an answer is rewritten once a job has ended."""

_KINDS = {Closed: "DM closed", Gone: "gone", Forbidden: "forbidden", TooLarge: "too large"}


class Snowflakes:
    """Message ids that carry the time, as Discord's do; each is larger than the one before."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._last = 0

    def __next__(self) -> int:
        self._last = max(self._last + 1, first_id_at(self._clock.now()))
        return self._last


class Weather(FakeMessenger):
    """A messenger whose every word is shown to the judge before Discord answers.

    `learn` is asked first: the judge must know every job there is. `doing` says in which state the
    jobs are that are being worked on; `met` counts (fault, state) for what concerns stealth.
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge = judge
        self.learn: Callable[[], Awaitable[None]]
        self.doing = "accepted"
        self.met: Counter[tuple[str, str]] = Counter()
        self.shut: set[int] = set()  #: people to whom Discord opens no DM
        self._private = False
        self._awaited: tuple[str, str, Callable[[], Awaitable[object]]] | None = None

    def meanwhile_of(self, call: str, job: str, deed: Callable[[], Awaitable[object]]) -> None:
        """Do something while Discord is thinking about this call for this job."""
        self._awaited = call, job, deed

    async def open_dm(self, person: PersonId) -> DmId | Closed:
        self._private = True
        opened = await super().open_dm(person)
        return self._noted(Closed() if person in self.shut else opened)

    async def send(self, channel: int, post: Post, *, nonce: str) -> Answer:
        await self._judged("send", channel, post)
        return self._noted(await super().send(channel, post, nonce=nonce))

    async def edit(self, channel: int, message_id: int, post: Post) -> Answer:
        await self._judged("edit", channel, post)
        return self._noted(await super().edit(channel, message_id, post))

    async def delete(self, channel: int, message_id: int) -> None:
        self._private = channel >= self.DM
        await super().delete(channel, message_id)

    async def find(self, channel: int, custom_id: str, *, since: int) -> Standing | None:
        self._private = channel >= self.DM
        return await super().find(channel, custom_id, since=since)

    async def whisper(self, interaction_token: str, post: Post) -> bool:
        await self.learn()
        self.judge.whisper(interaction_token, post)
        self._private = True
        written = await super().whisper(interaction_token, post)
        if not written:
            self.met["token expired", self.doing] += 1
        return written

    async def _judged(self, what: str, channel: int, post: Post) -> None:
        await self.learn()
        self.judge.post(what, channel, post)
        self._private = channel >= self.DM
        if self._awaited is not None:
            call, job, deed = self._awaited
            if call == what and any(job in button.custom_id for button in post.buttons):
                self._awaited = None
                self.meanwhile(what, deed)  # it begins with no await in between

    async def _begin(self, call: str) -> None:
        private = self._private
        try:
            await super()._begin(call)
        except Unreachable:
            self.met["no answer", self.doing] += private
            raise
        self._private = private

    def _end(self, call: str, answer):  # type: ignore[no-untyped-def]
        private = self._private
        try:
            return super()._end(call, answer)
        except Unreachable:
            self.met["answer lost", self.doing] += private
            raise

    def _noted(self, answer):  # type: ignore[no-untyped-def]
        kind = _KINDS.get(type(answer))
        if kind and self._private:
            self.met[kind, self.doing] += 1
        return answer
