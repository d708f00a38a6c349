"""Faults that a test or a curious person can order: `POST /weather`.

A rule matches by method, by a part of the route or path, and by a file of more than `over_bytes`;
it holds `times` times (for ever when it names none) and does one or more of these:

| word | effect |
|---|---|
| `delay_ms` | wait so long before anything is done |
| `delay_answer_ms` | do it, then wait so long before answering |
| `drop` | cut the connection before anything is done |
| `lost_answer` | do it, then cut the connection instead of answering |
| `cut_answer` | do it, send half of the answer, then cut the connection |
| `rate_limit` | 429: `{"scope", "retry_after", "via"}`; scope is user, global or shared |
| `status` | answer with this HTTP status (5xx) |
| `code` | refuse with this Discord error code (403 and the like) |
| `too_large` | 413 with 40005 |
| `expired_token` | 401 with 50027 |
| `page` | what is answered comes as a page of the edge: HTML, and no `Via` (a Cloudflare ban) |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.sandbox import fields
from bot.sandbox.entities import Json
from bot.sandbox.errors import CODES, ClientError, DiscordError, refuse

SCOPES = ("user", "global", "shared")
STATUS_WORDS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


@dataclass
class Rule:
    """One fault, for the requests that it matches."""

    method: str | None = None
    route: str | None = None
    over_bytes: int | None = None
    times: int | None = None
    delay_ms: float = 0.0
    delay_answer_ms: float = 0.0
    drop: bool = False
    lost_answer: bool = False
    cut_answer: bool = False
    rate_limit: Json | None = None
    status: int | None = None
    code: int | None = None
    too_large: bool = False
    expired_token: bool = False
    page: bool = False

    def matches(self, method: str, names: tuple[str, ...], largest_bytes: int) -> bool:
        """Whether this rule still holds and means this request, by its largest file too."""
        if self.times == 0 or self.method not in (None, method):
            return False
        if self.over_bytes is not None and largest_bytes <= self.over_bytes:
            return False
        return self.route is None or any(self.route in name for name in names)

    def use(self) -> None:
        """Count one use."""
        if self.times is not None:
            self.times -= 1


RULE_WORDS = frozenset(Rule.__dataclass_fields__)
_MEANS = frozenset({"method", "route", "over_bytes", "times"})
"""The words that say when a rule holds, and not what it does."""


@dataclass(frozen=True)
class TooFast:
    """A 429 that was ordered or earned."""

    retry_after: float
    scope: str = "user"
    via: bool = True


class Weather:
    """The rules that hold now."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, given: Mapping[str, Any]) -> None:
        """Order a fault."""
        fields.only_for_people(given, RULE_WORDS, "a weather rule")
        rule = Rule(**given)
        for name in ("times", "over_bytes"):
            if not isinstance(given.get(name, 0), int | None):
                raise ClientError(f"{name} is a whole number")
        if rule.rate_limit is not None:
            fields.only_for_people(rule.rate_limit, ("scope", "retry_after", "via"), "rate_limit")
            if rule.rate_limit.get("scope", "user") not in SCOPES:
                raise ClientError(f"a rate limit's scope is one of {', '.join(SCOPES)}")
        if rule.code is not None and rule.code not in CODES:
            raise ClientError(f"the sandbox does not know Discord's error code {rule.code}")
        if not set(given) - _MEANS:
            raise ClientError("a weather rule needs an effect")
        self.rules.append(rule)

    def clear(self) -> None:
        """Fair weather again."""
        self.rules.clear()

    def strike(self, method: str, names: tuple[str, ...], largest_bytes: int = 0) -> Rule | None:
        """The first rule that means this request, counted as used."""
        for rule in self.rules:
            if rule.matches(method, names, largest_bytes):
                rule.use()
                return rule
        return None

    def shown(self) -> list[Json]:
        """The rules as JSON."""
        return [asdict(rule) for rule in self.rules if rule.times != 0]


def too_fast(rule: Rule) -> TooFast | None:
    """The 429 of a rule, if it orders one."""
    if rule.rate_limit is None:
        return None
    given = rule.rate_limit
    return TooFast(
        float(given.get("retry_after", 0.1)),
        str(given.get("scope", "user")),
        bool(given.get("via", True)) and not rule.page,
    )


def fault(rule: Rule) -> DiscordError | None:
    """The refusal of a rule, if it orders one."""
    if rule.status is not None:
        words = STATUS_WORDS.get(rule.status, "Error")
        return DiscordError(rule.status, 0, f"{rule.status}: {words}")
    if rule.code is not None:
        return refuse(rule.code)
    if rule.too_large:
        return refuse(40005)
    return refuse(50027) if rule.expired_token else None
