"""What the moderators of a server decide for it: settings and rules, each change with its entry in
the audit, in one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import log
from bot.domain import Cause, Moderator, Refusal
from bot.errors import DarkroomFault
from bot.policy import promptrules
from bot.policy.server import AdultHere, Rule, ServerSettings, StealthHere
from bot.ports import Clock, day_of
from bot.services.heed import Heed
from bot.services.houserules import HouseRules
from bot.storage import audit, blocks, deliveries, servers
from bot.storage.audit import Deed
from bot.storage.memory import Memory
from bot.words import InForce

Alter = Callable[[ServerSettings], ServerSettings | Refusal]


@dataclass(frozen=True)
class Moderate:
    """Change what a moderator's own server decided. No deed takes another server's id."""

    memory: Memory
    house_rules: HouseRules
    heed: Heed
    clock: Clock
    zone: tzinfo

    async def show(self, who: Moderator) -> InForce:
        """Read everything that is set in their server, and what the operator set."""
        async with self.memory.db.read() as tx:
            limits = await servers.all_limits(tx, who.guild_id)
            return InForce(
                settings=await servers.read(tx, self.memory.keys, who.guild_id),
                limits=limits.get(servers.WHOLE_SERVER, {}),
                blocked=len(await blocks.standing(tx, who.guild_id, self.clock.now())),
                operators_rules=len(self.house_rules.rules),
                adult_stealth=self.house_rules.adult_stealth,
            )

    async def allow_channel(
        self, who: Moderator, channel_id: int, *, allowed: bool
    ) -> ServerSettings | Refusal:
        """Put a channel on the list of those for public pictures, or take it off."""

        def alter(old: ServerSettings) -> ServerSettings:
            rest = tuple(each for each in old.channels if each not in (channel_id, 0))
            return replace(old, channels=(*rest, channel_id) if allowed else rest)

        return await self._change(who, "channels+1" if allowed else "channels-1", alter)

    async def echo(self, who: Moderator, *, shows: bool) -> ServerSettings | Refusal:
        """Say whether places and results show the words."""
        return await self._change(
            who, f"echo={'on' if shows else 'off'}", lambda old: replace(old, shows_prompts=shows)
        )

    async def adult(self, who: Moderator, adult: AdultHere) -> ServerSettings | Refusal:
        """Say where pictures for adults may be asked for."""
        return await self._change(who, f"nsfw={adult}", lambda old: replace(old, adult=adult))

    async def stealth(self, who: Moderator, stealth: StealthHere) -> ServerSettings | Refusal:
        """Say what becomes of stealth here. A floor takes open public jobs along, to the DMs."""
        scope = f"stealth={stealth}"
        changed = await self._change(who, scope, lambda old: replace(old, stealth=stealth))
        if stealth is StealthHere.FLOOR:
            await self._heed_floor(who.guild_id)
        return changed

    async def role(self, who: Moderator, role_id: int | None) -> ServerSettings | Refusal:
        """Say which role may moderate besides; None: no role. That takes Manage Server."""
        if not who.manages:
            return Refusal(Cause.NEEDS_MANAGE_SERVER)
        if role_id == who.guild_id:  # Discord's id of @everyone
            return Refusal(Cause.ROLE_OF_ALL)
        scope = "role=none" if role_id is None else "role=set"
        return await self._change(who, scope, lambda old: replace(old, moderator_role=role_id))

    async def add_rule(
        self, who: Moderator, name: str, text: str, *, is_pattern: bool
    ) -> ServerSettings | Refusal:
        """Add a rule on prompts."""
        rule = promptrules.check_rule(name, text, is_pattern=is_pattern)
        if isinstance(rule, Refusal):
            return rule

        def alter(old: ServerSettings) -> ServerSettings | Refusal:
            if _rule_of(old.rules, rule.name):
                return Refusal(Cause.RULE_TWICE)
            if len(old.rules) >= promptrules.MAX_RULES:
                return Refusal(Cause.RULE_TOO_MANY, {"limit": promptrules.MAX_RULES})
            new = (*old.rules, rule)
            return promptrules.too_large_together(new) or replace(old, rules=new)

        return await self._change(who, "rules+1", alter)

    async def remove_rule(self, who: Moderator, name: str) -> ServerSettings | Refusal:
        """Take a rule away."""

        def alter(old: ServerSettings) -> ServerSettings | Refusal:
            rule = _rule_of(old.rules, name)
            if rule is None:
                return Refusal(Cause.NO_SUCH_RULE)
            return replace(old, rules=tuple(each for each in old.rules if each != rule))

        return await self._change(who, "rules-1", alter)

    async def rules(self, who: Moderator) -> tuple[Rule, ...]:
        """List the server's own rules."""
        return (await self._read(who)).rules

    async def test_rules(self, who: Moderator, text: str) -> Rule | None:
        """Say which of the server's own rules would stop this text; it is kept nowhere."""
        rules = (await self._read(who)).rules
        return await asyncio.to_thread(promptrules.first_hit, rules, text)

    async def _read(self, who: Moderator) -> ServerSettings:
        async with self.memory.db.read() as tx:
            return await servers.read(tx, self.memory.keys, who.guild_id)

    async def _change(self, who: Moderator, scope: str, alter: Alter) -> ServerSettings | Refusal:
        """Read, alter, keep and enter, in one transaction. What changes nothing leaves no entry."""
        keys, now = self.memory.keys, self.clock.now()
        async with self.memory.db.transaction() as tx:
            old = await servers.read(tx, keys, who.guild_id)
            new = alter(old)
            if not isinstance(new, Refusal) and new != old:
                day = day_of(now, self.zone)
                await servers.write(tx, keys, who.guild_id, new, now=now, day=day)
                await audit.enter(tx, keys, who, Deed.SETTINGS, scope, now=now)
        return new

    async def _heed_floor(self, guild_id: int) -> None:
        """Move the public jobs that are open here; what this misses is heeded at its next step."""
        async with self.memory.db.read() as tx:
            public = [job for job in await deliveries.open_jobs(tx) if job.guild_id == guild_id]
        for delivery in public:
            try:
                await self.heed(delivery)
            except DarkroomFault as fault:
                log.event("floor.job", fault=fault)


def _rule_of(rules: tuple[Rule, ...], name: str) -> Rule | None:
    wanted = name.strip().casefold()
    return next((rule for rule in rules if rule.name.casefold() == wanted), None)
