"""What a person is told of their own data is theirs, whole, and true; of others' data nothing."""

import json
from pathlib import Path

import pytest

from bot.domain import PersonId, Visibility
from bot.policy.chain import Sound
from bot.policy.datamap import outliving
from bot.policy.disclosure import Happened
from bot.policy.entries import ENTRIES
from bot.policy.reasons import Reason
from bot.policy.retention import DAY, HOUR, By, DataClass
from bot.policy.server import AdultHere, StealthHere
from bot.services.account import Account
from bot.services.clear import SCOPES
from bot.services.erase import Scope
from bot.services.publish import Publish
from bot.storage import acts, audit, soundness
from bot.storage.acts import Actor, Deed
from bot.words import account as said
from bot.words import auditing
from gen.job import JobState
from tests.facts import SAID, SILENT
from tests.services.conftest import ANA, MOD, UTC
from tests.services.erasing import Eraser

STEALTH = Visibility.STEALTH


@pytest.fixture
def account(house, tmp_path: Path) -> Account:
    return Account(house.memory, SILENT, tmp_path / "data", house.holdings, house.clock)


async def counts(account: Account, person: PersonId) -> dict[str, int | None]:
    lines = await account.stored(person)
    assert len(lines) == len({(line.entry.store, line.entry.name) for line in lines})
    return {line.entry.name: line.count for line in lines}


# --- stored -------------------------------------------------------------------------------------


async def test_somebody_who_never_asked_has_nothing(house, account):
    await house.accepted()

    assert {0, None} == set((await counts(account, MOD)).values())


async def test_asking_what_is_stored_leaves_no_trace(house, account):
    before = await house.rows()

    await account.stored(MOD)
    await account.effective(MOD)
    await account.history(MOD)
    await account.life_of("0" * 32, MOD)

    assert before == await house.rows()


async def test_an_open_public_job_is_counted_in_every_table_that_holds_it(house, account):
    await house.rendered(count=2)

    found = await counts(account, ANA)

    held = {"jobs": 1, "deliveries": 1, "pictures": 2, "blobs/*": 2, "people": 1, "usage": 1}
    assert held == {name: found[name] for name in held}
    assert 1 <= found["item_keys"]
    assert 1 == found["day_keys"]


async def test_what_a_delivered_public_job_leaves_is_counted_with_its_last_day(house, account):
    await house.accepted()
    await house.finish()

    lines = {line.entry.name: line for line in await account.stored(ANA)}

    assert (1, 1, 1, 0) == tuple(
        lines[name].count for name in ("posts", "recipes", "jobs", "pictures")
    )
    assert house.clock.now() + 30 * DAY - HOUR <= lines["recipes"].until
    assert lines["posts"].until is None  # while it stands


async def test_a_delivered_stealth_recipe_is_there_and_nobody_can_be_told_it_is_theirs(
    house, account
):
    await house.accepted(visibility=STEALTH)
    await house.finish()

    assert 1 == len((await house.rows())["db.unlinked_recipes"])
    assert (await counts(account, ANA))["unlinked_recipes"] is None
    assert "not countable by design" in "\n".join(said.stored(await account.stored(ANA)))


async def test_every_row_that_bears_a_hash_is_counted_for_its_person(house, account):
    """What the counts say is what a search of both databases for the person's hash finds."""
    await house.choose.stealth(ANA)
    await house.accepted(visibility=STEALTH)
    await house.choose.public(ANA)
    await house.accepted(visibility=Visibility.PUBLIC)
    await house.finish()
    await house.accepted(person=MOD)
    hashed = house.memory.keys.person(ANA)

    found = await counts(account, ANA)

    bearing = {
        name.split(".")[1]: mine
        for name, rows in (await house.rows()).items()
        if (mine := sum(hashed in row for row in rows))
    }
    assert bearing == {name: found[name] for name in bearing}
    assert {"people", "choices", "usage", "jobs", "posts", "recipes", "item_keys"} <= set(bearing)


async def test_after_an_erasure_of_everything_only_what_outlives_it_is_counted(house, account):
    """What the data map says of erasing is what an erasure does."""
    await house.choose.stealth(ANA)
    await house.accepted(visibility=STEALTH)
    await house.choose.public(ANA)
    await house.accepted(visibility=Visibility.PUBLIC)
    await house.finish()
    await house.rendered(visibility=Visibility.PUBLIC)
    before = {line.entry.name for line in await account.stored(ANA) if line.count}

    await Eraser(house).erased(Scope.EVERYTHING)

    left = {line.entry.name for line in await account.stored(ANA) if line.count}
    assert left <= {entry.name for entry in outliving(ENTRIES)}
    assert {"people", "choices", "jobs", "posts", "recipes", "pictures", "item_keys"} <= before


# --- what applies -------------------------------------------------------------------------------


async def test_who_said_what_stands_side_by_side_and_the_least_applies(house, tmp_path):
    account = Account(house.memory, SAID, tmp_path, house.holdings, house.clock)
    await house.choose.change(ANA, lambda old: _with_retention(old, {"recipe": HOUR}))

    rows = {row.kind: row for row in await account.effective(ANA)}

    recipe = rows[DataClass.RECIPE]
    assert (7 * DAY, HOUR) == (recipe.words[By.OPERATOR], recipe.words[By.PERSON])
    assert (HOUR, By.PERSON) == (recipe.effective.seconds, recipe.effective.by)
    assert (14 * DAY, By.OPERATOR) == (
        rows[DataClass.POST].effective.seconds,
        rows[DataClass.POST].effective.by,
    )
    assert set(DataClass) == set(rows)


async def test_what_applies_is_what_the_deeds_keep_to(house, account):
    await house.choose.change(ANA, lambda old: _with_retention(old, {"recipe": HOUR, "record": 0}))
    chosen = await house.choose.read(ANA)

    for row in await account.effective(ANA):
        assert house.lifetimes.of(row.kind, chosen) == row.effective


def _with_retention(old, retention):
    return type(old)(**{**old.__dict__, "retention": retention})


# --- the life of a job --------------------------------------------------------------------------


async def test_somebody_elses_job_and_no_job_look_alike(house, account):
    public, stealth = await house.accepted(), await house.accepted(visibility=STEALTH)
    await house.finish()

    assert await account.life_of(public, ANA) is not None
    assert await account.life_of(stealth, ANA) is not None
    for job in (public, stealth, "f" * 32, "", "../../etc", "💡"):
        assert await account.life_of(job, MOD) is None


@pytest.mark.parametrize("seen", Visibility)
async def test_a_job_says_where_it_stands_at_every_step(house, account, seen):
    job = await house.accepted(visibility=seen)
    states = []
    for deed in (house.places, house.work, house.delivers, house.tidies):
        life = await account.life_of(job, ANA)
        states.append(life.state)
        assert all(len(page) <= 2000 for page in said.life(life))
        await deed()
    life = await account.life_of(job, ANA)

    assert [JobState.ACCEPTED, JobState.PLACED, JobState.RENDERED, JobState.DELIVERED] == states
    assert (JobState.DELIVERED, seen) == (life.state, life.visibility)
    assert life.record_until is not None


async def test_of_delivered_stealth_only_the_message_in_the_dm_has_the_key(house, account):
    job = await house.accepted(visibility=STEALTH)
    await house.finish()

    life = await account.life_of(job, ANA)
    text = "\n".join(said.life(life))

    assert (None, None) == (life.post, life.recipe_until)
    assert "only the message in your DM has the key" in text
    assert "discord.com/channels" not in text


async def test_a_public_job_is_found_by_the_link_of_its_message(house, account):
    job = await house.accepted()
    await house.finish()
    life = await account.life_of(job, ANA)
    text = said.life(life)[0]
    link = next(word for word in text.split() if "discord.com/channels" in word).rstrip(".")

    assert life == await account.life_of(link, ANA)
    assert life == await account.life_of(f" {life.post[2]} ", ANA)
    assert await account.life_of(link, MOD) is None


@pytest.mark.parametrize(
    "said", ["9" * 19, "9" * 20, "/" * 50, "https://discord.com/channels/1/2/"]
)
async def test_what_names_no_message_names_no_job(account, said):
    assert await account.life_of(said, ANA) is None


async def test_a_job_that_was_cancelled_says_so_and_what_it_cost(house, account):
    job = await house.placed()
    await house.cancel(job, ANA)

    text = said.life(await account.life_of(job, ANA))[0]

    assert "ended without a picture" in text
    assert "nothing but the steps it had done" in text


async def test_a_job_whose_record_is_gone_is_known_by_its_post(house, account):
    job = await house.accepted()
    await house.finish()
    async with house.memory.db.transaction() as tx:
        await tx.execute("DELETE FROM jobs WHERE id = ?", (job,))

    life = await account.life_of(job, ANA)

    assert (None, True) == (life.state, life.post is not None)
    assert "record is gone" in said.life(life)[0]


# --- history ------------------------------------------------------------------------------------


async def test_the_history_lists_the_newest_first_and_only_ones_own(house, account):
    async with house.memory.db.transaction() as tx:
        for person, deed, objects in (
            (ANA, Deed.EXPORTED, 3),
            (MOD, Deed.ERASED, 9),
            (ANA, Deed.ERASED, 5),
        ):
            hashed = house.memory.keys.person(person)
            await acts.add(tx, hashed, Actor.SELF, deed, objects, now=120, expires_at=10**10)

    assert [
        Happened(120, "you", "erased", 5),
        Happened(120, "you", "exported", 3),
    ] == await account.history(ANA)
    listed = "\n".join(said.history(await account.history(ANA)))
    assert listed.index("you · erased your data · 5") < listed.index("you · exported your data · 3")


async def test_the_history_merges_what_moderators_and_the_operator_did_to_ones_own_things(
    house, account
):
    ana = house.memory.keys.person(ANA)
    for chain, actor, at, objects in (
        (700, audit.Actor.MODERATOR, 180, 4),
        (800, audit.Actor.MODERATOR, 240, 2),
        (audit.HOUSE, audit.Actor.OPERATOR, 60, 1),
    ):
        act = audit.Act(actor=actor, by="x", act=audit.Deed.PURGED, scope="user", objects=9)
        async with house.memory.db.transaction() as tx:
            await audit.append(tx, house.memory.keys, chain, act, now=at, concerning={ana: objects})
    async with house.memory.db.transaction() as tx:
        await acts.add(tx, ana, Actor.SELF, Deed.EXPORTED, 3, now=120, expires_at=10**10)

    told = await account.history(ANA, 700)

    assert [
        Happened(240, "moderator", "purged", 2, is_here=False),
        Happened(180, "moderator", "purged", 4, is_here=True),
        Happened(120, "you", "exported", 3),
        Happened(60, "operator", "purged", 1),
    ] == told
    assert [
        "a moderator elsewhere · purged things of yours · 2",
        "a moderator in this server · purged things of yours · 4",
        "you · exported your data · 3",
        "the operator · purged things of yours · 1",
    ] == [auditing.happened(each).partition(" · ")[2] for each in told]
    assert [] == await account.history(MOD, 700)
    assert [False, False] == [
        each.is_here for each in await account.history(ANA) if each.is_here is not None
    ]


async def test_an_erasure_of_everything_takes_that_history_and_no_chain(house, account):
    ana, plum = house.memory.keys.person(ANA), house.memory.keys.person(MOD)
    act = audit.Act(actor=audit.Actor.MODERATOR, by="x", act=audit.Deed.PURGED, scope="channel")
    async with house.memory.db.transaction() as tx:
        await audit.append(tx, house.memory.keys, 700, act, now=60, concerning={ana: 1, plum: 1})
    await house.delivered(visibility=Visibility.PUBLIC)

    await Eraser(house).erased(Scope.EVERYTHING)

    async with house.memory.db.read() as tx:
        found = await soundness.verify(tx, house.memory.keys, 700)
    assert [] == await account.history(ANA, 700)
    assert 1 == len(await account.history(MOD, 700))
    assert Sound(entries=1, floor=0, head=1) == found


def test_every_act_and_actor_has_its_words():
    assert {deed.value for deed in audit.Deed} == set(auditing.ACTS)
    actors = {actor.value for actor in (*audit.Actor, *Actor)}
    assert actors == set(auditing.ACTORS)
    assert {deed.value for deed in Deed} <= set(auditing.DONE_TO)


@pytest.mark.parametrize(
    "code",
    [
        *SCOPES.values(),
        *(f"report={reason}" for reason in Reason),
        *(f"stealth={each}" for each in StealthHere),
        *(f"nsfw={each}" for each in AdultHere),
    ],
)
def test_how_far_an_act_reached_has_its_words(code):
    assert code in auditing.REACHES


async def test_somebody_with_no_history_is_told_so(account):
    assert "Nobody has acted on your data" in said.history(await account.history(ANA))[0]


# --- what runs here -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"at": "soon", "passed": true}', "\ufeff{"]
)
async def test_a_selfcheck_that_cannot_be_read_is_none(account, content, tmp_path):
    if content is not None:
        (tmp_path / "data" / "selfcheck.json").write_text(content)

    assert await account.selfcheck() is None
    assert "none yet" in said.selfcheck_line(None)


@pytest.mark.parametrize(("passed", "word"), [(True, "passed"), (False, "FAILED")])
async def test_the_last_selfcheck_is_told_with_date_and_result(account, passed, word, tmp_path):
    content = {"version": 1, "at": 1_795_000_000, "passed": passed, "software": "0.1.0"}
    (tmp_path / "data" / "selfcheck.json").write_text(json.dumps(content))

    line = said.selfcheck_line(await account.selfcheck())

    assert word in line
    assert "<t:1795000000:f>" in line


# --- the policy ---------------------------------------------------------------------------------


async def test_a_policy_is_kept_once_until_it_differs(house):
    first = await Publish(house.memory, SILENT, house.clock, UTC)()
    again = await Publish(house.memory, SILENT, house.clock, UTC)()
    second = await Publish(house.memory, SAID, house.clock, UTC)()

    assert (1, 1, 2) == (first.version, again.version, second.version)
    assert second == await Account(house.memory, SAID, Path(), house.holdings, house.clock).policy()


async def test_what_changed_is_shown_line_by_line_with_both_dates(house):
    await Publish(house.memory, SILENT, house.clock, UTC)()
    house.clock.turn(40 * DAY)
    publish = Publish(house.memory, SAID, house.clock, UTC)
    await publish()

    shown = "\n".join(await publish.changes())

    gone, come = shown.split("**Said now**")
    assert "Run by: the operator has not said" in gone
    assert "Run by: Rosa's GPU" in come
    assert "7 days" in come
    assert "Honest limits" not in shown  # what did not change is not repeated


async def test_before_there_are_two_versions_nothing_has_changed(house):
    publish = Publish(house.memory, SILENT, house.clock, UTC)

    assert "No policy was kept yet" in (await publish.changes())[0]
    await publish()
    assert "Nothing has changed" in (await publish.changes())[0]
