"""Discord's own OpenAPI document as a judge: of what the bot asks, and of what the sandbox answers.

`assert_wire_valid(sandbox)` holds every recorded request and answer against the document, where it
lies in the shared data (else only the gaps are checked). The document rarely forbids unknown keys,
so a second look names each key that no schema of its place knows.
"""

from __future__ import annotations

import bisect
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.sandbox.server import Sandbox
from bot.sandbox.wire import Record

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    ROOT.parent / "shared" / "data" / "discord-openapi.json",
    ROOT / "shared" / "data" / "discord-openapi.json",
)
URI = "urn:discord"
JSON_TYPE = "application/json"
_UNIONS = ("oneOf", "anyOf", "allOf")
# discord.py writes these ids as numbers; Discord takes both, the document only texts.
_IDS = frozenset(
    {"id", "recipient_id", "sku_id", "owner_id", "messages", "message_id", "channel_id"}
    | {"guild_id", "users", "roles"}
)
# What Discord takes or gives although its document does not say so.
_UNDOCUMENTED = frozenset(
    {
        # Written of in the documentation, missing in the schemas of requests.
        "nsfw",
        # discord.py says it in edits too, and lists what it keeps with all that it knows of it.
        "tts",
        "embeds.flags",
        *(f"attachments.{name}" for name in ("content_type", "ephemeral", "size", "spoiler")),
        *(f"attachments.{name}" for name in ("url", "proxy_url", "width", "height")),
    }
)
# The document wants an object of translations where the documentation wants a text.
_MISDESCRIBED = frozenset({"PATCH /applications/@me"})


def document_path() -> Path | None:
    """Where the document lies, if it does."""
    return next((path for path in PLACES if path.is_file()), None)


def assert_wire_valid(sandbox: Sandbox) -> None:
    """Fail when the bot met a gap, or when anything on the wire breaks Discord's document."""
    assert sandbox.gaps == [], f"the bot met what the sandbox does not speak: {sandbox.gaps}"
    if document_path() is not None:
        faults = [fault for record in sandbox.wire.records for fault in judge().faults(record)]
        assert faults == [], "\n".join(faults)


@functools.cache
def judge() -> Judge:
    """The one judge; reading the document takes a moment."""
    path = document_path()
    assert path is not None
    return Judge(json.loads(path.read_text("utf-8")))


class Judge:
    """Holds recorded requests and answers against the document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(URI, resource)
        self._paths = [
            (_pattern(template), template)
            for template in sorted(document["paths"], key=lambda one: one.count("{"))
        ]
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}
        self._eye = Eye(document)
        self._sound: set[tuple[str, str]] = set()
        self._flattened: dict[int, list[Json]] = {}  # by the schema, which the document keeps

    def faults(self, record: Record) -> Iterator[str]:
        """What is wrong with one exchange, in words."""
        template = self.template_of(record)
        if template is None or not record.processed:
            return
        where = f"{record.method} {template}"
        operation = self._document["paths"][template][record.method.lower()]
        if self._speaks_of(record, where, operation):
            pointer = _pointer("paths", template, record.method.lower(), "requestBody")
            pointer += _pointer("content", JSON_TYPE, "schema")
            for fault in self._check(pointer, normal(record.body)):
                yield f"request of {where}: {fault}"
        content = operation["responses"].get(str(record.status), {}).get("content", {})
        if record.answer is not None and JSON_TYPE in content:
            pointer = _pointer("paths", template, record.method.lower(), "responses")
            pointer += _pointer(str(record.status), "content", JSON_TYPE, "schema")
            for fault in self._check(pointer, record.answer):
                yield f"answer to {where}: {fault}"

    @staticmethod
    def _speaks_of(record: Record, where: str, operation: Json) -> bool:
        """Whether the document can judge the body of this request."""
        return record.body is not None and "requestBody" in operation and where not in _MISDESCRIBED

    def template_of(self, record: Record) -> str | None:
        """The operation that the document has for this request; it lacks a few."""
        for pattern, template in self._paths:
            methods = self._document["paths"][template]
            if pattern.match(record.path) and record.method.lower() in methods:
                return template
        return None

    def _check(self, pointer: str, value: Any) -> Iterator[str]:
        """What is wrong with a value; one that no rule tells from a sound one is sound."""
        like = (pointer, self._eye.likeness(value))
        if like in self._sound:
            return
        faults = list(self._look_at(pointer, value))
        if not faults:
            self._sound.add(like)
        yield from faults

    def _look_at(self, pointer: str, value: Any) -> Iterator[str]:
        if pointer not in self._validators:
            schema = {"$ref": f"{URI}#{pointer}"}
            self._validators[pointer] = jsonschema.Draft202012Validator(
                schema, registry=self._registry
            )
        error = best_match(self._validators[pointer].iter_errors(value))
        if error is not None:
            yield f"{error.json_path}: {error.message[:300]}"
        yield from self._unknown([self._at(pointer)], value, "")

    def _at(self, pointer: str) -> Json:
        found: Any = self._document
        for step in pointer.split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return cast(Json, found)

    def _unknown(self, schemas: list[Json], value: Any, path: str) -> Iterator[str]:
        """Each key of a value that none of the schemas of its place knows."""
        schemas = [flat for schema in schemas for flat in self._flat(schema)]
        if isinstance(value, list):
            items = [schema["items"] for schema in schemas if "items" in schema]
            for one in value:
                yield from self._unknown(items, one, path)
        if not isinstance(value, dict):
            return
        schemas = [schema for schema in schemas if "properties" in schema]
        if not schemas or any("additionalProperties" in schema for schema in schemas):
            return
        for name, inner in value.items():
            place = f"{path}.{name}".removeprefix(".")
            known = [s["properties"][name] for s in schemas if name in s["properties"]]
            if known:
                yield from self._unknown(known, inner, place)
            elif not any(place.endswith(one) for one in _UNDOCUMENTED):
                yield f"nobody knows the key {place!r}"

    def _flat(self, schema: Json) -> list[Json]:
        """A schema without its references and unions."""
        if id(schema) not in self._flattened:
            inner = [one for union in _UNIONS for one in schema.get(union, [])]
            if "$ref" in schema:
                inner.append(self._at(schema["$ref"].removeprefix("#")))
            flat = [one for schema in inner for one in self._flat(schema)]
            self._flattened[id(schema)] = [*flat, schema]
        return self._flattened[id(schema)]


class Eye:
    """Sees of a value what rules can tell apart: its keys, and of what stands there the kind, the
    words and numbers that rules name, on which side of each limit it lies, and what is the same.
    """

    def __init__(self, document: Json) -> None:
        self._named: set[tuple[str, Any]] = set()
        self._lengths: set[float] = set()
        self._bounds: set[float] = set()
        self._patterns: set[str] = set()
        self._read(document)
        self._matches = [re.compile(pattern).search for pattern in sorted(self._patterns)]
        self._limits = {"str": sorted(self._lengths), "int": sorted(self._bounds)}

    def likeness(self, value: Any) -> str:
        """The same for any two values between which no rule of the document tells."""
        met: dict[tuple[str, Any], int] = {}

        def of(one: Any) -> Any:
            if isinstance(one, dict):
                return {name: of(inner) for name, inner in one.items()}
            if isinstance(one, list):
                return [of(inner) for inner in one]
            kind = type(one).__name__
            if kind not in self._limits or (kind, one) in self._named:
                return [kind, repr(one)]
            limits, size = self._limits[kind], len(one) if kind == "str" else one
            sides = bisect.bisect_left(limits, size), bisect.bisect_right(limits, size)
            shapes = [bool(match(one)) for match in self._matches] if kind == "str" else []
            return [kind, *sides, *shapes, met.setdefault((kind, one), len(met))]

        return json.dumps(of(value), sort_keys=True)

    def _read(self, schema: Any) -> None:
        """Note every word, number, limit and pattern that stands anywhere in the document."""
        for inner in schema.values() if isinstance(schema, dict) else schema:
            if isinstance(inner, dict | list):
                self._read(inner)
            else:
                self._named.add((type(inner).__name__, inner))
        if not isinstance(schema, dict):
            return
        for name, inner in schema.items():
            if name == "pattern" and isinstance(inner, str):
                self._patterns.add(inner)
            if isinstance(inner, int | float):
                (self._lengths if name.endswith("Length") else self._bounds).add(inner)


def normal(value: Any, name: str = "") -> Any:
    """A request as the document wants it: ids as texts. Numbers of components stay numbers."""
    if isinstance(value, dict):
        is_component = isinstance(value.get("type"), int)
        return {k: v if k == "id" and is_component else normal(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [normal(one, name) for one in value]
    if name in _IDS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template)
    return re.compile("^" + "[^/]+".join(re.escape(part) for part in parts) + "$")


def _pointer(*steps: str) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
