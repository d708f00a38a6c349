"""What crossed the wire: every request of the bot, in order, with its answer.

`GET /wire` shows it masked: tokens always look like `‹token›`; texts of what only one person may
see (direct messages, ephemeral answers) become their length; what follows a row id in a `custom_id`
(`v1:again:<row>:<key>`, `v1:up:2:<row>:<key>`) becomes `‹key›`. Who shows the secret that was given
at start sees all. `GET /wire/stream` shows the same live, always masked.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bot.sandbox.entities import Json

KEPT_RECORDS = 20_000
MOST_GLANCED_CHARACTERS = 1 << 14
_KEY = re.compile(r"(v\d+:[^:\"\s]+:(?:\d:)?[^:\"\s]+):[^\"\s]+")
_TOKEN_IN_PATH = re.compile(r"^(/(?:webhooks|interactions)/\d+/)[^/]+")
# What stays readable in a private text: names of things, not what they say.
_PLAIN = frozenset(
    {"id", "channel_id", "guild_id", "author_id", "application_id", "timestamp", "message_id"}
    | {"edited_timestamp", "custom_id", "username", "content_type", "webhook_id", "nonce"}
    | {"user_id", "recipient_id", "interacted_message_id", "original_response_message_id"}
)


@dataclass
class Record:
    """One request and its answer. A status of None: the connection was cut."""

    number: int
    at: float
    method: str
    path: str
    query: dict[str, str]
    route: str | None = None
    body: Any = None
    files: list[Json] = field(default_factory=list)
    status: int | None = None
    answer: Any = None
    private: bool = False
    processed: bool = False
    ended_at: float | None = None


class Wire:
    """The record of everything the bot asked."""

    def __init__(self, secret: str | None = None) -> None:
        self.records: deque[Record] = deque(maxlen=KEPT_RECORDS)
        self.gaps: list[str] = []
        self.listeners: list[Callable[[Record], None]] = []
        self.enders: list[Callable[[Record], None]] = []
        self._secret = secret
        self._count = 0

    def begin(self, at: float, method: str, path: str, query: dict[str, str]) -> Record:
        """Start the record of a request."""
        self._count += 1
        record = Record(self._count, at, method, path, query)
        self.records.append(record)
        for listener in self.listeners:
            listener(record)
        return record

    def end(self, record: Record, at: float) -> None:
        """The request was answered, or its connection was cut."""
        record.ended_at = at
        for listener in self.enders:
            listener(record)

    def ended(self, most: int) -> list[Record]:
        """The last requests that are over, oldest first."""
        over = (one for one in reversed(self.records) if one.ended_at is not None)
        return list(islice(over, most))[::-1]

    def shown(self, secret: str | None) -> list[Json]:
        """All records as JSON; masked, unless the secret is the one given at start."""
        open_to_all = self._secret is not None and secret == self._secret
        return [_shown(record, masked=not open_to_all) for record in self.records]


def glance(record: Record) -> Json:
    """A record for those who watch: masked, and of what is very long only the length."""
    shown = _shown(record, masked=True)
    for name in ("body", "answer"):
        length = len(json.dumps(shown[name], ensure_ascii=False))
        if length > MOST_GLANCED_CHARACTERS:
            shown[name] = f"‹{length} characters›"
    return shown


def without_token(path: str) -> str:
    """A path of a request, without the token that some carry."""
    return _TOKEN_IN_PATH.sub(r"\1‹token›", path)


def _shown(record: Record, *, masked: bool) -> Json:
    shown: Json = {
        "number": record.number,
        "at": record.at,
        "method": record.method,
        "route": record.route,
        "path": record.path,
        "query": record.query,
        "body": record.body,
        "files": record.files,
        "status": record.status,
        "answer": record.answer,
        "private": record.private,
        "ended_at": record.ended_at,
    }
    if not masked:
        return shown
    shown["path"] = without_token(record.path)
    for name in ("body", "answer"):
        shown[name] = _mask(shown[name], private=record.private)
    if record.private:
        shown["files"] = [{"size": one["size"]} for one in record.files]
    return shown


def _mask(value: Any, *, private: bool, name: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _mask(v, private=private, name=k) for k, v in value.items()}
    if isinstance(value, list):
        return [_mask(one, private=private, name=name) for one in value]
    if not isinstance(value, str):
        return value
    if name == "token":
        return "‹token›"
    if private and name not in _PLAIN:
        return f"‹{len(value)} characters›"
    return _KEY.sub(r"\1:‹key›", value)
