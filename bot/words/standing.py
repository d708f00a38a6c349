"""Where a person stands: `/info` in Midjourney's order, and answers to choices they made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain import Choices, OptOut, Visibility
from bot.policy import plans, retention, speed
from bot.policy.plans import Plan, Usage
from bot.policy.retention import LIFETIMES, By, DataClass, Effective
from bot.policy.server import StealthHere
from bot.ports import Button
from bot.words.amounts import duration, fast_time, said_of
from bot.words.answers import two_lines
from bot.words.erasing import ERASE_LABEL, KEEP_LABEL
from gen.job import Speed

BUTTON_ID_LIMIT = 100
"""Characters of a `custom_id` (https://discord.com/developers/docs/components/reference)."""

TRAINING_WISH = (
    "Darkroom has no way to train on your work, and no code that collects it for that. "
    "This switch records your wish only"
)


@dataclass(frozen=True)
class HeldBack:
    """What holds a person back, said to nobody but them. Ends are seconds since 1970.

    `by_operator`: they are blocked everywhere, without an end where `operator_until` is None.
    """

    by_operator: bool = False
    operator_until: int | None = None
    here_until: int | None = None
    strikes_here: int = 0
    stealth_off_until: int | None = None


@dataclass(frozen=True)
class Standing:
    """One person's standing where they asked. `mode` is what a job without a word would be.

    `plan_until`, `day_turns_at` and `month_turns_at` are seconds since 1970. `queued` counts their
    jobs that wait; `relaxed_seconds` is what of their relaxed use still counts.
    """

    in_dm: bool
    plan: Plan
    plan_until: int | None
    usage: Usage
    day_turns_at: int
    month_turns_at: int
    queued: Mapping[Speed, int]
    running: int
    relaxed_seconds: float
    mode: Visibility
    chosen: Choices
    forbidden: OptOut | None
    kept: dict[DataClass, Effective]
    stored_items: int
    here: StealthHere = StealthHere.ALLOW
    held_back: HeldBack | None = None


_HERE = {By.SERVER, By.CHANNEL}
"""Whose word holds only where it was asked."""


def info(standing: Standing) -> str:
    """One screen of a person's standing."""
    plan, usage, chosen, mode = standing.plan, standing.usage, standing.chosen, standing.mode
    left = plans.stealth_left(plan, usage)
    stealth = "as many as your pictures" if left is None else f"{left} left today"
    until = f" until <t:{standing.plan_until}:f>" if standing.plan_until else ""
    lines = [
        f"**Subscription** {plan.name}{until}",
        f"**Job Mode** {job_mode(standing)}",
        f"**Visibility Mode** {mode} · {because(standing)}",
        f"**Fast Time Remaining** {_fast_time(standing)}",
        f"**Relaxed Usage** {_relaxed_use(standing.relaxed_seconds)}",
        f"**Queued Jobs (fast)** {standing.queued[Speed.FAST]}",
        f"**Queued Jobs (relax)** {standing.queued[Speed.RELAX]}",
        f"**Running Jobs** {standing.running} of {plan.running_jobs}",
        f"**Queued or running** {usage.waiting_jobs} of {plan.waiting_jobs}",
        f"**Pictures today** {usage.pictures} of {plan.pictures_per_day}",
        f"**Stealth jobs** {stealth}",
        f"**New day** <t:{standing.day_turns_at}:R> · "
        f"**new month** <t:{standing.month_turns_at}:R>",
        f"**Training** off. {TRAINING_WISH}: {'on' if chosen.training_wish else 'off'}.",
        f"**Retention** {_retention(standing.kept)}",
        f"**Stored items** {standing.stored_items} · `/privacy data` lists them",
        *_held_back(standing.held_back),
        *two_lines(mode),
    ]
    return "\n".join(lines)


def job_mode(standing: Standing) -> str:
    """Say how fast their jobs go, and by whose word."""
    plan, said = standing.plan, standing.chosen.speed
    mode = speed.chosen(plan, said)
    why = f"you said /{said}" if said is mode else "by your plan"
    if mode is Speed.FAST and Speed.RELAX in plan.speeds and not _has_fast_time(standing):
        return f"relaxed · {why} fast, and its time is used up"
    return f"{said_of(mode)} · {why}"


def _has_fast_time(standing: Standing) -> bool:
    return speed.gpu_milliseconds_left(standing.plan, standing.usage) != 0


def _fast_time(standing: Standing) -> str:
    plan = standing.plan
    if Speed.FAST not in plan.speeds:
        return f"none: the plan {plan.name} has relaxed jobs only"
    left = speed.gpu_milliseconds_left(plan, standing.usage)
    if left is None or plan.gpu_seconds_per_month is None:
        return "as much as there is"
    of = fast_time(plan.gpu_seconds_per_month)
    return f"{fast_time(left / 1000) if left else 'none'} of {of} this month"


def _relaxed_use(seconds: float) -> str:
    if seconds < 1:
        return "none of late"
    return f"{duration(seconds)} of late: the more, the longer relaxed jobs wait"


def now_fast(standing: Standing) -> str:
    """Answer to `/fast`."""
    lines = ["⚡ From now on your jobs go fast, before relaxed ones; open ones keep their speed."]
    left = speed.gpu_milliseconds_left(standing.plan, standing.usage)
    if left is not None:
        lines.append(
            "Each takes its time on the GPU from your month's fast time. Remaining: "
            f"{_fast_time(standing)}; there is new fast time <t:{standing.month_turns_at}:R>."
        )
    if left == 0 and Speed.RELAX in standing.plan.speeds:
        lines.append("Until then they are relaxed all the same.")
    if Speed.RELAX in standing.plan.speeds:
        lines.append("`/relax` changes it back.")
    return "\n".join(lines)


def now_relaxed(standing: Standing) -> str:
    """Answer to `/relax`."""
    lines = [
        "🌙 From now on your jobs are relaxed: they take none of your fast time, and wait for fast "
        "ones, longer the more relaxed time you used of late. Open ones keep their speed."
    ]
    if Speed.FAST in standing.plan.speeds:
        lines.append("`/fast` changes it back.")
    return "\n".join(lines)


def _held_back(found: HeldBack | None) -> Iterator[str]:
    if found is None:
        return
    if found.by_operator:
        until = f" until <t:{found.operator_until}:f>" if found.operator_until else ""
        yield f"**Blocked** by the operator of this bot{until}"
    if found.here_until:
        yield f"**Blocked** in this server until <t:{found.here_until}:f>"
    if found.strikes_here:
        yield f"**Strikes** {found.strikes_here} in this server"
    if found.stealth_off_until:
        yield (
            f"**Stealth is off for you** until <t:{found.stealth_off_until}:f>: safety rules "
            "stopped too many of your stealth jobs"
        )


def because(standing: Standing) -> str:
    """Say by whose word a job without a word would be what it would be."""
    if standing.here is StealthHere.FLOOR and not standing.in_dm:
        return "as every job in this server"
    if standing.here is StealthHere.FORBID and standing.mode is Visibility.STEALTH:
        return f"{_by_whom(standing)}; this server lets none be started, so it is refused here"
    return _by_whom(standing)


def _by_whom(standing: Standing) -> str:
    if standing.forbidden is OptOut.NEVER_PUBLIC:
        return "you opted out of ever being public"
    if standing.in_dm:
        return "as every job in my DM"
    chosen = standing.chosen.visibility
    return f"you said /{chosen}" if chosen else "by your plan"


def _retention(kept: dict[DataClass, Effective]) -> str:
    always = {DataClass.RECIPE, DataClass.STEALTH_RECIPE, DataClass.RECORD}
    shown = [kind for kind, each in kept.items() if kind in always or each.by in _HERE]
    return " · ".join(f"{kind} {_life(kind, kept[kind])}" for kind in shown)


def _life(kind: DataClass, effective: Effective) -> str:
    if effective.seconds is None:
        return LIFETIMES[kind].until or "while it stands"
    by = f" by {effective.by}" if effective.by in _HERE else ""
    return f"{retention.say(effective.seconds)}{by}"


def prompt_hidden(hides: bool) -> str:
    """Answer to `/privacy prompt`."""
    if hides:
        said = (
            "From now on your public pictures are posted without their words; open jobs too. "
            "What stands already stays as it is: 🔒 Only me or 🗑️ Delete takes it back."
        )
    else:
        said = (
            "From now on your public pictures are posted with their words. Jobs accepted before "
            "keep theirs hidden."
        )
    return "\n".join([said, *two_lines(Visibility.PUBLIC)])


def training(wish: bool) -> str:
    """Answer to `/privacy training`. The truth is the same whatever is wished."""
    return "\n".join(
        [
            f"{TRAINING_WISH}: {'on' if wish else 'off'}.",
            "Whatever it says, nothing of yours trains anything: the included model has learned "
            "from drawings of its own, and no other model is trained here.",
            "**What it may be used for:** to make your picture; nothing is trained on it.",
        ]
    )


OPT_OUT_QUESTION = (
    "Which do you mean?\n"
    "**No training** – that is so already: Darkroom has no way to train on your work.\n"
    "**Never public** – every job of yours is stealth from now on, and saying public is refused; "
    "open public jobs move to your DM now.\n"
    "**No processing** – I erase everything I hold of yours and do nothing for you any more, until "
    "you say `/privacy opt-in`. To remember that, I keep one keyed hash of your id.\n"
    "**What it may be used for:** in all three cases, nothing but making your pictures."
)
KEPT = "Kept. Nothing was erased."
NO_TRAINING = (
    "It is so already: Darkroom has no way to train on your work. Nothing needed changing."
)
OPTED_IN = (
    "Welcome back: what you had forbidden is lifted; what was erased stays erased. Your next job "
    "follows your plan and choices; `/privacy show` tells what that means."
)
WAS_IN = "You have not opted out of anything, so nothing changed."


def now_never_public(moved: int) -> str:
    """Answer to opting out of ever being public."""
    lines = ["🔒 From now on nothing of yours is ever public, whatever your plan or a server says."]
    if moved:
        lines.append(f"{moved} open public job{'s' if moved != 1 else ''} moved to your DM.")
    lines += two_lines(Visibility.STEALTH)
    lines.append(
        "`/privacy opt-in` undoes it. Pictures that stand already stay until you delete them."
    )
    return "\n".join(lines)


def erase_button(scope: str, named: str) -> Button:
    """The second of two steps."""
    rest = f"{scope}:{named}" if named else scope
    return Button(f"v1:erase:{rest}"[:BUTTON_ID_LIMIT], ERASE_LABEL, danger=True)


def keep_button() -> Button:
    """The way out of a question about erasing."""
    return Button("v1:keep:", KEEP_LABEL)


def leave_button() -> Button:
    """The second of two steps before nothing is processed any more."""
    return Button("v1:gone:", "Erase everything and process nothing", danger=True)


def opt_out_buttons() -> tuple[Button, ...]:
    """What somebody may mean by opting out."""
    return (
        Button("v1:untrained:", "No training"),
        Button("v1:never:", "Never public", "🔒"),
        Button("v1:leave:", "No processing", danger=True),
    )
