"""P5: privacy only tightens, whatever a job is doing at the moment.

Each cell is an act of the owner's and the state their job is in. A seed decides what else happens:
other people's jobs, Discord's troubles, a restart, how long everything takes. From the act on no
call may begin that shows the job to others; and no job is lost: it goes on in the DM, or it has
ended at no cost; and a plan that ends changes nothing for what was accepted.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain import OptOut, PersonId, Receipt, Visibility
from bot.policy.plans import Usage
from gen.queue import Lease
from tests.prove import mutants
from tests.prove.judge import overheard, quiet
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread
from tests.prove.world import ANA, EACH_STEP, GALLERY, GENERAL, MOD, PIA, World, a_world

Moment = Callable[[], Awaitable[object]]
_PUBLIC, _STEALTH = Visibility.PUBLIC, Visibility.STEALTH


# --- the states


async def _accepted(_world: World, _: str, act: Moment) -> None:
    await act()


async def _placing(world: World, job: str, act: Moment) -> None:
    world.messenger.meanwhile_of("send", job, act)
    await world.looks("accepted")


async def _placed(world: World, _: str, act: Moment) -> None:
    await world.looks("accepted")
    await act()


async def _claimed(world: World, job: str, act: Moment) -> None:
    """Claimed under a lease, and not yet in the worker's hands."""
    await world.looks("accepted")
    dispatch = world.house.dispatch
    begin = dispatch._begin

    async def act_first(lease: Lease) -> None:
        if lease.job == job:
            await act()
        await begin(lease)

    dispatch._begin = act_first
    await world.looks("running", 0)
    dispatch._begin = begin


async def _running(world: World, _: str, act: Moment) -> None:
    await world.looks("accepted")
    await world.looks("running", 1)
    await act()


async def _showing(world: World, job: str, act: Moment) -> None:
    await world.looks("accepted")
    world.messenger.meanwhile_of("edit", job, act)
    await world.looks("running", 1)


async def _rendered(world: World, _: str, act: Moment) -> None:
    await _render(world)
    await act()


async def _sending(world: World, job: str, act: Moment) -> None:
    await _render(world)
    world.messenger.meanwhile_of("edit", job, act)
    await world.looks("rendered")


async def _replacing(world: World, job: str, act: Moment) -> None:
    """After a long wait the result is a new message."""
    await _render(world)
    await world.passes(61)
    world.messenger.meanwhile_of("send", job, act)
    await world.looks("rendered")


async def _render(world: World) -> None:
    await world.looks("accepted")
    await world.looks("running", EACH_STEP + 2)


STATES = {
    "accepted": _accepted,
    "placing": _placing,
    "queued": _placed,
    "claimed": _claimed,
    "running": _running,
    "showing": _showing,
    "rendered": _rendered,
    "sending": _sending,
    "replacing": _replacing,
}
_STATES = tuple(STATES)


# --- the acts


async def _stealth_on(world: World, _: str) -> None:
    await world.chooses(ANA, _STEALTH)


async def _never_public(world: World, _: str) -> None:
    await world.forbids(ANA, OptOut.NEVER_PUBLIC)


async def _only_me(world: World, job: str) -> None:
    await world.presses(ANA, f"v1:onlyme:{job}")
    world.judge.close(job)


async def _erases(world: World, _: str) -> None:
    await world.erases(ANA)


async def _opts_out(world: World, _: str) -> None:
    await world.forbids(ANA, OptOut.NO_PROCESSING)


async def _plan_ends(world: World, _: str) -> None:
    world.people[PIA].role = False
    await world.asks(PIA)  # asked back: the answer never comes


Act = Callable[[World, str], Awaitable[None]]
MOVING: dict[str, Act] = {
    "stealth on": _stealth_on,
    "never public": _never_public,
    "only me": _only_me,
}
ENDING: dict[str, Act] = {"erase everything": _erases, "opt out of all": _opts_out}
KEEPING: dict[str, Act] = {
    "plan ends, stealth job": _plan_ends,
    "plan ends, public job": _plan_ends,
}
ACTS: dict[str, Act] = MOVING | ENDING | KEEPING
CELLS = [(act, state) for act in ACTS for state in STATES]


# --- playing


@dataclass
class Tally:
    """What the cells came to. `breaches` name the cell."""

    played: Counter[tuple[str, str]] = field(default_factory=Counter)
    looked_at: int = 0
    breaches: list[str] = field(default_factory=list)

    def of(self, act: str) -> list[str]:
        return [one for one in self.breaches if one.startswith(act)]


async def play(seed: int, act: str, state: str, tally: Tally, *, calm: bool = False) -> None:
    """Play one cell to its end; `calm`: nothing else happens."""
    dice = random.Random(f"{seed} {act} {state}")
    async with a_world() as world:
        with overheard(world.judge):
            owner, job = await _asked(world, act)
            if not calm and state != "showing":  # where the pace may leave no turn to this job
                await _others(world, dice, owner)
            acted = list[int]()

            async def moment() -> None:
                acted.append(world.judge.step)
                await ACTS[act](world, job)

            world.judge.step += 1
            await STATES[state](world, job, moment)
            world.judge.step += 1
            if not calm:
                await _troubles(world, dice)
            await world.settle()
            found = list(world.judge.breaches)
            if len(acted) != 1:
                found.append(f"the moment came {len(acted)} times")
            found += await _lost(world, act, owner, job) + _others_lost(world, owner)
            tally.played[act, state] += len(acted)
            tally.looked_at += world.judge.looked_at
            tally.breaches += [f"{act} × {state}, seed {seed}: {one}" for one in sorted(set(found))]


async def _asked(world: World, act: str) -> tuple[PersonId, str]:
    """The job the cell is about: public, or for a plan that ends one that is stealth by it."""
    owner = PIA if act in KEEPING else ANA
    world.people[PIA].role = True
    said = None if act == "plan ends, stealth job" else _PUBLIC
    receipt = await world.asks(owner, said=said)
    assert isinstance(receipt, Receipt), receipt
    await world.passes(1)
    return owner, receipt.job


async def _others(world: World, dice: random.Random, owner: PersonId) -> None:
    """Other people's jobs, which must go their own way."""
    for person in (MOD, ANA, PIA):
        if person != owner and dice.random() < 0.5:
            channel = dice.choice((GENERAL, GALLERY))
            await world.asks(person, channel=channel, said=dice.choice((_PUBLIC, _STEALTH)))


async def _troubles(world: World, dice: random.Random) -> None:
    """What may come in between: a Discord that does not answer, a crash, loops out of order."""
    messenger = world.messenger
    if dice.random() < 0.5:
        trouble = dice.choice((messenger.fail, messenger.lose))
        trouble(dice.choice(("send", "edit", "delete", "whisper", "open_dm", "find")))
    if dice.random() < 0.3:
        await world.dies()
    for _ in range(dice.randint(0, 3)):
        world.judge.step += 1
        await world.looks(dice.choice(("accepted", "running", "rendered", "ended")), 2)


async def _lost(world: World, act: str, owner: PersonId, job: str) -> list[str]:
    """Say what is missing: the result where it belongs, or the refund."""
    word, found = world.judge.jobs[job].word, list[str]()
    results = [
        channel
        for channel, standing in world.messenger.channels.items()
        for one in standing
        if any(word.encode() in file.content for file in one.post.files)
    ]
    usage = await world.house.usage(owner)
    if act in ENDING:
        if results or usage != Usage():
            found.append("something of it goes on, or was not refunded")
        return found
    is_public = act == "plan ends, public job"
    if results != [GENERAL if is_public else world.messenger.dm(owner)]:
        found.append("its result does not stand where it belongs, once")
    if (usage.pictures, usage.stealth_jobs) != (1, int(not is_public)):
        found.append("it was not counted once")
    return found


def _others_lost(world: World, owner: PersonId) -> list[str]:
    """Say so when another person's job went no further."""
    others = [known for known in world.judge.jobs.values() if known.owner != owner]
    return [
        f"another person's {known.seen} job was lost"
        for known in others
        if not _stands(world, known.word)
    ]


def _stands(world: World, word: str) -> bool:
    return any(
        word.encode() in file.content
        for standing in world.messenger.channels.values()
        for one in standing
        for file in one.post.files
    )


def play_all(seed: int) -> Tally:
    """Play every cell once. The first seed is calm: the act, and nothing else."""
    tally = Tally()
    with quiet():
        for act, state in CELLS:
            asyncio.run(play(seed, act, state, tally, calm=seed % 8 == 1))
    return tally


def caught(mutant: str) -> str:
    """Say how many acts a mutant is noticed at; empty if one of them does not."""
    acts = MOVING if mutant == mutants.NOT_READ_AGAIN else ENDING
    tally = Tally()
    with quiet(), mutants.TIGHTENING[mutant]():
        for act in acts:
            for state in ("queued", "rendered"):
                asyncio.run(play(0, act, state, tally, calm=True))
    found = {act: len(tally.of(act)) for act in acts}
    return (
        ", ".join(f"{act}: {count}" for act, count in found.items()) if all(found.values()) else ""
    )


def prove(first: int, budget_seconds: float) -> Proof:
    """Play every cell with as many seeds as there is time for, and then the mutants."""
    began = time.monotonic()
    done = spread(play_all, first, budget_seconds=budget_seconds, at_least=2)
    total = Tally()
    for _, one in done:
        total.played += one.played
        total.looked_at += one.looked_at
        total.breaches += one.breaches
    return Proof(
        promise="P5  Privacy only tightens",
        tried=sum(total.played.values()),
        trials="interleavings",
        seeds=f"seeds {first} to {done[-1][0]}, next SEED={done[-1][0] + 1}",
        figures=[
            f"{total.looked_at} messages, answers and log lines judged; "
            f"{len(total.breaches)} violations"
        ],
        tables=[Table("act × state", _STATES, dict.fromkeys(ACTS, _STATES), total.played)],
        controls={name: caught(name) for name in mutants.TIGHTENING},
        failures=total.breaches,
        seconds=time.monotonic() - began,
    )
