"""What operator and server say to an ask: in order, at no cost, and to its author alone."""

from dataclasses import replace

import pytest

from bot.domain import Cause, Moderator, Receipt, Refusal, Visibility
from bot.policy.plans import StealthRule
from bot.policy.retention import DAY
from bot.policy.server import AdultHere, Rule, StealthHere
from bot.services.holdings import Holdings
from bot.storage import blocks, counters
from bot.storage.database import many
from bot.words import contestable, refused
from tests.asks import CHANNEL, GUILD, dm, plan, where
from tests.services.conftest import ANA, MOD, PLUS_SKU, SHIPPED, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
MODERATOR = Moderator(person=MOD, guild_id=GUILD)
ELSEWHERE = where(guild_id=GUILD + 1, channel_id=CHANNEL + 1)
RESTRICTED = where(is_age_restricted=True)
OURS = Rule(name="operator", text="marmalade")


async def with_rules(house: House, *server: str, operator: tuple[Rule, ...] = ()) -> None:
    for name in server:
        await house.moderate.add_rule(MODERATOR, name, name, is_pattern=False)
    house.rules = operator
    house.start_again()


async def counted(house: House) -> list[tuple[str, str, int]]:
    async with house.memory.db.read() as tx:
        rows = await many(tx, "SELECT what, visibility, hits FROM counters ORDER BY 1, 2")
        return [tuple(row) for row in rows]


async def rows_without(house: House, *tables: str) -> dict:
    return {name: rows for name, rows in (await house.rows()).items() if name not in tables}


# --- blocks


async def blocked(house: House, guild_id: int, seconds: int | None = 3600) -> None:
    now, ana = house.clock.now(), house.memory.keys.person(ANA)
    until = None if seconds is None else now + seconds
    async with house.memory.db.transaction() as tx:
        await blocks.block(tx, guild_id, ana, now=now, expires_at=until)


@pytest.mark.parametrize("place", [where(), ELSEWHERE, dm()])
@pytest.mark.parametrize("seconds", [3600, None])
async def test_the_operators_block_holds_everywhere(house: House, place, seconds):
    await blocked(house, blocks.EVERYWHERE, seconds)
    before = await house.rows()

    said = await house.ask(where=place)

    assert Cause.BLOCKED is said.cause
    assert ("until <t:" in refused(said)) == (seconds is not None)
    assert before == await house.rows()
    assert isinstance(await house.ask(where=place, person=MOD), Receipt)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_servers_block_holds_in_that_server_alone(house: House, seen):
    await blocked(house, GUILD)

    here = await house.ask(visibility=seen)

    assert Cause.BLOCKED_HERE is here.cause
    assert f"<t:{house.clock.now() + 3600}:f>" in refused(here)
    assert isinstance(await house.ask(where=ELSEWHERE), Receipt)
    assert isinstance(await house.ask(where=dm()), Receipt)
    assert isinstance(await house.ask(person=MOD), Receipt)


async def test_a_block_ends_by_itself(house: House):
    await blocked(house, GUILD)
    house.clock.turn(3600)

    assert isinstance(await house.ask(), Receipt)


async def test_what_was_accepted_before_a_block_goes_on(house: House):
    job = await house.placed()
    await blocked(house, GUILD)
    await blocked(house, blocks.EVERYWHERE)

    await house.finish()

    assert "delivered" == await house.state(job)


# --- rules on prompts


async def test_the_operators_rules_come_first_and_both_hold_for_stealth_too(house: House):
    await with_rules(house, "marmalade", "jam", operator=(OURS,))

    ours, theirs = await house.ask("marmalade and jam"), await house.ask("a jam jar")
    hidden = [await house.ask(word, visibility=STEALTH) for word in ("marmalade", "jam")]

    whose = "the operator of this bot"
    assert ("operator", whose) == (ours.facts["rule"], ours.facts["whose"])
    assert ("jam", "this server") == (theirs.facts["rule"], theirs.facts["whose"])
    assert [Cause.PROMPT_RULE] * 2 == [each.cause for each in hidden]
    assert "**operator** of the operator of this bot" in refused(ours)


async def test_a_servers_rules_hold_in_that_server_alone(house: House):
    await with_rules(house, "jam")

    assert isinstance(await house.ask("a jam jar", where=ELSEWHERE), Receipt)
    assert isinstance(await house.ask("a jam jar", where=dm()), Receipt)
    assert Cause.PROMPT_RULE is (await house.ask("a jam jar")).cause


async def test_what_somebody_does_not_want_to_see_meets_no_rule(house: House):
    await with_rules(house, "jam", operator=(OURS,))

    assert isinstance(await house.ask("a jar", negative="jam, marmalade"), Receipt)


async def test_a_hit_leaves_a_count_and_nothing_else(house: House):
    await with_rules(house, "jam", operator=(OURS,))
    before = await rows_without(house, "db.counters")

    for word, seen in [("jam", PUBLIC), ("jam", STEALTH), ("marmalade", PUBLIC)] * 2:
        await house.ask(word, visibility=seen)

    assert before == await rows_without(house, "db.counters")
    assert [
        ("prompt", "public", 2),
        ("server-prompt", "public", 2),
        ("server-prompt", "stealth", 2),
    ] == await counted(house)


async def test_a_count_of_stealth_keeps_no_time_of_day(house: House):
    await with_rules(house, operator=(OURS,))
    house.clock.turn(12_345)

    await house.ask("marmalade", visibility=STEALTH)

    async with house.memory.db.read() as tx:
        (row,) = await many(tx, "SELECT expires_at FROM counters")
    assert 0 == row["expires_at"] % DAY


@pytest.mark.parametrize(
    ("word", "seen", "offered"),
    [("jam", PUBLIC, True), ("jam", STEALTH, False), ("marmalade", PUBLIC, False)],
)
async def test_a_contest_is_offered_against_a_servers_rule_in_public_alone(
    house: House, word, seen, offered
):
    await with_rules(house, "jam", operator=(OURS,))

    buttons = contestable(await house.ask(word, visibility=seen))

    assert offered == bool(buttons)
    assert all(word not in button.custom_id for button in buttons)
    assert all(len(button.custom_id) <= 100 for button in buttons)


# --- stealth off


async def hit(house: House, times: int, **asked) -> list:
    return [await house.ask("marmalade", **({"visibility": STEALTH} | asked)) for _ in range(times)]


async def test_five_stealth_hits_turn_stealth_off_until_the_oldest_is_forgotten(house: House):
    await with_rules(house, operator=(OURS,))
    await hit(house, 2)
    first = house.clock.now() + 30 * DAY
    house.clock.turn(DAY)
    await hit(house, 3)

    off = await house.ask(visibility=STEALTH)
    in_dm = await house.ask(where=dm())
    public = await house.ask()

    assert Cause.STEALTH_OFF is off.cause is in_dm.cause
    assert f"<t:{first - first % DAY}:f>" in refused(off)
    assert isinstance(public, Receipt)
    house.clock.turn(first - first % DAY - house.clock.now())
    assert isinstance(await house.ask(visibility=STEALTH), Receipt)


async def test_four_stealth_hits_or_many_public_ones_leave_stealth_on(house: House):
    await with_rules(house, operator=(OURS,))
    await hit(house, 4)
    await hit(house, 9, visibility=PUBLIC)

    assert isinstance(await house.ask(visibility=STEALTH), Receipt)


async def test_pictures_that_were_stopped_count_with_prompts(house: House):
    await with_rules(house, operator=(OURS,))
    await hit(house, 4)
    now, ana = house.clock.now(), house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await counters.add(
            tx,
            ana,
            what="picture",
            visibility=STEALTH,
            day="2026-11-21",
            now=now,
            expires_at=now + 2 * DAY,
        )

    assert Cause.STEALTH_OFF is (await house.ask(visibility=STEALTH)).cause


async def test_no_moderators_rule_turns_anybodys_stealth_off(house: House):
    await with_rules(house, "marmalade")
    await hit(house, 9)

    assert isinstance(await house.ask(visibility=STEALTH), Receipt)


async def test_stealth_off_is_one_persons_and_moves_nothing_into_public(house: House):
    await with_rules(house, operator=(OURS,))
    job = await house.placed(visibility=STEALTH)
    await hit(house, 5)
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)

    said = await house.ask()
    await house.finish()

    assert Cause.STEALTH_OFF is said.cause
    assert "delivered" == await house.state(job)
    assert [] == house.messenger.stands(CHANNEL)
    assert isinstance(await house.ask(visibility=STEALTH, person=MOD), Receipt)


# --- pictures for adults


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "in this channel"),
        ({"visibility": STEALTH}, "for our DM"),
        ({"where": dm()}, "for our DM"),
        ({"where": RESTRICTED, "visibility": STEALTH}, "for our DM"),
    ],
)
async def test_a_picture_for_adults_is_refused_outside_its_place(house: House, asked, said):
    before = await house.rows()

    answer = await house.ask("a nsfw picture", **asked)

    assert Cause.ADULT_PROMPT is answer.cause
    assert said in refused(answer)
    assert before == await house.rows()


async def adult_ok(house: House, **asked) -> bool:
    job = await house.accepted("a nsfw picture", **asked)
    return (await house.memory.open_route(await house.delivery(job))).adult_ok


async def test_in_an_age_restricted_channel_it_may_be_made(house: House):
    assert await adult_ok(house, where=RESTRICTED)


async def test_a_server_may_want_none_at_all(house: House):
    await house.moderate.adult(MODERATOR, AdultHere.NEVER)

    said = await house.ask("a nsfw picture", where=RESTRICTED)

    assert "in this server" in refused(said)


async def test_into_the_dm_it_comes_by_the_operators_leave_and_not_for_sold_plans(house: House):
    house.adult_stealth = True
    house.start_again()
    place = {"where": RESTRICTED, "visibility": STEALTH}

    sold = await house.ask("a nsfw picture", **place, sku_ids=frozenset({PLUS_SKU}))

    assert await adult_ok(house, **place)
    assert Cause.ADULT_PROMPT is sold.cause
    assert Cause.ADULT_PROMPT is (await house.ask("a nsfw picture", where=dm())).cause


async def test_the_route_of_an_ordinary_prompt_says_what_its_place_lets(house: House):
    """A picture may turn out to be for adults whatever its prompt says."""
    jobs = [await house.accepted(where=place) for place in (RESTRICTED, where(), dm())]

    routes = [await house.memory.open_route(await house.delivery(job)) for job in jobs]

    assert [True, False, False] == [route.adult_ok for route in routes]


# --- channels, and a plan without stealth


async def test_where_the_settings_do_not_open_nothing_is_public_and_stealth_goes_on(house: House):
    await house.moderate.echo(MODERATOR, shows=False)
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE servers SET sealed = x'00'")

    assert Cause.CHANNEL_NOT_ALLOWED is (await house.ask()).cause
    assert isinstance(await house.ask(visibility=STEALTH), Receipt)
    assert isinstance(await house.ask(where=ELSEWHERE), Receipt)


async def test_listed_channels_are_for_public_pictures_alone(house: House):
    await house.moderate.allow_channel(MODERATOR, 7, allowed=True)
    thread = where(channel_id=70, is_thread=True, parent_id=7)

    said = await house.ask()

    assert Cause.CHANNEL_NOT_ALLOWED is said.cause
    assert "<#7>" in refused(said)
    assert isinstance(await house.ask(where=where(channel_id=7)), Receipt)
    assert isinstance(await house.ask(where=thread), Receipt)
    assert isinstance(await house.ask(visibility=STEALTH), Receipt)


async def test_a_floor_makes_stealth_for_a_plan_that_has_none(house: House):
    never = plan(stealth=StealthRule.NEVER, stealth_per_day=0)
    holdings = Holdings((never, *SHIPPED[1:]), {}, {})
    house.submit = replace(house.submit, meet=replace(house.submit.meet, holdings=holdings))
    refused_before = await house.ask(visibility=STEALTH)
    await house.moderate.stealth(MODERATOR, StealthHere.FLOOR)

    under, said = await house.ask(), await house.ask(visibility=PUBLIC)
    await house.finish()

    assert Cause.PLAN_STEALTH_NEVER is refused_before.cause
    assert STEALTH is under.visibility
    assert Cause.SERVER_FLOOR is said.cause
    assert [] == house.messenger.stands(CHANNEL)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_who_opted_out_hears_that_before_any_rule(house: House):
    await with_rules(house, "jam")
    await blocked(house, GUILD)
    await house.choose.never_public(ANA)
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE opt_outs SET level = 'no-processing'")

    assert Refusal(Cause.OPTED_OUT) == await house.ask("a jam jar")
    assert [] == await counted(house)
