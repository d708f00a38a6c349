"""The bot is removed from a server: after the time of grace nothing of it is left, and of others
everything.
"""

import pytest

from bot.domain import Ending, Visibility
from bot.policy.retention import DataClass
from bot.policy.server import ServerSettings
from bot.services.depart import DAY_SECONDS, Depart
from bot.storage import audit, blocks, departures, servers
from bot.storage.audit import Act, Actor, Deed
from bot.storage.database import many
from bot.storage.keyring import SERVER
from tests.asks import CHANNEL, GUILD, where
from tests.services.conftest import ANA, MOD, House
from tests.services.purging import ELSEWHERE, ITS_CHANNEL, PRO, Purger
from tests.services.test_sweep import swept

GRACE_DAYS = 7
DAY = "2026-11-21"
THERE = where(guild_id=ELSEWHERE, channel_id=ITS_CHANNEL)


@pytest.fixture
def purger(house: House) -> Purger:
    return Purger(house)


@pytest.fixture
def depart(purger: Purger) -> Depart:
    return new_depart(purger, is_compared=True)


def new_depart(purger: Purger, *, is_compared: bool) -> Depart:
    """As a new process has it; `is_compared`: Discord has told it already where we are."""
    house = purger.house
    return Depart(
        house.memory,
        house.engine,
        house.conclude,
        purger.purge.begin_by_house,
        house.clock,
        GRACE_DAYS,
        _is_compared=is_compared,
    )


@pytest.fixture
async def lived(purger: Purger) -> House:
    """A result, settings, a limit, a block and an audit in each of two servers."""
    house = purger.house
    await house.delivered("a red fox", visibility=Visibility.PUBLIC, role_ids=PRO)
    await house.delivered("a blue owl", visibility=Visibility.PUBLIC, role_ids=PRO, where=THERE)
    async with house.memory.db.transaction() as tx:
        for guild in (GUILD, ELSEWHERE):
            keys, now = house.memory.keys, house.clock.now()
            await servers.write(tx, keys, guild, ServerSettings(), now=now, day=DAY)
            await servers.set_limit(tx, guild, 0, DataClass.RECORD, 9 * DAY_SECONDS)
            await blocks.block(tx, guild, keys.person(MOD), now=now, expires_at=now + 10**9)
            act = Act(actor=Actor.MODERATOR, by="", act=Deed.SETTINGS, scope="echo")
            await audit.append(tx, keys, guild, act, now=now, concerning={keys.person(ANA): 1})
    return house


async def held(house: House) -> set[int]:
    async with house.memory.db.read() as tx:
        return await departures.held(tx)


async def passes(house: House, purger: Purger, depart: Depart, days: float) -> None:
    """So much time, and what is done then."""
    house.clock.turn(days * DAY_SECONDS)
    for _ in range(8):
        await depart.look()
        await purger.purge.look()
        await purger.purge.hands.empty()
        await house.tidies()
        house.clock.turn(61)


async def chains(house: House) -> dict[int, list[str]]:
    async with house.memory.db.read() as tx:
        rows = await many(tx, "SELECT chain, act, scope FROM audit ORDER BY chain, seq")
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["chain"], []).append(f"{row['act']} {row['scope']}")
    return found


async def test_after_the_grace_nothing_of_that_server_is_left_and_all_of_the_other(
    lived, purger, depart
):
    await depart.left(GUILD)
    await passes(lived, purger, depart, GRACE_DAYS)

    rows = await lived.rows()
    assert {ELSEWHERE} == await held(lived)
    assert not [
        (table, row)
        for table, found in rows.items()
        for row in found
        if GUILD in row and table.startswith("db.")
    ]
    assert 1 == len(rows["db.recipes"]) == len(rows["db.posts"]) == len(rows["db.servers"])
    owners = {item for item, purpose in await lived.memory.keys.items() if purpose == SERVER}
    assert {lived.memory.keys.server(ELSEWHERE)} == owners
    assert {audit.HOUSE, ELSEWHERE} == set(await chains(lived))
    assert "server-erased server" in (await chains(lived))[audit.HOUSE]


async def test_before_the_grace_is_over_nothing_goes(lived, purger, depart):
    await depart.left(GUILD)
    await passes(lived, purger, depart, GRACE_DAYS - 1)

    assert {GUILD, ELSEWHERE} == await held(lived)
    assert 2 == len((await lived.rows())["db.recipes"])


async def test_being_added_again_in_time_keeps_everything(lived, purger, depart):
    await depart.left(GUILD)
    await passes(lived, purger, depart, GRACE_DAYS - 1)
    await depart.back(GUILD)
    await passes(lived, purger, depart, 30)

    assert {GUILD, ELSEWHERE} == await held(lived)
    assert 2 == len((await lived.rows())["db.servers"])


async def test_being_removed_twice_does_not_begin_the_grace_anew(lived, purger, depart):
    await depart.left(GUILD)
    lived.clock.turn(6 * DAY_SECONDS)
    await depart.left(GUILD)
    await passes(lived, purger, depart, 1)

    assert {ELSEWHERE} == await held(lived)


async def test_public_jobs_there_end_refunded_and_others_go_on(purger, depart):
    house = purger.house
    there = await house.placed("a red fox", role_ids=PRO, visibility=Visibility.PUBLIC)
    hidden = await house.placed("a hidden fox", role_ids=PRO, visibility=Visibility.STEALTH)
    elsewhere = await house.placed(
        "a blue owl", role_ids=PRO, visibility=Visibility.PUBLIC, where=THERE
    )

    await depart.left(GUILD)
    ending = (await house.delivery(there)).ending
    await house.finish()

    assert Ending.PLACE_GONE is ending
    assert ["delivered"] * 2 == [await house.state(job) for job in (hidden, elsewhere)]
    assert 2 == (await house.usage()).pictures


async def test_a_place_left_behind_goes_once_we_are_back(purger, depart):
    house = purger.house
    await house.placed("a red fox", role_ids=PRO, visibility=Visibility.PUBLIC)
    house.messenger.hidden.add(CHANNEL)

    await depart.left(GUILD)
    await house.tidies()
    await swept(house)
    assert 1 == len(house.messenger.channels[CHANNEL])

    house.messenger.hidden.clear()
    await depart.back(GUILD)
    await swept(house)

    assert [] == house.messenger.channels[CHANNEL]
    assert [] == (await house.rows())["db.posts"]


async def test_nothing_is_erased_while_discord_is_out_of_hearing(lived, purger, depart):
    await depart.left(GUILD)
    depart.lost()
    await passes(lived, purger, depart, GRACE_DAYS + 1)
    assert {GUILD, ELSEWHERE} == await held(lived)

    await depart.compare({GUILD, ELSEWHERE})
    await passes(lived, purger, depart, 1)

    assert {GUILD, ELSEWHERE} == await held(lived)


async def test_what_happened_while_the_bot_was_away_is_learnt_at_the_next_start(lived, depart):
    async with lived.memory.db.transaction() as tx:
        await departures.left(tx, ELSEWHERE, lived.clock.now())

    await depart.compare({ELSEWHERE})

    async with lived.memory.db.read() as tx:
        assert {GUILD} == await departures.all_left(tx)


async def test_of_a_server_without_anything_nothing_is_noted(lived, depart):
    await depart.left(555)
    await depart.compare({GUILD, ELSEWHERE})

    async with lived.memory.db.read() as tx:
        assert set() == await departures.all_left(tx)


async def test_an_erasure_that_is_stopped_goes_on_after_a_restart(lived, purger, depart):
    await depart.left(GUILD)
    lived.clock.turn(GRACE_DAYS * DAY_SECONDS)
    await depart.look()
    purger.start_again()
    again = new_depart(purger, is_compared=False)
    await again.compare({ELSEWHERE})
    await passes(lived, purger, again, 0)

    assert {ELSEWHERE} == await held(lived)
    assert 1 == (await chains(lived))[audit.HOUSE].count("server-erased server")


async def test_every_table_that_names_a_server_is_known(memory):
    """A new table with a server in it must go with that server."""
    async with memory.db.read() as tx:
        tables = await many(
            tx,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND (sql LIKE '%guild_id%'"
            " OR sql LIKE '%chain %INTEGER%')",
        )

    assert {row["name"] for row in tables} == {table for table, _ in departures._OF_SERVERS}


async def test_the_operators_own_entries_are_never_erased(memory):
    async with memory.db.transaction() as tx:
        with pytest.raises(ValueError, match="no server"):
            await departures.erase_server(tx, audit.HOUSE)


async def test_a_server_that_took_us_back_while_we_were_off_is_not_erased_at_the_start(
    lived, purger, depart
):
    await depart.left(GUILD)
    lived.clock.turn((GRACE_DAYS + 1) * DAY_SECONDS)
    again = new_depart(purger, is_compared=False)

    await passes(lived, purger, again, 0)  # Discord has not said yet where we are
    await again.compare({GUILD, ELSEWHERE})
    await passes(lived, purger, again, 0)

    assert {GUILD, ELSEWHERE} == await held(lived)
    assert 2 == len((await lived.rows())["db.posts"])
