"""Whether an audit chain is what this house wrote, and what becomes of its oldest entries.

Everything is judged by what only we can make: the proof of each entry, the signatures of floor and
heads, the proof of each row that says whom an entry concerns. That such a row is gone is no flaw:
an erasure takes them out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from bot import log
from bot.crypto import receipts
from bot.policy.chain import Broken, Flaw, Kept, Sound, State
from bot.storage import audit
from bot.storage.audit import FLOOR, GENESIS, HEAD
from bot.storage.database import Row, Transaction, many, one
from bot.storage.keyring import Keyring


@dataclass(frozen=True)
class Chain:
    """One chain as it was read. Checking it needs no transaction."""

    id: int
    entries: list[Row]
    subjects: list[Row]
    heads: list[Row]
    public: bytes


async def read(tx: Transaction, keys: Keyring, chain: int, *, up_to: int = 2**63 - 1) -> Chain:
    """Read a chain, to its end or up to an entry."""
    entries = "SELECT * FROM audit WHERE chain = ? AND seq <= ? ORDER BY seq"
    return Chain(
        id=chain,
        entries=await many(tx, entries, (chain, up_to)),
        subjects=await many(
            tx, "SELECT * FROM audit_subjects WHERE chain = ? ORDER BY seq", (chain,)
        ),
        heads=await many(tx, "SELECT * FROM audit_heads WHERE chain = ? ORDER BY seq", (chain,)),
        public=receipts.public_key(await keys.receipt_seed()),
    )


async def verify(
    tx: Transaction, keys: Keyring, chain: int, kept: Kept | None = None
) -> Sound | Broken:
    """Read and check one chain, also against a head that was kept elsewhere."""
    return check(await read(tx, keys, chain), keys, kept)


def check(chain: Chain, keys: Keyring, kept: Kept | None = None) -> Sound | Broken:
    """Name the first bad entry of a chain, or say that there is none."""
    floor = _floor(chain)
    flaws = [*_flaws(chain, keys, floor)]
    if not flaws and kept is not None:
        flaws = [*_against(chain, floor, kept)]
    if flaws:
        return min(flaws, key=lambda flaw: flaw.seq)
    last = chain.entries[-1]["seq"] if chain.entries else floor.seq
    return Sound(entries=len(chain.entries), floor=floor.seq, head=last)


def is_ours(public: bytes, kept: Kept) -> bool:
    """Say whether this house signed a line that was kept."""
    return receipts.is_signed(public, audit.stated(kept.chain, HEAD, kept.state), kept.signature)


async def head(tx: Transaction, chain: int) -> Kept | None:
    """Give the newest signed state of a chain, for keeping elsewhere."""
    row = await one(
        tx,
        "SELECT seq, hash, signature FROM audit_heads WHERE chain = ? AND name = ?",
        (chain, HEAD),
    )
    return Kept(chain, State(row["seq"], row["hash"]), row["signature"]) if row else None


async def prune(tx: Transaction, keys: Keyring, before: int) -> int:
    """Forget the entries made before a moment: a signed floor takes their place. Says how many.

    A chain that is broken among them keeps them, as evidence; whom they concern is forgotten all
    the same. Signed states from before the floor go with them, but never the head.
    """
    pruned = 0
    old = await many(tx, "SELECT DISTINCT chain FROM audit WHERE at < ?", (before,))
    for chain in [row["chain"] for row in old]:
        last = await one(
            tx,
            "SELECT seq, hash FROM audit WHERE chain = ?1 AND seq < coalesce("
            " (SELECT min(seq) FROM audit WHERE chain = ?1 AND at >= ?2), seq + 1)"
            " ORDER BY seq DESC LIMIT 1",
            (chain, before),
        )
        if last is None:
            continue
        found = await read(tx, keys, chain, up_to=last["seq"])
        await tx.execute(
            "DELETE FROM audit_subjects WHERE chain = ? AND seq <= ?", (chain, last["seq"])
        )
        if not await asyncio.to_thread(_is_sound_so_far, found, keys):  # 5,000 entries: 0.2 s
            log.event("audit.broken")
            continue
        await audit.sign_state(tx, keys, chain, FLOOR, State(last["seq"], last["hash"]))
        await tx.execute(
            "DELETE FROM audit_heads WHERE chain = ? AND seq <= ? AND name NOT IN (?, ?)",
            (chain, last["seq"], HEAD, FLOOR),
        )
        gone = await tx.execute(
            "DELETE FROM audit WHERE chain = ? AND seq <= ?", (chain, last["seq"])
        )
        pruned += gone.rowcount
    return pruned


# --- what may be wrong


def _is_sound_so_far(chain: Chain, keys: Keyring) -> bool:
    """Whether a chain holds from its floor to the last entry that was read of it."""
    floor = _floor(chain)
    is_stated = floor == GENESIS or any(
        row["name"] == FLOOR and _is_signed(chain, row) for row in chain.heads
    )
    return is_stated and not [*_entries(chain, keys, floor)]


def _flaws(chain: Chain, keys: Keyring, floor: State) -> Iterator[Broken]:
    yield from _entries(chain, keys, floor)
    yield from _heads(chain, floor)
    yield from _subjects(chain, keys, floor)


def _entries(chain: Chain, keys: Keyring, floor: State) -> Iterator[Broken]:
    """Name the first entry that is missing or is not what we wrote."""
    before = floor
    for entry in chain.entries:
        state = State(entry["seq"], entry["hash"])
        if state.seq != before.seq + 1:
            yield Broken(min(state.seq, before.seq + 1), Flaw.MISSING)
            return
        is_whole = audit.hash_of(entry) == state.hash and entry["prev"] == before.hash
        if not is_whole or audit.proof_of(keys, chain.id, state) != entry["proof"]:
            yield Broken(state.seq, Flaw.CHANGED)
            return
        before = state


def _heads(chain: Chain, floor: State) -> Iterator[Broken]:
    """Name what a signed state says otherwise, or what no signed state covers."""
    hashes = {floor.seq: floor.hash} | {each["seq"]: each["hash"] for each in chain.entries}
    last, newest = max(hashes), floor.seq
    for row in chain.heads:
        state = State(row["seq"], row["hash"])
        newest = max(newest, state.seq if row["name"] == HEAD else 0)
        if not _is_signed(chain, row):
            yield Broken(max(1, min(state.seq, last)), Flaw.UNSIGNED)
        elif state.seq > last:
            yield Broken(last + 1, Flaw.CUT_OFF)
        elif hashes.get(state.seq, state.hash) != state.hash:
            yield Broken(state.seq, Flaw.UNSTATED)
    if newest < last:
        yield Broken(newest + 1, Flaw.BEYOND)


def _is_signed(chain: Chain, row: Row) -> bool:
    text = audit.stated(chain.id, row["name"], State(row["seq"], row["hash"]))
    return receipts.is_signed(chain.public, text, row["signature"])


def _subjects(chain: Chain, keys: Keyring, floor: State) -> Iterator[Broken]:
    known = {entry["seq"] for entry in chain.entries}
    for row in chain.subjects:
        proof = audit.subject(keys, chain.id, row["seq"], row["person"], row["objects"])
        is_ours = proof == row["proof"]
        if not is_ours or (row["seq"] not in known and row["seq"] > floor.seq):
            yield Broken(row["seq"], Flaw.SUBJECT)


def _against(chain: Chain, floor: State, kept: Kept) -> Iterator[Broken]:
    """Name where a chain differs from what was kept: it was replaced by an older copy, or anew."""
    hashes = {floor.seq: floor.hash} | {each["seq"]: each["hash"] for each in chain.entries}
    last = max(hashes)
    if kept.state.seq > last:
        yield Broken(last + 1, Flaw.ROLLED_BACK)
    elif hashes.get(kept.state.seq, kept.state.hash) != kept.state.hash:
        yield Broken(kept.state.seq, Flaw.ROLLED_BACK)


def _floor(chain: Chain) -> State:
    """Give the state that the oldest entry follows, whether or not its signature holds."""
    return next(
        (State(row["seq"], row["hash"]) for row in chain.heads if row["name"] == FLOOR), GENESIS
    )
