"""Who waits is told where they stand: in their own DM as it changes, and never in a channel."""

import asyncio

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
    for _ in list(house.board._unshown):
        house.clock.turn(60)
        await house.board.look()
    for edit in list(house.board._edits.values()):
        await edit


async def is_half_painted(house: House) -> None:
    """Begin what is next, and see its first step shown."""
    await house.dispatch.step()
    house.clock.turn(60)
    shown = house.messenger.calls.count("edit")
    house.engine.tick()
    await house.messenger.until(lambda: house.messenger.calls.count("edit") > shown)


async def is_lost(house: House) -> None:
    """The worker dies with all that it holds."""
    house.engine.crash()
    await house.quiet()


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


@pytest.mark.parametrize("seen", Visibility)
async def test_a_place_whose_painting_was_interrupted_says_so_until_it_goes_on(slow: House, seen):
    is_stealth = seen is STEALTH
    where = slow.messenger.dm(ANA) if is_stealth else CHANNEL
    job = await slow.placed("a red fox", visibility=seen)
    usher = usher_of(slow)
    await is_half_painted(slow)
    await is_lost(slow)

    for _ in range(2):  # to look again is no second edit
        await looks(slow, usher)
    (post,) = slow.messenger.stands(where)
    line = "Your stealth job" if is_stealth else f"**a red fox** – <@{ANA}>"
    alone = " · #1 in line" if is_stealth else ""
    assert f"{line} (Interrupted; it begins again by itself{alone}) · {seen}" == post.content
    assert () == post.files
    assert 2 == slow.messenger.calls.count("edit")

    await is_half_painted(slow)
    (post,) = slow.messenger.stands(where)
    assert "step 1 of 4" in post.content

    await is_lost(slow)  # nobody had looked in between
    await looks(slow, usher)
    (post,) = slow.messenger.stands(where)
    assert "Interrupted" in post.content

    await slow.cancel(job, ANA)
    await slow.tidies()
    await looks(slow, usher)
    assert [] == slow.messenger.stands(where)
    assert not slow.board._edits


async def test_what_could_not_be_said_at_once_is_said_at_the_next_look(slow: House):
    await slow.placed("a red fox")
    usher = usher_of(slow)
    await is_half_painted(slow)
    await is_lost(slow)

    slow.messenger.fail("edit")
    await looks(slow, usher)
    assert "Interrupted" not in slow.messenger.stands(CHANNEL)[0].content

    await looks(slow, usher)
    assert "Interrupted" in slow.messenger.stands(CHANNEL)[0].content


async def test_all_that_were_interrupted_say_so_at_once_and_who_only_waits_does_not(
    slow: House, monkeypatch
):
    monkeypatch.setattr("bot.services.usher.MOST_TOLD", 1)
    await slow.placed("a red fox")
    await slow.placed("a blue owl", person=MOD)
    await slow.dispatch.step()
    await slow.placed("a green cat", person=PersonId(13))
    usher = usher_of(slow)
    slow.engine.is_changing = True
    await is_lost(slow)
    async with asyncio.timeout(5):
        await slow.dispatch.ushering.heard(60)

    await looks(slow, usher)

    assert [True, True, False] == [
        "(Interrupted" in post.content for post in slow.messenger.stands(CHANNEL)
    ]


async def test_what_is_returned_because_the_bot_stops_says_nothing_of_it(slow: House):
    await slow.placed()
    await is_half_painted(slow)
    usher, (before,) = usher_of(slow), slow.messenger.stands(CHANNEL)

    slow.dispatch.stop()
    await is_lost(slow)
    await looks(slow, usher)
    slow.start_again()
    await looks(slow, usher_of(slow))

    assert [before] == slow.messenger.stands(CHANNEL)


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
