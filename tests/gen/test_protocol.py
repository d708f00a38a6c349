"""Bytes to messages and back."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.card import Card
from gen.errors import ProtocolFault
from gen.job import Spec
from gen.messages import (
    Cancel,
    Cancelled,
    Failed,
    FailureCode,
    Finished,
    Heartbeat,
    Measure,
    Progress,
    Ready,
    Run,
    Setup,
    Started,
    Stop,
    Timings,
    Unfit,
    Want,
)
from gen.profile import Profile, StepTime
from gen.protocol import BODY_LIMIT_BYTES, Decoder, encode

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
counts = st.integers(0, 2**40)
milliseconds = st.floats(0, 1e9)
sizes = st.tuples(st.integers(1, 4096), st.integers(1, 4096))
specs = st.builds(
    Spec,
    prompt=names,
    negative_prompt=names,
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    steps=st.integers(1, 100),
    guidance=st.floats(-10, 50),
    seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=4).map(tuple),
    model=names,
)
cards = st.builds(
    Card,
    name=names,
    family=names,
    licence=names,
    guidance=st.floats(0, 50),
    sizes=st.lists(sizes, max_size=3).map(tuple),
    words=st.lists(names, max_size=3).map(tuple),
)
step_times = st.builds(
    StepTime, st.integers(1, 99), st.integers(1, 99), st.integers(1, 32), milliseconds
)
measures = st.builds(
    Measure, names, st.lists(st.tuples(names, st.floats(0, 1)), max_size=3).map(tuple)
)
messages = st.one_of(
    st.builds(
        Setup,
        folder=names,
        device=names,
        reproducible=st.booleans(),
        row_cap=counts,
        picture_format=names,
        dtype=names,
        classifier=names,
    ),
    st.builds(Run, names, specs),
    st.builds(Cancel, names),
    st.just(Stop()),
    st.builds(
        Ready,
        names,
        names,
        names,
        cards,
        st.builds(Profile, st.lists(step_times, max_size=3).map(tuple)),
        counts,
        st.lists(names, max_size=4).map(tuple),
    ),
    st.builds(Unfit, st.sampled_from(FailureCode), names),
    st.builds(Want, counts),
    st.builds(Started, names),
    st.builds(Progress, names, counts, counts, st.none() | st.binary(max_size=50)),
    st.builds(
        Finished,
        names,
        st.lists(st.binary(max_size=50), max_size=4).map(tuple),
        names,
        st.builds(Timings, milliseconds, milliseconds, milliseconds, milliseconds),
        st.lists(measures, max_size=4).map(tuple),
    ),
    st.builds(Cancelled, names, counts),
    st.builds(Failed, names, st.sampled_from(FailureCode), names),
    st.just(Heartbeat()),
)


@given(st.lists(messages, max_size=5), st.data())
def test_however_the_bytes_are_cut_the_same_messages_come_out(sent, data):
    stream = b"".join(encode(message) for message in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    decoder = Decoder()

    heard = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        heard += decoder.feed(stream[start:end])

    assert sent == heard


@given(st.binary(max_size=200))
def test_any_other_bytes_are_a_fault_or_an_unfinished_frame(noise):
    try:
        heard = Decoder().feed(noise)
    except ProtocolFault:
        return

    assert heard == []


def frame(head: bytes, body: bytes = b"") -> bytes:
    return struct.pack("!II", len(head), len(body)) + head + body


def _finished(measures: bytes) -> bytes:
    timings = b'{"denoise_ms":0,"decode_ms":0,"encode_ms":0,"measure_ms":0}'
    head = b'{"is":"Finished","job_id":"a","pictures":[],"media_type":"image/webp",'
    return head + b'"timings":' + timings + b"," + measures + b"}"


def test_a_whole_result_without_pictures_is_no_fault():
    (heard,) = Decoder().feed(frame(_finished(b'"measures":[]')))

    assert isinstance(heard, Finished)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"no json", b""),
        (b"[]", b""),
        (b"{}", b""),
        (b"[" * 100_000, b""),
        (b'{"is":"Exec","what":"rm"}', b""),
        (b'{"is":"Stop","more":1}', b""),
        (b'{"is":"Stop"}', b"a body it cannot have"),
        (b'{"is":"Want","rows":-1}', b""),
        (b'{"is":"Want","rows":true}', b""),
        (b'{"is":"Want","rows":"4"}', b""),
        (b'{"is":"Progress","job_id":"a","step":1,"steps":2,"preview":3}', b"1234"),
        (b'{"is":"Failed","job_id":"a","code":"bored","exception_class":"E"}', b""),
        (b'{"is":"Run","job_id":"a","spec":{"prompt":"x"}}', b""),
        (_finished(b'"measures":[1]'), b""),
        (_finished(b'"measures":[{"fingerprint":1,"scores":[]}]'), b""),
        (_finished(b'"measures":[{"fingerprint":"00"}]'), b""),
        (_finished(b'"measures":[{"fingerprint":"00","scores":[["a"]]}]'), b""),
        (_finished(b'"measures":[{"fingerprint":"00","scores":[["a",true]]}]'), b""),
        (_finished(b'"measures":[{"fingerprint":"00","scores":[["a","0.5"]]}]'), b""),
        (_finished(b'"measures":[{"fingerprint":"00","scores":[],"more":1}]'), b""),
    ],
)
def test_a_malformed_frame_is_a_fault(head, body):
    with pytest.raises(ProtocolFault):
        Decoder().feed(frame(head, body))


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e999", "-1.0"])
def test_a_measurement_that_no_clock_gives_is_refused(seconds):
    card = Card(name="a", family="sd", width=64, height=64, steps=4, guidance=3.0)
    measured = Profile((StepTime(64, 64, 1, 0.625),))
    head = encode(Ready("cpu", "a CPU", "float32", card, measured, 1))[8:]

    assert [measured] == [ready.profile for ready in Decoder().feed(frame(head))]
    with pytest.raises(ProtocolFault):
        Decoder().feed(frame(head.replace(b"0.625", seconds.encode())))


def test_a_frame_that_would_not_end_is_refused_at_its_first_bytes():
    with pytest.raises(ProtocolFault):
        Decoder().feed(struct.pack("!II", 10, BODY_LIMIT_BYTES + 1))


def test_a_fault_never_repeats_what_was_sent():
    spec = {"prompt": "a canary", "width": "wrong"}
    head = json.dumps({"is": "Run", "job_id": "canary", "spec": spec}).encode()

    with pytest.raises(ProtocolFault) as caught:
        Decoder().feed(frame(head))

    assert "canary" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__!r}"


@given(messages)
def test_no_message_prints_a_prompt_or_a_picture(message):
    if isinstance(message, Run) and len(message.spec.prompt) > 3:
        assert message.spec.prompt not in repr(message.spec)
    if isinstance(message, Finished):
        assert "pictures" not in repr(message)
