"""One ask on its way through the rules: what was asked, by whom, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from bot.domain import (
    Ask,
    Cause,
    ChannelId,
    Choices,
    OptOut,
    PersonHash,
    Private,
    Refusal,
    Visibility,
)
from bot.policy import personal, prompt, promptline, visibility
from bot.policy.plans import Plan, Usage
from bot.policy.server import ServerSettings
from bot.policy.speed import Pace
from bot.route import PublicRoute, Route, StealthRoute
from bot.storage.people import Person
from gen.job import Spec


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

    @property
    def last_default(self) -> Visibility | None:
        """What it was when they last asked."""
        if self.forbidden is OptOut.ASK_FIRST:
            return Visibility.STEALTH
        return self.chosen.last_default


def read_line(ask: Ask) -> Ask | Refusal:
    """Take the visibility words out of a prompt; they and the option must not disagree."""
    line = promptline.read(prompt.drawable(ask.prompt.reveal()))
    if isinstance(line, Refusal):
        return line
    if line.said is not None and ask.visibility not in (None, line.said):
        return Refusal(Cause.VISIBILITY_TWICE)
    said = line.said or ask.visibility
    return replace(ask, prompt=Private(line.text), visibility=said)


def holds_personal_details(ask: Ask) -> bool:
    """Look at what would be read in the channel; a negative prompt never is."""
    return bool(personal.find(ask.prompt.reveal()))


def within_plan(plan: Plan, ask: Ask, spec: Spec, sizes: Sequence[tuple[int, int]]) -> Spec:
    """Lower the model's own defaults to what the plan allows; what was asked for is checked.

    Of the model's `sizes`, in pixels, the largest that fits is taken; when none does, its default.
    """
    if ask.steps is None and spec.steps > plan.max_steps:
        spec = replace(spec, steps=plan.max_steps)
    most = plan.max_pixels
    if ask.aspect_ratio is None and most is not None and spec.width * spec.height > most:
        fitting = [size for size in sizes if prod(size) <= most]
        width, height = max(fitting, key=prod, default=(spec.width, spec.height))
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
            notes=quoting + plain,
        )
    return StealthRoute(
        owner=ask.person,
        interaction_token=token,
        upload_limit_bytes=limit,
        adult_ok=adult_ok,
        notes=plain,
    )
