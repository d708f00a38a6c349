"""Whatever is done to an audit chain from outside, the first bad entry is named.

A seed makes a chain: how many entries, of what, concerning whom, how many had their time. Then
every entry of it is flipped, deleted, cut off with all after it, written anew with all hashes after
it, exchanged with the next; an entry and a concern are forged; and all is replaced by an older
copy. Each is done in SQL to the real file, and undone.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto.rootkey import Source
from bot.policy.chain import Broken, Flaw, Kept, Sound, State
from bot.storage import audit, soundness
from bot.storage.audit import Act, Actor, Deed, Entry
from bot.storage.database import Transaction, many
from bot.storage.memory import Memory, open_memory
from bot.storage.soundness import Chain
from tests.prove.mutants import patched
from tests.prove.report import Proof, Table

CHAIN, NOW, DAY = 700, 1_800_000_000, 86_400
COLUMNS = [name for name in Entry.__dataclass_fields__ if name not in {"chain", "seq"}]
PLACES = ("first", "middle", "last")
N = 3000


@dataclass
class Tally:
    """What was done, where, and what was not named as it should be."""

    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    copies: int = 0

    @property
    def tried(self) -> int:
        return sum(self.hits.values())


# --- what somebody with the file and without the keys can do; each says which entry it made bad


async def _flip(tx: Transaction, seq: int, chance: random.Random) -> int:
    column = chance.choice(COLUMNS)
    (row,) = await many(tx, f'SELECT "{column}" AS held FROM audit WHERE seq = ?', (seq,))
    held = row["held"]
    to = held + chance.choice((1, 60)) if isinstance(held, int) else _other(held, chance)
    await tx.execute(f'UPDATE audit SET "{column}" = ? WHERE seq = ?', (to, seq))
    return seq


async def _delete(tx: Transaction, seq: int, _: random.Random) -> int:
    await tx.execute("DELETE FROM audit WHERE seq = ?", (seq,))
    return seq


async def _truncate(tx: Transaction, seq: int, _: random.Random) -> int:
    await tx.execute("DELETE FROM audit WHERE seq >= ?", (seq,))
    return seq


async def _rewrite(tx: Transaction, seq: int, _: random.Random) -> int:
    """Another count, and every hash after it right again; the heads too, but their signatures."""
    rows = await many(tx, "SELECT * FROM audit WHERE seq >= ? ORDER BY seq", (seq,))
    prev = rows[0]["prev"]
    for row in rows:
        entry = dict(row) | {"prev": prev}
        entry["objects"] += row["seq"] == seq
        prev = audit.hash_of(entry)
        await tx.execute(
            "UPDATE audit SET objects = ?, prev = ?, hash = ? WHERE seq = ?",
            (entry["objects"], entry["prev"], prev, row["seq"]),
        )
        await tx.execute("UPDATE audit_heads SET hash = ? WHERE seq = ?", (prev, row["seq"]))
    return seq


async def _exchange(tx: Transaction, seq: int, _: random.Random) -> int:
    (last,) = await many(tx, "SELECT max(seq) AS seq FROM audit")
    other = seq + 1 if seq < last["seq"] else last["seq"] + 1  # of the last: moved on by one
    await tx.execute("UPDATE audit SET seq = -1 WHERE seq = ?", (seq,))
    await tx.execute("UPDATE audit SET seq = ? WHERE seq = ?", (seq, other))
    await tx.execute("UPDATE audit SET seq = ? WHERE seq = -1", (other,))
    return seq


async def _forge(tx: Transaction, seq: int, _: random.Random) -> int:
    """A copy of an entry as the newest, with the right hashes and somebody's old proof."""
    (row,) = await many(tx, "SELECT * FROM audit WHERE seq = ?", (seq,))
    (last,) = await many(tx, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    entry = dict(row) | {"seq": last["seq"] + 1, "prev": last["hash"]}
    entry["hash"] = audit.hash_of(entry)
    await tx.execute(
        f"INSERT INTO audit VALUES ({', '.join('?' * len(entry))})", (*entry.values(),)
    )
    return int(entry["seq"])


async def _concern(tx: Transaction, seq: int, chance: random.Random) -> int:
    forged = ("".join(chance.choices("0123456789abcdef", k=32)), "f" * 32)
    await tx.execute("INSERT INTO audit_subjects VALUES (?, ?, ?, 1, ?)", (CHAIN, seq, *forged))
    return seq


HARMS: dict[str, Callable[[Transaction, int, random.Random], Awaitable[int]]] = {
    "flip": _flip,
    "delete": _delete,
    "truncate": _truncate,
    "rewrite": _rewrite,
    "exchange": _exchange,
    "forge an entry": _forge,
    "forge a concern": _concern,
}


def _other(text: str, chance: random.Random) -> str:
    """Another text: one character changed, or one more."""
    at = chance.randrange(len(text) + 1)
    put = chance.choice("0123456789abcdef-=")
    changed = text[:at] + put + text[at + 1 :]
    return changed if changed != text else text + put


# --- playing


async def _grow(memory: Memory, chance: random.Random) -> list[Kept]:
    """Make a chain, prune some of it, and give the heads that were kept on the way."""
    kept = list[Kept]()
    at = NOW
    for _ in range(chance.randint(2, 9)):
        at += chance.choice((0, 60, DAY, 3 * DAY))
        people = [memory.keys.person(number) for number in chance.sample(range(1, 9), 2)]
        async with memory.db.transaction() as tx:
            act = Act(
                actor=chance.choice([*Actor]),
                by=memory.keys.person(chance.randint(1, 9)),
                act=chance.choice([*Deed]),
                scope=chance.choice(("user", "channel", "post=7d")),
                objects=chance.randrange(2000),
                result=chance.choice(("done", "cancelled")),
            )
            concerning = dict.fromkeys(people, chance.randint(0, 9))
            await audit.append(tx, memory.keys, CHAIN, act, now=at, concerning=concerning)
            head = await soundness.head(tx, CHAIN)
        assert head is not None
        kept.append(head)
    if chance.random() < 0.4:
        async with memory.db.transaction() as tx:
            await soundness.prune(tx, memory.keys, NOW + chance.randrange(at - NOW + 1))
    return kept


async def _harmed(memory: Memory, chance: random.Random, tally: Tally, kept: list[Kept]) -> None:
    async with memory.db.read() as tx:
        whole = await soundness.verify(tx, memory.keys, CHAIN, kept[-1])
    if not isinstance(whole, Sound):
        tally.failures.append(f"a chain as it was written is called {whole}")
        return
    for seq in range(whole.floor + 1, whole.head + 1):
        place = PLACES[(seq == whole.head) * 2 or int(seq > whole.floor + 1)]
        for name, harm in HARMS.items():
            async with memory.db.read() as tx:  # rolled back
                bad = await harm(tx, seq, chance)
                found = await soundness.verify(tx, memory.keys, CHAIN)
            tally.hits[name, place] += 1
            if not isinstance(found, Broken) or found.seq != bad:
                tally.passed[name] += 1
                tally.failures.append(f"{name} of entry {seq}, bad is {bad}: {found}")


async def _replaced(memory: Memory, tally: Tally, kept: list[Kept]) -> None:
    """All of it is an older copy, made when each head was kept: only that head shows it."""
    keys = memory.keys
    async with memory.db.read() as tx:
        whole = await soundness.read(tx, keys, CHAIN)
    floor = max((row["seq"] for row in whole.heads if row["name"] == audit.FLOOR), default=0)
    for older in kept[:-1]:
        if older.state.seq <= floor:
            continue
        copy = _until(whole, older)
        tally.copies += 1
        alone, against = soundness.check(copy, keys), soundness.check(copy, keys, kept[-1])
        if not isinstance(alone, Sound):
            tally.failures.append(f"an older copy is called {alone}: it was written so")
        if against != Broken(older.state.seq + 1, Flaw.ROLLED_BACK):
            tally.failures.append(f"an older copy against the kept head is called {against}")


def _until(whole: Chain, older: Kept) -> Chain:
    last: State = older.state
    head = {
        "chain": CHAIN,
        "name": audit.HEAD,
        "seq": last.seq,
        "hash": last.hash,
        "signature": older.signature,
    }
    return Chain(
        id=CHAIN,
        entries=[row for row in whole.entries if row["seq"] <= last.seq],
        subjects=[row for row in whole.subjects if row["seq"] <= last.seq],
        heads=[row for row in whole.heads if row["name"] == audit.FLOOR] + [head],  # type: ignore[list-item]  # read by name
        public=whole.public,
    )


def play(first: int, count: int) -> Tally:
    """Harm chains, seed by seed, until so much was done."""
    shared = Path("/dev/shm")  # fsync costs nothing there
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        return asyncio.run(_play(Path(folder), first, count))


async def _play(folder: Path, first: int, count: int) -> Tally:
    tally, seed = Tally(), first
    memory = await open_memory(folder / "data", Source(folder / "data.key"), {})
    try:
        while tally.tried < count:
            chance = random.Random(seed)
            kept = await _grow(memory, chance)
            await _harmed(memory, chance, tally, kept)
            await _replaced(memory, tally, kept)
            async with memory.db.transaction() as tx:
                await audit.forget_chain(tx, CHAIN)
            seed += 1
    finally:
        await memory.close()
    return tally


# --- the controls


@contextmanager
def unsigned() -> Iterator[None]:
    """A chain that is only hashed: whoever can write it can write it anew."""

    def links(chain: Chain, _: object, floor: State) -> Iterator[Broken]:
        before = floor
        for entry in chain.entries:
            is_linked = entry["seq"] == before.seq + 1 and entry["prev"] == before.hash
            if not is_linked or audit.hash_of(entry) != entry["hash"]:
                yield Broken(entry["seq"], Flaw.CHANGED)
                return
            before = State(entry["seq"], entry["hash"])

    with patched(soundness, _entries=links, _heads=lambda *_: iter(())):
        yield


def rewritten_unseen(first: int, count: int = 300) -> str:
    """Say how much of what was written anew passes where nothing is signed."""
    with unsigned():
        tally = play(first, count)
    done = sum(hits for (name, _), hits in tally.hits.items() if name == "rewrite")
    return f"{tally.passed['rewrite']} of {done} rewrites pass" if tally.passed["rewrite"] else ""


def prove(first: int, count: int = N) -> Proof:
    """Harm so many entries, and then the control."""
    began = time.monotonic()
    tally = play(first, count)
    return Proof(
        promise="Audit: whatever is done to a chain, its first bad entry is named",
        tried=tally.tried,
        trials="harms",
        seeds=f"seed {first}",
        figures=[f"{tally.copies} older copies: sound in themselves, each shown by a kept head"],
        tables=[Table("harm × entry", PLACES, dict.fromkeys(HARMS, PLACES), tally.hits)],
        controls={"a chain that nobody signs": rewritten_unseen(first)},
        failures=tally.failures,
        seconds=time.monotonic() - began,
    )
