"""P6 in the weather: every fault of Discord's at every moment of a job, over real discord.py.

What passes leaves one picture in its place, counted once, its owner told. What lasts leaves none
anywhere, everything refunded, and its owner told, in their ephemeral answer or, when that can no
longer be written, in their DM. Nothing of a stealth job ever stands in a channel.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.client.messenger import DiscordMessenger
from bot.domain import Ending, Visibility
from bot.errors import Refused, Unreachable
from bot.policy.delivery import TOKEN_SECONDS
from bot.policy.plans import Usage
from bot.sandbox import happenings, shipped_world
from bot.sandbox.entities import Overwrite
from bot.sandbox.permissions import Permission
from bot.words import ended
from tests.prove.judge import quiet
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread
from tests.services.outside import ANA, CAFE, CALLS, GENERAL, Outside, outdoors

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
MOMENTS = tuple(CALLS)
BANS_SECONDS = 10 * 60
"""Longer than two bans, one after the other, make the breaker rest."""

PASSES: dict[str, dict[str, object]] = {
    "connection cut before": {"drop": True},
    "connection cut after": {"lost_answer": True},
    "answer cut in half": {"cut_answer": True},
    "503": {"status": 503},
    "503 of the edge": {"status": 503, "page": True},
    "429": {"rate_limit": {"scope": "user", "retry_after": 0.01}},
    "429 shared": {"rate_limit": {"scope": "shared", "retry_after": 0.01}},
    "429 global": {"rate_limit": {"scope": "global", "retry_after": 0.01}},
    "429 for long": {"rate_limit": {"scope": "user", "retry_after": 31.0}},
    "429 without Via": {"rate_limit": {"scope": "global", "retry_after": 0.01, "via": False}},
    "429 as a page": {"rate_limit": {"scope": "global", "retry_after": 0.01}, "page": True},
    "401": {"status": 401},
    "403 of the edge": {"status": 403, "page": True},
    "40003 DMs too fast": {"code": 40003},
    "40004 sending shut": {"code": 40004},
    "130000 overloaded": {"code": 130000},
}


# --- weather that lasts


Change = Callable[[Outside, Visibility], None]


def _close_dm(outside: Outside, _: Visibility) -> None:
    outside.sandbox.world.users[ANA].dms = "closed"


def _leave_servers(outside: Outside, _: Visibility) -> None:
    world = outside.sandbox.world
    happenings.remove_member(world, world.guilds[CAFE], world.users[ANA])


def _deny(permission: Permission) -> Change:
    def deny(outside: Outside, _: Visibility) -> None:
        overwrite = Overwrite(shipped_world.BOT_ID, 1, deny=int(permission))
        outside.sandbox.world.channels[GENERAL].overwrites.append(overwrite)

    return deny


def _remove_channel(outside: Outside, _: Visibility) -> None:
    world = outside.sandbox.world
    happenings.remove_channel(world, world.channels[GENERAL])


def _remove_messages(outside: Outside, _: Visibility) -> None:
    for here in outside.sandbox.world.messages.values():
        for one in [one for one in here.values() if one.ephemeral_for is None]:
            del here[one.id]


def _refuse(**fault: object) -> Change:
    return lambda outside, seen: outside.refuse_all(seen, **fault)


@dataclass(frozen=True)
class Lasting:
    """One change for good: how a job ends by it, and at which moments a job can meet it."""

    change: Change
    ending: Ending
    public: tuple[str, ...] = ()
    stealth: tuple[str, ...] = ()
    shuts_dm: bool = False

    def moments(self, seen: Visibility) -> tuple[str, ...]:
        return self.public if seen is PUBLIC else self.stealth


_NEW, _SHOWN = ("placing", "sending"), ("showing", "editing", "sending")
_PLACE_GONE, _DM_CLOSED = Ending.PLACE_GONE, Ending.DM_CLOSED
LASTS = {
    "DM closed": Lasting(_close_dm, _DM_CLOSED, stealth=_NEW, shuts_dm=True),
    "no server shared": Lasting(_leave_servers, _DM_CLOSED, stealth=_NEW, shuts_dm=True),
    "may not send": Lasting(_deny(Permission.SEND_MESSAGES), _PLACE_GONE, _NEW),
    "may not attach": Lasting(_deny(Permission.ATTACH_FILES), _PLACE_GONE, _SHOWN),
    "channel hidden": Lasting(
        _deny(Permission.VIEW_CHANNEL), _PLACE_GONE, ("placing", "showing", "editing", "sending")
    ),
    "channel deleted": Lasting(
        _remove_channel, _PLACE_GONE, ("placing", "showing", "editing", "sending")
    ),
    "message deleted": Lasting(_remove_messages, _PLACE_GONE, _SHOWN, _SHOWN),
    "always too large": Lasting(
        _refuse(too_large=True), Ending.FAILED, ("editing", "sending"), ("editing", "sending")
    ),
    "form refused": Lasting(
        _refuse(code=50035), _PLACE_GONE, ("placing", "editing"), ("placing", "editing")
    ),
}
"""What stands in a closed DM can still be edited; only results have files."""

PASSING = [
    (name, moment, seen)
    for name in PASSES
    for moment in MOMENTS
    for seen in Visibility
    if moment != "opening the DM" or seen is STEALTH
]
STAYING = [
    (name, moment, seen, late)
    for name, lasting in LASTS.items()
    for seen in Visibility
    for moment in lasting.moments(seen)
    for late in (False, True)
]


# --- playing


@dataclass
class Tally:
    """What the cells came to. `breaches` name the cell."""

    passing: Counter[tuple[str, str]] = field(default_factory=Counter)
    staying: Counter[tuple[str, str]] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)


async def play_passing(
    seed: int,
    cell: tuple[str, str, Visibility],
    tally: Tally,
    kind: type[DiscordMessenger] = DiscordMessenger,
) -> None:
    """One weather at one moment; with other seeds than 1 another comes on top, and crashes."""
    name, moment, seen = cell
    dice = random.Random(f"{seed} {cell}")
    async with outdoors(kind) as outside:
        job = await outside.until(moment, seen)
        outside.weather(moment, times=1, **PASSES[name])
        if seed != 1:
            more = dice.choice(sorted(PASSES))
            outside.weather(dice.choice(MOMENTS), times=dice.randint(1, 2), **PASSES[more])
        await outside.house.finish()
        if seed != 1 and dice.random() < 0.3:
            outside.house.start_again()
        await outside.goes_on()
        if seed != 1:
            outside.sandbox.weather.clear()
            outside.turn(BANS_SECONDS)
            await outside.goes_on()
        tally.passing[name, moment] += 1
        where = outside.in_channels() if seen is PUBLIC else outside.in_dm()
        elsewhere = outside.in_dm() if seen is PUBLIC else outside.in_channels()
        found = {
            "it was not delivered": await outside.house.state(job) != "delivered",
            "not one picture, and nothing else, stands": len(where) != 1
            or where != outside.results(),
            "something stands elsewhere": bool(elsewhere),
            "its owner was not told": seed == 1 and "Done" not in outside.told()[0],
            "it was not counted once": await outside.house.usage(ANA)
            != Usage(pictures=1, stealth_jobs=int(seen is STEALTH)),
            "the weather did not strike": seed == 1
            and any(rule.times for rule in outside.sandbox.weather.rules),
        }
        _note(tally, f"{name} × {moment}, {seen}, seed {seed}", found)


async def play_staying(seed: int, cell: tuple[str, str, Visibility, bool], tally: Tally) -> None:
    """One change for good at one moment; `late`: the ephemeral answer cannot be written any more.

    Of a message that stays in a channel which we cannot see, its owner is told in the DM as well.
    """
    name, moment, seen, late = cell
    lasting = LASTS[name]
    async with outdoors() as outside:
        job = await outside.until(moment, seen)
        lasting.change(outside, seen)
        if late:
            outside.turn(TOKEN_SECONDS)
        await outside.goes_on()
        tally.staying[name, moment] += 1
        delivery = await outside.house.delivery(job)
        said = [one for one in outside.told() if ended(lasting.ending) in one]
        refuses_dm = seen is STEALTH and lasting.change not in (_close_dm, _remove_messages)
        untold = late and (lasting.shuts_dm or refuses_dm)
        twice = name == "channel hidden" and moment != "placing" and not late
        found = {
            "it ended otherwise": (delivery.ending, delivery.route) != (lasting.ending, None),
            "it was not refunded": await outside.house.usage(ANA) != Usage(),
            "a picture stands": bool(outside.results()),
            "keys are left": bool(await outside.house.keys_of_jobs()),
            "its owner was not told, or too often": len(said) != (0 if untold else 1 + twice),
            "stealth stands in a channel": seen is STEALTH and bool(outside.in_channels()),
        }
        _note(tally, f"{name} × {moment}, {seen}, {'late' if late else 'soon'}, seed {seed}", found)


def _note(tally: Tally, cell: str, found: dict[str, bool]) -> None:
    tally.breaches += [f"{cell}: {what}" for what, is_so in found.items() if is_so]


# --- houses that cannot stand the weather


class Careless(DiscordMessenger):
    """Neither names its messages nor looks back at them."""

    sent = 0

    async def send(self, channel, post, *, nonce):  # type: ignore[no-untyped-def]
        self.sent += 1
        return await super().send(channel, post, nonce=f"{self.sent}")

    async def find(self, channel, custom_id, *, since):  # type: ignore[no-untyped-def]
        return None


class Faint(DiscordMessenger):
    """Takes a silence for a refusal."""

    async def send(self, channel, post, *, nonce):  # type: ignore[no-untyped-def]
        try:
            return await super().send(channel, post, nonce=nonce)
        except Unreachable:
            raise Refused("it gives up") from None


CONTROLS = {"neither nonce nor looking back": Careless, "gives up at a silence": Faint}


def caught(name: str) -> str:
    """Say how many cells a broken house is noticed in; empty if in none."""
    tally = Tally()
    with quiet():
        for seen in Visibility:
            cell = ("connection cut after", "sending", seen)
            asyncio.run(play_passing(1, cell, tally, CONTROLS[name]))
    return f"{len(tally.breaches)} breaches" if tally.breaches else ""


def play_all(seed: int) -> Tally:
    """Play every cell once. With seed 1 the weather is the cell's, and nothing else."""
    tally = Tally()
    with quiet():
        for passing in PASSING:
            asyncio.run(play_passing(seed, passing, tally))
        for staying in STAYING:
            asyncio.run(play_staying(seed, staying, tally))
    return tally


def prove(first: int, budget_seconds: float) -> Proof:
    """Play every cell with as many seeds as there is time for, and then the broken houses."""
    began = time.monotonic()
    done = spread(play_all, first, budget_seconds=budget_seconds, at_least=1)
    total = Tally()
    for _, one in done:
        total.passing += one.passing
        total.staying += one.staying
        total.breaches += one.breaches
    stayed = {
        name: tuple(one for one in MOMENTS if one in (*lasting.public, *lasting.stealth))
        for name, lasting in LASTS.items()
    }
    return Proof(
        promise="P6  Accepted is delivered, once: in every weather",
        tried=total.passing.total() + total.staying.total(),
        trials="jobs",
        seeds=f"seeds {first} to {done[-1][0]}, next SEED={done[-1][0] + 1}",
        figures=[f"{len(total.breaches)} lost, doubled, misplaced, miscounted or untold"],
        tables=[
            Table("passes × moment", MOMENTS, dict.fromkeys(PASSES, MOMENTS), total.passing),
            Table("lasts × moment", MOMENTS, stayed, total.staying),
        ],
        controls={name: caught(name) for name in CONTROLS},
        failures=total.breaches,
        seconds=time.monotonic() - began,
    )
