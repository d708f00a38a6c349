"""Worker processes that do as a test says: start in a moment, need no torch."""

import sys

_PRELUDE = """
import os, signal
from dataclasses import replace
from gen.card import Card
from gen.messages import *
from gen.profile import Profile, StepTime
from gen.protocol import Decoder, encode

def say(*messages):
    os.write(1, b"".join(map(encode, messages)))  # nobody can fall silent in the middle of it

def orders():
    decoder = Decoder()
    while data := os.read(0, 65536):
        yield from decoder.feed(data)

CARD = Card(name="scripted", family="sd")
READY = Ready("cpu", "a script", "none", CARD, Profile((StepTime(64, 64, 1, 1.0),)), 2)
"""


def command(script: str) -> list[str]:
    """The command line of a child with this script; it may `say` and read `orders()`."""
    return [sys.executable, "-c", _PRELUDE + script]


DIES_AT_ITS_FIRST_JOB = command("""
for order in orders():
    match order:
        case Setup():
            say(READY, Want(2))
        case Run():
            os._exit(9)
""")

WORKS_UNTIL_CANCELLED = command("""
for order in orders():
    match order:
        case Setup(device=device):
            say(replace(READY, device=device, row_cap=2), Want(2))
        case Run(job_id):
            say(Started(job_id))
        case Cancel(job_id):
            say(Cancelled(job_id, 1), Want(1))
        case Stop():
            break
""")

DIES_ONCE_READY = command("say(READY)")

SAYS_NOTHING = command("signal.pause()")

FALLS_SILENT_WITH_A_JOB = command("""
for order in orders():
    match order:
        case Setup():
            say(READY, Want(2))
        case Run():
            signal.pause()
""")

SPEAKS_NONSENSE = command("os.write(1, b'Traceback (most recent call last)'); signal.pause()")

CANNOT_LOAD = command('say(Unfit(FailureCode.LOAD, "OutOfMemoryError"))')

TELLS_ITS_ENVIRONMENT = command(
    'say(Unfit(FailureCode.LOAD, "\\n".join(f"{k}={v}" for k, v in os.environ.items())))'
)

NEVER_TIRES = command("""
for order in orders():
    match order:
        case Setup():
            say(READY, Want(2))
        case Run(job_id):
            say(Started(job_id), *(Progress(job_id, n, 99, b"%d" % n) for n in range(1, 99)))
            say(Progress(job_id, 99, 99), Finished(job_id, (b"x",), "image/webp"))
""")
