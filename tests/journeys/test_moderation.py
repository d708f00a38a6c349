"""What mod decides holds in the Café at once; elsewhere, in DMs and for stealth nobody sees it."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.asks import plans_text
from tests.journeys.hearing import asks, heard, presses, reads, ticks
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses, Seen

CAFE, ELSEWHERE = "Darkroom Café", "Elsewhere"

COMMANDS: dict[str, dict[str, Any]] = {
    "show": {},
    "allow-channel": {"channel": "general"},
    "echo": {"shown": "off"},
    "nsfw": {"where": "never"},
    "stealth": {"rule": "floor"},
    "role": {},
    "rules add": {"name": "manners", "kind": "words", "text": "marmalade"},
    "rules remove": {"name": "manners"},
    "rules list": {},
    "rules test": {"text": "marmalade"},
    "block": {"user": "ana", "until": "7d"},
    "unblock": {"user": "ana"},
    "blocks": {},
    "strike": {"user": "ana"},
}


async def moderates(house: House, command: str, by: str = "mod", **options: Any) -> Seen:
    return await asks(house[by], "general", f"moderation {command}", **options)


async def draws(house: House, who: str, prompt: str = "a red star", **options: Any) -> Seen:
    return await asks(house[who], "general", "imagine", prompt=prompt, **options)


def open_to_everybody(house: House) -> None:
    """A server's own settings may show commands to whom Discord would not by itself."""
    for command in house.sandbox.world.commands.values():
        command.body["default_member_permissions"] = None


def entries(house: House) -> list[tuple[Any, ...]]:
    with sqlite3.connect(house.data / "darkroom.db") as db:
        return db.execute("SELECT act, scope FROM audit ORDER BY chain, seq").fetchall()


# --- who may


@pytest.mark.parametrize("who", ["ana", "zoe"])
async def test_whoever_moderates_elsewhere_or_nowhere_is_refused_everything_in_the_cafe(
    house: House, who: str
) -> None:
    await house.people.world(member={"guild": CAFE, "person": "zoe"})
    open_to_everybody(house)

    for command, options in COMMANDS.items():
        said = await moderates(house, command, by=who, **options)
        wanted = "Manage Server" if command == "role" else "this server's moderators"
        assert wanted in said.content, command

    assert [] == entries(house)


async def test_who_holds_manage_messages_in_one_channel_does_not_moderate_the_server(
    house: House,
) -> None:
    """As bots lend it to whoever opens a voice channel; of Manage Server no channel decides."""
    open_to_everybody(house)
    lent = {"person": "ana", "allow": ["manage_messages", "manage_guild"]}
    await house.people.world(channel={"guild": CAFE, "name": "anas", "overwrites": [lent]})

    for command in ("moderation strike", "moderation block", "purge user", "audit list"):
        options = {"user": "plum"} if command != "audit list" else {}
        options |= {"until": "7d"} if command == "moderation block" else {}
        said = await asks(house["ana"], "anas", command, **options)
        assert "this server's moderators" in said.content, command
    everything = await asks(house["ana"], "anas", "purge everything")

    assert "Manage Server" in everything.content
    assert [] == entries(house)


async def test_discord_does_not_offer_the_commands_to_ana_nor_in_a_dm(house: House) -> None:
    with pytest.raises(ClientRefuses, match="no permission"):
        await house["ana"].slash("general", "moderation show")
    with pytest.raises(ClientRefuses, match="direct message"):
        await house["mod"].slash("dm", "moderation show")


async def test_every_command_answers_mod_in_private(house: House) -> None:
    for command, options in COMMANDS.items():
        said = await moderates(house, command, **options)
        assert "Something went wrong" not in said.content, command

    for person in ("ana", "plum"):
        assert [] == [one for one in await house[person].sees("general") if not one.ephemeral]


async def test_boss_gives_a_role_that_moderates_and_takes_it_back(house: House) -> None:
    open_to_everybody(house)
    await house.people.world(role={"guild": CAFE, "name": "Helpers", "permissions": 0})
    await house.people.world(member={"guild": CAFE, "person": "ana", "roles": ["Helpers"]})

    before = await moderates(house, "show", by="ana")
    too_weak = await moderates(house, "role", role="Helpers")
    everybody = await moderates(house, "role", by="boss", role="@everyone")
    await moderates(house, "role", by="boss", role="Helpers")
    within = await moderates(house, "echo", by="ana", shown="off")
    no_further = await moderates(house, "role", by="ana", role="Plus")
    await moderates(house, "role", by="boss")
    after = await moderates(house, "show", by="ana")

    assert "this server's moderators" in before.content
    assert "Manage Server" in too_weak.content
    assert "everybody would moderate" in everybody.content
    assert "show no words" in within.content
    assert "Manage Server" in no_further.content
    assert "this server's moderators" in after.content
    scopes = [("settings", scope) for scope in ("role=set", "echo=off", "role=none")]
    assert scopes == entries(house)


async def test_a_role_taken_away_ends_the_power_at_the_next_command(house: House) -> None:
    open_to_everybody(house)
    await moderates(house, "show")
    await house["mod"].change(roles=[])

    said = await moderates(house, "echo", shown="off")

    assert "this server's moderators" in said.content
    assert [] == entries(house)


# --- what is in force


async def test_show_names_every_setting_by_whose_word_and_stealth_first(house: House) -> None:
    before = await moderates(house, "show")
    await moderates(house, "echo", shown="off")
    await moderates(house, "allow-channel", channel="gallery")
    await moderates(house, "rules add", name="manners", kind="words", text="marmalade")
    await moderates(house, "block", user="plum", until="7d")
    after = await moderates(house, "show")

    assert "**Words of prompts** shown · as shipped" in before.content
    assert "**Words of prompts** hidden · by this server" in after.content
    assert "**Channels for public pictures** all · as shipped" in before.content
    assert "**Rules on prompts** 1 of 50 · by this server" in after.content
    assert "**Blocked members** 1" in after.content
    cannot = after.content.partition("**What a moderator cannot do**\n")[2]
    assert cannot.startswith("- Anything of stealth:")
    assert "marmalade" not in after.content


async def test_a_server_is_an_island(house: House) -> None:
    """Everything mod sets in the Café leaves Elsewhere as it was."""
    await house.people.world(member={"guild": ELSEWHERE, "person": "ana"})
    before = await asks(house["zoe"], "lobby", "moderation show")
    for command, options in COMMANDS.items():
        await moderates(house, command, **options)

    after = await asks(house["zoe"], "lobby", "moderation show")
    rules = await asks(house["zoe"], "lobby", "moderation rules list")
    blocks = await asks(house["zoe"], "lobby", "moderation blocks", user="ana")
    await house["ana"].slash("lobby", "imagine", prompt="a jar of marmalade")

    assert before.content == after.content
    assert "no rules on prompts" in rules.content
    assert "not blocked in this server and has no strike" in blocks.content
    shown = await house["zoe"].sees_until("lobby", has_picture)
    assert "marmalade" in shown.content


async def test_channels_are_listed_and_a_thread_goes_with_its_channel(house: House) -> None:
    await moderates(house, "allow-channel", channel="gallery")
    await house.people.world(thread={"parent": "gallery", "name": "stars"})

    refused = await draws(house, "ana")
    hidden = await draws(house, "plum", visibility="stealth")
    await house["ana"].slash("stars", "imagine", prompt="a star")
    await house["mod"].sees_until("stars", has_picture)
    await moderates(house, "allow-channel", channel="gallery", allowed=False)
    await house["ana"].slash("general", "imagine", prompt="a star")

    assert "only in <#" in refused.content
    assert "in your DM" in (await reads(house["plum"], hidden, "your DM")).content
    await house["mod"].sees_until("general", has_picture)


# --- stealth


async def test_under_a_floor_everything_anybody_starts_here_goes_to_their_dm(house: House) -> None:
    said = await moderates(house, "stealth", rule="floor")
    await draws(house, "ana")
    await house["ana"].sees_until("dm", has_picture)
    public = await draws(house, "ana", visibility="public")
    info = await asks(house["ana"], "general", "info")

    assert "stealth from now on" in said.content
    assert "In this server every job is stealth" in public.content
    assert "stealth · as every job in this server" in info.content
    assert [] == [one for one in await house["plum"].sees("general") if not one.ephemeral]


async def test_a_floor_beats_a_plan_that_has_no_stealth(closed_house: House) -> None:
    plans = closed_house.data.parent / "plans.toml"
    plans.write_text(plans_text("Free", stealth="never"))
    closed_house.options |= {"plans_file": plans, "role_plans": {}}
    async with closed_house.bot():
        before = await draws(closed_house, "ana", visibility="stealth")
        await moderates(closed_house, "stealth", rule="floor")
        await draws(closed_house, "ana")

        await closed_house["ana"].sees_until("dm", has_picture)
        assert "has no stealth" in before.content
        assert [] == [
            one for one in await closed_house["plum"].sees("general") if not one.ephemeral
        ]


async def test_a_floor_takes_plums_open_job_out_of_the_channel(slow_house: House) -> None:
    said = await draws(slow_house, "plum")
    place = await slow_house["ana"].sees_until("general", is_place)

    await moderates(slow_house, "stealth", rule="floor")

    await slow_house["ana"].sees_gone(place)
    await reads(slow_house["plum"], said, "This job goes to your DM now")
    await ticks(slow_house, given=1)
    await ticks(slow_house, given=2)
    await slow_house["plum"].sees_until("dm", has_picture)


async def test_a_lifted_floor_makes_nobody_public_before_they_press(house: House) -> None:
    await moderates(house, "stealth", rule="floor")
    await draws(house, "ana")
    await house["ana"].sees_until("dm", has_picture)
    await moderates(house, "stealth", rule="allow")

    asked = await draws(house, "ana", prompt="a blue star")
    await presses(house["ana"], asked, "Post it")

    assert "Your last job would have gone only to your DM" in asked.content
    assert "blue" in (await house["plum"].sees_until("general", has_picture)).content


async def test_where_stealth_is_forbidden_it_is_refused_and_the_dm_stays_open(house: House) -> None:
    await moderates(house, "stealth", rule="forbid")

    said = await draws(house, "ana", visibility="stealth")
    by_plan = await draws(house, "pia")
    await house["ana"].slash("dm", "imagine", prompt="a star")

    for one in (said, by_plan):
        assert "does not let stealth jobs be started" in one.content
        assert [] == one.buttons
    await house["ana"].sees_until("dm", has_picture)
    assert [] == [one for one in await house["mod"].sees("general") if has_picture(one)]


# --- words


async def test_without_an_echo_nobody_reads_the_words_and_the_owner_still_may(
    house: House,
) -> None:
    await moderates(house, "echo", shown="off")
    await reads(house["ana"], await draws(house, "ana", prompt="a red xylophone"), "Done")

    shown = await house["mod"].sees_until("general", has_picture)
    recipe = await presses(house["ana"], shown, "Recipe")

    assert "words hidden" in shown.content
    assert "xylophone" in recipe.content
    assert "xylophone" not in str(await house["mod"].sees("general"))


async def test_a_rule_stops_a_public_prompt_and_offers_to_contest_it(house: House) -> None:
    await moderates(house, "rules add", name="manners", kind="words", text="marmalade")

    said = await draws(house, "ana", prompt="a jar of marmalade")
    form = (await house["ana"].press(said, label="Contest")).modal

    assert "The rule **manners** of this server stops this prompt" in said.content
    assert "marmalade" not in said.content
    assert form is not None
    assert "marmalade" not in str(vars(form))
    assert [] == house.engine.given
    assert [] == [one for one in await house["mod"].sees("general") if not one.ephemeral]


async def test_a_rule_stops_a_stealth_prompt_and_offers_nothing(house: House) -> None:
    await moderates(house, "rules add", name="manners", kind="pattern", text="marma.ade")
    before = entries(house)

    said = await draws(house, "ana", prompt="a jar of marmalade", visibility="stealth")
    info = await moderates(house, "show")
    member = await moderates(house, "blocks", user="ana")

    assert "The rule **manners** of this server" in said.content
    assert [] == said.buttons
    assert "1 of 50" in info.content
    assert "no strike" in member.content
    assert before == entries(house)


async def test_rules_are_listed_tested_and_taken_away(house: House) -> None:
    await moderates(house, "rules add", name="manners", kind="words", text="marmalade, jam")
    bad = await moderates(house, "rules add", name="bad", kind="pattern", text="(")
    listed = await moderates(house, "rules list")
    met = await moderates(house, "rules test", text="M\u0430rm\u200balade")
    unmet = await moderates(house, "rules test", text="a star")
    await moderates(house, "rules remove", name="manners")
    again = await moderates(house, "rules remove", name="manners")
    await draws(house, "ana", prompt="a jar of marmalade")

    assert "cannot be used" in bad.content
    assert "**manners** (words) marmalade, jam" in listed.content
    assert "The rule **manners** stops that" in met.content
    assert "No rule of this server stops that" in unmet.content
    assert "no rule of that name" in again.content
    await house["mod"].sees_until("general", has_picture)


async def test_the_operators_rules_hold_everywhere_and_cannot_be_contested(
    closed_house: House,
) -> None:
    rules = closed_house.data.parent / "rules.txt"
    rules.write_text("kitchen: marmalade\n")
    closed_house.options |= {"rules_file": rules}
    async with closed_house.bot():
        here = await draws(closed_house, "ana", prompt="marmalade")
        in_dm = await asks(closed_house["ana"], "dm", "imagine", prompt="marmalade")
        for _ in range(4):
            await draws(closed_house, "ana", prompt="marmalade", visibility="stealth")
        off = await draws(closed_house, "ana", visibility="stealth")
        info = await asks(closed_house["ana"], "dm", "info")
        mods = await moderates(closed_house, "blocks", user="ana")

    for one in (here, in_dm):
        assert "The rule **kitchen** of the operator" in one.content
        assert [] == one.buttons
    assert "Stealth is off for you until" in off.content
    assert "**Stealth is off for you** until" in info.content
    assert "Stealth" not in mods.content


async def test_a_picture_for_adults_needs_an_age_restricted_channel(house: House) -> None:
    said = await draws(house, "ana", prompt="nsfw star")
    in_dm = await asks(house["ana"], "dm", "imagine", prompt="nsfw star")
    await house["ana"].slash("nsfw", "imagine", prompt="nsfw star")
    await house["mod"].sees_until("nsfw", has_picture)
    await moderates(house, "nsfw", where="never")
    never = await asks(house["ana"], "nsfw", "imagine", prompt="nsfw star")

    assert "none may be made in this channel" in said.content
    assert "none may be made for our DM" in in_dm.content
    assert "none may be made in this server" in never.content


# --- members


async def test_plum_is_blocked_here_until_mod_lifts_it(house: House) -> None:
    blocked = await moderates(house, "block", user="plum", until="7d")
    said = await draws(house, "plum")
    info = await asks(house["plum"], "general", "info")
    listed = await moderates(house, "blocks")
    await house["plum"].slash("dm", "imagine", prompt="a star")
    await house["plum"].sees_until("dm", has_picture)
    lifted = await moderates(house, "unblock", user="plum")
    again = await moderates(house, "unblock", user="plum")
    await house["plum"].slash("general", "imagine", prompt="a star")

    assert "is blocked from asking" in blocked.content
    assert "blocked you from using me here until <t:" in said.content
    assert "**Blocked** in this server until <t:" in info.content
    assert "Blocked in this server: 1" in listed.content
    assert "may ask for pictures in this server again" in lifted.content
    assert "nothing changed" in again.content
    await house["mod"].sees_until("general", has_picture)
    assert [("blocked", "member"), ("unblocked", "member")] == entries(house)


async def test_three_strikes_block_ana(house: House) -> None:
    said = [await moderates(house, "strike", user="ana") for _ in range(3)]
    member = await moderates(house, "blocks", user="ana")
    refused = await draws(house, "ana")
    info = await asks(house["ana"], "general", "info")
    data = await asks(house["ana"], "general", "privacy data")

    counted = [one.content.partition(" has ")[2].partition(" in this")[0] for one in said]
    assert ["1 strike", "2 strikes", "3 strikes"] == counted
    assert "That blocks them here until" in said[-1].content
    assert "has 3 strikes" in member.content
    assert "blocked you from using me here" in refused.content
    assert "**Strikes** 3 in this server" in info.content
    assert "warnings that moderators of a server gave you: **3**" in data.content


@pytest.mark.parametrize("until", ["soon", "0", "2y", "2020-01-01"])
async def test_an_unknown_end_lists_the_accepted_forms(house: House, until: str) -> None:
    said = await moderates(house, "block", user="ana", until=until)

    assert "such as 45m, 24h, 7d, 2w, 1y, 2027-01-31" in said.content
    assert [] == entries(house)


@pytest.mark.parametrize("command", ["block", "strike"])
@pytest.mark.parametrize("user", ["mod", "Darkroom"])
async def test_mod_cannot_block_or_strike_themselves_or_the_bot(
    house: House, command: str, user: str
) -> None:
    until = {"until": "7d"} if command == "block" else {}

    said = await moderates(house, command, user=user, **until)

    assert "You cannot block or strike yourself, nor me" in said.content
    assert [] == entries(house)


async def test_what_mod_set_holds_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        for command, options in [
            ("rules add", COMMANDS["rules add"]),
            ("block", COMMANDS["block"]),
            ("echo", COMMANDS["echo"]),
        ]:
            await moderates(closed_house, command, **options)
        refused = await draws(closed_house, "plum", prompt="marmalade")
    async with closed_house.bot():
        blocked = await draws(closed_house, "ana")
        form = await closed_house["plum"].press(refused, label="Contest")
        await heard(closed_house["plum"], await closed_house["plum"].slash("general", "help"))
        await draws(closed_house, "plum", prompt="a red xylophone")
        shown = await closed_house["mod"].sees_until("general", has_picture)

    assert form.modal is not None
    assert "blocked you" in blocked.content
    assert "words hidden" in shown.content
