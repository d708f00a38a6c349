"""One ask on its way through the rules: what was asked, by whom, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

from bot.domain import (
    Ask,
    Cause,
    ChannelId,
    Choices,
    OptOut,
    PersonHash,
    Refusal,
    Visibility,
)
from bot.policy import lines, personal, said, starts, visibility
from bot.policy.plans import Plan, Usage
from bot.policy.server import ServerSettings
from bot.policy.speed import Pace
from bot.route import PublicRoute, Route, StealthRoute
from bot.storage.people import Person
from gen.job import Kind, Spec


@dataclass(frozen=True)
class Case:
    """One ask on its way through the rules: what was asked, by whom, and what is known of them.

    `server` is what the server it was asked in decided; nothing in the DM. `sold_on_discord`: the
    plan is one that Discord sells. `pace`: how fast it goes, or why it cannot go at all.
    """

    ask: Ask
    spec: Spec
    owner: PersonHash
    day: str
    now: int
    person: Person
    chosen: Choices
    forbidden: OptOut | None
    plan: Plan
    usage: Usage
    server: ServerSettings
    sold_on_discord: bool
    pace: Pace | Refusal

    @property
    def default(self) -> Visibility:
        """What a job of theirs in a server would be now, without a word."""
        never = self.forbidden is OptOut.NEVER_PUBLIC
        return visibility.default(self.plan, self.chosen.visibility, never, self.server.stealth)

    @property
    def hides_prompt(self) -> bool:
        """Whether what stands in a channel leaves the words out: by their word, or the server's."""
        return self.chosen.hides_prompt or not self.server.shows_prompts

    def usage_after(self, seen: Visibility) -> Usage:
        """What of the plan is used once this job is accepted, too."""
        return Usage(
            pictures=self.usage.pictures + self.spec.pictures,
            stealth_jobs=self.usage.stealth_jobs + (seen is Visibility.STEALTH),
            waiting_jobs=self.usage.waiting_jobs + 1,
            gpu_milliseconds=self.usage.gpu_milliseconds
            + (0 if isinstance(self.pace, Refusal) else self.pace.gpu_milliseconds),
        )

    @property
    def last_default(self) -> Visibility | None:
        """What it was when they last asked."""
        if self.forbidden is OptOut.ASK_FIRST:
            return Visibility.STEALTH
        return self.chosen.last_default


def read_line(ask: Ask, chosen: Choices, plan: Plan, draw: Callable[[], int]) -> Ask | Refusal:
    """Take a prompt's words and parameters apart, with what its owner keeps for their prompts.

    A line may make several jobs: the further ones are the ask's `also`. Options and parameters must
    not disagree. Of a stealth result stealth comes, unless the words say otherwise, which is then
    asked about. `draw` gives a number for each entry that is taken of a wildcard's list.
    """
    if ask.is_read:
        return ask
    suffix = "" if ask.kind is Kind.UPSCALE else chosen.suffix  # nothing in it is about that
    kept = lines.Kept(suffix, chosen.options, chosen.wildcards)
    line = lines.read(ask.prompt.reveal(), kept, plan, draw)
    if isinstance(line, Refusal):
        return line
    if line.said is not None and ask.visibility not in (None, line.said):
        return Refusal(Cause.VISIBILITY_TWICE)
    born = Visibility.STEALTH if ask.parent is Visibility.STEALTH else None
    asked = replace(ask, visibility=line.said or ask.visibility or born, is_read=True)
    jobs = list[Ask]()
    for job in line.jobs:
        given = said.put(asked, job)
        if isinstance(given, Refusal):
            return given
        if given.repeat > plan.max_repeat:
            return Refusal(Cause.PLAN_REPEAT, {"plan": plan.name, "limit": plan.max_repeat})
        jobs += said.repeated(given)
    if len(jobs) > max(1, plan.waiting_jobs):
        facts = {"plan": plan.name, "limit": plan.waiting_jobs, "jobs": len(jobs)}
        return Refusal(Cause.PLAN_JOBS, facts)
    return replace(jobs[0], also=tuple(jobs[1:]))


def jobs_of(ask: Ask) -> list[Ask]:
    """Give each job of a line as it is asked for now: what was pressed for counts for all."""
    return [
        replace(ask, also=()),
        *(
            replace(
                each,
                interaction_token=ask.interaction_token,
                where=ask.where,
                role_ids=ask.role_ids,
                entitlements=ask.entitlements,
                visibility=ask.visibility,
                inputs=ask.inputs,
                confirmed=ask.confirmed,
            )
            for each in ask.also
        ),
    ]


def holds_personal_details(ask: Ask) -> bool:
    """Look at what would be read in the channel; a negative prompt never is."""
    return bool(personal.find(ask.prompt.reveal()))


def within_plan(plan: Plan, ask: Ask, spec: Spec, sizes: Sequence[tuple[int, int]]) -> Spec:
    """Lower the model's own defaults to what the plan allows; what was asked for is checked.

    Of the model's `sizes`, in pixels, the largest that fits is taken, or the nearest in shape to
    the picture it starts from; when none does, its default. An enlarged one is not made smaller.
    """
    if ask.steps is None and spec.steps > plan.max_steps:
        spec = replace(spec, steps=plan.max_steps)
    most = None if ask.kind is Kind.UPSCALE else plan.max_pixels
    if ask.aspect_ratio is None and most is not None and spec.width * spec.height > most:
        fitting = [size for size in sizes if prod(size) <= most]
        width, height = max(fitting, key=prod, default=(spec.width, spec.height))
        if ask.inputs and fitting:
            width, height = starts.nearest((spec.width, spec.height), fitting)
        spec = replace(spec, width=width, height=height)
    return spec


def route_of(
    case: Case,
    seen: Visibility,
    quoting: tuple[str, ...],
    plain: tuple[str, ...],
    *,
    adult_ok: bool,
) -> Route:
    """Say where the result goes. A stealth job has no channel and no server to go to.

    The route's key lies on the disk: of stealth it keeps no note that quotes the prompt.
    """
    ask = case.ask
    token, limit = ask.interaction_token.reveal(), ask.where.upload_limit_bytes
    if seen is Visibility.PUBLIC and ask.where.guild_id is not None:
        return PublicRoute(
            owner=ask.person,
            guild_id=ask.where.guild_id,
            channel_id=ChannelId(ask.where.channel_id),
            interaction_token=token,
            upload_limit_bytes=limit,
            hides_prompt=case.hides_prompt,
            adult_ok=adult_ok,
            is_spoiler=ask.spoiler,
            notes=quoting + plain,
        )
    return StealthRoute(
        owner=ask.person,
        interaction_token=token,
        upload_limit_bytes=limit,
        adult_ok=adult_ok,
        is_spoiler=ask.spoiler,
        notes=plain,
    )
