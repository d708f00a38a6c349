"""A whole prompt line: what it asks for in words and parameters, once for each job that it makes.

Read in this order: the words that say who sees it (`promptline`), options of its owner's
(`--mine`), braces, wildcards, parameters (`parameters`), and behind all the owner's suffix. Nothing
its owner prefers, and nothing that only comes together out of pieces, makes a job public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain import Cause, Private, Refusal, Visibility
from bot.policy import braces, marked, parameters, promptline
from bot.policy.marked import Marked
from bot.policy.parameters import Given
from bot.policy.plans import Plan
from bot.policy.prompt import MAX_CHARACTERS
from gen import weights

_WILDCARD = re.compile(r"(?<!\\)__(?P<name>[a-z][a-z0-9-]*)__", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 32


@dataclass(frozen=True)
class Kept:
    """What somebody keeps for their prompts (`/prefer`)."""

    suffix: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    wildcards: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Job:
    """One job of a line: its words, and what its parameters set, by the fields of an ask."""

    words: str = field(repr=False)
    given: Mapping[str, Given] = field(repr=False)


@dataclass(frozen=True)
class Line:
    """All jobs of a line, and who may see them, where it says so."""

    jobs: tuple[Job, ...]
    said: Visibility | None


def read(typed: str, kept: Kept, plan: Plan, draw: Callable[[], int]) -> Line | Refusal:
    """Read a line as it was typed. `draw` gives a number for each wildcard that takes an entry."""
    heard = promptline.hear(marked.drawable(typed))
    if isinstance(heard, Refusal):
        return heard
    line, said = heard
    whole = parameters.expanded(line, kept.options)
    if isinstance(whole, Refusal):
        return whole
    spread = braces.read(whole)
    if isinstance(spread, Refusal):
        return spread
    if spread.count > plan.max_permutations:
        facts = {"plan": plan.name, "limit": plan.max_permutations, "jobs": spread.count}
        return Refusal(Cause.PLAN_PERMUTATIONS, facts)
    behind = _behind(kept.suffix)
    if isinstance(behind, Refusal):
        return behind
    jobs = list[Job]()
    for text in spread.texts():
        job = _job(text.tidy(), kept, behind, draw, said)
        if isinstance(job, Refusal):
            return job
        jobs.append(job[0])
        said = job[1]
    return Line(tuple(jobs), said)


def _job(
    text: Marked,
    kept: Kept,
    behind: parameters.Read,
    draw: Callable[[], int],
    said: Visibility | None,
) -> tuple[Job, Visibility | None] | Refusal:
    """Read one text without braces; with who may see it, as far as is known by now."""
    drawn = _drawn(text, kept.wildcards, draw)
    if isinstance(drawn, Refusal):
        return drawn
    heard = promptline.hear(drawn)
    if isinstance(heard, Refusal):
        return heard
    if heard[1] not in (None, said):
        if heard[1] is Visibility.PUBLIC or said is Visibility.PUBLIC:
            return Refusal(Cause.VISIBILITY_PUT_TOGETHER)
        said = Visibility.STEALTH
    read = parameters.read(heard[0])
    if isinstance(read, Refusal):
        return read
    words = marked.join([read.words, marked.kept(" "), behind.words]).tidy()
    if len(words.text) > MAX_CHARACTERS:
        return Refusal(Cause.PROMPT_TOO_LONG, {"limit": MAX_CHARACTERS})
    if refusal := _check_weights(words):
        return refusal
    return Job(words.text, parameters.agree(read.given, behind.given)), said


def _behind(suffix: str) -> parameters.Read | Refusal:
    """Read what stands behind each prompt of its owner; it says nothing of who sees it."""
    heard = promptline.hear(marked.kept(" ".join(suffix.split())))
    if isinstance(heard, Refusal) or heard[1] is not None:
        return Refusal(Cause.SETTING_VISIBILITY)
    return parameters.read(heard[0])


def _drawn(
    line: Marked, wildcards: Mapping[str, Sequence[str]], draw: Callable[[], int]
) -> Marked | Refusal:
    """Put one entry of its list in the place of each `__name__`."""
    pieces, begin, length = list[Marked](), 0, len(line.text)
    for mark in _WILDCARD.finditer(line.text):
        entries = wildcards.get(mark["name"].lower(), ())
        if not entries:
            name = Private(mark["name"][:_LONGEST_NAME])
            return Refusal(Cause.WILDCARD_UNKNOWN, {"name": name, "at": line.at(mark.start())})
        entry = entries[draw() % len(entries)]
        length += len(entry)
        if length > 2 * MAX_CHARACTERS:
            return Refusal(Cause.PROMPT_TOO_LONG, {"limit": MAX_CHARACTERS})
        pieces += [line[begin : mark.start()], marked.kept(entry)]
        begin = mark.end()
    return marked.join([*pieces, line[begin:]]).tidy()


def _check_weights(words: Marked) -> Refusal | None:
    if (wrong := weights.misplaced(words.text)) is not None:
        return Refusal(Cause.WEIGHT, {"most": weights.MOST, "at": words.at(wrong)})
    try:
        weights.read(words.text)
    except weights.WeightsUnbalanced:
        return Refusal(Cause.WEIGHTS_SUM)
    return None
