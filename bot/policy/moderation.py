"""What a server's word and the safety rules mean for somebody's next job. Pure: facts in, an answer
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from hashlib import sha256

from bot.domain import Cause, PersonId, Refusal, Visibility, Where
from bot.policy import retention, span
from bot.policy.retention import DAY, YEAR
from bot.policy.server import AdultHere, Rule, ServerSettings

STRIKES = 3
"""So many that stand together block."""

STRIKE_BLOCK_SECONDS = 7 * DAY
LONGEST_BLOCK_SECONDS = YEAR

STEALTH_HITS = 5
"""So many hits on stealth jobs that are not forgotten yet turn stealth off."""

CHANNELS_SHOWN = 30
"""Channels of a list that an answer links, whose text Discord limits."""

BLOCK_FORMS = (*(form for form in retention.FORMS if form != "0"), "2027-01-31")


def stealth_off_until(hits: Sequence[tuple[int, int]]) -> int | None:
    """Say until when stealth is off for somebody; None: it is not.

    `hits` are when some are forgotten and how many then, soonest first. Stealth is back once fewer
    than `STEALTH_HITS` are left.
    """
    left = sum(count for _, count in hits)
    for at, count in hits:
        if left < STEALTH_HITS:
            return None
        left -= count
        if left < STEALTH_HITS:
            return at
    return None


def strikes_block(strikes: int) -> bool:
    """Say whether so many strikes that stand block."""
    return strikes >= STRIKES


def block_end(text: str, now: int, zone: tzinfo) -> int | Refusal:
    """Read until when somebody is to be blocked, as a duration or as the last day of it."""
    end = span.end_of(text, now, zone)
    if end is not None and now < end <= now + LONGEST_BLOCK_SECONDS + DAY:
        return min(end, now + LONGEST_BLOCK_SECONDS)
    return Refusal(Cause.BLOCK_UNTIL, {"forms": BLOCK_FORMS})


def may_act_on(moderator: PersonId, person: PersonId, bot: PersonId | None) -> Refusal | None:
    """Say why a moderator cannot strike or block somebody: themselves, or the bot."""
    if person in (moderator, bot):
        return Refusal(Cause.NOT_THAT_PERSON)
    return None


def may_stand_in(where: Where, settings: ServerSettings) -> Refusal | None:
    """Say why a server does not want public pictures here. A thread counts as its channel."""
    here = where.parent_id if where.is_thread and where.parent_id else where.channel_id
    if not settings.channels or here in settings.channels:
        return None
    return Refusal(
        Cause.CHANNEL_NOT_ALLOWED, {"channels": listed(settings.channels) or "no channel"}
    )


def listed(channels: Sequence[int]) -> str:
    """Link channels, as many as fit into an answer; empty where there is none."""
    real = [f"<#{each}>" for each in channels if each]
    more = [f"{len(real) - CHANNELS_SHOWN} more"] if len(real) > CHANNELS_SHOWN else []
    return ", ".join([*real[:CHANNELS_SHOWN], *more])


def adult_ok(
    seen: Visibility,
    where: Where,
    adult: AdultHere,
    *,
    adult_stealth: bool,
    sold_on_discord: bool,
) -> bool:
    """Say whether a picture for adults may be made.

    In a server that needs an age-restricted channel. Into the DM it comes only from such a channel,
    by the operator's leave, and not with a plan sold through Discord, which forbids that.
    """
    in_place = not where.is_dm and where.is_age_restricted and adult is AdultHere.AGE_RESTRICTED
    if seen is Visibility.PUBLIC:
        return in_place
    return in_place and adult_stealth and not sold_on_discord


def not_for_adults(seen: Visibility, adult: AdultHere) -> Refusal:
    """Refuse a prompt that asks for a picture for adults, naming what it is about."""
    if seen is Visibility.STEALTH:
        return Refusal(Cause.ADULT_PROMPT, {"where": "for our DM"})
    never = adult is AdultHere.NEVER
    where = "in this server" if never else "in this channel, which is not age-restricted"
    return Refusal(Cause.ADULT_PROMPT, {"where": where})


def tag_of(rule: Rule) -> str:
    """Name a rule in a button's id: short, and without its words."""
    return sha256(rule.name.encode()).hexdigest()[:16]


def rule_by_tag(rules: Sequence[Rule], tag: str) -> Rule | None:
    """Find the rule a button names; None once it is gone."""
    return next((rule for rule in rules if tag_of(rule) == tag), None)
