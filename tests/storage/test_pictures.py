"""Sealed pictures wait in files with names that say nothing."""

import stat

import pytest

from bot.errors import KeyGone
from bot.storage import pictures
from bot.storage.pictures import Blobs
from tests.storage.rows import add_job


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


def test_a_file_is_read_back_as_it_was_written(blobs):
    name = blobs.put(b"sealed")

    assert b"sealed" == blobs.get(name)
    assert [name] == blobs.names()


def test_files_are_for_us_alone_and_their_names_are_random(blobs):
    names = {blobs.put(b"the same") for _ in range(20)}

    assert 20 == len(names)
    assert {32} == {len(name) for name in names}
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in blobs.folder.iterdir()}
    assert 0o700 == stat.S_IMODE(blobs.folder.stat().st_mode)


def test_a_dropped_file_is_gone_and_dropping_it_again_is_no_fault(blobs):
    name = blobs.put(b"sealed")

    blobs.drop([name])
    blobs.drop([name, "never there"])

    assert [] == blobs.names()
    with pytest.raises(KeyGone):
        blobs.get(name)


async def test_the_pictures_of_a_job_keep_their_order(memory):
    job = (await add_job(memory)).job
    async with memory.db.transaction() as tx:
        await pictures.add(tx, job, ["z", "a", "m"], now=1000, expires_at=2000)

    async with memory.db.read() as tx:
        assert ["z", "a", "m"] == await pictures.of(tx, job)
        assert frozenset("zam") == await pictures.known(tx)
        assert [] == await pictures.of(tx, "another job")


async def test_dropping_a_jobs_pictures_names_the_files_to_drop(memory):
    first, second = (await add_job(memory, 1)).job, (await add_job(memory, 2)).job
    async with memory.db.transaction() as tx:
        await pictures.add(tx, first, ["a", "b"], now=1000, expires_at=2000)
        await pictures.add(tx, second, ["c"], now=1000, expires_at=2000)

        dropped = await pictures.drop(tx, first)

        assert ["a", "b"] == dropped
        assert [] == await pictures.drop(tx, first)
        assert frozenset("c") == await pictures.known(tx)
