"""What the gate stops leaves nothing behind, costs nothing, and is told to its owner alone."""

import pytest

from bot.domain import Moderator, Visibility
from bot.policy.plans import Usage
from bot.policy.server import AdultHere
from bot.storage import fingerprints
from bot.storage.database import many
from gen.messages import FailureCode, Measure
from tests.asks import CHANNEL, GUILD, where
from tests.fakes import MEASURE
from tests.services.conftest import ANA, MOD, House

STEALTH, PUBLIC = Visibility.STEALTH, Visibility.PUBLIC
ADULT = Measure(MEASURE.fingerprint, (("normal", 0.1), ("nsfw", 0.9)))


async def block(house: House, fingerprint: str = MEASURE.fingerprint) -> None:
    async with house.memory.db.transaction() as tx:
        await fingerprints.add(tx, fingerprint, "2027-01-15")


async def unblock(house: House) -> None:
    async with house.memory.db.transaction() as tx:
        await fingerprints.remove(tx, MEASURE.fingerprint)


async def counted(house: House) -> list[tuple]:
    async with house.memory.db.read() as tx:
        rows = await many(tx, "SELECT person, what, visibility, hits FROM counters")
    return [tuple(row) for row in rows]


@pytest.fixture
def classified(house: House) -> House:
    """A house with a classifier, whose engine sees everything as for adults."""
    house.classified = {"nsfw": 0.5}
    house.start_again()
    house.engine.measure = ADULT
    return house


@pytest.mark.parametrize("seen", Visibility)
async def test_a_result_on_the_list_is_destroyed_refunded_and_told_to_its_owner(house: House, seen):
    await block(house)
    job = await house.placed("xylophone", visibility=seen)
    place = house.messenger.dm(ANA) if seen is STEALTH else CHANNEL
    stood = house.messenger.stands(place)

    await house.work()
    await house.delivers()
    await house.tidies()

    assert 1 == len(stood)
    assert [] == house.messenger.stands(place)
    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert "A safety check stopped this picture" in house.messenger.whispered("token-1")
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()
    assert [(house.memory.keys.person(ANA), "picture", seen, 1)] == await counted(house)


async def test_no_byte_of_a_stopped_result_was_ever_shown_or_written(house: House, monkeypatch):
    async def writes(*_):
        raise AssertionError("something of it was written")

    await block(house)
    monkeypatch.setattr(type(house.memory), "keep_files", writes)
    monkeypatch.setattr(type(house.memory), "seal_picture", writes)

    job = await house.rendered()

    assert "refused" == await house.state(job)
    assert [post for _, post in house.messenger.seen if "step" in post.content]
    assert [] == [post for _, post in house.messenger.seen if post.files]


async def test_a_stealth_hit_is_in_no_channel_and_its_row_has_no_time_of_day(house: House):
    await block(house)
    await house.delivered(visibility=STEALTH)

    async with house.memory.db.read() as tx:
        (row,) = await many(tx, "SELECT * FROM counters")

    assert {house.messenger.dm(ANA)} >= {channel for channel, _ in house.messenger.seen}
    assert 0 == row["expires_at"] % 86400


async def test_the_list_is_heeded_at_the_next_result_and_no_more_once_lifted(house: House):
    before = await house.rendered()
    await block(house)
    during = await house.rendered()
    await unblock(house)
    after = await house.rendered()

    assert ["rendered", "refused", "rendered"] == [
        await house.state(job) for job in (before, during, after)
    ]


async def test_one_persons_hit_is_nobody_elses(house: House):
    await block(house)
    await house.rendered()
    house.engine.measure = Measure("123456789abcdef0")
    other = await house.rendered(person=MOD)

    assert "rendered" == await house.state(other)
    assert [house.memory.keys.person(ANA)] == [row[0] for row in await counted(house)]


async def test_hits_of_a_day_are_counted_up(house: House):
    await block(house)
    for _ in range(3):
        await house.rendered()

    assert [3] == [row[3] for row in await counted(house)]


async def test_a_picture_for_adults_is_stopped_where_none_may_be_shown(classified: House):
    job = await classified.rendered()

    assert "refused" == await classified.state(job)
    assert 1 == len(await counted(classified))


@pytest.mark.parametrize(("wanted", "state"), [(None, "rendered"), (AdultHere.NEVER, "refused")])
async def test_a_server_that_wants_none_any_more_gets_none_that_was_asked_for_before(
    classified: House, wanted, state
):
    job = await classified.placed(visibility=PUBLIC, where=where(is_age_restricted=True))
    if wanted:
        await classified.moderate.adult(Moderator(person=MOD, guild_id=GUILD), wanted)

    await classified.work()

    assert state == await classified.state(job)


async def test_without_the_score_that_is_asked_for_nothing_is_delivered(classified: House):
    classified.engine.measure = Measure(MEASURE.fingerprint)
    job = await classified.rendered()
    await classified.tidies()

    assert "refused" == await classified.state(job)
    assert "could not be made or kept" in classified.messenger.whispered("token-1")
    assert Usage() == await classified.usage()
    assert [] == await counted(classified)


async def test_a_result_with_fewer_measures_than_pictures_is_not_delivered(
    house: House, monkeypatch
):
    from dataclasses import replace

    real = type(house.engine)._end

    def forgets_one(engine, run, ending):
        short = getattr(ending, "measures", ())[1:]
        real(engine, run, replace(ending, measures=short) if short else ending)

    with monkeypatch.context() as patch:
        patch.setattr(type(house.engine), "_end", forgets_one)
        job = await house.rendered(count=2)

    assert "refused" == await house.state(job)
    assert [] == house.files()


async def test_a_job_that_cannot_be_measured_is_refunded_and_counts_against_nobody(house: House):
    house.engine.break_next(FailureCode.MEASURE)
    job = await house.rendered()

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == await counted(house)
