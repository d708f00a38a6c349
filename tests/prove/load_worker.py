"""`python -m tests.prove.load_worker STEP_MILLISECONDS`: a worker that needs no torch.

It speaks the real protocol and takes real time: every step of every job it holds costs so much,
and a finished job is one noisy picture, so that what carries pictures has something to carry.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator

import numpy as np

from gen import images
from gen.card import Card
from gen.messages import (
    Cancel,
    Cancelled,
    Finished,
    Heartbeat,
    Measure,
    Order,
    Progress,
    Ready,
    Report,
    Run,
    Setup,
    Started,
    Stop,
    Timings,
    Want,
)
from gen.profile import Profile, StepTime
from gen.protocol import Decoder, encode

ROOM = 4
"""Pictures that it works on side by side."""

HEARTBEAT_SECONDS = 5.0
PREVIEW_EVERY = 4


class LoadWorker:
    """Jobs in, progress out, a step of all of them at a time."""

    def __init__(self, step_seconds: float) -> None:
        self.step_seconds = step_seconds
        self.jobs: dict[str, tuple[Run, int]] = {}
        self.decoder = Decoder()
        self.stopping = False
        noise = np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)
        self.picture, self.preview = images.encode(noise).data, images.preview_jpeg([noise])

    def work(self) -> None:
        """Work until told to stop, or until the other end is gone."""
        heard = self._say(self._ready(), Want(ROOM))
        due = heard + self.step_seconds
        while not (self.stopping and not self.jobs):
            now = time.monotonic()
            patience = due - now if self.jobs else HEARTBEAT_SECONDS
            if select.select([0], [], [], max(0.0, patience))[0]:
                for order in self._orders():
                    self._obey(order)
            now = time.monotonic()
            if self.jobs and now >= due:
                self._step()
                due = now + self.step_seconds
            if now - heard > HEARTBEAT_SECONDS:
                heard = self._say(Heartbeat())

    def _ready(self) -> Ready:
        card = Card(name="load", family="sd", width=64, height=64, steps=4, guidance=3.0)
        times = tuple(StepTime(64, 64, n, n * self.step_seconds / ROOM) for n in (1, ROOM))
        return Ready("cpu", "a load worker", "none", card, Profile(times), ROOM)

    def _orders(self) -> Iterator[Order]:
        data = os.read(0, 1 << 16)
        if not data:
            sys.exit(0)
        yield from self.decoder.feed(data)  # type: ignore[misc]  # this end is sent orders only

    def _obey(self, order: Order) -> None:
        match order:
            case Run(job_id):
                self.jobs[job_id] = (order, 0)
                self._say(Started(job_id))
            case Cancel(job_id) if job_id in self.jobs:
                run, done = self.jobs.pop(job_id)
                self._say(Cancelled(job_id, done), Want(run.spec.pictures))
            case Stop():
                self.stopping = True
            case Cancel() | Setup():
                pass

    def _step(self) -> None:
        for job_id, (run, done) in list(self.jobs.items()):
            steps, count = run.spec.steps, run.spec.pictures
            self.jobs[job_id] = (run, done + 1)
            preview = self.preview if (done + 1) % PREVIEW_EVERY == 0 else None
            self._say(Progress(job_id, done + 1, steps, preview))
            if done + 1 >= steps:
                del self.jobs[job_id]
                files, alike = (self.picture,) * count, (Measure("f0e1d2c3b4a59687"),) * count
                self._say(Finished(job_id, files, "image/webp", Timings(), alike), Want(count))

    @staticmethod
    def _say(*reports: Report) -> float:
        for report in reports:
            frame = memoryview(encode(report))
            while frame:
                frame = frame[os.write(1, frame) :]
        return time.monotonic()


if __name__ == "__main__":
    LoadWorker(float(sys.argv[1]) / 1000).work()
