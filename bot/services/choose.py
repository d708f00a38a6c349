"""A person's choices: who sees their work by default, what is shown of it, how long it is kept.

A choice that tightens acts at once, also on what is under way, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot.domain import Choices, OptOut, PersonHash, PersonId, Refusal, Visibility
from bot.ports import Clock, day_of
from bot.services.move import Move, Moved
from bot.storage import choices, deliveries
from bot.storage.database import Transaction
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Choose:
    """Change what a person chose."""

    memory: Memory
    move: Move
    clock: Clock
    zone: tzinfo

    async def read(self, person: PersonId) -> Choices:
        """Give a person's choices."""
        async with self.memory.db.read() as tx:
            return await choices.read(tx, self.memory.keys, self.memory.keys.person(person))

    async def opt_out_of(self, person: PersonId) -> OptOut | None:
        """Say what a person has forbidden."""
        async with self.memory.db.read() as tx:
            return await choices.opt_out(tx, self.memory.keys.person(person))

    async def stealth(self, person: PersonId) -> list[Moved]:
        """From now on only to their DM. Every open public job moves there; says which."""
        now = self.clock.now()
        async with self.memory.db.transaction() as tx:
            await self._change(
                tx,
                person,
                lambda old: replace(
                    old,
                    visibility=Visibility.STEALTH,
                    stealth_since=now,
                    last_default=Visibility.STEALTH,
                ),
            )
            moved = await self._move_open(tx, person)
        return await self._settle(moved)

    async def public(self, person: PersonId) -> None:
        """From now on to the channel, where plan and place allow it. This is a press for it."""
        hashed = self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            if await choices.opt_out(tx, hashed) is OptOut.ASK_FIRST:
                await choices.set_opt_out(tx, hashed, None, day="")
            await self._change(
                tx,
                person,
                lambda old: replace(
                    old, visibility=Visibility.PUBLIC, last_default=Visibility.PUBLIC
                ),
            )

    async def never_public(self, person: PersonId) -> list[Moved]:
        """Remember that nothing of theirs may ever be public; what is open moves to their DM."""
        hashed = self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            day = day_of(self.clock.now(), self.zone)
            was = await choices.opt_out(tx, hashed)
            if was is not OptOut.NO_PROCESSING:  # who forbade that has forbidden this
                await choices.set_opt_out(tx, hashed, OptOut.NEVER_PUBLIC, day=day)
            moved = await self._move_open(tx, person)
        return await self._settle(moved)

    async def opt_in(self, person: PersonId) -> bool:
        """Lift whatever they had forbidden. Says whether there was anything."""
        hashed = self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            was = await choices.opt_out(tx, hashed)
            if was in (None, OptOut.ASK_FIRST):  # nothing they forbade; they are still to be asked
                return False
            await choices.set_opt_out(tx, hashed, None, day="")
        return True

    async def change(self, person: PersonId, change: Callable[[Choices], Choices]) -> Choices:
        """Keep choices changed by a function of the old ones; gives the new ones."""
        async with self.memory.db.transaction() as tx:
            return await self._change(tx, person, change)

    async def prefer(
        self, person: PersonId, rule: Callable[[Choices], Choices | Refusal]
    ) -> Choices | Refusal:
        """Keep what a rule makes of the old choices, or say why it does not; that leaves no trace.

        Jobs that were accepted keep what they were accepted with.
        """
        hashed = self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            ruled = rule(await choices.read(tx, self.memory.keys, hashed))
            if isinstance(ruled, Refusal):
                return ruled
            return await self._change(tx, person, lambda _: ruled)

    async def _change(
        self, tx: Transaction, person: PersonId, change: Callable[[Choices], Choices]
    ) -> Choices:
        hashed, now = self.memory.keys.person(person), self.clock.now()
        changed = change(await choices.read(tx, self.memory.keys, hashed))
        day = day_of(now, self.zone)
        await choices.write(tx, self.memory.keys, hashed, changed, now=now, day=day)
        return changed

    async def _move_open(self, tx: Transaction, person: PersonId) -> list[Moved]:
        hashed: PersonHash = self.memory.keys.person(person)
        waiting = await deliveries.open_of(tx, hashed, Visibility.PUBLIC)
        moves = [await self.move.within(tx, delivery) for delivery in waiting]
        return [moved for moved in moves if moved is not None]

    async def _settle(self, moved: list[Moved]) -> list[Moved]:
        for one in moved:
            await self.move.settle(one)
        return moved
