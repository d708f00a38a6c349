"""How many logins are left, by Discord's count and by ours, which survives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.client.identify import PER_HOUR, RESERVE, Left, wait_seconds
from bot.crypto import rootkey
from bot.services.starts import Starts
from bot.storage.memory import open_memory
from tests.fakes import FakeClock

NOW = 1_800_000_000
MANY = Left(900, 86_400.0)


def test_a_login_is_free_while_there_are_many() -> None:
    assert 0 == wait_seconds(MANY, [], NOW, PER_HOUR)


def test_the_last_logins_are_left_to_the_operator_until_discord_gives_more() -> None:
    assert 0 == wait_seconds(Left(RESERVE + 1, 60.0), [], NOW, PER_HOUR)
    assert 60 == wait_seconds(Left(RESERVE, 60.0), [], NOW, PER_HOUR)


def test_a_crash_loop_waits_until_its_earlier_logins_are_an_hour_old() -> None:
    crashes = [NOW - 600 + 30 * number for number in range(PER_HOUR)]

    assert 3000 == wait_seconds(MANY, crashes, NOW, PER_HOUR)
    assert 0 == wait_seconds(MANY, crashes, NOW + 3000, PER_HOUR)


def test_a_crash_loop_never_uses_up_a_day() -> None:
    """A bot that crashes at once for a whole day, and does as it is told."""
    logins, now = [], NOW
    while now < NOW + 86_400:
        now += int(wait_seconds(MANY, logins, now, PER_HOUR)) + 1
        logins.append(now)

    assert len(logins) < 1000 - RESERVE


def test_without_an_answer_of_discords_our_own_count_holds() -> None:
    assert 0 == wait_seconds(None, [], NOW, PER_HOUR)
    assert wait_seconds(None, [NOW] * PER_HOUR, NOW, PER_HOUR) > 0


def test_at_a_sandbox_only_its_own_count_is_heeded() -> None:
    assert 0 == wait_seconds(MANY, [NOW] * 500, NOW, None)
    assert 9 == wait_seconds(Left(0, 9.0), [], NOW, None)


@pytest.mark.parametrize(("turned", "kept"), [(0, 1), (86_399, 1), (86_401, 0), (-7200, 1)])
async def test_logins_are_remembered_across_restarts_for_a_day_also_when_a_clock_is_set_back(
    tmp_path: Path, in_memory: Path, turned: int, kept: int
) -> None:
    clock, environ = FakeClock(NOW), {"RUNTIME_DIRECTORY": str(in_memory)}
    source = rootkey.find(None, tmp_path / "root.key", {})
    memory = await open_memory(tmp_path / "data", source, environ)
    await Starts(memory, clock).add()
    await memory.close()

    memory = await open_memory(tmp_path / "data", source, environ)
    clock.turn(turned)
    found = await Starts(memory, clock).of_last_day()
    await memory.close()

    assert kept == len(found)
    assert all(at <= clock.now() for at in found)


async def test_logins_of_a_clock_that_was_far_ahead_are_an_hour_old_an_hour_later(
    tmp_path: Path, in_memory: Path
) -> None:
    clock, environ = FakeClock(NOW), {"RUNTIME_DIRECTORY": str(in_memory)}
    source = rootkey.find(None, tmp_path / "root.key", {})
    memory = await open_memory(tmp_path / "data", source, environ)
    book, waits = Starts(memory, clock), []
    clock.jump(400 * 86_400)
    for _ in range(PER_HOUR):
        await book.add()
    clock.jump(-400 * 86_400)

    for _ in range(2):
        waits.append(wait_seconds(None, await book.of_last_day(), clock.now(), PER_HOUR))
        clock.turn(3600)
    await memory.close()

    assert [3600, 0] == waits
