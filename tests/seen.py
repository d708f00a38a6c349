"""What people have in their hands after they acted: messages, modals, answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EPHEMERAL, LOADING = 1 << 6, 1 << 7
BUTTON, SELECTS = 2, (3, 5, 6, 7, 8)
Json = dict[str, Any]


def walk(components: list[Json]) -> Iterator[Json]:
    """Each component and everything in it, in reading order."""
    for one in components:
        yield one
        yield from walk(one.get("components", []))
        yield from walk([one[name] for name in ("accessory", "component") if one.get(name)])


@dataclass(frozen=True)
class Seen:
    """A message as one person sees it."""

    raw: Json

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def channel(self) -> str:
        """The channel's id."""
        return str(self.raw["channel"])

    @property
    def author(self) -> str:
        """The author's name."""
        return str(self.raw["author"]["name"])

    @property
    def content(self) -> str:
        return str(self.raw["content"])

    @property
    def text(self) -> str:
        """All that can be read: content, embeds, text displays."""
        parts = [self.content]
        for embed in self.raw["embeds"]:
            parts += [embed.get("title", ""), embed.get("description", "")]
            parts += [f"{one['name']} {one['value']}" for one in embed.get("fields", [])]
            parts.append((embed.get("footer") or {}).get("text", ""))
        parts += [one["content"] for one in walk(self.raw["components"]) if one["type"] == 10]
        return "\n".join(part for part in parts if part)

    @property
    def embeds(self) -> list[Json]:
        return list(self.raw["embeds"])

    @property
    def components(self) -> list[Json]:
        return list(self.raw["components"])

    @property
    def attachments(self) -> list[Json]:
        return list(self.raw["attachments"])

    @property
    def filenames(self) -> list[str]:
        return [one["filename"] for one in self.attachments]

    @property
    def ephemeral(self) -> bool:
        return bool(self.raw["flags"] & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether the bot is still thinking."""
        return bool(self.raw["flags"] & LOADING)

    @property
    def mentions(self) -> list[str]:
        """The names of those who are called by it."""
        return list(self.raw["mentions"])

    @property
    def reactions(self) -> dict[str, list[str]]:
        """Emoji to the names of those who reacted."""
        return {one["emoji"]: one["users"] for one in self.raw["reactions"]}

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be pressed (emoji where there is no label)."""
        return [name_of(one) for one in self.usable(BUTTON)]

    def usable(self, *kinds: int) -> list[Json]:
        """The components of these types that are not disabled."""
        return [
            one
            for one in walk(self.components)
            if one["type"] in kinds and not one.get("disabled") and one.get("custom_id")
        ]

    def find(self, *kinds: int, label: str | None = None, custom_id: str | None = None) -> str:
        """The custom id of the component that is meant; an assertion when there is none."""
        for one in walk(self.components):
            if one["type"] not in kinds or not one.get("custom_id"):
                continue
            if custom_id is not None and one["custom_id"] == custom_id:
                return custom_id
            if label is not None and label in (name_of(one), one.get("label")):
                return str(one["custom_id"])
            if label is None and custom_id is None:
                return str(one["custom_id"])
        raise AssertionError(f"no {label or custom_id!r} among {self.buttons} on {self.text!r}")

    def __repr__(self) -> str:
        hidden = " (only for me)" if self.ephemeral else ""
        return f"<{self.author}{hidden}: {self.text!r} {self.filenames or ''}{self.buttons or ''}>"


def name_of(component: Json) -> str:
    """What a person calls a button or a menu."""
    emoji = (component.get("emoji") or {}).get("name")
    return str(component.get("label") or emoji or component.get("placeholder") or "")


@dataclass(frozen=True)
class Modal:
    """A modal that a person holds."""

    raw: Json

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def title(self) -> str:
        return str(self.raw["title"])

    @property
    def fields(self) -> dict[str, Json]:
        """The fields by custom id."""
        return {one["custom_id"]: one for one in walk(self.raw["components"]) if "custom_id" in one}

    def named(self, given: Json) -> Json:
        """The given values under custom ids, where they were given under labels."""
        labels = {
            one["label"]: (one.get("component") or one)["custom_id"]
            for one in walk(self.raw["components"])
            if one.get("label")
        }
        return {labels.get(name, name): value for name, value in given.items()}


@dataclass(frozen=True)
class Answer:
    """What a person has after the first response, or after 3 seconds without one."""

    raw: Json

    @property
    def interaction(self) -> str:
        return str(self.raw["interaction"])

    @property
    def answered(self) -> bool:
        return bool(self.raw["answered"])

    @property
    def message(self) -> Seen:
        """The message that answers; an assertion when there is none."""
        assert self.raw["message"] is not None, f"no message in {self.raw}"
        return Seen(self.raw["message"])

    @property
    def has_message(self) -> bool:
        return self.raw["message"] is not None

    @property
    def modal(self) -> Modal:
        """The modal that opened; an assertion when none did."""
        assert self.raw["modal"] is not None, f"no modal in {self.raw}"
        return Modal(self.raw["modal"])
