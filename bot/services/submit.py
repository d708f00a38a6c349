"""An ask becomes a job, or a refusal: rules first, then everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot import words
from bot.domain import (
    Ask,
    Cause,
    JobId,
    OptOut,
    PersonId,
    Question,
    Receipt,
    Refusal,
    Visibility,
    Where,
    Why,
)
from bot.policy import place, plans, prompt, said, visibility
from bot.policy.retention import DataClass, ServerLimits
from bot.policy.server import StealthHere
from bot.policy.speed import Pace
from bot.ports import Bell, Clock, Ids
from bot.route import StealthRoute
from bot.services.calendar import Calendar
from bot.services.case import Case, holds_personal_details, jobs_of, route_of
from bot.services.enqueue import Enqueue
from bot.services.foresee import Foresee
from bot.services.hands import Hands
from bot.services.houserules import HouseRules
from bot.services.intake import Intake
from bot.services.lifetimes import Lifetimes
from bot.services.meet import Meet
from bot.services.questions import Questions
from bot.services.room import Room
from bot.services.studio import Studio, canvas_of
from bot.storage import choices, deliveries, people, servers
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.words import parameters
from gen.card import unknown_words
from gen.job import Spec, Speed


@dataclass(frozen=True)
class Verdict:
    """What was decided of a line that may go: where its results go, and each job with its pace."""

    seen: Visibility
    jobs: tuple[tuple[Case, Pace], ...]


@dataclass(frozen=True)
class Submit:
    """Accept a request, ask back, or say why not. All but acceptance leaves nothing behind."""

    memory: Memory
    studio: Studio
    meet: Meet
    enqueue: Enqueue
    foresee: Foresee
    lifetimes: Lifetimes
    house_rules: HouseRules
    intake: Intake
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
        read = await self.meet.read(ask)
        if isinstance(read, Refusal):
            return read
        for each in jobs_of(read):
            if refusal := self._check(each):
                return refusal
        brought = await self.intake(read)
        if not isinstance(brought, Ask):
            return brought
        jobs = [self.ids.job() for _ in jobs_of(brought)]
        try:
            async with self.memory.db.transaction() as tx:
                return await self._within(tx, brought, jobs)
        except BaseException:  # it was not committed: nobody would ever let them go
            self.answered(*jobs)
            raise

    def _check(self, ask: Ask) -> Refusal | None:
        """Look at one job's words and numbers, before anything is known of who asks."""
        if refusal := self.studio.refusal(ask.model):
            return refusal
        card = self.studio.asked(ask.model)
        return prompt.check(ask, canvas_of(card)) or said.check_for(ask, card)

    async def _within(
        self, tx: Transaction, ask: Ask, jobs: Sequence[JobId]
    ) -> Receipt | Refusal | Question:
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
        return await self._accept(tx, decided, jobs)

    def answered(self, *jobs: JobId) -> None:
        """Let accepted jobs go their way: their owner has been told that they are queued."""
        for job in jobs:
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
        await self.enqueue(tx, job, spec, owner, day, to, plan, Pace(speed), job)
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
        cases = self.meet.each_job(case, seen)
        for each in cases:
            if refusal := await self.house_rules.check(tx, each, seen):
                return refusal
        if seen is Visibility.PUBLIC and (refusal := place.check(ask.where)):
            return refusal
        jobs = list[tuple[Case, Pace]]()
        for each in cases:
            paced = self._affordable(each, seen)
            if isinstance(paced, Refusal):
                return paced
            jobs.append((each, paced))
        public_in = ask.where.guild_id if seen is Visibility.PUBLIC else None
        if refusal := await self.room.check(tx, public_in, len(jobs)):
            return refusal
        verdict = Verdict(seen, tuple(jobs))
        return self._question(case, seen, cases) or self._many(case, verdict) or verdict

    def _affordable(self, case: Case, seen: Visibility) -> Pace | Refusal:
        """Say how fast a job goes, or what of model or plan does not hold it."""
        if refusal := said.unserved(self.studio.asked(case.spec.model), case.spec):
            return refusal
        if refusal := self.studio.lacks_memory(case.spec):
            return refusal
        floor = case.server.stealth is StealthHere.FLOOR
        oversteps = plans.allowance(case.plan, case.usage, case.ask, case.spec, seen, forced=floor)
        return oversteps or case.pace

    def _many(self, case: Case, verdict: Verdict) -> Question | None:
        """Hold a line of several jobs until its owner has read what they take."""
        ask, paces = case.ask, [pace for _, pace in verdict.jobs]
        if len(paces) == 1 or Why.MANY in ask.confirmed:
            return None
        return Question(
            id=self.questions.hold(ask, Why.MANY),
            why=Why.MANY,
            channel_id=ask.where.channel_id,
            facts={
                "jobs": len(paces),
                "pictures": sum(each.spec.pictures for each, _ in verdict.jobs),
                "fast": sum(pace.speed is Speed.FAST for pace in paces),
                "fast_seconds": sum(pace.gpu_milliseconds for pace in paces) / 1000,
                "is_spent": any(pace.is_spent for pace in paces),
                "seen": verdict.seen,
                "stealth_left": plans.stealth_left(case.plan, case.usage),
            },
        )

    def _question(self, case: Case, seen: Visibility, cases: Sequence[Case]) -> Question | None:
        """Hold an ask that would be more public than its owner may expect until they press."""
        ask = case.ask
        why = visibility.question(
            seen,
            said=ask.visibility,
            default=case.default,
            last_default=case.last_default,
            personal=not case.hides_prompt
            and any(holds_personal_details(each.ask) for each in cases),
            parent=ask.parent,
            confirmed=ask.confirmed,
        )
        if why is None:
            return None
        return Question(
            id=self.questions.hold(ask, why),
            why=why,
            channel_id=ask.where.channel_id,
            may_be_stealth=case.server.stealth is not StealthHere.FORBID,
            facts={"of_stealth": ask.parent is Visibility.STEALTH},
        )

    async def _accept(self, tx: Transaction, verdict: Verdict, jobs: Sequence[JobId]) -> Receipt:
        """Commit every job of the line."""
        (case, pace), seen = verdict.jobs[0], verdict.seen
        at, paces = case.ask.where, [pace for _, pace in verdict.jobs]
        await self.calendar.turn(tx)
        limits = await servers.limits(tx, at.guild_id, at.channel_id)
        notes = list[str]()
        for number, (job, (each, each_pace)) in enumerate(zip(jobs, verdict.jobs, strict=True)):
            quoting, plain = self._notes(each, seen, limits)
            await self._accept_one(tx, job, each, each_pace, seen, quoting, plain, number)
            notes += [*quoting, *plain]
        await self.meet.holdings.remember(tx, self.memory.keys, case.ask, case.now)
        await self._remember_choices(tx, case, seen)
        await people.told_ai(tx, case.owner, case.now)
        first, last = await self.foresee(tx, jobs[0]), await self.foresee(tx, jobs[-1])
        is_spent = any(pace.is_spent for pace in paces)
        return Receipt(
            job=jobs[0],
            visibility=seen,
            speed=pace.speed,
            position=first.position,
            eta_seconds=last.wait_seconds,
            fast_seconds=sum(pace.gpu_milliseconds for pace in paces) / 1000,
            fast_again_at=self.calendar.month_turns_at(case.day) if is_spent else None,
            notes=tuple(dict.fromkeys(notes)),
            engine_note=self.studio.note(case.spec.model),
            stealth_left_today=plans.stealth_left(
                case.plan, verdict.jobs[-1][0].usage_after(Visibility.STEALTH)
            ),
            others=tuple(jobs[1:]),
        )

    async def _accept_one(
        self,
        tx: Transaction,
        job: JobId,
        case: Case,
        pace: Pace,
        seen: Visibility,
        quoting: tuple[str, ...],
        plain: tuple[str, ...],
        number: int,
    ) -> None:
        self.hands.hold(job)  # until its answer is written: *queued* must not overwrite *done*
        interaction = self.memory.keys.interaction(case.ask.interaction_id, number)
        adult_ok = self.house_rules.adult_ok(case, seen)
        to = route_of(case, seen, quoting, plain, adult_ok=adult_ok)
        await self.enqueue(
            tx, job, case.spec, case.owner, case.day, to, case.plan, pace, interaction
        )
        await self.enqueue.keep_inputs(tx, job, case.owner, case.ask.inputs)
        await people.charge(
            tx,
            case.owner,
            case.day,
            pictures=case.spec.pictures,
            stealth_jobs=int(seen is Visibility.STEALTH),
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
        quoting = (
            *words.unknown(unknown_words(self.studio.asked(case.spec.model), case.spec.prompt)),
            *parameters.understood(case.ask, case.spec),
        )
        if not case.person.told_ai:
            kept = self._kept_seconds(case, seen, limits)
            return quoting, (words.AI_NOTICE, words.kept(seen, kept))
        if case.chosen.told_policy < self.policy_version():
            return quoting, (words.POLICY_CHANGED,)
        return quoting, ()

    def _kept_seconds(self, case: Case, seen: Visibility, limits: ServerLimits) -> int:
        kind = DataClass.RECIPE if seen is Visibility.PUBLIC else DataClass.STEALTH_RECIPE
        return self.lifetimes.of(kind, case.chosen, limits, case.plan.name).seconds or 0
