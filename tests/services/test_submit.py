"""An ask becomes a job, or a refusal that costs and leaves nothing."""

import json
from dataclasses import asdict, replace

import pytest

from bot import words
from bot.domain import Cause, Receipt, Refusal, Visibility
from bot.policy.plans import Usage
from bot.route import StealthRoute
from gen.card import Card
from gen.forecast import MEANWHILE
from gen.job import Spec
from tests.asks import dm, where
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, CARD, MOD, PLUS_SKU, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
SECRET = "xylophone marmalade"

REFUSED = {
    Cause.PROMPT_EMPTY: {"prompt": "\u200b"},
    Cause.PROMPT_TOO_LONG: {"prompt": "x" * 6001},
    Cause.NOTHING_DRAWABLE: {"prompt": "🦊"},
    Cause.STEPS: {"steps": 101},
    Cause.GUIDANCE: {"guidance": 21.0},
    Cause.SEED: {"seed": 2**32},
    Cause.COUNT: {"count": 5},
    Cause.SIZE: {"aspect_ratio": "16:9"},
    Cause.PLAN_STEPS: {"steps": 31},
    Cause.DM_IS_STEALTH: {"where": dm(), "visibility": PUBLIC},
    Cause.FORUM_ROOT: {"where": where(is_forum=True)},
    Cause.BOT_PERMISSIONS: {"where": where(bot_may=frozenset())},
    Cause.ASKER_PERMISSIONS: {"where": where(asker_may=frozenset())},
    Cause.ASKER_TIMED_OUT: {"where": where(asker_timed_out=True)},
}


@pytest.mark.parametrize("cause", REFUSED)
async def test_a_refusal_costs_nothing_and_leaves_nothing(house: House, cause):
    before = await house.rows()

    said = await house.ask(**REFUSED[cause])

    assert cause is said.cause
    assert before == await house.rows()
    assert [] == house.memory.keys.stealth.items()


@pytest.mark.parametrize("cause", REFUSED)
async def test_a_refusal_leaves_who_was_known_before_as_they_were(house: House, cause):
    await house.accepted()
    await house.accepted(visibility=STEALTH)
    before = await house.rows()

    await house.ask(**REFUSED[cause])

    assert before == await house.rows()


async def test_what_the_plan_does_not_hold_is_refused_without_a_trace(house: House):
    for _ in range(3):
        await house.accepted(count=4)
    before = await house.rows()

    said = await house.ask()

    assert Refusal(Cause.WAITING_FULL, {"plan": "Free", "limit": 3}) == said
    assert before == await house.rows()


@pytest.mark.parametrize(
    ("seen", "each", "times", "cause"),
    [(PUBLIC, 4, 10, Cause.PICTURES_USED_UP), (STEALTH, 1, 3, Cause.STEALTH_USED_UP)],
)
async def test_the_days_use_has_an_end_and_begins_anew_tomorrow(
    house: House, seen, each, times, cause
):
    for _ in range(times):
        await house.accepted(count=each, visibility=seen)
        await house.finish()
    before = await house.rows()

    said = await house.ask(visibility=seen)
    after = await house.rows()
    house.clock.turn(24 * 3600)

    assert cause is said.cause
    assert before == after
    assert isinstance(await house.ask(visibility=seen), Receipt)


async def test_a_full_queue_says_so_to_everybody(house: House):
    house.room.max_open_jobs = 1
    await house.accepted()

    said = await house.ask(person=MOD)

    assert (Cause.QUEUE_FULL, 1) == (said.cause, said.facts["limit"])


async def test_an_accepted_job_charges_its_pictures_at_once(house: House):
    await house.accepted(count=3)
    await house.accepted(count=1, visibility=STEALTH)

    assert Usage(pictures=4, stealth_jobs=1, waiting_jobs=2) == await house.usage()
    assert Usage() == await house.usage(MOD)


async def test_what_fails_in_the_middle_charges_and_stores_nothing(house: House, monkeypatch):
    before = await house.rows()

    def breaks(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("bot.services.submit.people.charge", breaks)
    with pytest.raises(ZeroDivisionError):
        await house.ask()

    after = await house.rows()
    assert [] == [name for name in before if name[:2] == "db" and before[name] != after[name]]


async def test_a_repeated_interaction_is_made_once(house: House):
    await house.accepted(interaction_id=77)
    before = await house.rows()

    again = await house.ask(interaction_id=77)

    assert Refusal(Cause.REPEATED) == again
    assert before == await house.rows()


async def test_a_repeated_interaction_is_made_once_even_after_its_job_has_ended(house: House):
    await house.accepted(interaction_id=77)
    await house.finish()

    assert Refusal(Cause.REPEATED) == await house.ask(interaction_id=77)


@pytest.mark.parametrize("asked", [{"visibility": STEALTH}, {"where": dm()}])
async def test_a_stealth_job_has_no_server_and_no_channel_anywhere(house: House, asked):
    job = await house.accepted(**asked)

    route = await house.memory.open_route(await house.delivery(job))

    assert isinstance(route, StealthRoute)
    plain = {"owner", "interaction_token", "upload_limit_bytes", "adult_ok", "is_spoiler", "notes"}
    assert plain == {name for name, value in asdict(route).items() if value is not None}
    stored = [value for rows in (await house.rows()).values() for row in rows for value in row]
    assert not {100, 200, 300} & {value for value in stored if isinstance(value, int)}


@pytest.mark.parametrize("seen", Visibility)
async def test_no_word_of_a_prompt_is_anywhere_in_the_data_folder(house: House, seen, on_disk):
    job = await house.accepted(SECRET, negative=f"no {SECRET}", visibility=seen)
    waiting = on_disk()
    await house.places()
    await house.work()
    rendered = on_disk()
    await house.delivers()
    await house.tidies()

    for disk in (waiting, rendered, on_disk()):
        for word in SECRET.split():
            assert word.encode() not in disk
    assert "delivered" == await house.state(job)


@pytest.mark.parametrize("seen", Visibility)
async def test_neither_a_person_nor_a_token_is_in_the_data_folder(house: House, seen, on_disk):
    person = 123456789012345678
    await house.accepted(person=person, visibility=seen)
    await house.places()

    disk = on_disk()

    assert str(person).encode() not in disk
    assert person.to_bytes(8) not in disk
    assert b"token-1" not in disk


async def test_what_a_disk_key_opens_holds_no_word_of_a_stealth_prompt(house: House):
    house.card = replace(CARD, words=("fox",))
    house.start_again()

    receipt = await house.ask(SECRET, visibility=STEALTH)

    route = await house.memory.open_route(await house.delivery(receipt.job))
    assert any("xylophone" in note for note in receipt.notes)
    assert "xylophone" not in route.to_json().decode()


async def test_the_spec_is_what_was_asked_for_and_the_models_own_for_the_rest(house: House):
    plain = await house.accepted("a  red\u200b fox")
    given = await house.accepted(
        "a fox", negative="dogs", steps=9, guidance=1.5, seed=2**32 - 1, count=2, aspect_ratio="3:2"
    )

    assert Spec(
        prompt="a red fox",
        width=64,
        height=64,
        steps=4,
        guidance=3.0,
        seeds=(7,),
        model="Pocket",
    ) == await house.memory.open_spec(await house.delivery(plain))
    assert Spec(
        prompt="a fox",
        negative_prompt="dogs",
        width=96,
        height=64,
        steps=9,
        guidance=1.5,
        seeds=(2**32 - 1, 0),
        model="Pocket",
    ) == await house.memory.open_spec(await house.delivery(given))


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ({}, 3),
        ({"sku_ids": frozenset({PLUS_SKU})}, 6),
        ({"role_ids": frozenset({PRO_ROLE})}, 12),
        ({"role_ids": frozenset({PRO_ROLE}), "sku_ids": frozenset({PLUS_SKU})}, 12),
        ({"role_ids": frozenset({555})}, 3),
    ],
)
async def test_the_best_plan_that_a_role_or_a_purchase_gives_counts(house: House, asked, most):
    for _ in range(most):
        await house.accepted(visibility=PUBLIC, **asked)

    assert Cause.WAITING_FULL is (await house.ask(visibility=PUBLIC, **asked)).cause


@pytest.mark.parametrize(("later", "left"), [(0, None), (24 * 3600, None), (24 * 3600 + 1, 2)])
async def test_a_role_counts_in_the_dm_for_a_day(house: House, later, left):
    await house.accepted(role_ids=frozenset({PRO_ROLE}))
    await house.finish()
    house.clock.turn(later)

    receipt = await house.ask(where=dm())

    assert left == receipt.stealth_left_today


async def test_a_plan_with_stealth_by_default_goes_to_the_dm_from_a_channel(house: House):
    receipt = await house.ask(role_ids=frozenset({PRO_ROLE}))

    assert STEALTH is receipt.visibility


async def test_the_receipt_says_position_estimate_and_what_is_left(house: House):
    await house.accepted(person=MOD)

    receipt = await house.ask(visibility=STEALTH, count=2)

    assert 2 == receipt.position
    assert 2 == receipt.stealth_left_today
    step_seconds = house.engine.ready.profile.step_seconds(64, 64)
    assert pytest.approx(3 * 2 * 4 * step_seconds * MEANWHILE) == receipt.eta_seconds


@pytest.mark.parametrize(("seen", "days"), [(PUBLIC, 30), (STEALTH, 7)])
async def test_only_the_first_answer_says_who_makes_pictures_and_how_long_words_are_kept(
    house: House, seen, days
):
    first, second = await house.ask(visibility=seen), await house.ask(visibility=seen)

    assert words.AI_NOTICE == first.notes[0]
    assert f"your words for {days} days" in first.notes[1]
    assert () == second.notes


async def test_who_was_here_before_is_told_once_that_the_policy_changed(house: House):
    await house.accepted()
    house.policy_version = 1
    second, third = await house.ask(), await house.ask()

    assert (words.POLICY_CHANGED,) == second.notes
    assert () == third.notes


@pytest.mark.parametrize(
    "word", ["--stealth", "--stea\u200blth", "-\u200b-private", "--\u2060stealth"]
)
async def test_stealth_said_in_a_prompt_is_heard_whatever_cannot_be_seen_in_it(house: House, word):
    receipt = await house.ask(f"a red fox {word}")

    spec = await house.memory.open_spec(await house.delivery(receipt.job))
    assert (STEALTH, "a red fox") == (receipt.visibility, spec.prompt)


async def test_words_the_model_does_not_know_are_named_in_the_answer(house: House):
    house.card = Card(name="small", family="sd", width=64, height=64, words=("a", "red", "fox"))
    house.start_again()

    receipt = await house.ask("a red xylophone")

    assert "“xylophone”" in receipt.notes[0]
    assert "“red”" not in "".join(receipt.notes)


async def test_while_the_model_loads_a_job_is_accepted_and_told_so(house: House):
    house.engine = FakeEngine(ready=None)
    house.start_again()
    loading = await house.ask()
    await house.engine.stop(0)
    down = await house.ask()

    assert (words.LOADING, words.DOWN) == (loading.engine_note, down.engine_note)


async def test_a_receipt_tells_nobody_else_anything(house: House):
    receipt = await house.ask(SECRET, visibility=STEALTH)

    assert {} == house.messenger.channels
    assert SECRET not in json.dumps(str(receipt))
    assert str(ANA) not in receipt.job


async def test_a_models_own_default_obeys_the_plan_too(house: House):
    house.card = replace(CARD, steps=50)
    house.start_again()

    job = await house.accepted()

    assert 30 == (await house.memory.open_spec(await house.delivery(job))).steps
