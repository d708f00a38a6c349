"""Nobody becomes more public without pressing for it; no answer posts nothing and costs nothing."""

from dataclasses import replace

import pytest

from bot.domain import Cause, PersonId, Question, Receipt, Refusal, Visibility, Why
from bot.policy.plans import Usage
from bot.services.pending import MOST, MOST_EACH
from bot.services.questions import WAIT_SECONDS, Questions
from tests.asks import CHANNEL, ask, dm
from tests.fakes import FakeClock
from tests.services.conftest import ANA, MOD, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
PRO = {"role_ids": frozenset({PRO_ROLE})}
MAIL = "a letter to ana@example.org"


async def pressed(
    house: House, question: Question, choice: Visibility, person: int = ANA, **changed
):
    """What a press on Post or Only to me does, as the buttons do it."""
    waiting = house.questions.take(question.id, PersonId(person))
    assert waiting is not None
    if choice is STEALTH:
        answered = replace(waiting.ask, visibility=STEALTH)
    else:
        answered = replace(waiting.ask, confirmed=waiting.ask.confirmed | {waiting.why})
    outcome = await house.submit(replace(answered, **changed))
    if isinstance(outcome, Receipt):
        house.submit.answered(outcome.job)
    return outcome


async def asked(house: House, why: Why, prompt: str = "a red fox", **changed) -> Question:
    outcome = await house.ask(prompt, **changed)
    assert isinstance(outcome, Question), outcome
    assert (why, CHANNEL) == (outcome.why, outcome.channel_id)
    return outcome


async def was_stealth(house: House) -> None:
    """Ana's last job went to her DM by her plan, which has ended since."""
    await house.delivered(**PRO)


# --- looser than before -------------------------------------------------------------------------


async def test_whose_plan_ended_is_asked_before_a_job_is_public_again(house: House):
    await was_stealth(house)
    before, shown = await house.rows(), len(house.messenger.seen)

    await asked(house, Why.LOOSER)
    await house.finish()

    assert before == await house.rows()
    assert shown == len(house.messenger.seen)
    assert CHANNEL not in house.messenger.channels


async def test_who_took_stealth_back_by_pressing_public_is_not_asked(house: House):
    await house.choose.stealth(ANA)
    await house.delivered()
    await house.choose.public(ANA)

    assert PUBLIC is (await house.ask()).visibility


async def test_whose_choice_was_forgotten_is_asked(house: House):
    await house.choose.stealth(ANA)
    await house.choose.change(ANA, lambda old: replace(old, visibility=None))

    await asked(house, Why.LOOSER)


async def test_who_lifted_an_opt_out_is_asked_before_the_next_job_is_public(house: House):
    await house.choose.never_public(ANA)
    await house.delivered()
    await house.choose.opt_in(ANA)

    await asked(house, Why.LOOSER)


async def test_a_first_job_is_compared_with_nothing(house: House):
    assert PUBLIC is (await house.ask()).visibility


async def test_who_posts_is_public_and_not_asked_again(house: House):
    await was_stealth(house)

    receipt = await pressed(house, await asked(house, Why.LOOSER), PUBLIC)
    await house.finish()

    assert PUBLIC is receipt.visibility
    assert 1 == len(house.messenger.stands(CHANNEL))
    assert PUBLIC is (await house.ask()).visibility


async def test_who_keeps_it_to_themselves_is_asked_again_the_next_time(house: House):
    await was_stealth(house)

    receipt = await pressed(house, await asked(house, Why.LOOSER), STEALTH)
    await house.finish()

    assert STEALTH is receipt.visibility
    assert CHANNEL not in house.messenger.channels
    await asked(house, Why.LOOSER)


async def test_who_cancels_has_used_nothing(house: House):
    await was_stealth(house)
    question = await asked(house, Why.LOOSER)

    assert house.questions.take(question.id, ANA)

    assert Usage(pictures=1, stealth_jobs=1, gpu_milliseconds=40) == await house.usage()
    assert house.questions.take(question.id, ANA) is None


async def test_saying_public_once_does_not_make_the_next_job_public(house: House):
    await was_stealth(house)

    said = await house.ask(visibility=PUBLIC)

    assert PUBLIC is said.visibility
    await asked(house, Why.LOOSER)


async def test_a_job_asked_for_in_the_dm_is_never_asked_about(house: House):
    await was_stealth(house)

    assert STEALTH is (await house.ask(MAIL, where=dm())).visibility


async def test_who_turns_stealth_on_while_asked_gets_stealth_whatever_they_press(house: House):
    await was_stealth(house)
    question = await asked(house, Why.LOOSER)
    await house.choose.stealth(ANA)

    assert STEALTH is (await pressed(house, question, PUBLIC)).visibility


async def test_who_opts_out_while_asked_is_not_made_public_by_a_press(house: House):
    question = await asked(house, Why.PERSONAL, MAIL, visibility=PUBLIC)
    await house.choose.never_public(ANA)

    assert Cause.NEVER_PUBLIC is (await pressed(house, question, PUBLIC)).cause


# --- personal details ---------------------------------------------------------------------------


async def test_whose_words_hold_personal_details_is_asked_and_nothing_is_kept(
    house: House, on_disk
):
    before = await house.rows()

    await asked(house, Why.PERSONAL, MAIL)

    assert before == await house.rows()
    assert b"example" not in on_disk()
    assert {} == house.messenger.channels


@pytest.mark.parametrize("said", [{"visibility": PUBLIC}, {"prompt": f"{MAIL} --public"}])
async def test_who_says_public_is_not_asked_about_looser_but_about_personal_details(
    house: House, said
):
    await was_stealth(house)
    said = {"prompt": MAIL} | said

    await asked(house, Why.PERSONAL, **said)


@pytest.mark.parametrize("said", [{"visibility": STEALTH}, {"prompt": f"{MAIL} --stealth"}])
async def test_personal_details_in_a_stealth_job_are_nobodys_business(house: House, said):
    assert STEALTH is (await house.ask(**({"prompt": MAIL} | said))).visibility


async def test_two_reasons_are_asked_about_one_after_the_other(house: House):
    await was_stealth(house)
    first = await asked(house, Why.LOOSER, MAIL)

    second = await pressed(house, first, PUBLIC)
    between = await house.usage()
    receipt = await pressed(house, second, PUBLIC)

    assert Why.PERSONAL is second.why
    assert Usage(pictures=1, stealth_jobs=1, gpu_milliseconds=40) == between
    assert PUBLIC is receipt.visibility


async def test_a_press_that_comes_from_the_dm_by_then_posts_nothing(house: House):
    """The same ask, decided where it is pressed: in the DM every job is stealth."""
    question = await asked(house, Why.PERSONAL, MAIL)

    assert STEALTH is (await pressed(house, question, PUBLIC, where=dm())).visibility


async def test_an_ask_that_is_refused_anyway_is_not_asked_about(house: House):
    assert isinstance(await house.ask(MAIL, count=5), Refusal)


# --- who may answer, and until when -------------------------------------------------------------


@pytest.fixture
def questions(clock: FakeClock) -> Questions:
    return Questions(clock)


def test_nobody_else_can_answer_and_trying_spoils_nothing(questions):
    name = questions.hold(ask(), Why.LOOSER)

    assert questions.take(name, MOD) is None
    assert ANA == questions.take(name, ANA).ask.person


def test_an_answer_counts_once(questions):
    name = questions.hold(ask(), Why.LOOSER)

    assert [True, False] == [questions.take(name, ANA) is not None for _ in range(2)]


@pytest.mark.parametrize(("later", "waits"), [(WAIT_SECONDS - 1, True), (WAIT_SECONDS, False)])
def test_a_question_waits_as_long_as_discord_lets_it_be_answered(questions, clock, later, waits):
    name = questions.hold(ask(), Why.LOOSER)

    clock.turn(later)

    assert waits is (questions.take(name, ANA) is not None)


async def test_a_restart_forgets_every_question(house: House):
    question = await asked(house, Why.PERSONAL, MAIL)

    house.start_again()

    assert house.questions.take(question.id, ANA) is None


def test_what_somebody_is_asked_can_be_forgotten_and_others_wait_on(questions):
    mine = questions.hold(ask(), Why.LOOSER)
    theirs = questions.hold(ask(person=MOD), Why.LOOSER)

    questions.drop_of(ANA)

    assert questions.take(mine, ANA) is None
    assert questions.take(theirs, MOD)


def test_of_too_many_questions_the_oldest_gives_way(questions):
    names = [questions.hold(ask(person=PersonId(number)), Why.LOOSER) for number in range(MOST + 1)]

    assert [False, True, True] == [
        questions.take(names[number], PersonId(number)) is not None for number in (0, 1, MOST)
    ]


def test_who_floods_forgets_their_own_questions_and_nobody_elses(questions):
    theirs = questions.hold(ask(person=MOD), Why.LOOSER)

    mine = [questions.hold(ask(), Why.LOOSER) for _ in range(MOST + 1)]

    assert questions.take(theirs, MOD)
    assert MOST_EACH == sum(questions.take(name, ANA) is not None for name in mine)


def test_a_question_prints_no_word_of_what_it_holds(questions):
    questions.hold(ask("xylophone"), Why.PERSONAL)

    assert "xylophone" not in repr(questions)


@pytest.mark.parametrize("name", ["", "0" * 16, "nobody was asked this"])
def test_a_name_that_was_never_given_finds_nothing(questions, name):
    assert questions.take(name, ANA) is None
