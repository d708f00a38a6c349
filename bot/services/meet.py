"""An ask becomes a case: everything that the rules must know of it, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ask, OptOut, PersonHash
from bot.policy import prompt, speed
from bot.policy.server import ServerSettings
from bot.ports import Clock, Ids
from bot.services.calendar import Calendar
from bot.services.case import Case, within_plan
from bot.services.holdings import Holdings
from bot.services.studio import Studio
from bot.storage import choices, people, servers
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from gen.job import Spec


@dataclass(frozen=True)
class Meet:
    """Gather what is known of an ask and of who asks."""

    memory: Memory
    studio: Studio
    holdings: Holdings
    clock: Clock
    ids: Ids
    calendar: Calendar

    async def __call__(
        self, tx: Transaction, ask: Ask, owner: PersonHash, forbidden: OptOut | None
    ) -> Case:
        """Gather it; somebody never met before gets a row of their own."""
        now = self.clock.now()
        day = await self.calendar.today(tx)
        person = await people.meet(tx, owner, now)
        plan = (await self.holdings.of(tx, self.memory.keys, ask, now)).plan
        spec = within_plan(plan, ask, self._spec(ask), self.studio.canvas.sizes)
        usage = await people.usage(tx, owner, day)
        chosen = await choices.read(tx, self.memory.keys, owner)
        return Case(
            ask=ask,
            spec=spec,
            owner=owner,
            day=day,
            now=now,
            person=person,
            chosen=chosen,
            forbidden=forbidden,
            plan=plan,
            usage=usage,
            server=await self._server(tx, ask),
            sold_on_discord=self.holdings.is_sold(plan),
            pace=speed.decide(
                plan,
                usage,
                chosen.speed,
                self.studio.cost_seconds(spec),
                turns_at=self.calendar.month_turns_at(day),
            ),
        )

    async def _server(self, tx: Transaction, ask: Ask) -> ServerSettings:
        guild_id = ask.where.guild_id
        return await servers.read(tx, self.memory.keys, guild_id) if guild_id else ServerSettings()

    def _spec(self, ask: Ask) -> Spec:
        canvas = self.studio.canvas
        width, height = prompt.size_of(ask, canvas) or canvas.default_size
        first = self.ids.seed() if ask.seed is None else ask.seed
        return Spec(
            prompt=prompt.drawable(ask.prompt.reveal()),
            negative_prompt=prompt.drawable(ask.negative_prompt.reveal()),
            width=width,
            height=height,
            steps=ask.steps or canvas.default_steps,
            guidance=canvas.default_guidance if ask.guidance is None else ask.guidance,
            seeds=tuple((first + number) % 2**32 for number in range(ask.count)),
        )
