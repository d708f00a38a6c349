"""Which plan somebody has: by a role, by Discord, by the operator's word; and who may change it."""

from dataclasses import replace

import pytest

from bot.domain import Cause, Entitlement, Moderator, PersonId, Refusal, Visibility
from bot.policy.plans import Source
from bot.policy.retention import DAY, By, DataClass
from bot.services.assign import Assign
from bot.services.entitle import Entitle
from bot.services.grant import Grant
from bot.services.inform import Inform
from bot.services.lifetimes import Lifetimes
from bot.services.offer import Offer
from bot.storage import audit, entitlements, plan_roles
from bot.storage.audit import HOUSE
from bot.storage.database import many
from tests.asks import GUILD, ask, dm, where
from tests.services.conftest import ANA, MOD, PLUS_SKU, PRO_ROLE, SHIPPED, UTC, House

PLUM, BOSS = PersonId(13), PersonId(14)
ELSEWHERE = 101
PAINTERS = 950
HERE = Moderator(person=MOD, guild_id=GUILD, manages=True)
THERE = Moderator(person=MOD, guild_id=ELSEWHERE, manages=True)
BOUGHT = Entitlement(7001, PLUS_SKU)


@pytest.fixture
def grant(house: House) -> Grant:
    return Grant(house.memory, house.holdings, house.clock, UTC)


@pytest.fixture
def assign(house: House) -> Assign:
    return Assign(house.memory, house.holdings, house.clock)


@pytest.fixture
def entitle(house: House) -> Entitle:
    return Entitle(house.memory, house.holdings, house.clock)


async def held(house: House, **asked) -> tuple[str, Source, int | None]:
    """What somebody who asks now has, and why."""
    async with house.memory.db.read() as tx:
        found = await house.holdings.of(tx, house.memory.keys, ask(**asked), house.clock.now())
    return found.plan.name, found.source, found.until


async def ceiling(house: House, guild_id: int, plan: str | None) -> None:
    async with house.memory.db.transaction() as tx:
        await plan_roles.set_ceiling(tx, guild_id, plan)


async def chain(house: House, number: int) -> list[tuple[str, str, str]]:
    async with house.memory.db.read() as tx:
        entries = await audit.page(tx, number, 10)
    return [(each.actor, each.act, each.scope) for each in entries]


FREE = ("Free", Source.EVERYBODY, None)


# --- roles


async def test_a_mapped_role_gives_its_plan_in_that_server_and_in_no_other(house, assign):
    await ceiling(house, GUILD, "Pro")
    assert "Plus" == (await assign(HERE, PAINTERS, "plus")).name
    painters = {"role_ids": frozenset({PAINTERS})}

    assert ("Plus", Source.ROLE, None) == await held(house, **painters)
    assert FREE == await held(house, **painters, where=where(guild_id=ELSEWHERE))
    assert FREE == await held(house, role_ids=frozenset({999}))
    assert [("moderator", "plan-role", "plan=Plus")] == await chain(house, GUILD)


async def test_in_the_dm_the_best_role_plan_of_the_last_day_counts(house, assign):
    await ceiling(house, GUILD, "Pro")
    await assign(HERE, PAINTERS, "Plus")
    await house.accepted(role_ids=frozenset({PAINTERS}))

    assert ("Plus", Source.ROLE_ELSEWHERE, None) == await held(house, where=dm())
    house.clock.turn(DAY)
    assert ("Plus", Source.ROLE_ELSEWHERE, None) == await held(house, where=dm())
    house.clock.turn(1)
    assert FREE == await held(house, where=dm())


async def test_a_clock_that_was_set_back_makes_no_role_plan_last_longer(house, assign):
    await ceiling(house, GUILD, "Pro")
    await assign(HERE, PAINTERS, "Plus")
    await house.accepted(role_ids=frozenset({PAINTERS}))
    house.clock.turn(-DAY)

    assert FREE == await held(house, where=dm())


async def test_without_a_ceiling_a_server_maps_nothing_and_is_told_who_can_change_that(
    house, assign
):
    refusal = await assign(HERE, PAINTERS, "Plus")

    assert Refusal(Cause.NO_CEILING, {"server": GUILD}) == refusal
    assert [] == await chain(house, GUILD)


async def test_a_server_maps_nothing_above_its_ceiling(house, assign):
    await ceiling(house, GUILD, "Plus")

    refusal = await assign(HERE, PAINTERS, "Pro")

    assert Refusal(Cause.ABOVE_CEILING, {"plan": "Pro", "ceiling": "Plus"}) == refusal
    assert FREE == await held(house, role_ids=frozenset({PAINTERS}))


@pytest.mark.parametrize("said", ["Free", "Max", ""])
async def test_an_unknown_plan_and_everybodys_are_refused_with_what_there_is(house, assign, said):
    await ceiling(house, GUILD, "Pro")

    refusal = await assign(HERE, PAINTERS, said)

    assert Refusal(Cause.NO_SUCH_PLAN, {"plans": "Plus, Pro"}) == refusal


async def test_a_mapping_above_the_ceiling_counts_nothing_whatever_stands_in_the_row(house):
    await ceiling(house, GUILD, "Plus")
    async with house.memory.db.transaction() as tx:
        await plan_roles.map_role(tx, GUILD, PAINTERS, "Pro")

    assert FREE == await held(house, role_ids=frozenset({PAINTERS}))


async def test_a_role_that_is_unmapped_or_deleted_gives_nothing_any_more(house, assign):
    await ceiling(house, GUILD, "Pro")
    for gone in (assign.lift(HERE, PAINTERS), assign.role_gone(GUILD, PAINTERS)):
        await assign(HERE, PAINTERS, "Plus")
        await gone
        assert FREE == await held(house, role_ids=frozenset({PAINTERS}))
    assert await assign.lift(HERE, PAINTERS) is False


async def test_a_server_unmaps_none_of_anothers_roles(house, assign):
    await ceiling(house, GUILD, "Pro")
    await assign(HERE, PAINTERS, "Plus")

    assert await assign.lift(THERE, PAINTERS) is False
    assert "Plus" == (await held(house, role_ids=frozenset({PAINTERS})))[0]


# --- grants


async def test_a_grant_counts_everywhere_until_its_end(house, grant):
    plan, until = await grant(BOSS, ANA, "pro", "7d")

    assert ("Pro", house.clock.now() + 7 * DAY) == (plan.name, until)
    for place in (where(), where(guild_id=ELSEWHERE), dm()):
        assert ("Pro", Source.GRANT, until) == await held(house, where=place)
    assert FREE == await held(house, person=PLUM)
    house.clock.turn(7 * DAY)
    assert FREE == await held(house)


async def test_a_grant_is_in_the_operators_chain_and_in_the_persons_history(house, grant):
    await grant(BOSS, ANA, "Pro", "7d")
    await grant.revoke(BOSS, ANA)

    assert [("operator", "revoked", "plan=Pro"), ("operator", "granted", "plan=Pro")] == (
        await chain(house, HOUSE)
    )
    async with house.memory.db.read() as tx:
        mine = await audit.of_person(tx, house.memory.keys.person(ANA), 10)
        theirs = await audit.of_person(tx, house.memory.keys.person(PLUM), 10)
    assert ["revoked", "granted"] == [each.act for each in mine]
    assert [] == theirs


async def test_a_second_grant_takes_the_place_of_the_first(house, grant):
    await grant(BOSS, ANA, "Pro", "30d")
    _, until = await grant(BOSS, ANA, "Plus", "7d")

    assert ("Plus", Source.GRANT, until) == await held(house)


async def test_a_revoked_grant_counts_no_more_and_roles_still_do(house, grant):
    await grant(BOSS, ANA, "Pro", "7d")

    assert "Pro" == (await grant.revoke(BOSS, ANA)).plan
    assert FREE == await held(house)
    assert "Pro" == (await held(house, role_ids=frozenset({PRO_ROLE})))[0]
    assert await grant.revoke(BOSS, ANA) is None


@pytest.mark.parametrize("said", ["2020-01-31", "0", "soon", "", "11y", "2026-02-30", "-3d"])
async def test_an_end_that_is_past_or_none_is_refused(house, grant, said):
    refusal = await grant(BOSS, ANA, "Pro", said)

    assert Cause.GRANT_UNTIL is refusal.cause
    assert FREE == await held(house)
    assert [] == await chain(house, HOUSE)


@pytest.mark.parametrize("said", ["Free", "Max"])
async def test_a_plan_that_cannot_be_given_is_refused_with_those_that_can(house, grant, said):
    assert Refusal(Cause.NO_SUCH_PLAN, {"plans": "Plus, Pro"}) == (
        await grant(BOSS, ANA, said, "7d")
    )


# --- Discord


async def test_what_an_interaction_lists_counts_until_it_ends(house):
    until = house.clock.now() + DAY
    listed = (replace(BOUGHT, ends_at=until),)

    assert ("Plus", Source.DISCORD, until) == await held(house, entitlements=listed)
    house.clock.turn(DAY)
    assert FREE == await held(house, entitlements=listed)
    assert FREE == await held(house, entitlements=(Entitlement(7002, 4),))


async def test_what_an_event_told_counts_where_the_list_lags_behind(house, entitle):
    await entitle(ANA, BOUGHT)
    assert ("Plus", Source.DISCORD, None) == await held(house)

    house.clock.turn(entitlements.NEWS_SECONDS)
    assert ("Plus", Source.DISCORD, None) == await held(house)
    house.clock.turn(1)
    assert FREE == await held(house)


async def test_what_an_event_ended_counts_no_more_though_the_list_still_has_it(house, entitle):
    await entitle(ANA, BOUGHT, has_ended=True)
    assert FREE == await held(house, entitlements=(BOUGHT,))
    assert "Plus" == (await held(house, entitlements=(Entitlement(7009, PLUS_SKU),)))[0]

    house.clock.turn(entitlements.NEWS_SECONDS + 1)
    assert "Plus" == (await held(house, entitlements=(BOUGHT,)))[0]


async def test_the_last_event_counts(house, entitle):
    await entitle(ANA, BOUGHT, has_ended=True)
    await entitle(ANA, BOUGHT)

    assert "Plus" == (await held(house))[0]


async def test_a_clock_that_was_set_back_makes_no_event_news_again(house, entitle):
    await entitle(ANA, BOUGHT)
    house.clock.turn(-DAY)

    assert FREE == await held(house)


async def test_what_is_told_of_somebody_who_opted_out_or_of_no_plan_is_not_kept(house, entitle):
    await entitle(ANA, Entitlement(7002, 4))
    async with house.memory.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO opt_outs VALUES (?, 'no-processing', '2027-01-15')",
            (house.memory.keys.person(PLUM),),
        )
    await entitle(PLUM, BOUGHT)

    assert [] == (await house.rows())["db.entitlements"]


async def test_no_id_of_an_entitlement_or_a_person_is_stored(house, entitle, on_disk):
    await entitle(PersonId(123456789), Entitlement(987654321, PLUS_SKU))

    assert b"987654321" not in on_disk()
    assert b"123456789" not in on_disk()


# --- what a plan's end does


async def test_a_job_accepted_under_a_plan_goes_on_when_it_ends(house, grant):
    await grant(BOSS, ANA, "Pro", "7d")
    job = await house.placed(steps=50)
    await grant.revoke(BOSS, ANA)
    assert Cause.PLAN_STEPS is (await house.ask(steps=50)).cause

    await house.finish()

    assert "delivered" == await house.state(job)
    assert "Pro" == (await house.delivery(job)).plan


async def test_plums_entitlement_ends_while_her_job_waits(house, entitle):
    job = await house.placed(steps=50, person=PLUM, entitlements=(BOUGHT,))
    await entitle(PLUM, BOUGHT, has_ended=True)

    await house.finish()

    assert "delivered" == await house.state(job)
    refused = await house.ask(steps=50, person=PLUM, entitlements=(BOUGHT,))
    assert Cause.PLAN_STEPS is refused.cause


# --- how long a plan keeps things

BRIEF = {DataClass.RECIPE: DAY, DataClass.STEALTH_RECIPE: 3 * DAY, DataClass.RECORD: 2 * DAY}


def brief(house: House) -> None:
    """Let Pro keep things for less time."""
    shelf = (*SHIPPED[:2], replace(SHIPPED[2], retention=BRIEF))
    house.lifetimes = Lifetimes(house.limits, shelf)
    house.holdings = replace(house.holdings, plans=shelf)
    house.deliver = replace(house.deliver, lifetimes=house.lifetimes)
    house.conclude = replace(house.conclude, lifetimes=house.lifetimes)
    meet = replace(house.submit.meet, holdings=house.holdings)
    house.submit = replace(house.submit, meet=meet, lifetimes=house.lifetimes)


async def test_what_is_made_under_a_plan_is_kept_as_it_says(house):
    brief(house)
    public = {"visibility": Visibility.PUBLIC}
    await house.delivered(role_ids=frozenset({PRO_ROLE}), **public)
    await house.delivered(person=PLUM, **public)
    now = house.clock.now()

    async with house.memory.db.read() as tx:
        kept = await many(tx, "SELECT expires_at FROM recipes ORDER BY expires_at")
        records = await many(tx, "SELECT expires_at FROM deliveries ORDER BY expires_at")

    assert [DAY, 30 * DAY] == [row["expires_at"] - now for row in kept]
    assert [2 * DAY, 30 * DAY] == [row["expires_at"] - now for row in records]


async def test_a_stealth_recipe_has_its_last_day_by_the_plan(house):
    brief(house)
    await house.delivered(role_ids=frozenset({PRO_ROLE}), visibility=Visibility.STEALTH)

    [(_, _, last_day)] = (await house.rows())["db.unlinked_recipes"]

    assert "2027-01-17" == last_day


async def test_people_are_told_what_their_plan_keeps(house):
    brief(house)
    inform = Inform(
        house.memory, house.holdings, house.lifetimes, house.clock, house.calendar,
        house.submit.foresee.sharing,
    )  # fmt: skip

    pro = await inform(ask(role_ids=frozenset({PRO_ROLE})))
    free = await inform(ask())

    assert (DAY, By.PLAN) == (
        pro.kept[DataClass.RECIPE].seconds,
        pro.kept[DataClass.RECIPE].by,
    )
    assert (30 * DAY, By.OPERATOR) == (
        free.kept[DataClass.RECIPE].seconds,
        free.kept[DataClass.RECIPE].by,
    )


# --- what is shown


async def test_whoever_manages_a_server_is_shown_what_its_roles_give_and_others_are_not(
    house, assign
):
    await ceiling(house, GUILD, "Plus")
    await assign(HERE, PAINTERS, "Plus")
    offer = Offer(house.memory, house.holdings, house.lifetimes, house.clock)

    managed = await offer(ask(), manages=True)
    seen = await offer(ask(), manages=False)
    in_dm = await offer(ask(where=dm()), manages=True)
    elsewhere = await offer(ask(where=where(guild_id=ELSEWHERE)), manages=True)

    assert ("Plus", {PAINTERS: "Plus"}) == (managed.here.ceiling, managed.here.roles)
    assert seen.here is None
    assert in_dm.here is None
    assert (None, {}) == (elsewhere.here.ceiling, elsewhere.here.roles)
    assert 30 * DAY == seen.kept["Free"][DataClass.RECIPE]
