"""Asks and plans to reason about: ordinary unless a test says otherwise."""

from bot.domain import Ask, PersonId, Private, Where
from bot.policy.place import asker_needs, bot_needs
from bot.policy.plans import Plan, StealthRule
from bot.policy.prompt import Canvas

GUILD, CHANNEL = 100, 200
CANVAS = Canvas(
    sizes=((64, 64), (96, 64), (64, 96)),
    default_size=(64, 64),
    default_steps=4,
    default_guidance=3.0,
)


def where(**changed) -> Where:
    """A channel where everything is allowed."""
    place = {"guild_id": GUILD, "channel_id": CHANNEL} | changed
    plain = Where(**place)
    allowed = {"bot_may": frozenset(bot_needs(plain)), "asker_may": frozenset(asker_needs(plain))}
    return Where(**(allowed | place))


def dm(**changed) -> Where:
    """Ana's DM with the bot."""
    return Where(**({"guild_id": None, "channel_id": 300} | changed))


def ask(prompt: str = "a red fox", *, negative: str = "", **changed) -> Ask:
    plain = {
        "interaction_id": 1,
        "interaction_token": Private("token-1"),
        "person": PersonId(11),
        "where": where(),
        "prompt": Private(prompt),
        "negative_prompt": Private(negative),
    }
    return Ask(**(plain | changed))


def plan(**changed) -> Plan:
    plain = {
        "name": "Free",
        "stealth": StealthRule.OPTIONAL,
        "stealth_per_day": 3,
        "pictures_per_day": 40,
        "waiting_jobs": 3,
        "max_steps": 30,
        "max_count": 4,
        "weight": 1.0,
    }
    return Plan(**(plain | changed))
