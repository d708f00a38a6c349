"""A process that becomes silent and keeps to itself, seen from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CANARY = "canary"  # a word the tokenizer leaves in one piece

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's measures are Linux's")


def in_a_process(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process that has run a script."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True
    )


def test_after_taking_the_pipe_stray_prints_go_nowhere_not_even_those_of_c():
    done = in_a_process(
        "import ctypes, os\n"
        "from gen import hush\n"
        "reading, writing = hush.take_pipe()\n"
        "print('stray', flush=True); os.system('echo stray; echo stray >&2')\n"
        "ctypes.CDLL(None).write(2, b'stray', 5); ctypes.CDLL(None).perror(b'stray')\n"
        "os.write(writing, b'meant')\n"
    )

    assert ("meant", "") == (done.stdout, done.stderr)


def test_a_logger_of_a_library_is_silent_whatever_its_handlers():
    done = in_a_process(
        "import logging, sys\n"
        "from gen import hush\n"
        "logger = logging.getLogger('diffusers'); logger.propagate = False\n"
        "logger.addHandler(logging.StreamHandler(sys.stdout)); logger.setLevel(1)\n"
        "logger.critical('before')\n"
        "hush.silence()\n"
        "logger.critical('a prompt')\n"
    )

    assert "before\n" == done.stdout


def test_diffusers_cuts_a_long_prompt_off_and_no_longer_says_so(tiny_folder):
    done = in_a_process(
        "import sys\n"
        "from diffusers import StableDiffusionPipeline\n"
        "from gen import hush\n"
        "pipeline = StableDiffusionPipeline.from_pretrained(sys.argv[1])\n"
        "def cut(): pipeline.encode_prompt(sys.argv[2], 'cpu', 1, False)\n"
        "cut(); print('hushed', file=sys.stderr); hush.silence(); cut()\n",
        str(tiny_folder),
        f"{CANARY} " * 300,
    )

    before, after = done.stderr.split("hushed")
    assert CANARY in before
    assert CANARY not in after


_DIES_BY_ABORT = (
    "import os, resource, sys\n"
    "from gen import hush\n"
    "resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)[1:] * 2)\n"
    "child = os.fork()\n"
    "if not child:\n"
    "    os.chdir(sys.argv[2])\n"
    "    if sys.argv[1] == 'private': assert hush.keep_memory_private()\n"
    "    os.abort()\n"
    "print(os.WCOREDUMP(os.waitpid(child, 0)[1]))\n"
)


@linux_only
def test_a_crash_leaves_no_core(tmp_path):
    if "True\n" != in_a_process(_DIES_BY_ABORT, "careless", str(tmp_path)).stdout:
        pytest.skip("this machine keeps no core of anybody")
    for path in tmp_path.iterdir():
        path.unlink()

    assert "False\n" == in_a_process(_DIES_BY_ABORT, "private", str(tmp_path)).stdout
    assert [] == list(tmp_path.iterdir())


@linux_only
def test_another_process_of_the_same_user_cannot_look_into_it():
    done = in_a_process(
        "import ctypes, os\n"
        "from gen import hush\n"
        "if not os.getuid(): os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as every program starts\n"
        "def look():\n"
        "    if not (child := os.fork()):\n"
        "        for name in ('environ', 'mem', 'maps'):\n"
        "            try: open(f'/proc/{os.getppid()}/{name}').close(); print('seen', flush=True)\n"
        "            except PermissionError: print('refused', flush=True)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "look(); hush.keep_memory_private(); look()\n"
    )

    assert ["seen"] * 3 + ["refused"] * 3 == done.stdout.split(), done.stderr


@linux_only
def test_it_dies_with_its_parent():
    reading, writing = os.pipe()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal\n"
            "from gen import hush\n"
            "if not os.fork(): hush.die_with_parent(); os.kill(os.getppid(), 9); signal.pause()\n"
            "signal.pause()\n",
        ],
        cwd=ROOT,
        pass_fds=[writing],
    )
    os.close(writing)

    assert -9 == done.returncode
    assert b"" == os.read(reading, 1)  # the end of the pipe: nobody holds the other one any more
    os.close(reading)
