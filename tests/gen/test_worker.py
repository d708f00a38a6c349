"""The worker as a process: silent, alone, and gone when its parent is."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from gen import launch
from gen.job import Spec
from gen.messages import (
    Failed,
    FailureCode,
    Finished,
    Heartbeat,
    Progress,
    Ready,
    Run,
    Setup,
    Stop,
    Unfit,
    Want,
)
from gen.protocol import Decoder, encode

CANARY = "canary7f3a"


class Child:
    """A worker process that is spoken to directly."""

    def __init__(self, where: Path, *, before: Sequence[str] = ()) -> None:
        where.mkdir()
        self.errors = where.parent / "stderr"
        self.heard = b""
        self._decoder = Decoder()
        self._waiting = []
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*before, *launch.command()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=launch.environment({"TMPDIR": str(where)}, threads=1),
                cwd=where,
            )

    def say(self, *messages) -> None:
        for message in messages:
            self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def hear(self, *kinds):
        """The next message of one of these kinds."""
        while True:
            while self._waiting:
                message = self._waiting.pop(0)
                if isinstance(message, kinds):
                    return message
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the worker has ended"
            self.heard += data
            self._waiting += self._decoder.feed(data)

    def ends(self) -> int:
        """Its exit code, once it has ended."""
        code = self.process.wait(timeout=30)
        self.process.stdin.close()
        self.process.stdout.close()
        return code


def setup(folder, **changes):
    """As a worker is told, but that it need not let all tests beside it go first."""
    return Setup(str(folder), profile_seconds=0.1, row_cap=4, nice=0, **changes)


def spec(prompt=CANARY, *, width=32, steps=3):
    return Spec(prompt=prompt, width=width, height=32, steps=steps, guidance=3.0, seeds=(1,))


@contextmanager
def born(where):
    child = Child(where)
    try:
        yield child
    finally:
        child.process.kill()
        child.ends()


@pytest.fixture
def child(tmp_path):
    with born(tmp_path / "home") as child:
        yield child


@dataclass
class Day:
    """All that one worker said and left behind, from its start to a polite stop."""

    messages: list
    said: bytes
    printed: bytes
    files: list
    command_line: list
    exit_code: int

    def of(self, kind):
        return [message for message in self.messages if isinstance(message, kind)]


@pytest.fixture(scope="module")
def day(tiny_folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("worker") / "home"
    with born(home) as child:
        child.say(setup(tiny_folder, preview_every=1, heartbeat_seconds=0.0))
        child.hear(Ready)
        child.say(Run("good", spec(f"{CANARY} " * 300)), Run("bad", spec(width=33)))
        for _ in range(2):
            child.hear(Finished, Failed)
        child.hear(Heartbeat)
        command_line = psutil.Process(child.process.pid).cmdline()
        child.say(Run("last", spec(steps=20)), Stop())
        child.hear(Finished)
        while data := os.read(child.process.stdout.fileno(), 65536):
            child.heard += data
        messages = Decoder().feed(child.heard)
        files = [path for path in home.rglob("*") if path.is_file()]
        printed = child.errors.read_bytes()
        return Day(messages, child.heard, printed, files, command_line, child.ends())


def test_a_prompt_is_repeated_nowhere(day):
    assert CANARY.encode() not in day.said
    assert CANARY not in " ".join(day.command_line)
    assert day.printed == b""


def test_it_makes_no_file(day):
    assert day.files == []


def test_it_says_what_became_of_each_job(day):
    assert [job.job_id for job in day.of(Finished)] == ["good", "last"]
    assert day.of(Failed) == [Failed("bad", FailureCode.PREPARE, "ValueError")]
    assert [one.step for one in day.of(Progress) if one.job_id == "good"] == [1, 2, 3]
    assert all(one.preview for one in day.of(Progress) if one.step < one.steps)


def test_its_timings_add_up(day):
    timings = day.of(Finished)[0].timings

    assert min(timings.denoise_ms, timings.decode_ms, timings.encode_ms, timings.measure_ms) > 0


def test_it_asks_for_as_much_as_it_has_room_for(day):
    given = 3  # pictures
    assert day.of(Want)[0] == Want(4)
    assert sum(want.rows for want in day.of(Want)) <= 4 + given


def test_told_to_stop_it_finishes_what_it_began_and_asks_for_no_more(day):
    end = day.messages.index(day.of(Finished)[-1])

    assert not any(isinstance(message, Want) for message in day.messages[end:])
    assert day.exit_code == 0


def test_it_ends_in_the_middle_of_a_job_when_its_parent_goes(child, tiny_folder):
    child.say(setup(tiny_folder), Run("a", spec(steps=900)))
    child.hear(Ready)
    child.process.stdin.close()

    assert child.process.wait(timeout=30) == 0


def test_a_folder_it_cannot_use_is_told_by_code_and_class_only(child, tmp_path):
    child.say(setup(tmp_path / CANARY))

    assert child.hear(Unfit) == Unfit(FailureCode.MODEL, "ModelFault")
    assert CANARY.encode() not in child.heard


def test_nonsense_on_its_pipe_ends_it(child):
    child.process.stdin.write(b"\xff" * 64)
    child.process.stdin.flush()

    assert child.ends() == 4
