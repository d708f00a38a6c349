"""The denoise loop: many jobs, one denoiser call per tick.

Each job brings its own prompt, seeds, steps, guidance and scheduler. A tick takes the strips of one
size that fit the row cap, predicts for all of them in one call (each sample at its own timestep),
and lets every strip take one step of its own scheduler. So a job joins and leaves at any step:
nobody waits for another's end, and to cancel is to leave before the next tick.

    join      the prompt is read, the noise is drawn: a strip stands in line
    tick      choose strips of one company ▸ predict ▸ advance ▸ tell ▸ develop those that are done
    cancel    leave the line

Where memory does not suffice, in this order: fewer pictures share a call of that area; the family
makes do with less (`Family.economise`); the job whose call it was fails, and no other does.

Why not the pipeline's own `__call__`: it holds one step count, one guidance and one scheduler state
for all it makes, decodes even what was cancelled, and cannot be joined.
(The idea: Yu et al., Orca, OSDI 2022; for diffusion: InstGenIE, arXiv 2505.20600.)
"""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gen import canvas
from gen.canvas import Start
from gen.errors import is_out_of_memory
from gen.families import Family, Pixels, Strip
from gen.job import Spec
from gen.messages import FailureCode


@dataclass(frozen=True)
class Stepped:
    """A job has done so many of its steps."""

    job_id: str
    step: int
    steps: int
    preview: list[Pixels] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Developed:
    """A job is done: its pictures, in the order of its seeds."""

    job_id: str
    pictures: list[Pixels] = field(repr=False)
    denoise_ms: float
    decode_ms: float


@dataclass(frozen=True)
class Broken:
    """A job could not go on; the others do."""

    job_id: str
    code: FailureCode
    exception_class: str


News = Stepped | Developed | Broken

_T = TypeVar("_T")


@dataclass(eq=False)
class _Job:
    """A job in the batch. Its pictures may be split over several strips, if they do not fit one."""

    job_id: str
    spec: Spec
    start: Start | None
    strips: list[Strip] = field(default_factory=list)  #: none: the denoiser has no part in it
    developed: dict[Strip, list[Pixels]] = field(default_factory=dict)
    denoise_ms: float = 0.0
    decode_ms: float = 0.0

    @property
    def step(self) -> int:
        """Steps done by the average picture."""
        done = sum(strip.step * strip.pictures for strip in self.strips)
        return done // self.spec.pictures

    @property
    def steps(self) -> int:
        return self.strips[0].steps


class Batcher:
    """Jobs on their way through the denoiser.

    `row_cap(width, height)` says how many pictures of a size may share a call. With `reproducible`
    every call of a size has the same shape, so that a picture does not depend on its neighbours.
    """

    def __init__(
        self,
        family: Family,
        row_cap: Callable[[int, int], int],
        *,
        preview_every: int = 0,
        reproducible: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._family = family
        self._row_cap = row_cap
        self._fits: dict[int, int] = {}  #: area to the pictures that did not choke a call of it
        self._preview_every = preview_every
        self._reproducible = reproducible
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._line: dict[Strip, _Job] = {}  #: strips with steps to do, oldest first
        self._laid: list[_Job] = []  #: jobs of which nothing is painted, only shown
        self._served: dict[Hashable, int] = {}  #: company to the tick that served it last
        self._ticks = 0
        self._news: list[News] = []

    @property
    def pictures(self) -> int:
        """How many pictures are on their way."""
        laid = sum(job.spec.pictures for job in self._laid)
        return laid + sum(strip.pictures for strip in self._line)

    def cap(self, size: tuple[int, int]) -> int:
        """Return how many pictures of a size share one call: no more than fit a smaller one."""
        area = size[0] * size[1]
        fits = [pictures for smaller, pictures in self._fits.items() if smaller <= area]
        return min(self._row_cap(*size), *fits) if fits else self._row_cap(*size)

    def join(self, job_id: str, spec: Spec, inputs: Sequence[bytes] = ()) -> Broken | None:
        """Take a job in; it takes part from the next tick on."""
        try:
            job = _Job(job_id, spec, canvas.start_of(spec, inputs) if inputs else None)
            if spec.steps_to_do:
                self._sparing(lambda: self._begin(job))
            else:
                self._laid.append(job)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is this job's alone
            return _broken(job_id, FailureCode.PREPARE, fault)
        self._jobs[job_id] = job
        return None

    def cancel(self, job_id: str) -> int | None:
        """Take a job out; return the steps it had done, or None if it is not here."""
        job = self._jobs.get(job_id)
        if job is None:
            return None
        self._remove(job)
        return job.step

    def tick(self) -> list[News]:
        """Bring the strips whose turn it is one step further, and tell what came of it."""
        self._show_laid()
        strips = self._choose()
        began = self._clock()
        for strip, prediction in self._predict(strips):
            self._advance(strip, prediction)
        self._charge(strips, self._clock() - began)
        for job in self._jobs_of(strips):
            self._tell(job)
        for strip in strips:
            self._develop_if_done(strip)
        news, self._news = self._news, []
        return news

    # ── the parts of a tick ──────────────────────────────────────────────────────────────────

    def _begin(self, job: _Job) -> None:
        """Put a job in line, in strips as large as fit; anew if it has begun."""
        spec, cap = job.spec, self.cap((job.spec.width, job.spec.height))
        strips: list[Strip] = [
            self._family.prepare(spec, spec.seeds[first : first + cap], job.start)
            for first in range(0, spec.pictures, cap)
        ]
        for strip in job.strips:
            self._line.pop(strip, None)
        job.strips, job.developed = strips, {}
        self._line |= dict.fromkeys(strips, job)

    def _show_laid(self) -> None:
        """Finish the jobs that are only shown again, or enlarged."""
        laid, self._laid = self._laid, []
        for job in laid:
            with self._blaming(job, FailureCode.DECODE):
                began = self._clock()
                pictures = list(canvas.finished(job.spec, job.start))
                job.decode_ms = 1000 * (self._clock() - began)
                self._remove(job)
                self._news.append(Developed(job.job_id, pictures, 0.0, job.decode_ms))

    def _choose(self) -> list[Strip]:
        """The oldest strips of the company that has waited longest, as many as fit one call."""
        if not self._line:
            return []
        size_of = {strip.company: strip.size for strip in self._line}
        company = min(size_of, key=lambda one: self._served.get(one, -1))
        self._ticks += 1
        self._served[company] = self._ticks
        room, chosen = self.cap(size_of[company]), list[Strip]()
        for strip in self._line:
            if strip.company == company and (not chosen or strip.pictures <= room):
                chosen.append(strip)
                room -= strip.pictures
        return chosen

    def _predict(self, strips: list[Strip]) -> Iterable[tuple[Strip, Any]]:
        """One call for all. If it fails, one call for each job, to learn whose fault it is."""
        if not strips:
            return []
        jobs, crowded = self._jobs_of(strips), False
        if len(jobs) > 1:
            try:
                return self._call(strips)
            except Exception as fault:  # noqa: BLE001 - the calls below find out
                crowded = is_out_of_memory(fault)
            self._family.release()
        predicted = []
        for job in jobs:
            with self._blaming(job, FailureCode.DENOISE):
                predicted += self._call_alone(job, [one for one in strips if one in job.strips])
        if len(jobs) > 1 and (crowded or len(predicted) == len(strips)):  # the batch was too large
            self._lower(strips[0].size, sum(strip.pictures for strip in strips) // 2)
        return predicted

    def _call_alone(self, job: _Job, strips: list[Strip]) -> list[tuple[Strip, Any]]:
        """Call for one job; where it does not fit, begin it again in smaller strips."""
        try:
            return self._call(strips)
        except Exception as fault:
            if not is_out_of_memory(fault):
                raise
        self._family.release()
        size, pictures = strips[0].size, sum(strip.pictures for strip in strips)
        rows = self.cap(size) if self._reproducible else pictures
        if rows == 1:
            return self._sparing(lambda: self._call(strips))
        self._lower(size, rows // 2)
        if any(strip.pictures > self.cap(size) for strip in strips):
            self._sparing(lambda: self._begin(job))
        return []  # its turn comes again

    def _lower(self, size: tuple[int, int], pictures: int) -> None:
        self._fits[size[0] * size[1]] = max(1, min(pictures, self.cap(size)))

    def _sparing(self, deed: Callable[[], _T]) -> _T:
        """Do it; where memory does not suffice, make do with less and do it once more."""
        try:
            return deed()
        except Exception as fault:
            if not is_out_of_memory(fault):
                raise
        self._family.release()
        self._family.economise()
        return deed()

    def _call(self, strips: Sequence[Strip]) -> list[tuple[Strip, Any]]:
        pad_to = 2 * self.cap(strips[0].size) if self._reproducible else 0
        return list(zip(strips, self._family.denoise(strips, pad_to), strict=True))

    def _advance(self, strip: Strip, prediction: Any) -> None:
        if job := self._line.get(strip):
            with self._blaming(job, FailureCode.STEP):
                self._family.advance(strip, prediction)

    def _charge(self, strips: Sequence[Strip], seconds: float) -> None:
        """Share the time of a call among the jobs in it, by their samples."""
        samples = sum(strip.samples for strip in strips)
        for strip in strips:
            if job := self._line.get(strip):
                job.denoise_ms += 1000 * seconds * strip.samples / samples

    def _tell(self, job: _Job) -> None:
        step, steps = job.step, job.steps
        preview = None
        if self._preview_every and step < steps and step % self._preview_every == 0:
            with self._blaming(job, FailureCode.STEP):
                preview = [small for strip in job.strips for small in self._family.preview(strip)]
        if job.job_id in self._jobs:
            self._news.append(Stepped(job.job_id, step, steps, preview))

    def _develop_if_done(self, strip: Strip) -> None:
        """Decode a strip after its last step; with its last strip the job leaves."""
        job = self._line.get(strip)
        if job is None or strip.step < strip.steps:
            return
        with self._blaming(job, FailureCode.DECODE):
            began = self._clock()
            job.developed[strip] = self._sparing(lambda: self._family.develop(strip))
            job.decode_ms += 1000 * (self._clock() - began)
            del self._line[strip]
            if len(job.developed) == len(job.strips):
                self._remove(job)
                pictures = [one for strip in job.strips for one in job.developed[strip]]
                self._news.append(Developed(job.job_id, pictures, job.denoise_ms, job.decode_ms))

    # ── who is here ──────────────────────────────────────────────────────────────────────────

    def _jobs_of(self, strips: Sequence[Strip]) -> list[_Job]:
        """The jobs these strips belong to, if they are still here."""
        return list(dict.fromkeys(self._line[strip] for strip in strips if strip in self._line))

    def _remove(self, job: _Job) -> None:
        del self._jobs[job.job_id]
        self._laid = [one for one in self._laid if one is not job]
        for strip in job.strips:
            self._line.pop(strip, None)

    @contextmanager
    def _blaming(self, job: _Job, code: FailureCode) -> Iterator[None]:
        """Whatever goes wrong in here ends this job and no other."""
        try:
            yield
        except Exception as fault:  # noqa: BLE001 - one job's picture must not break another's
            self._remove(job)
            self._news.append(_broken(job.job_id, code, fault))


def _broken(job_id: str, code: FailureCode, fault: Exception) -> Broken:
    lacks = is_out_of_memory(fault)
    return Broken(job_id, FailureCode.MEMORY if lacks else code, type(fault).__name__)
