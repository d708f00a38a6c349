"""What a person should know of their own standing: plan, visibility mode, use of today, choices."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ask, OptOut, PersonHash, Visibility
from bot.policy import moderation, visibility
from bot.policy.retention import DataClass
from bot.policy.server import StealthHere
from bot.ports import Clock
from bot.services.calendar import Calendar
from bot.services.holdings import Holdings
from bot.services.lifetimes import Lifetimes
from bot.storage import blocks, choices, counters, line, people, servers, strikes
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.words import HeldBack, Standing
from gen import queue
from gen.fairness import Sharing
from gen.job import JobState, Speed


@dataclass(frozen=True)
class Inform:
    """Tell a person where they stand. Reads only, and meets nobody."""

    memory: Memory
    holdings: Holdings
    lifetimes: Lifetimes
    clock: Clock
    calendar: Calendar
    sharing: Sharing

    async def __call__(self, ask: Ask) -> Standing:
        """Read it for whoever asks, from the place they ask in."""
        owner = self.memory.keys.person(ask.person)
        now = self.clock.now()
        async with self.memory.db.read() as tx:
            chosen = await choices.read(tx, self.memory.keys, owner)
            forbidden = await choices.opt_out(tx, owner)
            day = await self.calendar.today(tx)
            usage = await people.usage(tx, owner, day)
            stored = await people.stored_items(tx, owner)
            here = await servers.limits(tx, ask.where.guild_id, ask.where.channel_id)
            stealth_here = await self._stealth_here(tx, ask)
            held_back = await _held_back(tx, ask, owner, now)
            held = await self.holdings.of(tx, self.memory.keys, ask, now)
            jobs = await line.of(tx, owner)
            relaxed_seconds = await queue.relax_used(tx, owner, now, self.sharing)
        plan = held.plan
        never = forbidden is OptOut.NEVER_PUBLIC
        return Standing(
            in_dm=ask.where.is_dm,
            plan=plan,
            plan_until=held.until,
            usage=usage,
            day_turns_at=self.calendar.day_turns_at(day),
            month_turns_at=self.calendar.month_turns_at(day),
            queued={speed: _queued(jobs, speed) for speed in Speed},
            running=sum(job.state is JobState.RUNNING for job in jobs),
            relaxed_seconds=relaxed_seconds,
            mode=(
                Visibility.STEALTH
                if ask.where.is_dm
                else visibility.default(plan, chosen.visibility, never, stealth_here)
            ),
            chosen=chosen,
            forbidden=forbidden,
            kept={kind: self.lifetimes.of(kind, chosen, here, plan.name) for kind in DataClass},
            stored_items=stored,
            here=stealth_here,
            held_back=held_back,
        )

    async def _stealth_here(self, tx: Transaction, ask: Ask) -> StealthHere:
        guild_id = ask.where.guild_id
        if guild_id is None:
            return StealthHere.ALLOW
        return (await servers.read(tx, self.memory.keys, guild_id)).stealth


def _queued(jobs: list[line.Open], speed: Speed) -> int:
    waits = {JobState.ACCEPTED, JobState.PLACED}
    return sum(job.state in waits and job.speed is speed for job in jobs)


async def _held_back(tx: Transaction, ask: Ask, owner: PersonHash, now: int) -> HeldBack:
    """Read what only they are told: blocks, strikes here, and whether stealth is off for them."""
    guild_id = ask.where.guild_id
    everywhere = await blocks.of(tx, blocks.EVERYWHERE, owner, now)
    here = await blocks.of(tx, guild_id, owner, now) if guild_id else None
    return HeldBack(
        by_operator=everywhere is not None,
        operator_until=everywhere.expires_at if everywhere else None,
        here_until=here.expires_at if here else None,
        strikes_here=len(await strikes.ends(tx, guild_id, owner, now)) if guild_id else 0,
        stealth_off_until=moderation.stealth_off_until(await counters.stealth_hits(tx, owner, now)),
    )
