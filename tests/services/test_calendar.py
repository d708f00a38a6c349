"""Days and months of quotas: each comes once, whatever is done to the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot import words
from bot.domain import Cause, Receipt, Refusal, Visibility
from bot.services.calendar import Calendar
from bot.storage import erasures, people
from bot.storage import house as facts
from tests.asks import ask
from tests.fakes import FakeClock
from tests.services.conftest import ANA, PLUS_SKU, House
from tests.services.test_sweep import swept

DAY, YEAR = 24 * 3600, 365 * 24 * 3600
STEALTH = {"visibility": Visibility.STEALTH}
PLUS = {"sku_ids": frozenset({PLUS_SKU})}


def at(moment: str, zone: str = "UTC") -> int:
    """Seconds since 1970 of a wall clock's reading there."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp())


async def uses_up(house: House) -> None:
    """Ana's three stealth jobs of the day."""
    for _ in range(3):
        await house.delivered(**STEALTH)


async def is_used_up(house: House) -> bool:
    asked = await house.ask(**STEALTH)
    if isinstance(asked, Receipt):
        return False
    assert Cause.STEALTH_USED_UP is asked.cause
    return True


@pytest.mark.parametrize("days", [1, 40, 400, -1, -40, -400])
async def test_a_clock_that_jumps_gives_nothing_and_takes_nothing(house: House, days):
    await uses_up(house)
    before = await house.inform(ask())

    house.clock.jump(days * DAY)
    await swept(house)

    assert await is_used_up(house)
    assert before.usage == (await house.inform(ask())).usage
    house.clock.turn(DAY)
    assert not await is_used_up(house)


async def test_a_clock_that_jumps_lets_no_lease_lapse_and_takes_none_away(house: House):
    house.engine.auto = False
    job = await house.placed()
    await house.dispatch.step()

    for days in (400, -800):
        house.clock.jump(days * DAY)
        await house.dispatch.keep_leases()

    assert "running" == await house.state(job)
    house.engine.auto = True
    house.engine.tick()
    await house.quiet()
    assert "rendered" == await house.state(job)


async def test_a_machine_that_slept_over_midnight_has_a_new_day(house: House):
    await uses_up(house)

    house.clock.suspend(DAY)

    assert not await is_used_up(house)


@pytest.mark.parametrize("days", [-1, -40])
async def test_a_clock_set_back_between_two_runs_brings_no_day_back(house: House, days):
    await house.delivered(**STEALTH)
    house.clock.turn(days * -DAY)
    await uses_up(house)

    house.clock.jump(days * DAY)
    house.start_again()

    assert await is_used_up(house)
    house.clock.turn(DAY)
    assert not await is_used_up(house)


async def test_a_job_from_before_a_jump_is_refunded_to_the_day_it_was_taken_from(house: House):
    job = await house.accepted(**STEALTH)
    house.clock.jump(400 * DAY)
    await swept(house)

    await house.cancel(job, ANA)

    async with house.memory.db.read() as tx:
        today = await house.calendar.today(tx)
        used = await tx.execute_fetchall("SELECT day, pictures, stealth_jobs FROM usage")
    assert [(today, 0, 0)] == [tuple(row) for row in used]


async def test_who_erases_everything_after_a_jump_keeps_their_use_of_the_day(house: House):
    await uses_up(house)
    house.clock.jump(3 * DAY)
    owner = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await erasures.forget_about(tx, owner, "2099-01-01")

    assert await is_used_up(house)


async def test_gpu_time_comes_back_with_the_month_and_not_with_the_day(house: House):
    begun = at("2026-11-29T12:00:00")
    house.clock.jump(begun - house.clock.now())
    house.start_again()
    await house.delivered(**PLUS)
    used = []
    for _ in range(3):
        used.append((await house.inform(ask(**PLUS))).usage.gpu_milliseconds)
        house.clock.turn(DAY)

    assert [40, 40, 0] == used


@pytest.mark.parametrize(
    ("zone", "now", "day", "turns"),
    [
        ("Europe/Berlin", "2026-03-29T00:00:00", "2026-03-29", 23),  # one hour is skipped
        ("Europe/Berlin", "2026-10-25T00:00:00", "2026-10-25", 25),  # one comes twice
        ("Africa/Cairo", "2024-04-25T00:00:00", "2024-04-25", 24),  # the next has no midnight
        ("Africa/Cairo", "2024-04-26T01:00:00", "2024-04-26", 23),
        ("Pacific/Apia", "2011-12-29T00:00:00", "2011-12-29", 24),  # the next day never was
        ("UTC", "2028-02-28T00:00:00", "2028-02-28", 24),
    ],
)
async def test_a_day_is_as_long_as_it_is_there(memory, zone, now, day, turns):
    clock = FakeClock(at(now, zone))
    calendar = Calendar(clock, ZoneInfo(zone))
    async with memory.db.transaction() as tx:
        first = await calendar.turn(tx)
        assert (day, clock.now() + turns * 3600) == (first, calendar.day_turns_at(first))
        clock.turn(turns * 3600 - 1)
        assert day == await calendar.turn(tx)
        clock.turn(1)
        assert day < await calendar.turn(tx)


@pytest.mark.parametrize(
    ("day", "next_month"),
    [("2028-02-29", "2028-03-01"), ("2026-12-31", "2027-01-01"), ("2026-01-31", "2026-02-01")],
)
async def test_a_month_turns_on_its_first(memory, day, next_month):
    clock = FakeClock(at(f"{day}T12:00:00"))
    calendar = Calendar(clock, UTC)

    assert at(f"{next_month}T00:00:00") == calendar.month_turns_at(day)
    clock.jump(-YEAR)  # by the wall clock as it stands
    assert at(f"{next_month}T00:00:00") - YEAR == calendar.month_turns_at(day)


async def test_the_turn_told_is_midnight_and_no_second_more(memory):
    clock = FakeClock(at("2026-11-22T12:00:00"))
    clock._elapsed += 0.6
    calendar = Calendar(clock, UTC)
    clock._now += 1  # 0.4 s later: wall clocks tell whole seconds
    clock._elapsed += 0.2

    assert at("2026-11-23T00:00:00") == calendar.day_turns_at("2026-11-22")
    assert at("2026-12-01T00:00:00") == calendar.month_turns_at("2026-11-22")


async def test_of_a_persons_use_the_house_remembers_the_day_alone(house: House):
    await uses_up(house)

    async with house.memory.db.read() as tx:
        assert "2027-01-15" == await facts.get(tx, facts.QUOTA_DAY)


async def test_fast_time_that_is_used_up_says_when_there_is_more(house: House):
    house.clock.jump(at("2026-11-29T12:00:00") - house.clock.now())
    house.start_again()
    owner, day = house.memory.keys.person(ANA), "2026-11-29"
    await spends(house, owner, day)

    asked = await house.ask(**PLUS)

    assert not isinstance(asked, Refusal)
    assert ("relax", at("2026-12-01T00:00:00")) == (asked.speed, asked.fast_again_at)
    assert 0.0 == asked.fast_seconds
    told = words.info(await house.inform(ask(**PLUS)))
    assert "**Job Mode** relaxed · by your plan fast, and its time is used up" in told
    assert "**Fast Time Remaining** none of 10 h this month" in told


async def spends(house: House, owner: str, day: str) -> None:
    """All of Plus's fast time of a month."""
    async with house.memory.db.transaction() as tx:
        await people.charge(tx, owner, day, pictures=0, stealth_jobs=0, gpu_milliseconds=36_000_000)
