"""What people read about plans: the table of all, which is theirs and why, what was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.policy.plans import Held, Plan, Source, StealthRule
from bot.policy.retention import DataClass, say
from bot.words.amounts import fast_time, said_of
from bot.words.pages import pages
from gen.job import Speed

TABLE_CHARACTERS = 44
"""Of a line of the table: about what a phone shows of a code block before it wraps the line."""


@dataclass(frozen=True)
class RolesHere:
    """What a server's roles give. `ceiling` is the best plan they may; None: nothing."""

    guild_id: int
    ceiling: str | None
    roles: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offered:
    """All plans, how long each keeps things (seconds), and which one somebody has.

    `here` is for those who manage the server they ask in; `in_dm` says that they ask in none.
    """

    plans: Sequence[Plan]
    kept: Mapping[str, Mapping[DataClass, int | None]]
    held: Held
    here: RolesHere | None = None
    in_dm: bool = False


CONFIDENTIAL = (
    "-# Fit for confidential work is stealth alone: its result goes only to your DM, I keep "
    "nothing of it that anybody could read, and nothing is trained on it. But DMs are not "
    "end-to-end encrypted and Discord keeps its own copy: for what Discord must not have, no plan "
    "is fit."
)


def plans_shown(offered: Offered) -> list[str]:
    """Show one table of all plans, and whose is which."""
    blocks = [*_tables(offered), "\n".join([_yours(offered), CONFIDENTIAL])]
    if offered.here is not None:
        blocks.append(_roles(offered.here))
    return pages(blocks)


def role_mapped(role_id: int, plan: Plan) -> str:
    """Answer to `/plan map`."""
    return (
        f"<@&{role_id}> gives the plan {plan.name} from now on: in this server, and in my DM for "
        "24 hours after a job asked for here. Jobs accepted before stay as they are."
    )


def role_unmapped(role_id: int, gave: bool) -> str:
    """Answer to `/plan unmap`."""
    if not gave:
        return f"<@&{role_id}> gave no plan here. `/plan show` lists the roles that do."
    return (
        f"<@&{role_id}> gives no plan in this server any more. Jobs accepted before stay as they "
        "are; in my DM the plan may count for up to 24 hours more."
    )


def granted(person: int, plan: Plan, ends_at: int) -> str:
    """Answer to `/plan grant`."""
    return (
        f"<@{person}> has the plan {plan.name} until <t:{ends_at}:f>, everywhere, in place of any "
        "grant before; a better one from another source counts more. They were not told; "
        "`/plan show` tells them."
    )


def revoked(person: int, plan: str | None) -> str:
    """Answer to `/plan revoke`; `plan` is what they had by grant."""
    if plan is None:
        return f"<@{person}> has no plan by a grant. What roles and Discord give cannot be revoked."
    return (
        f"<@{person}> has the plan {plan} by grant no more. What roles and Discord give stays, and "
        "jobs accepted before go on."
    )


# --- the table

_Cell = Callable[[Plan], str]


def _tables(offered: Offered) -> Iterator[str]:
    """Write as many plans beside each other as a line holds, then the next ones."""
    rows = _rows(offered.kept)
    heads = max(len(name) for name, _ in rows)
    columns = [[plan.name, *(cell(plan) for _, cell in rows)] for plan in offered.plans]
    taken, room = list[list[str]](), TABLE_CHARACTERS - heads
    for column in columns:
        width = 2 + max(map(len, column))
        if taken and width > room:
            yield _table([name for name, _ in rows], heads, taken)
            taken, room = [], TABLE_CHARACTERS - heads
        taken.append([cell.ljust(width - 2) for cell in column])
        room -= width
    if taken:
        yield _table([name for name, _ in rows], heads, taken)


def _table(names: Sequence[str], heads: int, columns: Sequence[Sequence[str]]) -> str:
    lines = [
        "  ".join([name.ljust(heads), *cells]).rstrip()
        for name, *cells in zip(["", *names], *columns, strict=True)
    ]
    return "\n".join(["```", *lines, "```"])


def _rows(kept: Mapping[str, Mapping[DataClass, int | None]]) -> list[tuple[str, _Cell]]:
    def keeps(kind: DataClass) -> _Cell:
        return lambda plan: _life(kept.get(plan.name, {}).get(kind))

    return [
        ("who can see it", _seen),
        ("used to train", lambda _: "never"),
        ("recipe kept", keeps(DataClass.RECIPE)),
        ("stealth recipe", keeps(DataClass.STEALTH_RECIPE)),
        ("record kept", keeps(DataClass.RECORD)),
        ("stealth a day", _stealth),
        ("confidential work", _confidential),
        ("pictures a day", lambda plan: str(plan.pictures_per_day)),
        ("fast a month", _fast),
        ("usual speed", lambda plan: said_of(plan.speeds[0])),
        ("relaxed jobs", lambda plan: "yes" if Speed.RELAX in plan.speeds else "no"),
        ("jobs running", lambda plan: str(plan.running_jobs)),
        ("… and waiting", lambda plan: str(plan.waiting_jobs)),
        ("pictures a job", lambda plan: str(plan.max_count)),
        ("steps", lambda plan: f"to {plan.max_steps}"),
        ("pixels", _pixels),
        ("share of GPU", lambda plan: f"x{plan.weight:g}"),
    ]


def _seen(plan: Plan) -> str:
    is_stealth = plan.stealth in {StealthRule.DEFAULT, StealthRule.ALWAYS}
    return "your DM" if is_stealth else "channel"


def _stealth(plan: Plan) -> str:
    if plan.stealth is StealthRule.NEVER:
        return "none"
    return "all" if plan.stealth_per_day is None else str(plan.stealth_per_day)


def _confidential(plan: Plan) -> str:
    if plan.stealth is StealthRule.NEVER or plan.stealth_per_day == 0:
        return "no"
    return "stealth"


def _pixels(plan: Plan) -> str:
    most = plan.max_pixels
    if most is None:
        return "any"
    return f"{most:,}" if most < 100_000 else f"{most // 10_000 / 100:g} M"


def _fast(plan: Plan) -> str:
    seconds = plan.gpu_seconds_per_month
    if Speed.FAST not in plan.speeds:
        return "none"
    if seconds is None:
        return "all"
    return fast_time(seconds)


def _life(seconds: int | None) -> str:
    if seconds is None:
        return "while up"
    return say(seconds) if seconds else "not kept"


# --- whose, and what gives them


def _yours(offered: Offered) -> str:
    held = offered.held
    until = f" until <t:{held.until}:f>" if held.until is not None else ""
    said = f"**Your plan here** {held.plan.name}: {_WHY[held.source]}{until}."
    if offered.in_dm and held.source is Source.EVERYBODY:
        return f"{said} What a role gives counts here for 24 hours after a job in its server."
    return said


_WHY: dict[Source, str] = {
    Source.EVERYBODY: "everybody has it",
    Source.ROLE: "a role of yours in this server gives it",
    Source.ROLE_ELSEWHERE: "a role of yours gave it in a server within the last 24 hours",
    Source.GRANT: "the operator of this bot gave it to you",
    Source.DISCORD: "you or this server have it through Discord",
}


def _roles(here: RolesHere) -> str:
    if here.ceiling is None:
        lines = [
            "**Roles of this server** can give no plan: the operator of this bot has set no "
            f"ceiling for it. Ask them for `darkroom plan ceiling {here.guild_id} PLAN`."
        ]
    else:
        lines = [
            f"**Roles of this server** may give plans up to {here.ceiling}: `/plan map`. Only who "
            "manages it reads this."
        ]
    listed = [f"- <@&{role}> gives {plan}" for role, plan in here.roles.items()]
    return "\n".join([*lines, *(listed or ["- None gives one."] * bool(here.ceiling))])
