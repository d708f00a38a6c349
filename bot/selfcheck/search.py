"""Secrets in copies: all patterns at once, in what stands there and in what it inflates to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import BytesAhoCorasick

from bot.selfcheck.streams import Budget, inflated
from bot.selfcheck.table import Exhibit, Kind, Moment, Place, Secret, may_stand


@dataclass(frozen=True)
class Row:
    """What was searched at one moment in one place, and the kinds of things found there.

    `stood` is what was found and may stand there.
    """

    moment: Moment
    place: Place
    copies: int
    size_bytes: int
    finds: tuple[Kind, ...]
    stood: tuple[Kind, ...]


@dataclass
class Searcher:
    """Looks for some secrets. What it has searched once it does not search again."""

    secrets: Sequence[Secret] = field(repr=False)
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        self._owners: dict[bytes, list[int]] = {}
        for number, secret in enumerate(self.secrets):
            for pattern in secret.patterns:
                self._owners.setdefault(pattern, []).append(number)
        self._patterns = list(self._owners)
        self._automaton = BytesAhoCorasick(self._patterns)
        self._known: dict[bytes, tuple[Secret, ...]] = {}

    @property
    def patterns(self) -> int:
        """How many patterns are looked for."""
        return len(self._patterns)

    def rows(self, exhibits: Iterable[Exhibit]) -> list[Row]:
        """Search copies, and give one row for each moment and place, in the table's order."""
        by_place: dict[tuple[Moment, Place], list[Exhibit]] = {}
        for exhibit in sorted(exhibits, key=lambda each: len(each.content)):
            self.inside(exhibit.content)  # the smallest first: the budget then reaches the most
            by_place.setdefault((exhibit.moment, exhibit.place), []).append(exhibit)
        moments, places = list(Moment), list(Place)
        order = sorted(by_place, key=lambda at: (moments.index(at[0]), places.index(at[1])))
        return [self._row(*at, by_place[at]) for at in order]

    def inside(self, content: bytes) -> tuple[Secret, ...]:
        """Name the secrets that some bytes hold, whether they may or not."""
        digest = hashlib.sha256(content).digest()
        if digest not in self._known:
            heap = b"\0".join(inflated(content, self.budget))
            found = self._matches(content) | self._matches(heap)
            self._known[digest] = tuple(self.secrets[number] for number in sorted(found))
        return self._known[digest]

    def _row(self, moment: Moment, place: Place, exhibits: list[Exhibit]) -> Row:
        finds, stood = set[Kind](), set[Kind]()
        for exhibit in exhibits:
            for secret in self.inside(exhibit.content):
                (stood if may_stand(secret, exhibit) else finds).add(secret.kind)
        size = sum(len(exhibit.content) for exhibit in exhibits)
        found, allowed = tuple(sorted(finds)), tuple(sorted(stood))
        return Row(moment, place, len(exhibits), size, found, allowed)

    def _matches(self, content: bytes) -> set[int]:
        """Give the numbers of the secrets whose patterns stand in some bytes."""
        matches = self._automaton.find_matches_as_indexes(content, overlapping=True)
        patterns = {number for number, _, _ in matches}
        return {owner for number in patterns for owner in self._owners[self._patterns[number]]}
