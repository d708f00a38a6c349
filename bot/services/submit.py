"""An ask becomes a job, or a refusal: rules first, then everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from bot.policy.server import StealthHere
from bot.policy.speed import Pace
from bot.ports import Bell, Clock, Ids
from bot.route import Route, StealthRoute
from bot.services.calendar import Calendar
from bot.services.case import Case, holds_personal_details, read_line, route_of
from bot.services.foresee import Foresee
from bot.services.hands import Hands
from bot.services.houserules import HouseRules
from bot.services.lifetimes import Lifetimes
from bot.services.meet import Meet
from bot.services.questions import Questions
from bot.services.room import Room
from bot.services.studio import Studio
from bot.storage import choices, deliveries, people, servers
from bot.storage.database import Transaction
from bot.storage.keyring import RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from gen import queue
from gen.card import unknown_words
from gen.job import Spec, Speed


@dataclass(frozen=True)
class Verdict:
    """What was decided of an ask that may go: where its result goes, and how fast."""

    seen: Visibility
    pace: Pace


@dataclass(frozen=True)
class Submit:
    """Accept a request, ask back, or say why not. All but acceptance leaves nothing behind."""

    memory: Memory
    studio: Studio
    meet: Meet
    foresee: Foresee
    lifetimes: Lifetimes
    house_rules: HouseRules
    questions: Questions
    clock: Clock
    ids: Ids
    hands: Hands
    calendar: Calendar
    room: Room
    policy_version: Callable[[], int]
    placing: Bell

    async def __call__(self, ask: Ask) -> Receipt | Refusal | Question:
        """Decide and, if nothing forbids it, commit the job."""
        return await self.room.unless_shut(lambda: self._settle(ask))

    async def _settle(self, ask: Ask) -> Receipt | Refusal | Question:
        read = read_line(ask)
        if isinstance(read, Refusal):
            return read
        if refusal := prompt.check(read, self.studio.canvas):
            return refusal
        job = self.ids.job()
        try:
            async with self.memory.db.transaction() as tx:
                return await self._within(tx, read, job)
        except BaseException:  # it was not committed: nobody would ever let it go
            self.hands.release(job)
            raise

    async def _within(self, tx: Transaction, ask: Ask, job: JobId) -> Receipt | Refusal | Question:
        owner = self.memory.keys.person(ask.person)
        forbidden = await choices.opt_out(tx, owner)
        if forbidden is OptOut.NO_PROCESSING:
            return Refusal(Cause.OPTED_OUT)
        if refusal := await self.house_rules.shut_out(tx, ask, owner, self.clock.now()):
            return refusal
        case = await self.meet(tx, ask, owner, forbidden)
        decided = await self._decide(tx, case)
        if isinstance(decided, Refusal | Question):
            await people.unmeet(tx, owner, case.now)
            return decided
        return await self._accept(tx, case, decided, job)

    def answered(self, job: JobId) -> None:
        """Let an accepted job go its way: its owner has been told that it is queued."""
        self.hands.release(job)
        self.placing.ring()

    async def remake(
        self, tx: Transaction, spec: Spec, person: PersonId, token: str, under: str | None
    ) -> JobId | None:
        """Accept a stealth job from a recipe that was charged before: a withdrawn result.

        `under` is the plan it was made under, whose lifetimes go on; nobody's is everybody's.
        Becoming more private costs no picture of the day and no fast time; it is relaxed where the
        plan has that. `answered` lets the job go, once the caller's transaction is committed. None:
        as many of theirs wait as any plan lets wait, or the queue is full; taking a post back must
        not be a way around the limits.
        """
        owner = self.memory.keys.person(person)
        day, job = await self.calendar.turn(tx), self.ids.job()
        most = max(plan.waiting_jobs for plan in self.meet.holdings.plans)
        waiting = (await people.usage(tx, owner, day)).waiting_jobs
        if waiting >= most or await self.room.is_full(tx):
            return None
        to = StealthRoute(
            owner=person, interaction_token=token, upload_limit_bytes=Where.upload_limit_bytes
        )
        self.hands.hold(job)
        shelf = self.meet.holdings.plans
        plan = plans.named(shelf, under or "") or shelf[0]
        speed = Speed.RELAX if Speed.RELAX in plan.speeds else plan.speeds[0]
        await self._enqueue(tx, job, spec, owner, day, to, plan, Pace(speed), job)
        await people.charge(tx, owner, day, pictures=0, stealth_jobs=1)
        return job

    async def _decide(self, tx: Transaction, case: Case) -> Verdict | Refusal | Question:
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
        if refusal := plans.allowance(case.plan, case.usage, ask, case.spec, seen, forced=floor):
            return refusal
        if isinstance(case.pace, Refusal):
            return case.pace
        public_in = ask.where.guild_id if seen is Visibility.PUBLIC else None
        if refusal := await self.room.check(tx, public_in):
            return refusal
        return self._question(case, seen) or Verdict(seen, case.pace)

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

    async def _accept(self, tx: Transaction, case: Case, verdict: Verdict, job: JobId) -> Receipt:
        at, seen, pace = case.ask.where, verdict.seen, verdict.pace
        await self.calendar.turn(tx)
        limits = await servers.limits(tx, at.guild_id, at.channel_id)
        quoting, plain = self._notes(case, seen, limits)
        self.hands.hold(job)  # until its answer is written: *queued* must not overwrite *done*
        interaction = self.memory.keys.interaction(case.ask.interaction_id)
        adult_ok = self.house_rules.adult_ok(case, seen)
        to = route_of(case, seen, quoting, plain, adult_ok=adult_ok)
        await self._enqueue(
            tx, job, case.spec, case.owner, case.day, to, case.plan, pace, interaction
        )
        await people.charge(
            tx,
            case.owner,
            case.day,
            pictures=case.spec.pictures,
            stealth_jobs=int(seen is Visibility.STEALTH),
            gpu_milliseconds=pace.gpu_milliseconds,
        )
        await self.meet.holdings.remember(tx, self.memory.keys, case.ask, case.now)
        await self._remember_choices(tx, case, seen)
        await people.told_ai(tx, case.owner, case.now)
        ahead = await self.foresee(tx, job)
        return Receipt(
            job=job,
            visibility=seen,
            speed=pace.speed,
            position=ahead.position,
            eta_seconds=ahead.wait_seconds,
            fast_seconds=pace.gpu_milliseconds / 1000,
            fast_again_at=self.calendar.month_turns_at(case.day) if pace.is_spent else None,
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
        pace: Pace,
        interaction: str,
    ) -> None:
        keys = await self.memory.keys.new_job(job, owner, day, to.visibility)
        await queue.enqueue(
            tx,
            job=job,
            tenant=owner,
            rows=spec.pictures,
            cost_seconds=self.studio.cost_seconds(spec),
            weight=plan.weight,
            speed=pace.speed,
            running_cap=plan.running_jobs,
            sharing=self.foresee.sharing,
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
            plan=plan.name,
            gpu_milliseconds=pace.gpu_milliseconds,
        )

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
        return self.lifetimes.of(kind, case.chosen, limits, case.plan.name).seconds or 0


def _left_after(plan: Plan, usage: Usage) -> int | None:
    left = plans.stealth_left(plan, usage)
    return None if left is None else max(0, left - 1)
