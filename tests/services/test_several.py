"""One line becomes several jobs: all of them or none, and only after a press."""

import threading
from dataclasses import replace

import pytest

from bot.domain import Cause, Choices, OptOut, Private, Question, Receipt, Refusal, Visibility, Why
from bot.policy.plans import Usage
from bot.storage import choices
from gen.card import Card, Lora
from gen.job import Speed
from tests.asks import ask, dm
from tests.fakes import FakeIds
from tests.services.conftest import ANA, CARD, PLUS_SKU, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
FOUR = "{red, blue} star --repeat 2"
PLUS = {"sku_ids": frozenset({PLUS_SKU})}
PRO = {"role_ids": frozenset({PRO_ROLE})}


async def goes_ahead(house: House, asked: Question, **changed):
    """Ana presses the button under a question."""
    waiting = house.questions.take(asked.id, ANA)
    assert waiting is not None
    ask = replace(waiting.ask, **{"confirmed": waiting.ask.confirmed | {waiting.why}} | changed)
    outcome = await house.submit(ask)
    if isinstance(outcome, Receipt):
        house.submit.answered(outcome.job, *outcome.others)
    return outcome


async def prompts(house: House, receipt: Receipt) -> list[str]:
    jobs = [receipt.job, *receipt.others]
    return [(await house.memory.open_spec(await house.delivery(job))).prompt for job in jobs]


async def prefers(house: House, **chosen) -> None:
    """Ana keeps this for her prompts."""
    owner = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.write(
            tx, house.memory.keys, owner, Choices(**chosen), now=house.clock.now(), day="2026-01-01"
        )


async def test_nothing_is_queued_before_the_press(house: House):
    before = await house.rows()

    asked = await house.ask(FOUR, **PLUS)

    assert isinstance(asked, Question)
    assert (Why.MANY, 4, 4) == (asked.why, asked.facts["jobs"], asked.facts["pictures"])
    assert before == await house.rows()


async def test_after_the_press_each_is_a_job_of_its_own(house: House):
    asked = await house.ask(FOUR, count=2, **PLUS)

    receipt = await goes_ahead(house, asked)

    assert ["red star", "red star", "blue star", "blue star"] == await prompts(house, receipt)
    assert 4 == len({receipt.job, *receipt.others})
    usage = await house.usage()
    assert (8, 4) == (usage.pictures, usage.waiting_jobs)
    await house.finish()
    await house.finish()
    assert 4 == len(house.engine.given)
    assert {"delivered"} == {await house.state(job) for job in (receipt.job, *receipt.others)}


async def test_seeds_of_a_repeated_job_go_on(house: House):
    asked = await house.ask("star --seed 4294967294 --repeat 2", count=2, **PLUS)

    receipt = await goes_ahead(house, asked)

    jobs = [receipt.job, *receipt.others]
    specs = [await house.memory.open_spec(await house.delivery(job)) for job in jobs]
    assert [(2**32 - 2, 2**32 - 1), (0, 1)] == [spec.seeds for spec in specs]


async def test_a_repeated_interaction_makes_them_once(house: House):
    asked = await house.ask(FOUR, interaction_id=77, **PLUS)
    await goes_ahead(house, asked)
    before = await house.rows()

    assert Refusal(Cause.REPEATED) == await house.ask(FOUR, interaction_id=77, **PLUS)
    assert before == await house.rows()


@pytest.mark.parametrize(
    ("prompt", "cause"),
    [
        ("{a,b,c} {d,e} star", Cause.PLAN_PERMUTATIONS),
        ("star --repeat 3", Cause.PLAN_REPEAT),
        ("{a,b} star --repeat 2", Cause.PLAN_JOBS),
        ("star --steps {4, 31}", Cause.PLAN_STEPS),
        ("star --ar {1:1, 3:2} --tile {a, b}", Cause.PLAN_JOBS),
        ("{a,b} --ar 5:4", Cause.SIZE),
        ("{fox, 🦊}", Cause.NOTHING_DRAWABLE),
        ("{a, b} --fast", Cause.SPEED_NOT_IN_PLAN),
        ("{a, b::-2} fox::1", Cause.WEIGHTS_SUM),
        ("{a, b} --lora x", Cause.NO_SUCH_LORA),
    ],
)
async def test_what_ana_may_not_have_in_one_of_them_she_has_in_none(house: House, prompt, cause):
    before = await house.rows()

    said = await house.ask(prompt)

    assert cause is getattr(said, "cause", said)
    assert before == await house.rows()


async def test_what_is_used_up_by_all_of_them_is_counted_before(house: House):
    for _ in range(4):
        await house.accepted(count=4)
        await house.finish()
    for _ in range(5):
        await house.accepted(count=4, visibility=PUBLIC)
        await house.finish()
    before = await house.rows()

    pictures = await house.ask("{a, b} star", count=3)
    stealth = await house.ask("{a, b} star", visibility=STEALTH, **PLUS)

    assert Cause.PICTURES_USED_UP is pictures.cause
    assert Why.MANY is stealth.why
    assert before == await house.rows()


async def test_stealth_jobs_of_the_day_are_counted_for_all(house: House):
    await house.accepted(visibility=STEALTH)
    await house.accepted(visibility=STEALTH)
    await house.finish()

    said = await house.ask("{a, b} star --stealth")

    assert Cause.STEALTH_USED_UP is said.cause


async def test_a_queue_with_room_for_one_takes_no_two(house: House):
    house.room.max_open_jobs = 3
    await house.accepted()
    await house.accepted()

    said = await house.ask("{a, b} star", **PLUS)

    assert Cause.QUEUE_FULL is said.cause


async def test_who_opts_out_before_the_press_has_nothing_made(house: House):
    asked = await house.ask(FOUR, **PLUS)
    owner = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, owner, OptOut.NO_PROCESSING, day="2026-01-01")
    before = await house.rows()

    assert Refusal(Cause.OPTED_OUT) == await goes_ahead(house, asked)
    assert before == await house.rows()


async def test_who_becomes_never_public_before_the_press_gets_stealth(house: House):
    asked = await house.ask(FOUR, **PRO)
    owner = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, owner, OptOut.NEVER_PUBLIC, day="2026-01-01")

    receipt = await goes_ahead(house, asked)

    assert STEALTH is receipt.visibility
    for job in (receipt.job, *receipt.others):
        assert STEALTH is (await house.delivery(job)).visibility


async def test_personal_details_in_one_of_them_are_asked_about_first(house: House):
    first = await house.ask("{a fox, for ana@example.com}", **PLUS)
    second = await goes_ahead(house, first)
    third = await goes_ahead(house, second)

    assert [Why.PERSONAL, Why.MANY] == [first.why, second.why]
    assert isinstance(third, Receipt)


async def test_a_press_for_stealth_counts_for_all_of_them(house: House):
    first = await house.ask("{a fox, for ana@example.com}", **PLUS)
    second = await goes_ahead(house, first, visibility=STEALTH, confirmed=frozenset())
    receipt = await goes_ahead(house, second)

    assert Why.MANY is second.why
    assert {STEALTH} == {
        (await house.delivery(job)).visibility for job in (receipt.job, *receipt.others)
    }


async def test_what_fails_in_the_middle_leaves_none_of_them(house: House, monkeypatch):
    asked = await house.ask(FOUR, **PLUS)
    before = await house.rows()
    charge, calls = house.submit.__class__.__module__, []

    async def breaks_at_the_third(*_, **__):
        calls.append(1)
        if len(calls) == 3:
            raise ZeroDivisionError

    monkeypatch.setattr(f"{charge}.people.charge", breaks_at_the_third)
    with pytest.raises(ZeroDivisionError):
        await goes_ahead(house, asked)

    after = await house.rows()
    assert [] == [name for name in before if name[:2] == "db" and before[name] != after[name]]
    assert [] == house.hands.busy()


@pytest.mark.parametrize(("word", "speed"), [("fast", Speed.FAST), ("relax", Speed.RELAX)])
async def test_a_line_says_its_own_speed(house: House, word, speed):
    await prefers(house, speed=Speed.FAST if speed is Speed.RELAX else Speed.RELAX)

    receipt = await house.ask(f"fox --{word}", **PRO)

    assert speed is receipt.speed
    assert speed is not (await house.ask("fox", **PRO)).speed


async def test_fast_time_of_all_of_them_is_said_before(house: House):
    asked = await house.ask("{a, b} star --fast", **PRO)
    receipt = await goes_ahead(house, asked)

    usage: Usage = await house.usage()
    assert asked.facts["fast_seconds"] * 1000 == usage.gpu_milliseconds > 0
    assert receipt.fast_seconds == asked.facts["fast_seconds"]


async def test_what_ana_keeps_for_her_prompts_stands_behind_each(house: House):
    await prefers(
        house,
        suffix="--steps 9 --tile",
        options={"wide": "--ar 3:2"},
        wildcards={"colour": ["red", "blue", "green"]},
    )

    job = await house.accepted("a __colour__ fox --wide --steps 5")

    spec = await house.memory.open_spec(await house.delivery(job))
    assert ("a blue fox", 96, 5, True) == (spec.prompt, spec.width, spec.steps, spec.tile)


async def test_nobody_else_waits_while_a_long_line_is_read(house: House):
    read_in = set[int]()

    class Overheard(FakeIds):
        def seed(self) -> int:
            read_in.add(threading.get_ident())
            return super().seed()

    await prefers(house, wildcards={"colour": ["red"]})
    meet = replace(house.submit.meet, ids=Overheard())

    await meet.read(ask("a __colour__ star"))

    assert read_in
    assert threading.get_ident() not in read_in


@pytest.mark.parametrize("where", [{}, {"where": dm()}])
async def test_a_recipe_is_not_read_again(house: House, where):
    await prefers(house, suffix="--steps 9")

    job = await house.accepted("a {sign} --steps 2", is_read=True, **where)

    spec = await house.memory.open_spec(await house.delivery(job))
    assert ("a {sign} --steps 2", 4) == (spec.prompt, spec.steps)


async def test_style_is_said_back_as_the_guidance_it_is_read_as(house: House):
    receipt = await house.ask("fox --s 1000")

    spec = await house.memory.open_spec(await house.delivery(receipt.job))
    assert 2.0 == spec.guidance
    assert any("`--stylize 1000` is read as guidance 2" in note for note in receipt.notes)


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("fox --steps 5", {"steps": 6}),
        ("fox --no cars", {"negative": "dogs"}),
        ("fox --cfg 2", {"stylize": 50}),
        ("fox --relax", {"speed": Speed.FAST}),
    ],
)
async def test_an_option_and_a_parameter_that_disagree_are_refused(house: House, prompt, asked):
    before = await house.rows()

    said = await house.ask(prompt, **asked)

    assert Cause.PARAMETERS_DISAGREE is said.cause
    assert before == await house.rows()


async def test_an_option_that_says_the_same_is_fine(house: House):
    assert isinstance(await house.ask("fox --steps 5 --no cars", steps=5, negative="cars"), Receipt)


async def test_the_weight_of_a_picture_needs_one(house: House):
    for prompt in ("fox --iw 1", "fox --strength 0.5"):
        assert Cause.PARAMETER_NEEDS_IMAGE is (await house.ask(prompt)).cause


async def test_a_model_that_cannot_do_it_is_named(house: House):
    house.card = replace(CARD, family="words-only")
    house.start_again()

    said = await house.ask("fox::2 --tile --sampler ddim")

    assert Cause.MODEL_CANNOT is said.cause
    assert ("weights", "samplers", "tile") == said.facts["lacking"]


async def test_a_lora_is_called_by_its_name_with_its_own_weight(house: House):
    ink = Lora(name="Ink", file="ink.safetensors", weight=0.7)
    house.card = replace(CARD, loras=(ink, replace(ink, name="Oil")))
    house.start_again()

    job = await house.accepted("fox --lora ink --lora oil:0.2")

    spec = await house.memory.open_spec(await house.delivery(job))
    assert (("Ink", 0.7), ("Oil", 0.2)) == spec.loras


async def test_a_model_without_guidance_says_so(house: House):
    house.card = Card(name="swift", family="sd", width=64, height=64, steps=4, guidance=0.0)
    house.start_again()

    for prompt in ("fox --stylize 50", "fox --no cars"):
        assert Cause.NO_GUIDANCE is (await house.ask(prompt)).cause
    assert isinstance(await house.ask("fox --no cars --cfg 2"), Receipt)


async def test_a_refused_line_prints_none_of_its_words(house: House):
    said = await house.ask("xylophone --marmalade")

    assert "marmalade" not in repr(said)
    assert Private("marmalade") == said.facts["name"]
