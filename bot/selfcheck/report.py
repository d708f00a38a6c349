"""What the operator reads at the end, and what is kept of it for `/privacy show`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bot.disclosure import commit
from bot.selfcheck.search import Row
from bot.selfcheck.table import Kind, Moment, Place
from bot.selfcheck.witness import Contacts
from bot.storage.datamap import SELFCHECK_FILE

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Verdict:
    """What the check found. `sandbox` is the one host that may be spoken to."""

    rows: tuple[Row, ...]
    patterns: dict[Kind, int]
    blind: tuple[str, ...]
    contacts: Contacts
    sandbox: str
    within_reach: dict[str, int]
    written_elsewhere: int
    untried_bytes: int

    @property
    def passed(self) -> bool:
        """Whether nothing was found, and the search was able to find."""
        return not any(self.problems())

    @property
    def searched_bytes(self) -> int:
        """How much was searched, every moment and place counted."""
        return sum(row.size_bytes for row in self.rows)

    def problems(self) -> Iterator[str]:
        """Name everything that is not as promised: what, where and when, never the thing."""
        found: dict[tuple[Kind, Place], list[Moment]] = {}
        for row in self.rows:
            for kind in row.finds:
                found.setdefault((kind, row.place), []).append(row.moment)
        for (kind, place), moments in found.items():
            yield f"found {kind} in {place}, when: {', '.join(moments)}"
        for moment in set(Moment) - {row.moment for row in self.rows}:
            yield f"there was no time to look when: {moment}"
        yield from self.blind
        for whose, parts in self.within_reach.items():
            if parts:
                yield f"the disk with its root key still opens {parts} parts of {whose}"
        for host in self.contacts.others_than(self.sandbox):
            yield f"the bot contacted {host}"
        if self.sandbox not in self.contacts.inside:
            yield "the witness in the bot's process saw nothing, not even the sandbox"
        if self.written_elsewhere:
            yield f"{self.written_elsewhere} files were opened for writing outside its folders"


def lines(verdict: Verdict) -> Iterator[str]:
    """Write the table."""
    yield f"{'when':<22}{'searched':<26}{'copies':>7}{'bytes':>12}  found"
    for row in verdict.rows:
        found = f"{len(row.finds)} kinds of things" if row.finds else "nothing"
        yield f"{row.moment:<22}{row.place:<26}{row.copies:>7}{row.size_bytes:>12,}  {found}"
    yield ""
    yield f"{'looked for':<44}{'patterns':>9}"
    for kind in Kind:
        count = verdict.patterns.get(kind, 0)
        yield f"{kind:<44}{count:>9,}" + ("" if count else "  (there was none to look for)")
    yield ""
    for whose, parts in verdict.within_reach.items():
        yield f"of {whose} the disk with its root key opens {parts or 'no'} parts"
    yield from _about_hosts(verdict)
    if verdict.untried_bytes:
        yield (
            f"Raw deflate, which has no mark, was not tried in the last {verdict.untried_bytes:,} "
            "bytes; zlib and gzip were, everywhere."
        )
    yield ""
    problems = list(verdict.problems())
    yield from (f"✗ {problem}" for problem in problems)
    if not problems:
        yield f"✓ {verdict.searched_bytes:,} bytes searched; nothing was where it may not be."


def _about_hosts(verdict: Verdict) -> Iterator[str]:
    contacts = verdict.contacts
    hosts = sorted(contacts.inside | contacts.outside)
    yield f"hosts contacted: {', '.join(hosts) or 'none'} (the sandbox is {verdict.sandbox})"
    yield "  inside the bot's process: every name, connection and datagram of Python's"
    if contacts.looks:
        refused = f", {contacts.refused} refused" if contacts.refused else ""
        yield (
            f"  from outside: {contacts.looks} looks at the connections of bot and worker"
            f"{refused}; what was over between two looks it cannot see"
        )
    else:
        yield "  from outside: nothing; bot and worker let only root look"
    yield "  the worker has no witness inside; `darkroom doctor` says what the kernel refuses it"


def counted(secrets: Iterator[tuple[Kind, int]]) -> dict[Kind, int]:
    """Add up the patterns of each kind."""
    total: Counter[Kind] = Counter()
    for kind, patterns in secrets:
        total[kind] += patterns
    return dict(total)


def keep(verdict: Verdict, data: Path, now: int) -> None:
    """Write the result into the operator's data folder, whole or not at all."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {
        "version": FORMAT_VERSION,
        "at": now,
        "passed": verdict.passed,
        "software": ", commit ".join(filter(None, (version("darkroom"), commit()))),
        "searched_bytes": verdict.searched_bytes,
        "patterns": sum(verdict.patterns.values()),
    }
    draft = data / f"{SELFCHECK_FILE}.new"
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(data / SELFCHECK_FILE)
