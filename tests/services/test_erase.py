"""Somebody erases their work: nothing of theirs is left, nothing of others' is touched, and the
receipt says what was done and what was not.
"""

import asyncio
import dataclasses
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC

import pytest

from bot import words
from bot.crypto.receipts import Erasure, Flaw, Scope
from bot.domain import Cause, OptOut, Question, Refusal, Visibility
from bot.errors import Refused
from bot.services.declare import Declare
from bot.storage import acts, choices, deliveries, entitlements, grants, posts
from bot.storage.acts import Actor, Deed
from bot.storage.keyring import CHOICES, PICTURE, RECIPE
from bot.words.erasing import FAILURES, FLAWS, KINDS, Preview
from tests.asks import CHANNEL
from tests.services.conftest import ANA, MOD, House
from tests.services.desk import PLUM, RULE, Desk, mod
from tests.services.erasing import PRO, TOKEN, Eraser

ALLOWED = {
    *("db.usage", "db.gpu_usage", "db.relax_use"),
    *("db.opt_outs", "db.exports", "db.tenants"),
}
"""What may still name a person after everything of theirs was erased."""


@pytest.fixture
def eraser(house: House) -> Eraser:
    return Eraser(house)


def standing(house: House) -> list:
    return [
        post for channel in house.messenger.channels for post in house.messenger.stands(channel)
    ]


async def make_some(eraser: Eraser) -> None:
    """Two public results and a stealth one, delivered; choices; and one job that waits."""
    await eraser.delivered("a red fox")
    await eraser.delivered("a blue owl")
    await eraser.delivered("a white cat", "stealth")
    await eraser.house.choose.change(ANA, lambda old: dataclasses.replace(old, hides_prompt=True))
    await eraser.waiting("a green pond")


async def given_plans(eraser: Eraser) -> None:
    """A grant of the operator's, and a word of Discord's just now."""
    house, ana = eraser.house, eraser.house.memory.keys.person(ANA)
    now = house.clock.now()
    async with house.memory.db.transaction() as tx:
        await grants.give(tx, ana, "Pro", granted_on="2027-01-15", expires_at=now + 9999)
        await entitlements.tell(tx, ana, entitlements.News("e", "Plus", None), now)


# --- what goes, and what stays


async def test_everything_of_somebody_goes_and_the_receipt_counts_it(eraser: Eraser, on_disk):
    await make_some(eraser)
    rows = await eraser.house.rows()
    secrets = [row[2] for row in rows["keys.day_keys"]] + [row[4] for row in rows["keys.item_keys"]]
    secrets += [row[3] for row in rows["db.recipes"]]
    secrets += [row[1] for row in rows["db.unlinked_recipes"]]

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert (2, 2) == (receipt.counts["posts"], receipt.counts["recipes"])
    assert (3, 1) == (receipt.counts["records"], receipt.counts["open-jobs"])
    assert (3, 3) == (receipt.messages_deleted, receipt.messages_found)
    assert 1 == receipt.recipes_erased
    assert () == receipt.failures
    assert 2 + 3 + 1 == receipt.keys_destroyed  # two recipes, an open job, the choices
    assert await eraser.mentions(ANA) <= ALLOWED
    assert [] == standing(eraser.house)
    assert [] == await eraser.house.memory.keys.items()
    assert [] == (await eraser.house.rows())["keys.day_keys"]
    assert [] == eraser.house.files()
    assert secrets
    left = on_disk()
    assert [] == [secret for secret in secrets if secret in left]


async def test_what_somebody_said_to_moderators_goes_with_its_keys(eraser: Eraser, on_disk):
    """And what others said stays; that a moderator acted stays, without whom it concerned."""
    house, desk = eraser.house, Desk(eraser.house)
    await desk.rules(RULE)
    await Declare(house.memory, house.clock, UTC).give(ANA)
    by_mod, by_ana = await eraser.delivered(person=MOD), await eraser.delivered()
    await desk.reported(by_ana, by=PLUM)
    report = await desk.judge.first(mod())
    await desk.judge.dismiss(mod(), report.id)
    await desk.replies()
    await desk.reported(by_mod, by=ANA, token="anas-report")
    await desk.reported(by_mod, by=PLUM)
    await desk.contested("about a xylophone", by=ANA)

    receipt = await eraser.erased(Scope.EVERYTHING)

    gone = ("reports", "contests", "declarations", "audit")
    assert [1, 1, 1, 1] == [receipt.counts[kind] for kind in gone]
    assert 4 == receipt.keys_destroyed  # a recipe, the choices, a report, a contest
    assert await eraser.mentions(ANA) <= ALLOWED
    assert 1 == len(await desk.rows("reports"))
    assert 1 == len(await desk.rows("audit"))
    assert b"xylophone" not in on_disk()
    await desk.judge.dismiss(mod(), (await desk.judge.first(mod())).id)
    await desk.replies()
    assert "" == house.messenger.whispered("anas-report")


async def test_nothing_of_others_is_touched(eraser: Eraser):
    await eraser.delivered("a brown dog", person=MOD)
    await eraser.delivered("a grey dog", "stealth", person=MOD)
    await make_some(eraser)
    await eraser.waiting("a black dog", person=MOD)
    mod = await eraser.hash_of(MOD)
    before = await eraser.house.rows()
    dm = eraser.house.messenger.stands(eraser.house.messenger.dm(MOD))

    await eraser.erased(Scope.EVERYTHING)

    after = await eraser.house.rows()
    for table, rows in before.items():
        assert {row for row in rows if mod in row} == {row for row in after[table] if mod in row}
    for table in ("db.deliveries", "db.unlinked_recipes"):
        assert set(after[table]) < set(before[table])
    assert (3, 1) == (len(after["db.deliveries"]), len(after["db.unlinked_recipes"]))
    assert dm == eraser.house.messenger.stands(eraser.house.messenger.dm(MOD))
    assert 2 == len(eraser.house.messenger.stands(CHANNEL))


@pytest.mark.parametrize("seen", ["public", "stealth"])
@pytest.mark.parametrize("state", ["accepted", "placed", "running", "rendered", "delivered"])
async def test_a_job_in_any_state_ends_and_leaves_nothing(eraser: Eraser, state, seen):
    house = eraser.house
    asked = {"visibility": Visibility(seen), "role_ids": PRO}
    match state:
        case "accepted":
            job = await house.accepted(**asked)
        case "placed":
            job = await house.placed(**asked)
        case "running":
            house.engine.auto = False
            job = await house.placed(**asked)
            await house.dispatch.step()
        case "rendered":
            job = await house.rendered(**asked)
        case _:
            job = await house.rendered(**asked)
            await house.delivers()
    assert state == await house.state(job)

    assert await eraser.begin(Scope.EVERYTHING)
    if state == "running":
        house.engine.tick()
        await house.quiet()
    await house.finish()
    await eraser.finish()

    assert () == (await eraser.receipt()).failures
    assert [] == standing(house)
    assert [] == house.files()
    assert [] == await house.memory.keys.items()
    assert await eraser.mentions(ANA) <= ALLOWED
    assert [] == (await house.rows())["db.unlinked_recipes"]


@pytest.mark.parametrize("seen", ["public", "stealth"])
@pytest.mark.parametrize("replaces", [False, True])
async def test_erasing_while_discord_answers_the_result_wins(eraser: Eraser, seen, replaces):
    house = eraser.house
    await house.rendered(visibility=Visibility(seen), role_ids=PRO)
    house.clock.turn(61 if replaces else 0)
    call = "send" if replaces else "edit"
    house.messenger.meanwhile(call, lambda: eraser.begin(Scope.EVERYTHING))

    await house.delivers()
    await eraser.finish()

    assert call in house.messenger.calls
    assert () == (await eraser.receipt()).failures
    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED
    assert [] == (await house.rows())["db.unlinked_recipes"]


async def test_erasing_while_discord_answers_the_place_wins(eraser: Eraser):
    house = eraser.house
    await house.accepted()
    house.messenger.meanwhile("send", lambda: eraser.begin(Scope.EVERYTHING))

    await house.places()
    await eraser.finish()

    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED


@pytest.mark.parametrize("by", ["id", "link", "message id"])
async def test_one_public_job_goes_and_the_others_stay(eraser: Eraser, by):
    job = await eraser.delivered("a red fox")
    await eraser.delivered("a blue owl")
    message = eraser.house.messenger.channels[CHANNEL][0].message_id
    link = f"https://discord.com/channels/100/{CHANNEL}/{message}"
    named = {"id": job, "link": link, "message id": str(message)}[by]

    receipt = await eraser.erased(Scope.JOB, job=f" {named} ")

    assert {"posts": 1, "recipes": 1, "records": 1} == dict(receipt.counts)
    assert (1, 1, 1) == (
        receipt.messages_deleted,
        receipt.messages_found,
        receipt.keys_destroyed,
    )
    assert receipt.unreached_expire_on is None
    assert 1 == len(standing(eraser.house))
    tables = await eraser.house.rows()
    assert (1, 1, 1) == tuple(len(tables[f"db.{name}"]) for name in ("jobs", "posts", "recipes"))
    async with eraser.house.memory.db.read() as tx:
        history = await acts.of(tx, eraser.house.memory.keys.person(ANA), 10)
    assert [(Actor.SELF, Deed.ERASED, 3)] == [(act.actor, act.act, act.objects) for act in history]


@pytest.mark.parametrize("by", ["id", "link"])
async def test_one_stealth_job_goes_with_the_recipe_in_its_buttons(eraser: Eraser, by):
    house = eraser.house
    await eraser.delivered("a blue owl", "stealth")
    job = await eraser.delivered("a red fox", "stealth")
    dm = house.messenger.dm(ANA)
    message = house.messenger.channels[dm][-1].message_id
    named = job if by == "id" else f"https://discord.com/channels/@me/{dm}/{message}"
    before = await house.rows()

    receipt = await eraser.erased(Scope.JOB, job=named)

    assert (1, 1, 1) == (
        receipt.messages_deleted,
        receipt.messages_found,
        receipt.recipes_erased,
    )
    assert receipt.unreached_expire_on is None
    after = await house.rows()
    assert [before["db.unlinked_recipes"]] != [after["db.unlinked_recipes"]]
    assert 1 == len(after["db.unlinked_recipes"])
    assert [] == [row for row in after["db.jobs"] if row[0] == job]
    assert 1 == len(house.messenger.channels[dm])


async def test_today_goes_and_yesterday_stays(eraser: Eraser):
    old = await eraser.delivered("a red fox")
    await eraser.delivered("a white cat", "stealth")
    await eraser.house.choose.change(ANA, lambda old: dataclasses.replace(old, hides_prompt=True))
    eraser.turn_days(1)
    await eraser.delivered("a blue owl")
    await eraser.delivered("a grey cat", "stealth")
    await eraser.waiting("a green pond")

    receipt = await eraser.erased(Scope.TODAY)

    assert (1, 2) == (receipt.counts["posts"], receipt.counts["records"])
    assert (2, 2, 1) == (
        receipt.messages_deleted,
        receipt.messages_found,
        receipt.recipes_erased,
    )
    assert 2 == len(standing(eraser.house))
    tables = await eraser.house.rows()
    assert (
        [old] == [row[0] for row in tables["db.posts"]] == [row[0] for row in tables["db.recipes"]]
    )
    assert 2 == len(tables["db.jobs"])
    assert 1 == len(tables["db.unlinked_recipes"])
    assert 1 == len(tables["db.choices"])


async def test_what_somebody_makes_after_they_erased_is_a_new_beginning(eraser: Eraser):
    house = eraser.house
    await make_some(eraser)
    assert await eraser.begin(Scope.EVERYTHING)
    house.clock.turn(1)

    await house.choose.stealth(ANA)
    await eraser.delivered("a new fox", "stealth")
    await eraser.finish()

    assert Visibility.STEALTH is (await house.choose.read(ANA)).visibility
    assert 1 == len(standing(house))
    assert 1 == len((await house.rows())["db.unlinked_recipes"])


async def test_keys_go_before_anything_else_does(eraser: Eraser, on_disk):
    await make_some(eraser)
    keys = eraser.house.memory.keys
    wrapped = [row[4] for row in (await eraser.house.rows())["keys.item_keys"] if row[1] == RECIPE]
    left: list[bytes] = []

    async def look_at_the_disk() -> None:
        left.extend(key for key in wrapped if key in on_disk())
        assert not [item for item in await keys.items() if item[1] in {RECIPE, PICTURE, CHOICES}]

    eraser.house.messenger.meanwhile("delete", look_at_the_disk)
    receipt = await eraser.erased(Scope.EVERYTHING)

    assert 3 == len(wrapped)
    assert [] == left
    assert () == receipt.failures


async def test_a_question_that_waits_for_an_answer_is_forgotten(eraser: Eraser):
    house = eraser.house
    asked = await house.ask("ana@example.com on a wall", visibility=Visibility.PUBLIC)
    assert isinstance(asked, Question)

    assert await eraser.begin(Scope.EVERYTHING)

    assert house.questions.take(asked.id, ANA) is None


async def test_who_never_had_a_job_made_leaves_no_trace_in_the_queue(eraser: Eraser):
    await eraser.waiting("a red fox")

    await eraser.erased(Scope.EVERYTHING)

    assert {"db.usage", "db.gpu_usage"} == await eraser.mentions(ANA)


async def test_a_key_that_a_crash_left_behind_goes_too(eraser: Eraser):
    job = await eraser.house.rendered(role_ids=PRO, visibility=Visibility.PUBLIC)
    await eraser.house.delivers()
    async with eraser.house.memory.db.transaction() as tx:
        await deliveries.tidied(tx, job)  # and no more: its key was to be next

    receipt = await eraser.erased(Scope.JOB, job=job)

    assert 2 == receipt.keys_destroyed
    assert [CHOICES] == [purpose for _, purpose in await eraser.house.memory.keys.items()]


# --- whose it is


@pytest.mark.parametrize("named", ["job", "link", "f" * 32, "", "no name", "9" * 30, None])
async def test_somebody_elses_job_and_none_at_all_look_alike(eraser: Eraser, named):
    job = await eraser.delivered("a red fox")
    await eraser.delivered("a white cat", "stealth")
    link = (
        f"https://discord.com/channels/100/200/{eraser.house.messenger.channels[200][0].message_id}"
    )
    named = {"job": job, "link": link}.get(named, named)
    before = await eraser.house.rows()

    assert await eraser.erase.preview(MOD, Scope.JOB, named) is None
    assert not await eraser.begin(Scope.JOB, MOD, named)

    assert before == await eraser.house.rows()


async def test_a_message_in_somebody_elses_dm_is_nobodys_to_name(eraser: Eraser):
    job = await eraser.delivered("a white cat", "stealth")
    message = eraser.house.messenger.channels[eraser.house.messenger.dm(ANA)][0].message_id

    assert await eraser.erase.preview(MOD, Scope.JOB, str(message)) is None
    assert await eraser.erase.preview(MOD, Scope.JOB, job) is None
    assert await eraser.erase.preview(ANA, Scope.JOB, str(message)) is not None


async def test_the_question_counts_what_would_go_and_changes_nothing(eraser: Eraser):
    await eraser.delivered("a brown dog", person=MOD)
    await make_some(eraser)
    await given_plans(eraser)
    before = await eraser.house.rows()

    preview = await eraser.erase.preview(ANA, Scope.EVERYTHING)

    assert preview is not None
    assert {
        "open-jobs": 1,
        "posts": 2,
        "recipes": 2,
        "records": 3,
        "choices": 1,
        "people": 1,
        "acts": 0,
        "reports": 0,
        "contests": 0,
        "declarations": 0,
        "audit": 0,
        "grants": 1,
        "entitlements": 1,
        "usage": 0,
        "gpu_usage": 0,
    } == dict(preview.counts)
    assert ("2027-01-15", "2027-01-15", True) == (preview.oldest, preview.newest, preview.in_dm)
    assert before == await eraser.house.rows()
    asked = words.erase_question(preview)
    assert "cannot be undone" in asked
    assert "2 messages in channels" in asked
    assert "1 plan that the operator gave you" in asked


async def test_a_plan_that_was_given_goes_with_everything_and_with_no_less(eraser: Eraser):
    await make_some(eraser)
    await given_plans(eraser)
    given = {"db.grants", "db.entitlements"}

    await eraser.erased(Scope.TODAY)
    assert given <= await eraser.mentions(ANA)
    receipt = await eraser.erased(Scope.EVERYTHING)

    assert (1, 1) == (receipt.counts["grants"], receipt.counts["entitlements"])
    assert await eraser.mentions(ANA) <= ALLOWED


async def test_gpu_time_of_earlier_months_goes_and_of_this_one_stays(eraser: Eraser):
    ana = eraser.house.memory.keys.person(ANA)
    async with eraser.house.memory.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO gpu_usage VALUES (?1, '2026-12', 5), (?1, '2027-01', 7)", (ana,)
        )

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert 1 == receipt.counts["gpu_usage"]
    assert [(ana, "2027-01", 7)] == (await eraser.house.rows())["db.gpu_usage"]


# --- opting out of all of it


async def test_who_opts_out_of_everything_is_erased_and_refused_from_then_on(eraser: Eraser):
    house = eraser.house
    await make_some(eraser)
    job = await house.rendered(role_ids=PRO)

    await eraser.erase.opt_out_all(ANA, TOKEN, interaction_id=eraser.now_id())

    assert "cancelled" == await house.state(job)
    refused = await house.ask("a new fox")
    assert isinstance(refused, Refusal)
    assert Cause.OPTED_OUT is refused.cause
    await eraser.finish()
    async with house.memory.db.read() as tx:
        mark = await choices.opt_out(tx, house.memory.keys.person(ANA))
    assert OptOut.NO_PROCESSING is mark
    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED
    assert () == (await eraser.receipt()).failures


async def test_an_opt_out_whose_erasure_could_not_begin_marks_nobody(eraser: Eraser, monkeypatch):
    job = await eraser.house.placed()
    monkeypatch.setattr(eraser.house.memory.keys, "new_item", _killed)

    with pytest.raises(Killed):
        await eraser.erase.opt_out_all(ANA, TOKEN, interaction_id=eraser.now_id())

    assert await eraser.house.choose.opt_out_of(ANA) is None
    assert "placed" == await eraser.house.state(job)


# --- stopped on the way


class Killed(BaseException):
    """The process ended here."""


async def _killed(*_: object) -> None:
    raise Killed


class Executioner:
    """Ends the process just after a step: a commit, or something that happened at Discord."""

    def __init__(self, house: House, steps: int) -> None:
        self.left = steps
        self.messenger = house.messenger
        self.databases = (house.memory.db, house.memory.keys._database)
        self.end = house.messenger._end
        for database in self.databases:
            database.transaction = self._watch(database.transaction)
        self.messenger._end = self._answer

    def spare(self) -> None:
        """Let everything go on as it was."""
        for database in self.databases:
            del database.transaction
        del self.messenger._end

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def _watch(self, transaction):
        @asynccontextmanager
        async def watched():
            async with transaction() as tx:
                yield tx
            self.step()

        return watched

    def _answer(self, call: str, answer: object) -> object:
        self.step()
        return self.end(call, answer)


STEPS = 36
"""A few more than there are, so that the last ones of these are no deaths at all."""


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
async def test_an_erasure_that_is_killed_at_any_step_is_finished_once(
    eraser: Eraser, on_disk, steps
):
    house = eraser.house
    await eraser.delivered("a red fox")
    await eraser.delivered("a white cat", "stealth")
    await house.rendered("a green pond", role_ids=PRO)
    await house.choose.change(ANA, lambda old: dataclasses.replace(old, hides_prompt=True))
    rows = await house.rows()
    secrets = [row[4] for row in rows["keys.item_keys"]] + [row[3] for row in rows["db.recipes"]]
    assert await eraser.begin(Scope.EVERYTHING)

    executioner = Executioner(house, steps)
    try:
        await asyncio.wait_for(eraser.finish(), 10)
    except Killed:
        pass
    else:
        assert STEPS > steps - executioner.left  # so each step there is was a death of its own
    executioner.spare()
    eraser.start_again()
    await house.recover()
    await eraser.finish()

    lines = {
        line
        for said in house.messenger.whispers[TOKEN]
        for line in said.content.splitlines()
        if "darkroom-receipt." in line
    }
    assert 1 == len(lines)
    receipt = await eraser.receipt()
    assert () == receipt.failures
    assert (1, 1) == (receipt.counts["posts"], receipt.counts["open-jobs"])
    assert 1 == receipt.recipes_erased
    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED
    assert [] == await house.memory.keys.items()
    assert [] == house.files()
    left = on_disk()
    assert [] == [secret for secret in secrets if secret in left]


async def test_an_erasure_outlives_the_process(open_again, messenger, engine, clock, ids, on_disk):
    memory = await open_again()
    eraser = Eraser(House(memory, messenger, engine, clock, ids))
    await make_some(eraser)
    wrapped = [row[4] for row in (await eraser.house.rows())["keys.item_keys"]]
    assert await eraser.begin(Scope.EVERYTHING)
    await memory.close()

    memory = await open_again()
    eraser = Eraser(House(memory, messenger, engine, clock, ids))
    await eraser.house.recover()
    await eraser.finish()

    assert () == (await eraser.receipt()).failures
    assert [] == standing(eraser.house)
    await memory.close()
    left = on_disk()
    assert [] == [key for key in wrapped if key in left]


async def test_a_reader_that_holds_the_key_file_delays_the_receipt(
    eraser: Eraser, on_disk, tmp_path
):
    await make_some(eraser)
    keys = eraser.house.memory.keys
    await keys._database._connection.execute("PRAGMA busy_timeout = 0")
    wrapped = [row[4] for row in (await eraser.house.rows())["keys.item_keys"]]
    reader = sqlite3.connect(tmp_path / "data" / "keys.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM item_keys").fetchone()

    assert await eraser.begin(Scope.EVERYTHING)
    for _ in range(3):
        await eraser.looks()
        eraser.house.clock.turn(61)
    assert await eraser.is_under_way()
    assert any(key in on_disk() for key in wrapped)
    reader.execute("ROLLBACK")
    reader.close()
    await eraser.finish()

    receipt = await eraser.receipt()
    assert () == receipt.failures
    assert "key-file-rewritten" in receipt.methods
    left = on_disk()
    assert [] == [key for key in wrapped if key in left]


@pytest.mark.parametrize(
    ("file", "code", "method"),
    [
        ("keys.db", "keys-pending", "key-file-rewritten"),
        ("darkroom.db", "rows-pending", "database-rewritten"),
    ],
)
async def test_a_reader_that_never_lets_go_is_named_in_the_receipt(
    eraser: Eraser, tmp_path, file, code, method
):
    await eraser.delivered("a red fox")
    for database in (eraser.house.memory.db, eraser.house.memory.keys._database):
        await database._connection.execute("PRAGMA busy_timeout = 0")
    reader = sqlite3.connect(tmp_path / "data" / file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()

    receipt = await eraser.erased(Scope.EVERYTHING)

    reader.close()
    assert (code,) == receipt.failures
    assert method not in receipt.methods
    assert FAILURES[code] in eraser.house.messenger.whispered(TOKEN)


# --- what Discord will not do


async def _refuses() -> None:
    raise Refused("not that one")


async def test_a_message_that_discord_will_not_delete_is_counted_and_named(eraser: Eraser):
    for prompt in ("a red fox", "a blue owl", "a white cat"):
        await eraser.delivered(prompt)
    stays = eraser.house.messenger.channels[CHANNEL][0].message_id
    eraser.house.messenger.meanwhile("delete", _refuses)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert (2, 3) == (receipt.messages_deleted, receipt.messages_found)
    assert ("message-refused",) == receipt.failures
    assert f"/{CHANNEL}/{stays}" in eraser.house.messenger.whispered(TOKEN)
    assert await eraser.mentions(ANA) <= ALLOWED


async def test_a_message_in_the_dm_that_discord_will_not_delete_loses_its_recipe(eraser: Eraser):
    await eraser.delivered("a white cat", "stealth")
    eraser.house.messenger.meanwhile("delete", _refuses)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert (0, 1, 1) == (
        receipt.messages_deleted,
        receipt.messages_found,
        receipt.recipes_erased,
    )
    assert [] == (await eraser.house.rows())["db.unlinked_recipes"]


@pytest.mark.parametrize("call", ["delete", "open_dm", "ours", "whisper"])
@pytest.mark.parametrize("lost", [False, True])
async def test_a_call_that_discord_leaves_unanswered_is_tried_again(eraser: Eraser, call, lost):
    await eraser.delivered("a red fox")
    await eraser.delivered("a white cat", "stealth")
    weather = eraser.house.messenger.lose if lost else eraser.house.messenger.fail
    weather(call, times=4)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert () == receipt.failures
    assert [] == standing(eraser.house)
    assert [] == (await eraser.house.rows())["db.unlinked_recipes"]


async def test_messages_nobody_answers_for_are_left_to_the_sweeper_and_named(eraser: Eraser):
    await eraser.delivered("a red fox")
    await eraser.delivered("a blue owl")
    eraser.house.messenger.fail("delete", times=1000)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert (0, 2) == (receipt.messages_deleted, receipt.messages_found)
    assert ("messages-pending",) == receipt.failures
    async with eraser.house.memory.db.read() as tx:
        due = await posts.due(tx, eraser.house.clock.now(), 10)
    assert 2 == len(due)
    assert [] == await eraser.house.memory.keys.items()
    assert await eraser.mentions(ANA) <= ALLOWED | {"db.posts"}


async def test_a_place_that_cannot_be_cleared_up_yet_is_named_and_not_forgotten(eraser: Eraser):
    house = eraser.house
    await house.placed()
    house.messenger.fail("delete", times=1000)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert ("places-pending",) == receipt.failures
    assert 3 == receipt.keys_destroyed  # the choices' too, and the route's is still needed
    house.messenger._failing.clear()
    house.clock.turn(61)
    await house.tidies()
    await house.memory.keys.drop_bare_days()  # as the sweeper does
    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED


async def test_a_dm_that_is_closed_is_named_with_the_day_its_recipes_end(
    eraser: Eraser, monkeypatch
):
    house = eraser.house
    await eraser.delivered("a white cat", "stealth")

    async def closed(person: int) -> object:
        raise Refused("no way in")

    monkeypatch.setattr(house.messenger, "open_dm", closed)

    receipt = await eraser.erased(Scope.EVERYTHING)

    [last_day] = [row[2] for row in (await house.rows())["db.unlinked_recipes"]]
    assert ("dm-closed",) == receipt.failures
    assert last_day == receipt.unreached_expire_on
    assert last_day in house.messenger.whispered(TOKEN)
    assert "dm-read-back" not in receipt.methods


async def test_a_dm_that_may_not_be_read_does_not_hold_the_receipt_up(eraser: Eraser):
    await eraser.delivered("a white cat", "stealth")

    async def refuses() -> None:
        eraser.house.messenger.meanwhile("ours", refuses)
        raise Refused("for good")

    eraser.house.messenger.meanwhile("ours", refuses)

    receipt = await eraser.erased(Scope.EVERYTHING)

    assert ("dm-closed",) == receipt.failures
    assert "dm-read-back" not in receipt.methods
    assert receipt.unreached_expire_on


async def test_a_receipt_comes_by_dm_once_the_answer_can_no_longer_be_written(eraser: Eraser):
    house = eraser.house
    await eraser.delivered("a white cat", "stealth")
    house.messenger.expired.add(TOKEN)
    house.messenger.lose("send")

    assert await eraser.begin(Scope.EVERYTHING)
    await eraser.finish()

    [said] = house.messenger.stands(house.messenger.dm(ANA))
    assert 1 == (await eraser.receipt(said.content)).messages_deleted


async def test_a_receipt_that_reaches_nobody_is_only_counted(eraser: Eraser, caplog):
    house = eraser.house
    await eraser.delivered("a red fox")
    house.messenger.expired.add(TOKEN)
    house.messenger.closed.add(ANA)

    with caplog.at_level("INFO", "darkroom"):
        assert await eraser.begin(Scope.EVERYTHING)
        await eraser.finish()

    assert "erase.receipt_lost" in caplog.messages
    assert [] == standing(house)
    assert await eraser.mentions(ANA) <= ALLOWED


async def test_somebody_with_many_messages_is_told_how_far_it_is(eraser: Eraser):
    house = eraser.house
    dm = house.messenger.dm(ANA)
    for number in range(45):
        await house.messenger.send(
            dm, words.waiting(words.StealthShown(f"{number:032x}", ANA)), nonce=f"{number}"
        )
    house.messenger.page = 7

    receipt = await eraser.erased(Scope.EVERYTHING)

    said = [post.content for post in house.messenger.whispers[TOKEN]]
    assert ["20", "40"] == [
        line.split("deleted: ")[1].split()[0] for line in said if line.startswith("Erasing")
    ]
    assert (45, 45) == (receipt.messages_deleted, receipt.messages_found)


async def test_an_erasure_whose_row_was_tampered_with_is_dropped_and_logged(eraser: Eraser, caplog):
    assert await eraser.begin(Scope.EVERYTHING)
    async with eraser.house.memory.db.transaction() as tx:
        await tx.execute("UPDATE erasures SET sealed = zeroblob(100)")

    with caplog.at_level("INFO", "darkroom"):
        await eraser.looks()

    assert "erase.sealed" in caplog.messages
    assert not await eraser.is_under_way()
    assert TOKEN not in eraser.house.messenger.whispers


# --- the words


async def test_a_receipt_is_checked_by_the_house_that_signed_it(eraser: Eraser):
    await eraser.delivered("a red fox")
    await eraser.erased(Scope.EVERYTHING)
    line = eraser.line()

    found = await eraser.verify(f"\n {line} \n")
    assert "mine and unchanged" in words.verified(found)
    changed = line.replace("A", "B", 1) if "A" in line else line.replace("a", "b", 1)
    assert Flaw.EDITED is await eraser.verify(changed)
    assert Flaw.NOT_A_RECEIPT is await eraser.verify("hello")


def test_every_flaw_has_its_answer():
    assert {str(flaw) for flaw in Flaw} == set(FLAWS)
    assert set(FLAWS.values()) == {words.verified(flaw) for flaw in Flaw}


@pytest.mark.parametrize("scope", ["job", "today", "everything"])
def test_the_question_says_what_cannot_be_undone_or_reached(scope):
    preview = Preview(
        scope=scope, counts=dict.fromkeys(KINDS, 10**6), oldest="2026-01-01", newest="2027-01-01"
    )

    for asked in (words.erase_question(preview), words.opt_out_question(preview)):
        assert "cannot be undone" in asked
        assert "Discord keeps" in asked
        assert len(asked) <= 2000


def test_the_longest_receipt_fits_into_one_message():
    done = Erasure(
        id="0" * 32,
        scope=Scope.EVERYTHING,
        begun_at=1_800_000_000,
        ended_at=1_800_000_060,
        counts=dict.fromkeys(KINDS, 10**6),
        keys_destroyed=10**6,
        messages_found=10**6,
        failures=tuple(FAILURES),
        unreached_expire_on="2027-02-01",
        backups="none-made",
        remnants="sealed",
        software="0.1.0",
        policy="3",
    )
    line = "darkroom-receipt." + "x" * 1483

    said = words.erased(done, line, [(10**18, 10**18, 10**18)] * 9)

    assert len(said) <= 2000
    assert f"`{line}`" == said.splitlines()[-1]
    assert "as far as I could" in said
