"""Who may see what: everything that leaves the house is looked at in the moment it leaves.

The judge knows what the rules of the house do not tell him: which word belongs to which ask, who
asked, and what they wanted. He reads words, pictures, previews, file names and buttons alike.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.domain import Visibility
from bot.ports import Post
from bot.services.recall import ticket_of
from tests.fakes import FakeMessenger
from tests.prove.canaries import canaries_in

JOB = re.compile(rb"[0-9a-f]{32}")


@dataclass
class Known:
    """What is known of one job. A public one may be read in its channel until it is closed."""

    owner: int
    seen: Visibility
    word: str = ""
    channel: int | None = None
    closed_at: int | None = None  #: the step in which its owner took it out of others' sight

    def is_open_in(self, channel: int, step: int) -> bool:
        """Whether everybody may read of it here. What was on its way when it closed may arrive."""
        still = self.closed_at is None or self.closed_at == step
        return self.seen is Visibility.PUBLIC and self.channel == channel and still


@dataclass
class Judge:
    """Reads along. `breaches` are sentences without the words that leaked."""

    owners: dict[str, int] = field(default_factory=dict)  #: canary → who said it
    jobs: dict[str, Known] = field(default_factory=dict)
    askers: dict[str, int] = field(default_factory=dict)  #: interaction token → person
    step: int = 0
    looked_at: int = 0
    breaches: list[str] = field(default_factory=list)

    def post(self, what: str, channel: int, post: Post) -> None:
        """A message that is about to stand in a channel or a DM."""
        reader = channel - FakeMessenger.DM if channel >= FakeMessenger.DM else None
        content = _everything_in(post)
        self.looked_at += 1
        for word in canaries_in(content):
            if reader is None and not self._may_be_read(word, channel):
                self._breach(f"{what}: a secret in a channel")
            if reader is not None and reader != self.owners[word]:
                self._breach(f"{what}: a secret in another person's DM")
        jobs = self._jobs_in(content)
        if reader is None and not jobs:
            self._breach(f"{what}: a message in a channel that is of no job there")
        for job in jobs:
            known = self.jobs[job]
            if reader is None and not known.is_open_in(channel, self.step):
                self._breach(f"{what}: a {known.seen} job in a channel")
            if reader is not None and reader != known.owner:
                self._breach(f"{what}: a job in another person's DM")
        if reader is None and any(ticket_of(button.custom_id) for button in post.buttons):
            self._breach(f"{what}: a stealth recipe's key in a channel")

    def whisper(self, token: str, post: Post) -> None:
        """An ephemeral answer that is about to be written."""
        self.looked_at += 1
        reader, content = self.askers[token], _everything_in(post)
        for word in canaries_in(content):
            if self.owners[word] != reader:
                self._breach("whisper: a secret in another person's answer")
        for job in self._jobs_in(content):
            if self.jobs[job].owner != reader:
                self._breach("whisper: a job in another person's answer")

    def press(self, presser: int, owner: int, changed: bool) -> None:
        """A button that was pressed; `changed`: something came of it."""
        self.looked_at += 1
        if presser != owner and changed:
            self._breach("press: another person's button did something")

    def log(self, record: logging.LogRecord) -> None:
        """A line of whatever logger, with everything that hangs on it."""
        self.looked_at += 1
        held = [record.getMessage(), repr(record.args), repr(vars(record))]
        fault = record.exc_info[1] if record.exc_info else None
        while fault is not None:
            held.append(f"{fault!r} {fault}")
            fault = fault.__cause__ or fault.__context__
        if canaries_in("\n".join(held).encode()):
            self._breach(f"log: a secret in a line of {record.name}")

    def close(self, job: str) -> None:
        """From now on nothing of this job may be shown to others; what is on its way may arrive."""
        known = self.jobs.get(job)
        if known is not None and known.closed_at is None:
            known.closed_at = self.step

    def _may_be_read(self, word: str, channel: int) -> bool:
        jobs = [known for known in self.jobs.values() if known.word == word]
        return any(known.is_open_in(channel, self.step) for known in jobs)

    def _jobs_in(self, content: bytes) -> set[str]:
        found = {each.decode() for each in JOB.findall(content)}
        return found & self.jobs.keys()

    def _breach(self, said: str) -> None:
        self.breaches.append(said)


def _everything_in(post: Post) -> bytes:
    parts = [post.content.encode()]
    for file in post.files:
        parts += [file.filename.encode(), file.description.encode(), file.content]
    parts += [f"{button.custom_id} {button.label}".encode() for button in post.buttons]
    return b"\n".join(parts)


@contextmanager
def overheard(judge: Judge) -> Iterator[None]:
    """Hand every record of every logger to the judge while the block lasts."""
    ear, root, ours = _Ear(judge), logging.getLogger(), logging.getLogger("darkroom")
    level = ours.level
    root.addHandler(ear)
    ours.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(ear)
        ours.setLevel(level)


@contextmanager
def quiet() -> Iterator[None]:
    """Print no log lines; whoever listens still hears them."""
    nobody, root = logging.NullHandler(), logging.getLogger()
    root.addHandler(nobody)
    try:
        yield
    finally:
        root.removeHandler(nobody)


class _Ear(logging.Handler):
    def __init__(self, judge: Judge) -> None:
        super().__init__(logging.NOTSET)
        self.judge = judge

    def emit(self, record: logging.LogRecord) -> None:
        self.judge.log(record)
