"""The worker: a process that makes pictures and knows nothing else.

`python -m gen.worker`, started by the supervisor with frames on its standard input and output. It
has no token, key, database or network, learns no person's and no server's id, and ends when its
parent's end of the pipe closes. It closes its doors (`gen.doors`) before it imports a library:
what is imported here knows none, and what does know them is imported behind the doors.

    reader thread   frames ▸ orders
    main thread     `gen.work`
"""

import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from gen import doors, hush
from gen.errors import ModelFault, ProtocolFault
from gen.messages import FailureCode, Message, Setup, Unfit
from gen.protocol import Decoder, encode

_CHUNK_BYTES = 1 << 16
_UNFIT, _NONSENSE = 3, 4  #: exit codes


def main() -> int:
    """Be a worker until told to stop. Returns the exit code."""
    reading, writing = hush.take_pipe()
    hush.silence()
    hush.die_with_parent()
    source = _Source(reading)
    setup = source.first()
    if not isinstance(setup, Setup):
        return _NONSENSE
    closed = doors.close(*_opened(setup))

    os.nice(setup.nice)
    threading.Thread(target=source.read, daemon=True).start()
    return _work(setup, closed, source.orders, _Pipe(writing).send)


def _opened(setup: Setup) -> Iterator[Path]:
    """All that the worker may read besides code: every model it may be asked to load."""
    for source in setup.models:
        yield Path(source.path)
        yield from (Path(lora.file) for lora in source.card.loras)
    yield from (Path(one) for one in (setup.folder, setup.classifier) if one)


def _work(
    setup: Setup,
    closed: tuple[str, ...],
    orders: "queue.SimpleQueue[Message]",
    send: Callable[[Message], None],
) -> int:
    """Load the libraries and the models, and work. Only a failure's class may be told."""
    code = FailureCode.LOAD
    try:
        from gen import images, safety
        from gen.stand import Stand
        from gen.work import Worker

        stand = Stand(setup)
        loaded = stand.first()
        images.warm_up()
        code = FailureCode.CLASSIFIER if setup.classifier else code
        classifier = Path(setup.classifier) if setup.classifier else None
        gauge = safety.load(classifier, loaded.family.device)
    except Exception as fault:  # noqa: BLE001 - its class is all that may be told
        if code is FailureCode.LOAD and isinstance(fault, ModelFault):
            code = FailureCode.MODEL
        send(Unfit(code, type(fault).__name__))
        return _UNFIT
    worker = Worker(setup, stand, loaded, gauge, orders, send)
    del loaded  # the worker alone holds it, so that it can let go of it
    worker.work(closed)
    return 0


class _Source:
    """The other end's orders. A closed pipe or nonsense on it ends the process, whatever it does.

    The first is read by the main thread: the doors are closed while there is no other.
    """

    def __init__(self, descriptor: int) -> None:
        self.orders: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._descriptor = descriptor
        self._decoder = Decoder()

    def first(self) -> Message:
        """Wait for the first order."""
        while self.orders.empty():
            self._read_some()
        return self.orders.get()

    def read(self) -> None:
        """Be the reader thread."""
        while True:
            self._read_some()

    def _read_some(self) -> None:
        data = os.read(self._descriptor, _CHUNK_BYTES)
        if not data:
            os._exit(0)
        try:
            for message in self._decoder.feed(data):
                self.orders.put(message)
        except ProtocolFault:
            os._exit(_NONSENSE)


class _Pipe:
    """Our end of the pipe: whole frames, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        frame = memoryview(encode(message))
        with self._lock:
            while frame:
                frame = frame[os.write(self._descriptor, frame) :]


if __name__ == "__main__":
    os._exit(main())  # nothing is left to tidy; taking torch down would take a second
