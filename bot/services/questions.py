"""Asks that wait for their owner's answer, at no cost, for as long as Discord lets an ephemeral
message be answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain import Ask, PersonId, Why
from bot.ports import Clock
from bot.services.pending import Pending

WAIT_SECONDS = 15 * 60
"""An interaction's token lives so long
(https://discord.com/developers/docs/interactions/receiving-and-responding)."""


@dataclass(frozen=True)
class Waiting:
    """One ask that waits, and why."""

    ask: Ask
    why: Why


class Questions:
    """The waiting asks."""

    def __init__(self, clock: Clock) -> None:
        self._pending = Pending[PersonId, Waiting](clock, WAIT_SECONDS)
        self._forms = Pending[PersonId, Ask](clock, WAIT_SECONDS)

    def hold(self, ask: Ask, why: Why) -> str:
        """Keep an ask until it is answered; gives the name its buttons carry.

        The pictures it brings are fetched again then: here they would fill the memory.
        """
        return self._pending.hold(ask.person, Waiting(without_inputs(ask), why))

    def take(self, name: str, presser: PersonId) -> Waiting | None:
        """Give a waiting ask to whoever asked it, once."""
        return self._pending.take(name, presser)

    def hold_form(self, ask: Ask) -> str:
        """Keep an ask whose words are being written in a form; gives the name the form carries."""
        return self._forms.hold(ask.person, ask)

    def take_form(self, name: str, presser: PersonId) -> Ask | None:
        """Give the ask of a form to whoever opened it, once."""
        return self._forms.take(name, presser)

    def drop_of(self, person: PersonId) -> None:
        """Forget what a person was being asked."""
        self._pending.drop_of(person)
        self._forms.drop_of(person)


def without_inputs(ask: Ask) -> Ask:
    """Leave out the pictures that were fetched for an ask, and for what else its line asks."""
    return replace(ask, inputs=(), also=tuple(replace(one, inputs=()) for one in ask.also))
