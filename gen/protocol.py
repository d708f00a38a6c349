"""Frames over a pipe: bytes to messages and back. Pure, no I/O (after h11).

    frame = head length (u32, big endian) | body length (u32) | head (JSON) | body (raw)

The head names the message and holds its fields; previews and pictures travel raw in the body, the
head telling their sizes. Anything else is a `ProtocolFault`, whose text never holds what was sent.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from math import inf
from typing import Any, TypeVar

from gen.card import Card
from gen.errors import ProtocolFault
from gen.job import Spec
from gen.messages import (
    Cancel,
    Cancelled,
    Changing,
    Failed,
    FailureCode,
    Finished,
    Heartbeat,
    Measure,
    Message,
    Progress,
    Ready,
    Run,
    Setup,
    Source,
    Started,
    Stop,
    Timings,
    Unfit,
    Want,
)
from gen.profile import Profile, StepTime

HEAD_LIMIT_BYTES = 1024 * 1024
BODY_LIMIT_BYTES = 256 * 1024 * 1024

_LENGTHS = struct.Struct("!II")
_T = TypeVar("_T")


def encode(message: Message) -> bytes:
    """Turn a message into one frame."""
    head: dict[str, Any] = {"is": type(message).__name__}
    body = b""
    for field in fields(message):
        value = getattr(message, field.name)
        match field.name, value:
            case "preview", bytes():
                head["preview"], body = len(value), value
            case ("pictures" | "inputs") as name, tuple():
                head[name], body = [len(picture) for picture in value], b"".join(value)
            case name, _:
                head[name] = value
    written = json.dumps(
        head, default=asdict, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()
    _check_lengths(len(written), len(body))
    return _LENGTHS.pack(len(written), len(body)) + written + body


class Decoder:
    """Collects bytes as they come and gives back the messages that are complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take some bytes; return the messages that end within them, in order.

        Raises ProtocolFault; after that the pipe is of no use any more.
        """
        self._buffer += data
        messages = []
        while frame := self._take_frame():
            messages.append(_decode(*frame))
        return messages

    def _take_frame(self) -> tuple[bytes, bytes] | None:
        """Cut one complete frame off the front of the buffer: its head and its body."""
        if len(self._buffer) < _LENGTHS.size:
            return None
        head_length, body_length = _LENGTHS.unpack_from(self._buffer)
        _check_lengths(head_length, body_length)
        middle = _LENGTHS.size + head_length
        end = middle + body_length
        if len(self._buffer) < end:
            return None
        head, body = bytes(self._buffer[_LENGTHS.size : middle]), bytes(self._buffer[middle:end])
        del self._buffer[:end]
        return head, body


def _check_lengths(head_length: int, body_length: int) -> None:
    if head_length > HEAD_LIMIT_BYTES or body_length > BODY_LIMIT_BYTES:
        raise ProtocolFault(f"a frame of {head_length} + {body_length} bytes is too large")


def _decode(head: bytes, body: bytes) -> Message:
    try:
        found = json.loads(head)
    except (ValueError, RecursionError):
        raise ProtocolFault("the head of a frame is no JSON") from None
    if not isinstance(found, dict):
        raise ProtocolFault("the head of a frame is no object")
    fields_of = _Fields(found, body)
    build = _MESSAGES.get(fields_of.text("is"))
    if build is None:
        raise ProtocolFault("a frame holds a message we do not know")
    message = build(fields_of)
    fields_of.must_be_used_up()
    return message


class _Fields:
    """The fields of one frame, each read once, each of the kind that the reader expects."""

    def __init__(self, found: Mapping[str, Any], body: bytes = b"") -> None:
        self._left = dict(found)
        self._body = body

    def _take(self, name: str, *kinds: type[_T]) -> _T:
        value = self._left.pop(name, _MISSING)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ProtocolFault(f"field {name} is missing or of another kind")
        return value

    def text(self, name: str) -> str:
        return self._take(name, str)

    def count(self, name: str) -> int:
        value = self._take(name, int)
        if value < 0:
            raise ProtocolFault(f"field {name} is negative")
        return value

    def number(self, name: str) -> float:
        value = float(self._take(name, int, float))
        if not 0 <= value < inf:
            raise ProtocolFault(f"field {name} is no measure")
        return value

    def flag(self, name: str) -> bool:
        return self._take(name, bool)

    def code(self, name: str) -> FailureCode:
        try:
            return FailureCode(self.text(name))
        except ValueError:
            raise ProtocolFault(f"field {name} is no failure code") from None

    def inner(self, name: str) -> "_Fields":
        return _Fields(self._take(name, dict))

    def inners(self, name: str) -> "list[_Fields]":
        items = self._take(name, list)
        if not all(isinstance(item, dict) for item in items):
            raise ProtocolFault(f"field {name} is of another kind")
        return [_Fields(item) for item in items]

    def texts(self, name: str) -> tuple[str, ...]:
        items = self._take(name, list)
        if not all(isinstance(item, str) for item in items):
            raise ProtocolFault(f"field {name} is of another kind")
        return tuple(items)

    def made_by(self, name: str, build: Callable[[Mapping[str, Any]], _T]) -> _T:
        """A noun that reads itself; its complaint names a field, never a value."""
        try:
            return build(self._take(name, dict))
        except ValueError as fault:
            raise ProtocolFault(f"field {name}: {fault}") from None

    def scores(self, name: str) -> tuple[tuple[str, float], ...]:
        found = []
        for pair in self._take(name, list):
            match pair:
                case [str(label), float() | int() as score] if not isinstance(score, bool):
                    found.append((label, float(score)))
                case _:
                    raise ProtocolFault(f"field {name} is of another kind")
        return tuple(found)

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        found = []
        for pair in self._take(name, list):
            match pair:
                case [str(left), str(right)]:
                    found.append((left, right))
                case _:
                    raise ProtocolFault(f"field {name} is of another kind")
        return tuple(found)

    def preview(self) -> bytes | None:
        if self._left.get("preview", _MISSING) is None:
            del self._left["preview"]
            return None
        return self._cut([self.count("preview")])[0]

    def pictures(self, name: str) -> tuple[bytes, ...]:
        sizes = self._take(name, list)
        if not all(type(size) is int and size >= 0 for size in sizes):
            raise ProtocolFault(f"field {name} holds something else than sizes")
        return tuple(self._cut(sizes))

    def _cut(self, sizes: list[int]) -> list[bytes]:
        if sum(sizes) != len(self._body):
            raise ProtocolFault("the body of a frame is not as long as its head says")
        pieces, at = [], 0
        for size in sizes:
            pieces.append(self._body[at : at + size])
            at += size
        self._body = b""
        return pieces

    def must_be_used_up(self) -> None:
        if self._left or self._body:
            raise ProtocolFault("a frame holds more than its message has")


_MISSING = object()


def _setup(head: _Fields) -> Setup:
    return Setup(
        folder=head.text("folder"),
        device=head.text("device"),
        nice=head.count("nice"),
        preview_every=head.count("preview_every"),
        reproducible=head.flag("reproducible"),
        row_cap=head.count("row_cap"),
        picture_format=head.text("picture_format"),
        dtype=head.text("dtype"),
        profile_seconds=head.number("profile_seconds"),
        heartbeat_seconds=head.number("heartbeat_seconds"),
        classifier=head.text("classifier"),
        models=tuple(_source(one) for one in head.inners("models")),
    )


def _ready(head: _Fields) -> Ready:
    return Ready(
        device=head.text("device"),
        device_name=head.text("device_name"),
        dtype=head.text("dtype"),
        card=head.made_by("card", Card.from_mapping),
        profile=_profile(head.inner("profile")),
        row_cap=head.count("row_cap"),
        closed=head.texts("closed"),
        load_seconds=head.number("load_seconds"),
        memory_bytes=head.count("memory_bytes"),
        unfit=head.texts("unfit"),
    )


def _source(head: _Fields) -> Source:
    card, path = head.made_by("card", Card.from_mapping), head.text("path")
    source = Source(card, path, head.pairs("sums"))
    head.must_be_used_up()
    return source


def _profile(head: _Fields) -> Profile:
    return Profile(tuple(_step_time(time) for time in head.inners("times")))


def _step_time(head: _Fields) -> StepTime:
    width, height, samples = head.count("width"), head.count("height"), head.count("samples")
    if not width * height * samples:
        raise ProtocolFault("a measurement of nothing")
    return StepTime(width, height, samples, head.number("seconds"))


def _timings(head: _Fields) -> Timings:
    return Timings(
        head.number("denoise_ms"),
        head.number("decode_ms"),
        head.number("encode_ms"),
        head.number("measure_ms"),
    )


def _measure(head: _Fields) -> Measure:
    measure = Measure(head.text("fingerprint"), head.scores("scores"))
    head.must_be_used_up()
    return measure


_MESSAGES: dict[str, Callable[[_Fields], Message]] = {
    "Setup": _setup,
    "Run": lambda head: Run(
        head.text("job_id"), head.made_by("spec", Spec.from_mapping), head.pictures("inputs")
    ),
    "Cancel": lambda head: Cancel(head.text("job_id")),
    "Stop": lambda _: Stop(),
    "Ready": _ready,
    "Changing": lambda head: Changing(head.text("model")),
    "Unfit": lambda head: Unfit(head.code("code"), head.text("exception_class")),
    "Want": lambda head: Want(head.count("rows")),
    "Started": lambda head: Started(head.text("job_id")),
    "Progress": lambda head: Progress(
        head.text("job_id"), head.count("step"), head.count("steps"), head.preview()
    ),
    "Finished": lambda head: Finished(
        head.text("job_id"),
        head.pictures("pictures"),
        head.text("media_type"),
        _timings(head.inner("timings")),
        tuple(_measure(one) for one in head.inners("measures")),
    ),
    "Cancelled": lambda head: Cancelled(head.text("job_id"), head.count("steps_done")),
    "Failed": lambda head: Failed(
        head.text("job_id"), head.code("code"), head.text("exception_class")
    ),
    "Heartbeat": lambda _: Heartbeat(),
}
