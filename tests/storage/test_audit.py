"""Whatever is done to an audit chain from outside, `verify` names the first bad entry."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policy.chain import Broken, Flaw, Kept, Sound, State, read_kept
from bot.storage import audit, soundness
from bot.storage.audit import HOUSE, Act, Actor, Deed, Entry
from bot.storage.database import many

CAFE, ELSEWHERE = 700, 800
NOW = 1_800_000_000
DAY = 86_400
COLUMNS = [name for name in Entry.__dataclass_fields__ if name not in {"chain", "seq"}]


async def act_in(memory, chain=CAFE, *, at=NOW, by=22, concerning=None, objects=1):
    async with memory.db.transaction() as tx:
        return await audit.append(
            tx,
            memory.keys,
            chain,
            Act(
                actor=Actor.MODERATOR,
                by=memory.keys.person(by),
                act=Deed.PURGED,
                scope="user",
                objects=objects,
            ),
            now=at,
            concerning={
                memory.keys.person(who): count for who, count in (concerning or {}).items()
            },
        )


async def verified(memory, chain=CAFE, kept=None):
    async with memory.db.read() as tx:
        return await soundness.verify(tx, memory.keys, chain, kept)


async def head_of(memory, chain=CAFE) -> Kept:
    async with memory.db.read() as tx:
        found = await soundness.head(tx, chain)
    assert found is not None
    return found


async def pruned(memory, before):
    async with memory.db.transaction() as tx:
        return await soundness.prune(tx, memory.keys, before)


async def write(memory, sql, *values):
    async with memory.db.transaction() as tx:
        assert 1 <= (await tx.execute(sql, values)).rowcount


async def rows_of(memory, table):
    async with memory.db.read() as tx:
        return [dict(row) for row in await many(tx, f"SELECT * FROM {table}")]


async def rewritten(memory, seq, **changed):
    """What somebody with the database and without the keys can do: new words, new hashes after."""
    async with memory.db.transaction() as tx:
        rows = await many(tx, "SELECT * FROM audit WHERE chain = ? AND seq >= ?", (CAFE, seq))
        prev = rows[0]["prev"]
        for row in rows:
            entry = dict(row) | (changed if row["seq"] == seq else {}) | {"prev": prev}
            prev = audit.hash_of(entry)
            await tx.execute(
                "UPDATE audit SET objects = ?, prev = ?, hash = ? WHERE chain = ? AND seq = ?",
                (entry["objects"], entry["prev"], prev, CAFE, row["seq"]),
            )
        await tx.execute(
            "UPDATE audit_heads SET hash = ? WHERE chain = ? AND name = 'head'", (prev, CAFE)
        )


# --- what is sound


async def test_what_was_entered_is_sound_and_each_server_has_its_own_chain(memory):
    for number in range(5):
        assert number + 1 == await act_in(memory, at=NOW + number * 70)
    assert 1 == await act_in(memory, ELSEWHERE)

    assert Sound(entries=5, floor=0, head=5) == await verified(memory)
    assert Sound(entries=1, floor=0, head=1) == await verified(memory, ELSEWHERE)
    assert Sound(entries=0, floor=0, head=0) == await verified(memory, HOUSE)


async def test_an_entry_says_the_minute_and_nobodys_id(memory):
    await act_in(memory, at=NOW + 61, by=22, concerning={11: 3})

    (entry,) = await rows_of(memory, "audit")

    assert 0 == entry["at"] % 60
    assert "22" not in {entry["by"], entry["scope"], entry["result"]}


async def test_a_person_finds_the_entries_that_touched_things_of_theirs_newest_first(memory):
    ana, plum = memory.keys.person(11), memory.keys.person(12)
    await act_in(memory, at=NOW, concerning={11: 3, 12: 1}, objects=4)
    await act_in(memory, ELSEWHERE, at=NOW + DAY, concerning={11: 7}, objects=9)

    async with memory.db.read() as tx:
        of_ana, of_plum = [await audit.of_person(tx, who, 50) for who in (ana, plum)]

    assert [(ELSEWHERE, 7), (CAFE, 3)] == [(each.chain, each.objects) for each in of_ana]
    assert [(CAFE, 1)] == [(each.chain, each.objects) for each in of_plum]


async def test_an_erasure_takes_the_person_out_and_the_chain_still_holds(memory):
    await act_in(memory, concerning={11: 3, 12: 1})
    await act_in(memory, concerning={11: 2})

    async with memory.db.transaction() as tx:
        gone = await audit.forget_person(tx, memory.keys.person(11))

    assert 2 == gone
    assert [memory.keys.person(12)] == [
        row["person"] for row in await rows_of(memory, "audit_subjects")
    ]
    assert Sound(entries=2, floor=0, head=2) == await verified(memory)


async def test_a_server_that_is_erased_takes_its_chain_along_and_no_other(memory):
    await act_in(memory, concerning={11: 1})
    await act_in(memory, ELSEWHERE, concerning={11: 1})

    async with memory.db.transaction() as tx:
        assert 1 == await audit.forget_chain(tx, CAFE)

    for table in ("audit", "audit_heads", "audit_subjects"):
        assert {ELSEWHERE} == {row["chain"] for row in await rows_of(memory, table)}


# --- what is done from outside


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 5])
async def test_a_flipped_field_is_named(memory, column, seq):
    for number in range(5):
        await act_in(memory, at=NOW + number * 60)
    to = "+ 60" if column in {"at", "objects"} else "|| 'x'"

    await write(memory, f'UPDATE audit SET "{column}" = "{column}" {to} WHERE seq = ?', seq)

    assert Broken(seq, Flaw.CHANGED) == await verified(memory)


@pytest.mark.parametrize("seq", [1, 3, 4])
async def test_a_deleted_entry_is_named(memory, seq):
    for _ in range(5):
        await act_in(memory)

    await write(memory, "DELETE FROM audit WHERE seq = ?", seq)

    assert Broken(seq, Flaw.MISSING) == await verified(memory)


@pytest.mark.parametrize("first", [1, 3, 5])
async def test_a_tail_that_was_cut_off_is_named(memory, first):
    for _ in range(5):
        await act_in(memory)

    await write(memory, "DELETE FROM audit WHERE seq >= ?", first)

    assert Broken(first, Flaw.CUT_OFF) == await verified(memory)


@pytest.mark.parametrize("seq", [1, 3, 5])
async def test_a_chain_written_anew_from_an_entry_on_is_named_there(memory, seq):
    for _ in range(5):
        await act_in(memory)

    await rewritten(memory, seq, objects=0)

    assert Broken(seq, Flaw.CHANGED) == await verified(memory)


async def test_a_forged_head_is_named(memory):
    for _ in range(2):
        await act_in(memory)

    await write(memory, "UPDATE audit_heads SET seq = 1 WHERE name = 'head'")

    assert Broken(1, Flaw.UNSIGNED) == await verified(memory)


async def test_a_missing_head_is_named(memory):
    for _ in range(2):
        await act_in(memory)

    await write(memory, "DELETE FROM audit_heads WHERE name = 'head'")

    assert Broken(1, Flaw.BEYOND) == await verified(memory)


async def test_an_entry_behind_an_older_head_of_ours_is_named(memory):
    await act_in(memory)
    (older,) = [row for row in await rows_of(memory, "audit_heads") if row["name"] == "head"]
    await act_in(memory)

    await write(
        memory,
        "UPDATE audit_heads SET seq = ?, hash = ?, signature = ? WHERE name = 'head'",
        *(older[name] for name in ("seq", "hash", "signature")),
    )

    assert Broken(2, Flaw.BEYOND) == await verified(memory)


async def test_a_tail_cut_off_with_its_head_is_shown_by_the_signed_day(memory):
    await act_in(memory)
    (older,) = [row for row in await rows_of(memory, "audit_heads") if row["name"] == "head"]
    await act_in(memory)

    await write(memory, "DELETE FROM audit WHERE seq = 2")
    await write(
        memory,
        "UPDATE audit_heads SET seq = ?, hash = ?, signature = ? WHERE name = 'head'",
        *(older[name] for name in ("seq", "hash", "signature")),
    )

    assert Broken(2, Flaw.CUT_OFF) == await verified(memory)


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE audit_subjects SET objects = 0 WHERE seq = 2",
        "UPDATE audit_subjects SET person = 'f' WHERE seq = 2",
        "INSERT INTO audit_subjects SELECT chain, 2, 'somebody', objects, proof"
        " FROM audit_subjects WHERE seq = 1",
    ],
)
async def test_a_forged_row_of_whom_an_entry_concerns_is_named(memory, forged):
    for _ in range(2):
        await act_in(memory, concerning={11: 2})

    await write(memory, forged)

    assert Broken(2, Flaw.SUBJECT) == await verified(memory)


async def test_an_older_copy_is_sound_in_itself_and_a_kept_head_shows_it(memory):
    await act_in(memory)
    copy = {table: await rows_of(memory, table) for table in ("audit", "audit_heads")}
    await act_in(memory)
    kept = await head_of(memory)
    for table, rows in copy.items():
        await write(memory, f"DELETE FROM {table}")
        for row in rows:
            places = ", ".join("?" * len(row))
            await write(memory, f"INSERT INTO {table} VALUES ({places})", *row.values())

    assert Sound(entries=1, floor=0, head=1) == await verified(memory)
    assert Broken(2, Flaw.ROLLED_BACK) == await verified(memory, kept=kept)


async def test_another_history_with_our_own_keys_is_shown_by_a_kept_head(memory):
    """Somebody with the root key can write everything anew: what they cannot is change the line."""
    await act_in(memory, objects=5)
    kept = await head_of(memory)
    for table in ("audit", "audit_heads"):
        await write(memory, f"DELETE FROM {table}")
    await act_in(memory, objects=4)

    assert isinstance(await verified(memory), Sound)
    assert Broken(1, Flaw.ROLLED_BACK) == await verified(memory, kept=kept)


async def test_a_kept_line_is_ours_as_it_was_printed_and_not_when_it_was_edited(memory):
    await act_in(memory)
    line = (await head_of(memory)).line()
    async with memory.db.read() as tx:
        public = (await soundness.read(tx, memory.keys, CAFE)).public

    whole, edited = read_kept(f"  {line}\n"), read_kept(line.replace(".1.", ".2.", 1))

    assert whole is not None
    assert edited is not None
    assert soundness.is_ours(public, whole)
    assert not soundness.is_ours(public, edited)
    assert None is read_kept("darkroom-receipt.x.y")
    assert None is read_kept("")


# --- what has had its time


async def test_the_oldest_entries_go_and_a_signed_floor_takes_their_place(memory):
    for number in range(6):
        await act_in(memory, at=NOW + number * DAY, concerning={11: 1})
    kept = await head_of(memory)

    assert 4 == await pruned(memory, NOW + 4 * DAY)

    assert Sound(entries=2, floor=4, head=6) == await verified(memory, kept=kept)
    assert [5, 6] == [row["seq"] for row in await rows_of(memory, "audit_subjects")]
    names = Counter(row["name"] for row in await rows_of(memory, "audit_heads"))
    assert {"head": 1, "floor": 1} | {"2027-01-19": 1, "2027-01-20": 1} == names


async def test_a_chain_that_was_pruned_to_nothing_goes_on_where_it_was(memory):
    for number in range(3):
        await act_in(memory, at=NOW + number)

    assert 3 == await pruned(memory, NOW + DAY)
    assert 0 == await pruned(memory, NOW + DAY)
    assert Sound(entries=0, floor=3, head=3) == await verified(memory)

    assert 4 == await act_in(memory, at=NOW + 2 * DAY)
    assert Sound(entries=1, floor=3, head=4) == await verified(memory)


@pytest.mark.parametrize(
    "done",
    [
        "DELETE FROM audit_heads WHERE name = 'floor'",
        "UPDATE audit_heads SET seq = 4 WHERE name = 'floor'",
        "DELETE FROM audit WHERE seq = 4",
    ],
)
async def test_what_was_pruned_cannot_be_widened_from_outside(memory, done):
    for number in range(6):
        await act_in(memory, at=NOW + number * DAY)
    await pruned(memory, NOW + 3 * DAY)

    await write(memory, done)

    found = await verified(memory)
    assert isinstance(found, Broken)
    assert found.seq <= 4


async def test_a_broken_chain_is_not_made_sound_by_pruning(memory):
    for number in range(6):
        await act_in(memory, at=NOW + number * DAY, concerning={11: 1})
    await write(memory, "UPDATE audit SET objects = 0 WHERE seq = 2")

    assert 0 == await pruned(memory, NOW + 4 * DAY)

    assert Broken(2, Flaw.CHANGED) == await verified(memory)
    assert [5, 6] == [row["seq"] for row in await rows_of(memory, "audit_subjects")]


# --- everything at once


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), entries=st.integers(2, 7))
async def test_every_entry_of_a_random_chain_is_named_whatever_is_done_to_it(memory, seed, entries):
    chance = random.Random(seed)
    async with memory.db.transaction() as tx:
        await audit.forget_chain(tx, CAFE)
    for number in range(entries):
        await act_in(memory, at=NOW + number * chance.randrange(DAY), objects=chance.randrange(99))
    async with memory.db.read() as tx:
        whole = await soundness.read(tx, memory.keys, CAFE)
    assert isinstance(soundness.check(whole, memory.keys), Sound)
    column = chance.choice(COLUMNS)

    for seq in range(1, entries + 1):
        done = {
            "flip": f'UPDATE audit SET "{column}" = "{column}" || 1 WHERE seq = {seq}',
            "delete": f"DELETE FROM audit WHERE seq = {seq}",
            "truncate": f"DELETE FROM audit WHERE seq >= {seq}",
        }
        for statement in done.values():
            async with memory.db.read() as tx:  # rolled back
                await tx.execute(statement)
                found = await soundness.verify(tx, memory.keys, CAFE)
            assert isinstance(found, Broken)
            assert seq == found.seq


async def test_a_state_is_only_a_number_and_a_hash(memory):
    seq = await act_in(memory)

    async with memory.db.read() as tx:
        state = await audit.last_state(tx, CAFE)

    assert State(seq, (await rows_of(memory, "audit"))[0]["hash"]) == state
