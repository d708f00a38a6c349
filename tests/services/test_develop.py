"""A press under a result becomes an ask: of its owner, for as long as the recipe is kept."""

import itertools
from dataclasses import replace

import pytest

from bot.domain import Cause, PersonId, Private, Question, Receipt, Refusal, Visibility, Why
from bot.ports import Found
from bot.services.develop import Development, Undeveloped
from gen.job import Kind, Spec
from tests.asks import CHANNEL, ask, dm, where
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
numbers = itertools.count(7000)


async def result(house: House, seen: Visibility = PUBLIC, **asked) -> tuple[str, Found]:
    """What the buttons of a delivered result carry, and its message as Discord shows it."""
    job = await house.delivered("a red fox", visibility=seen, **asked)
    channel = CHANNEL if seen is PUBLIC else house.messenger.dm(ANA)
    standing = house.messenger.channels[channel][-1]
    found = await house.messenger.read_back(channel, standing.message_id)
    assert found is not None
    return (job if seen is PUBLIC else await house.ticket()), found


async def press(
    house: House, verb: str, name: str, found: Found | None, by: PersonId = ANA, line=None, **base
) -> Development | Undeveloped:
    number = next(numbers)
    pressed = {"interaction_id": number, "interaction_token": Private(f"token-{number}")}
    asked = ask("", person=by, **(pressed | base))
    return await house.develop(asked, verb, name, found.pictures if found else {}, line)


async def made(house: House, developed: Development | Undeveloped) -> Spec:
    """The job that comes of it, as the engine is given it."""
    assert isinstance(developed, Development)
    outcome = await house.submit(developed.ask)
    assert isinstance(outcome, Receipt), outcome
    house.submit.answered(outcome.job)
    await house.finish()
    return house.engine.given[-1][1]


async def test_ana_presses_u2_and_gets_that_picture_alone(house):
    name, found = await result(house, count=4)

    spec = await made(house, await press(house, "u2", name, found))

    assert (Kind.UPSCALE, 0.0, 0, 1) == (spec.kind, spec.strength, spec.steps_to_do, spec.pictures)
    assert (64, 64) == (spec.width, spec.height)
    assert 1 == len(house.engine.brought[house.engine.given[-1][0]])
    assert [f"fake:{found.message_id}:1"] == house.fetched


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        ("x2", f"**a red fox** · Upscaled 2× – <@{ANA}>"),
        ("vs", f"**a red fox** · Variation (subtle) – <@{ANA}>"),
        ("z15", f"**a red fox** · Zoomed out 1.5× – <@{ANA}>"),
        ("panl", f"**a red fox** · Panned left – <@{ANA}>"),
    ],
)
async def test_place_and_result_of_a_public_press_say_what_was_made(house, verb, line):
    name, found = await result(house)
    before = len(house.messenger.seen)

    await made(house, await press(house, verb, name, found))

    said = [post.content for _, post in house.messenger.seen[before:]]
    assert said
    assert [] == [each for each in said if not each.startswith(line)]


async def test_a_press_whose_words_are_hidden_says_only_what_was_made(house):
    await house.choose.change(ANA, lambda old: replace(old, hides_prompt=True))
    name, found = await result(house)

    await made(house, await press(house, "x2", name, found))

    said = house.messenger.stands(CHANNEL)[-1].content
    assert f"Upscaled 2× by <@{ANA}> · words hidden" == said


async def test_of_a_stealth_press_no_message_says_what_was_made(house):
    name, found = await result(house, STEALTH)
    before = len(house.messenger.seen)

    await made(house, await press(house, "x2", name, found, where=dm()))

    said = [post.content for _, post in house.messenger.seen[before:]]
    assert said
    assert [] == [each for each in said if "Upscaled" in each or not each.startswith("Your ste")]


async def test_ana_presses_v3_and_gets_as_many_variations_of_it(house):
    name, found = await result(house, count=3)

    spec = await made(house, await press(house, "v3", name, found))

    assert (Kind.VARY, 0.75, 3) == (spec.kind, spec.strength, spec.pictures)
    assert "a red fox" == spec.prompt


@pytest.mark.parametrize("verb", ["x2", "vs", "vl", "z15", "z20", "panl", "panr", "panu", "pand"])
@pytest.mark.parametrize("seen", Visibility)
async def test_every_button_of_one_picture_makes_something_of_it_where_it_stood(house, seen, verb):
    name, found = await result(house, seen)
    place = where() if seen is PUBLIC else dm()
    before = len(house.messenger.channels.get(CHANNEL, []))

    await made(house, await press(house, verb, name, found, where=place))

    shown = house.messenger.channels[CHANNEL if seen is PUBLIC else house.messenger.dm(ANA)]
    assert 2 == len([one for one in shown if one.post.files])
    assert before + (seen is PUBLIC) == len(house.messenger.channels.get(CHANNEL, []))


async def test_what_was_made_of_a_picture_can_be_made_more_of_but_not_again(house):
    name, found = await result(house, count=2)
    await made(house, await press(house, "u1", name, found))
    standing = house.messenger.channels[CHANNEL][-1]
    alone = await house.messenger.read_back(CHANNEL, standing.message_id)
    verbs = {each.split(":")[1] for each in alone.custom_ids}
    job = house.ids.given[-1]

    again = await press(house, "again", job, alone)
    spec = await made(house, await press(house, "vl", job, alone))

    assert "again" not in verbs
    assert {"vs", "vl", "z15", "remix", "recipe", "star"} <= verbs
    assert Undeveloped.NO_START_LEFT is again
    assert Kind.VARY is spec.kind


async def test_a_picture_that_is_not_in_the_message_is_made_again_from_its_seed(house):
    name, _ = await result(house, count=4)

    developed = await press(house, "v3", name, None)

    assert isinstance(developed, Development)
    assert developed.is_made_again
    spec = await made(house, developed)
    assert (Kind.IMAGINE, (9,)) == (spec.kind, spec.seeds)


async def test_a_picture_that_started_from_another_cannot_be_made_again(house):
    name, found = await result(house, count=2)
    await made(house, await press(house, "u1", name, found))

    assert Undeveloped.NO_PICTURE is await press(house, "vl", house.ids.given[-1], None)
    assert Undeveloped.NO_PICTURE is await press(house, "remix", house.ids.given[-1], None)


async def test_a_picture_that_there_is_not_is_named(house):
    name, found = await result(house, count=2)

    assert Undeveloped.NO_SUCH_PICTURE is await press(house, "u4", name, found)


@pytest.mark.parametrize("seen", Visibility)
async def test_mods_press_on_anas_makes_nothing(house, seen):
    name, found = await result(house, seen)

    for verb in ("again", "remix", "vl", "x2"):
        assert Undeveloped.EXPIRED is await press(house, verb, name, found, by=MOD)
        assert await house.develop.line(verb, name, MOD) is None


@pytest.mark.parametrize("seen", Visibility)
async def test_an_expired_recipe_makes_nothing(house, seen):
    name, found = await result(house, seen)
    house.clock.turn(31 * 86400)

    assert Undeveloped.EXPIRED is await press(house, "vl", name, found)


async def test_buttons_work_after_the_bot_was_killed(house):
    name, found = await result(house, count=2)
    house.start_again()

    assert Kind.VARY is (await made(house, await press(house, "v1", name, found))).kind


async def test_who_prefers_subtle_variations_gets_them(house):
    name, found = await result(house, count=2)
    await house.choose.change(ANA, lambda old: replace(old, varies_strongly=False))

    assert 0.35 == (await made(house, await press(house, "v1", name, found))).strength


async def test_words_are_asked_for_by_remix_always_and_by_others_when_ana_wants_it(house):
    name, _ = await result(house, count=2)

    before = [await house.develop.line(verb, name, ANA) for verb in ("remix", "again", "v1")]
    await house.choose.change(ANA, lambda old: replace(old, remixes=True))
    after = [await house.develop.line(verb, name, ANA) for verb in ("remix", "again", "v1")]

    assert ["a red fox --count 2", None, None] == before
    assert [*["a red fox --count 2"] * 3] == after


async def test_other_words_make_another_picture_with_the_same_parameters(house):
    name, found = await result(house, steps=3)
    line = await house.develop.line("remix", name, ANA)

    assert "a red fox --steps 3" == line
    spec = await made(house, await press(house, "remix", name, found, line="a blue fox --steps 3"))
    assert ("a blue fox", 3, Kind.IMAGINE) == (spec.prompt, spec.steps, spec.kind)


async def test_other_words_for_what_started_from_a_picture_change_that_picture(house):
    name, found = await result(house, count=2)
    await made(house, await press(house, "u1", name, found))
    standing = house.messenger.channels[CHANNEL][-1]
    alone = await house.messenger.read_back(CHANNEL, standing.message_id)

    developed = await press(house, "remix", house.ids.given[-1], alone, line="a blue fox")

    spec = await made(house, developed)
    assert ("a blue fox", Kind.VARY) == (spec.prompt, spec.kind)


async def test_a_stealth_remix_stays_stealth_wherever_it_is_said(house):
    name, found = await result(house, STEALTH)

    await made(house, await press(house, "remix", name, found, line="a blue fox"))

    assert [] == house.messenger.stands(CHANNEL)


async def test_a_stealth_remix_that_says_public_is_asked_about_before_anybody_sees_it(house):
    name, found = await result(house, STEALTH)
    developed = await press(house, "remix", name, found, line="a blue fox --public")
    assert isinstance(developed, Development)

    asked = await house.submit(developed.ask)

    assert isinstance(asked, Question)
    assert (Why.LOOSER, True) == (asked.why, asked.facts["of_stealth"])
    assert [] == house.messenger.stands(CHANNEL)
    waiting = house.questions.take(asked.id, ANA)
    assert isinstance(await house.submit(replace(waiting.ask, visibility=STEALTH)), Receipt)


async def test_in_the_dm_a_stealth_remix_that_says_public_is_refused(house):
    name, found = await result(house, STEALTH)
    developed = await press(house, "remix", name, found, line="a fox --public", where=dm())

    outcome = await house.submit(developed.ask)

    assert isinstance(outcome, Refusal)
    assert Cause.DM_IS_STEALTH is outcome.cause


async def test_a_press_takes_the_stricter_of_its_parent_and_of_now(house):
    """Public then, and stealth since: what comes of it goes to the DM."""
    name, found = await result(house)
    await house.choose.stealth(ANA)

    await made(house, await press(house, "vl", name, found))

    assert 1 == len(house.messenger.stands(CHANNEL))


async def test_a_press_told_twice_makes_one_job(house):
    name, found = await result(house)
    developed = await press(house, "vl", name, found)

    first = await house.submit(developed.ask)
    second = await house.submit(developed.ask)

    assert isinstance(first, Receipt)
    assert isinstance(second, Refusal)
    assert Cause.REPEATED is second.cause
