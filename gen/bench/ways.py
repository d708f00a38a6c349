"""Four ways to serve many people with one model, each over the same weights.

one by one   diffusers' `__call__`, the next when the last is done
threads      diffusers' `examples/server-async`: a shallow copy of the pipeline for each request,
             with a scheduler of its own and a lock around the tokenizer, and many threads that
             call the one model at the same time; the sweep of memory that it makes after each is
             left out, which would cost a small model more than its pictures
requests     request batching, as SGLang-Diffusion and vLLM-Omni do it: those who ask for the same
             shape within some milliseconds share one `__call__`, and all wait for its end
steps        ours (`gen.batcher`)
"""

import copy
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gen.batcher import Batcher, Broken, Developed
from gen.bench.subject import Subject
from gen.job import Spec

MOST_ROWS = 8
THREADS = 8


def one_by_one(subject: Subject, specs: Sequence[Spec]) -> None:
    """Serve them in turn."""
    for spec in specs:
        subject.call([spec])


class Threads:
    """Serve each in a thread of its own, at most `THREADS` at a time."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._tokenizing = threading.Lock()
        self.pool = ThreadPoolExecutor(THREADS)

    def __call__(self, specs: Sequence[Spec]) -> None:
        """Serve them all at once."""
        for done in [self.pool.submit(self.serve, spec) for spec in specs]:
            done.result()

    def serve(self, spec: Spec) -> None:
        """One request, in whatever thread this is."""
        self._subject.call([spec], self._scoped())

    def close(self) -> None:
        """End the threads."""
        self.pool.shutdown()

    def _scoped(self) -> Any:
        pipeline = copy.copy(self._subject.pipeline)
        pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
        for name in ("tokenizer", "tokenizer_2", "tokenizer_3"):
            if (tokenizer := getattr(pipeline, name, None)) is not None:
                setattr(pipeline, name, _Locked(tokenizer, self._tokenizing))
        return pipeline


class _Locked:
    """A tokenizer that one thread uses at a time."""

    def __init__(self, tokenizer: Any, lock: threading.Lock) -> None:
        self._tokenizer = tokenizer
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._tokenizer, name)
        return partial(self._alone, found) if callable(found) else found

    def __call__(self, *texts: Any, **options: Any) -> Any:
        return self._alone(self._tokenizer, *texts, **options)

    def _alone(self, deed: Callable[..., Any], *given: Any, **options: Any) -> Any:
        with self._lock:
            return deed(*given, **options)


def in_one_call(subject: Subject, specs: Sequence[Spec]) -> None:
    """Serve all of one shape by one `__call__`."""
    subject.call(specs)


class Steps:
    """Our denoise loop, without the process around it."""

    def __init__(self, subject: Subject, rows: int = MOST_ROWS) -> None:
        self._subject = subject
        self.rows = rows
        self.batcher = Batcher(subject.family, lambda _width, _height: rows)
        self.calls: list[int] = []  #: pictures in each call of the denoiser

    def __call__(self, specs: Sequence[Spec]) -> None:
        """Serve all that come at once."""
        for number, spec in enumerate(specs):
            self.join(str(number), spec)
        while self.batcher.pictures:
            self.tick()

    def join(self, name: str, spec: Spec) -> None:
        """Take one in."""
        if broken := self.batcher.join(name, spec):
            raise RuntimeError(f"a request of the bench broke: {broken.exception_class}")

    def tick(self) -> list[str]:
        """Bring all one step further; name those that are done."""
        self.calls.append(min(self.rows, self.batcher.pictures))
        news = self.batcher.tick()
        self._subject.wait()
        if broken := [one.exception_class for one in news if isinstance(one, Broken)]:
            raise RuntimeError(f"a request of the bench broke: {broken[0]}")
        return [one.job_id for one in news if isinstance(one, Developed)]
