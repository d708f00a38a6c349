"""What a dispatcher may ask of an engine, and what it hears back.

`gen.supervisor.Supervisor` is the real one, `gen.fleet.Fleet` several of them as one; they and the
fake in the tests pass the same suite (`tests/conformance/test_engine.py`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gen.job import Spec
from gen.messages import Cancelled, Failed, Finished, Progress, Ready, Started
from gen.profile import Profile


class Phase(StrEnum):
    """Whether the engine can work now."""

    LOADING = "loading"  #: the worker runs, its model is not ready
    READY = "ready"
    CHANGING = "changing"  #: one model makes room for another; what is handed over waits inside
    DOWN = "down"  #: no worker; the reason says why and a restart is on its way, unless stopped


@dataclass(frozen=True)
class EngineState:
    """The engine's phase, with a reason that may be shown to anybody."""

    phase: Phase
    reason: str = ""


@dataclass(frozen=True)
class WorkerLost:
    """The worker ended under the job. It costs the job one attempt and nothing else."""

    job_id: str


Ending = Finished | Cancelled | Failed | WorkerLost
Event = Started | Progress | Ending


class Engine(Protocol):
    """Makes pictures. All calls belong to one event loop."""

    @property
    def state(self) -> EngineState:
        """How it is now, for status answers."""

    @property
    def ready(self) -> Ready | None:
        """What the worker said of itself, while it can work."""

    @property
    def residents(self) -> frozenset[str]:
        """Names of the models that a job handed over now would find loaded, or being loaded."""

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """What was measured of each model since the start."""

    @property
    def workers(self) -> int:
        """How many work side by side: what waits is shared among them. 1 while none can."""

    @property
    def room(self) -> int:
        """For how many pictures there is room now; 0 while it cannot work."""

    def holds(self, job_id: str) -> bool:
        """Say whether a job of this id is running."""

    async def changed(self) -> EngineState:
        """Wait until anything about the worker has changed."""

    async def start(self) -> None:
        """Begin to load. Raises ModelFault when the model folder cannot be used."""

    async def wait_ready(self) -> Ready:
        """Wait until it can work."""

    async def want(self) -> int:
        """Wait until there is room, and return for how many pictures.

        The answer holds until the next `run`. A single job with more pictures than that may be
        given all the same: the rest of it waits inside.
        """

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()) -> AsyncIterator[Event]:
        """Hand a job over at once; iterate to hear of it.

        First `Started`, then `Progress` (old ones are dropped for a slow listener), then exactly
        one `Ending`, after which the iterator stops. Without a worker the ending is `WorkerLost`.
        A `Failed` may come without a `Started`. A listener that stops listening cancels nothing.
        Raises ValueError when a job of this id is running.
        """

    def cancel(self, job_id: str) -> None:
        """Take a job out at its next step. An ended or unknown job is left alone."""

    async def stop(self, grace_seconds: float) -> None:
        """Let running jobs finish for so long, then end the worker. The rest hear WorkerLost."""
