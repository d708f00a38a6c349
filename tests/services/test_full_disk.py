"""A disk that is really full: what was accepted waits and goes on, what is asked is refused.

where there is no room                  then                        once there is
accepting a job, public or stealth      refused, at no cost         accepted
recording its place                     it waits as accepted        placed, one message stands
claiming it                             nothing is claimed          claimed, at one attempt
storing or recording its picture        kept in memory, leased      stored, at one attempt
recording that its worker died          leased, nothing is claimed  given back
recording its delivery                  it waits as rendered        delivered, one result stands
cancelling it                           it goes on                  cancelled, refunded
destroying a key, by file or ledger     the key stays               destroyed by the next look
writing a stealth key                   it lives in the process     –
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.crypto.rootkey import Source
from bot.domain import Cause, Receipt, Refusal, Shut, Visibility
from bot.storage.disk import is_full
from bot.storage.keyring import RECIPE
from bot.storage.memory import open_memory
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, House

FULL = Refusal(Cause.HOUSE_CLOSED, {"why": Shut.DISK})
CHUNK = b"\0" * 65536


def write_on(handle: int, chunk: bytes) -> None:
    while True:
        os.write(handle, chunk)


class SmallDisk:
    """A disk of a few megabytes, which can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"

    def fill(self) -> None:
        handle = os.open(self.ballast, os.O_WRONLY | os.O_CREAT)
        try:
            for size in (len(CHUNK), 1):
                with pytest.raises(OSError, match="No space left"):
                    write_on(handle, CHUNK[:size])
        finally:
            os.close(handle)

    def empty(self) -> None:
        self.ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "darkroom-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets us mount no small disk")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def house(disk, tmp_path, in_memory, messenger, clock, ids):
    memory = await open_memory(
        disk.folder / "data", Source(tmp_path / "root.key"), {"RUNTIME_DIRECTORY": str(in_memory)}
    )
    yield House(memory, messenger, FakeEngine(auto=False), clock, ids)
    await memory.close()


async def fills(disk: SmallDisk, house: House) -> None:
    """Fill the disk, down to the last page that a log could still take."""
    for database in house.memory.databases:
        assert await database.empty_log()
    disk.fill()


async def finishes(house: House) -> None:
    """Let everything go on that rested."""
    house.clock.turn(60)
    house.engine.auto = True
    await house.finish()
    await house.finish()


async def attempts(house: House, job: str) -> int:
    async with house.memory.db.read() as tx:
        cursor = await tx.execute("SELECT attempts FROM jobs WHERE id = ?", (job,))
        return (await cursor.fetchone())[0]


def results(house: House) -> list[int]:
    """The pictures that ever stood anywhere."""
    everywhere = house.messenger.channels.values()
    return [
        message.message_id for channel in everywhere for message in channel if message.post.files
    ]


@pytest.mark.parametrize("seen", Visibility)
async def test_an_ask_that_does_not_fit_is_refused_and_costs_nothing(disk, house: House, seen):
    before, usage = await house.rows(), await house.usage()
    await fills(disk, house)

    assert FULL == await house.ask(visibility=seen)

    assert (before, usage) == (await house.rows(), await house.usage())
    assert not house.hands._held
    disk.empty()
    assert isinstance(await house.ask(visibility=seen), Receipt)


async def test_a_place_that_could_not_be_recorded_is_found_again(disk, house: House):
    job = await house.accepted()
    house.messenger.meanwhile("send", lambda: fills(disk, house))

    await house.places()
    assert "accepted" == await house.state(job)
    disk.empty()
    await finishes(house)

    assert ("delivered", 1) == (await house.state(job), len(results(house)))
    assert 1 == house.messenger.calls.count("send")


async def test_what_cannot_be_claimed_waits(disk, house: House):
    job = await house.placed()
    await fills(disk, house)

    with pytest.raises(sqlite3.OperationalError) as caught:
        await house.dispatch.step()

    assert is_full(caught.value)
    disk.empty()
    await finishes(house)
    assert ("delivered", 1) == (await house.state(job), await attempts(house, job))


async def runs(house: House, job: str) -> None:
    await house.dispatch.step()
    assert [job] == [given for given, _ in house.engine.given]


async def test_a_picture_that_does_not_fit_waits_for_room_and_is_made_once(disk, house: House):
    job = await house.placed(visibility=Visibility.STEALTH)
    await runs(house, job)
    other = await house.placed()
    await fills(disk, house)

    while job in house.engine._running:
        house.engine.tick()
    await house.dispatch._fits.heard(0.05)

    assert {job} == house.dispatch._waiting
    assert ["running", "placed"] == [await house.state(job), await house.state(other)]
    assert [] == house.files()
    disk.empty()
    house.dispatch._fits.ring()
    await house.quiet()
    assert ("rendered", 1) == (await house.state(job), await attempts(house, job))
    assert 1 == len(house.engine.given)
    await finishes(house)
    assert 2 == len(results(house))


async def test_nothing_is_claimed_beside_a_picture_that_waits_for_room(disk, house: House):
    job = await house.placed()
    await runs(house, job)
    other = await house.placed()
    await fills(disk, house)
    while job in house.engine._running:
        house.engine.tick()
    await house.dispatch._fits.heard(0.05)

    await house.dispatch.step()

    assert "placed" == await house.state(other)


async def test_a_worker_that_dies_then_costs_its_job_the_one_attempt(disk, house: House):
    job = await house.placed()
    await runs(house, job)
    await fills(disk, house)

    house.engine.crash()
    await house.dispatch._fits.heard(0.05)

    assert {job} == house.dispatch._waiting
    disk.empty()
    house.dispatch._fits.ring()
    await house.quiet()
    assert ("placed", 1) == (await house.state(job), await attempts(house, job))
    await finishes(house)
    assert ("delivered", 2) == (await house.state(job), await attempts(house, job))


async def test_stopping_waits_for_no_room(disk, house: House):
    job = await house.placed()
    await runs(house, job)
    await fills(disk, house)
    house.engine.crash()
    await house.dispatch._fits.heard(0.05)

    house.dispatch.stop()
    await house.dispatch.drain()

    disk.empty()
    house.start_again()
    await house.dispatch.keep_leases()
    await finishes(house)
    assert ("delivered", 1) == (await house.state(job), len(results(house)))


async def test_a_delivery_that_could_not_be_recorded_is_repeated_on_the_same_message(
    disk, house: House
):
    house.engine.auto = True
    job = await house.rendered()
    house.messenger.meanwhile("edit", lambda: fills(disk, house))

    await house.delivers()

    assert "rendered" == await house.state(job)
    disk.empty()
    await finishes(house)
    assert ("delivered", 1) == (await house.state(job), len(results(house)))


async def test_a_cancel_that_does_not_fit_leaves_the_job_as_it_was(disk, house: House):
    job = await house.placed()
    await fills(disk, house)

    with pytest.raises(sqlite3.OperationalError):
        await house.cancel(job, ANA)

    assert ("placed", 1) == (await house.state(job), (await house.usage()).pictures)
    disk.empty()
    await house.cancel(job, ANA)
    assert ("cancelled", 0) == (await house.state(job), (await house.usage()).pictures)


@pytest.mark.parametrize("is_kept", [False, True])
async def test_a_key_that_could_not_be_destroyed_is_destroyed_soon(disk, house: House, is_kept):
    job = await house.accepted()
    if is_kept:
        await house.memory.keys.ledger.begin(disk.folder)
    await fills(disk, house)

    with pytest.raises((OSError, sqlite3.Error)) as caught:
        await house.memory.keys.destroy(job, RECIPE)
    assert is_full(caught.value)
    assert (job, RECIPE) in await house.memory.keys.items()
    disk.empty()

    assert await house.memory.keys.forget()
    assert (job, RECIPE) not in await house.memory.keys.items()


async def test_stealth_keys_that_do_not_fit_in_their_folder_live_in_the_process(
    disk, tmp_path, messenger, engine, clock, ids
):
    memory = await open_memory(
        tmp_path / "data", Source(tmp_path / "root.key"), {"RUNTIME_DIRECTORY": str(disk.folder)}
    )
    house = House(memory, messenger, engine, clock, ids)
    disk.fill()

    job = await house.delivered(visibility=Visibility.STEALTH)

    assert "delivered" == await house.state(job)
    assert memory.keys.stealth.folder is None
    await memory.close()


@pytest.mark.parametrize("was_there", [False, True])
async def test_a_start_on_a_full_disk_says_so_in_one_line(
    disk, tmp_path, in_memory, capsys, was_there
):
    def starts():
        source = Source(tmp_path / "root.key")
        return open_memory(disk.folder / "data", source, {"RUNTIME_DIRECTORY": str(in_memory)})

    if was_there:
        await (await starts()).close()
    disk.fill()

    with pytest.raises(SystemExit), cli._one_line():
        await starts()

    said = capsys.readouterr().err
    assert "full: make room" in said
    assert 1 == said.count("\n")
