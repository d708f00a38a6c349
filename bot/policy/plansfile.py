"""The plans file, read and checked: every problem at once, by its line, with its remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial

from bot.policy.plans import Plan, Shelf, StealthRule
from bot.policy.retention import LIFETIMES, DataClass, operator_limits
from gen.fairness import Sharing
from gen.job import Speed

NAME_CHARACTERS = 32
NO_PLAN = "none"
"""What takes a ceiling away, so that no plan can be called that."""


class PlansUnreadable(ValueError):
    """A plans file cannot be used; the text names every problem, its line and its remedy."""


def read_shelf(text: str) -> Shelf:
    """Read a plans file, best plan last.

    Raises:
        PlansUnreadable: with every problem, in the order of its lines.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PlansUnreadable(f"the plans file is not valid TOML: {fault}") from None
    listed, said, lines = tables.get("plan", []), tables.get("sharing", {}), _Lines.of(text)
    if not isinstance(listed, list) or not listed:
        raise PlansUnreadable("the plans file names no plan: add at least one [[plan]] table")
    problems = [
        _Problem(lines.at(None, key), f"unknown table {key!r}; there are [[plan]] and [sharing]")
        for key in set(tables) - {"plan", "sharing"}
    ]
    problems += _sharing_problems(said, lines)
    for number, table in enumerate(listed):
        problems += _plan_problems(table, partial(lines.at, number))
    problems += _twice(listed, lines)
    if problems:
        told = sorted(problems, key=lambda each: each.line)
        raise PlansUnreadable("; ".join(f"line {each.line}: {each.said}" for each in told))
    return Shelf(tuple(_plan(table) for table in listed), _sharing(said))


# --- where things stand


@dataclass(frozen=True)
class _Problem:
    line: int
    said: str


_HEADER = re.compile(r"\s*\[(\[)?\s*([\w.\"' -]+?)\s*\]")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*(?:\.[^=]*)?=")


@dataclass(frozen=True)
class _Lines:
    """The line of each key, by the number of its plan; the parser tells it for syntax alone."""

    found: Mapping[tuple[int | str | None, str], int]

    @classmethod
    def of(cls, text: str) -> _Lines:
        """Read where each table begins and each key stands."""
        found = dict[tuple[int | str | None, str], int]()
        plan, table = -1, None
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                name = header[2].replace(" ", "")
                plan += int(bool(header[1]) and name == "plan")
                table = plan if name.partition(".")[0] == "plan" else name
                found.setdefault((table, ""), number)
                found.setdefault((None, name), number)
                found.setdefault((table, name.rpartition(".")[2]), number)
            elif key := _KEY.match(line):
                found.setdefault((table, key[1]), number)
        return cls(found)

    def at(self, table: int | str | None, key: str = "") -> int:
        """Give the line of a key; else the one its table begins on."""
        begins = self.found.get((table, ""), self.found.get((None, "plan"), 1))
        return self.found.get((table, key), begins)


# --- how the GPU is shared

_HALF_LIFE = "relax_half_life_minutes"
_SHARES, _HALF_LIVES, _WEIGHTS = (0.01, 0.99), (1, 10_080), (0.01, 1000)
"""From where to where each number goes: beyond it, somebody would wait for ever in all but name."""


def _sharing_problems(said: object, lines: _Lines) -> Iterator[_Problem]:
    if not isinstance(said, Mapping):
        yield _Problem(lines.at("sharing"), "sharing must be a [sharing] table")
        return
    for key in set(said) - {"relax_share", _HALF_LIFE}:
        yield _Problem(
            lines.at("sharing", key),
            f"[sharing]: unknown key {key!r}; there are relax_share and {_HALF_LIFE}",
        )
    share, life = said.get("relax_share", 0.5), said.get(_HALF_LIFE, 60)
    if not _is_number(share, *_SHARES):
        yield _Problem(
            lines.at("sharing", "relax_share"),
            "[sharing]: relax_share must be a number from {} to {}, such as 0.2".format(*_SHARES),
        )
    if not _is_number(life, *_HALF_LIVES):
        yield _Problem(
            lines.at("sharing", _HALF_LIFE),
            f"[sharing]: {_HALF_LIFE} must be a number from {_HALF_LIVES[0]} to {_HALF_LIVES[1]}",
        )


def _sharing(said: Mapping[str, float]) -> Sharing:
    shipped = Sharing()
    minutes = said.get(_HALF_LIFE, shipped.half_life_seconds / 60)
    return Sharing(
        relax_share=float(said.get("relax_share", shipped.relax_share)),
        half_life_seconds=float(minutes) * 60,
    )


# --- one plan

_INTEGERS = (
    *("pictures_per_day", "running_jobs", "waiting_jobs", "max_steps", "max_count"),
    *("max_repeat", "max_permutations"),
)
_OPTIONAL = {"stealth_per_day": 0, "gpu_seconds_per_month": 1, "max_pixels": 1}
"""What may be left out, and the least it may be."""

_KNOWN = {field.name for field in fields(Plan)}
_KEPT = [
    kind.value for kind, life in LIFETIMES.items() if life.numbered and life.person_may_shorten
]
"""What a plan may keep for less time: what is its people's own."""

_Line = partial[int]


def _name(table: object) -> str | None:
    name = table.get("name") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) and name else None


def _twice(tables: list[object], lines: _Lines) -> Iterator[_Problem]:
    met = set[str]()
    for number, table in enumerate(tables):
        name = _name(table)
        if name is not None and name.casefold() in met:
            yield _Problem(
                lines.at(number, "name"), f"plan {name!r} is named twice: rename or remove one"
            )
        met.add((name or "").casefold())


def _plan_problems(table: object, at: _Line) -> Iterator[_Problem]:
    if not isinstance(table, Mapping):
        yield _Problem(at(""), "each plan must be a [[plan]] table")
        return
    name = _name(table)
    whose = "a plan without a name" if name is None else f"plan {name!r}"
    for check in (_of_name, _of_keys, _of_numbers, _of_words, _of_retention, _contradictions):
        for key, said in check(table):
            yield _Problem(at(key), f"{whose}: {said}")


_Told = Iterator[tuple[str, str]]
"""Each problem's key, and what is wrong with it."""


def _of_name(table: Mapping[str, object]) -> _Told:
    name = _name(table)
    if name is None:
        yield "name", 'give it one, such as name = "Plus"'
        return
    if len(name) > NAME_CHARACTERS or not name.isprintable() or name != name.strip():
        yield "name", f"a name has at most {NAME_CHARACTERS} characters on one line"
    if name.casefold() == NO_PLAN or "`" in name:
        yield "name", f"no plan may be called {NO_PLAN!r} or have a ` in its name"


def _of_keys(table: Mapping[str, object]) -> _Told:
    for key in set(table) - _KNOWN:
        yield key, f"unknown key {key!r}; there are {', '.join(sorted(_KNOWN))}"


def _of_numbers(table: Mapping[str, object]) -> _Told:
    for key in _INTEGERS:
        if not _is_count(table.get(key)):
            yield key, f"{key} must be a whole number of at least 1"
    for key, least in _OPTIONAL.items():
        if key in table and not _is_count(table[key], least):
            yield key, f"{key} must be a whole number of at least {least}, or left out"
    if not _is_number(table.get("weight"), *_WEIGHTS):
        yield "weight", "weight must be a number from {} to {}".format(*_WEIGHTS)


def _of_words(table: Mapping[str, object]) -> _Told:
    if table.get("stealth") not in list(StealthRule):
        yield "stealth", f"stealth must be one of {', '.join(StealthRule)}"
    if not _are_speeds(table.get("speeds")):
        yield "speeds", 'speeds must list "fast", "relax" or both, the default first'


def _of_retention(table: Mapping[str, object]) -> _Told:
    said = table.get("retention", {})
    if not isinstance(said, Mapping):
        yield "retention", 'retention must be a table such as { recipe = "7d" }'
        return
    for kind, duration in said.items():
        if kind not in _KEPT:
            yield kind, f"a plan keeps no {kind!r} for less time; it may {', '.join(_KEPT)}"
            continue
        try:
            is_one = isinstance(duration, str) and "," not in duration
            operator_limits(f"{kind}={duration if is_one else '?'}")
        except ValueError as fault:
            yield kind, f"retention: {fault}"


def _contradictions(table: Mapping[str, object]) -> _Told:
    """Say what two lines that are each right cannot mean together."""
    stealth, per_day = table.get("stealth"), table.get("stealth_per_day")
    if stealth == StealthRule.NEVER and per_day is not None:
        yield "stealth_per_day", 'with stealth = "never" leave stealth_per_day out'
    if stealth in (StealthRule.DEFAULT, StealthRule.ALWAYS) and per_day == 0:
        yield (
            "stealth_per_day",
            f'with stealth = "{stealth}" no job could be made: raise it, or leave it out',
        )
    for less, more in (("running_jobs", "waiting_jobs"), ("max_count", "pictures_per_day")):
        low, high = table.get(less), table.get(more)
        if _is_count(low) and _is_count(high) and low > high:  # type: ignore[operator]  # counts
            yield less, f"{less} is above {more}, so it can never be reached: lower it"
    speeds = table.get("speeds")
    if _are_speeds(speeds) and Speed.FAST not in speeds and "gpu_seconds_per_month" in table:  # type: ignore[operator]  # a list
        yield (
            "gpu_seconds_per_month",
            'relaxed jobs take no fast time: add "fast" to speeds, or leave it out',
        )


def _is_count(value: object, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_number(value: object, least: float, most: float) -> bool:
    """Whether fair sharing can count with it: TOML also writes `inf` and `nan`."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return least <= value <= most


def _are_speeds(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return False
    return 0 < len(value) == len(set(value)) and set(value) <= set(Speed)


def _plan(table: Mapping[str, object]) -> Plan:
    found = dict.fromkeys(_OPTIONAL) | dict(table)
    found["stealth"] = StealthRule(str(table["stealth"]))
    found["speeds"] = tuple(Speed(speed) for speed in table["speeds"])  # type: ignore[attr-defined]
    found["retention"] = {
        DataClass(kind): seconds
        for kind, said in dict(table.get("retention", {})).items()  # type: ignore[call-overload]
        for seconds in operator_limits(f"{kind}={said}").values()
    }
    return Plan(**found)  # type: ignore[arg-type]  # every field was checked by `_plan_problems`
