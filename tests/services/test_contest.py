"""People write to moderators about a rule that stopped their prompt: that text, nothing else."""

import pytest

from bot.domain import OptOut, PersonId
from bot.policy.reasons import CONTEST_CHARACTERS, Contested, Judged
from bot.policy.retention import DAY
from bot.policy.server import Rule
from bot.services.sweep import ORPHANED_SECONDS, Sweep
from bot.storage import choices
from bot.storage.audit import Deed
from bot.storage.keyring import REPORT
from bot.words import CONTEST_WAS_READ
from tests.asks import GUILD
from tests.services.conftest import ANA, House
from tests.services.desk import ELSEWHERE, PLUM, RULE, Desk, mod


@pytest.fixture
async def desk(house: House) -> Desk:
    made = Desk(house)
    await made.rules(RULE)
    return made


async def test_the_moderator_reads_the_text_and_the_rules_name(desk):
    assert Contested.SENT == await desk.contested("It is about an animal.")

    shown = await desk.contest.first(mod())

    assert (RULE.name, "It is about an animal.", 0) == (shown.rule, shown.text, shown.left)


async def test_the_moderator_of_elsewhere_reads_nothing_and_closes_nothing(desk):
    await desk.contested()
    shown = await desk.contest.first(mod())

    assert await desk.contest.first(mod(ELSEWHERE)) is None
    assert Judged.NOTHING is await desk.contest.close(mod(ELSEWHERE), shown.id)
    assert 1 == len([held for held in await desk.house.memory.keys.items() if held[1] == REPORT])


@pytest.mark.parametrize("guild", [ELSEWHERE, None])
async def test_a_rule_that_is_not_of_this_server_cannot_be_contested(desk, guild):
    assert Contested.NO_RULE == await desk.contested(guild=guild)
    assert Contested.NO_RULE == await desk.contested(rule=Rule(name="gone", text="gone"))
    assert [] == await desk.rows("contests")


async def test_an_empty_word_is_no_word(desk):
    assert Contested.EMPTY == await desk.contested("  \n ")


async def test_a_text_is_no_longer_than_the_form_allows(desk):
    await desk.contested("x" * 5000)

    assert CONTEST_CHARACTERS == len((await desk.contest.first(mod())).text)


async def test_one_waits_at_a_time_and_three_a_day(desk):
    heard = []
    for _ in range(4):
        heard.append(await desk.contested())
        heard.append(await desk.contested())
        if shown := await desk.contest.first(mod()):
            await desk.contest.close(mod(), shown.id)

    sent_and_waiting = [Contested.SENT, Contested.WAITS]
    assert sent_and_waiting * 3 + [Contested.ENOUGH] * 2 == heard
    assert Contested.SENT == await desk.contested(by=ANA)
    desk.house.clock.turn(DAY + 1)
    assert Contested.SENT == await desk.contested()


async def test_reading_is_entered_and_its_writer_told_once(desk):
    await desk.contested()

    for _ in range(2):
        await desk.contest.first(mod())
        await desk.replies()

    told = desk.house.messenger.whispers[f"contest-{PLUM}"]
    assert [CONTEST_WAS_READ] == [post.content for post in told]
    entries = await desk.rows("audit")
    assert [Deed.CONTEST_READ] * 2 == [row[5] for row in entries]
    assert not [row for row in entries if RULE.name in str(row) or "animal" in str(row)]


async def test_what_is_closed_is_forgotten_and_only_counted(desk, on_disk):
    await desk.contested("about a xylophone")
    shown = await desk.contest.first(mod())

    assert Judged.CLOSED is await desk.contest.close(mod(), shown.id)
    assert Judged.NOTHING is await desk.contest.close(mod(), shown.id)

    assert await desk.contest.first(mod()) is None
    assert [] == [held for held in await desk.house.memory.keys.items() if held[1] == REPORT]
    [row] = await desk.rows("contests")
    assert b"" in row
    assert b"xylophone" not in on_disk()


async def test_the_count_of_what_is_closed_lasts_its_day_and_no_longer(desk):
    house = desk.house
    sweep = Sweep(
        house.memory, house.messenger, house.conclude, house.lifetimes, house.clock,
        house.calendar, desk.reply.hands,
    )  # fmt: skip
    await desk.contested()
    shown = await desk.contest.first(mod())
    await desk.contest.close(mod(), shown.id)

    for _ in range(3):
        await sweep()
        house.clock.turn(ORPHANED_SECONDS + 1)
    assert 1 == len(await desk.rows("contests"))

    house.clock.turn(DAY)
    await sweep()
    assert [] == await desk.rows("contests")


async def test_who_wrote_it_is_nowhere_in_clear(desk, on_disk):
    writer = PersonId(777_888_999_000)

    await desk.contested("about a xylophone", by=writer)

    assert b"xylophone" not in on_disk()
    assert str(writer).encode() not in on_disk()


async def test_of_who_asked_not_to_be_processed_nothing_is_kept(desk):
    async with desk.house.memory.db.transaction() as tx:
        person = desk.house.memory.keys.person(PLUM)
        await choices.set_opt_out(tx, person, OptOut.NO_PROCESSING, day="2026-11-21")

    assert Contested.OPTED_OUT == await desk.contested()
    assert [] == await desk.rows("contests")


async def test_a_row_that_was_tampered_with_holds_up_no_other(desk):
    await desk.contested("swapped")
    desk.house.clock.turn(60)
    await desk.contested("honest", by=ANA)
    async with desk.house.memory.db.transaction() as tx:
        await tx.execute(
            "UPDATE contests SET sealed = x'01' WHERE guild_id = ? AND person = ?",
            (GUILD, desk.house.memory.keys.person(PLUM)),
        )

    assert "honest" == (await desk.contest.first(mod())).text
