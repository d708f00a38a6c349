"""A person shortens how long their data is kept; nothing is ever kept longer than it was to be."""

from datetime import UTC

import pytest

from bot import words
from bot.domain import Cause, PersonId, Refusal, Visibility
from bot.errors import Refused
from bot.policy.retention import DAY, HOUR, LIFETIMES, By, DataClass, Effective
from bot.ports import Closed, day_of
from bot.services.retain import Kept, Retain
from bot.services.walk import Walk, Walked
from bot.words import keeping
from tests.services.conftest import ANA, MOD, House
from tests.services.test_sweep import swept

STEALTH = {"visibility": Visibility.STEALTH}


@pytest.fixture
def retain(house: House) -> Retain:
    walk = Walk(house.memory, house.messenger)
    return Retain(house.memory, house.lifetimes, walk, house.clock, UTC, house.holdings)


async def delivered(house: House, person: PersonId = ANA, **asked: object) -> str:
    job = await house.accepted(person=person, **asked)
    await house.finish()
    return job


async def jobs_in(house: House, table: str) -> list[str]:
    return [row[0] for row in (await house.rows())[f"db.{table}"]]


async def test_what_a_person_has_already_ends_by_their_wish(house, retain):
    job = await delivered(house)
    house.clock.turn(2 * DAY)
    young = await delivered(house)

    kept = await retain(ANA, DataClass.RECIPE, "24h")

    assert Kept(DataClass.RECIPE, Effective(DAY, By.PERSON), 2, is_longer=False) == kept
    await swept(house)
    assert [young] == await jobs_in(house, "recipes")
    assert {job, young} == set(await jobs_in(house, "posts"))


async def test_what_comes_later_ends_by_their_wish(house, retain):
    await retain(ANA, DataClass.RECIPE, "1h")
    await delivered(house)

    house.clock.turn(HOUR - 1)
    await swept(house)
    assert 1 == len(await jobs_in(house, "recipes"))
    house.clock.turn(1)
    await swept(house)

    assert [] == await jobs_in(house, "recipes")


async def test_with_0_nothing_is_kept(house, retain):
    await delivered(house)

    for kind in (DataClass.RECIPE, DataClass.RECORD, DataClass.POST):
        assert isinstance(await retain(ANA, kind, "0"), Kept)
    await swept(house)

    for table in ("recipes", "jobs", "deliveries", "posts"):
        assert [] == (await house.rows())[f"db.{table}"]
    assert [] == house.messenger.stands(200)


async def test_nobody_elses_data_ends_sooner(house, retain):
    theirs = await delivered(house, MOD)
    await delivered(house)

    await retain(ANA, DataClass.RECIPE, "0")
    await retain(ANA, DataClass.RECORD, "0")
    await retain(ANA, DataClass.POST, "0")
    await swept(house)

    for table in ("recipes", "jobs", "posts"):
        assert [theirs] == await jobs_in(house, table)


async def test_longer_again_holds_only_for_what_is_made_from_then_on(house, retain):
    await retain(ANA, DataClass.RECIPE, "24h")
    await delivered(house)

    kept = await retain(ANA, DataClass.RECIPE, "7d")
    later = await delivered(house)

    assert Kept(DataClass.RECIPE, Effective(7 * DAY, By.PERSON), 0, is_longer=True) == kept
    house.clock.turn(DAY)
    await swept(house)
    assert [later] == await jobs_in(house, "recipes")


@pytest.mark.parametrize("said", ["soon", "-1d", "1e9h", "٣d", ""])
async def test_what_is_no_duration_changes_nothing(house, retain, said):
    await delivered(house)
    before = await house.rows()

    refusal = await retain(ANA, DataClass.RECIPE, said)

    assert Cause.DURATION is refusal.cause
    assert "7d" in words.refused(refusal)
    assert before == await house.rows()


async def test_longer_than_allowed_says_by_whom_it_is_capped(house, retain):
    house.limits[DataClass.RECIPE] = 7 * DAY
    house.start_again()
    strict = Retain(house.memory, house.lifetimes, retain.walk, house.clock, UTC, house.holdings)

    refusal = await strict(ANA, DataClass.RECIPE, "8d")

    assert Cause.LOOSER_THAN_ALLOWED is refusal.cause
    assert "capped by the operator at 7 days" in words.refused(refusal)
    assert [] == (await house.rows())["db.choices"]


@pytest.mark.parametrize("kind", [DataClass.AUDIT, DataClass.SETTINGS, DataClass.QUOTA])
async def test_what_is_not_a_persons_to_shorten_stays(house, retain, kind):
    assert isinstance(await retain(ANA, kind, "0"), Refusal)
    assert [] == (await house.rows())["db.choices"]


# --- stealth recipes, of which only the DM knows


async def test_stealth_results_in_the_dm_end_sooner_too(house, retain):
    await delivered(house, **STEALTH)
    await delivered(house, MOD, **STEALTH)

    kept = await retain(ANA, DataClass.STEALTH_RECIPE, "2d")

    assert Walked(found=1, acted=1) == kept.walked
    days = sorted(row[2] for row in (await house.rows())["db.unlinked_recipes"])
    assert day_of(house.clock.now() + DAY, UTC) == days[0]  # its last whole day
    assert days[0] < days[1]


@pytest.mark.parametrize("seconds", [0, HOUR, 15 * HOUR, 23 * HOUR, DAY, 3 * DAY])
async def test_a_stealth_recipe_is_never_kept_beyond_the_wish(house, retain, seconds):
    await delivered(house, **STEALTH)

    await retain(ANA, DataClass.STEALTH_RECIPE, f"{seconds // HOUR}h" if seconds else "0")
    house.clock.turn(seconds)
    await swept(house)

    assert [] == (await house.rows())["db.unlinked_recipes"]


async def test_a_stealth_recipe_is_kept_to_the_end_of_its_last_whole_day(house, retain):
    await delivered(house, **STEALTH)

    await retain(ANA, DataClass.STEALTH_RECIPE, "24h")
    house.clock.turn(16 * HOUR - 1)  # midnight
    await swept(house)

    assert 1 == len((await house.rows())["db.unlinked_recipes"])


async def test_a_closed_dm_is_said_and_the_wish_is_kept(house, retain):
    async def closes() -> None:
        raise Refused("closed")

    await delivered(house, **STEALTH)
    before = (await house.rows())["db.unlinked_recipes"]
    house.messenger.meanwhile("open_dm", closes)

    kept = await retain(ANA, DataClass.STEALTH_RECIPE, "0")

    assert isinstance(kept.walked, Closed)
    assert before == (await house.rows())["db.unlinked_recipes"]
    assert 0 == (await house.choose.read(ANA)).retention[DataClass.STEALTH_RECIPE]


async def test_saying_it_again_finishes_what_discord_left_undone(house, retain):
    await delivered(house, **STEALTH)
    house.messenger.fail("ours")

    first = await retain(ANA, DataClass.STEALTH_RECIPE, "0")
    second = await retain(ANA, DataClass.STEALTH_RECIPE, "0")
    await swept(house)

    assert first.walked is None
    assert Walked(found=1, acted=1) == second.walked
    assert [] == (await house.rows())["db.unlinked_recipes"]


# --- what is said


@pytest.mark.parametrize("kind", [kind for kind in DataClass if LIFETIMES[kind].numbered])
@pytest.mark.parametrize(("sooner", "is_longer"), [(0, False), (1, False), (7, False), (0, True)])
@pytest.mark.parametrize("effective", [Effective(None, By.OPERATOR), Effective(DAY, By.PERSON)])
def test_the_answer_says_what_applies_and_both_lines(kind, effective, sooner, is_longer):
    said = keeping.retained(kind, effective, sooner=sooner, is_longer=is_longer)

    assert kind in said
    assert ("24 hours" in said) == (effective.seconds == DAY)
    assert "Who can see it" in said
    assert "What it may be used for" in said
    assert (str(sooner) in said) == bool(sooner)
    assert ("longer than before" in said) == is_longer


@pytest.mark.parametrize("by", By)
def test_whose_word_is_the_least_where_it_was_said_is_named(by):
    said = keeping.retained(
        DataClass.RECIPE,
        Effective(7 * DAY, By.PERSON),
        sooner=0,
        is_longer=False,
        here=Effective(2 * DAY, by),
    )

    line = f"What is public here is kept less long, by {by}: 2 days."
    assert (line in said) == (by in {By.SERVER, By.CHANNEL})


def test_a_cap_is_named_when_the_wish_is_the_cap():
    said = keeping.retained(
        DataClass.RECIPE, Effective(30 * DAY, By.OPERATOR), sooner=0, is_longer=False
    )

    assert "as long as the operator allows" in said


@pytest.mark.parametrize(
    "said",
    [
        keeping.shortened_in_dm(12, 3),
        keeping.SHORTENED_NOT_IN_DM,
        keeping.SHORTENED_NOT_NOW,
    ],
)
def test_what_was_not_reached_in_the_dm_ends_by_its_own_day(said):
    assert "stealth results" in said
    assert any(word in said for word in ("own last day", "their message names", "earlier end"))
