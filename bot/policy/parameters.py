"""The parameters of a prompt: `--ar 3:2`, `--no cars`, `--seed 7`, and all others.

Names and ranges are Midjourney's where it has them
(https://docs.midjourney.com/docs/parameter-list), so that habits work here. A parameter begins with
two dashes, or with the long dash that phones make of them. Its value is one word, or several in
quotes; only `--no` takes all up to the next parameter. What follows a value is words again. Case
does not matter. A backslash before the dashes makes them plain text.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import partial

from bot.domain import At, Cause, Private, Refusal
from bot.policy.marked import Marked, join, kept
from bot.policy.prompt import (
    MAX_CHARACTERS,
    MAX_COUNT,
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_STEPS,
    MIN_GUIDANCE,
    MIN_STEPS,
)
from bot.policy.promptline import LONG, SHORT
from gen.job import Speed
from gen.samplers import SAMPLERS

MAX_STYLIZE = 1000
MIN_STOP, MAX_STOP = 10, 100
MAX_REPEAT = 100
MAX_IMAGE_WEIGHT = 3.0
MAX_LORA_WEIGHT = 2.0

_LONGEST_NAME = 32
_BEGIN = re.compile(
    rf"(?<![{SHORT}{LONG}])(?P<dashes>[{SHORT}{LONG}]++)(?P<name>\w[\w-]*)(?P<is>=?)"
)
_WORD = re.compile(r' ?(?:["“”„](?P<quoted>[^"“”„]*)["“”„]|(?P<plain>\S+))')
_WHOLE = re.compile(r"[0-9]{1,12}")
_NUMBER = re.compile(r"(?:[0-9]{1,12}\.?[0-9]{0,12}|\.[0-9]{1,12})")


@dataclass(frozen=True)
class Parameter:
    """One parameter: the field of an ask that it sets, and how its value is read.

    `read` gives None for what is no such value, and `least` and `most` are its range where it has
    one. A flag has no value, and sets `flag`.
    """

    name: str
    field: str
    read: Callable[[str], object | None] | None = None
    least: float | None = None
    most: float | None = None
    flag: object = None
    takes_all: bool = False
    is_list: bool = False


@dataclass(frozen=True)
class Given:
    """What one parameter was given, and where it stands."""

    name: str
    value: object = field(repr=False)
    at: At


@dataclass(frozen=True)
class Read:
    """A prompt without its parameters, and what they set, by the fields of an ask."""

    words: Marked
    given: Mapping[str, Given]


def _whole(least: int, most: int, text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) and least <= int(text) <= most else None


def _number(least: float, most: float, text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) and least <= float(text) <= most else None


def _ratio(text: str) -> str | None:
    """Two whole numbers: `139:100`, not `1.39:1`."""
    sides = re.fullmatch(r"0*([1-9][0-9]{0,4}):0*([1-9][0-9]{0,4})", text)
    return f"{sides[1]}:{sides[2]}" if sides else None


def _sampler(text: str) -> str | None:
    return text.lower() if text.lower() in SAMPLERS else None


def _lora(text: str) -> tuple[str, float | None] | None:
    """`ink:0.8`; without a weight, the LoRA's own."""
    name, colon, weight = text.rpartition(":")
    if not colon:
        return text, None
    sign = -1 if weight.startswith("-") else 1
    amount = _number(0, MAX_LORA_WEIGHT, weight.removeprefix("-"))
    return (name, sign * amount) if name and amount is not None else None


def _of_whole(name: str, field: str, least: int, most: int) -> Parameter:
    return Parameter(name, field, partial(_whole, least, most), least, most)


def _of_number(name: str, field: str, least: float, most: float) -> Parameter:
    return Parameter(name, field, partial(_number, least, most), least, most)


TABLE: tuple[Parameter, ...] = (
    Parameter("ar", "aspect_ratio", _ratio),
    Parameter("no", "negative_prompt", str, takes_all=True),
    _of_whole("seed", "seed", 0, MAX_SEED),
    _of_whole("steps", "steps", MIN_STEPS, MAX_STEPS),
    _of_number("cfg", "guidance", MIN_GUIDANCE, MAX_GUIDANCE),
    _of_whole("stylize", "stylize", 0, MAX_STYLIZE),
    _of_whole("count", "count", 1, MAX_COUNT),
    _of_whole("repeat", "repeat", 1, MAX_REPEAT),
    _of_whole("stop", "stop", MIN_STOP, MAX_STOP),
    Parameter("tile", "tile", flag=True),
    Parameter("model", "model", str),
    Parameter("sampler", "sampler", _sampler),
    _of_number("iw", "image_weight", 0.0, MAX_IMAGE_WEIGHT),
    _of_number("strength", "strength", 0.0, 1.0),
    Parameter("fast", "speed", flag=Speed.FAST),
    Parameter("relax", "speed", flag=Speed.RELAX),
    Parameter("lora", "loras", _lora, most=MAX_LORA_WEIGHT, is_list=True),
    Parameter("spoiler", "spoiler", flag=True),
)

SHORT_NAMES: dict[str, str] = {
    "aspect": "ar",
    "scale": "cfg",
    "s": "stylize",
    "n": "count",
    "r": "repeat",
    "m": "model",
}

#: What other bots know and no model here serves, by the name under which it is told what to do.
UNSERVED: dict[str, str] = {
    **dict.fromkeys(("chaos", "c"), "chaos"),
    **dict.fromkeys(("weird", "w"), "weird"),
    **dict.fromkeys(("style", "raw", "tune", "personalize", "profile", "p", "exp"), "style"),
    **dict.fromkeys(("sref", "sw", "sv"), "sref"),
    **dict.fromkeys(("cref", "cw", "oref", "ow"), "oref"),
    **dict.fromkeys(("video", "motion", "loop", "end", "bs"), "video"),
    **dict.fromkeys(("version", "v", "niji", "test", "testp", "creative"), "version"),
    **dict.fromkeys(("quality", "q", "hd", "draft"), "quality"),
    **dict.fromkeys(("zoom", "pan"), "zoom"),
    **dict.fromkeys(("uplight", "upbeta", "upanime"), "upbeta"),
    **dict.fromkeys(("width", "height", "h", "wallpaper"), "width"),
    "sameseed": "sameseed",
    "turbo": "turbo",
}

_BY_NAME: dict[str, Parameter] = {each.name: each for each in TABLE}
KNOWN: dict[str, Parameter] = _BY_NAME | {
    short: _BY_NAME[name] for short, name in SHORT_NAMES.items()
}
"""Every parameter, by each of its names."""

_SEEN_BY = ("stealth", "private", "public")
_TOGETHER = (
    frozenset({"guidance", "stylize"}),
    frozenset({"strength", "image_weight"}),
)
"""Fields that one thing hangs on: whoever sets one of them, sets both."""


def read(line: Marked) -> Read | Refusal:
    """Take the parameters out of a line; each is said once, but for lists."""
    given, gone = dict[str, Given](), list[tuple[int, int]]()
    begun = list(starts(line, KNOWN.keys() | UNSERVED.keys()))
    for number, start in enumerate(begun):
        until = begun[number + 1].start() if number + 1 < len(begun) else len(line.text)
        at, name = line.at(start.start("dashes")), start["name"].lower()
        if name not in KNOWN:
            return _unknown(start["name"], at)
        taken = _taken(KNOWN[name], start, line.text[start.end() : until], at)
        if isinstance(taken, Refusal):
            return taken
        said, length = taken
        if refusal := _add(given, KNOWN[name], said):
            return refusal
        gone.append((start.start("dashes"), start.end() + length))
    return Read(line.without(gone).tidy(), given)


def starts(line: Marked, known: Set[str]) -> Iterator[re.Match[str]]:
    """Find where parameters begin.

    A dash within a word begins one only where its name is known: `well--known` is words. So does a
    long dash: `a fox —a red one` is words.
    """
    for start in _BEGIN.finditer(line.text):
        before = line.text[max(0, start.start() - 1) : start.start()]
        dashes, is_known = start["dashes"], start["name"].lower() in known
        is_long = any(dash in LONG for dash in dashes)
        if before == "\\" or (len(dashes) < 2 and not is_long):
            continue
        is_glued = bool(before) and before != " "
        if not (is_long and before.isalnum() if is_known else is_long or is_glued):
            yield start


def agree(first: Mapping[str, Given], others: Mapping[str, Given]) -> dict[str, Given]:
    """Add what others say of what the first say nothing of."""
    said = {other for name in first for other in together_with(name)}
    return {**{name: given for name, given in others.items() if name not in said}, **first}


def together_with(name: str) -> frozenset[str]:
    """Name the fields that hang on the same thing as this one, itself among them."""
    return next((together for together in _TOGETHER if name in together), frozenset({name}))


def _unknown(name: str, at: At) -> Refusal:
    if unserved := UNSERVED.get(name.lower()):
        return Refusal(
            Cause.PARAMETER_UNSERVED, {"name": name.lower(), "unserved": unserved, "at": at}
        )
    names = (*KNOWN, *_SEEN_BY)
    nearest = difflib.get_close_matches(name.lower()[:_LONGEST_NAME], names, n=1)
    said = Private(name[:_LONGEST_NAME])
    return Refusal(
        Cause.PARAMETER_UNKNOWN, {"name": said, "nearest": nearest[0] if nearest else "", "at": at}
    )


def _taken(
    parameter: Parameter, start: re.Match[str], rest: str, at: At
) -> tuple[Given, int] | Refusal:
    """Read the value of a parameter; with how many characters of the rest it takes."""
    if parameter.read is None:
        if start["is"]:
            return _refused(Cause.PARAMETER_VALUE, parameter, at)
        return Given(parameter.name, parameter.flag, at), 0
    if parameter.takes_all:
        text, length = rest.strip(" ,"), len(rest.rstrip(" "))
    else:
        text, length = _word(rest)
    if not text:
        return _refused(Cause.PARAMETER_EMPTY, parameter, at)
    value = parameter.read(text)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return _refused(Cause.PARAMETER_VALUE, parameter, at)
    return Given(parameter.name, value, at), length


def _word(rest: str) -> tuple[str, int]:
    """Give the first word, or what stands in quotes, and how many characters are gone with it."""
    word = _WORD.match(rest)
    if word is None:
        return "", 0
    if word["quoted"] is not None:
        return word["quoted"].strip(), word.end()
    text = word["plain"].rstrip(",;")
    return text, word.start("plain") + len(text)


def _add(given: dict[str, Given], parameter: Parameter, said: Given) -> Refusal | None:
    before = given.get(parameter.field)
    if parameter.is_list and isinstance(said.value, tuple):
        listed = before.value if before and isinstance(before.value, tuple) else ()
        if any(str(one[0]).lower() == str(said.value[0]).lower() for one in listed):
            return Refusal(Cause.PARAMETER_TWICE, {"name": said.name, "at": said.at})
        given[parameter.field] = Given(said.name, (*listed, said.value), said.at)
        return None
    if before is not None and before.name != said.name:
        return Refusal(
            Cause.PARAMETERS_DISAGREE, {"one": before.name, "other": said.name, "at": said.at}
        )
    if before is not None:
        return Refusal(Cause.PARAMETER_TWICE, {"name": said.name, "at": said.at})
    if others := together_with(parameter.field) & given.keys():
        one = given[next(iter(others))].name
        return Refusal(Cause.PARAMETERS_DISAGREE, {"one": one, "other": said.name, "at": said.at})
    given[parameter.field] = said
    return None


def _refused(cause: Cause, parameter: Parameter, at: At) -> Refusal:
    bounds = {"least": parameter.least, "most": parameter.most}
    held = {name: bound for name, bound in bounds.items() if bound is not None}
    return Refusal(cause, {"name": parameter.name, "at": at, **held})


def expanded(line: Marked, options: Mapping[str, str]) -> Marked | Refusal:
    """Put a person's own options in the place of their names, as far as a prompt has room."""
    pieces, begin, length = list[Marked](), 0, len(line.text)
    for start in starts(line, options.keys() | KNOWN.keys() | UNSERVED.keys()):
        value = options.get(start["name"].lower())
        if value is None or start["name"].lower() in KNOWN:
            continue
        length += len(value)
        if length > 2 * MAX_CHARACTERS:
            return Refusal(Cause.PROMPT_TOO_LONG, {"limit": MAX_CHARACTERS})
        pieces += [line[begin : start.start("dashes")], kept(f" {value} ")]
        begin = start.end()
    return join([*pieces, line[begin:]]).tidy()
