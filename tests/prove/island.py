"""P7 with figures: no moderator's command reaches another server, or anything of stealth.

Every command and button that moderators have is used by everybody: moderators there and elsewhere,
by permission or by role alone, one who was one until a moment ago, members, the operator. What is
named is theirs, another server's, in stealth, nobody's, or garbage. After each act every row and
every message of all three servers is looked at; and each story is told twice, with stealth jobs and
without: whatever anybody is answered must be the same.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bot import words
from bot.domain import Cause, Moderator, Refusal
from bot.sandbox.entities import Interaction
from bot.services.authorise import Authorise
from bot.services.purge import Purge
from bot.storage import island as rows_of_islands
from bot.storage.database import one
from bot.words import Preview
from cogs import reports as report_doors
from tests.prove.dealing import ACTS, NOTHING, Act, Dealer, button
from tests.prove.judge import quiet
from tests.prove.looking import Look, look
from tests.prove.mutants import patched
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread
from tests.prove.servers import (
    CAFE,
    CHIEFS,
    ELSEWHERE,
    HARBOUR,
    HELPERS,
    SERVERS,
    SlowClock,
    World,
    three_servers,
)

ROLES = {
    "manages": (("boss", CAFE), ("zoe", ELSEWHERE), ("hana", HARBOUR)),
    "moderates": (("mod", CAFE), ("hugo", HARBOUR)),
    "by role": (("rolf", CAFE),),
    "demoted": (("dora", CAFE),),
    "elsewhere": (("zoe", CAFE), ("mod", ELSEWHERE), ("zoe", HARBOUR)),
    "member": (("ana", CAFE), ("pia", CAFE), ("ana", ELSEWHERE), ("plum", HARBOUR)),
    "operator": (("boss", HARBOUR),),
}
"""Who acts, and where they may be found in that role."""

CELLS = tuple((what, role) for what in ACTS for role in ROLES)
PARTS = 3
"""Stories that play every act in every role, one after the other."""

NONE, MANAGE = (
    words.refused(Refusal(cause)) for cause in (Cause.NOT_A_MODERATOR, Cause.NEEDS_MANAGE_SERVER)
)
MASKS = (
    (re.compile(r"<t:\d+(:\w)?>"), "‹time›"),
    (re.compile(r"(?<=\*\*Seed\*\* )\d+"), "‹seed›"),  # of one's own recipe: drawn by chance
    (re.compile(r"darkroom-receipt\.[\w.-]+"), "‹receipt›"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "‹day›"),
    (re.compile(r"\b[0-9a-f]{16,32}\b"), "‹name›"),
    (re.compile(r"\b\d{15,20}\b"), "‹id›"),
)


@dataclass
class Told:
    """What a story came to. `said` are the answers, masked, in order."""

    said: list[tuple[str, str, str]] = field(default_factory=list)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    states: set[tuple[str, str]] = field(default_factory=set)
    looked_at: int = 0
    changes: int = 0
    breaches: list[str] = field(default_factory=list)


# --- telling a story


async def tell(seed: int, cells: tuple[tuple[str, str], ...], *, stealth: bool) -> Told:
    """Play these cells in the order of the seed, and judge after each."""
    told, dice = Told(), random.Random(seed)
    cells = tuple(dice.sample(cells, len(cells)))
    async with three_servers(stealth=stealth) as world:
        told.states = world.lying.states
        judge = _Judge(world, told)
        for what, role in cells:
            name, server = dice.choice(ROLES[role])
            if role == "by role" and not judge.by_role:
                await judge.give_role_back()
            if what == "▸ purgestop":
                await _hold_up(world, dice.choice((server, *SERVERS)))
            act = Dealer(world, dice).deal(what, name, server)
            await judge.watch(act, role, name, server)
            told.hits[what, role] += 1
            if world.holding:
                await _let_go(world)
    return told


async def _hold_up(world: World, server: str) -> None:
    """A purge that Discord lets come no further, in some server."""
    await world.house.people.weather(method="GET", route="/members", status=503)
    world.holding = 1
    chief = CHIEFS[server]
    shown = await world.slash(chief, server, "purge range", since="7d")
    if custom_id := button(world, shown, "v1:purge:"):
        await world.press(chief, server, custom_id)
    found = world.rows("SELECT id FROM purges WHERE ended_at IS NULL")
    world.lying.purges = {server: [str(found[0][0])]} if found else {}


async def _let_go(world: World) -> None:
    """Whoever began the purge cancels it; then fair weather."""
    world.holding = 0
    SlowClock.rested += 5.0
    for server, purges in world.lying.purges.items():
        await world.press(CHIEFS[server], server, f"v1:purgestop:{purges[0]}")
    world.lying.purges = {}
    await world.house.people.weather(clear=True)


@dataclass
class _Judge:
    """Looks at everything before and after an act, by what the rules of the house do not tell."""

    world: World
    told: Told
    by_role: bool = True  #: whether the Café's role still moderates
    known: dict[str, int | str] = field(default_factory=dict)

    async def watch(self, act: Act, role: str, name: str, server: str) -> None:
        before, first = look(self.world, self.known), self._firsts()
        made = await act.do()
        after = look(self.world, self.known)
        self.told.looked_at += after.size
        answer = "\n—\n".join(_read(message) for message in self.world.answer(made))
        whose = f"{act.what} by {role}"
        self._judge_rest(act, whose, self.world.guild(server), before, after)
        self._judge_power(act, role, whose, server, answer, before, after, made)
        self._judge_words(act, whose, answer, made, self._firsts()[len(first) :])
        self.told.said.append((act.what, role, _masked(answer)))

    async def give_role_back(self) -> None:
        """The Café's chief lets the role moderate again."""
        guild = self.world.house.sandbox.world.guilds[self.world.guild(CAFE)]
        role = next(each for each in guild.roles.values() if each.name == HELPERS)
        await self.world.slash("boss", CAFE, "moderation role", role=str(role.id))
        self.by_role = True

    def _judge_rest(self, act: Act, whose: str, here: int, before: Look, after: Look) -> None:
        """Nothing of another server, of stealth, or of nobody's server is other than before."""
        for owner in before.owners() | after.owners():
            if owner == here:
                continue
            gone = before.of(owner) - after.of(owner)
            new = after.of(owner) - before.of(owner)
            if owner == "stealth" and act.sets_floor:
                new = frozenset()
            kinds = sorted({str(each[0]) for each in gone | new})
            if kinds:
                where = owner if isinstance(owner, str) else "another server"
                self._breach(f"{whose}: {', '.join(kinds)} of {where} changed")

    def _judge_power(
        self,
        act: Act,
        role: str,
        whose: str,
        server: str,
        answer: str,
        before: Look,
        after: Look,
        made: Interaction,
    ) -> None:
        """Who may not changed nothing, and was told why; who may is told what is certain."""
        manages = role == "manages"
        may = manages or role in ("moderates", "by role")
        changed = after.without(self.world, made) != before.without(self.world, made)
        self.told.changes += changed
        if act.everybody:
            if act.expected and not answer.startswith(act.expected):
                self._breach(f"{whose}: told something else than that there is nothing")
            return
        if not (manages if act.manages else may):
            if changed:
                self._breach(f"{whose}: it changed something")
            if answer != (MANAGE if act.manages else NONE):
                self._breach(f"{whose}: not refused as somebody without the right")
        elif act.expected and not answer.startswith(act.expected):
            self._breach(f"{whose}: told something else than that there is nothing")
        elif act.sets_role is not None and server == CAFE:
            self.by_role = act.sets_role
        if may and changed and act.expected == NOTHING:
            self._breach(f"{whose}: it changed something that is not there")

    def _judge_words(
        self, act: Act, whose: str, answer: str, made: Interaction, first: list[dict[str, Any]]
    ) -> None:
        """Something was answered, to one person, and no fault of ours."""
        if made.response_type == _MODAL:
            return
        if not answer.strip() or words.TRY_AGAIN in answer:
            self._breach(f"{whose}: answered with {'a fault' if answer.strip() else 'nothing'}")
        if any(not message.ephemeral_for for message in self.world.answer(made)):
            self._breach(f"{whose}: answered aloud")
        for body in first:
            if body["type"] != _MODAL and not body.get("data", {}).get("flags", 0) & _EPHEMERAL:
                self._breach(f"{whose}: the first response was public")
        for said, known in _REFUSALS.items():
            if known.match(answer):
                self.told.refusals[said] += 1

    def _firsts(self) -> list[dict[str, Any]]:
        records = self.world.house.sandbox.wire.records
        return [record.body for record in records if record.path.endswith("/callback")]

    def _breach(self, said: str) -> None:
        self.told.breaches.append(said)


_MODAL, _EPHEMERAL = 9, 1 << 6
_REFUSALS = {
    cause: re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(said)), re.S)
    for cause, said in words.REFUSALS.items()
}


def _read(message: Any) -> str:
    """What can be read of a message: its words, its buttons, and the files it carries."""
    buttons = [
        f"[{each.get('label')} {each.get('custom_id')}]"
        for row in message.components
        for each in row.get("components", ())
    ]
    files = [
        f"‹{each.filename} {each.size if 'json' not in each.filename else ''}›"
        for each in message.attachments
    ]
    return "\n".join([message.content, *buttons, *files]).rstrip()


def _masked(said: str) -> str:
    for looks, mask in MASKS:
        said = looks.sub(mask, said)
    return said


@dataclass
class Twice:
    """One story, told with stealth jobs and without."""

    told: Told
    breaches: list[str]


def play(seed: int, cells: tuple[tuple[str, str], ...]) -> Twice:
    """Tell a story twice, and compare what was answered."""
    with quiet():
        told = asyncio.run(tell(seed, cells, stealth=True))
        without = asyncio.run(tell(seed, cells, stealth=False))
    breaches = told.breaches + without.breaches
    for (what, role, said), (_, _, otherwise) in zip(told.said, without.said, strict=True):
        if said != otherwise:
            breaches.append(f"{what} by {role}: the answer tells whether there is stealth")
    return Twice(told, breaches)


def part(number: int) -> tuple[tuple[str, str], ...]:
    """A share of all cells: as many stories as there are shares have them all."""
    return CELLS[number % PARTS :: PARTS]


def play_part(seed: int) -> Twice:
    """The story of a seed."""
    return play(seed, part(seed))


# --- broken houses


@contextmanager
def shown_is_enough() -> Iterator[None]:
    """Whoever Discord shows a command may use it."""

    async def trust(_: Authorise, person: Any, where: Any, *__: Any, **___: Any) -> Moderator:
        return Moderator(person=person, guild_id=where.guild_id, manages=True)

    with patched(Authorise, __call__=trust):
        yield


@contextmanager
def any_server() -> Iterator[None]:
    """What a purge looks for is not asked for its server."""
    where = rows_of_islands._where

    def anywhere(**said: Any) -> Any:
        return where(**{name: value for name, value in said.items() if name != "guild_id"})

    with patched(rows_of_islands, _where=anywhere):
        yield


@contextmanager
def stealth_is_counted() -> Iterator[None]:
    """A preview counts the stealth jobs that are under way."""
    preview = Purge._preview

    async def count(self: Purge, *asked: Any) -> Preview | None:
        shown = await preview(self, *asked)
        async with self.memory.db.read() as tx:
            row = await one(tx, "SELECT count(*) AS n FROM deliveries WHERE visibility = 'stealth'")
        more = int(row["n"]) if row else 0
        if shown is None or not more:
            return shown
        return replace(shown, counts={**shown.counts, "open-jobs": more})

    with patched(Purge, _preview=count):
        yield


@contextmanager
def not_asked_again() -> Iterator[None]:
    """Whoever has a button of the reports may press it."""

    async def trust(interaction: Any, *_: Any, **__: Any) -> Moderator:
        return Moderator(
            person=interaction.user.id, guild_id=interaction.guild_id or 0, manages=False
        )

    with patched(report_doors, moderator=trust):
        yield


CONTROLS: dict[str, tuple[Callable[[], Any], tuple[tuple[str, str], ...], str]] = {
    "Discord alone says who may": (
        shown_is_enough,
        (("moderation echo", "member"), ("▸ rdismiss", "demoted")),
        "changed something",
    ),
    "a purge without the server": (
        any_server,
        (("▸ purge", "manages"), ("▸ purge", "manages"), ("▸ purge", "moderates")),
        "of another server changed",
    ),
    "a preview that counts stealth": (
        stealth_is_counted,
        (("purge user", "manages"), ("purge channel", "moderates"), ("purge range", "manages")),
        "whether there is stealth",
    ),
    "report buttons for everybody": (
        not_asked_again,
        (("▸ rremove", "member"), ("▸ rdismiss", "demoted"), ("▸ rblock", "elsewhere")),
        "changed something",
    ),
}
"""What is broken, the acts that meet it, and what is noticed."""

CONTROL_SEEDS = 3
TOLD_TWICE = "a preview that counts stealth"
"""The one that only shows beside a world without stealth."""


def caught(control: str, seed: int) -> str:
    """Say what is noticed of a broken house; empty if nothing is."""
    broken, cells, looked_for = CONTROLS[control]
    for number in range(seed, seed + CONTROL_SEEDS):
        with broken(), quiet():
            if control == TOLD_TWICE:
                breaches = play(number, cells * 3).breaches
            else:
                breaches = asyncio.run(tell(number, cells * 3, stealth=True)).breaches
        if found := [said for said in breaches if looked_for in said]:
            return f"{found[0]}; {len(found)} in all"
    return ""


def share_of(seconds: float) -> float:
    """How long stories are begun: the broken houses tell theirs after them."""
    return max(0.6 * seconds, seconds - 15.0)


def prove(seed: int, seconds: float) -> Proof:
    """Every act in every role, and four broken houses."""
    began = time.monotonic()
    came = spread(play_part, seed, budget_seconds=seconds, at_least=PARTS)
    controls = {name: caught(name, seed) for name in CONTROLS}
    rows = {what: tuple(ROLES) for what in ACTS}
    table = Table("act × role", tuple(ROLES), rows)
    refusals, states, looked_at, changes = Counter[str](), set[tuple[str, str]](), 0, 0
    failures = list[str]()
    for number, one_came in came:
        table.hits.update(one_came.told.hits)
        refusals.update(one_came.told.refusals)
        states |= one_came.told.states
        looked_at += one_came.told.looked_at
        changes += one_came.told.changes
        failures += [f"seed {number}: {said}" for said in one_came.breaches]
    missing = sorted(f"no {seen} job {state}" for seen, state in STATES - states)
    return Proof(
        promise="P7  A server is an island, and nothing of stealth is in sight of it",
        tried=sum(table.hits.values()),
        trials="acts, each told with stealth jobs and without",
        seeds=f"SEED={seed}, the next begins at {came[-1][0] + 1}",
        figures=[
            f"{len(came)} stories of three servers; {changes} acts changed their own; "
            f"{looked_at} rows and messages compared",
            f"{sum(refusals.values())} answers were one of {len(refusals)} refusals",
        ],
        tables=[table],
        controls=controls,
        failures=sorted(set(failures)) + missing,
        seconds=time.monotonic() - began,
    )


STATES = {
    (seen, state) for seen in ("public", "stealth") for state in ("placed", "running", "delivered")
}
"""In which states jobs of both kinds must have lain around."""


if __name__ == "__main__":
    prove(int(os.environ.get("SEED") or 1), 30.0).show()
