"""Asks and plans to reason about: ordinary unless a test says otherwise."""

import json

from bot.domain import Ask, Entitlement, PersonId, Private, Where
from bot.policy.place import asker_needs, bot_needs
from bot.policy.plans import Plan, StealthRule
from bot.policy.prompt import Canvas
from gen.job import Speed

GUILD, CHANNEL = 100, 200
CANVAS = Canvas(
    sizes=((64, 64), (96, 64), (64, 96)),
    default_size=(64, 64),
    default_steps=4,
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
    """`sku_ids`: what the asker has through Discord."""
    plain = {
        "interaction_id": 1,
        "interaction_token": Private("token-1"),
        "person": PersonId(11),
        "where": where(),
        "prompt": Private(prompt),
        "negative_prompt": Private(negative),
    }
    skus = changed.pop("sku_ids", ())
    if skus:
        changed["entitlements"] = tuple(Entitlement(7000 + sku, sku) for sku in sorted(skus))
    return Ask(**(plain | changed))


def plan(**changed) -> Plan:
    plain = {
        "name": "Free",
        "stealth": StealthRule.OPTIONAL,
        "stealth_per_day": 3,
        "pictures_per_day": 40,
        "gpu_seconds_per_month": None,
        "speeds": (Speed.RELAX,),
        "running_jobs": 2,
        "waiting_jobs": 3,
        "max_steps": 30,
        "max_pixels": None,
        "max_count": 4,
        "max_repeat": 2,
        "max_permutations": 4,
        "weight": 1.0,
        "retention": {},
    }
    return Plan(**(plain | changed))


def plans_text(*names: str, **changed: object) -> str:
    """A plans file of plans that are alike."""
    plain = {
        "stealth": "optional",
        "pictures_per_day": 9,
        "speeds": ["fast"],
        "running_jobs": 3,
        "waiting_jobs": 3,
        "max_steps": 30,
        "max_count": 4,
        "max_repeat": 1,
        "max_permutations": 1,
        "weight": 1,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in (plain | changed).items()]
    tables = [["[[plan]]", f'name = "{name}"', *lines] for name in names]
    return "\n".join(line for table in tables for line in table)
