"""The worker behind its closed doors: what a second thread of it still reaches.

The same attempts are made by a process with open doors: what fails there too proves nothing.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gen import doors, images, launch, safety
from gen.messages import Finished, Ready, Run
from tests import tiny_classifier
from tests.gen.test_worker import Child, setup, spec

ROOT = Path(__file__).parents[2]
PROBE = Path(__file__).with_name("probe.py")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's measures are Linux's")


@dataclass
class House:
    """A house of the test's own: code, settings, keys and data, as they lie beside each other."""

    folder: Path
    memory: Path
    model: Path
    sockets: dict[str, str]
    probes: int = 0

    def probe(self, *, close: bool) -> dict:
        """What a process with closed, or open, doors says of itself."""
        self.probes += 1
        victims = [self.folder / "data" / f"{self.probes}{name}" for name in "abc"]
        for path in victims:
            path.write_bytes(b"precious")
        told = {
            "close": close,
            "model": str(self.model),
            "secrets": [str(self.folder / name) for name in (".env", "data.key", "data/keys.db")]
            + [
                str(self.memory / "job.recipe"),
                "/etc/passwd",
                f"/proc/{os.getpid()}/mem",
                "/proc/1/cmdline",
            ],
            "folders": [str(self.folder), str(self.folder / "data"), str(self.memory), "/tmp"],
            "own": [str(self.folder / "gen"), str(self.model), "/dev/shm"],
            "victim": str(victims[0]),
            "victims": [str(path) for path in victims[1:]],
            **self.sockets,
        }
        done = subprocess.run(
            [sys.executable, "-P", str(PROBE), json.dumps(told)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=launch.environment(os.environ, 1) | {"PYTHONPATH": str(self.folder)},
        )
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def house(tmp_path_factory, tiny_folder):
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "gen", folder / "gen", ignore=shutil.ignore_patterns("pocket"))
    (folder / "data").mkdir()
    for name in (".env", "data.key", "data/keys.db"):
        (folder / name).write_text("secret")
    with ExitStack() as closing:
        memory = Path(closing.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm")))
        (memory / "job.recipe").write_text("secret")
        stream, datagrams = str(memory / "stream"), str(memory / "datagrams")
        nameless = f"\0darkroom-test-{os.getpid()}"
        for kind, address in (
            (socket.SOCK_STREAM, stream),
            (socket.SOCK_DGRAM, datagrams),
            (socket.SOCK_STREAM, nameless),
        ):
            one = closing.enter_context(socket.socket(socket.AF_UNIX, kind))
            one.bind(address)
            if kind == socket.SOCK_STREAM:
                one.listen()
        sockets = {"stream": stream, "datagrams": datagrams, "nameless": nameless}
        yield House(folder, memory, tiny_folder, sockets)


@pytest.fixture(scope="module")
def closed(house):
    found = house.probe(close=True)
    if list(doors.Door) != found["closed"]:
        pytest.skip(f"this kernel or container closes only {found['closed']}")
    return found


@pytest.fixture(scope="module")
def unclosed(house):
    return house.probe(close=False)


@pytest.mark.parametrize("thread", ["early", "late"])
def test_no_thread_of_it_reaches_anything(closed, thread):
    assert [] == [name for name, what in closed[thread].items() if what == "open"]


NEEDS_MORE = {"socket AF_PACKET", "socket AF_VSOCK", "io_uring", "x32", "ptrace", "label"}
"""What a kernel, a container or an ordinary user may lack with open doors, too."""


def test_with_open_doors_each_of_these_attempts_succeeds(unclosed):
    failed = {name for name, what in unclosed["late"].items() if what != "open"}

    assert set() == failed - NEEDS_MORE


@pytest.mark.parametrize("call", ["socket AF_INET", "io_uring", "x32", "ptrace", "sendmsg"])
def test_it_is_the_filter_that_refuses(closed, call):
    if call in {"x32", "ptrace"} and os.uname().machine != "x86_64":
        pytest.skip("other numbers here")
    assert "EACCES" == closed["late"][call]


def test_what_it_needs_still_works(closed, unclosed):
    assert ["processor", "tiny"] == closed["works"]
    assert closed["works"] == unclosed["works"]


_32_BIT = """
import ctypes, mmap, sys
from pathlib import Path
from gen import doors
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes.fromhex("b814000000cd80c3"))  # getpid of a 32-bit program
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
before = call()
doors.close(Path("/nonexistent"))
print(before > 0, call())
"""


_LIBRARY = """
import ctypes.util
from pathlib import Path
from gen import doors
doors.close(Path("/nonexistent"))
print(ctypes.util.find_library("dl"))
"""


def test_a_library_that_is_looked_for_by_name_starts_no_program():
    """As torch for CUDA does where a compiler is installed: its search must not raise."""
    command = [sys.executable, "-c", _LIBRARY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert ("None\n", 0) == (done.stdout, done.returncode)


def test_a_call_of_another_machine_type_is_refused():
    done = subprocess.run([sys.executable, "-c", _32_BIT], cwd=ROOT, capture_output=True, text=True)
    if os.uname().machine != "x86_64" or done.returncode < 0:
        pytest.skip("this kernel knows no 32-bit calls")

    assert ["True", "-13"] == done.stdout.split()


@pytest.fixture(scope="module")
def at_work(house, tmp_path_factory):
    """A real worker, what it said when it was ready, its status then, and the job it finished.

    Its model lies behind links, as in the cache of Hugging Face, and a classifier beside it.
    """
    folder = tmp_path_factory.mktemp("cache")
    classifier = tiny_classifier.make(folder / "classifier", says="nsfw")
    blobs, snapshot = folder / "blobs", folder / "snapshots" / "1"
    shutil.copytree(house.model, snapshot)
    blobs.mkdir()
    for number, path in enumerate(path for path in snapshot.rglob("*") if path.is_file()):
        path.rename(blobs / str(number))
        path.symlink_to(blobs / str(number))
    child = Child(folder / "home")
    child.say(setup(snapshot, classifier=str(classifier)), Run("a", spec()))
    ready = child.hear(Ready)
    status = Path(f"/proc/{child.process.pid}/status").read_text()
    yield ready, status, child.hear(Finished)
    child.process.kill()
    child.ends()


def test_the_real_worker_works_behind_closed_doors(at_work, closed):
    ready, status, finished = at_work

    assert tuple(doors.Door) == ready.closed
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert "a" == finished.job_id


def test_a_model_in_the_cache_of_hugging_face_is_read_through_its_links(at_work):
    ready, _, finished = at_work

    assert ("cpu", 1) == (ready.device, len(finished.pictures))


def test_a_worker_behind_closed_doors_measures_each_picture(at_work):
    _, _, finished = at_work

    (measure,) = finished.measures
    assert safety.fingerprint(images.decode(finished.pictures[0])) == measure.fingerprint
    assert dict(measure.scores)["nsfw"] > 0.99


def test_on_an_old_kernel_it_works_all_the_same_and_says_what_is_open(tiny_folder, tmp_path):
    old_kernel = [sys.executable, str(ROOT / "tests" / "old_kernel.py")]
    child = Child(tmp_path / "home", before=old_kernel)
    try:
        child.say(setup(tiny_folder), Run("a", spec()))

        assert (doors.Door.MEMORY,) == child.hear(Ready).closed
        assert "a" == child.hear(Finished).job_id
    finally:
        child.process.kill()
        child.ends()


_STARTS_LATE = """
import sys, threading
from pathlib import Path
from gen import doors
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(*doors.close(Path("/nonexistent")))
"""


def test_doors_closed_too_late_for_another_thread_are_not_called_closed(closed):
    done = subprocess.run(
        [sys.executable, "-c", _STARTS_LATE], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ["memory", "calls"] == done.stdout.split()


def test_the_probe_of_doctor_says_the_same(tiny_folder, closed):
    done = subprocess.run(
        launch.probe(tiny_folder),
        capture_output=True,
        text=True,
        check=True,
        env=launch.environment(os.environ),
    )

    assert closed["closed"] == done.stdout.split()


def test_the_workers_first_imports_know_no_library():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import gen.worker, sys; print([name for name in sys.modules if name in "
            "('torch', 'numpy', 'PIL', 'diffusers', 'transformers', 'safetensors')])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[]" == done.stdout.strip()
