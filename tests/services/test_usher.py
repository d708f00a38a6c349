"""Who waits is told where they stand: in their own DM as it changes, and never in a channel."""

import pytest

from bot.domain import PersonId, Visibility
from bot.services.foresee import Foresee
from bot.services.studio import Studio
from bot.services.usher import Usher
from gen.fairness import SHARING
from tests.asks import CHANNEL
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, CARD, MOD, House

STEALTH = Visibility.STEALTH


@pytest.fixture
def slow(house: House) -> House:
    house.engine = FakeEngine(auto=False)
    house.start_again()
    return house


def usher_of(house: House) -> Usher:
    foresee = Foresee(Studio(CARD, house.engine), SHARING, house.dispatch.done)
    return Usher(house.memory, house.engine, house.board, foresee)


async def looks(house: House, usher: Usher) -> None:
    house.clock.turn(60)
    await usher.look()
    for _ in house.board._unshown:
        house.clock.turn(60)
        await house.board.look()
    for edit in list(house.board._edits.values()):
        await edit


def dm_of(house: House, person: PersonId) -> list[str]:
    return [post.content for post in house.messenger.stands(house.messenger.dm(person))]


async def test_ana_reads_in_her_dm_where_her_stealth_job_stands_and_when_it_moves_up(slow: House):
    first = await slow.placed(person=MOD)
    await slow.placed(visibility=STEALTH)
    usher = usher_of(slow)

    await looks(slow, usher)
    (said,) = dm_of(slow, ANA)
    assert "#2 in line" in said

    await slow.cancel(first, MOD)
    await looks(slow, usher)
    (said,) = dm_of(slow, ANA)
    assert "#1 in line" in said


async def test_a_place_in_a_channel_never_tells_of_the_line_in_which_others_are(slow: House):
    await slow.placed(visibility=STEALTH, person=MOD)
    await slow.placed()
    before = [post.content for post in slow.messenger.stands(CHANNEL)]

    await looks(slow, usher_of(slow))

    assert before == [post.content for post in slow.messenger.stands(CHANNEL)]
    assert all("line" not in said for said in before)


async def test_nothing_is_edited_for_who_stands_where_they_stood(slow: House):
    await slow.placed(visibility=STEALTH)
    usher = usher_of(slow)
    await looks(slow, usher)
    edits = slow.messenger.calls.count("edit")

    await looks(slow, usher)

    assert edits == slow.messenger.calls.count("edit")


async def test_a_job_that_ended_meanwhile_is_told_nothing_more(slow: House):
    job = await slow.placed(visibility=STEALTH)
    usher = usher_of(slow)
    slow.board._any_edited_at = slow.clock.monotonic()  # it has to wait for its turn
    await usher.look()
    await slow.cancel(job, ANA)
    slow.clock.turn(60)

    await slow.board.look()
    for edit in list(slow.board._edits.values()):
        await edit
    await usher.look()

    assert "edit" not in slow.messenger.calls
    assert not slow.board._stands_since


async def test_while_models_change_the_places_of_those_who_wait_for_it_say_so(slow: House):
    await slow.placed()
    await slow.dispatch.step()
    slow.engine.is_changing = True

    await looks(slow, usher_of(slow))

    (post,) = slow.messenger.stands(CHANNEL)
    assert "Changing models" in post.content
    slow.engine.is_changing = False
    slow.engine.crash()
    await slow.quiet()


async def test_each_change_of_models_is_told_once(slow: House):
    await slow.placed()
    await slow.dispatch.step()
    usher, edits = usher_of(slow), []

    for is_changing in (True, True, False, True):
        slow.engine.is_changing = is_changing
        await looks(slow, usher)
        edits.append(slow.messenger.calls.count("edit"))

    assert [1, 1, 1, 2] == edits
    slow.engine.is_changing = False
    slow.engine.crash()
    await slow.quiet()
