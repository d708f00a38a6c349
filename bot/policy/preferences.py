"""What a person may prefer: a suffix, options of their own, wildcard lists, and switches.

Each rule takes the old choices and gives the new ones, or says why not. None of them can say who
sees a job: that is `/stealth`'s and `/public`'s alone. Their words are held against the rules on
prompts when they are used, as every prompt is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar, assert_never

from bot.domain import Cause, Choices, Refusal
from bot.policy import marked, parameters, promptline
from bot.policy.prompt import drawable

MAX_OPTIONS = 20
MAX_WILDCARDS = 20
MAX_ENTRIES = 100
MAX_NAME_CHARACTERS = 32
MAX_PARAMETER_CHARACTERS = 200
"""Of a suffix, or of one option: what a prompt has left for its own words stays the most."""
MAX_LIST_CHARACTERS = 2000

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_NOT_PLAIN = re.compile(r"[-\N{FULLWIDTH HYPHEN-MINUS}]{2}|[‒–—―−]|__|::|[{}\\]")
"""What would be more than words once it stands in a prompt. A dash that phones make of two short
ones counts as two."""

Kept = TypeVar("Kept", str, list[str])


class Switch(StrEnum):
    """What is on or off; of variability, on is strong."""

    REMIX = "remix"
    VARIABILITY = "variability"
    AUTO_DM = "auto_dm"
    PREVIEWS = "previews"


def switched(chosen: Choices, switch: Switch, *, on: bool) -> Choices:
    """Turn one on or off."""
    match switch:
        case Switch.REMIX:
            return replace(chosen, remixes=on)
        case Switch.VARIABILITY:
            return replace(chosen, varies_strongly=on)
        case Switch.AUTO_DM:
            return replace(chosen, auto_dm=on)
        case Switch.PREVIEWS:
            return replace(chosen, shows_previews=on)
        case _:
            assert_never(switch)


def is_on(chosen: Choices, switch: Switch) -> bool:
    """Say whether it is on."""
    return {
        Switch.REMIX: chosen.remixes,
        Switch.VARIABILITY: chosen.varies_strongly,
        Switch.AUTO_DM: chosen.auto_dm,
        Switch.PREVIEWS: chosen.shows_previews,
    }[switch]


def with_suffix(chosen: Choices, text: str) -> Choices | Refusal:
    """Keep what stands behind every prompt; an empty one resets it."""
    text = drawable(text)
    if text and (refusal := check_parameters(text)):
        return refusal
    return replace(chosen, suffix=text)


def with_option(chosen: Choices, name: str, value: str) -> Choices | Refusal:
    """Keep parameters under a name that prompts say as `--name`; an empty value deletes it."""
    name, value = named(name), drawable(value)
    if refusal := _check_name(name):
        return refusal
    if not value:
        return _deleted(chosen.options, name) or replace(
            chosen, options=_without(chosen.options, name)
        )
    if name in parameters.KNOWN or name in parameters.UNSERVED or _says_who_sees(f"--{name}"):
        return Refusal(Cause.SETTING_NAME_TAKEN)
    if refusal := check_parameters(value) or _check_room(chosen.options, name, MAX_OPTIONS):
        return refusal
    return replace(chosen, options=_with(chosen.options, name, value))


def with_wildcard(chosen: Choices, name: str, values: str) -> Choices | Refusal:
    """Keep a list of which a prompt's `__name__` takes one; an empty one deletes it."""
    name = named(name)
    if refusal := _check_name(name):
        return refusal
    entries = _entries(values)
    if not entries:
        return _deleted(chosen.wildcards, name) or replace(
            chosen, wildcards=_without(chosen.wildcards, name)
        )
    if refusal := _check_entries(values, entries):
        return refusal
    if refusal := _check_room(chosen.wildcards, name, MAX_WILDCARDS):
        return refusal
    return replace(chosen, wildcards=_with(chosen.wildcards, name, entries))


def named(name: str) -> str:
    """Take a name as it is typed: with the marks it has in a prompt, or without."""
    return name.strip().strip("-—–_").lower()


def check_parameters(text: str) -> Refusal | None:
    """Say why a text cannot be kept as parameters, if so: each of them must be one of a prompt."""
    if len(text) > MAX_PARAMETER_CHARACTERS:
        return Refusal(Cause.SETTING_TOO_LONG, {"limit": MAX_PARAMETER_CHARACTERS})
    if _says_who_sees(text):
        return Refusal(Cause.SETTING_VISIBILITY)
    read = parameters.read(marked.drawable(text))
    if isinstance(read, Refusal):
        return read
    return Refusal(Cause.SETTING_WORDS) if read.words.text else None


def _says_who_sees(text: str) -> bool:
    read = promptline.read(text)
    return isinstance(read, Refusal) or read.said is not None


def _check_name(name: str) -> Refusal | None:
    if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
        return Refusal(Cause.SETTING_NAME, {"limit": MAX_NAME_CHARACTERS})
    return None


def _entries(values: str) -> list[str]:
    """Take a list apart at its commas; an entry said twice counts once."""
    found = (drawable(entry) for entry in values.split(","))
    return list(dict.fromkeys(entry for entry in found if entry))


def _check_entries(values: str, entries: list[str]) -> Refusal | None:
    if len(values) > MAX_LIST_CHARACTERS:
        return Refusal(Cause.SETTING_TOO_LONG, {"limit": MAX_LIST_CHARACTERS})
    if len(entries) > MAX_ENTRIES:
        return Refusal(Cause.SETTING_ENTRIES, {"limit": MAX_ENTRIES})
    if any(map(_NOT_PLAIN.search, entries)) or any(map(_says_who_sees, entries)):
        return Refusal(Cause.SETTING_NOT_PLAIN)
    return None


def _check_room(kept: Mapping[str, object], name: str, most: int) -> Refusal | None:
    is_full = name not in kept and len(kept) >= most
    return Refusal(Cause.SETTING_TOO_MANY, {"limit": most}) if is_full else None


def _deleted(kept: Mapping[str, object], name: str) -> Refusal | None:
    return None if name in kept else Refusal(Cause.NO_SUCH_SETTING)


def _with(kept: Mapping[str, Kept], name: str, value: Kept) -> dict[str, Kept]:
    return dict(kept) | {name: value}


def _without(kept: Mapping[str, Kept], name: str) -> dict[str, Kept]:
    return {each: value for each, value in kept.items() if each != name}
