"""An ask becomes a job, or a refusal: rules first, then everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import words
from bot.crypto.envelope import seal
from bot.domain import (
    Ask,
    Cause,
    JobId,
    OptOut,
    PersonHash,
    PersonId,
    Question,
    Receipt,
    Refusal,
    Visibility,
    Where,
    Why,
)
from bot.policy import place, plans, prompt, visibility
from bot.policy.plans import Plan, Usage
from bot.policy.retention import DataClass, ServerLimits
from bot.policy.server import ServerSettings, StealthHere
from bot.ports import Bell, Clock, Ids, day_of
from bot.route import Route, StealthRoute
from bot.services.case import Case, holds_personal_details, read_line, route_of, within_plan
from bot.services.hands import Hands
from bot.services.holdings import Holdings
from bot.services.houserules import HouseRules
from bot.services.lifetimes import Lifetimes
from bot.services.questions import Questions
from bot.services.studio import Studio
from bot.storage import choices, deliveries, people, servers
from bot.storage.database import Transaction
from bot.storage.keyring import RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from bot.storage.people import Person
from gen import queue
from gen.card import unknown_words
from gen.job import Spec, cost_seconds


@dataclass(frozen=True)
class Submit:
    """Accept a request, ask back, or say why not. All but acceptance leaves nothing behind."""

    memory: Memory
    studio: Studio
    holdings: Holdings
    lifetimes: Lifetimes
    house_rules: HouseRules
    questions: Questions
    clock: Clock
    ids: Ids
    hands: Hands
    zone: tzinfo
    max_open_jobs: int
    policy_version: Callable[[], int]
    placing: Bell

    async def __call__(self, ask: Ask) -> Receipt | Refusal | Question:
        """Decide and, if nothing forbids it, commit the job."""
        read = read_line(ask)
        if isinstance(read, Refusal):
            return read
        if refusal := prompt.check(read, self.studio.canvas):
            return refusal
        owner = self.memory.keys.person(ask.person)
        async with self.memory.db.transaction() as tx:
            forbidden = await choices.opt_out(tx, owner)
            if forbidden is OptOut.NO_PROCESSING:
                return Refusal(Cause.OPTED_OUT)
            if refusal := await self.house_rules.shut_out(tx, read, owner, self.clock.now()):
                return refusal
            case = await self._meet(tx, read, owner, forbidden)
            decided = await self._decide(tx, case)
            if isinstance(decided, Refusal | Question):
                await people.unmeet(tx, owner, case.now)
                return decided
            return await self._accept(tx, case, decided)

    def answered(self, job: JobId) -> None:
        """Let an accepted job go its way: its owner has been told that it is queued."""
        self.hands.release(job)
        self.placing.ring()

    async def remake(
        self, tx: Transaction, spec: Spec, person: PersonId, token: str
    ) -> JobId | None:
        """Accept a stealth job from a recipe that was charged before: a withdrawn result.

        Becoming more private costs no picture of the day. `answered` lets the job go, once the
        caller's transaction is committed. None: as many of theirs wait as any plan lets wait, or
        the queue is full; taking a post back must not be a way around the limits.
        """
        owner, now = self.memory.keys.person(person), self.clock.now()
        day, job = day_of(now, self.zone), self.ids.job()
        most = max(plan.waiting_jobs for plan in self.holdings.plans)
        waiting = (await people.usage(tx, owner, day)).waiting_jobs
        if waiting >= most or await queue.depth(tx) >= self.max_open_jobs:
            return None
        to = StealthRoute(
            owner=person, interaction_token=token, upload_limit_bytes=Where.upload_limit_bytes
        )
        self.hands.hold(job)
        await self._enqueue(tx, job, spec, owner, day, to, self.holdings.plans[0], job)
        await people.charge(tx, owner, day, pictures=0, stealth_jobs=1)
        return job

    async def _meet(
        self, tx: Transaction, ask: Ask, owner: PersonHash, forbidden: OptOut | None
    ) -> Case:
        now = self.clock.now()
        day = day_of(now, self.zone)
        person = await people.meet(tx, owner, now)
        plan = self._plan(ask, person)
        return Case(
            ask=ask,
            spec=within_plan(plan, ask, self._spec(ask)),
            owner=owner,
            day=day,
            now=now,
            person=person,
            chosen=await choices.read(tx, self.memory.keys, owner),
            forbidden=forbidden,
            plan=plan,
            usage=await people.usage(tx, owner, day),
            server=await self._server(tx, ask),
            sold_on_discord=self.holdings.is_sold(plan),
        )

    async def _server(self, tx: Transaction, ask: Ask) -> ServerSettings:
        guild_id = ask.where.guild_id
        return await servers.read(tx, self.memory.keys, guild_id) if guild_id else ServerSettings()

    def _plan(self, ask: Ask, person: Person) -> Plan:
        names = self.holdings.names(ask)
        if ask.where.is_dm and person.role_plan:
            names.add(person.role_plan)
        return plans.best_plan(self.holdings.plans, names)

    async def _decide(self, tx: Transaction, case: Case) -> Visibility | Refusal | Question:
        ask = case.ask
        if await deliveries.is_repeated(tx, self.memory.keys.interaction(ask.interaction_id)):
            return Refusal(Cause.REPEATED)
        seen = visibility.decide(
            case.plan,
            in_dm=ask.where.is_dm,
            said=ask.visibility,
            sticky=case.chosen.visibility,
            never_public=case.forbidden is OptOut.NEVER_PUBLIC,
            here=case.server.stealth,
        )
        if isinstance(seen, Refusal):
            return seen
        if refusal := await self.house_rules.check(tx, case, seen):
            return refusal
        if seen is Visibility.PUBLIC and (refusal := place.check(ask.where)):
            return refusal
        floor = case.server.stealth is StealthHere.FLOOR
        if refusal := plans.allowance(case.plan, case.usage, ask, seen, forced=floor):
            return refusal
        if await queue.depth(tx) >= self.max_open_jobs:
            return Refusal(Cause.QUEUE_FULL, {"limit": self.max_open_jobs})
        return self._question(case, seen) or seen

    def _question(self, case: Case, seen: Visibility) -> Question | None:
        """Hold an ask that would be more public than its owner may expect until they press."""
        ask = case.ask
        why = visibility.question(
            seen,
            said=ask.visibility,
            default=case.default,
            last_default=case.last_default,
            personal=not case.hides_prompt and holds_personal_details(ask),
            confirmed=ask.confirmed,
        )
        if why is None:
            return None
        return Question(
            id=self.questions.hold(ask, why),
            why=why,
            channel_id=ask.where.channel_id,
            may_be_stealth=case.server.stealth is not StealthHere.FORBID,
        )

    async def _accept(self, tx: Transaction, case: Case, seen: Visibility) -> Receipt:
        at = case.ask.where
        limits = await servers.limits(tx, at.guild_id, at.channel_id)
        quoting, plain = self._notes(case, seen, limits)
        job = self.ids.job()
        self.hands.hold(job)  # until its answer is written: *queued* must not overwrite *done*
        interaction = self.memory.keys.interaction(case.ask.interaction_id)
        adult_ok = self.house_rules.adult_ok(case, seen)
        to = route_of(case, seen, quoting, plain, adult_ok=adult_ok)
        await self._enqueue(tx, job, case.spec, case.owner, case.day, to, case.plan, interaction)
        stealth = int(seen is Visibility.STEALTH)
        await people.charge(
            tx, case.owner, case.day, pictures=case.spec.pictures, stealth_jobs=stealth
        )
        if not case.ask.where.is_dm:
            await self._remember_role_plan(tx, case)
        await self._remember_choices(tx, case, seen)
        await people.told_ai(tx, case.owner, case.now)
        ahead = await queue.ahead_of(tx, job)
        return Receipt(
            job=job,
            visibility=seen,
            position=ahead.jobs + 1,
            eta_seconds=ahead.cost_seconds + self._cost(case.spec),
            notes=quoting + plain,
            engine_note=self.studio.note(),
            stealth_left_today=_left_after(case.plan, case.usage),
        )

    async def _enqueue(
        self,
        tx: Transaction,
        job: JobId,
        spec: Spec,
        owner: PersonHash,
        day: str,
        to: Route,
        plan: Plan,
        interaction: str,
    ) -> None:
        keys = await self.memory.keys.new_job(job, owner, day, to.visibility)
        await queue.enqueue(
            tx,
            job=job,
            tenant=owner,
            rows=spec.pictures,
            cost_seconds=self._cost(spec),
            weight=plan.weight,
            payload=seal(keys.recipe, spec.to_json().encode(), bound_to(job, owner, RECIPE)),
            now=self.clock.now(),
        )
        await deliveries.add(
            tx,
            job=job,
            interaction=interaction,
            day=day,
            route=seal(keys.route, to.to_json(), bound_to(job, owner, ROUTE)),
            to=to,
        )

    async def _remember_role_plan(self, tx: Transaction, case: Case) -> None:
        """Keep the best plan that a role gave within a day, for asks in the DM."""
        proved = self.holdings.best_by_role(case.ask)
        held = {name for name in (case.person.role_plan, proved) if name}
        best = plans.best_plan(self.holdings.plans, held).name if held else None
        if best == proved:
            await people.saw_role_plan(tx, case.owner, proved, case.now)

    async def _remember_choices(self, tx: Transaction, case: Case, seen: Visibility) -> None:
        """Keep what the next ask is compared with, and which policy they were told of.

        Only a press makes the remembered default more public.
        """
        last = case.default
        pressed = Why.LOOSER in case.ask.confirmed and seen is Visibility.PUBLIC
        if visibility.is_looser(last, case.last_default) and not pressed:
            last = Visibility.STEALTH
        if case.forbidden is OptOut.ASK_FIRST:  # from here on `last_default` remembers it
            await choices.set_opt_out(tx, case.owner, None, day=case.day)
        now_chosen = replace(case.chosen, last_default=last, told_policy=self.policy_version())
        if now_chosen == case.chosen:
            await choices.used(tx, case.owner, case.now)
            return
        await choices.write(
            tx, self.memory.keys, case.owner, now_chosen, now=case.now, day=case.day
        )

    def _notes(
        self, case: Case, seen: Visibility, limits: ServerLimits
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Say what the owner should know besides: what quotes the prompt, and what does not."""
        quoting = words.unknown(unknown_words(self.studio.card, case.spec.prompt))
        if not case.person.told_ai:
            kept = self._kept_seconds(case, seen, limits)
            return quoting, (words.AI_NOTICE, words.kept(seen, kept))
        if case.chosen.told_policy < self.policy_version():
            return quoting, (words.POLICY_CHANGED,)
        return quoting, ()

    def _kept_seconds(self, case: Case, seen: Visibility, limits: ServerLimits) -> int:
        kind = DataClass.RECIPE if seen is Visibility.PUBLIC else DataClass.STEALTH_RECIPE
        return self.lifetimes.of(kind, case.chosen, limits).seconds or 0

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


def _left_after(plan: Plan, usage: Usage) -> int | None:
    left = plans.stealth_left(plan, usage)
    return None if left is None else max(0, left - 1)
