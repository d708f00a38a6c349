"""A server keeps things for less time: its own public ones alone, and never for longer."""

import json
from datetime import UTC

import pytest

from bot import words
from bot.domain import Cause, Moderator, PersonId, Visibility
from bot.policy.retention import DAY, HOUR, MINUTE, OF_SERVERS, By, DataClass, Effective
from bot.policy.server import Rule, ServerSettings
from bot.services.account import Account
from bot.services.limit import Limit
from bot.services.retain import Retain
from bot.services.walk import Walk
from bot.storage import servers
from bot.storage.database import many
from tests.asks import GUILD, ask, dm, where
from tests.facts import SILENT
from tests.services.conftest import ANA, MOD, House
from tests.services.test_sweep import swept

ZOE = PersonId(13)
ELSEWHERE, GENERAL, GALLERY = 101, 200, 201
STEALTH = {"visibility": Visibility.STEALTH}
HERE, THERE = Moderator(person=MOD, guild_id=GUILD), Moderator(person=ZOE, guild_id=ELSEWHERE)
POST, RECIPE, PICTURE, RECORD = OF_SERVERS


@pytest.fixture
def limit(house: House) -> Limit:
    return Limit(house.memory, house.lifetimes, house.clock, UTC)


async def delivered(
    house: House, person: PersonId = ANA, guild: int = GUILD, channel: int = GENERAL, **asked
) -> str:
    return await house.delivered(
        person=person, where=where(guild_id=guild, channel_id=channel), **asked
    )


async def ends(house: House, table: str) -> dict[str, int | None]:
    """When each thing of a table ends."""
    async with house.memory.db.read() as tx:
        rows = await many(tx, f"SELECT job, expires_at FROM {table}")
    return {row["job"]: row["expires_at"] for row in rows}


async def audited(house: House) -> list[tuple[int, str, str, int]]:
    async with house.memory.db.read() as tx:
        rows = await many(tx, "SELECT chain, act, scope, objects FROM audit ORDER BY chain, seq")
    return [tuple(row) for row in rows]


# --- what is there, and what comes later


@pytest.mark.parametrize(
    ("kind", "table"), [(POST, "posts"), (RECIPE, "recipes"), (RECORD, "deliveries")]
)
async def test_what_a_server_has_ends_by_its_word_and_what_it_makes_later_too(
    house, limit, kind, table
):
    old = await delivered(house)
    house.clock.turn(HOUR)

    await limit(HERE, kind, "2d", None)
    young = await delivered(house)

    now = house.clock.now()
    assert {old: now - HOUR + 2 * DAY, young: now + 2 * DAY} == await ends(house, table)


async def test_a_picture_that_waits_ends_by_its_servers_word(house, limit):
    waiting = await house.rendered()
    await limit(HERE, PICTURE, "2h", None)
    later = await house.rendered()

    now = house.clock.now()
    assert {waiting: now + 2 * HOUR, later: now + 2 * HOUR} == await ends(house, "pictures")


async def test_a_job_that_ends_without_a_picture_has_a_record_by_its_servers_word(house, limit):
    await limit(HERE, RECORD, "1d", None)
    job = await house.placed()
    assert await house.cancel(job, ANA)

    assert {job: house.clock.now() + DAY} == await ends(house, "deliveries")


async def test_a_channels_word_holds_in_that_channel_alone(house, limit):
    general, gallery = await delivered(house), await delivered(house, channel=GALLERY)

    for kind in OF_SERVERS:
        await limit(HERE, kind, "1d", GALLERY)
    later, there = await delivered(house), await delivered(house, channel=GALLERY)

    now = house.clock.now()
    assert {general: None, gallery: now + DAY, later: None, there: now + DAY} == await ends(
        house, "posts"
    )
    for table in ("recipes", "deliveries"):
        short = {job for job, end in (await ends(house, table)).items() if end == now + DAY}
        assert {gallery, there} == short


async def test_with_0_every_post_goes_at_the_next_sweep_also_what_comes_later(house, limit):
    await delivered(house)
    await limit(HERE, POST, "0", None)
    await swept(house)
    assert [] == house.messenger.stands(GENERAL)

    await delivered(house)
    assert 1 == len(house.messenger.stands(GENERAL))
    await swept(house)

    assert [] == house.messenger.stands(GENERAL)
    assert {} == await ends(house, "recipes")


# --- only its own, and only what is public


async def test_zoes_server_keeps_everything(house, limit):
    theirs = await delivered(house, ANA, ELSEWHERE, 300)
    before = {table: await ends(house, table) for table in ("posts", "recipes", "deliveries")}
    mine = await delivered(house)

    for kind in (POST, RECIPE, RECORD):
        await limit(HERE, kind, "0", None)
        await limit(HERE, kind, "0", 300)  # a channel of hers, named by somebody of another server
    later = await delivered(house, ANA, ELSEWHERE, 300)

    for table, old in before.items():
        now = await ends(house, table)
        assert old[theirs] == now[theirs] == now[later]
        assert house.clock.now() == now[mine]


async def test_a_picture_that_waits_in_zoes_server_waits_on(house, limit):
    there = await house.rendered(where=where(guild_id=ELSEWHERE, channel_id=300))
    here = await house.rendered()

    await limit(HERE, PICTURE, "10m", None)
    await limit(HERE, PICTURE, "10m", 300)

    now = house.clock.now()
    assert {there: now + DAY, here: now + 10 * MINUTE} == await ends(house, "pictures")


async def test_nothing_of_stealth_is_counted_or_ends_sooner(house, limit):
    await delivered(house, **STEALTH)
    await house.rendered(**STEALTH)
    moved = await house.placed(person=MOD)
    await house.choose.stealth(MOD)
    before = await house.rows()

    for kind in OF_SERVERS:
        said = await limit.preview(HERE, kind, "10m", None)
        assert (0, 0) == (said.at_once, said.later)
        await limit(HERE, kind, "10m", None)

    after = await house.rows()
    for table in ("pictures", "unlinked_recipes", "jobs", "deliveries"):
        assert before[f"db.{table}"] == after[f"db.{table}"]
    assert moved in await ends(house, "deliveries")


async def test_a_persons_own_shorter_word_stays_the_least(house, limit):
    walk = Walk(house.memory, house.messenger)
    await Retain(house.memory, house.lifetimes, walk, house.clock, UTC, house.holdings)(
        ANA, RECIPE, "1h"
    )
    job = await delivered(house)

    await limit(HERE, RECIPE, "7d", None)
    later = await delivered(house)

    end = house.clock.now() + HOUR
    assert {job: end, later: end} == await ends(house, "recipes")


# --- the dry run


async def test_a_dry_run_changes_nothing_and_says_what_then_happens(house, limit):
    for days in (27, 1, 2):  # until the next: they are 30, 3 and 2 days old in the end
        await delivered(house)
        await delivered(house, MOD, channel=GALLERY)
        house.clock.turn(days * DAY)
    before = await house.rows()

    said = await limit.preview(HERE, POST, "3d", None)

    assert before == await house.rows()
    assert (4, 2, house.clock.now() + DAY) == (said.at_once, said.later, said.until)
    done = await limit(HERE, POST, "3d", None)
    assert said == done
    await swept(house)
    left = await ends(house, "posts")
    assert {said.until} == set(left.values())
    assert said.later == len(left)
    assert 2 == len([*house.messenger.stands(GENERAL), *house.messenger.stands(GALLERY)])
    assert (GUILD, "retention", "post=3d", 6) in await audited(house)


@pytest.mark.parametrize("kind", OF_SERVERS)
async def test_what_a_dry_run_counts_is_what_ends_sooner(house, limit, kind):
    for channel in (GENERAL, GALLERY, GALLERY):
        await delivered(house, channel=channel)
    await house.rendered(where=where(channel_id=GALLERY), count=2)
    table = {POST: "posts", RECIPE: "recipes", PICTURE: "pictures", RECORD: "deliveries"}[kind]
    before = await ends(house, table)

    said = await limit.preview(HERE, kind, "10m", GALLERY)
    await limit(HERE, kind, "10m", GALLERY)

    after = await ends(house, table)
    changed = [job for job in before if before[job] != after[job]]
    rows = 2 if kind is PICTURE else len(changed)  # two pictures of one job
    assert 0 < rows
    assert (0, rows) == (said.at_once, said.later)
    assert {said.until} == {after[job] for job in changed}


async def test_the_people_it_touches_see_it_in_their_history_with_their_own_count(house, limit):
    await delivered(house)
    await delivered(house)
    await delivered(house, MOD)

    await limit(HERE, POST, "7d", None)

    async with house.memory.db.read() as tx:
        rows = await many(tx, "SELECT person, objects FROM audit_subjects")
    keys = house.memory.keys
    assert {keys.person(ANA): 2, keys.person(MOD): 1} == {row[0]: row[1] for row in rows}


# --- only tighter


@pytest.mark.parametrize("kind", OF_SERVERS)
@pytest.mark.parametrize("said", ["soon", "-1d", "forever", "1.5h", ""])
async def test_what_is_no_duration_lists_the_forms_and_changes_nothing(house, limit, kind, said):
    before = await house.rows()

    for deed in (limit, limit.preview):
        refusal = await deed(HERE, kind, said, None)
        assert Cause.DURATION is refusal.cause
        assert "0, 45m, 24h, 7d, 2w, 1y" in words.refused(refusal)

    assert before == await house.rows()


async def test_a_server_may_not_keep_longer_than_the_operator_lets_it(house, limit):
    refusal = await limit(HERE, RECIPE, "31d", None)

    assert Cause.LOOSER_THAN_ALLOWED is refusal.cause
    assert "capped by the operator at 30 days" in words.refused(refusal)
    assert [] == (await house.rows())["db.server_retention"]


async def test_a_channel_may_not_keep_longer_than_its_server_lets_it(house, limit):
    await limit(HERE, RECIPE, "7d", None)

    refusal = await limit(HERE, RECIPE, "8d", GALLERY)
    equal = await limit(HERE, RECIPE, "7d", GALLERY)

    assert "capped by this server at 7 days" in words.refused(refusal)
    assert 7 * DAY == equal.seconds


async def test_a_picture_must_live_long_enough_to_be_delivered(house, limit):
    refusal = await limit(HERE, PICTURE, "9m", None)

    assert Cause.SHORTER_THAN_WORKS is refusal.cause
    assert "10 minutes at least" in words.refused(refusal)
    assert 10 * MINUTE == (await limit(HERE, PICTURE, "10m", None)).seconds


async def test_a_looser_word_holds_only_for_what_is_made_from_then_on(house, limit):
    await limit(HERE, RECIPE, "1d", None)
    old = await delivered(house)

    loosened = await limit(HERE, RECIPE, "5d", None)
    young = await delivered(house)

    assert loosened.is_longer
    assert (0, 0) == (loosened.at_once, loosened.later)
    now = house.clock.now()
    assert {old: now + DAY, young: now + 5 * DAY} == await ends(house, "recipes")


async def test_a_word_that_is_lifted_leaves_what_exists_its_earlier_end(house, limit):
    await limit(HERE, RECIPE, "1d", None)
    old = await delivered(house)

    lifted = await limit.lift(HERE, RECIPE, None)
    young = await delivered(house)

    assert Effective(30 * DAY, By.OPERATOR) == lifted
    now = house.clock.now()
    assert {old: now + DAY, young: now + 30 * DAY} == await ends(house, "recipes")
    assert (GUILD, "retention", "recipe=lifted", 0) == (await audited(house))[-1]


async def test_what_was_never_said_cannot_be_lifted_and_nobody_elses_word_is(house, limit):
    await limit(THERE, RECIPE, "1d", None)
    await limit(HERE, RECIPE, "2d", GALLERY)
    before = await house.rows()

    assert await limit.lift(HERE, RECIPE, None) is None
    assert await limit.lift(HERE, POST, GALLERY) is None

    assert before == await house.rows()


async def test_the_same_said_twice_is_done_once(house, limit):
    await delivered(house)
    first = await limit(HERE, POST, "1d", None)
    again = await limit(HERE, POST, "1d", None)

    assert (False, True) == (first.is_so, again.is_so)
    assert [(GUILD, "retention", "post=1d", 1)] == await audited(house)
    assert "It was so already" in words.limit_set(again)


# --- what is seen


async def test_ana_sees_the_effective_value_where_she_asks(house, limit, tmp_path):
    await limit(HERE, RECIPE, "7d", None)
    await limit(HERE, RECIPE, "2d", GALLERY)
    account = Account(house.memory, SILENT, tmp_path, house.holdings, house.clock)

    said = {}
    for name, place in {
        "general": where(),
        "gallery": where(channel_id=GALLERY),
        "elsewhere": where(guild_id=ELSEWHERE),
        "dm": dm(),
    }.items():
        [said[name]] = [
            row
            for row in await account.effective(ANA, ask(where=place))
            if row.kind is DataClass.RECIPE
        ]

    assert Effective(7 * DAY, By.SERVER) == said["general"].effective
    assert Effective(2 * DAY, By.CHANNEL) == said["gallery"].effective
    assert Effective(30 * DAY, By.OPERATOR) == said["elsewhere"].effective
    assert Effective(30 * DAY, By.OPERATOR) == said["dm"].effective
    assert {By.SERVER, By.CHANNEL} <= set(said["elsewhere"].words)
    assert not {By.SERVER, By.CHANNEL} & set(said["dm"].words)


async def test_info_names_the_server_where_its_word_is_the_least(house, limit):
    await limit(HERE, RECIPE, "7d", None)
    await limit(HERE, POST, "14d", GALLERY)

    general = words.info(await house.inform(ask()))
    gallery = words.info(await house.inform(ask(where=where(channel_id=GALLERY))))
    in_dm = words.info(await house.inform(ask(where=dm())))

    assert "recipe 7 days by this server · stealth-recipe 7 days ·" in general
    assert "post 14 days by this channel" in gallery
    assert "recipe 30 days · stealth-recipe 7 days · record 30 days" in in_dm


async def test_the_first_answer_says_what_the_server_keeps(house, limit):
    await limit(HERE, RECIPE, "7d", None)

    public, stealth = await house.ask(), await house.ask(person=MOD, **STEALTH)

    assert any("your words for 7 days, sealed on this machine" in one for one in public.notes)
    assert any("your words for 7 days, sealed, and only the" in one for one in stealth.notes)
    await limit(HERE, RECIPE, "2d", None)
    other = await house.ask(person=ZOE, **STEALTH)
    assert any("your words for 7 days, sealed, and only the" in one for one in other.notes)


async def test_a_wish_of_ones_own_names_the_server_that_keeps_less(house, limit):
    await limit(HERE, RECIPE, "2d", None)
    walk = Walk(house.memory, house.messenger)
    retain = Retain(house.memory, house.lifetimes, walk, house.clock, UTC, house.holdings)

    here = await retain(ANA, RECIPE, "7d", ask())
    in_dm = await retain(ANA, RECIPE, "7d", ask(where=dm()))

    assert (Effective(7 * DAY, By.PERSON), Effective(2 * DAY, By.SERVER)) == (
        here.effective,
        here.here,
    )
    assert in_dm.here is None


async def test_a_moderator_sees_each_ones_word(house, limit):
    await limit(HERE, POST, "7d", None)
    await limit(HERE, POST, "1d", GALLERY)

    shown = words.limits_shown(await limit.show(HERE, GALLERY), GALLERY)
    whole = words.limits_shown(await limit.show(HERE, None), None)
    theirs = words.limits_shown(await limit.show(THERE, None), None)

    assert "**24 hours**, by this channel.\n-# operator: – · server: 7 days · channel: 24" in shown
    assert "**7 days**, by this server.\n-# operator: – · server: 7 days\n" in whole
    assert "**while it stands**, by the operator." in theirs
    assert [*OF_SERVERS] == sorted(
        (row.kind for row in await limit.show(HERE, None)), key=OF_SERVERS.index
    )


async def test_the_export_holds_the_servers_own_words_and_no_person(house, limit):
    settings = ServerSettings(channels=(GENERAL,), rules=(Rule(name="no cats", text="cat"),))
    now = house.clock.now()
    async with house.memory.db.transaction() as tx:
        await servers.write(tx, house.memory.keys, GUILD, settings, now=now, day="2027-01-15")
        for guild, end in ((GUILD, now + DAY), (GUILD, now - 1), (ELSEWHERE, now + DAY)):
            person = house.memory.keys.person(PersonId(end % 1000 + guild))
            await tx.execute("INSERT INTO blocks VALUES (?, ?, ?, ?)", (guild, person, now, end))
    await limit(HERE, POST, "7d", None)
    await limit(HERE, RECORD, "90m", GALLERY)
    await limit(THERE, POST, "1d", None)

    told = json.loads(await limit.export(HERE))

    assert {"server": {"post": "7d"}, "channels": {"201": {"record": "90m"}}} == told["retention"]
    assert ("100", 1) == (told["server"], told["members_blocked"])
    assert [GENERAL] == told["moderation"]["channels"]
    assert "no cats" == told["moderation"]["rules"][0]["name"]
    assert house.memory.keys.person(MOD) not in json.dumps(told)
    assert (GUILD, "settings-exported", "server", 0) == (await audited(house))[-2]
