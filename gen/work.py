"""The worker's main loop: orders in, reports out. Knows no pipe and no process.

main thread     obey orders ▸ ask for work ▸ one tick of the batcher ▸ report
encoder thread  pixels ▸ measures and files (encoders let the others run meanwhile)
"""

import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from gen import images
from gen.batcher import Batcher, Broken, Developed, News, Stepped
from gen.card import Card
from gen.families import Family
from gen.messages import (
    Cancel,
    Cancelled,
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
from gen.profile import Profile
from gen.safety import Gauge


class Worker:
    """The main loop: orders in, reports out."""

    def __init__(
        self,
        setup: Setup,
        card: Card,
        family: Family,
        profile: Profile,
        gauge: Gauge,
        orders: "queue.SimpleQueue[Message]",
        send: Callable[[Message], None],
    ) -> None:
        self._setup = setup
        self._card = card
        self._family = family
        self._profile = profile
        self._gauge = gauge
        self._orders = orders
        self._send = send
        self._batcher = Batcher(
            family,
            self._row_cap,
            preview_every=setup.preview_every,
            reproducible=setup.reproducible,
        )
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._offered = 0  #: pictures we asked for and were not given yet
        self._beat_at = time.monotonic()
        self._stopping = False

    def work(self, closed: tuple[str, ...] = ()) -> None:
        """Work until told to stop and done with what was begun. `closed`: see `Ready`."""
        size = (self._card.width, self._card.height)
        self._send(
            Ready(
                device=self._family.device,
                device_name=self._family.device_name,
                dtype=self._family.dtype,
                card=self._card,
                profile=self._profile,
                row_cap=self._row_cap(*size),
                closed=closed,
            )
        )
        while not self._stopping or self._batcher.pictures:
            self._ask()
            for order in self._waiting_orders():
                self._obey(order)
            for news in self._batcher.tick():
                self._report(news)
            self._beat()
        self._encoder.shutdown(wait=True)

    def _ask(self) -> None:
        """Ask for as much work as there is room for and has not been asked for."""
        cap = self._batcher.cap((self._card.width, self._card.height))
        room = cap - self._batcher.pictures - self._offered
        if room > 0 and not self._stopping:
            self._offered += room
            self._send(Want(room))

    def _waiting_orders(self) -> Iterator[Message]:
        """All orders that have come; with nothing to do, wait for one (a heartbeat long)."""
        try:
            if not self._batcher.pictures:
                yield self._orders.get(timeout=self._setup.heartbeat_seconds)
            while True:
                yield self._orders.get_nowait()
        except queue.Empty:
            return

    def _obey(self, order: Message) -> None:
        match order:
            case Run(job_id, spec):
                self._offered -= spec.pictures
                broken = self._batcher.join(job_id, spec)
                self._report(broken) if broken else self._send(Started(job_id))
            case Cancel(job_id):
                steps_done = self._batcher.cancel(job_id)
                if steps_done is not None:
                    self._send(Cancelled(job_id, steps_done))
            case Stop():
                self._stopping = True

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
            self._family.rehearse(self._card.width, self._card.height, 1)

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
        return self._profile.row_cap(width, height, guided=self._card.guidance > 1)
