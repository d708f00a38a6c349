"""The table of routes: what it does not hold is a gap, and so is a field it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import fields
from bot.sandbox.drafts import File
from bot.sandbox.entities import Json
from bot.sandbox.errors import GapError, wrong
from bot.sandbox.gateway import Gateway
from bot.sandbox.wire import without_token
from bot.sandbox.world import World


@dataclass
class Call:
    """One request of the bot, as a route sees it."""

    world: World
    gateway: Gateway
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: list[File] = field(default_factory=list)
    size_bytes: int = 0  #: of all that the body holds
    private: bool = False

    @property
    def largest_bytes(self) -> int:
        """The size of its largest file."""
        return max((len(one.content) for one in self.files), default=0)

    def id(self, name: str) -> int:
        """An id from the path; ``@me`` is the bot."""
        text = self.path[name]
        if text == "@me":
            return self.world.bot.id
        return fields.snowflake(text, name)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A number from the query, within its bounds."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdigit() or not least <= int(text) <= most:
            words = f"int value should be between {least} and {most}."
            raise wrong(name, "NUMBER_TYPE_RANGE", words)
        return int(text)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no from the query."""
        text = self.query.get(name)
        return default if text is None else text.lower() in ("1", "true")

    @property
    def json(self) -> Json:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise wrong("_", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return self.body


@dataclass(frozen=True)
class Reply:
    """An answer with a status of its own. No body means 204."""

    body: Any = None
    status: int = 200


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """One thing that the sandbox speaks."""

    method: str
    template: str
    handler: Handler
    body: frozenset[str]
    query: frozenset[str]
    needs_token: bool
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        """The route as Discord's documentation writes it."""
        return f"{self.method} {self.template}"

    def run(self, call: Call) -> Reply:
        """Check the names of what was given, then do it."""
        fields.only(call.query, self.query, f"the query of {self.name}")
        if isinstance(call.body, dict):
            fields.only(call.body, self.body, self.name)
        done = self.handler(call)
        if isinstance(done, Reply):
            return done
        return Reply(None, 204) if done is None else Reply(done)


def _kind(name: str) -> str:
    """What may stand in a path: ids are numbers, ``@me`` or ``@original``; tokens anything."""
    return r"\d+|@me|@original" if name.endswith("_id") else "[^/]+"


class Table:
    """All routes, in the order in which they were written."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(
        self,
        method: str,
        template: str,
        *,
        body: frozenset[str] | set[str] = frozenset(),
        query: frozenset[str] | set[str] = frozenset(),
        needs_token: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Declare the handler of a route, with every body field and query parameter it knows."""
        parts = re.split(r"\{(\w+)\}", template)
        named = [
            re.escape(p) if n % 2 == 0 else f"(?P<{p}>{_kind(p)})" for n, p in enumerate(parts)
        ]
        pattern = re.compile("^" + "".join(named) + "$")

        def keep(handler: Handler) -> Handler:
            self.routes.append(
                Route(
                    method,
                    template,
                    handler,
                    frozenset(body),
                    frozenset(query),
                    needs_token,
                    pattern,
                )
            )
            return handler

        return keep

    def include(self, other: Table) -> None:
        """Take in another table's routes."""
        self.routes += other.routes

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route of a request and what its path names; a gap when there is none."""
        for route in self.routes:
            found = route.pattern.match(path)
            if found is not None and route.method == method:
                return route, found.groupdict()
        raise GapError(f"{method} {without_token(path)}")
