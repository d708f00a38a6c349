"""An ask becomes a case: everything that the rules must know of it, read in one transaction."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass, replace

from bot.domain import Ask, Cause, Choices, OptOut, PersonHash, Refusal, Visibility
from bot.policy import prompt, said, speed
from bot.policy.plans import Plan, Usage
from bot.policy.server import ServerSettings
from bot.policy.speed import Pace
from bot.ports import Clock, Ids
from bot.services.calendar import Calendar
from bot.services.case import Case, jobs_of, read_line, within_plan
from bot.services.holdings import Holdings
from bot.services.studio import Studio, canvas_of
from bot.storage import choices, people, servers
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from gen.job import Kind, Spec


@dataclass(frozen=True)
class Meet:
    """Gather what is known of an ask and of who asks."""

    memory: Memory
    studio: Studio
    holdings: Holdings
    clock: Clock
    ids: Ids
    calendar: Calendar

    async def read(self, ask: Ask) -> Ask | Refusal:
        """Read an ask's line, with what its owner keeps for their prompts; it may make several.

        It looks, and leaves nothing behind. In a thread, so that nobody waits for a long line.
        """
        owner = self.memory.keys.person(ask.person)
        async with self.memory.db.read() as tx:
            if await choices.opt_out(tx, owner) is OptOut.NO_PROCESSING:
                return Refusal(Cause.OPTED_OUT)
            chosen = await choices.read(tx, self.memory.keys, owner)
            plan = (await self.holdings.of(tx, self.memory.keys, ask, self.clock.now())).plan
        read = await to_thread(read_line, ask, chosen, plan, self.ids.seed)
        return read if isinstance(read, Refusal) else self._with_models(read, chosen)

    def each_job(self, case: Case, seen: Visibility) -> list[Case]:
        """Give the case of each job of a line; each stands on what those before it would take."""
        first, *others = jobs_of(case.ask)
        cases = [replace(case, ask=first)]
        for ask in others:
            usage, spec = cases[-1].usage_after(seen), self._spec_within(case.plan, ask)
            pace = self._pace(ask, spec, case.plan, usage, case.chosen, case.day)
            cases.append(replace(case, ask=ask, spec=spec, usage=usage, pace=pace))
        return cases

    def _with_models(self, ask: Ask, chosen: Choices) -> Ask:
        """Have each job of a line say which model it means; none: the default."""
        also = tuple(
            replace(each, model=self.studio.wanted(each.model, chosen.model)) for each in ask.also
        )
        return replace(ask, model=self.studio.wanted(ask.model, chosen.model), also=also)

    async def __call__(
        self, tx: Transaction, ask: Ask, owner: PersonHash, forbidden: OptOut | None
    ) -> Case:
        """Gather it; somebody never met before gets a row of their own."""
        now = self.clock.now()
        day = await self.calendar.today(tx)
        person = await people.meet(tx, owner, now)
        plan = (await self.holdings.of(tx, self.memory.keys, ask, now)).plan
        spec = self._spec_within(plan, ask)
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
            pace=self._pace(ask, spec, plan, usage, chosen, day),
        )

    def _pace(
        self, ask: Ask, spec: Spec, plan: Plan, usage: Usage, chosen: Choices, day: str
    ) -> Pace | Refusal:
        return speed.decide(
            plan,
            usage,
            chosen.speed,
            self.studio.cost_seconds(spec),
            turns_at=self.calendar.month_turns_at(day),
            said=ask.speed,
        )

    async def _server(self, tx: Transaction, ask: Ask) -> ServerSettings:
        guild_id = ask.where.guild_id
        return await servers.read(tx, self.memory.keys, guild_id) if guild_id else ServerSettings()

    def _spec_within(self, plan: Plan, ask: Ask) -> Spec:
        return within_plan(plan, ask, self._spec(ask), self.studio.asked(ask.model).sizes)

    def _spec(self, ask: Ask) -> Spec:
        card = self.studio.asked(ask.model)
        canvas = canvas_of(card)
        width, height = prompt.size_of(ask, canvas) or canvas.default_size
        first = self.ids.seed() if ask.seed is None else ask.seed
        starts = ask.kind is not Kind.IMAGINE
        return Spec(
            prompt=prompt.drawable(ask.prompt.reveal()),
            negative_prompt=prompt.drawable(ask.negative_prompt.reveal()),
            width=width,
            height=height,
            steps=ask.steps or canvas.default_steps,
            guidance=said.guidance_said(ask, card),
            model=card.name,
            seeds=tuple((first + number) % 2**32 for number in range(ask.count)),
            kind=ask.kind,
            inputs=len(ask.inputs),
            masked=ask.masked,
            strength=prompt.strength_of(ask) if starts else 1.0,
            scale=ask.scale or 1.0,
            towards=ask.towards,
            sampler=ask.sampler or "",
            stop=(ask.stop or 100) / 100,
            tile=ask.tile,
            loras=said.loras_of(ask, card),
        )
