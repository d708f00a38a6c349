"""The queue as one person may see it: their own jobs, and of the others only how many."""

from dataclasses import replace

from bot import words
from bot.domain import Cause, Choices, Receipt, Refusal, Visibility
from bot.services.measured import Measured
from bot.services.studio import GUESSED_STEP_SECONDS, Studio
from gen.job import Speed
from tests.asks import ask
from tests.services.conftest import ANA, CARD, MOD, PLUS_SKU, House

STEALTH = {"visibility": Visibility.STEALTH}
PLUS = {"sku_ids": frozenset({PLUS_SKU})}
SECRET = "a purple xylophone"


async def test_ana_sees_where_each_of_her_jobs_is(house: House):
    house.engine.auto = False
    await house.placed()
    await house.dispatch.step()
    await house.placed(**STEALTH)

    said = words.queue(await house.survey(ANA)).content

    assert "1. Running, public, relaxed, about 1 s more" in said
    assert "2. #2 in line, stealth, relaxed, about 1 s" in said


async def test_mod_sees_of_anas_jobs_only_how_many_there_are(house: House):
    await house.accepted(SECRET)
    await house.accepted(SECRET, **STEALTH)

    both = await house.survey(MOD)

    assert () == both.mine
    said = words.queue(both).content
    assert "**Everybody's** fast: 0 waiting, 0 running · relaxed: 2 waiting, 0 running" in said
    assert "stealth" not in said


async def test_no_answer_about_the_queue_holds_a_prompt_or_a_job_of_others(house: House):
    anas = await house.accepted(SECRET, **STEALTH)
    mods = await house.accepted(SECRET, person=MOD)

    for person, others in ((ANA, mods), (MOD, anas)):
        line = await house.survey(person)
        everything = str([words.queue(line), words.choices_to_cancel(line.mine)])
        assert "xylophone" not in everything
        assert others not in everything


async def test_what_can_be_cancelled_is_offered_by_where_it_is(house: House):
    assert [] == words.choices_to_cancel(await house.survey.mine(ANA))

    first, second = await house.accepted(), await house.accepted(**STEALTH)

    assert [
        ("All of them (2)", "all"),
        ("#1 in line, public, relaxed, about 1 s", first),
        ("#2 in line, stealth, relaxed, about 1 s", second),
    ] == words.choices_to_cancel(await house.survey.mine(ANA))


# --- fast and relaxed ---------------------------------------------------------------------------


async def test_plums_jobs_are_fast_until_she_says_relax_and_again_when_she_says_fast(house: House):
    speeds = []
    for said in (None, Speed.RELAX, Speed.FAST):
        if said is not None:
            assert not isinstance(await house.hasten(ask(**PLUS), said), Refusal)
        receipt = await house.ask(**PLUS)
        assert isinstance(receipt, Receipt)
        speeds.append((receipt.speed, receipt.fast_seconds))

    assert [(Speed.FAST, 0.04), (Speed.RELAX, 0.0), (Speed.FAST, 0.04)] == speeds
    assert 80 == (await house.inform(ask(**PLUS))).usage.gpu_milliseconds


async def test_a_job_costs_what_was_measured_while_the_worker_is_away(house: House):
    before = await house.ask(**PLUS)
    await house.engine.stop(0)

    after = await house.ask(**PLUS)

    assert isinstance(before, Receipt)
    assert isinstance(after, Receipt)
    assert before.fast_seconds == after.fast_seconds


async def test_a_job_costs_after_a_restart_what_was_measured_before_it(house: House):
    before = await house.ask(**PLUS)
    await house.engine.wait_ready()
    await Measured(house.memory, house.submit.studio).keep()
    await house.engine.stop(0)
    house.start_again()

    guessed = house.submit.studio.step_seconds(64, 64)
    await Measured(house.memory, house.submit.studio).recall()
    after = await house.ask(**PLUS)

    assert GUESSED_STEP_SECONDS == guessed
    assert isinstance(before, Receipt)
    assert isinstance(after, Receipt)
    assert before.fast_seconds == after.fast_seconds


async def test_what_was_measured_of_another_model_counts_for_nothing(house: House):
    await house.engine.wait_ready()
    await Measured(house.memory, house.submit.studio).keep()
    await house.engine.stop(0)

    other = Studio(replace(house.submit.studio.card, name="another"), house.engine)
    await Measured(house.memory, other).recall()

    assert {} == other.measured


async def test_ana_whose_plan_is_relaxed_cannot_be_fast_and_nothing_changes(house: House):
    refused = await house.hasten(ask(), Speed.FAST)

    assert isinstance(refused, Refusal)
    assert Cause.SPEED_NOT_IN_PLAN is refused.cause
    assert "The plan Free has no fast jobs: its jobs are relaxed." in words.refused(refused)
    assert Choices() == await house.choose.read(ANA)


async def test_a_choice_that_a_lesser_plan_does_not_offer_is_kept_for_the_better_one(house: House):
    await house.hasten(ask(**PLUS), Speed.FAST)

    free, plus = await house.ask(), await house.ask(**PLUS)

    assert isinstance(free, Receipt)
    assert isinstance(plus, Receipt)
    assert (Speed.RELAX, Speed.FAST) == (free.speed, plus.speed)


async def test_info_tells_midjourneys_fields_in_their_order_and_no_lifetime_figure(house: House):
    await house.hasten(ask(**PLUS), Speed.FAST)
    await house.accepted(**PLUS)
    await house.accepted()

    said = words.info(await house.inform(ask(**PLUS)))

    names = [line.split("**")[1] for line in said.splitlines() if line.startswith("**")]
    assert [
        *("Subscription", "Job Mode", "Visibility Mode", "Fast Time Remaining", "Relaxed Usage"),
        *("Queued Jobs (fast)", "Queued Jobs (relax)", "Running Jobs"),
    ] == names[:8]
    assert "**Job Mode** fast · you said /fast" in said
    assert "**Fast Time Remaining** 10 h of 10 h this month" in said
    assert "**Queued Jobs (fast)** 1\n**Queued Jobs (relax)** 1\n**Running Jobs** 0 of 2" in said
    assert "ifetime" not in said
    assert len(said) < words.CONTENT_LIMIT


async def test_relaxed_use_is_told_while_it_counts(house: House):
    slow = replace(CARD, steps=30)
    house.card = slow
    house.start_again()
    for _ in range(3):
        await house.delivered(count=3)

    now = (await house.inform(ask())).relaxed_seconds
    house.clock.turn(3600)
    later = (await house.inform(ask())).relaxed_seconds

    assert 3 * 3 * 30 * 2 * 0.005 == now
    assert now / 2 == later


# --- sizes --------------------------------------------------------------------------------------


async def test_a_model_larger_than_a_plan_makes_the_largest_that_fits_unless_a_shape_was_asked(
    house: House,
):
    sizes = ((1024, 1024), (1024, 1536), (1536, 1024), (2048, 2048))
    house.card = replace(CARD, width=2048, height=2048, sizes=sizes)
    house.start_again()

    receipt, asked = await house.ask(), await house.ask(aspect_ratio="1024:1536")
    plus = await house.ask(**PLUS)

    assert isinstance(receipt, Receipt)
    spec = await house.memory.open_spec(await house.delivery(receipt.job))
    larger = await house.memory.open_spec(await house.delivery(plus.job))
    assert ((1024, 1024), (2048, 2048)) == (
        (spec.width, spec.height),
        (larger.width, larger.height),
    )
    assert isinstance(asked, Refusal)
    assert Cause.PLAN_SIZE is asked.cause
