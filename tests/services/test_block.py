"""Blocks and strikes: in one moderator's server, with an end, and known by a keyed hash alone."""

import pytest

from bot.domain import Cause, Moderator, PersonId, Receipt, Refusal
from bot.policy.retention import DAY, DataClass
from bot.services.block import Member, Struck
from bot.storage import blocks
from bot.storage.database import many
from tests.asks import GUILD
from tests.services.conftest import ANA, MOD, House

MODERATOR = Moderator(person=MOD, guild_id=GUILD)
ZOE = Moderator(person=PersonId(13), guild_id=GUILD + 1)
BOT = PersonId(1)


async def entries(house: House) -> list[tuple]:
    async with house.memory.db.read() as tx:
        rows = await many(
            tx,
            "SELECT chain, act, scope, a.objects, person FROM audit AS a"
            " LEFT JOIN audit_subjects USING (chain, seq) ORDER BY chain, seq",
        )
        return [tuple(row) for row in rows]


async def test_mod_blocks_ana_and_zoes_server_keeps_her(house: House):
    end = await house.block.block(MODERATOR, ANA, "7d", BOT)

    assert house.clock.now() + 7 * DAY == end
    assert Member(end, 0) == await house.block.member(MODERATOR, ANA)
    assert Member(None, 0) == await house.block.member(ZOE, ANA)
    ana = house.memory.keys.person(ANA)
    assert [(GUILD, "blocked", "member", 1, ana)] == await entries(house)


async def test_a_block_may_be_made_shorter_by_saying_so(house: House):
    await house.block.block(MODERATOR, ANA, "2w", BOT)

    end = await house.block.block(MODERATOR, ANA, "1d", BOT)

    assert house.clock.now() + DAY == end
    assert end == (await house.block.member(MODERATOR, ANA)).blocked_until


async def test_unblocking_reaches_this_servers_block_alone_and_is_entered_once(house: House):
    await house.block.block(MODERATOR, ANA, "7d", BOT)

    others = await house.block.unblock(ZOE, ANA)
    lifted, again = [await house.block.unblock(MODERATOR, ANA) for _ in range(2)]

    assert (False, True, False) == (others, lifted, again)
    assert ["blocked", "unblocked"] == [entry[1] for entry in await entries(house)]
    assert isinstance(await house.ask(), Receipt)


async def test_no_moderator_lifts_the_operators_block(house: House):
    now, ana = house.clock.now(), house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await blocks.block(tx, blocks.EVERYWHERE, ana, now=now, expires_at=None)

    assert not await house.block.unblock(MODERATOR, ANA)
    assert Cause.BLOCKED is (await house.ask()).cause
    assert [] == await house.block.standing(MODERATOR)


@pytest.mark.parametrize("person", [MOD, BOT])
async def test_nobody_blocks_or_strikes_themselves_or_the_bot(house: House, person):
    block = await house.block.block(MODERATOR, person, "7d", BOT)
    strike = await house.block.strike(MODERATOR, person, BOT)

    assert Refusal(Cause.NOT_THAT_PERSON) == block == strike
    assert [] == await entries(house)


async def test_a_bad_end_blocks_nobody(house: House):
    said = await house.block.block(MODERATOR, ANA, "for ever", BOT)

    assert Cause.BLOCK_UNTIL is said.cause
    assert [] == await house.block.standing(MODERATOR)
    assert [] == await entries(house)


async def test_three_strikes_block_for_a_week_and_each_is_entered(house: House):
    struck = [await house.block.strike(MODERATOR, ANA, BOT) for _ in range(3)]

    end = house.clock.now() + 7 * DAY
    assert [Struck(1, None), Struck(2, None), Struck(3, end)] == struck
    assert Cause.BLOCKED_HERE is (await house.ask()).cause
    acts = [entry[1:3] for entry in await entries(house)]
    assert [("struck", "member")] * 3 + [("blocked", "strikes")] == acts


async def test_strikes_are_forgotten_after_thirty_days_and_each_server_counts_its_own(house: House):
    await house.block.strike(MODERATOR, ANA, BOT)
    await house.block.strike(MODERATOR, ANA, BOT)
    others = await house.block.strike(ZOE, ANA, BOT)
    house.clock.turn(30 * DAY)

    later = await house.block.strike(MODERATOR, ANA, BOT)

    assert Struck(1, None) == others == later


async def test_strikes_never_make_a_block_shorter(house: House):
    end = await house.block.block(MODERATOR, ANA, "2w", BOT)

    *_, last = [await house.block.strike(MODERATOR, ANA, BOT) for _ in range(3)]

    assert end == last.blocked_until


async def test_strikes_are_kept_no_longer_than_the_operator_lets_counters(house: House):
    house.limits = {DataClass.COUNTER: DAY}
    house.start_again()
    await house.block.strike(MODERATOR, ANA, BOT)
    house.clock.turn(DAY)

    assert Member(None, 0) == await house.block.member(MODERATOR, ANA)


async def test_the_list_has_ends_and_nobodys_name(house: House):
    for person, until in [(ANA, "2w"), (BOT, "1d"), (PersonId(14), "7d")]:
        await house.block.block(MODERATOR, person, until, None)
    await house.block.block(ZOE, ANA, "1d", None)
    house.clock.turn(DAY)

    standing = await house.block.standing(MODERATOR)

    began = house.clock.now() - DAY
    assert [began + 7 * DAY, began + 14 * DAY] == [each.expires_at for each in standing]
    assert {"since", "expires_at"} == set(vars(standing[0]))


async def test_no_discord_id_of_a_blocked_person_lies_on_the_disk(house: House, on_disk):
    stranger = PersonId(987654321987654321)

    await house.block.block(MODERATOR, stranger, "7d", BOT)
    await house.block.strike(MODERATOR, stranger, BOT)

    stored = on_disk()
    assert str(stranger).encode() not in stored
    assert int(stranger).to_bytes(8, "big") not in stored
