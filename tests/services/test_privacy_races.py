"""Privacy only tightens: what an owner wants now is heeded at every state of a job under way.

The table: each wish × each state. `play` brings a job to the state, lets its owner change their
mind there, lets the house do all there is to do, and says what the channel saw after that moment.
Wishes are the deeds people and moderators have, and the bare rows those deeds write: a row that
says no is obeyed though nobody rang a bell.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from bot.crypto.receipts import Scope
from bot.domain import Moderator, OptOut, Visibility
from bot.policy.plans import Usage
from bot.policy.server import ServerSettings, StealthHere
from bot.services.withdraw import Withdrawal
from bot.storage import choices, servers
from gen.job import ENDED, JobState
from tests.asks import CHANNEL, GUILD
from tests.fakes import FakeEngine, picture_of
from tests.services.conftest import ANA, MOD, PRO_ROLE, House
from tests.services.erasing import Eraser

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
DAY = "2027-01-15"
LATER = 61
"""Seconds after which a result is a new message."""

# --- the states ---------------------------------------------------------------------------------

Wish = Callable[[House, str], Awaitable[object]]
Moment = Callable[[], Awaitable[object]]


async def _accepted(house: House, _: str, wish: Moment) -> None:
    await wish()


async def _placing(house: House, _: str, wish: Moment) -> None:
    house.messenger.meanwhile("send", wish)
    await house.places()


async def _placed(house: House, _: str, wish: Moment) -> None:
    await house.places()
    await wish()


async def _claimed(house: House, _: str, wish: Moment) -> None:
    await house.places()
    lease = await house.dispatch._claim()
    await wish()
    await house.dispatch._begin(lease)


async def _running(house: House, _: str, wish: Moment) -> None:
    await house.places()
    await house.dispatch.step()
    house.engine.tick()
    await house.messenger.until(lambda: "edit" in house.messenger.calls)
    await wish()


async def _showing(house: House, _: str, wish: Moment) -> None:
    house.messenger.meanwhile("edit", wish)
    await house.places()
    await house.dispatch.step()
    house.engine.tick()
    await house.messenger.until(lambda: "edit" in house.messenger.calls)


async def _rendered(house: House, _: str, wish: Moment) -> None:
    await _make(house)
    await wish()


async def _sending(house: House, _: str, wish: Moment) -> None:
    await _make(house)
    house.messenger.meanwhile("edit", wish)
    await house.delivers()


async def _replacing(house: House, _: str, wish: Moment) -> None:
    await _make(house)
    house.clock.turn(LATER)
    house.messenger.meanwhile("send", wish)
    await house.delivers()


STATES = {
    "accepted": _accepted,
    "placing": _placing,
    "placed": _placed,
    "claimed": _claimed,
    "running": _running,
    "showing": _showing,
    "rendered": _rendered,
    "sending": _sending,
    "replacing": _replacing,
}
IN_FLIGHT = {"placing", "showing", "sending", "replacing"}
"""Discord is being asked at the moment: that one message may still appear, and must go again."""


# --- the wishes ---------------------------------------------------------------------------------


def _forbids(level: OptOut) -> Wish:
    async def wish(house: House, _: str) -> None:
        async with house.memory.db.transaction() as tx:
            await choices.set_opt_out(tx, house.memory.keys.person(ANA), level, day=DAY)

    return wish


async def _stealth_row(house: House, _: str) -> None:
    ana, now = house.memory.keys.person(ANA), house.clock.now()
    async with house.memory.db.transaction() as tx:
        old = await choices.read(tx, house.memory.keys, ana)
        new = replace(old, visibility=STEALTH, stealth_since=now)
        await choices.write(tx, house.memory.keys, ana, new, now=now, day=DAY)


async def _unreadable_row(house: House, _: str) -> None:
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE choices SET sealed = x'00'")


async def _floor_row(house: House, _: str) -> None:
    floor, now = ServerSettings(stealth=StealthHere.FLOOR), house.clock.now()
    async with house.memory.db.transaction() as tx:
        await servers.write(tx, house.memory.keys, GUILD, floor, now=now, day=DAY)


async def _floor(house: House, _: str) -> None:
    moderator = Moderator(person=MOD, guild_id=GUILD)
    await house.moderate.stealth(moderator, StealthHere.FLOOR)


async def _only_me(house: House, job: str) -> None:
    assert Withdrawal.MOVED is await house.withdraw(job, ANA, "press")


MOVING: dict[str, Wish] = {
    "never public, a row": _forbids(OptOut.NEVER_PUBLIC),
    "stealth, a row": _stealth_row,
    "choices tampered with": _unreadable_row,
    "never public": lambda house, _: house.choose.never_public(ANA),
    "stealth": lambda house, _: house.choose.stealth(ANA),
    "only me": _only_me,
    "a floor, a row": _floor_row,
    "a floor": _floor,
}
ENDING: dict[str, Wish] = {"no processing, a row": _forbids(OptOut.NO_PROCESSING)}
WISHES = MOVING | ENDING
ERASE = "erase"
CELLS = [(wish, state) for wish in (*WISHES, ERASE) for state in STATES]


# --- playing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    """What became of it. `shown` counts what the channel was sent from the moment on."""

    job: str
    shown: int
    stands: int


async def play(house: House, wish: str, state: str, **asked: object) -> Played:
    """Play one cell to its end. The house's engine moves only by ticks from here on."""
    house.engine = FakeEngine(auto=False)
    eraser = Eraser(house)
    job = await house.accepted("xylophone", **asked)
    house.clock.turn(1)
    before = []

    async def now() -> None:
        before.append(_in_channel(house))
        if wish == ERASE:
            assert await eraser.begin(Scope.EVERYTHING)
        else:
            await WISHES[wish](house, job)

    await STATES[state](house, job, now)
    await live_on(eraser)
    assert 1 == len(before), "the moment came once"
    return Played(job, _in_channel(house) - before[0], len(house.messenger.stands(CHANNEL)))


async def live_on(eraser: Eraser) -> None:
    """Do all there is to do, look after look, progress included."""
    house = eraser.house
    for _ in range(3):
        house.clock.turn(2)
        await house.places()
        await _make(house, places=False)
        await house.delivers()
        await eraser.looks()


async def _make(house: House, *, places: bool = True) -> None:
    if places:
        await house.places()
    await house.dispatch.step()
    for _ in range(6):
        house.clock.turn(2)
        house.engine.tick()
        if house.dispatch._tasks:
            await asyncio.wait(house.dispatch._tasks, timeout=0.005)
    await house.quiet()


def _in_channel(house: House) -> int:
    return len([channel for channel, _ in house.messenger.seen if channel == CHANNEL])


# --- the table ----------------------------------------------------------------------------------


def test_every_cell_of_the_table_is_played():
    assert len(WISHES) * len(STATES) + len(STATES) == len(set(CELLS)) == 90


@pytest.mark.parametrize(("wish", "state"), CELLS)
async def test_from_the_moment_on_nothing_more_is_public(house: House, wish, state):
    played = await play(house, wish, state)

    assert played.shown <= (1 if state in IN_FLIGHT else 0)
    assert 0 == played.stands
    rows = await house.rows()
    assert ([], []) == (rows["db.posts"], rows["db.recipes"])
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wish", MOVING)
async def test_what_leaves_the_channel_is_made_for_its_owner_alone_and_counted_once(
    house: House, wish, state
):
    await play(house, wish, state)

    (result,) = house.messenger.stands(house.messenger.dm(ANA))
    assert [picture_of(7, 64, 64)] == [file.content for file in result.files]
    assert Usage(pictures=1, stealth_jobs=1) == await house.usage()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("wish", [*ENDING, ERASE])
async def test_who_wants_no_processing_gets_nothing_more_anywhere(house: House, wish, seen, state):
    played = await play(house, wish, state, visibility=seen)

    assert {} == {channel: one for channel, one in house.messenger.channels.items() if one}
    async with house.memory.db.read() as tx:
        cursor = await tx.execute("SELECT count(*) FROM jobs WHERE id = ?", (played.job,))
        assert 0 == (await cursor.fetchone())[0]
    assert Usage() == await house.usage()
    assert [] == await house.keys_of_jobs()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "wish", sorted({*WISHES, ERASE} - {"choices tampered with", "a floor, a row", "a floor"})
)  # of everybody
async def test_what_somebody_else_has_under_way_is_not_touched(house: House, wish, state):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    other = await house.accepted(person=MOD)

    await play(house, wish, state)

    assert "delivered" == await house.state(other)
    assert 1 == len(await _posts(house))


async def _posts(house: House) -> list[tuple]:
    return (await house.rows())["db.posts"]


# --- a plan that ends ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
async def test_a_plan_that_ends_makes_nothing_public_that_was_stealth_by_it(
    house: House, state, monkeypatch
):
    async def plan_ends(house: House, _: str) -> None:
        await house.ask("another", role_ids=frozenset())

    monkeypatch.setitem(WISHES, "the plan ends", plan_ends)

    played = await play(house, "the plan ends", state, role_ids=frozenset({PRO_ROLE}))

    assert CHANNEL not in house.messenger.channels
    assert "delivered" == await house.state(played.job)


# --- several jobs, and what was not meant -------------------------------------------------------


@pytest.mark.parametrize("wish", ["stealth", "never public"])
async def test_all_open_jobs_move_at_once_whatever_their_state(house: House, wish):
    rendered = await house.rendered("one")
    placed, accepted = await house.placed("two"), await house.accepted("three")
    others = await house.accepted(person=MOD)

    moved = await getattr(house.choose, wish.replace(" ", "_"))(ANA)

    assert [rendered, placed, accepted] == [one.job for one in moved]
    assert [True, True, False] == [one.shared_at is not None for one in moved]
    for _ in range(2):
        await house.finish()
    assert 3 == len(house.messenger.stands(house.messenger.dm(ANA)))
    (theirs,) = house.messenger.stands(CHANNEL)
    assert f"v1:delete:{others}" == theirs.buttons[-1].custom_id
    assert Usage(pictures=3, stealth_jobs=3) == await house.usage()


async def test_what_is_delivered_stays_when_somebody_turns_stealth_on(house: House):
    await house.delivered()

    assert [] == await house.choose.stealth(ANA)
    await house.finish()

    assert 1 == len(house.messenger.stands(CHANNEL))


async def test_a_public_word_said_after_turning_stealth_on_is_heard(house: House):
    await house.choose.stealth(ANA)

    job = await house.delivered(visibility=PUBLIC)

    assert "delivered" == await house.state(job)
    assert 1 == len(house.messenger.stands(CHANNEL))


@pytest.mark.parametrize("state", STATES)
async def test_who_may_not_be_reached_in_the_dm_gets_nothing_rather_than_a_post(
    house: House, state
):
    house.messenger.closed.add(ANA)

    played = await play(house, "stealth", state)

    assert 0 == played.stands
    assert {} == {channel: one for channel, one in house.messenger.channels.items() if one}
    assert Usage() == await house.usage()
    assert "DM is closed" in house.messenger.whispered("token-1")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wish", ["stealth", "never public, a row"])
async def test_a_restart_at_the_moment_changes_nothing_of_it(
    house: House, monkeypatch, wish, state
):
    wished = WISHES[wish]

    async def wish_and_crash(house: House, job: str) -> None:
        await wished(house, job)
        if state not in IN_FLIGHT | {"claimed", "running"}:
            house.start_again()
            await house.recover()
            await house.dispatch.keep_leases()

    monkeypatch.setitem(WISHES, wish, wish_and_crash)
    played = await play(house, wish, state)

    assert 0 == played.stands
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_a_place_that_was_on_its_way_goes_at_the_next_look_though_nobody_claims(house: House):
    job = await house.accepted()
    house.clock.turn(1)
    house.messenger.meanwhile("send", lambda: WISHES["never public, a row"](house, job))

    for _ in range(3):
        await house.places()
        await house.tidies()

    assert [] == house.messenger.stands(CHANNEL)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


@pytest.mark.parametrize("wish", WISHES)
async def test_a_place_is_not_sent_a_second_time_once_its_owner_changed_their_mind(
    house: House, wish
):
    house.messenger.fail("send")
    job = await house.placed()
    house.clock.turn(2)
    house.messenger.meanwhile("find", lambda: WISHES[wish](house, job))

    await house.places()

    assert CHANNEL not in house.messenger.channels


@pytest.mark.parametrize("wish", WISHES)
async def test_a_result_is_not_sent_a_second_time_once_its_owner_changed_their_mind(
    house: House, wish
):
    job = await house.rendered()
    house.clock.turn(LATER)
    house.messenger.fail("send")
    await house.delivers()
    house.clock.turn(2)
    house.messenger.meanwhile("find", lambda: WISHES[wish](house, job))
    before = _in_channel(house)

    await house.delivers()

    assert before == _in_channel(house)


def test_no_open_state_of_a_job_is_missing_from_the_table():
    assert {"accepted", "placed", "running", "rendered"} == {
        str(state) for state in set(JobState) - ENDED
    }
    assert {"accepted", "placed", "running", "rendered"} <= set(STATES)
