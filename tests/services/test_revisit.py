"""A person's own job is found again, whole as far as it may be; anybody else's is like none."""

from pathlib import Path

import pytest

from bot.domain import Input, Visibility
from bot.policy.refund import Taken
from bot.policy.retention import DAY
from bot.services.account import Account
from bot.services.revisit import Revisit
from bot.services.survey import Survey
from bot.words import showing
from gen.job import JobState, Kind
from tests.asks import ask
from tests.facts import SILENT
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


@pytest.fixture
def revisit(house: House, tmp_path: Path) -> Revisit:
    account = Account(house.memory, SILENT, tmp_path / "data", house.holdings, house.clock)
    survey: Survey = house.survey
    return Revisit(house.memory, account, survey, house.recall, house.holdings, house.submit.studio)


def verbs(post) -> set[str]:
    return {button.custom_id.split(":")[1] for button in post.buttons}


async def test_a_job_that_waits_is_told_where_it_is_and_can_be_cancelled(house, revisit):
    job = await house.placed()

    found = await revisit(job, ask())

    said = showing.shown(found)
    assert "**Now:** #1 in line, public" in said.content
    assert {"cancel", "onlyme"} == verbs(said)


async def test_a_stealth_job_that_waits_has_no_button_that_tells_of_a_channel(house, revisit):
    job = await house.placed(visibility=STEALTH)

    said = showing.shown(await revisit(job, ask()))

    assert "#1 in line, stealth" in said.content
    assert {"cancel"} == verbs(said)


async def test_a_public_result_is_linked_with_its_buttons_and_when_they_end(house, revisit):
    job = await house.delivered()

    found = await revisit(job, ask())

    said = showing.shown(found)
    assert Taken(pictures=1) == found.taken
    assert "**It took** 1 picture." in said.content
    assert "it stands at https://discord.com/channels/" in said.content
    assert "Its sealed recipe is kept until <t:" in said.content
    assert {"again", "recipe", "delete", "onlyme"} <= verbs(said)
    assert "report" not in verbs(said)
    assert {job} == {button.custom_id.split(":")[2] for button in said.buttons}
    rows = [button.row for button in said.buttons]
    assert all(rows.count(row) <= 5 for row in range(5))


async def test_of_delivered_stealth_only_the_dm_has_the_key(house, revisit):
    job = await house.delivered(visibility=STEALTH)

    found = await revisit(job, ask())

    said = showing.shown(found)
    assert "only the message in your DM has the key" in said.content
    assert "discord.com" not in said.content
    assert () == said.buttons
    assert found.offered is None


async def test_a_job_that_ended_otherwise_says_how_and_what_it_cost(house, revisit):
    job = await house.placed()
    await house.cancel(job, ANA)

    said = showing.shown(await revisit(job, ask()))

    assert "ended without a picture. Cancelled. It cost you nothing" in said.content
    assert () == said.buttons


async def test_what_started_from_a_picture_is_developed_under_its_own_message(house, revisit):
    job = await house.delivered(kind=Kind.VARY, inputs=(Input(b"RIFF", 64, 64),), is_read=True)

    said = showing.shown(await revisit(job, ask()))

    assert {"recipe", "star", "delete", "onlyme"} == verbs(said)
    assert "What can be made of it is pressed under its own message." in said.content


async def test_a_recipe_that_is_over_offers_only_what_needs_none(house, revisit):
    job = await house.delivered()
    house.clock.turn(31 * DAY)

    said = showing.shown(await revisit(job, ask()))

    assert {"delete", "onlyme"} == verbs(said)


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("made", ["placed", "delivered"])
async def test_anothers_job_is_like_none_at_all(house, revisit, seen, made):
    job = await getattr(house, made)(visibility=seen)

    assert await revisit(job, ask(person=MOD)) is None
    assert await revisit("0" * 32, ask(person=MOD)) is None
    assert [] == await revisit.latest(MOD, 25)


async def test_looking_changes_nothing(house, revisit):
    jobs = [await house.delivered(visibility=seen) for seen in Visibility]
    before = await house.rows()

    for job in jobs:
        await revisit(job, ask())
    await revisit.latest(ANA, 25)

    assert before == await house.rows()


async def test_ones_own_jobs_are_listed_by_state_and_time_the_open_ones_first(house, revisit):
    old = await house.delivered("an albatross")
    hidden = await house.delivered("an albatross", visibility=STEALTH)
    house.clock.turn(120)
    waits = await house.placed("an albatross")
    house.clock.turn(30)

    listed = showing.choices_to_show(await revisit.latest(ANA, 25), house.clock.now())

    said = {job: name for name, job in listed}
    assert waits == listed[0][1]
    assert "Waiting · public · 30 s ago" == said[waits]
    assert "Delivered · public · 2 min ago" == said[old]
    assert "Delivered · stealth · within a day" == said[hidden]
    assert "albatross" not in str(listed)


@pytest.mark.parametrize("state", JobState)
def test_every_state_has_a_name_in_the_list(state):
    [(name, job)] = showing.choices_to_show([("00", state, STEALTH, 0)], 3 * DAY + 5)

    assert "00" == job
    assert name.endswith(" ago")
