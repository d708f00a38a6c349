"""Retention is a number that is kept: there one second before, gone one second after."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import Ending, Moderator, Question, Refusal, Visibility
from bot.errors import Refused
from bot.policy.chain import Sound
from bot.policy.retention import DAY, LIFETIMES, UNDELIVERED_PICTURE_SECONDS, YEAR, DataClass
from bot.ports import Bell, day_of
from bot.services.hands import SIDE_BY_SIDE, Hands
from bot.services.sweep import (
    CLASSES,
    EVERY_SECONDS,
    ORPHANED_SECONDS,
    POSTS_A_LOOK,
    Due,
    Sweep,
)
from bot.storage import (
    acts,
    audit,
    choices,
    entitlements,
    exports,
    grants,
    recipes,
    soundness,
)
from bot.storage.acts import Actor, Deed
from bot.storage.database import many
from bot.storage.expiry import BATCH, Kind
from bot.storage.keyring import CHOICES, RECIPE, REPORT
from tests.asks import GUILD
from tests.services.conftest import ANA, MOD, PRO_ROLE, House

STEALTH = {"visibility": Visibility.STEALTH}


def sweeper(house: House) -> Sweep:
    return Sweep(
        memory=house.memory,
        messenger=house.messenger,
        conclude=house.conclude,
        lifetimes=house.lifetimes,
        clock=house.clock,
        calendar=house.calendar,
        hands=Hands(house.clock, freed=Bell()),
    )


async def swept(house: House) -> None:
    """One whole pass, messages at Discord included."""
    sweep = sweeper(house)
    await sweep()
    await sweep.unpost()
    await sweep.hands.empty()


async def sql(house: House, statement: str, *values: object) -> None:
    async with house.memory.db.transaction() as tx:
        await tx.execute(statement, values)


async def count(house: House, table: str) -> int:
    return len((await house.rows())[table])


def midnight_in(house: House, days: int = 1) -> int:
    """Seconds until the start of a later day."""
    now = datetime.fromtimestamp(house.clock.now(), UTC)
    start = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=days)
    return int((start - now).total_seconds())


# --- one thing of each kind, made now: gives the table it lies in and the seconds it has


async def a_picture(house: House) -> tuple[str, int]:
    await house.rendered()
    return "db.pictures", UNDELIVERED_PICTURE_SECONDS


async def a_recipe(house: House) -> tuple[str, int]:
    await house.accepted()
    await house.finish()
    return "db.recipes", 30 * DAY


async def a_stealth_recipe(house: House) -> tuple[str, int]:
    await house.accepted(**STEALTH)
    await house.finish()
    [(_, _, last_day)] = (await house.rows())["db.unlinked_recipes"]
    last = datetime.fromisoformat(last_day).replace(tzinfo=UTC)
    return "db.unlinked_recipes", int(last.timestamp()) + DAY - house.clock.now()


async def a_post(house: House) -> tuple[str, int]:
    house.limits[DataClass.POST] = 3 * DAY
    house.start_again()
    await house.accepted()
    await house.finish()
    return "db.posts", 3 * DAY


async def a_record(house: House) -> tuple[str, int]:
    await house.accepted()
    await house.finish()
    return "db.jobs", 30 * DAY


async def a_day_of_use(house: House) -> tuple[str, int]:
    await house.accepted()
    await house.finish()
    return "db.usage", midnight_in(house)


async def a_month_of_gpu_time(house: House) -> tuple[str, int]:
    ana, day = house.memory.keys.person(ANA), day_of(house.clock.now(), UTC)
    await sql(house, "INSERT INTO gpu_usage VALUES (?, ?, 1)", ana, day[:7])
    first = datetime.fromisoformat(f"{day[:7]}-01").replace(tzinfo=UTC) + timedelta(days=31)
    return "db.gpu_usage", int(first.replace(day=1).timestamp()) - house.clock.now()


async def a_grant(house: House) -> tuple[str, int]:
    ana, now = house.memory.keys.person(ANA), house.clock.now()
    async with house.memory.db.transaction() as tx:
        await grants.give(tx, ana, "Pro", granted_on="2027-01-15", expires_at=now + 3 * DAY)
    return "db.grants", 3 * DAY


async def a_word_of_discords(house: House) -> tuple[str, int]:
    ana, now = house.memory.keys.person(ANA), house.clock.now()
    async with house.memory.db.transaction() as tx:
        await entitlements.tell(tx, ana, entitlements.News("e", "Plus", None), now)
    return "db.entitlements", entitlements.NEWS_SECONDS + 1


async def an_export(house: House) -> tuple[str, int]:
    async with house.memory.db.transaction() as tx:
        day = day_of(house.clock.now(), UTC)
        await exports.made(tx, house.memory.keys.person(ANA), day)
    return "db.exports", midnight_in(house)


async def a_choice(house: House) -> tuple[str, int]:
    await house.choose.stealth(ANA)
    return "db.choices", 180 * DAY


async def a_person(house: House) -> tuple[str, int]:
    await house.accepted()
    await house.finish()
    return "db.people", 180 * DAY


async def an_act(house: House) -> tuple[str, int]:
    now = house.clock.now()
    until = house.lifetimes.until(DataClass.AUDIT, now, choices.Choices())
    async with house.memory.db.transaction() as tx:
        person = house.memory.keys.person(ANA)
        await acts.add(tx, person, Actor.SELF, Deed.EXPORTED, 1, now=now, expires_at=until)
    return "db.acts", YEAR


async def a_block(house: House) -> tuple[str, int]:
    person, now = house.memory.keys.person(ANA), house.clock.now()
    await sql(house, "INSERT INTO blocks VALUES (7, ?, ?, ?)", person, now, now + 2 * DAY)
    return "db.blocks", 2 * DAY


async def a_strike(house: House) -> tuple[str, int]:
    person, now = house.memory.keys.person(ANA), house.clock.now()
    until = now + 30 * DAY
    await sql(house, "INSERT INTO strikes VALUES (NULL, 7, ?, ?, ?)", person, now, until)
    return "db.strikes", 30 * DAY


async def a_counter(house: House) -> tuple[str, int]:
    person, now = house.memory.keys.person(ANA), house.clock.now()
    row = "INSERT INTO counters VALUES (?, 'prompt', 'public', ?, 1, ?)"
    await sql(house, row, person, day_of(now, UTC), now + 30 * DAY)
    return "db.counters", 30 * DAY


async def a_report(house: House) -> tuple[str, int]:
    person, now = house.memory.keys.person(ANA), house.clock.now()
    await house.memory.keys.new_item("report 1", REPORT, person, day_of(now, UTC))
    row = "INSERT INTO reports VALUES ('report 1', 7, 8, 9, 'job', 'other', ?, x'00', ?, ?, NULL)"
    await sql(house, row, person, now, now + 30 * DAY)
    return "db.reports", 30 * DAY


async def a_contest(house: House) -> tuple[str, int]:
    person, now = house.memory.keys.person(ANA), house.clock.now()
    await house.memory.keys.new_item("contest 1", REPORT, person, day_of(now, UTC))
    row = "INSERT INTO contests VALUES ('contest 1', 7, ?, x'00', ?, ?, NULL)"
    await sql(house, row, person, now, now + 30 * DAY)
    return "db.contests", 30 * DAY


MAKES: dict[Kind, Callable[[House], Awaitable[tuple[str, int]]]] = {
    Kind.UNDELIVERED: a_picture,
    Kind.RECIPE: a_recipe,
    Kind.UNLINKED_RECIPE: a_stealth_recipe,
    Kind.POST: a_post,
    Kind.RECORD: a_record,
    Kind.USAGE: a_day_of_use,
    Kind.GPU_USAGE: a_month_of_gpu_time,
    Kind.GRANT: a_grant,
    Kind.ENTITLEMENT: a_word_of_discords,
    Kind.EXPORT: an_export,
    Kind.CHOICES: a_choice,
    Kind.PERSON: a_person,
    Kind.ACT: an_act,
    Kind.BLOCK: a_block,
    Kind.STRIKE: a_strike,
    Kind.COUNTER: a_counter,
    Kind.REPORT: a_report,
    Kind.CONTEST: a_contest,
}


def test_every_kind_of_row_that_ends_is_made_here() -> None:
    assert set(Kind) == set(MAKES)


def test_every_class_of_data_is_swept_but_what_ends_with_its_job() -> None:
    assert {DataClass.INPUT} == set(DataClass) - set(CLASSES.values())


@pytest.mark.parametrize("kind", Kind)
async def test_a_thing_is_there_one_second_before_its_end_and_gone_at_it(house, kind):
    table, seconds = await MAKES[kind](house)
    house.clock.turn(seconds - 1)
    await swept(house)
    assert 1 == await count(house, table)
    assert 0 == (await sweeper(house).due())[CLASSES[kind]].count

    house.clock.turn(1)
    assert (await sweeper(house).due())[CLASSES[kind]].count
    await swept(house)

    assert 0 == await count(house, table)
    assert Due(0, None) == (await sweeper(house).due())[CLASSES[kind]]


async def test_after_all_lifetimes_nothing_of_anybody_is_left(house):
    await a_post(house)
    for make in MAKES.values():
        await make(house)
    house.clock.turn(2 * DAY)
    await swept(house)
    await house.tidies()
    house.clock.turn(2 * YEAR)

    await swept(house)

    left = {table for table, rows in (await house.rows()).items() if rows}
    until_passed = {"db.tenants"}  # by the fair clock, which has no hours
    until_they_come_back = {"db.opt_outs"}  # that a /stealth was forgotten
    assert {"db.fair_clocks", "db.house", "keys.house_keys"} == (
        left - until_passed - until_they_come_back
    )
    assert [] == house.files()


async def test_the_key_of_a_recipe_goes_with_it(house):
    await house.accepted()
    await house.finish()
    assert {RECIPE} <= {purpose for _, purpose in await house.memory.keys.items()}
    house.clock.turn(30 * DAY)

    await swept(house)

    assert {RECIPE} & {purpose for _, purpose in await house.memory.keys.items()} == set()


@pytest.mark.parametrize("table", ["recipes", "choices"])
async def test_a_stop_between_key_and_row_leaves_nothing_readable_and_is_finished_later(
    house, table
):
    job = await house.accepted()
    await house.finish()
    person = house.memory.keys.person(ANA)
    await sql(
        house,
        f"CREATE TRIGGER stop BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'stop'); END",
    )
    house.clock.turn(180 * DAY)

    await swept(house)

    assert 1 == await count(house, f"db.{table}")
    assert not {job, person} & {item for item, _ in await house.memory.keys.items()}
    await sql(house, "DROP TRIGGER stop")
    await swept(house)
    assert 0 == await count(house, f"db.{table}")


async def test_audit_entries_go_after_a_year_with_whom_they_concern_and_the_chain_holds(house):
    began, ana = house.clock.now(), house.memory.keys.person(ANA)
    act = audit.Act(actor=audit.Actor.MODERATOR, by="x", act=audit.Deed.PURGED, scope="user")
    for days in (0, 200):
        house.clock.turn(began + days * DAY - house.clock.now())
        async with house.memory.db.transaction() as tx:
            now = house.clock.now()
            await audit.append(tx, house.memory.keys, 7, act, now=now, concerning={ana: 1})
    counted = []
    for second in (-1, 0):
        house.clock.turn(began + YEAR + second - house.clock.now())
        await swept(house)
        async with house.memory.db.read() as tx:
            found = await soundness.verify(tx, house.memory.keys, 7)
            counted.append((found, len(await audit.of_person(tx, ana, 9))))

    assert [
        (Sound(entries=2, floor=0, head=2), 2),
        (Sound(entries=1, floor=1, head=2), 1),
    ] == counted


async def test_one_class_that_fails_does_not_hold_up_the_others(house):
    await an_act(house)
    await a_record(house)
    await sql(
        house, "CREATE TRIGGER stop BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'stop'); END"
    )
    house.clock.turn(YEAR)

    await swept(house)

    assert 1 == await count(house, "db.acts")
    assert 0 == await count(house, "db.jobs")
    assert 0 == await count(house, "db.recipes")


async def test_an_undelivered_picture_is_refunded_and_its_owner_told(house):
    job = await house.rendered()
    assert 1 == (await house.usage()).pictures
    house.messenger.fail("edit", times=99)
    await house.delivers()
    house.clock.turn(UNDELIVERED_PICTURE_SECONDS)

    await swept(house)
    await house.tidies()

    assert Ending.EXPIRED is (await house.delivery(job)).ending
    assert [] == house.files()
    assert [] == house.messenger.stands(200)
    (told,) = house.messenger.stands(house.messenger.dm(ANA))  # their answer's token is long gone
    assert "could not be delivered" in told.content
    assert 0 == await count(house, "db.usage")


async def test_a_picture_whose_time_ends_while_discord_answers_is_not_left_standing(house):
    job = await house.rendered()
    house.clock.turn(UNDELIVERED_PICTURE_SECONDS)
    house.messenger.meanwhile("send", sweeper(house))

    await house.delivers()
    await house.tidies()

    assert Ending.EXPIRED is (await house.delivery(job)).ending
    assert [] == house.messenger.stands(200)


# --- posts


async def test_a_post_that_is_due_leaves_its_channel_with_its_recipe(house):
    await a_post(house)
    assert 1 == len(house.messenger.stands(200))
    house.clock.turn(3 * DAY)

    await swept(house)

    assert [] == house.messenger.stands(200)
    assert 0 == await count(house, "db.recipes")


async def test_a_post_waits_while_discord_does_not_answer(house):
    await a_post(house)
    house.clock.turn(3 * DAY)
    house.messenger.fail("delete")

    await swept(house)
    assert 1 == await count(house, "db.posts")
    await swept(house)

    assert 0 == await count(house, "db.posts")
    assert [] == house.messenger.stands(200)


async def test_a_post_that_discord_will_never_let_go_is_forgotten(house, caplog):
    async def refuses() -> None:
        raise Refused("for good")

    await a_post(house)
    house.clock.turn(3 * DAY)
    house.messenger.meanwhile("delete", refuses)

    await swept(house)

    assert 0 == await count(house, "db.posts")
    assert "sweep.post_stays" in caplog.text


async def test_a_post_stands_for_as_long_as_nobody_sets_a_limit(house):
    await house.accepted()
    await house.finish()
    house.clock.turn(10 * YEAR)

    await swept(house)

    assert 1 == len(house.messenger.stands(200))
    assert 1 == await count(house, "db.posts")


async def posts_due(house: House, channel: int, many: int) -> None:
    """So many messages of ours in a channel, whose time is over."""
    now = house.clock.now()
    async with house.memory.db.transaction() as tx:
        await tx.executemany(
            "INSERT INTO posts VALUES (?, 'ana', 100, ?, ?, ?, ?)",
            [
                (f"{channel}-{n}", channel, channel * 10_000 + n, now - DAY, now)
                for n in range(many)
            ],
        )


async def test_thousands_of_posts_that_are_due_go_a_hundred_a_minute_however_often_it_looks(house):
    await posts_due(house, 200, 1500)
    for _ in range(BATCH):
        await sql(house, "INSERT INTO acts VALUES (NULL, 'ana', 1, 'self', 'exported', 1, 2)")
    sweep = sweeper(house)

    gone = []
    for _ in range(4):  # it looks at once again after the first: a batch of acts was full
        await sweep.look()
        await sweep.hands.empty()
        gone.append(1500 - await count(house, "db.posts"))
        house.clock.turn(EVERY_SECONDS / 2)

    assert [POSTS_A_LOOK, POSTS_A_LOOK, POSTS_A_LOOK, 2 * POSTS_A_LOOK] == gone
    assert 2 * POSTS_A_LOOK == house.messenger.calls.count("delete")


async def test_a_channel_that_refuses_is_asked_once_a_look_and_holds_up_no_other(house, caplog):
    await posts_due(house, 200, 1500)
    await posts_due(house, 201, 100)
    house.messenger.hidden.add(200)
    sweep = sweeper(house)

    for looks in (1, 2):
        await sweep.look()
        await sweep.hands.empty()
        house.clock.turn(EVERY_SECONDS)
        assert looks == caplog.text.count("sweep.post_stays")

    assert 1498 == await count(house, "db.posts")
    house.messenger.hidden.clear()
    await sweep.look()
    await sweep.hands.empty()
    assert 1498 - POSTS_A_LOOK == await count(house, "db.posts")


async def test_many_channels_are_cleared_a_few_at_a_time(house):
    for channel in range(200, 200 + POSTS_A_LOOK):
        await posts_due(house, channel, 1)
    asking, answers = [], asyncio.Event()

    async def is_slow(channel, message_id):
        asking.append(channel)
        await answers.wait()

    house.messenger.delete = house.messenger.delete_many = is_slow
    sweep = sweeper(house)
    for _ in range(3):
        await sweep.look()
        house.clock.turn(EVERY_SECONDS)
    for _ in range(20):
        await count(house, "db.posts")

    assert SIDE_BY_SIDE == len(asking)
    answers.set()
    await sweep.hands.empty()


# --- what people still wait for


async def test_choices_outlive_their_time_while_a_job_waits(house):
    await house.choose.stealth(ANA)
    await house.accepted(**STEALTH)
    house.clock.turn(181 * DAY)
    await swept(house)
    assert 1 == await count(house, "db.choices")

    await house.finish()
    await swept(house)

    assert 0 == await count(house, "db.choices")


async def test_somebody_whose_stealth_was_forgotten_is_asked_before_they_are_public(house):
    await house.choose.stealth(ANA)
    await sql(
        house,
        "CREATE TRIGGER stop BEFORE DELETE ON choices BEGIN SELECT RAISE(ABORT, 'stop'); END",
    )
    house.clock.turn(180 * DAY)
    await swept(house)  # stops between key and row
    await sql(house, "DROP TRIGGER stop")

    await swept(house)

    assert 0 == await count(house, "db.choices")
    assert isinstance(await house.ask(), Question)
    assert 0 == await count(house, "db.jobs")


async def test_somebody_whose_plan_was_stealth_is_asked_too_once_both_are_forgotten(house):
    await house.delivered(role_ids=frozenset({PRO_ROLE}))
    house.clock.turn(180 * DAY)
    await swept(house)

    assert 0 == await count(house, "db.choices")
    assert isinstance(await house.ask(), Question)


async def test_a_days_use_stays_while_one_of_its_jobs_may_be_refunded(house):
    await house.accepted()
    house.clock.turn(midnight_in(house))
    await swept(house)
    assert 1 == await count(house, "db.usage")

    await house.finish()
    await swept(house)

    assert 0 == await count(house, "db.usage")


async def test_a_record_stays_until_its_messages_are_cleared_up(house):
    house.limits[DataClass.RECORD] = 0
    house.start_again()
    await house.rendered()
    await house.delivers()
    await swept(house)
    assert 1 == await count(house, "db.jobs")

    await house.tidies()
    await swept(house)

    assert 0 == await count(house, "db.jobs")


async def test_somebody_who_comes_back_is_not_forgotten(house):
    await house.accepted()
    await house.finish()
    house.clock.turn(100 * DAY)
    await house.accepted()
    await house.finish()
    house.clock.turn(100 * DAY)

    await swept(house)

    assert 1 == await count(house, "db.people")
    assert 1 == await count(house, "db.choices")


async def test_an_opt_out_never_ends(house):
    await house.choose.never_public(ANA)
    house.clock.turn(100 * YEAR)

    await swept(house)

    assert 1 == await count(house, "db.opt_outs")


# --- an operator's limits


async def test_a_tighter_limit_applies_at_the_next_start_to_what_was_made_before(house):
    for make in (a_recipe, a_stealth_recipe, an_act, a_post):
        await make(house)
    house.limits |= dict.fromkeys(
        (
            DataClass.RECIPE,
            DataClass.STEALTH_RECIPE,
            DataClass.RECORD,
            DataClass.POST,
            DataClass.AUDIT,
        ),
        DAY,
    )
    house.start_again()
    sweep = sweeper(house)
    await sweep.look()
    house.clock.turn(2 * DAY)

    await sweep.look()
    await sweep.hands.empty()

    rows = await house.rows()
    for table in ("recipes", "unlinked_recipes", "posts", "acts", "jobs"):
        assert [] == rows[f"db.{table}"]
    assert [] == house.messenger.stands(200)


async def test_a_looser_limit_lengthens_nothing(house):
    for make in (a_post, a_recipe, a_stealth_recipe, an_act):
        await make(house)
    before = await house.rows()
    house.limits |= {
        DataClass.RECIPE: 180 * DAY,
        DataClass.STEALTH_RECIPE: 30 * DAY,
        DataClass.RECORD: 90 * DAY,
        DataClass.POST: 300 * DAY,
    }
    house.start_again()

    await sweeper(house).tighten_all()

    assert before == await house.rows()


async def test_counts_and_strikes_that_are_there_end_by_the_operators_shorter_word(house):
    mod = Moderator(person=MOD, guild_id=GUILD)
    await house.block.strike(mod, ANA, None)
    await house.moderate.add_rule(mod, "manners", "gore", is_pattern=False)
    assert isinstance(await house.ask("gore"), Refusal)
    house.clock.turn(2 * DAY)
    house.limits[DataClass.COUNTER] = DAY
    house.start_again()

    await sweeper(house).tighten_all()
    await swept(house)

    assert (0, 0) == (await count(house, "db.counters"), await count(house, "db.strikes"))


async def test_a_dry_run_counts_by_the_limits_of_now_and_changes_nothing(house):
    await a_recipe(house)
    await an_act(house)
    house.clock.turn(DAY)
    house.limits |= {DataClass.RECIPE: 3600}
    house.start_again()
    before = await house.rows()

    due = await sweeper(house).due()

    assert Due(1, "2027-01-15") == due[DataClass.RECIPE]
    assert 0 == due[DataClass.AUDIT].count
    assert before == await house.rows()


# --- how it looks


async def test_a_look_works_once_a_minute(house):
    sweep = sweeper(house)
    await sweep.look()
    await a_recipe(house)
    await sql(house, "UPDATE recipes SET expires_at = 0")

    await sweep.look()
    assert 1 == await count(house, "db.recipes")
    house.clock.turn(EVERY_SECONDS)
    await sweep.look()

    assert 0 == await count(house, "db.recipes")


async def test_a_full_batch_is_followed_by_the_next_at_once(house):
    async with house.memory.db.transaction() as tx:
        for number in range(BATCH + 1):
            await recipes.add_unlinked(tx, f"row {number}", b"sealed", "2020-01-01")
    sweep = sweeper(house)

    await sweep.look()
    assert 1 == await count(house, "db.unlinked_recipes")
    await sweep.look()

    assert 0 == await count(house, "db.unlinked_recipes")


async def test_sweeps_side_by_side_forget_each_thing_once(house):
    await a_recipe(house)
    house.clock.turn(30 * DAY)

    await asyncio.gather(*(swept(house) for _ in range(3)))

    assert 0 == await count(house, "db.recipes")


# --- keys and files that nobody needs


async def test_a_key_or_file_without_a_row_dies_after_an_hour(house):
    sweep, keys = sweeper(house), house.memory.keys
    kept = await house.rendered()
    await keys.new_item("orphan", RECIPE, keys.person(ANA), "2027-01-15")
    [blob] = await house.memory.keep_files([b"sealed"])

    await sweep()
    house.clock.turn(ORPHANED_SECONDS - 1)
    await sweep()
    assert ("orphan", RECIPE) in await keys.items()
    house.clock.turn(1)
    await sweep()

    assert ("orphan", RECIPE) not in await keys.items()
    assert blob not in house.files()
    assert 1 == len(house.files())
    assert (kept, RECIPE) in await keys.items()


async def test_a_key_whose_row_comes_within_the_hour_lives(house):
    sweep = sweeper(house)
    keys, person = house.memory.keys, house.memory.keys.person(ANA)
    await keys.new_item("late", RECIPE, person, "2027-01-15")
    await sweep()
    async with house.memory.db.transaction() as tx:
        now = house.clock.now()
        await recipes.add(tx, recipes.Recipe("late", person, 1, b"", now, now + YEAR))

    house.clock.turn(ORPHANED_SECONDS)
    await sweep()

    assert ("late", RECIPE) in await keys.items()


async def test_a_row_whose_key_was_destroyed_before_a_stop_goes_and_others_stay(house):
    await house.choose.stealth(MOD)
    job = await house.accepted()
    await house.finish()
    kept = await house.accepted()
    await house.finish()
    keys = house.memory.keys
    await keys.destroy_all([(job, RECIPE), (keys.person(ANA), CHOICES)])

    await swept(house)

    rows = await house.rows()
    assert [kept] == [row[0] for row in rows["db.recipes"]]
    assert [keys.person(MOD)] == [row[0] for row in rows["db.choices"]]


async def test_what_was_swept_is_in_no_file(house, on_disk):
    house.limits[DataClass.POST] = DAY
    house.start_again()
    job = await house.accepted("xylophone")
    await house.finish()
    [sealed] = [row[3] for row in (await house.rows())["db.recipes"]]
    assert sealed in on_disk()
    assert job.encode() in on_disk()
    house.clock.turn(30 * DAY)

    await swept(house)

    assert 0 == await count(house, "db.posts")
    await house.memory.db.forget_deleted()  # as the next day's look does
    assert sealed not in on_disk()
    assert job.encode() not in on_disk()


async def test_the_log_that_shows_what_was_written_together_is_emptied(house, tmp_path):
    """The commit that ends a stealth job adds its recipe, which names nobody."""
    await swept(house)
    await house.delivered(visibility=Visibility.STEALTH)
    log = tmp_path / "data" / "darkroom.db-wal"
    [recipe] = (await house.rows())["db.unlinked_recipes"]
    assert recipe[0].encode() in log.read_bytes()

    await swept(house)

    assert b"" == log.read_bytes()


async def test_the_file_is_rewritten_once_a_day(house):
    await swept(house)
    first = (await house.rows())["db.house"]
    house.clock.turn(midnight_in(house) - 1)
    await swept(house)
    assert first == (await house.rows())["db.house"]

    house.clock.turn(1)
    await swept(house)

    assert first != (await house.rows())["db.house"]


async def test_the_fair_order_forgets_who_it_has_passed(house):
    await house.accepted()
    await house.finish()
    for _ in range(2):
        await house.accepted(person=MOD)
        await house.finish()

    await swept(house)

    async with house.memory.db.read() as tx:
        tenants = [row["tenant"] for row in await many(tx, "SELECT tenant FROM tenants")]
    assert house.memory.keys.person(ANA) not in tenants


def test_shipped_lifetimes_are_those_of_the_cases_above() -> None:
    assert (30 * DAY, 30 * DAY, 180 * DAY, YEAR) == tuple(
        LIFETIMES[kind].seconds
        for kind in (DataClass.RECIPE, DataClass.RECORD, DataClass.SETTINGS, DataClass.AUDIT)
    )
