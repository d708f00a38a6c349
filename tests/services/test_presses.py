"""Whoever presses what is not theirs, presses twice or too late: nothing comes of it."""

import pytest

from bot.domain import PersonId, Question, Visibility
from bot.services.cancel import Outcome
from bot.services.questions import WAIT_SECONDS
from bot.services.remove import Removal
from bot.services.withdraw import Withdrawal
from tests.services.conftest import ANA, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
OTHERS = [PersonId(1000 + number) for number in range(50)]
YEAR_SECONDS = 365 * 24 * 3600


async def everything(house: House) -> tuple[object, ...]:
    """All that a press could change: rows, files, keys in memory, messages, answers."""
    return (
        await house.rows(),
        house.files(),
        house.memory.keys.stealth.items(),
        {channel: list(standing) for channel, standing in house.messenger.channels.items()},
        {token: list(said) for token, said in house.messenger.whispers.items()},
    )


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered", "delivered"])
async def test_fifty_others_press_every_button_and_nothing_happens(house: House, seen, stage):
    job = await getattr(house, stage)(visibility=seen)
    name = await house.ticket() if (seen, stage) == (STEALTH, "delivered") else job
    before = await everything(house)

    said = [
        (
            (await house.cancel(job, other)).outcome,
            await house.remove(job, other),
            await house.withdraw(job, other, "press"),
            await house.recall(name, other),
        )
        for other in OTHERS
    ]

    nobodys = (Outcome.NOT_YOURS, Removal.NOT_YOURS, Withdrawal.NOT_YOURS, None)
    assert {nobodys} == set(said)
    assert before == await everything(house)


async def test_fifty_others_cannot_answer_a_question_and_its_owner_can_once(house: House):
    await house.delivered(role_ids=frozenset({PRO_ROLE}))
    asked = await house.ask()
    assert isinstance(asked, Question)

    assert {None} == {house.questions.take(asked.id, other) for other in OTHERS}

    answered = [house.questions.take(asked.id, ANA) for _ in range(3)]
    assert [True, False, False] == [waiting is not None for waiting in answered]


async def test_a_question_answered_too_late_is_forgotten(house: House):
    await house.delivered(role_ids=frozenset({PRO_ROLE}))
    asked = await house.ask()
    assert isinstance(asked, Question)

    house.clock.turn(WAIT_SECONDS)

    assert house.questions.take(asked.id, ANA) is None


@pytest.mark.parametrize("seen", Visibility)
async def test_a_press_that_is_repeated_changes_nothing_more(house: House, seen):
    job = await house.placed(visibility=seen)
    first = (await house.cancel(job, ANA)).outcome
    await house.tidies()
    before = await everything(house)

    again = [(await house.cancel(job, ANA)).outcome for _ in range(5)]

    assert (Outcome.CANCELLED, {Outcome.ENDED}) == (first, set(again))
    assert before == await everything(house)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_button_older_than_all_that_is_kept_does_nothing(house: House, seen):
    job = await house.delivered(visibility=seen)
    name = job if seen is PUBLIC else await house.ticket()
    house.clock.turn(YEAR_SECONDS)
    before = await everything(house)

    assert await house.recall(name, ANA) is None
    assert Outcome.ENDED is (await house.cancel(job, ANA)).outcome
    assert before == await everything(house)
