"""What the operator's and a server's rules say to an ask, inside the transaction that accepts it.

A refusal costs nothing. A rule on prompts that stops something leaves a count by day with its
owner, without content and without the server; nobody else is shown it.
Prompts are read in a thread: a hostile one takes some time, and nobody else is to wait for it.
"""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass

from bot import words
from bot.domain import Ask, Cause, Choices, PersonHash, Refusal, Visibility
from bot.policy import adult, moderation, promptrules
from bot.policy.retention import DataClass
from bot.policy.server import Rule
from bot.services.case import Case
from bot.services.lifetimes import Lifetimes
from bot.storage import blocks, counters
from bot.storage.database import Transaction

PROMPT, SERVER_PROMPT = "prompt", "server-prompt"
"""What a count is of. Only what stopped by the operator's word may turn stealth off: no moderator
has a power over it.
"""


@dataclass(frozen=True)
class HouseRules:
    """The operator's rules on prompts, and their leave for adult pictures in stealth."""

    lifetimes: Lifetimes
    rules: tuple[Rule, ...] = ()
    adult_stealth: bool = False

    async def shut_out(
        self, tx: Transaction, ask: Ask, owner: PersonHash, now: int
    ) -> Refusal | None:
        """Say whether somebody is blocked: everywhere, or in the server they ask in."""
        if held := await blocks.of(tx, blocks.EVERYWHERE, owner, now):
            until = f" until <t:{held.expires_at}:f>" if held.expires_at else ""
            return Refusal(Cause.BLOCKED, {"until": until})
        guild_id = ask.where.guild_id
        if guild_id and (held := await blocks.of(tx, guild_id, owner, now)):
            return Refusal(Cause.BLOCKED_HERE, {"until": f"<t:{held.expires_at}:f>"})
        return None

    async def check(self, tx: Transaction, case: Case, seen: Visibility) -> Refusal | None:
        """Say what forbids this job where and as it would be made, if anything does."""
        if seen is Visibility.STEALTH:
            hits = await counters.stealth_hits(tx, case.owner, case.now)
            if until := moderation.stealth_off_until(hits):
                return Refusal(Cause.STEALTH_OFF, {"until": f"<t:{until}:f>"})
        if refusal := await self._stopped(tx, case, seen):
            return refusal
        if not self.adult_ok(case, seen) and await to_thread(
            adult.asks_for_adult, case.spec.prompt
        ):
            return moderation.not_for_adults(seen, case.server.adult)
        if seen is Visibility.PUBLIC:
            return moderation.may_stand_in(case.ask.where, case.server)
        return None

    def adult_ok(self, case: Case, seen: Visibility) -> bool:
        """Say whether this job's picture may be one for adults."""
        return moderation.adult_ok(
            seen,
            case.ask.where,
            case.server.adult,
            adult_stealth=self.adult_stealth,
            sold_on_discord=case.sold_on_discord,
        )

    async def _stopped(self, tx: Transaction, case: Case, seen: Visibility) -> Refusal | None:
        """Look at the words alone: what somebody does not want to see is not drawn."""
        text = case.spec.prompt
        if rule := await to_thread(promptrules.first_hit, self.rules, text):
            await self._count(tx, case, seen, PROMPT)
            return Refusal(Cause.PROMPT_RULE, _named(rule, "the operator of this bot"))
        if rule := await to_thread(promptrules.first_hit, case.server.rules, text):
            await self._count(tx, case, seen, SERVER_PROMPT)
            contest = {"contest": moderation.tag_of(rule)} if seen is Visibility.PUBLIC else {}
            return Refusal(Cause.PROMPT_RULE, _named(rule, "this server") | contest)
        return None

    async def _count(self, tx: Transaction, case: Case, seen: Visibility, what: str) -> None:
        until = self.lifetimes.until(DataClass.COUNTER, case.now, Choices())
        await counters.add(
            tx,
            case.owner,
            what=what,
            visibility=seen,
            day=case.day,
            now=case.now,
            expires_at=until or case.now,
        )


def _named(rule: Rule, whose: str) -> dict[str, object]:
    return {"rule": words.echo(rule.name), "whose": whose}
