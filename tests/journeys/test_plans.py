"""Who has which plan, as people meet it: by a role, by Discord, by the operator's word."""

from __future__ import annotations

import sqlite3

import pytest

from bot.sandbox import serialise
from bot.sandbox.entities import Entitlement
from bot.sandbox.events import GatewayEvent
from bot.sandbox.shipped_world import PLUS_SKU_ID, PRO_SKU_ID
from tests.journeys.hearing import asks, heard, reads
from tests.journeys.house import House, has_picture
from tests.journeys.test_operating import darkroom
from tests.people import Seen

CAFE, ELSEWHERE = "Darkroom Café", "Elsewhere"
MANY_STEPS = 50
"""More than Free has, and no more than Plus."""


def server(house: House, name: str) -> str:
    (found,) = [guild.id for guild in house.sandbox.world.guilds.values() if guild.name == name]
    return str(found)


async def draws(house: House, who: str, place: str = "general", **options: object) -> Seen:
    return await asks(house[who], place, "imagine", prompt="a star", **options)


async def has(house: House, who: str, place: str = "general") -> str:
    """The line of `/plan show` that says which plan is theirs, and why."""
    shown = await asks(house[who], place, "plan show")
    (line,) = [each for each in shown.content.splitlines() if each.startswith("**Your plan here**")]
    return line.removeprefix("**Your plan here** ")


async def painters(house: House, guild: str = CAFE) -> None:
    """Ana is in both servers, and one of the painters in this one."""
    await house.people.world(member={"guild": ELSEWHERE, "person": "ana"})
    await house.people.world(role={"guild": guild, "name": "Painters"})
    await house["ana"].change(roles={guild: ["Painters"]})


async def test_ana_has_plus_by_a_role_in_the_cafe_and_nowhere_else(house: House) -> None:
    await painters(house)
    status, said = await darkroom(house, "plan", "ceiling", server(house, CAFE), "plus")
    assert (0, "roles of this server may give plans up to Plus\n") == (status, said)

    mapped = await asks(house["boss"], "general", "plan map", role="Painters", plan="Plus")

    assert "gives the plan Plus from now on" in mapped.content
    assert "Plus: a role of yours in this server gives it." == await has(house, "ana")
    assert "Free: everybody has it." == await has(house, "ana", "lobby")
    assert "counts here for 24 hours after a job" in await has(house, "ana", "dm")
    assert "Who can see it" in (await draws(house, "ana", steps=MANY_STEPS)).content
    assert "Plus: a role of yours gave it in a server" in await has(house, "ana", "dm")
    assert "allows up to 30 steps" in (await draws(house, "ana", "lobby", steps=MANY_STEPS)).content
    await house["ana"].change(roles={CAFE: []})
    assert "allows up to 30 steps" in (await draws(house, "ana", steps=MANY_STEPS)).content


async def test_a_role_that_is_deleted_or_unmapped_gives_nothing(house: House) -> None:
    await painters(house)
    await darkroom(house, "plan", "ceiling", server(house, CAFE), "Plus")
    await asks(house["boss"], "general", "plan map", role="Painters", plan="Plus")
    await asks(house["boss"], "general", "plan unmap", role="Painters")
    assert "Free: everybody has it." == await has(house, "ana")
    await asks(house["boss"], "general", "plan map", role="Painters", plan="Plus")

    await house.people.world(role={"guild": CAFE, "name": "Painters", "delete": True})

    assert "Free: everybody has it." == await has(house, "ana")
    shown = await asks(house["boss"], "general", "plan show")
    assert "None gives one." in shown.content


async def test_zoes_server_maps_nothing_and_she_is_told_who_can_change_that(house: House) -> None:
    await painters(house, ELSEWHERE)

    refused = await asks(house["zoe"], "lobby", "plan map", role="Painters", plan="Plus")

    assert "Only they can, with `darkroom plan ceiling" in refused.content
    assert server(house, ELSEWHERE) in refused.content
    assert "Free: everybody has it." == await has(house, "ana", "lobby")


async def test_only_who_manages_the_server_maps_its_roles(house: House) -> None:
    await painters(house)
    await darkroom(house, "plan", "ceiling", server(house, CAFE), "Plus")

    for who in ("ana", "mod"):
        refused = await asks(house[who], "general", "plan map", role="Painters", plan="Plus")
        assert "needs the permission Manage Server" in refused.content
    in_dm = await has(house, "ana", "dm")

    assert in_dm.startswith("Free: everybody has it.")
    assert "Free: everybody has it." == await has(house, "ana")


async def test_a_role_of_everybody_or_of_a_bot_cannot_be_mapped(house: House) -> None:
    await darkroom(house, "plan", "ceiling", server(house, CAFE), "Pro")

    for role in ("@everyone", "Darkroom"):
        refused = await asks(house["boss"], "general", "plan map", role=role, plan="Plus")
        assert "Choose a role that members are given" in refused.content


async def test_plan_names_are_offered_within_the_ceiling_to_who_manages(house: House) -> None:
    await darkroom(house, "plan", "ceiling", server(house, CAFE), "Plus")

    async def offered(who: str, command: str) -> list[str]:
        said = await house[who].autocomplete("general", command, focused="plan", plan="p")
        return [each["name"] for each in said]

    assert ["Plus"] == await offered("boss", "plan map")
    assert [] == await offered("ana", "plan map")
    assert ["Plus", "Pro"] == await offered("boss", "plan grant")


async def test_a_ceiling_below_what_roles_give_is_refused_naming_them(house: House) -> None:
    await painters(house)
    cafe = server(house, CAFE)
    await darkroom(house, "plan", "ceiling", cafe, "Pro")
    await asks(house["boss"], "general", "plan map", role="Painters", plan="Pro")
    (painted,) = [
        str(role.id)
        for guild in house.sandbox.world.guilds.values()
        for role in guild.roles.values()
        if role.name == "Painters"
    ]

    for lower in ("Plus", "none"):
        status, said = await darkroom(house, "plan", "ceiling", cafe, lower)
        assert 1 == status
        assert f"role {painted} gives Pro" in said
        assert 1 == len(said.splitlines())
    assert "Pro: a role" in await has(house, "ana")

    status, said = await darkroom(house, "plan", "ceiling", cafe, "none", "--drop")
    assert (0, "its roles give no plan; mappings dropped: 1\n") == (status, said)
    assert "Free: everybody has it." == await has(house, "ana")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("190", "Max"), "there is no such plan to give; there is Plus, Pro, or none"),
        (("190", "Free"), "there is no such plan to give; there is Plus, Pro, or none"),
        (("café", "Plus"), "an id is a number"),
    ],
)
async def test_a_ceiling_of_no_plan_or_no_server_says_what_there_is(
    house: House, arguments: tuple[str, str], said: str
) -> None:
    status, told = await darkroom(house, "plan", "ceiling", *arguments)

    assert 1 == status
    assert said in told
    assert "no server has a ceiling" in (await darkroom(house, "plan", "list"))[1]


async def test_boss_grants_a_plan_and_takes_it_back_and_ana_is_not_pinged(house: House) -> None:
    granted = await asks(house["boss"], "general", "plan grant", user="ana", plan="pro", until="7d")
    assert "has the plan Pro until" in granted.content
    assert [] == [*await house["ana"].sees("general"), *await house["ana"].sees("dm")]

    assert "Pro: the operator of this bot gave it to you until <t:" in await has(house, "ana")
    assert "Pro: the operator of this bot gave it to you until <t:" in await has(house, "ana", "dm")
    history = await asks(house["ana"], "dm", "privacy history")
    assert "the operator · gave you a plan" in history.content
    revoked = await asks(house["boss"], "general", "plan revoke", user="ana")
    assert "has the plan Pro by grant no more" in revoked.content
    assert "Free: everybody has it." == await has(house, "ana")
    twice = await asks(house["boss"], "general", "plan revoke", user="ana")
    assert "has no plan by a grant" in twice.content


async def test_nobody_but_the_operator_grants_or_revokes(house: House) -> None:
    await asks(house["boss"], "general", "plan grant", user="plum", plan="Pro", until="7d")

    for who, place in (("ana", "general"), ("mod", "general"), ("zoe", "lobby"), ("ana", "dm")):
        for command, more in (("plan grant", {"plan": "Pro", "until": "7d"}), ("plan revoke", {})):
            refused = await asks(house[who], place, command, user="plum", **more)
            assert "Only the operator of this bot can do that" in refused.content
    assert "Pro: the operator of this bot gave it" in await has(house, "plum")


@pytest.mark.parametrize(
    ("plan", "until", "said"),
    [
        ("Max", "7d", "There is: Plus, Pro."),
        ("Free", "7d", "There is: Plus, Pro."),
        ("Pro", "2020-01-31", "later than now"),
        ("Pro", "soon", "such as 30d, 1y, 2027-01-31"),
    ],
)
async def test_what_cannot_be_granted_says_what_can(
    house: House, plan: str, until: str, said: str
) -> None:
    refused = await asks(house["boss"], "general", "plan grant", user="ana", plan=plan, until=until)

    assert said in refused.content
    assert "Free: everybody has it." == await has(house, "ana")


async def test_anas_entitlement_ends_while_her_job_waits(closed_house: House) -> None:
    house = closed_house
    house.options |= {"sku_plans": {PLUS_SKU_ID: "Plus", PRO_SKU_ID: "Pro"}}
    async with house.bot():
        await house["ana"].change(entitlements=["Plus"])
        assert "Plus: you or this server have it through Discord." == await has(house, "ana")
        house.engine.auto = False
        waiting = await house["ana"].slash("general", "imagine", prompt="a star", steps=MANY_STEPS)
        assert "Who can see it" in (await heard(house["ana"], waiting)).content

        await house["ana"].change(entitlements=[])

        refused = await draws(house, "ana", steps=MANY_STEPS)
        assert "allows up to 30 steps" in refused.content
        assert "Free: everybody has it." == await has(house, "ana")
        house.engine.auto = True
        await house.engine.was_given(1)
        house.engine.tick()
        await reads(house["ana"], waiting.message, "Done")
        assert await house["ana"].sees_until("general", has_picture)


async def test_what_begins_later_gives_nothing_yet(closed_house: House) -> None:
    house = closed_house
    house.options |= {"sku_plans": {PLUS_SKU_ID: "Plus"}}
    async with house.bot():
        world = house.sandbox.world
        ana = next(user.id for user in world.users.values() if user.name == "ana")
        later = world.clock.now() + 3600
        for number, begins in ((7001, later), (7002, None)):
            bought = Entitlement(number, PLUS_SKU_ID, user_id=ana, starts_at=begins)
            world.entitlements = {number: bought}
            world.emit(GatewayEvent("ENTITLEMENT_CREATE", serialise.entitlement(world, bought)))
            has_plus = "Plus" in await has(house, "ana")

            assert has_plus is (begins is None)


async def test_what_discord_told_of_is_stored_under_hashes_alone(closed_house: House) -> None:
    house = closed_house
    house.options |= {"sku_plans": {PLUS_SKU_ID: "Plus"}}
    async with house.bot():
        await house["ana"].change(entitlements=["Plus"])
        await has(house, "ana")
        ids = [str(one.id) for one in house.sandbox.world.entitlements.values()]
        with sqlite3.connect(house.data / "darkroom.db") as db:
            (row,) = db.execute("SELECT * FROM entitlements").fetchall()

    assert "Plus" == row[2]
    assert not {str(PLUS_SKU_ID), *ids} & {str(value) for value in row}


async def test_everybody_reads_one_table_of_all_plans_and_managers_their_roles(
    house: House,
) -> None:
    anas = (await asks(house["ana"], "general", "plan show")).content
    bosss = (await asks(house["boss"], "general", "plan show")).content

    table = anas.split("```")[1].splitlines()
    assert ["Free", "Plus", "Pro"] == table[1].split()
    rows = {line[:18].strip(): line[18:].split() for line in table[2:] if line}
    assert ["channel", "channel", "your", "DM"] == rows["who can see it"]
    assert ["never"] * 3 == rows["used to train"]
    assert ["3", "50", "all"] == rows["stealth a day"]
    assert "Discord keeps its own copy" in " ".join(anas.split())
    assert "Roles of this server" not in anas
    assert "the operator of this bot has set no ceiling" in bosss
    assert max(len(anas), len(bosss)) <= 2000
