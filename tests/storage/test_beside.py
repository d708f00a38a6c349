"""A command of the operator's opens the data folder beside the running bot, and both stay right."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.crypto.rootkey import Source, next_of
from bot.errors import KeyGone, StartFault
from bot.policy.chain import Sound
from bot.storage import audit, soundness
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.database import many
from bot.storage.keyring import ROUTE
from bot.storage.memory import join_memory, visit
from tests.storage.rows import add_job

ROOT = Path(__file__).parents[2]
ACT = Act(actor=Actor.OPERATOR, by="", act=Deed.BLOCKED, scope="everywhere")
ENTRIES = 25

CHILD = f"""
import asyncio, sys
from pathlib import Path
from bot.crypto.rootkey import Source
from bot.policy.chain import Sound
from bot.storage import audit, soundness
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.memory import join_memory

async def main(data, key):
    memory = await join_memory(Path(data), Source(Path(key)))
    act = Act(actor=Actor.OPERATOR, by="", act=Deed.BLOCKED, scope="everywhere")
    for number in range({ENTRIES}):
        async with memory.db.transaction() as tx:
            await audit.append(tx, memory.keys, HOUSE, act, now=1_800_000_000 + number)
        async with memory.db.read() as tx:
            found = await soundness.verify(tx, memory.keys, HOUSE)
        assert isinstance(found, Sound), found
        await memory.keys.forget()
    await memory.close()

asyncio.run(main(*sys.argv[1:]))
"""

KILLED = """
import asyncio, sys
from pathlib import Path
from bot.crypto.rootkey import Source
from bot.storage import audit
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.memory import join_memory

async def main(data, key):
    memory = await join_memory(Path(data), Source(Path(key)))
    act = Act(actor=Actor.OPERATOR, by="", act=Deed.BLOCKED, scope="everywhere")
    async with memory.db.transaction() as tx:
        await audit.append(tx, memory.keys, HOUSE, act, now=1_800_000_000)
        print("written", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


def beside(tmp_path):
    return join_memory(tmp_path / "data", Source(tmp_path / "root.key"))


async def test_what_one_writes_the_other_reads_next(memory, tmp_path):
    joined = await beside(tmp_path)
    job = (await add_job(memory)).job

    key = await joined.keys.key(job, ROUTE)
    async with joined.db.transaction() as tx:
        await audit.append(tx, joined.keys, HOUSE, ACT, now=60)
    async with memory.db.read() as tx:
        seen = await soundness.verify(tx, memory.keys, HOUSE)
    await joined.close()

    assert key == await memory.keys.key(job, ROUTE)
    assert memory.keys.person(11) == joined.keys.person(11)
    assert Sound(entries=1, floor=0, head=1) == seen


async def test_several_processes_append_and_verify_while_the_bot_works(memory, tmp_path):
    """Each entry follows the last one, whoever wrote it, and no file is ever met busy."""
    children = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CHILD, str(tmp_path / "data"), str(tmp_path / "root.key")),
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for number in range(ENTRIES):
        async with memory.db.transaction() as tx:
            await audit.append(tx, memory.keys, HOUSE, ACT, now=1_800_000_000 + number)
        await memory.keys.forget()
        await memory.db.forget_deleted()
    told = [(await child.communicate())[1].decode() for child in children]

    async with memory.db.read() as tx:
        found = await soundness.verify(tx, memory.keys, HOUSE)
        (state,) = await many(tx, "PRAGMA integrity_check")
    assert ["", ""] == told
    assert Sound(entries=3 * ENTRIES, floor=0, head=3 * ENTRIES) == found
    assert "ok" == state[0]


async def test_a_command_that_is_killed_in_its_turn_leaves_nothing_behind_and_holds_up_nobody(
    memory, tmp_path
):
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(tmp_path / "data"), str(tmp_path / "root.key")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    assert b"written\n" == await child.stdout.readline()
    waiting = asyncio.create_task(_writes(memory))
    child.kill()
    await child.wait()

    await waiting

    async with memory.db.read() as tx:
        assert Sound(entries=1, floor=0, head=1) == await soundness.verify(tx, memory.keys, HOUSE)


async def test_what_a_command_destroyed_and_did_not_forget_the_bot_forgets(memory, tmp_path):
    job = (await add_job(memory)).job
    async with memory.keys._database.read() as tx:
        rows = await many(tx, "SELECT wrapped FROM item_keys WHERE item = ?", (job,))
    assert await memory.keys.forget()
    joined = await beside(tmp_path)

    await joined.keys.destroy(job, "recipe", "picture", "route")
    await joined.keys.drop_bare_days()
    await joined.close()  # as one that was killed: it never called `forget`

    with pytest.raises(KeyGone):
        await memory.keys.key(job, ROUTE)
    while not await memory.keys.forget():
        pass
    on_disk = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("keys.db*"))
    assert [] == [row for row in rows if row["wrapped"] in on_disk]


async def test_a_file_that_nobody_changed_is_not_rewritten_again(memory, tmp_path):
    await add_job(memory)
    assert await memory.keys.forget()
    before = (tmp_path / "data" / "keys.db").stat().st_mtime_ns

    for _ in range(3):
        assert await memory.keys.forget()

    assert before == (tmp_path / "data" / "keys.db").stat().st_mtime_ns


async def test_a_turn_that_is_held_is_waited_for_and_one_that_is_cancelled_holds_nothing(
    memory, tmp_path
):
    joined = await beside(tmp_path)
    async with memory.db.transaction():
        waiting = asyncio.create_task(joined.db.empty_log())
        cancelled = asyncio.create_task(joined.keys.forget())
        writing = asyncio.create_task(_writes(joined))
        await cancelled
        assert not waiting.done()
        assert not writing.done()
        writing.cancel()
    await asyncio.wait({writing})

    assert await waiting
    assert writing.cancelled()
    async with memory.db.transaction():
        pass
    await joined.close()


async def _writes(memory):
    async with memory.db.transaction() as tx:
        await audit.append(tx, memory.keys, HOUSE, ACT, now=60)


async def test_a_command_holds_no_stealth_key_and_leaves_the_bots_alone(memory, tmp_path):
    memory.keys.stealth.new("a" * 32, "recipe")
    joined = await beside(tmp_path)

    held = joined.keys.stealth.items()
    await joined.close()

    assert [] == held
    assert [("a" * 32, "recipe")] == memory.keys.stealth.items()


# --- what is refused


async def test_a_folder_without_data_is_named_and_nothing_is_made_in_it(tmp_path):
    with pytest.raises(StartFault, match="there is no data in"):
        await beside(tmp_path)

    assert not (tmp_path / "data").exists()


async def test_an_older_schema_is_left_to_the_bot(open_again, tmp_path):
    memory = await open_again()
    async with memory.db._turn:
        await memory.db._connection.execute("PRAGMA user_version = 2")
    await memory.close()

    with pytest.raises(StartFault, match="start the bot once"):
        await beside(tmp_path)


async def test_while_a_rotation_is_half_done_nobody_joins(memory, tmp_path):
    next_of(tmp_path / "root.key").write_bytes(b"x" * 32)

    with pytest.raises(StartFault, match="half done"):
        await beside(tmp_path)


async def test_whoever_replaces_keys_keeps_commands_out_and_waits_for_those_inside(
    memory, tmp_path
):
    joined = await beside(tmp_path)
    with pytest.raises(StartFault, match="another command"):
        visit(tmp_path / "data", alone=True)
    await joined.close()

    alone = visit(tmp_path / "data", alone=True)
    with pytest.raises(StartFault, match="another command"):
        await beside(tmp_path)
    os.close(alone)
    await (await beside(tmp_path)).close()
