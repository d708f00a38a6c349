"""One file, one writer, migrations that only go forward; what cannot be opened says why."""

import asyncio
import sqlite3
import stat

import pytest

from bot.errors import StartFault
from bot.storage.database import many, migrations, one, open_database

LADDERS = ("darkroom", "keys")


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "darkroom.db", "darkroom")
    yield opened
    await opened.close()


async def put(tx, name: str, value: str = "x") -> None:
    await tx.execute("INSERT INTO house VALUES (?, ?)", (name, value))


async def names(db) -> list[str]:
    async with db.read() as tx:
        return [row["name"] for row in await many(tx, "SELECT name FROM house ORDER BY name")]


# --- one writer ---------------------------------------------------------------------------------


async def test_what_is_committed_stays(db):
    async with db.transaction() as tx:
        await put(tx, "kept")

    assert ["kept"] == await names(db)


async def test_what_fails_leaves_nothing_behind(db):
    async def fails():
        async with db.transaction() as tx:
            await put(tx, "lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()

    assert [] == await names(db)


async def test_two_coroutines_never_share_a_transaction(db):
    inside, other_waits = asyncio.Event(), asyncio.Event()

    async def fails():
        async with db.transaction() as tx:
            await put(tx, "lost")
            inside.set()
            await other_waits.wait()
            raise ZeroDivisionError

    async def works():
        await inside.wait()
        asyncio.get_running_loop().call_soon(other_waits.set)
        async with db.transaction() as tx:
            await put(tx, "kept")

    answers = await asyncio.gather(fails(), works(), return_exceptions=True)

    assert [ZeroDivisionError, type(None)] == [type(answer) for answer in answers]
    assert ["kept"] == await names(db)


async def test_a_reader_sees_one_state_and_never_half_a_transaction(db):
    async def writes(number):
        async with db.transaction() as tx:
            await put(tx, f"{number} first")
            await put(tx, f"{number} second")

    async def reads():
        return len(await names(db))

    seen = await asyncio.gather(
        *(deed(n) for n in range(10) for deed in (writes, lambda _: reads()))
    )

    assert all(count % 2 == 0 for count in seen if count is not None)


async def test_nothing_written_while_reading_is_kept(db):
    async with db.read() as tx:
        await put(tx, "lost")

    assert [] == await names(db)


async def test_a_commit_that_fails_is_rolled_back_and_the_next_one_works(db):
    async def promises_a_job_that_never_comes():
        async with db.transaction() as tx:
            await tx.execute("PRAGMA defer_foreign_keys = 1")
            await put(tx, "lost")
            await tx.execute("INSERT INTO pictures VALUES ('no such job', 0, 'blob', 0, 0)")

    with pytest.raises(sqlite3.IntegrityError):
        await promises_a_job_that_never_comes()

    async with db.transaction() as tx:
        await put(tx, "kept")
    assert ["kept"] == await names(db)


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("kind", ["transaction", "read"])
async def test_whoever_is_cancelled_leaves_the_writer_free(db, kind, turns):
    """Cancelled at any await, of `BEGIN`, of a statement or of the end, nothing is left open."""

    async def works():
        async with getattr(db, kind)() as tx:
            await many(tx, "SELECT * FROM house")
            await put(tx, "perhaps")

    task = asyncio.create_task(works())
    for _ in range(turns):
        await asyncio.wait([task], timeout=0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async with db.transaction() as tx:
        await put(tx, "kept")
    assert "kept" in await names(db)


async def test_a_wanted_row_that_is_not_there_is_none(db):
    async with db.read() as tx:
        assert await one(tx, "SELECT * FROM house") is None
        assert [] == await many(tx, "SELECT * FROM house")


# --- what a file is opened with -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("temp_store", 2),
        ("mmap_size", 0),
        ("foreign_keys", 1),
    ],
)
async def test_a_file_is_opened_durable_and_without_traces(db, name, value):
    async with db.read() as tx:
        row = await one(tx, f"PRAGMA {name}")

    assert value == row[0]


async def test_the_files_are_for_us_alone(db, tmp_path):
    async with db.transaction() as tx:
        await put(tx, "anything")

    assert {"darkroom.db", "darkroom.db-wal", "darkroom.db-shm"} == {
        path.name for path in tmp_path.iterdir()
    }
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}


async def test_what_was_deleted_leaves_the_file_and_its_log(db, tmp_path):
    async with db.transaction() as tx:
        await put(tx, "xylophone", "xylophone" * 100)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM house")

    assert await db.forget_deleted()

    assert b"" == b"".join(
        path.read_bytes() for path in tmp_path.iterdir() if b"xylophone" in path.read_bytes()
    )
    assert 0 == (tmp_path / "darkroom.db-wal").stat().st_size


async def test_a_closed_file_has_no_log_beside_it(tmp_path):
    db = await open_database(tmp_path / "new" / "darkroom.db", "darkroom")
    async with db.transaction() as tx:
        await put(tx, "kept")

    await db.close()

    assert ["darkroom.db"] == [path.name for path in (tmp_path / "new").iterdir()]


# --- migrations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ladder", LADDERS)
async def test_an_empty_file_climbs_to_todays_schema_and_stays_there(tmp_path, ladder):
    for _ in range(2):
        db = await open_database(tmp_path / "some.db", ladder)
        async with db.read() as tx:
            version = await one(tx, "PRAGMA user_version")
            check = await one(tx, "PRAGMA integrity_check")
        await db.close()

        assert len(migrations(ladder)) == version[0]
        assert "ok" == check[0]


@pytest.mark.parametrize("ladder", LADDERS)
async def test_every_table_is_strict(tmp_path, ladder):
    db = await open_database(tmp_path / "some.db", ladder)
    async with db.read() as tx:
        tables = await many(tx, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    await db.close()

    assert [] == [
        row["name"] for row in tables if not row["strict"] and "sqlite" not in row["name"]
    ]


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"SQLite format 3\0" * 300])
async def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path, content):
    path = tmp_path / "darkroom.db"
    path.write_bytes(content)

    with pytest.raises(StartFault, match="cannot be opened as a database"):
        await open_database(path, "darkroom")

    assert content == path.read_bytes()


async def test_a_folder_where_the_file_should_be_is_refused(tmp_path):
    (tmp_path / "darkroom.db").mkdir()

    with pytest.raises(StartFault, match=r"darkroom\.db"):
        await open_database(tmp_path / "darkroom.db", "darkroom")


async def test_a_folder_that_cannot_be_written_is_refused_with_the_setting_to_change(tmp_path):
    (tmp_path / "a file").touch()

    with pytest.raises(StartFault, match="DATA_DIR"):
        await open_database(tmp_path / "a file" / "darkroom.db", "darkroom")
