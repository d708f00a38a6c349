"""A moderator purges: what is public of theirs goes, nothing else is touched or counted, and the
receipt says what was done and what was not.
"""

import asyncio
import dataclasses

import pytest

from bot import words
from bot.crypto.receipts import Scope
from bot.domain import Cause, Moderator, PersonId, Refusal, Visibility
from bot.errors import Refused
from bot.policy.server import ServerSettings
from bot.policy.span import Span
from bot.ports import Membership, day_of
from bot.services.previews import Target
from bot.storage import audit, servers
from bot.storage.keyring import PURGE
from tests.asks import CHANNEL, GUILD, where
from tests.services.conftest import ANA, MOD, House
from tests.services.erasing import Eraser
from tests.services.purging import (
    ALL,
    ELSEWHERE,
    ITS_CHANNEL,
    MANAGER,
    MAY,
    MODERATOR,
    OF_ANA,
    OF_CHANNEL,
    PRESS,
    PRO,
    SECOND,
    ZOE,
    ZOES,
    Purger,
)
from tests.services.test_erase import Executioner, Killed

PLUM = PersonId(14)
NOTHING = Refusal(Cause.NOTHING_HERE)


@pytest.fixture
def purger(house: House) -> Purger:
    return Purger(house)


async def make_some(purger: Purger) -> None:
    """Of ana two results, a waiting job, a stealth one and one elsewhere; of plum one result."""
    await purger.delivered("a red fox")
    await purger.delivered("a blue owl")
    await purger.delivered("a white cat", "stealth")
    await purger.elsewhere("a grey cat")
    await purger.delivered("a plum", person=PLUM)
    await purger.waiting("a green pond")


async def entries(purger: Purger, chain: int) -> list[tuple]:
    rows = (await purger.house.rows())["db.audit"]
    return [(row[3], row[5], row[6], row[7], row[8]) for row in rows if row[0] == chain]


async def concerned(purger: Purger) -> dict[str, int]:
    rows = (await purger.house.rows())["db.audit_subjects"]
    return {row[2]: row[3] for row in rows}


# --- what goes, and what stays


async def test_mod_purges_ana_and_everybody_else_keeps_everything(purger: Purger, on_disk):
    house = purger.house
    await make_some(purger)
    ana, plum = house.memory.keys.person(ANA), house.memory.keys.person(PLUM)
    rows = await house.rows()
    here = {row[0] for row in rows["db.posts"] if row[1] == ana and row[2] == GUILD}
    wrapped = [row[4] for row in rows["keys.item_keys"] if row[0] in here]
    dm = house.messenger.stands(house.messenger.dm(ANA))

    receipt = await purger.purged(OF_ANA)

    counts = {"open-jobs": 1, "posts": 2, "recipes": 2, "records": 2}
    assert counts == dict(receipt.counts)
    assert (Scope.MEMBER, ()) == (receipt.scope, receipt.failures)
    assert (2, 2) == (receipt.messages_deleted, receipt.messages_found)
    assert 2 + 2 == receipt.keys_destroyed  # two recipes, and both keys of the open job
    assert 1 == purger.standing()
    assert 1 == purger.standing(ITS_CHANNEL)
    assert dm == house.messenger.stands(house.messenger.dm(ANA))
    after = await house.rows()
    assert {plum, ana} == {row[1] for row in after["db.posts"]}
    assert {GUILD, ELSEWHERE} == {row[2] for row in after["db.recipes"]}
    assert 1 == len(after["db.unlinked_recipes"])
    assert 2 == len(wrapped)
    left = on_disk()
    assert [] == [key for key in wrapped if key in left]


async def test_a_purge_is_entered_and_names_whom_it_concerns(purger: Purger):
    await make_some(purger)
    keys = purger.house.memory.keys

    await purger.purged(OF_CHANNEL)

    assert [("moderator", "purged", "channel", 10, "done")] == await entries(purger, GUILD)
    assert [] == await entries(purger, audit.HOUSE)
    assert {keys.person(ANA): 7, keys.person(PLUM): 3} == await concerned(purger)


async def test_who_erases_everything_while_a_purge_waits_is_named_nowhere_again(purger: Purger):
    await make_some(purger)
    await purger.waiting("a second plum", person=PLUM)
    house, keys = purger.house, purger.house.memory.keys
    house.messenger.fail("membership")
    assert await purger.begin(OF_CHANNEL) is None
    await purger.looks()

    eraser = Eraser(house)
    await eraser.erased(Scope.EVERYTHING, person=PLUM)
    await purger.finish()

    assert [keys.person(ANA)] == list(await concerned(purger))
    assert set() == await eraser.mentions(PLUM) - {"db.usage", "db.gpu_usage", "db.relax_use"}


@pytest.mark.parametrize("state", ["accepted", "placed", "running", "rendered", "delivered"])
async def test_a_job_in_any_state_ends_and_leaves_no_message(purger: Purger, state):
    house = purger.house
    match state:
        case "accepted":
            job = await house.accepted()
        case "placed":
            job = await house.placed()
        case "running":
            house.engine.auto = False
            job = await house.placed()
            await house.dispatch.step()
        case "rendered":
            job = await house.rendered()
        case _:
            job = await house.rendered()
            await house.delivers()
    assert state == await house.state(job)

    assert await purger.begin(OF_ANA) is None
    if state == "running":
        house.engine.tick()
        await house.quiet()
    await house.finish()
    await purger.finish()

    assert () == (await purger.receipt()).failures
    assert 0 == purger.standing()
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()
    used = 1 if state == "delivered" else 0
    assert used == (await house.usage()).pictures


@pytest.mark.parametrize("replaces", [False, True])
async def test_a_purge_while_discord_answers_the_result_wins(purger: Purger, replaces):
    house = purger.house
    await house.rendered()
    house.clock.turn(61 if replaces else 0)
    call = "send" if replaces else "edit"
    house.messenger.meanwhile(call, lambda: purger.begin(OF_ANA))

    await house.delivers()
    await house.tidies()
    await purger.finish()

    assert call in house.messenger.calls
    assert 0 == purger.standing()
    assert [] == (await house.rows())["db.recipes"]


async def test_who_is_purged_is_told_why_their_job_ended(purger: Purger):
    await purger.waiting("a red fox")

    await purger.purged(OF_ANA)

    assert "moderator" in purger.house.messenger.whispered("token-1")


@pytest.mark.parametrize("by", ["id", "link", "message id", "place"])
async def test_one_job_goes_and_the_others_stay(purger: Purger, by):
    job = await (purger.waiting if by == "place" else purger.delivered)("a red fox")
    message = purger.message_of()
    await purger.delivered("a blue owl", person=PLUM)
    link = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{message}"
    named = {"id": job, "link": link}.get(by, str(message))

    receipt = await purger.purged(Target(scope=Scope.JOB, named=f" {named} "))

    assert Scope.JOB is receipt.scope
    assert 1 == purger.standing()
    assert 1 == len((await purger.house.rows())["db.recipes"])


async def test_one_channel_goes_and_its_neighbour_stays(purger: Purger):
    await purger.delivered("a red fox")
    await purger.delivered("a blue owl", where=where(channel_id=SECOND))
    await purger.waiting("a green pond", where=where(channel_id=SECOND))

    receipt = await purger.purged(OF_CHANNEL)

    assert {"posts": 1, "recipes": 1, "records": 1} == dict(receipt.counts)
    assert (0, 2) == (purger.standing(), purger.standing(SECOND))
    assert [SECOND] == [row[3] for row in (await purger.house.rows())["db.posts"]]


async def test_a_span_of_time_goes_and_what_lies_around_it_stays(purger: Purger):
    began = purger.house.clock.now()
    for prompt in ("a red fox", "a blue owl", "a white cat"):
        await purger.delivered(prompt)
        purger.turn_days(2)
    span = Span(began + 86400, began + 3 * 86400)

    receipt = await purger.purged(Target(scope=Scope.RANGE, span=span))

    assert {"posts": 1, "recipes": 1, "records": 1} == dict(receipt.counts)
    assert 2 == purger.standing()
    assert [began, began + 4 * 86400] == sorted(
        row[5] for row in (await purger.house.rows())["db.posts"]
    )


async def test_everything_of_a_server_goes_with_its_reports_and_contests(purger: Purger):
    await make_some(purger)
    keys, today = purger.house.memory.keys, day_of(purger.house.clock.now(), purger.purge.zone)
    for name in ("r" * 32, "c" * 32):
        await keys.new_item(name, "report", keys.person(PLUM), today)
    async with purger.house.memory.db.transaction() as tx:
        at = purger.house.clock.now()
        await tx.execute(
            "INSERT INTO reports (id, guild_id, channel_id, message_id, job, reason, reporter,"
            " sealed, made_at, expires_at) VALUES (?, ?, 1, 1, 'j', 'other', ?, x'00', ?, ?)",
            ("r" * 32, GUILD, keys.person(PLUM), at, at + 99),
        )
        await tx.execute(
            "INSERT INTO contests (id, guild_id, person, sealed, made_at, expires_at)"
            " VALUES (?, ?, ?, x'00', ?, ?)",
            ("c" * 32, GUILD, keys.person(PLUM), at, at + 99),
        )

    receipt = await purger.purged(ALL, MANAGER)

    assert (3, 1, 1) == tuple(receipt.counts[kind] for kind in ("posts", "reports", "contests"))
    assert [ELSEWHERE] == [row[2] for row in (await purger.house.rows())["db.posts"]]
    assert [] == [held for held in await keys.items() if held[1] in {"report", PURGE}]
    assert 1 == purger.standing(ITS_CHANNEL)


async def test_what_comes_after_the_press_is_a_new_beginning(purger: Purger):
    await purger.delivered("a red fox")
    assert await purger.begin(OF_ANA) is None
    purger.house.clock.turn(1)

    await purger.delivered("a new fox")
    await purger.finish()

    assert 1 == (await purger.receipt()).messages_deleted
    assert 1 == purger.standing()


async def test_keys_go_before_anything_else_does(purger: Purger, on_disk):
    await make_some(purger)
    wrapped = [
        row[4] for row in (await purger.house.rows())["keys.item_keys"] if row[1] == "recipe"
    ]
    left: list[bytes] = []

    async def look_at_the_disk() -> None:
        left.extend(key for key in wrapped if key in on_disk())

    purger.house.messenger.meanwhile("delete_many", look_at_the_disk)
    await purger.purged(OF_CHANNEL)

    assert 5 == len(wrapped)
    assert 1 == len(left)  # of the other server's


# --- an island


@pytest.mark.parametrize(
    "target",
    [
        Target(scope=Scope.MEMBER, person=PLUM),
        Target(scope=Scope.MEMBER, person=PersonId(99)),
        OF_CHANNEL,
        Target(scope=Scope.CHANNEL, channel_id=77),
        Target(scope=Scope.JOB, named="0" * 32),
        Target(scope=Scope.JOB, named="nonsense"),
        Target(scope=Scope.JOB, named="9" * 40),
        Target(scope=Scope.JOB, named=""),
        Target(scope=Scope.RANGE, span=Span(0, 1)),
    ],
    ids=str,
)
async def test_zoe_finds_nothing_of_what_is_in_another_server(purger: Purger, target):
    await make_some(purger)
    before = await purger.house.rows()

    assert NOTHING == await purger.purge.preview(ZOES, target)

    assert before == await purger.house.rows()


@pytest.mark.parametrize("named", ["job", "message", "stealth", "its message", "waiting"])
async def test_a_job_of_another_server_or_of_stealth_looks_like_none(purger: Purger, named):
    job = await purger.delivered("a red fox")
    message = purger.message_of()
    stealth = await purger.delivered("a white cat", "stealth")
    dm = purger.message_of(purger.house.messenger.dm(ANA))
    waiting = await purger.waiting("a hidden pond", "stealth")
    names = {
        "job": job,
        "message": str(message),
        "stealth": stealth,
        "its message": str(dm),
        "waiting": waiting,
    }
    foreign = ZOES if named in {"job", "message"} else MANAGER

    target = Target(scope=Scope.JOB, named=names[named])
    assert NOTHING == await purger.purge.preview(foreign, target)


async def test_nothing_of_stealth_is_counted_or_goes(purger: Purger):
    await purger.delivered("a red fox")
    seen = await purger.purge.preview(MANAGER, ALL)
    await purger.delivered("a white cat", "stealth")
    await purger.waiting("a hidden pond", "stealth")

    again = await purger.purge.preview(MANAGER, ALL)
    receipt = await purger.purged(ALL, MANAGER)

    assert seen[0] == again[0]
    assert {"posts": 1, "recipes": 1, "records": 1} == dict(receipt.counts)
    rows = await purger.house.rows()
    assert 2 == len(rows["db.deliveries"])
    assert 1 == len(rows["db.unlinked_recipes"])


async def test_somebody_with_stealth_alone_looks_like_somebody_who_was_never_here(purger: Purger):
    await purger.delivered("a white cat", "stealth")
    await purger.waiting("a hidden pond", "stealth")

    assert NOTHING == await purger.purge.preview(MODERATOR, OF_ANA)
    assert NOTHING == await purger.purge.preview(
        MODERATOR, Target(scope=Scope.MEMBER, person=PersonId(99))
    )


async def test_the_preview_counts_what_would_go_and_changes_nothing(purger: Purger):
    await make_some(purger)
    await purger.house.cancel(await purger.waiting("a blue pond"), ANA)
    await purger.house.tidies()
    purger.turn_days(3)
    await purger.waiting("a late fox")
    before = await purger.house.rows()

    shown, name = await purger.purge.preview(MODERATOR, OF_ANA)

    counts = {kind: count for kind, count in shown.counts.items() if count}
    assert {"open-jobs": 2, "posts": 2, "recipes": 2, "records": 2} == counts
    assert ("2027-01-15", "2027-01-18") == (shown.oldest, shown.newest)
    assert before == await purger.house.rows()
    said = words.purge_question(shown, name)
    assert "2 messages in channels" in said.content
    assert "Oldest 2027-01-15, newest 2027-01-18" in said.content


# --- who may press


@pytest.mark.parametrize(
    "presser",
    [
        Moderator(person=PLUM, guild_id=GUILD, manages=True),
        Moderator(person=MOD, guild_id=ELSEWHERE, manages=True),
    ],
    ids=["another moderator", "the same in another server"],
)
async def test_only_the_moderator_who_was_shown_it_can_press_and_there(purger: Purger, presser):
    await purger.delivered()
    _, name = await purger.purge.preview(MODERATOR, OF_ANA)

    assert Refusal(Cause.PREVIEW_OVER) == await purger.purge.begin(presser, name, PRESS)
    assert [] == await purger.left()
    assert await purger.purge.begin(MODERATOR, name, PRESS) is None


async def test_a_press_counts_once(purger: Purger):
    await purger.delivered()
    _, name = await purger.purge.preview(MODERATOR, OF_ANA)

    assert await purger.purge.begin(MODERATOR, name, PRESS) is None
    assert Refusal(Cause.PREVIEW_OVER) == await purger.purge.begin(MODERATOR, name, "second")
    assert 1 == len(await purger.left())


@pytest.mark.parametrize("how", ["ten minutes", "a restart", "dropped", "a name that never was"])
async def test_a_late_press_purges_nothing(purger: Purger, how):
    await purger.delivered()
    _, name = await purger.purge.preview(MODERATOR, OF_ANA)
    match how:
        case "ten minutes":
            purger.house.clock.turn(600)
        case "a restart":
            purger.start_again()
        case "dropped":
            purger.purge.drop(MODERATOR, name)
        case _:
            name = "0" * 16

    assert Refusal(Cause.PREVIEW_OVER) == await purger.purge.begin(MODERATOR, name, PRESS)
    assert 1 == purger.standing()
    assert [] == await purger.left()


async def test_everything_needs_manage_server_at_the_preview_and_at_the_press(purger: Purger):
    await purger.delivered()
    needs = Refusal(Cause.NEEDS_MANAGE_SERVER)

    assert needs == await purger.purge.preview(MODERATOR, ALL)
    _, name = await purger.purge.preview(MANAGER, ALL)
    assert needs == await purger.purge.begin(MODERATOR, name, PRESS)
    assert [] == await purger.left()


@pytest.mark.parametrize(
    ("membership", "goes_on"),
    [
        (Membership(frozenset({"manage_messages"}), frozenset()), True),
        (Membership(frozenset({"manage_guild"}), frozenset()), True),
        (Membership(frozenset(), frozenset({55})), True),
        (Membership(frozenset(), frozenset({56})), False),
        (None, False),
    ],
    ids=["messages", "server", "moderator role", "another role", "gone"],
)
async def test_a_purge_goes_on_only_while_its_moderator_is_one(purger: Purger, membership, goes_on):
    house = purger.house
    await purger.delivered()
    await purger.waiting("a green pond")
    async with house.memory.db.transaction() as tx:
        await servers.write(
            tx, house.memory.keys, GUILD, ServerSettings(moderator_role=55), now=1, day="2027-01-15"
        )
    assert await purger.begin(OF_ANA) is None
    purger.start_again()
    house.messenger.members[GUILD, MOD] = membership

    await purger.finish()

    receipt = await purger.receipt()
    assert (() if goes_on else ("no-longer-moderator",)) == receipt.failures
    assert 1 - goes_on == purger.standing()
    assert 1 == receipt.counts["open-jobs"]  # ended at the press
    [entry] = await entries(purger, GUILD)
    assert ("done" if goes_on else "no-longer-moderator") == entry[-1]


async def test_who_loses_the_role_while_messages_go_is_stopped_within_a_minute(purger: Purger):
    house = purger.house
    await purger.posted(9)
    house.messenger.no_bulk.add(CHANNEL)

    async def passes() -> None:
        house.clock.turn(20)
        house.messenger.members[GUILD, MOD] = None
        house.messenger.meanwhile("delete", passes)

    house.messenger.meanwhile("delete", passes)
    receipt = await purger.purged(OF_CHANNEL)

    assert ("no-longer-moderator",) == receipt.failures
    assert 3 == receipt.messages_deleted
    assert 6 == purger.standing()


async def test_everything_goes_on_only_with_manage_server(purger: Purger):
    await purger.delivered()
    assert await purger.begin(ALL, MANAGER) is None
    purger.house.messenger.members[GUILD, MOD] = Membership(MAY, frozenset())

    await purger.finish()

    assert ("no-longer-moderator",) == (await purger.receipt()).failures
    assert 1 == purger.standing()


async def test_nothing_goes_while_discord_does_not_say_who_may(purger: Purger):
    await purger.delivered()
    purger.house.messenger.fail("membership", times=3)
    assert await purger.begin(OF_ANA) is None

    for _ in range(3):
        await purger.looks()
        purger.house.clock.turn(61)

    assert 1 == purger.standing()
    assert 1 == len((await purger.house.rows())["db.recipes"])
    await purger.finish()
    assert 0 == purger.standing()


# --- one after the other


async def test_a_second_purge_waits_and_its_jobs_end_at_once(purger: Purger):
    house = purger.house
    await purger.delivered("a red fox")
    waiting = await purger.waiting("a plum", person=PLUM)
    assert await purger.begin(OF_ANA) is None
    of_plum = Target(scope=Scope.MEMBER, person=PLUM)

    assert await purger.begin(of_plum, token="second") is None

    assert "waits for it" in house.messenger.whispered("second")
    assert "cancelled" == await house.state(waiting)
    shown = await purger.purge.status(MODERATOR)
    assert [(False, 0, 1), (True, 0, 0)] == [(s.is_waiting, s.done, s.found) for s in shown]
    assert [] == await purger.purge.status(ZOES)
    await purger.looks()
    assert {(), ("second",)} != set(purger.lines("second"))
    await purger.finish()
    assert (1, 1) == (len(purger.lines()), len(purger.lines("second")))


async def test_servers_do_not_wait_for_each_other(purger: Purger):
    await purger.delivered()
    await purger.elsewhere()
    assert await purger.begin(OF_ANA) is None
    assert await purger.begin(ALL, ZOES, token="zoes") is None
    purger.house.messenger.members[ELSEWHERE, ZOE] = Membership(MAY | {"manage_guild"}, frozenset())

    await purger.purge.look()
    await purger.purge.hands.empty()

    assert (0, 0) == (purger.standing(), purger.standing(ITS_CHANNEL))


async def test_a_purge_that_is_cancelled_says_what_had_gone(purger: Purger):
    house = purger.house
    await purger.posted(105)

    async def cancels() -> None:
        [name] = await purger.left()
        assert await purger.purge.cancel(MODERATOR, name)

    house.messenger.meanwhile("delete_many", cancels)
    receipt = await purger.purged(OF_CHANNEL)

    assert ("cancelled",) == receipt.failures
    assert (100, 105) == (receipt.messages_deleted, receipt.messages_found)
    assert 5 == purger.standing() == len((await house.rows())["db.posts"])
    assert "It was cancelled" in house.messenger.whispered(PRESS)
    assert "cancelled" == (await entries(purger, GUILD))[0][-1]


async def test_a_waiting_purge_can_be_cancelled_and_takes_nothing_more(purger: Purger):
    await purger.delivered()
    await purger.delivered("a plum", person=PLUM)
    purger.house.messenger.fail("membership", times=2)
    assert await purger.begin(OF_ANA) is None
    assert await purger.begin(Target(scope=Scope.MEMBER, person=PLUM), token="second") is None
    await purger.looks()

    [_, shown] = await purger.purge.status(MODERATOR)
    assert await purger.purge.cancel(MODERATOR, shown.id)
    await purger.looks()

    assert ("cancelled",) == (await purger.receipt("second")).failures
    assert 2 == purger.standing()
    assert not await purger.purge.cancel(MODERATOR, shown.id)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (MODERATOR, True),
        (Moderator(person=PLUM, guild_id=GUILD), False),
        (Moderator(person=PLUM, guild_id=GUILD, manages=True), True),
        (ZOES, False),
        (dataclasses.replace(MODERATOR, guild_id=ELSEWHERE), False),
    ],
    ids=["mod", "another", "a manager", "zoe", "mod elsewhere"],
)
async def test_who_may_cancel_a_purge(purger: Purger, who, may):
    await purger.delivered()
    assert await purger.begin(OF_ANA) is None
    [name] = await purger.left()

    assert may is await purger.purge.cancel(who, name)
    await purger.finish()
    assert int(may) == purger.standing()


# --- Discord's rules


async def test_messages_go_in_bulk_where_they_may(purger: Purger):
    house = purger.house
    await purger.posted(101)

    receipt = await purger.purged(OF_CHANNEL)

    assert (101, 101) == (receipt.messages_deleted, receipt.messages_found)
    assert (1, 1) == (
        house.messenger.calls.count("delete_many"),
        house.messenger.calls.count("delete"),
    )


@pytest.mark.parametrize("may_bulk", [True, False])
async def test_old_messages_and_those_of_a_server_without_the_right_go_one_by_one(
    purger: Purger, may_bulk
):
    house = purger.house
    await purger.delivered("an old fox")
    await purger.delivered("an old owl")
    purger.turn_days(15)
    await purger.delivered("a new fox")
    await purger.delivered("a new owl")
    if not may_bulk:
        house.messenger.no_bulk.add(CHANNEL)

    receipt = await purger.purged(OF_CHANNEL)

    assert () == receipt.failures
    assert 0 == purger.standing()
    calls = house.messenger.calls
    assert 1 == calls.count("delete_many")
    assert (2 if may_bulk else 4) == calls.count("delete")


async def test_a_channel_that_refuses_is_left_alone_after_one_word(purger: Purger):
    house = purger.house
    await purger.posted(30)
    await purger.posted(30, SECOND)
    house.messenger.hidden.add(CHANNEL)
    house.messenger.calls.clear()

    receipt = await purger.purged(ALL, MANAGER)

    assert ("channel-closed",) == receipt.failures
    assert (30, 60) == (receipt.messages_deleted, receipt.messages_found)
    assert 2 + 1 == house.messenger.calls.count("delete_many") + house.messenger.calls.count(
        "delete"
    )
    said = house.messenger.whispered(PRESS)
    assert "as far as I could" in said
    assert f"<#{CHANNEL}>" in said
    assert f"<#{SECOND}>" not in said
    assert [] == (await house.rows())["db.posts"]
    assert "partly" == (await entries(purger, GUILD))[0][-1]


@pytest.mark.parametrize("call", ["delete_many", "delete", "membership", "whisper"])
@pytest.mark.parametrize("lost", [False, True])
async def test_a_call_that_discord_leaves_unanswered_is_tried_again(purger: Purger, call, lost):
    await make_some(purger)
    weather = purger.house.messenger.lose if lost else purger.house.messenger.fail
    weather(call, times=4)

    receipt = await purger.purged(OF_CHANNEL)

    assert () == receipt.failures
    assert (3, 3) == (receipt.messages_deleted, receipt.messages_found)
    assert 0 == purger.standing()


async def test_messages_nobody_answers_for_are_left_to_the_sweeper_and_named(purger: Purger):
    await purger.delivered("a red fox")
    await purger.delivered("a blue owl")
    for call in ("delete", "delete_many"):
        purger.house.messenger.fail(call, times=1000)

    receipt = await purger.purged(OF_CHANNEL)

    assert (0, 2) == (receipt.messages_deleted, receipt.messages_found)
    assert ("messages-pending",) == receipt.failures
    due = [row for row in (await purger.house.rows())["db.posts"] if row[6] is not None]
    assert 2 == len(due)


async def test_a_moderator_is_told_how_far_it_is_and_can_cancel_there(purger: Purger):
    house = purger.house
    await purger.posted(9)
    house.messenger.no_bulk.add(CHANNEL)

    async def passes() -> None:
        house.clock.turn(2)
        house.messenger.meanwhile("delete", passes)

    house.messenger.meanwhile("delete", passes)
    await purger.purged(OF_CHANNEL)

    said = house.messenger.whispers[PRESS]
    told = [post.content for post in said if post.content.startswith("Purging: keys")]
    assert ["2 of 9, about 14 s more", "4 of 9, about 10 s more"] == [
        line.split("Messages: ")[1].rstrip(".") for line in told[:2]
    ]
    assert 4 == len(told)
    assert all("v1:purgestop:" in post.buttons[0].custom_id for post in said[:-1])
    assert () == said[-1].buttons


async def test_a_receipt_comes_by_dm_once_the_answer_can_no_longer_be_written(purger: Purger):
    house = purger.house
    await purger.delivered()
    house.messenger.expired.add(PRESS)

    assert await purger.begin(OF_ANA) is None
    await purger.finish()

    [said] = house.messenger.stands(house.messenger.dm(MOD))
    assert 1 == (await purger.receipt(said=said.content)).messages_deleted


async def test_a_purge_whose_row_was_tampered_with_is_dropped_and_logged(purger: Purger, caplog):
    await purger.delivered()
    assert await purger.begin(OF_ANA) is None
    async with purger.house.memory.db.transaction() as tx:
        await tx.execute("UPDATE purges SET sealed = zeroblob(100)")

    with caplog.at_level("INFO", "darkroom"):
        await purger.looks()

    assert "purge.sealed" in caplog.messages
    assert [] == await purger.left()
    assert 1 == purger.standing()


async def test_a_purge_moved_to_another_server_does_not_open(purger: Purger):
    await purger.delivered()
    await purger.elsewhere()
    assert await purger.begin(OF_ANA) is None
    async with purger.house.memory.db.transaction() as tx:
        await tx.execute("UPDATE purges SET guild_id = ?", (ELSEWHERE,))

    await purger.finish()

    assert (1, 1) == (purger.standing(), purger.standing(ITS_CHANNEL))


# --- the house and its operator


async def test_the_house_erases_a_server_and_tells_nobody(purger: Purger):
    await make_some(purger)

    await purger.purge.begin_by_house(GUILD)
    await purger.finish()

    assert (0, 1) == (purger.standing(), purger.standing(ITS_CHANNEL))
    assert [ELSEWHERE] == [row[2] for row in (await purger.house.rows())["db.recipes"]]
    [entry] = await entries(purger, audit.HOUSE)
    assert ("house", "purged", "everything") == entry[:3]
    assert [] == await entries(purger, GUILD)


async def test_the_operator_purges_a_person_everywhere_and_collects_the_receipt(purger: Purger):
    await make_some(purger)
    shown = await purger.purge.preview_by_operator(OF_ANA)
    assert shown is not None
    assert 3 == shown.counts["posts"]

    name = await purger.purge.begin_by_operator(OF_ANA)
    assert name is not None
    for _ in range(4):
        await purger.looks()
        purger.house.clock.turn(61)

    progress = await purger.purge.progress(name)
    assert progress is not None
    receipt = await purger.receipt(said=progress[1])
    assert (3, Scope.MEMBER) == (receipt.messages_deleted, receipt.scope)
    assert (1, 0) == (purger.standing(), purger.standing(ITS_CHANNEL))
    await purger.purge.collect(name)
    assert [] == await purger.left()
    assert [("operator", "purged", "user")] == [
        entry[:3] for entry in await entries(purger, audit.HOUSE)
    ]


async def test_a_purge_everywhere_waits_for_the_servers_and_they_for_it(purger: Purger):
    await make_some(purger)
    assert await purger.begin(OF_ANA) is None
    assert await purger.purge.begin_by_operator(OF_ANA)
    assert await purger.begin(OF_CHANNEL, token="third") is None

    waits = [one.is_waiting for one in await purger.purge.status(MODERATOR)]

    assert [False, True] == waits
    for _ in range(8):
        await purger.looks()
        purger.house.clock.turn(61)
    assert 1 == len(purger.lines("third"))  # an uncollected receipt holds nobody up
    assert 1 == len(await purger.left())
    purger.turn_days(2)
    await purger.looks()
    assert [] == await purger.left()


async def test_without_discord_keys_and_rows_go_and_messages_wait_for_the_bot(purger: Purger):
    await make_some(purger)
    name = await purger.purge.begin_by_operator(OF_ANA)
    assert name is not None

    await purger.purge.work_offline(name)

    rows = await purger.house.rows()
    ana = purger.house.memory.keys.person(ANA)
    assert [] == [row for row in rows["db.recipes"] if row[1] == ana]
    assert 3 == len([row for row in rows["db.posts"] if row[1] == ana])
    await purger.looks()
    assert (1, 0) == (purger.standing(), purger.standing(ITS_CHANNEL))


# --- stopped on the way


STEPS = 37
"""A few more than there are, so that the last ones of these are no deaths at all."""


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
async def test_a_purge_that_is_killed_at_any_step_is_finished_once(purger: Purger, on_disk, steps):
    house = purger.house
    await purger.delivered("an old fox")
    purger.turn_days(15)
    await purger.delivered("a red fox")
    await purger.delivered("a blue owl")
    await purger.delivered("a plum", person=PLUM, where=where(channel_id=SECOND))
    await purger.elsewhere()
    await house.rendered("a green pond", role_ids=PRO, visibility=Visibility.PUBLIC)
    rows = await house.rows()
    here = {row[0] for row in rows["db.recipes"] if row[2] == GUILD}
    secrets = [row[4] for row in rows["keys.item_keys"] if row[0] in here]

    executioner = Executioner(house, steps)
    try:
        if await purger.begin(ALL, MANAGER) is None:
            await asyncio.wait_for(purger.finish(), 10)
    except Killed:
        pass
    if steps == STEPS:
        assert 0 < executioner.left  # so each step there is was a death of its own
    executioner.spare()
    purger.start_again()
    await house.recover()
    if not await purger.left() and not purger.lines():
        assert await purger.begin(ALL, MANAGER) is None  # it died before it had begun
    await purger.finish()

    assert 1 == len(purger.lines())
    receipt = await purger.receipt()
    assert () == receipt.failures
    assert (4, 4) == (receipt.messages_deleted, receipt.messages_found)
    assert (4, 4, 1) == tuple(receipt.counts[kind] for kind in ("posts", "recipes", "open-jobs"))
    assert 4 + 2 == receipt.keys_destroyed
    assert (0, 0, 1) == tuple(map(purger.standing, (CHANNEL, SECOND, ITS_CHANNEL)))
    assert 1 == len(await entries(purger, GUILD))
    assert [] == [held for held in await house.memory.keys.items() if held[1] == PURGE]
    left = on_disk()
    assert [] == [secret for secret in secrets if secret in left]


async def test_a_refusal_to_say_who_may_is_taken_for_no(purger: Purger):
    await purger.delivered()
    assert await purger.begin(OF_ANA) is None

    async def refuses() -> None:
        raise Refused("the member could not be asked for")

    purger.house.messenger.meanwhile("membership", refuses)
    await purger.finish()

    assert ("no-longer-moderator",) == (await purger.receipt()).failures
    assert 1 == purger.standing()
