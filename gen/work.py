"""The worker's main loop: orders in, reports out. Knows no pipe and no process.

main thread     obey orders ▸ ask for work ▸ change models ▸ one tick of the batcher ▸ report
encoder thread  pixels ▸ measures and files (encoders let the others run meanwhile)

Jobs are begun in the order in which they come. One that needs another model than the one that is
loaded waits for the batch to end, and so do all that come after it: who hands jobs over decides
when models change (`gen.order`), not the worker.
"""

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from gen import abilities, images
from gen.batcher import Batcher, Broken, Developed, News, Stepped
from gen.errors import ModelFault
from gen.messages import (
    Cancel,
    Cancelled,
    Changing,
    Failed,
    FailureCode,
    Finished,
    Heartbeat,
    Message,
    Progress,
    Ready,
    Run,
    Setup,
    Started,
    Stop,
    Timings,
    Want,
)
from gen.safety import Gauge
from gen.stand import Loaded, empty, memory_of


class TakesUp(Protocol):
    """What loads models: a `gen.stand.Stand`."""

    unfit: dict[str, None]

    def take_up(self, name: str) -> Loaded:
        """Load a model, or raise."""


class Worker:
    """The main loop: orders in, reports out."""

    def __init__(
        self,
        setup: Setup,
        stand: TakesUp,
        loaded: Loaded,
        gauge: Gauge,
        orders: "queue.SimpleQueue[Message]",
        send: Callable[[Message], None],
    ) -> None:
        self._setup = setup
        self._stand = stand
        self._loaded = loaded
        self._gauge = gauge
        self._orders = orders
        self._send = send
        self._batcher = self._batch()
        self._held: deque[Run] = deque()  #: jobs that wait for their model, and those behind them
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._offered = 0  #: pictures we asked for and were not given yet
        self._beat_at = time.monotonic()
        self._stopping = False
        self._closed: tuple[str, ...] = ()

    def work(self, closed: tuple[str, ...] = ()) -> None:
        """Work until told to stop and done with what was begun. `closed`: see `Ready`."""
        self._closed = closed
        self._introduce()
        while not self._stopping or self._batcher.pictures or self._held:
            self._ask()
            for order in self._waiting_orders():
                self._obey(order)
            self._begin_held()
            for news in self._batcher.tick():
                self._report(news)
            self._beat()
        self._encoder.shutdown(wait=True)

    def _introduce(self) -> None:
        card, family = self._loaded.card, self._loaded.family
        self._send(
            Ready(
                device=family.device,
                device_name=family.device_name,
                dtype=family.dtype,
                card=card,
                profile=self._loaded.profile,
                row_cap=self._row_cap(card.width, card.height),
                closed=self._closed,
                load_seconds=self._loaded.load_seconds,
                memory_bytes=memory_of(family.device),
                unfit=tuple(self._stand.unfit),
            )
        )

    def _batch(self) -> Batcher:
        """A batcher for the model that is loaded."""
        return Batcher(
            self._loaded.family,
            self._row_cap,
            preview_every=self._setup.preview_every,
            reproducible=self._setup.reproducible,
        )

    def _ask(self) -> None:
        """Ask for as much work as there is room for and has not been asked for."""
        cap = self._batcher.cap((self._loaded.card.width, self._loaded.card.height))
        held = sum(run.spec.pictures for run in self._held)
        room = cap - self._batcher.pictures - held - self._offered
        if room > 0 and not self._stopping:
            self._offered += room
            self._send(Want(room))

    def _waiting_orders(self) -> Iterator[Message]:
        """All orders that have come; with nothing to do, wait for one (a heartbeat long)."""
        try:
            if not (self._batcher.pictures or self._held):
                yield self._orders.get(timeout=self._setup.heartbeat_seconds)
            while True:
                yield self._orders.get_nowait()
        except queue.Empty:
            return

    def _obey(self, order: Message) -> None:
        match order:
            case Run() as run:
                self._offered -= run.spec.pictures
                self._held.append(run)
                self._begin_held(changing=False)
            case Cancel(job_id):
                held = [run for run in self._held if run.job_id == job_id]
                for run in held:
                    self._held.remove(run)
                steps_done = 0 if held else self._batcher.cancel(job_id)
                if steps_done is not None:
                    self._send(Cancelled(job_id, steps_done))
            case Stop():
                self._stopping = True

    def _begin_held(self, *, changing: bool = True) -> None:
        """Begin jobs in their order while their model is loaded; change it between batches."""
        while self._held:
            run = self._held[0]
            if run.spec.model in ("", self._loaded.card.name):
                self._held.popleft()
                broken = self._batcher.join(run.job_id, run.spec, run.inputs)
                self._report(broken) if broken else self._send(Started(run.job_id))
            elif changing and not self._batcher.pictures:
                self._change(run.spec.model)
            else:
                return

    def _change(self, model: str) -> None:
        """Lay down the model that is loaded, and take up another.

        If that fails, its jobs do, and the model before comes back: it has been seen to work. If
        not even that one can be loaded the process ends, and a new one may do better.
        """
        before, code, fault = self._loaded.card.name, FailureCode.MODEL, ""
        self._send(Changing(model))
        del self._loaded, self._batcher
        empty()
        try:
            self._loaded = self._stand.take_up(model)
        except Exception as trouble:  # noqa: BLE001 - its class is all that may be told
            code = code if isinstance(trouble, ModelFault) else FailureCode.LOAD
            fault = type(trouble).__name__
        if fault:
            empty()
            self._loaded = self._stand.take_up(before)
        self._batcher = self._batch()
        self._introduce()
        for run in [run for run in self._held if fault and run.spec.model == model]:
            self._held.remove(run)
            self._send(Failed(run.job_id, code, fault))

    def _report(self, news: News) -> None:
        match news:
            case Stepped(job_id, step, steps, preview):
                small = images.preview_jpeg(preview) if preview else None
                self._send(Progress(job_id, step, steps, small))
            case Developed():
                self._encoder.submit(self._encode, news)
            case Broken(job_id, code, exception_class):
                self._demand_sound(code)
                self._send(Failed(job_id, code, exception_class))

    def _demand_sound(self, code: FailureCode) -> None:
        """End the process if the device is broken and not the job: a new one may do better."""
        if code is not FailureCode.PREPARE:
            card = self._loaded.card
            self._loaded.family.rehearse(card.width, card.height, 1)

    def _encode(self, done: Developed) -> None:
        """On the encoder's thread: pixels to measures and files, and away with them."""
        code, began = FailureCode.MEASURE, time.perf_counter()
        try:
            measures = self._gauge(done.pictures)
            code, measured = FailureCode.ENCODE, time.perf_counter()
            pictures = [images.encode(one, self._setup.picture_format) for one in done.pictures]
        except Exception as fault:  # noqa: BLE001 - its class is all that may be told
            self._send(Failed(done.job_id, code, type(fault).__name__))
            return
        measure_ms = 1000 * (measured - began)
        encode_ms = 1000 * (time.perf_counter() - measured)
        self._send(
            Finished(
                done.job_id,
                tuple(picture.data for picture in pictures),
                pictures[0].media_type,
                Timings(done.denoise_ms, done.decode_ms, encode_ms, measure_ms),
                measures,
            )
        )

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at >= self._setup.heartbeat_seconds:
            self._beat_at = now
            self._send(Heartbeat())

    def _row_cap(self, width: int, height: int) -> int:
        """The operator's cap, else the measured one; reproducible pictures need a constant one."""
        if self._setup.row_cap or self._setup.reproducible:
            return self._setup.row_cap or 1
        card = self._loaded.card
        guided = abilities.predicts_twice(card.family, card.guidance)
        return self._loaded.profile.row_cap(width, height, guided=guided)
