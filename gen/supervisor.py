"""Keeps one worker process alive; a job goes in, events come out.

The worker asks for work (`Want`), so nothing is ever pushed onto a busy or dying one. When the
process ends, however it ends, every running job hears `WorkerLost` and a new process is started
after a delay that grows while starts keep failing. A worker that says nothing for too long is
killed: it would never say anything again.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from gen import launch, models
from gen.engine import EngineState, Event, Phase, WorkerLost
from gen.errors import ProtocolFault
from gen.inbox import Inbox
from gen.job import Spec
from gen.messages import (
    Cancel,
    Cancelled,
    Changing,
    Failed,
    Finished,
    Message,
    Order,
    Progress,
    Ready,
    Run,
    Setup,
    Started,
    Stop,
    Unfit,
    Want,
)
from gen.profile import Profile
from gen.protocol import Decoder, encode

RESTART_DELAYS_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
_CHUNK_BYTES = 1 << 18


class Supervisor:
    """The engine: one worker process, kept alive (see `gen.engine.Engine`).

    `setup` is what the worker is told first; `environ` is our environment, of which it sees an
    allow list. A worker may be silent for `silence_seconds` (`load_seconds` before it is ready).
    Having been ready for `steady_seconds` forgives all earlier failures.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        environ: Mapping[str, str],
        threads: int = 0,
        command: Sequence[str] = (),
        restart_delays_seconds: Sequence[float] = RESTART_DELAYS_SECONDS,
        load_seconds: float = 900.0,
        silence_seconds: float = 300.0,
        steady_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.setup = setup
        self._environment = launch.environment(environ, threads)
        self._command = list(command) or launch.command()
        self._delays = restart_delays_seconds
        self._load_seconds = load_seconds
        self._silence_seconds = silence_seconds
        self._steady_seconds = steady_seconds
        self._monotonic = monotonic

        self._state = EngineState(Phase.DOWN, "not started")
        self._ready: Ready | None = None
        self._needed: dict[
            str, str
        ] = {}  #: the models of running jobs, in the order of their coming
        self._profiles: dict[str, Profile] = {}
        self._ready_since = 0.0
        self._wanted = 0
        self._running: dict[str, Inbox] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def state(self) -> EngineState:
        """How the worker is now, for status answers."""
        return self._state

    @property
    def ready(self) -> Ready | None:
        """What the worker said of itself, while it can work."""
        return self._ready

    @property
    def residents(self) -> frozenset[str]:
        """The model of the job handed over last: the one the worker has, or changes to."""
        if (ready := self._ready) is None:
            return frozenset()
        needed = (name for name in reversed(self._needed.values()) if name not in ready.unfit)
        return frozenset({next(needed, ready.card.name)})

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """What any worker of ours measured of each model."""
        return self._profiles

    @property
    def workers(self) -> int:
        """One worker process."""
        return 1

    @property
    def room(self) -> int:
        """For how many pictures the worker has room now."""
        is_able = self._ready is not None and not self._stopping.is_set()
        return max(0, self._wanted) if is_able else 0

    def holds(self, job_id: str) -> bool:
        """Say whether a job of this id is running."""
        return job_id in self._running

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._process.pid if self._process else None

    async def changed(self) -> EngineState:
        """Wait until anything about the worker has changed."""
        self._changed.clear()
        await self._changed.wait()
        return self._state

    async def start(self) -> None:
        """Check the model folder and begin to load. Raises ModelFault, one problem per line."""
        if not self.setup.models:  # those of a catalogue have been checked as it was read
            await asyncio.to_thread(models.demand, Path(self.setup.folder))
        self._stopping.clear()
        self._become(Phase.LOADING)
        self._keeper = asyncio.create_task(self._keep_alive(), name="engine keeper")

    async def wait_ready(self) -> Ready:
        """Wait until the model is loaded."""
        while self._ready is None:
            await self.changed()
        return self._ready

    async def want(self) -> int:
        """Wait until the worker has room, and return for how many pictures."""
        while not (room := self.room):
            await self.changed()
        return room

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()) -> AsyncIterator[Event]:
        """Hand a job to the worker at once; iterate to hear of it (see `gen.engine.Engine`)."""
        if self.holds(job_id):
            raise ValueError("a job of this id is running")
        inbox = Inbox()
        if self._ready is None or self._stopping.is_set():
            inbox.put(WorkerLost(job_id))
            return inbox
        self._running[job_id] = inbox
        self._wanted -= spec.pictures
        if spec.model:
            self._needed[job_id] = spec.model
        self._send(Run(job_id, spec, inputs))
        return inbox

    def cancel(self, job_id: str) -> None:
        """Take a job out at its next step; an ended or unknown one is left alone."""
        if job_id in self._running:
            self._send(Cancel(job_id))

    async def stop(self, grace_seconds: float) -> None:
        """Let running jobs finish for so long, then end the worker. A second call may hurry it."""
        self._stopping.set()
        if (keeper := self._keeper) is None:
            return
        self._send(Stop())
        await asyncio.wait({keeper}, timeout=grace_seconds if self._ready else 0)
        self._kill()
        await keeper
        self._keeper = None
        self._profiles.clear()
        self._become(Phase.DOWN, "stopped")

    # ── one process after the other ──────────────────────────────────────────────────────────

    async def _keep_alive(self) -> None:
        """Start a worker, live with it to its end, wait, start the next one."""
        failures = 0
        while not self._stopping.is_set():
            self._become(Phase.LOADING)
            self._become(Phase.DOWN, await self._live_once())
            lived = self._monotonic() - self._ready_since if self._ready_since else 0.0
            failures = 0 if lived >= self._steady_seconds else failures
            await self._pause(self._delays[min(failures, len(self._delays) - 1)])
            failures += 1

    async def _live_once(self) -> str:
        """Run one worker process to its end, and say why it ended."""
        self._ready_since = 0.0
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as fault:
            return f"no process could be started: {type(fault).__name__}"
        reason = "stopped"
        try:
            if not self._stopping.is_set():
                self._send(self.setup)
                reason = await self._listen(self._process)
        except Exception as fault:  # noqa: BLE001  # a dead keeper would leave no worker, unheard
            reason = f"our own fault: {type(fault).__name__}"
        finally:
            await self._bury(self._process, reason)
        return reason

    async def _listen(self, process: asyncio.subprocess.Process) -> str:
        """Heed every message until the pipe ends, and say how it ended."""
        pipe, decoder, reason = process.stdout, Decoder(), "the worker ended"
        while pipe is not None:
            works = self._state.phase is Phase.READY
            patience = self._silence_seconds if works else self._load_seconds
            try:
                async with asyncio.timeout(patience):
                    data = await pipe.read(_CHUNK_BYTES)
                messages = decoder.feed(data)
            except TimeoutError:
                return "the worker fell silent"
            except ProtocolFault:
                return "the worker spoke nonsense"
            if not data:
                break
            for message in messages:
                if isinstance(message, Unfit):
                    reason = f"{message.code}: {message.exception_class}"
                self._heed(message)
        return reason

    async def _bury(self, process: asyncio.subprocess.Process, reason: str) -> None:
        """Make sure that the process is gone, and tell every job that was inside."""
        self._kill()
        self._process, self._ready, self._wanted = None, None, 0
        self._become(Phase.DOWN, reason)
        for job_id, inbox in self._running.items():
            inbox.put(WorkerLost(job_id))
        self._running.clear()
        self._needed.clear()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    def _kill(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            # `process.kill()` would reap one that ended by itself, and asyncio warn that it is gone
            os.kill(self._process.pid, signal.SIGKILL)

    # ── what the worker says, and what we say ────────────────────────────────────────────────

    def _heed(self, message: Message) -> None:
        match message:
            case Ready(card=card, profile=profile):
                self._ready_since = self._ready_since or self._monotonic()
                self._ready = message
                self._profiles[card.name] = profile
                self._become(Phase.READY)
            case Changing():
                self._become(Phase.CHANGING)
            case Want(rows):
                self._wanted += rows
                self._changed.set()
            case Started(job_id) | Progress(job_id):
                if inbox := self._running.get(job_id):
                    inbox.put(message)
            case Finished(job_id) | Cancelled(job_id) | Failed(job_id):
                self._needed.pop(job_id, None)
                if inbox := self._running.pop(job_id, None):
                    inbox.put(message)
            case _:
                pass  # a heartbeat has done its duty by arriving

    def _send(self, order: Order) -> None:
        if self._process and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(encode(order))

    def _become(self, phase: Phase, reason: str = "") -> None:
        self._state = EngineState(phase, reason)
        self._changed.set()

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until we are told to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
