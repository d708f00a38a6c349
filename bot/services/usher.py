"""Jobs that wait are told where they stand, as it changes: seldom, and each only by its own place.

Where a job stands in line tells of the others in it. So only a stealth job's place says it, in its
owner's DM; the owner of a public one reads it in the answer to `/imagine` and in `/queue`.
While the worker changes models, the places of the jobs it has taken say that. And any place says
when its painting was interrupted: else its bar would seem to hang.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot.domain import Visibility
from bot.errors import DarkroomFault
from bot.ports import Post
from bot.services.foresee import Foresee
from bot.services.heed import still_goes
from bot.services.progress import Board
from bot.services.show import shown_of
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from bot.words import Shown, posts
from gen.engine import Engine, Phase
from gen.job import JobState

LOOK_SECONDS = 10.0
"""How often it is looked at who stands where."""

MOST_TOLD = 20
"""Of the oldest that wait, so many are looked at; to look at one takes some milliseconds."""


@dataclass
class Usher:
    """Tell those who wait where they stand."""

    memory: Memory
    engine: Engine
    board: Board
    foresee: Foresee
    _told: dict[str, tuple[int, int]] = field(
        default_factory=dict, repr=False
    )  #: the attempts and the position of which each was last told
    _told_of_change: set[str] = field(
        default_factory=set, repr=False
    )  #: since models began to change

    async def look(self) -> None:
        """Look at those who wait, and have the places edited whose job stands elsewhere now."""
        if self.engine.state.phase is Phase.CHANGING:
            await self._tell_of_change()
        else:
            self._told_of_change.clear()
        waiting = await self._waiting()
        for delivery in waiting:
            if delivery.attempts or delivery.visibility is Visibility.STEALTH:
                await self._tell(delivery)
        await self._forget_all_but({delivery.job for delivery in waiting})

    async def _waiting(self) -> list[Delivery]:
        """Give those who were interrupted, and the oldest of all who wait."""
        async with self.memory.db.read() as tx:
            interrupted = await deliveries.interrupted(tx)
            oldest = await deliveries.jobs_in(tx, JobState.PLACED, but=interrupted, most=MOST_TOLD)
            return await deliveries.those(tx, [*interrupted, *oldest])

    async def _tell_of_change(self) -> None:
        async with self.memory.db.read() as tx:
            running = await deliveries.jobs_in(tx, JobState.RUNNING, most=MOST_TOLD)
            taken = await deliveries.those(tx, running)
        for delivery in taken:
            if delivery.job not in self._told_of_change:
                self._told_of_change.add(delivery.job)
                await self._show(delivery, posts.changing_models)

    async def _tell(self, delivery: Delivery) -> None:
        position = 0
        if delivery.visibility is Visibility.STEALTH:
            async with self.memory.db.read() as tx:
                position = (await self.foresee(tx, delivery.job)).position
            if not position:  # it has just begun
                return
        stands = (delivery.attempts, position)
        if self._told.get(delivery.job) != stands or self.board.missed(delivery.job):
            self._told[delivery.job] = stands
            said = partial(posts.waiting, position=position, was_interrupted=delivery.attempts > 0)
            await self._show(delivery, said)

    async def _show(self, delivery: Delivery, said: Callable[[Shown], Post]) -> None:
        try:
            route = await self.memory.open_route(delivery)
        except DarkroomFault:  # whoever needs it finds out, too, and ends the job
            return
        self.board.show(delivery.job, route, partial(self._drawn, delivery, said))

    async def _drawn(self, delivery: Delivery, said: Callable[[Shown], Post]) -> Post | None:
        """Draw the place anew if the job stands as it stood, and its owner still wants it so."""
        async with self.memory.db.read() as tx:
            now = await deliveries.get(tx, delivery.job)
            goes = await still_goes(self.memory, tx, delivery)
        if now is None or now.state is not delivery.state or not goes:
            return None
        return said(await shown_of(self.memory, delivery))

    async def _forget_all_but(self, waiting: set[str]) -> None:
        """Forget who waits no more; of those that run, the board goes on to show how they do."""
        for job in self._told.keys() - waiting:
            del self._told[job]
            async with self.memory.db.read() as tx:
                delivery = await deliveries.get(tx, job)
            if delivery is None or delivery.state is not JobState.RUNNING:
                await self.board.settle(job)
