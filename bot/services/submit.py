"""An ask becomes a job, or a refusal: rules first, then everything in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import words
from bot.crypto.envelope import seal
from bot.domain import (
    Ask,
    Cause,
    JobId,
    PersonHash,
    PersonId,
    Receipt,
    Refusal,
    Route,
    Visibility,
)
from bot.policy import place, plans, prompt, visibility
from bot.policy.plans import Plan, Usage
from bot.ports import Bell, Clock, Ids, day_of
from bot.services.hands import Hands
from bot.services.studio import Studio
from bot.storage import deliveries, people
from bot.storage.database import Transaction
from bot.storage.keyring import RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from bot.storage.people import Person
from gen import queue
from gen.card import unknown_words
from gen.job import Spec, cost_seconds


@dataclass(frozen=True)
class Holdings:
    """Which plans there are, and what gives them: a role in a server, or a Discord SKU."""

    plans: tuple[Plan, ...]
    by_role: dict[int, str]
    by_sku: dict[int, str]

    def names(self, ask: Ask) -> set[str]:
        """Name the plans an ask itself proves."""
        roles = {self.by_role[role] for role in ask.role_ids if role in self.by_role}
        return roles | {self.by_sku[sku] for sku in ask.sku_ids if sku in self.by_sku}

    def best_by_role(self, ask: Ask) -> str | None:
        """Name the best plan that a role gives in the server the ask came from, if one does."""
        held = {self.by_role[role] for role in ask.role_ids if role in self.by_role}
        return plans.best_plan(self.plans, held).name if held else None


@dataclass(frozen=True)
class _Case:
    """One ask on its way through the rules."""

    ask: Ask
    spec: Spec
    owner: PersonHash
    day: str
    now: int


@dataclass(frozen=True)
class Submit:
    """Accept a request, or say why not. A refusal leaves nothing behind."""

    memory: Memory
    studio: Studio
    holdings: Holdings
    clock: Clock
    ids: Ids
    hands: Hands
    zone: tzinfo
    max_open_jobs: int
    placing: Bell

    async def __call__(self, ask: Ask) -> Receipt | Refusal:
        """Decide and, if nothing forbids it, commit the job."""
        if refusal := prompt.check(ask, self.studio.canvas):
            return refusal
        now = self.clock.now()
        owner = self.memory.keys.person(ask.person)
        case = _Case(ask, self._spec(ask), owner, day_of(now, self.zone), now)
        async with self.memory.db.transaction() as tx:
            person = await people.meet(tx, owner, now)
            plan = self._plan(ask, person)
            usage = await people.usage(tx, owner, case.day)
            decided = await self._decide(tx, ask, plan, usage)
            if isinstance(decided, Refusal):
                await people.unmeet(tx, owner, now)
                return decided
            case = replace(case, spec=_within(plan, ask, case.spec))
            notes = self._notes(case, person)
            job = self.ids.job()
            self.hands.hold(job)  # until its answer is written: *queued* must not overwrite *done*
            await self._accept(tx, job, case, plan, decided, notes)
            ahead = await queue.ahead_of(tx, job)
            await people.told_ai(tx, owner, now)
        return Receipt(
            job=job,
            visibility=decided,
            position=ahead.jobs + 1,
            eta_seconds=ahead.cost_seconds + self._cost(case.spec),
            notes=notes,
            engine_note=self.studio.note(),
            stealth_left_today=_left_after(plan, usage),
        )

    def answered(self, job: JobId) -> None:
        """Let an accepted job go its way: its owner has been told that it is queued."""
        self.hands.release(job)
        self.placing.ring()

    def _plan(self, ask: Ask, person: Person) -> Plan:
        names = self.holdings.names(ask)
        if ask.where.is_dm and person.role_plan:
            names.add(person.role_plan)
        return plans.best_plan(self.holdings.plans, names)

    async def _decide(
        self, tx: Transaction, ask: Ask, plan: Plan, usage: Usage
    ) -> Visibility | Refusal:
        if await deliveries.is_repeated(tx, self.memory.keys.interaction(ask.interaction_id)):
            return Refusal(Cause.REPEATED)
        seen = visibility.decide(plan, in_dm=ask.where.is_dm, said=ask.visibility)
        if isinstance(seen, Refusal):
            return seen
        if seen is Visibility.PUBLIC and (refusal := place.check(ask.where)):
            return refusal
        if refusal := plans.allowance(plan, usage, ask, seen):
            return refusal
        if await queue.depth(tx) >= self.max_open_jobs:
            return Refusal(Cause.QUEUE_FULL, {"limit": self.max_open_jobs})
        return seen

    async def _accept(
        self,
        tx: Transaction,
        job: JobId,
        case: _Case,
        plan: Plan,
        seen: Visibility,
        notes: tuple[str, ...],
    ) -> None:
        ask, owner = case.ask, case.owner
        keys = await self.memory.keys.new_job(job, owner, case.day, seen)
        await queue.enqueue(
            tx,
            job=job,
            tenant=owner,
            rows=case.spec.pictures,
            cost_seconds=self._cost(case.spec),
            weight=plan.weight,
            payload=seal(keys.recipe, case.spec.to_json().encode(), bound_to(job, owner, RECIPE)),
            now=case.now,
        )
        await deliveries.add(
            tx,
            job=job,
            interaction=self.memory.keys.interaction(ask.interaction_id),
            visibility=seen,
            day=case.day,
            route=seal(keys.route, _route(ask, seen, notes).to_json(), bound_to(job, owner, ROUTE)),
            guild_id=ask.where.guild_id,
            channel_id=ask.where.channel_id,
        )
        await people.charge(
            tx,
            owner,
            case.day,
            pictures=case.spec.pictures,
            stealth_jobs=int(seen is Visibility.STEALTH),
        )
        if not ask.where.is_dm:
            await self._remember_role_plan(tx, case)

    async def _remember_role_plan(self, tx: Transaction, case: _Case) -> None:
        """Keep the best plan that a role gave within a day, for asks in the DM."""
        person = await people.meet(tx, case.owner, case.now)
        proved = self.holdings.best_by_role(case.ask)
        held = {name for name in (person.role_plan, proved) if name}
        best = plans.best_plan(self.holdings.plans, held).name if held else None
        if best == proved:
            await people.saw_role_plan(tx, case.owner, proved, case.now)

    def _notes(self, case: _Case, person: Person) -> tuple[str, ...]:
        unknown = unknown_words(self.studio.card, case.spec.prompt)
        return words.notes(unknown, first_time=not person.told_ai)

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

    def _cost(self, spec: Spec) -> float:
        return cost_seconds(spec, self.studio.step_seconds(spec.width, spec.height))


def _within(plan: Plan, ask: Ask, spec: Spec) -> Spec:
    """Lower the model's own default to what the plan allows; what was asked for was checked."""
    if ask.steps is None and spec.steps > plan.max_steps:
        return replace(spec, steps=plan.max_steps)
    return spec


def _route(ask: Ask, seen: Visibility, notes: tuple[str, ...]) -> Route:
    """Say where the result goes. A stealth job has no channel and no server to go to.

    Notes quote the prompt, and the route's key lies on the disk: of stealth it keeps only the one
    that is the same for everybody.
    """
    public = seen is Visibility.PUBLIC
    return Route(
        owner=PersonId(ask.person),
        visibility=seen,
        guild_id=ask.where.guild_id if public else None,
        channel_id=ask.where.channel_id if public else None,
        interaction_token=ask.interaction_token.reveal(),
        upload_limit_bytes=ask.where.upload_limit_bytes,
        notes=tuple(note for note in notes if public or note == words.AI_NOTICE),
    )


def _left_after(plan: Plan, usage: Usage) -> int | None:
    left = plans.stealth_left(plan, usage)
    return None if left is None else max(0, left - 1)
