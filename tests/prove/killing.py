"""P6: what was accepted is delivered once, or refunded, whoever is killed with -9, and whenever.

The real bot over the sandbox, its worker a real child, people who ask, cancel, delete and repeat
all the time, and Discord's weather: lost answers, 5xx, 429, delays, cut and closed connections, and
a nonce window so short that the nonce alone saves nobody. Kills are aimed, so that each is met in
every state; others come at random. Two houses that take a usual short cut must be caught at it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.prove.judge import quiet
from tests.prove.killed import ANYTHING
from tests.prove.killing_house import KINDS, MOMENTS, STATES, Came, Plot, run
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread

AT_RANDOM = 4
SELDOM = ("returned", "ended")
"""What happens only when a worker is lost, or somebody wants it: random kills may meet it."""

REAL_LIVES = (
    ("worker running", "worker claimed", "bot running"),
    ("worker running", "worker rendered", "bot sent"),
    ("worker running", "worker claimed", "bot rendered"),
    ("worker running", "bot claimed"),
)
"""With the real model: whom to kill, and when."""

CONTROLS = ("delete on dequeue", "lease without ledger")
CONTROL_MOMENTS = ("sent", "running", "stood", "rendered", "sent", "sending", "stood", "sent")


def aimed(dice: random.Random, at_random: int = AT_RANDOM) -> Plot:
    """Aim at every moment and state with every kind of kill; some come whenever they come."""
    bots = [_aim(moment, "bot", dice) for moment in MOMENTS if moment not in SELDOM]
    lives = [[one] for one in [*bots, *(_aim(state, "term", dice) for state in STATES)]]
    for number, state in enumerate(STATES * 2):
        lives[number % len(lives)].insert(0, _aim(state, "worker", dice))
    for _ in range(at_random):
        kinds = dice.choices(("worker", "bot"), k=2)
        lives.append([_aim(ANYTHING, kind, dice, most=80) for kind in kinds])
        if kinds[-1] == "worker":
            lives[-1].append(_aim(ANYTHING, "bot", dice, most=80))
    dice.shuffle(lives)
    return Plot([_until_it_ends(life) for life in lives])


def _until_it_ends(life: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out what would come after its end."""
    last = next(number for number, one in enumerate(life) if one["kind"] != "worker")
    return life[: last + 1]


def real(dice: random.Random) -> Plot:
    """Kill the worker that paints with the included model, and the bot beside it."""
    lives = [
        [_aim(moment, kind, dice, most=1) for kind, moment in (one.split() for one in life)]
        for life in REAL_LIVES
    ]
    return Plot(lives, worker="real", most_open=6, steps=(4, 10), life_seconds=150.0)


def control(variant: str, dice: random.Random) -> Plot:
    """Kill where the short cut hurts; every result comes in a message of its own."""
    lives = [[_aim(moment, "bot", dice, most=1)] for moment in CONTROL_MOMENTS]
    return Plot(lives, variant=variant, noticed_seconds=-1)


def _aim(what: str, kind: str, dice: random.Random, most: int = 4) -> dict[str, object]:
    later = dice.choice((0.0, 0.0, dice.random() / 50))
    return {"what": what, "kind": kind, "nth": dice.randint(1, most), "later_seconds": later}


_PARTS: tuple[Callable[[random.Random], Plot], ...] = (
    aimed,
    real,
    *(partial(control, variant) for variant in CONTROLS),
)


def _part(seed: int, number: int) -> Came:
    """Do one part of a proof; at module level, so that another process can."""
    dice = random.Random(seed)
    with quiet():
        return asyncio.run(run(seed, _PARTS[number](dice)))


def _aimed(seed: int) -> Came:
    return _part(seed, 0)


def prove(seed: int, budget_seconds: float = 0.0) -> Proof:
    """Kill it in every way, the real model too, and two houses that take a short cut."""
    began = time.monotonic()
    parts = spread(partial(_part, seed), 0, budget_seconds=0, at_least=len(_PARTS))
    first, with_model, *broken = (came for _, came in parts)
    left = budget_seconds - (time.monotonic() - began)
    more = spread(_aimed, seed + 1, budget_seconds=left) if left > 0 else []
    runs = [first, *(came for _, came in more)]
    kills = sum((one.kills for one in (*runs, with_model)), Counter[str]())
    table = Table("killed while a job was", STATES, dict.fromkeys(KINDS.values(), STATES))
    for one in runs:
        table.hits.update(one.hits)
    return Proof(
        promise="P6  What was accepted is delivered once, or refunded",
        tried=kills.total(),
        trials=f"kills ({', '.join(f'{kills[kind]} {name}' for kind, name in KINDS.items())})",
        seeds=f"seeds {seed} to {seed + len(more)}, the next is SEED={seed + len(more) + 1}",
        figures=[
            *_figures(runs),
            f"the real model: {with_model.kills.total()} kills; {with_model.verdict}",
        ],
        tables=[table],
        controls={
            f"{name} ({came.kills.total()} kills)": _caught(came)
            for name, came in zip(CONTROLS, broken, strict=True)
        },
        failures=[line for one in (*runs, with_model) for line in one.failures()],
        seconds=time.monotonic() - began,
    )


def _figures(runs: list[Came]) -> list[str]:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in runs)

    verdicts = [one.verdict for one in runs]
    ended = sum((one.ended for one in verdicts), Counter[str]())
    ends = ", ".join(f"{count} {ending}" for ending, count in sorted(ended.items()))
    lost, doubled, misplaced, left_over, unbalanced = (
        sum(len(getattr(one, name)) for one in verdicts)
        for name in ("lost", "doubled", "misplaced", "left_over", "unbalanced")
    )
    accepted, delivered, twice = (
        sum(getattr(one, name) for one in verdicts) for name in ("accepted", "delivered", "twice")
    )
    return [
        f"{total('asks')} asks, {accepted} accepted: {delivered} delivered ({total('replaced')} in "
        f"a new message), {ends}",
        f"{lost} lost, {doubled} doubled, {misplaced} misplaced, {left_over} places left over, "
        f"{unbalanced} entries of the quota books wrong; {twice} seen twice for a moment",
        f"{total('faults')} faults of Discord's on {total('requests')} requests",
    ]


def _caught(came: Came) -> str:
    """Say how a house that takes a short cut was caught: by what it lost or doubled."""
    wrong = came.verdict
    return str(wrong) if wrong.lost or wrong.doubled else ""
