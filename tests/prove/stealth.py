"""P1: stealth stays with its owner, whatever people, Discord and the machine do.

A Hypothesis state machine plays sequences of steps in a `World`. After each step the judge must
have seen nothing that leaked; a failing sequence is shrunk to the few steps it takes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain import OptOut, PersonId, Visibility
from bot.policy.retention import DataClass
from tests.prove import mutants, world
from tests.prove.judge import overheard, quiet
from tests.prove.report import Proof, Table
from tests.prove.seeds import spread
from tests.prove.weather import MET, STATES
from tests.prove.world import ANA, GALLERY, GENERAL, PEOPLE, PIA, STAGES, World

STEPS = 40
SEQUENCES_A_SEED = 20

people = st.sampled_from([PIA, ANA, PIA, *PEOPLE])
words = st.sampled_from([None, Visibility.STEALTH, None, Visibility.PUBLIC])
places = st.sampled_from([GENERAL, GENERAL, GALLERY, None])
troubles = st.sampled_from([(fault, state) for fault, states in MET.items() for state in states])
kinds = st.sampled_from([DataClass.RECIPE, DataClass.STEALTH_RECIPE, DataClass.RECORD])
some = st.integers(min_value=0, max_value=63)


class LeakedError(AssertionError):
    """Something of a stealth job was where nobody but its owner may look."""


@dataclass
class Score:
    """What a run came to."""

    sequences: int = 0
    steps: int = 0
    looked_at: int = 0
    jobs: int = 0
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)


class Sequence(RuleBasedStateMachine):
    """One sequence. `score` is where every sequence of a run is counted."""

    score: ClassVar[Score] = Score()

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self.world: World = self._runner.run(self._open.enter_async_context(world.a_world()))
        self._open.enter_context(overheard(self.world.judge))

    def teardown(self) -> None:
        try:
            self._step(None, self.world.settle())
            if self.world.on_disk():
                raise LeakedError("a secret can be read in a file")
        finally:
            self._runner.run(self._open.aclose())
            self._runner.close()
            self._count()

    def _count(self) -> None:
        score, world = self.score, self.world
        score.sequences += 1
        score.looked_at += world.judge.looked_at
        score.jobs += len(world.judge.jobs)
        score.met += world.messenger.met
        score.acts += world.acts

    def _step(self, act: str | None, deed: Coroutine[Any, Any, object]) -> None:
        """Do it, and hear the judge."""
        judge, self.score.steps = self.world.judge, self.score.steps + 1
        judge.step += 1
        if act is not None:
            self._runner.run(self.world.note(act))
        self._runner.run(deed)
        if judge.breaches:
            raise LeakedError(", ".join(sorted(set(judge.breaches))))

    # --- people

    @initialize(
        seen=st.sampled_from([Visibility.STEALTH, Visibility.STEALTH, Visibility.PUBLIC]),
        stages=st.integers(0, 4),
        ticks=st.sampled_from([6, 1, 6]),
        role=st.booleans(),
    )
    def something_is_under_way(self, seen, stages, ticks, role) -> None:
        self.world.people[PIA].role = role
        self._step("somebody asks", self.world.asks(PIA, said=seen))
        self._step("somebody asks", self.world.asks(ANA, said=Visibility.STEALTH))
        for stage in ("accepted", "running", "rendered", "ended")[:stages]:
            self._step(None, self.world.looks(stage, ticks))

    @rule(
        person=people, channel=places, said=words, in_words=st.booleans(), count=st.integers(1, 2)
    )
    def asks(self, person, channel, said, in_words, count) -> None:
        deed = self.world.asks(person, channel=channel, said=said, in_words=in_words, count=count)
        self._step("somebody asks", deed)

    @rule(person=people)
    def asks_for_stealth(self, person) -> None:
        self._step("somebody asks", self.world.asks(person, said=Visibility.STEALTH))

    @rule(person=people, seen=st.sampled_from(Visibility))
    def chooses(self, person, seen) -> None:
        self._step(f"/{seen}", self.world.chooses(person, seen))

    @rule(person=people)
    def forbids_to_be_public(self, person) -> None:
        self._step("never public", self.world.forbids(person, OptOut.NEVER_PUBLIC))

    @rule(person=people)
    def allows(self, person) -> None:
        self._step(None, self.world.allows(person))

    @rule(person=people)
    def erases(self, person) -> None:
        self._step("erases everything", self.world.erases(person))

    @rule(person=people)
    def opts_out(self, person) -> None:
        self._step("opts out of all", self.world.forbids(person, OptOut.NO_PROCESSING))

    @rule(person=people, kind=kinds)
    def keeps_less(self, person, kind) -> None:
        self._step("keeps nothing", self.world.keeps_nothing(person, kind))

    @precondition(lambda self: self.world.buttons())
    @rule(presser=people, which=some)
    def somebody_presses(self, presser, which) -> None:
        buttons = self.world.buttons()
        self._press(presser, buttons[which % len(buttons)])

    @precondition(lambda self: self.world.buttons())
    @rule(which=some)
    def the_owner_presses(self, which) -> None:
        buttons = self.world.buttons()
        name = buttons[which % len(buttons)]
        self._press(PersonId(self.world.owner_of(name)), name)

    @precondition(lambda self: self._of_verb("again"))
    @rule(which=some)
    def the_owner_makes_it_again(self, which) -> None:
        again = self._of_verb("again")
        name = again[which % len(again)]
        self._press(PersonId(self.world.owner_of(name)), name)

    @precondition(lambda self: self._of_verb("onlyme"))
    @rule(which=some)
    def the_owner_wants_it_alone(self, which) -> None:
        alone = self._of_verb("onlyme")
        name = alone[which % len(alone)]
        self._press(PersonId(self.world.owner_of(name)), name)

    def _of_verb(self, verb) -> list[str]:
        return [name for name in self.world.buttons() if name.split(":")[1] == verb]

    def _press(self, presser, name) -> None:
        own = presser == self.world.owner_of(name)
        verb = name.split(":")[1]
        act = f"the owner presses {verb}" if own else "another presses"
        self._step(act, self.world.presses(presser, name))

    @rule(person=people, role=st.booleans(), sku=st.booleans())
    def plan_changes(self, person, role, sku) -> None:
        holds = self.world.people[person]
        lost = (holds.role, holds.sku) > (role, sku)
        holds.role, holds.sku = role, sku
        self._step("plan lost" if lost else "plan won", self.world.learn())

    # --- Discord

    @rule(person=people, shut=st.booleans())
    def dm_closes(self, person, shut) -> None:
        messenger = self.world.messenger
        (messenger.shut if shut else messenger.closed).add(person)
        self._step("a DM closes", self.world.learn())

    @rule(cell=troubles, which=some, person=people)
    def discord_is_in_trouble(self, cell, which, person) -> None:
        """A fault, just when the house works on jobs of this state."""
        fault, state = cell
        self._step(None, self.world.brings(person, state))
        self._step(None, self.world.trouble(fault, state, which))
        self._step(None, self.world.looks(state, 2))

    @rule()
    def the_weather_clears(self) -> None:
        self.world.fair()

    @rule(person=people, call=st.sampled_from(["send", "edit", "open_dm"]))
    def chooses_stealth_while_discord_thinks(self, person, call) -> None:
        world = self.world
        world.messenger.meanwhile(call, lambda: world.chooses(person, Visibility.STEALTH))

    # --- the house

    @rule(
        stage=st.sampled_from(["accepted", "running", "rendered", "ended"]), ticks=st.integers(0, 6)
    )
    def house_works(self, stage, ticks) -> None:
        self._step(None, self.world.looks(stage, ticks))

    @rule(
        person=people,
        said=words,
        stages=st.sampled_from([1, 2, 2, 3]),
        ticks=st.sampled_from([6, 1, 6, 0]),
    )
    def house_goes_on(self, person, said, stages, ticks) -> None:
        self._step("somebody asks", self.world.asks(person, said=said))
        for stage in ("accepted", "running", "rendered")[:stages]:
            self._step(None, self.world.looks(stage, ticks))

    @rule(code=st.booleans())
    def worker_fails(self, code) -> None:
        if code:
            self.world.engine.break_next()
        else:
            self.world.engine.crash()
        self._step("the worker fails", self.world.works(0))

    @rule(power_off=st.sampled_from([False, False, False, True]))
    def bot_dies(self, power_off) -> None:
        act = "power goes off" if power_off else "the bot starts again"
        self._step(act, self.world.dies(power_off=power_off))

    @rule(seconds=st.sampled_from([2, 20, 61, 61, 901, 3400, 90_000]))
    def time_passes(self, seconds) -> None:
        self._step("time passes", self.world.passes(seconds))

    @rule()
    def sweeps(self) -> None:
        self._step("the sweeper sweeps", self.world.sweeps())


ACTS = (
    "somebody asks",
    "/stealth",
    "/public",
    "never public",
    "erases everything",
    "opts out of all",
    "keeps nothing",
    "the owner presses again",
    "the owner presses cancel",
    "the owner presses onlyme",
    "another presses",
    "plan lost",
    "plan won",
    "a DM closes",
    "the worker fails",
    "the bot starts again",
    "power goes off",
    "time passes",
    "the sweeper sweeps",
)


def play(seed_number: int, sequences: int = SEQUENCES_A_SEED, *, shrink: bool = True) -> Score:
    """Play the sequences of one seed.

    Raises:
        LeakedError: with the shortest sequence Hypothesis found in its notes.
    """
    Sequence.score = Score()
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(seed(seed_number)(Sequence), settings=chosen)
    return Sequence.score


def play_and_tell(seed_number: int) -> Score:
    """Play one seed; what leaked is told in the score."""
    with quiet():
        try:
            return play(seed_number)
        except LeakedError as leak:
            told = "\n    ".join([str(leak), *getattr(leak, "__notes__", ())])
            Sequence.score.leaks.append(f"seed {seed_number}: {told}")
            return Sequence.score


def caught(mutant: str, first: int, seeds: int = 5) -> str:
    """Say how the sequences notice a mutant, and at which seed; empty if they do not."""
    with quiet(), mutants.STEALTH[mutant]():
        for number in range(first, first + seeds):
            try:
                play(number, shrink=False)
            except LeakedError as leak:
                return f"{str(leak).split(', ', maxsplit=1)[0]}; seed {number}"
    return ""


def prove(first: int, budget_seconds: float) -> Proof:
    """Play as many sequences as there is time for, and then every mutant."""
    began = time.monotonic()
    done = spread(
        play_and_tell,
        first,
        budget_seconds=budget_seconds,
        enough=lambda so_far: not any(table.empty() for table in _tables(_sum(so_far))),
    )
    score = _sum(done)
    return Proof(
        promise="P1  Stealth stays with its owner (services, SQLite and rules)",
        tried=score.sequences,
        seeds=f"seeds {first} to {done[-1][0]}, next SEED={done[-1][0] + 1}",
        figures=[
            f"{score.steps} steps, {score.jobs} jobs; {score.looked_at} messages, answers, log "
            "lines and presses judged; 0 leaked"
            if not score.leaks
            else f"{len(score.leaks)} seeds leaked",
        ],
        tables=_tables(score),
        controls={name: caught(name, first) for name in mutants.STEALTH},
        failures=score.leaks,
        seconds=time.monotonic() - began,
    )


def _sum(done: list[tuple[int, Score]]) -> Score:
    total = Score()
    for _, one in done:
        total.sequences += one.sequences
        total.steps += one.steps
        total.looked_at += one.looked_at
        total.jobs += one.jobs
        total.met += one.met
        total.acts += one.acts
        total.leaks += one.leaks
    return total


def _tables(score: Score) -> list[Table]:
    return [
        Table("Discord's fault × state", STATES, MET, score.met),
        Table("meanwhile × state", STAGES, dict.fromkeys(ACTS, STAGES), score.acts),
    ]
