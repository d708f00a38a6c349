"""`/moderation`: what a server's moderators decide for it. Who asks is checked at every call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Cause, PersonId, Refusal
from bot.policy.server import AdultHere, ServerSettings, StealthHere
from bot.ports import Post
from bot.services.authorise import Authorise
from bot.services.block import Block
from bot.services.moderate import Moderate
from cogs._answers import Interaction, answer, answer_pages
from cogs._channels import ChannelOption
from cogs._moderators import moderator
from cogs.reports import Reporting, show_queue

RuleName = app_commands.Range[str, 1, 100]
RuleText = app_commands.Range[str, 1, 1000]


@dataclass(frozen=True)
class Mandate:
    """What `/moderation` asks for."""

    authorise: Authorise
    moderate: Moderate
    block: Block
    reporting: Reporting


@app_commands.default_permissions(manage_messages=True)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class Moderation(
    commands.GroupCog, name="moderation", description="What this server's moderators decide"
):
    """Reads and changes what one server decided, for its moderators."""

    rules = app_commands.Group(name="rules", description="This server's rules on prompts")

    def __init__(self, mandate: Mandate) -> None:
        self.mandate = mandate

    # --- settings

    @app_commands.command(
        name="show", description="Everything set in this server, and what a moderator cannot do"
    )
    async def show(self, interaction: Interaction) -> None:
        """List it, with by whose word each holds."""
        if who := await moderator(interaction, self.mandate.authorise):
            found = await self.mandate.moderate.show(who)
            await answer_pages(interaction, words.in_force(found))

    @app_commands.command(
        name="allow-channel", description="Let public pictures be asked for in listed channels only"
    )
    @app_commands.describe(
        channel="Which channel; its threads go with it",
        allowed="False takes it off the list; an empty list means every channel",
    )
    async def allow_channel(
        self,
        interaction: Interaction,
        channel: ChannelOption,
        allowed: bool = True,
    ) -> None:
        """Put a channel of this server on the list, or take it off."""
        if who := await moderator(interaction, self.mandate.authorise):
            named = _channel_here(interaction, channel.id)
            changed = (
                await self.mandate.moderate.allow_channel(who, named, allowed=allowed)
                if named
                else Refusal(Cause.NOTHING_HERE)
            )
            await _say(interaction, changed, words.channels_now)

    @app_commands.command(name="echo", description="Whether public pictures show their words here")
    async def echo(self, interaction: Interaction, shown: Literal["on", "off"]) -> None:
        """Show or hide them, for everybody here."""
        if who := await moderator(interaction, self.mandate.authorise):
            changed = await self.mandate.moderate.echo(who, shows=shown == "on")
            await _say(interaction, changed, words.echo_now)

    @app_commands.command(name="nsfw", description="Where pictures for adults may be asked for")
    async def nsfw(
        self, interaction: Interaction, where: Literal["never", "age-restricted"]
    ) -> None:
        """Never, or in age-restricted channels."""
        if who := await moderator(interaction, self.mandate.authorise):
            changed = await self.mandate.moderate.adult(who, AdultHere(where))
            await _say(interaction, changed, words.adult_now)

    @app_commands.command(
        name="stealth", description="Whether stealth may be started from here, or everything is"
    )
    @app_commands.describe(
        rule="allow: as plans say; forbid: not from here; floor: every job from here is stealth"
    )
    async def stealth(
        self, interaction: Interaction, rule: Literal["allow", "forbid", "floor"]
    ) -> None:
        """Set it, for everybody alike."""
        if who := await moderator(interaction, self.mandate.authorise):
            changed = await self.mandate.moderate.stealth(who, StealthHere(rule))
            await _say(interaction, changed, words.stealth_now)

    @app_commands.command(
        name="role", description="Which role moderates me besides; needs Manage Server"
    )
    @app_commands.describe(role="Leave it out to set none")
    async def role(self, interaction: Interaction, role: discord.Role | None = None) -> None:
        """Set or clear the moderator role."""
        if who := await moderator(interaction, self.mandate.authorise, must_manage=True):
            changed = await self.mandate.moderate.role(who, role.id if role else None)
            await _say(interaction, changed, words.role_now)

    # --- rules on prompts

    @rules.command(name="add", description="Stop prompts with certain words, or by a pattern")
    @app_commands.describe(
        name="What a person it stops is told",
        kind="words: whole words, with commas between them; pattern: RE2",
        text="The words or the pattern",
    )
    async def rules_add(
        self,
        interaction: Interaction,
        name: RuleName,
        kind: Literal["words", "pattern"],
        text: RuleText,
    ) -> None:
        """Add a rule of this server's own."""
        if who := await moderator(interaction, self.mandate.authorise):
            is_pattern = kind == "pattern"
            changed = await self.mandate.moderate.add_rule(who, name, text, is_pattern=is_pattern)
            await _say(
                interaction, changed, lambda now: words.rule_added(now.rules[-1], len(now.rules))
            )

    @rules.command(name="remove", description="Take a rule of this server away")
    async def rules_remove(self, interaction: Interaction, name: RuleName) -> None:
        """Remove it by its name."""
        if who := await moderator(interaction, self.mandate.authorise):
            changed = await self.mandate.moderate.remove_rule(who, name)
            await _say(interaction, changed, lambda _: words.rule_removed(name))

    @rules.command(name="list", description="This server's own rules, with their words")
    async def rules_list(self, interaction: Interaction) -> None:
        """List them to the moderator alone."""
        if who := await moderator(interaction, self.mandate.authorise):
            listed = await self.mandate.moderate.rules(who)
            await answer_pages(interaction, words.rules_listed(listed))

    @rules.command(name="test", description="Which rule of this server a text would meet")
    async def rules_test(self, interaction: Interaction, text: RuleText) -> None:
        """Try a text; nothing of it is kept."""
        if who := await moderator(interaction, self.mandate.authorise):
            met = await self.mandate.moderate.test_rules(who, text)
            await answer(interaction, Post(words.rule_tested(met)))

    # --- members

    @app_commands.command(name="block", description="Let somebody ask for nothing in this server")
    @app_commands.describe(until="How long, such as 24h, 7d, 2w, or the last day: 2027-01-31")
    async def block(self, interaction: Interaction, user: discord.User, until: str) -> None:
        """Block a member here, with an end date."""
        if who := await moderator(interaction, self.mandate.authorise):
            us, person = _our_id(interaction), PersonId(user.id)
            end = await self.mandate.block.block(who, person, until, us)
            if isinstance(end, Refusal):
                await answer(interaction, Post(words.refused(end)))
            else:
                await answer(interaction, Post(words.blocked(person, end)))

    @app_commands.command(name="unblock", description="Lift somebody's block in this server")
    async def unblock(self, interaction: Interaction, user: discord.User) -> None:
        """Lift it before its end date."""
        if who := await moderator(interaction, self.mandate.authorise):
            held = await self.mandate.block.unblock(who, PersonId(user.id))
            stands = await self.mandate.block.member(who, PersonId(user.id))
            await answer(interaction, Post(words.unblocked(user.id, held, stands.strikes)))

    @app_commands.command(
        name="blocks", description="How many are blocked in this server and until when"
    )
    @app_commands.describe(user="Ask about one member: their block and strikes here")
    async def blocks(self, interaction: Interaction, user: discord.User | None = None) -> None:
        """List the blocks, or say how one member stands."""
        if who := await moderator(interaction, self.mandate.authorise):
            if user is None:
                standing = await self.mandate.block.standing(who)
                ends = [each.expires_at for each in standing]
                await answer_pages(interaction, words.blocks_listed(ends))
                return
            member = await self.mandate.block.member(who, PersonId(user.id))
            said = words.member_stands(user.id, member.blocked_until, member.strikes)
            await answer(interaction, Post(said))

    @app_commands.command(
        name="strike", description="Enter a strike against somebody; three block them here"
    )
    async def strike(self, interaction: Interaction, user: discord.User) -> None:
        """Enter a strike."""
        if who := await moderator(interaction, self.mandate.authorise):
            us, person = _our_id(interaction), PersonId(user.id)
            found = await self.mandate.block.strike(who, person, us)
            if isinstance(found, Refusal):
                await answer(interaction, Post(words.refused(found)))
            else:
                said = words.struck(person, found.strikes, found.blocked_until)
                await answer(interaction, Post(said))

    # --- reports and contests

    @app_commands.command(
        name="reports", description="What people reported here, and what they wrote about rules"
    )
    async def reports(self, interaction: Interaction) -> None:
        """Show what waits, one at a time, with what can be decided."""
        if who := await moderator(interaction, self.mandate.authorise):
            await show_queue(interaction, self.mandate.reporting, who)


async def _say(
    interaction: Interaction,
    changed: ServerSettings | Refusal,
    said: Callable[[ServerSettings], str],
) -> None:
    text = words.refused(changed) if isinstance(changed, Refusal) else said(changed)
    await answer(interaction, Post(text))


def _channel_here(interaction: Interaction, channel_id: int) -> int | None:
    """Give a channel of this very server, or the one its thread is in; None: not here."""
    here = interaction.guild.get_channel_or_thread(channel_id) if interaction.guild else None
    if here is None:
        return None
    return here.parent_id if isinstance(here, discord.Thread) else here.id


def _our_id(interaction: Interaction) -> PersonId | None:
    us = interaction.client.user
    return PersonId(us.id) if us else None
