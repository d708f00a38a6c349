"""The fakes: ours, small, and proved by the suites in `tests/conformance/`."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from bot.domain import DmId, JobId, PersonId, Private, Upload
from bot.errors import Refused, Unreachable
from bot.ports import (
    Answer,
    Archived,
    Closed,
    Forbidden,
    Found,
    Gone,
    Membership,
    Post,
    Standing,
    TooLarge,
    Unfetched,
)
from gen import images
from gen.card import Card
from gen.engine import EngineState, Event, Phase, WorkerLost
from gen.job import Spec
from gen.messages import (
    Cancelled,
    Failed,
    FailureCode,
    Finished,
    Measure,
    Progress,
    Ready,
    Started,
    Timings,
)
from gen.profile import Profile, StepTime

Given = TypeVar("Given")

CARD = Card(name="Pocket", family="sd", licence="none", width=64, height=64, steps=4, guidance=3.0)
READY = Ready(
    device="cpu",
    device_name="a fake",
    dtype="float32",
    card=CARD,
    profile=Profile((StepTime(64, 64, 1, 0.01), StepTime(64, 64, 8, 0.04))),
    row_cap=4,
)


MEASURE = Measure("f0e1d2c3b4a59687")
"""What the fake measures unless told otherwise: no picture in particular."""


def picture_of(seed: int, width: int, height: int) -> bytes:
    """The file the fake makes: one flat colour that depends on the seed alone."""
    colour = [(seed * factor) % 256 for factor in (37, 91, 151)]
    pixels = np.tile(np.array(colour, dtype=np.uint8), (height, width, 1))
    return images.encode(pixels).data


@dataclass
class _FakeRun:
    """One job inside the fake: an iterator over its events."""

    engine: "FakeEngine"
    job_id: str
    spec: Spec
    step: int = 0
    cancelled: bool = False
    ended: bool = False
    events: deque[Event] = field(default_factory=deque)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.told.set()

    def __aiter__(self) -> "_FakeRun":
        return self

    async def __anext__(self) -> Event:
        while not self.events:
            if self.ended:
                raise StopAsyncIteration
            if self.engine.auto:
                self.engine.tick()
                continue
            self.told.clear()
            await self.told.wait()
        return self.events.popleft()


class FakeEngine:
    """An engine without a worker.

    With `auto` jobs advance whenever somebody listens; without it only `tick()` advances them, one
    step of every running job at a time. `crash()`, `break_next()` and `load()` are the weather;
    `measure` is what it measures of every picture.
    """

    def __init__(self, *, rows: int = 4, auto: bool = True, ready: Ready | None = READY) -> None:
        self.auto = auto
        self.rows = rows
        self.measure = MEASURE
        self.given: list[tuple[str, Spec]] = []  #: every job ever handed over, in order
        self.brought: dict[str, tuple[bytes, ...]] = {}  #: and the pictures that came along
        self.is_changing = False  #: from one model to another
        self._would_be = ready or READY
        self._ready: Ready | None = ready
        self._resident = self._would_be.card.name
        self._profiles = {ready.card.name: ready.profile} if ready else {}
        self._running: dict[str, _FakeRun] = {}
        self._breaking: deque[FailureCode] = deque()
        self._stopped = False
        self._changed = asyncio.Event()
        self._given_more = asyncio.Event()

    # what an Engine is

    @property
    def state(self) -> EngineState:
        if self._stopped:
            return EngineState(Phase.DOWN, "stopped")
        if self.is_changing:
            return EngineState(Phase.CHANGING)
        return EngineState(Phase.READY if self._ready else Phase.LOADING)

    @property
    def ready(self) -> Ready | None:
        return self._ready

    @property
    def residents(self) -> frozenset[str]:
        return frozenset({self._resident} if self._ready else ())

    @property
    def profiles(self) -> dict[str, Profile]:
        return dict(self._profiles)

    @property
    def workers(self) -> int:
        return 1

    @property
    def room(self) -> int:
        return max(0, self._free) if self._ready else 0

    def holds(self, job_id: str) -> bool:
        return job_id in self._running

    async def changed(self) -> EngineState:
        await self._change()
        return self.state

    async def start(self) -> None:
        self._stopped = False

    async def wait_ready(self) -> Ready:
        while self._ready is None:
            await self._change()
        return self._ready

    async def want(self) -> int:
        while self._ready is None or self._free <= 0:
            await self._change()
        return self._free

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()) -> AsyncIterator[Event]:
        if job_id in self._running:
            raise ValueError("a job of this id is running")
        self.given.append((job_id, spec))
        self.brought[job_id] = inputs
        self._given_more.set()
        run = _FakeRun(self, job_id, spec)
        if self._ready is None:
            self._end(run, WorkerLost(job_id))
            return run
        self._running[job_id] = run
        self._resident = spec.model or self._resident
        if self._breaking:
            self._end(run, Failed(job_id, self._breaking.popleft(), "ValueError"))
        else:
            run.tell(Started(job_id))
        return run

    def cancel(self, job_id: str) -> None:
        if run := self._running.get(job_id):
            run.cancelled = True

    async def stop(self, grace_seconds: float) -> None:
        while grace_seconds > 0 and self._running:
            self.tick()
        self.crash()
        self._ready, self._stopped = None, True
        self._profiles.clear()

    # what tests do to it

    async def was_given(self, jobs: int) -> None:
        """Wait until so many jobs were ever handed over."""
        while len(self.given) < jobs:
            self._given_more.clear()
            await self._given_more.wait()

    def tick(self) -> None:
        """Every running job does one step, and ends if it was its last or was cancelled."""
        for run in list(self._running.values()):
            spec = run.spec
            if run.cancelled:
                self._end(run, Cancelled(run.job_id, run.step))
            elif run.step < spec.steps:
                run.step += 1
                run.tell(Progress(run.job_id, run.step, spec.steps, b"\xff\xd8a preview\xff\xd9"))
            else:
                files = tuple(picture_of(seed, spec.width, spec.height) for seed in spec.seeds)
                measures = (self.measure,) * len(files)
                self._end(run, Finished(run.job_id, files, "image/webp", Timings(), measures))

    def crash(self) -> None:
        """The worker dies and is back at once: every running job hears WorkerLost."""
        for run in list(self._running.values()):
            self._end(run, WorkerLost(run.job_id))

    def break_next(self, code: FailureCode = FailureCode.DENOISE) -> None:
        """The next job handed over fails."""
        self._breaking.append(code)

    def load(self) -> None:
        """A fake made with `ready=None` becomes ready."""
        self._ready = self._would_be
        self._profiles[self._ready.card.name] = self._ready.profile
        self._changed.set()

    @property
    def _free(self) -> int:
        return self.rows - sum(run.spec.pictures for run in self._running.values())

    def _end(self, run: _FakeRun, ending: Event) -> None:
        run.ended = True
        run.tell(ending)
        self._running.pop(run.job_id, None)
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class FakeClock:
    """Clocks that stand still until somebody turns them: time passes for all of them at once.

    When the wall clock `jump`s no time has passed; when the machine `suspend`s, leases' does not.
    """

    def __init__(self, now: int = 1_800_000_000) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._elapsed = 5000.0

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def elapsed(self) -> float:
        return self._elapsed

    def turn(self, seconds: float) -> None:
        self.suspend(seconds)
        self._monotonic += seconds

    def suspend(self, seconds: float) -> None:
        self.jump(seconds)
        self._elapsed += seconds

    def jump(self, seconds: float) -> None:
        self._now += int(seconds)


class FakeIds:
    """Ids and seeds that count up, and still look like ids."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.given: list[JobId] = []

    def job(self) -> JobId:
        self.given.append(JobId(f"{next(self._numbers):08x}" * 4))
        return self.given[-1]

    def seed(self) -> int:
        return 7


@dataclass
class FakeMessage:
    """One message that stands."""

    message_id: int
    post: Post
    nonce: str | None = None


class FakeMessenger:
    """A Discord of messages only. Its weather: `closed`, `forbidden`, `gone`, `limit_bytes`,
    `fail(call)` (nothing happens) and `lose(call)` (it happens, and the answer is lost).

    A channel exists unless it is in `gone`, and we see it unless it is in `hidden`.
    `meanwhile(call, deed)` does something while Discord is thinking about that call.
    """

    DM = 1 << 62  #: a person's DM channel is this plus the person

    def __init__(self) -> None:
        self.channels: dict[int, list[FakeMessage]] = {}
        self.whispers: dict[str, list[Post]] = {}
        self.expired: set[str] = set()
        self.closed: set[PersonId] = set()
        self.forbidden: set[int] = set()
        self.gone: set[int] = set()
        self.hidden: set[int] = set()
        self.archived: set[int] = set()  #: threads that sleep: a new message wakes them
        self.locked: set[int] = set()  #: threads that no message wakes
        self.no_bulk: set[int] = set()  #: channels where the bot may not remove many at once
        self.bulk_from = 0  #: the first message id that is younger than 14 days
        self.members: dict[tuple[int, int], Membership] = {}  #: who is in which server
        self.limit_bytes = 10 * 1024 * 1024
        self.page = 100
        self.calls: list[str] = []  #: every call by its name, in order
        self.seen: list[tuple[int, Post]] = []  #: all that anybody could ever read, with channel
        self._ids = itertools.count(5000)
        self._failing: list[str] = []
        self._losing: list[str] = []
        self._meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}
        self._changed = asyncio.Event()

    # what tests do and see

    def dm(self, person: int) -> int:
        """The channel that is this person's DM."""
        return self.DM + person

    def stands(self, channel: int) -> list[Post]:
        """What can be read in a channel now, oldest first."""
        return [message.post for message in self.channels.get(channel, [])]

    def whispered(self, token: str) -> str:
        """What the ephemeral answer of an interaction says now."""
        return self.whispers[token][-1].content if token in self.whispers else ""

    def fail(self, call: str, times: int = 1) -> None:
        self._failing += [call] * times

    def lose(self, call: str, times: int = 1) -> None:
        self._losing += [call] * times

    def meanwhile(self, call: str, deed: Callable[[], Awaitable[object]]) -> None:
        self._meanwhile[call] = deed

    def wipe(self, channel: int) -> None:
        """Somebody else deletes every message of a channel."""
        self.channels[channel] = []

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true; it is asked after every call."""
        async with asyncio.timeout(10):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    # what a Messenger is

    async def open_dm(self, person: PersonId) -> DmId | Closed:
        await self._begin("open_dm")
        return self._end("open_dm", DmId(self.dm(person)))

    async def send(self, channel: int, post: Post, *, nonce: str) -> Answer:
        await self._begin("send")
        if refusal := self._refusal(channel, post):
            return refusal
        if channel in self.locked:
            return Archived()
        self.archived.discard(channel)
        standing = self.channels.setdefault(channel, [])
        for message in standing:
            if message.nonce == nonce:
                return self._end("send", Standing(message.message_id))
        message = FakeMessage(next(self._ids), post, nonce)
        standing.append(message)
        self.seen.append((channel, post))
        return self._end("send", Standing(message.message_id))

    async def edit(self, channel: int, message_id: int, post: Post) -> Answer:
        await self._begin("edit")
        refusal = self._refusal(channel, post, writes=bool(post.files))
        if refusal and not isinstance(refusal, Closed):  # what stands in a closed DM can be edited
            return refusal
        message = self._find(channel, message_id)
        if message is None:
            return self._end("edit", Gone())
        if channel in self.archived:
            return self._end("edit", Archived())
        message.post = post
        self.seen.append((channel, post))
        return self._end("edit", Standing(message_id))

    async def delete(self, channel: int, message_id: int) -> None:
        await self._begin("delete")
        if channel in self.hidden:
            raise Refused("the message could not be removed")
        message = self._find(channel, message_id)
        if message is not None:
            self.channels[channel].remove(message)
        self._end("delete", None)

    async def delete_many(self, channel: int, message_ids: Sequence[int]) -> bool:
        await self._begin("delete_many")
        if channel in self.gone:
            return self._end("delete_many", True)
        if channel in self.hidden | self.no_bulk or min(message_ids) < self.bulk_from:
            return self._end("delete_many", False)
        if not 2 <= len(set(message_ids)) == len(message_ids) <= 100:
            raise Refused("the messages could not be removed")
        standing = self.channels.get(channel, [])
        self.channels[channel] = [one for one in standing if one.message_id not in message_ids]
        return self._end("delete_many", True)

    async def membership(self, guild_id: int, person: PersonId) -> Membership | None:
        await self._begin("membership")
        return self._end("membership", self.members.get((guild_id, person)))

    async def is_there(self, channel: int, message_id: int) -> bool:
        await self._begin("is_there")
        found = channel not in self.gone and self._find(channel, message_id) is not None
        return self._end("is_there", found or channel in self.hidden)

    async def find(self, channel: int, custom_id: str, *, since: int) -> Standing | None:
        await self._begin("find")
        unseen = channel in self.gone | self.hidden
        standing = [] if unseen else self.channels.get(channel, [])
        for message in reversed(standing):
            if any(custom_id == button.custom_id for button in message.post.buttons):
                return self._end("find", Standing(message.message_id))
        return self._end("find", None)

    async def ours(self, dm: DmId, *, before: int | None = None) -> list[Found]:
        await self._begin("ours")
        standing = [] if dm in self.gone else self.channels.get(dm, [])
        older = [one for one in standing if before is None or one.message_id < before]
        page = list(reversed(older))[: self.page]
        return self._end(
            "ours",
            [
                Found(one.message_id, tuple(button.custom_id for button in one.post.buttons))
                for one in page
            ],
        )

    async def read_back(self, channel: int, message_id: int) -> Found | None:
        await self._begin("read_back")
        unseen = channel in self.gone | self.hidden
        message = None if unseen else self._find(channel, message_id)
        if message is None:
            return self._end("read_back", None)
        ids = tuple(button.custom_id for button in message.post.buttons)
        pictures = {
            number: Upload(
                Private(f"fake:{message_id}:{number}"),
                len(file.content),
                is_made_here=True,
            )
            for number, file in enumerate(message.post.files)
            if file.filename.startswith("image-")
        }
        return self._end("read_back", Found(message_id, ids, pictures))

    async def fetch(self, url: Private) -> bytes | Unfetched:
        """What `read_back` named, as `bot.client.attachments` would fetch it."""
        _, message_id, number = url.reveal().split(":")
        for standing in self.channels.values():
            for message in standing:
                if message.message_id == int(message_id):
                    return message.post.files[int(number)].content
        return Unfetched.GONE

    async def whisper(self, interaction_token: str, post: Post) -> bool:
        await self._begin("whisper")
        if interaction_token in self.expired:
            return self._end("whisper", False)
        self.whispers.setdefault(interaction_token, []).append(post)
        return self._end("whisper", True)

    async def _begin(self, call: str) -> None:
        self.calls.append(call)
        self._changed.set()
        if deed := self._meanwhile.pop(call, None):
            await deed()
        if call in self._failing:
            self._failing.remove(call)
            raise Unreachable("the fake did nothing")

    def _end(self, call: str, answer: Given) -> Given:
        self._changed.set()
        if call in self._losing:
            self._losing.remove(call)
            raise Unreachable("the fake lost its answer")
        return answer

    def _find(self, channel: int, message_id: int) -> FakeMessage | None:
        standing = self.channels.get(channel, [])
        return next((one for one in standing if one.message_id == message_id), None)

    def _refusal(
        self, channel: int, post: Post, *, writes: bool = True
    ) -> Gone | Closed | Forbidden | TooLarge | None:
        if channel in self.gone | self.hidden:
            return Gone()
        if channel - self.DM in self.closed:
            return Closed()
        if writes and channel in self.forbidden:
            return Forbidden()
        if any(len(picture.content) > self.limit_bytes for picture in post.files):
            return TooLarge()
        return None
