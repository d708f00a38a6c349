"""Several models: chosen by a word, by habit or not at all; what they cost, when they change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import Cause, Receipt, Refusal
from bot.services.measured import Measured
from bot.services.studio import GUESSED_STEP_SECONDS
from gen.card import Card
from gen.profile import Profile, StepTime
from tests.fakes import READY, FakeEngine
from tests.services.conftest import ANA, PRO_ROLE, House

DREAM = Card(
    name="Dream XL", family="sd", width=1024, height=1024, steps=8, guidance=5.0, any_ratio=True
)
PRO = {"role_ids": frozenset({PRO_ROLE})}


@pytest.fixture
def two(house: House) -> House:
    house.others, house.values = (DREAM,), {"Pocket": 1_000_000, "Dream XL": 3_000_000}
    house.start_again()
    return house


async def spec_of(house: House, job: str):
    return await house.memory.open_spec(await house.delivery(job))


async def model_of(house: House, job: str) -> str:
    async with (
        house.memory.db.read() as tx,
        tx.execute("SELECT model FROM jobs WHERE id = ?", (job,)) as cursor,
    ):
        row = await cursor.fetchone()
    return str(row["model"])


@pytest.mark.parametrize("said", ["Dream XL", "dream xl", "dream-xl", "DREAMXL"])
async def test_ana_names_a_model_however_she_writes_it(two: House, said: str):
    receipt = await two.accepted("a fox", model=said)

    spec = await spec_of(two, receipt)
    assert ("Dream XL", 1024, 8, 5.0) == (spec.model, spec.width, spec.steps, spec.guidance)
    assert "Dream XL" == await model_of(two, receipt)


async def test_who_says_nothing_gets_the_default(two: House):
    assert "Pocket" == (await spec_of(two, await two.accepted("a fox"))).model


async def test_a_name_that_is_no_model_is_refused_with_the_nearest(two: House):
    refused = await two.ask("a fox", model="dream-xxl")

    assert isinstance(refused, Refusal)
    assert Cause.NO_SUCH_MODEL is refused.cause
    assert "Dream XL" == refused.facts["near"][0]


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("3:1", (1792, 576)), ("1:3", (576, 1792)), ("16:9", (1344, 768)), ("7:5", (1216, 896))],
)
async def test_a_model_of_any_shape_keeps_its_area_and_its_grid(two: House, ratio, size):
    receipt = await two.accepted("a fox", model="Dream XL", aspect_ratio=ratio, **PRO)

    spec = await spec_of(two, receipt)
    assert size == (spec.width, spec.height)


@pytest.mark.parametrize("ratio", ["4:1", "1:4", "0:1", "x"])
async def test_a_shape_longer_than_that_is_refused(two: House, ratio):
    refused = await two.ask("a fox", model="Dream XL", aspect_ratio=ratio)

    assert Cause.SIZE is refused.cause
    assert "any from 1:3 to 3:1" in refused.facts["ratios"]


async def test_a_model_that_no_worker_could_load_is_refused_before_it_is_queued(house: House):
    house.engine = FakeEngine(ready=replace(READY, unfit=("Dream XL",)))
    house.others = (DREAM,)
    house.start_again()

    refused = await house.ask("a fox", model="Dream XL")

    assert Cause.MODEL_UNFIT is refused.cause


async def test_a_picture_that_cannot_fit_the_memory_is_refused_before_it_is_queued(house: House):
    house.engine = FakeEngine(ready=replace(READY, memory_bytes=2_000_000_000))
    house.others, house.values = (DREAM,), {"Dream XL": 2_000_000_000, "Pocket": 1000}
    house.start_again()

    refused = await house.ask("a fox", model="Dream XL")

    assert Cause.MODEL_MEMORY is refused.cause
    assert isinstance(await house.ask("a fox"), Receipt)


async def test_a_model_never_measured_costs_by_its_size_beside_one_that_was(two: House):
    studio = two.submit.studio

    assert 3 * studio.step_seconds(64, 64, "Pocket") == studio.step_seconds(64, 64, "Dream XL")
    studio.values = {}
    assert GUESSED_STEP_SECONDS == studio.step_seconds(64, 64, "Dream XL")
    studio.measured["Dream XL"] = Profile((StepTime(64, 64, 1, 0.5),))
    assert 0.5 == studio.step_seconds(64, 64, "Dream XL")


async def test_what_was_measured_of_each_model_is_kept_over_a_restart(two: House):
    two.submit.studio.measured["Dream XL"] = Profile((StepTime(64, 64, 1, 0.5),))
    await Measured(two.memory, two.submit.studio).keep()
    two.start_again()
    await Measured(two.memory, two.submit.studio).recall()

    assert 0.5 == two.submit.studio.step_seconds(64, 64, "Dream XL")
    assert {"Pocket", "Dream XL"} == set(two.submit.studio.measured)


async def test_who_asks_for_the_other_model_is_told_that_it_changes(two: House):
    told = await two.ask("a fox", model="Dream XL")
    plain = await two.ask("a fox")

    assert isinstance(told, Receipt)
    assert "another model" in (told.engine_note or "")
    assert isinstance(plain, Receipt)
    assert plain.engine_note is None


async def test_ana_who_prefers_a_model_gets_it_unless_she_names_another(two: House):
    await two.choose.prefer(ANA, lambda old: replace(old, model="Dream XL"))

    assert "Dream XL" == (await spec_of(two, await two.accepted("a fox"))).model
    assert "Pocket" == (await spec_of(two, await two.accepted("a fox", model="Pocket"))).model


async def test_a_preferred_model_that_is_gone_is_the_default_again(two: House):
    await two.choose.prefer(ANA, lambda old: replace(old, model="sold"))

    assert "Pocket" == (await spec_of(two, await two.accepted("a fox"))).model
