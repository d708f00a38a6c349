"""A message as the bot wants it: read from a body and its files, checked, not yet in the world."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox import components, embeds, fields
from bot.sandbox.entities import (
    COMPONENTS_V2,
    EPHEMERAL,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Json,
)
from bot.sandbox.errors import Form, GapError, refuse, wrong

MESSAGE_FIELDS = frozenset(
    {"content", "tts", "embeds", "allowed_mentions", "components", "flags", "attachments"}
    | {"sticker_ids", "poll"}
)
# The last row is what a client repeats of an attachment that it keeps.
_ATTACHMENT_FIELDS = frozenset(
    {"id", "filename", "description"}
    | {"size", "url", "proxy_url", "width", "height", "content_type", "spoiler"}
)
_MENTION_FIELDS = frozenset({"parse", "users", "roles", "replied_user"})
MOST_CHARACTERS, MOST_FILES, MOST_DESCRIPTION = 2000, 10, 1024
ANY_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2


@dataclass(frozen=True)
class File:
    """One file part of a request: its number in `files[n]`, name and bytes."""

    number: int
    filename: str
    content: bytes


@dataclass
class Draft:
    """What a body says about a message. `given` names the fields that it really holds."""

    given: frozenset[str]
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    tts: bool = False
    kept: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    descriptions: dict[int, str] = field(default_factory=dict)
    allowed_mentions: Json | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not (self.content.strip() or self.embeds or self.components or self.files)


def read(body: Json, files: list[File], *, size_limit: int, v2: bool = False) -> Draft:
    """Read the message fields of a body. `v2`: the message already has components v2."""
    _refuse_gaps(body)
    draft = Draft(frozenset(name for name in body if name in MESSAGE_FIELDS))
    draft.flags = int(body.get("flags") or 0)
    _check_flags(draft.flags)
    draft.content = _content(body)
    draft.embeds = embeds.check(body.get("embeds") or [])
    v2 = v2 or bool(draft.flags & COMPONENTS_V2)
    draft.components = components.for_message(body.get("components") or [], v2=v2)
    draft.tts = bool(body.get("tts"))
    draft.allowed_mentions = _mentions(body)
    _read_attachments(draft, body, files, size_limit)
    if v2 and (draft.content or draft.embeds):
        words = "The 'content' and 'embeds' fields cannot be used with IS_COMPONENTS_V2"
        raise wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    return draft


def _refuse_gaps(body: Json) -> None:
    for name in ("sticker_ids", "poll"):
        if body.get(name):
            raise GapError(f"the field {name!r} of message")


def _check_flags(flags: int) -> None:
    unknown = flags & ~(ANY_FLAGS | EPHEMERAL)
    if unknown:
        raise GapError(f"the message flags {unknown}")


def _content(body: Json) -> str:
    content = body.get("content")
    if content is None:
        return ""
    form = Form()
    form.length("content", content, 0, MOST_CHARACTERS)
    form.check()
    return str(content).strip()


def _mentions(body: Json) -> Json | None:
    given = body.get("allowed_mentions")
    if given is None:
        return None
    fields.only(given, _MENTION_FIELDS, "allowed_mentions")
    form = Form()
    for name in ("users", "roles"):
        form.count(f"allowed_mentions.{name}", given.get(name) or [], 0, 100)
        if given.get(name) and name in (given.get("parse") or []):
            words = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            form.blame("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)
    form.check()
    return dict(given)


def _read_attachments(draft: Draft, body: Json, files: list[File], size_limit: int) -> None:
    listed: list[Json] = body.get("attachments") or []
    form = Form()
    for n, entry in enumerate(listed):
        fields.only(entry, _ATTACHMENT_FIELDS, "attachment")
        if entry.get("description") is not None:
            path = f"attachments.{n}.description"
            form.length(path, entry["description"], 0, MOST_DESCRIPTION)
    form.count("attachments", listed, 0, MOST_FILES)
    form.count("files", files, 0, MOST_FILES)
    form.check()
    numbers = {file.number for file in files}
    draft.files = [_named(file, listed) for file in files]
    draft.kept = [entry for entry in listed if int(entry["id"]) not in numbers]
    draft.descriptions = {
        int(entry["id"]): entry["description"] for entry in listed if entry.get("description")
    }
    if any(len(file.content) > size_limit for file in files):
        raise refuse(40005)


def _named(file: File, listed: list[Json]) -> File:
    """The file under the name that its entry in `attachments` gives it."""
    for entry in listed:
        if int(entry["id"]) == file.number and entry.get("filename"):
            return File(file.number, str(entry["filename"]), file.content)
    return file
