"""What moderators read: what is set in their server, what they changed, and what they cannot do.

Nothing here says anything of stealth jobs, not even whether there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.domain import Refusal
from bot.policy.moderation import STRIKE_BLOCK_SECONDS, STRIKES, listed
from bot.policy.promptrules import MAX_RULES
from bot.policy.retention import DataClass, say
from bot.policy.server import AdultHere, Rule, ServerSettings, StealthHere
from bot.ports import Button
from bot.words.echo import echo
from bot.words.pages import pages

CANNOT = (
    "Anything of stealth: no moderator sees, counts, stops, purges or reports a stealth job, or "
    "learns that there is one. `/moderation stealth` says for everybody alike what may be started "
    "from here; results go to their owners' DMs, and nothing is trained on any.",
    "Anything of another server.",
    "Read a prompt that a rule stopped or whose owner hid it, or who was stopped.",
    "Undo a person's own choice, or have anything kept longer or seen by more people than the "
    "operator, a plan or its owner allows.",
    "Bring back what was purged.",
)
"""Said with everything that is set; stealth first."""


@dataclass(frozen=True)
class InForce:
    """Everything that is set in one server, and what the operator set. `limits` are seconds."""

    settings: ServerSettings
    limits: Mapping[DataClass, int]
    blocked: int
    operators_rules: int
    adult_stealth: bool


def in_force(found: InForce) -> list[str]:
    """Say all that is set in a server and by whose word, and what a moderator cannot do."""
    cannot = "\n".join(f"- {each}" for each in CANNOT)
    return pages(
        [
            "**In force in this server**\n" + "\n".join(_set(found)),
            f"**What a moderator cannot do**\n{cannot}",
        ]
    )


_SHIPPED = ServerSettings()


def _set(found: InForce) -> Iterator[str]:
    now = found.settings
    role = f"<@&{now.moderator_role}>" if now.moderator_role else "none"
    lines = (
        ("Stealth", _STEALTH[now.stealth], now.stealth != _SHIPPED.stealth),
        ("Channels for public pictures", _channels(now.channels), bool(now.channels)),
        ("Words of prompts", "shown" if now.shows_prompts else "hidden", not now.shows_prompts),
        ("Pictures for adults", _ADULT[now.adult], now.adult != _SHIPPED.adult),
        ("Moderator role", role, now.moderator_role is not None),
        ("Rules on prompts", f"{len(now.rules)} of {MAX_RULES}", bool(now.rules)),
    )
    for name, value, by_server in lines:
        yield f"- **{name}** {value} · {_by(by_server)}"
    kept = " · ".join(f"{kind} {say(seconds)}" for kind, seconds in found.limits.items())
    whole = f"{kept} · by this server" if kept else "as long as the operator says"
    yield f"- **Kept at most** {whole}; `/retention show` has each channel"
    yield f"- **Blocked members** {found.blocked} · by this server"
    yield (
        f"- **Strikes** {STRIKES} that stand together block for {say(STRIKE_BLOCK_SECONDS)} · "
        "as shipped"
    )
    yield f"- **The operator's own rules on prompts** {found.operators_rules} · by the operator"
    adult = "from age-restricted channels" if found.adult_stealth else "nowhere"
    yield f"- **Pictures for adults in DMs** {adult} · by the operator"


def _by(by_server: bool) -> str:
    return "by this server" if by_server else "as shipped"


_STEALTH = {
    StealthHere.ALLOW: "may be started from here",
    StealthHere.FORBID: "may not be started from here",
    StealthHere.FLOOR: "is what every job from here is",
}
_ADULT = {
    AdultHere.NEVER: "never",
    AdultHere.AGE_RESTRICTED: "in age-restricted channels",
}


def _channels(channels: Sequence[int]) -> str:
    return listed(channels) or ("none: the settings cannot be read" if channels else "all")


def channels_now(settings: ServerSettings) -> str:
    """Answer to `/moderation allow-channel`."""
    if not settings.channels:
        return "The list is empty: public pictures may be asked for wherever I may post."
    return (
        f"Public pictures may be asked for in {_channels(settings.channels)} and threads there. "
        "What stands elsewhere already stays."
    )


def echo_now(settings: ServerSettings) -> str:
    """Answer to `/moderation echo`."""
    if settings.shows_prompts:
        return "Places and results show the words again, where their owners let them."
    return (
        "Places and results show no words from now on, open jobs too at their next step. Results "
        "that stand already stay as they are."
    )


def adult_now(settings: ServerSettings) -> str:
    """Answer to `/moderation nsfw`."""
    if settings.adult is AdultHere.NEVER:
        return "No picture for adults may be asked for in this server."
    return "Pictures for adults may be asked for in this server's age-restricted channels alone."


def stealth_now(settings: ServerSettings) -> str:
    """Answer to `/moderation stealth`."""
    match settings.stealth:
        case StealthHere.ALLOW:
            return (
                "Stealth jobs may be started from this server, as plans allow. Whoever was stealth "
                "here by its word is asked before a job of theirs is public."
            )
        case StealthHere.FORBID:
            return (
                "No stealth job may be started from this server from now on: such an ask is "
                "refused, never shown instead. Jobs accepted before go on, and my DM stays open."
            )
        case StealthHere.FLOOR:
            return (
                "Every job started from this server is stealth from now on, whatever plans and "
                "people say; nothing is trained on any. Open public jobs move to their owners' "
                "DMs. Pictures that stand already stay; `/purge everything` removes them."
            )
        case _:
            assert_never(settings.stealth)


def role_now(settings: ServerSettings) -> str:
    """Answer to `/moderation role`."""
    if settings.moderator_role is None:
        return "Only Manage Messages and Manage Server make a moderator of mine here now."
    return (
        f"Whoever has <@&{settings.moderator_role}> moderates here too, besides those with Manage "
        "Messages or Manage Server. To see my commands they may need your leave in Server "
        "Settings → Integrations."
    )


def rule_added(rule: Rule, count: int) -> str:
    """Answer to a new rule. Its words are not repeated."""
    return (
        f"The rule **{echo(rule.name)}** holds from now on: {count} of {MAX_RULES}. Whom it stops "
        "is told its name; you are not told whom."
    )


def rule_removed(name: str) -> str:
    """Answer to a rule taken away."""
    return f"The rule **{echo(name)}** holds no more."


def rules_listed(rules: Sequence[Rule]) -> list[str]:
    """List a server's rules on prompts."""
    if not rules:
        return ["This server has no rules on prompts. `/moderation rules add` makes one."]
    lines = (
        f"- **{echo(rule.name)}** ({'pattern' if rule.is_pattern else 'words'}) {echo(rule.text)}"
        for rule in rules
    )
    return pages([f"**This server's rules on prompts: {len(rules)} of {MAX_RULES}**", *lines])


def rule_tested(rule: Rule | None) -> str:
    """Say which rule of a server a text meets. The text is not repeated."""
    rest = "The operator's own rules are asked too, before these. The text is kept nowhere."
    if rule is None:
        return f"No rule of this server stops that. {rest}"
    return f"The rule **{echo(rule.name)}** stops that. {rest}"


def blocked(person: int, until: int) -> str:
    """Answer to a block."""
    return (
        f"<@{person}> is blocked from asking for pictures in this server until <t:{until}:f>. What "
        "I accepted before goes on; `/purge user` removes it. Elsewhere nothing changes for them."
    )


def unblocked(person: int, held: bool, strikes: int) -> str:
    """Answer to lifting a block. Strikes stand until they end, and so may block again at once."""
    if not held:
        return f"<@{person}> is not blocked in this server; nothing changed."
    said = f"<@{person}> may ask for pictures in this server again."
    if not strikes:
        return said
    stand = "Their strike stands" if strikes == 1 else f"Their {strikes} strikes stand"
    again = "; the next blocks them again" if strikes + 1 >= STRIKES else ""
    return f"{said} {stand}{again}."


def struck(person: int, strikes: int, until: int | None) -> str:
    """Answer to a strike."""
    said = f"<@{person}> has {strikes} strike{'s' if strikes != 1 else ''} in this server now."
    if until is None:
        said += f" {STRIKES} that stand together block for {say(STRIKE_BLOCK_SECONDS)}."
    else:
        said += f" That blocks them here until <t:{until}:f>."
    return f"{said} I do not write to them: their `/info` shows it."


def blocks_listed(ends: Sequence[int | None]) -> list[str]:
    """List the blocks of a server by their end. Nobody's name is stored with them."""
    if not ends:
        return ["Nobody is blocked in this server."]
    lines = "\n".join(f"- until <t:{end}:f>" if end else "- without an end" for end in ends)
    return pages(
        [
            f"**Blocked in this server: {len(ends)}**\n{lines}",
            "-# I keep no names with them, only keyed hashes. Name somebody to ask about them: "
            "`/moderation blocks user:`.",
        ]
    )


def member_stands(person: int, until: int | None, strikes: int) -> str:
    """Say how a named member stands with a server's moderators."""
    block = f"blocked until <t:{until}:f>" if until else "not blocked"
    counted = "no strike" if not strikes else f"{strikes} strike{'s' if strikes != 1 else ''}"
    return f"<@{person}> is {block} in this server and has {counted}."


def contestable(refusal: Refusal) -> tuple[Button, ...]:
    """The button under a refusal by a server's rule: not for stealth, nor for the operator's."""
    tag = refusal.facts.get("contest")
    return (Button(f"v1:contest:{tag}", "Contest"),) if tag else ()
