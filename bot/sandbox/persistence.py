"""The world on disk: one JSON file, replaced whole, and a folder of files beside it.

A change is written half a second after it happened (many changes together), and again at the end.
Killing the sandbox loses at most the last moments; a half-written file never replaces a whole one.
"""

from __future__ import annotations

import asyncio
import json
import os
import types
import typing
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from bot.sandbox import shipped_world
from bot.sandbox.cdn import FileStore
from bot.sandbox.clock import Clock
from bot.sandbox.entities import (
    Application,
    Attachment,
    Channel,
    Command,
    Entitlement,
    Guild,
    Interaction,
    Json,
    Message,
    Sku,
    User,
)
from bot.sandbox.events import Event
from bot.sandbox.world import World

FORMAT = 1
SAVE_AFTER_SECONDS = 0.5
_KEPT: dict[str, Any] = {
    "users": dict[int, User],
    "guilds": dict[int, Guild],
    "channels": dict[int, Channel],
    "messages": dict[int, dict[int, Message]],
    "commands": dict[int, Command],
    "skus": dict[int, Sku],
    "entitlements": dict[int, Entitlement],
    "interactions": dict[int, Interaction],
    "uploads": dict[int, Attachment],
}


class Keeper:
    """Reads a world from its file and writes it back when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = FileStore(path.with_name(path.name + ".files"))
        self._alarm: asyncio.TimerHandle | None = None
        self._stop_listening: Callable[[], None] = lambda: None

    def load(self, clock: Clock) -> World:
        """The world of the file; a shipped one when there is no file yet."""
        if not self._path.is_file():
            return shipped_world.build(clock, files=self._files)
        kept = json.loads(self._path.read_text("utf-8"))
        application = restore(Application, kept["application"])
        key = bytes.fromhex(kept["cdn_key"])
        world = World(clock, application, files=self._files, cdn_key=key)
        world.ids.last = kept["last_id"]
        for name, kind in _KEPT.items():
            setattr(world, name, restore(kind, kept[name]))
        for one in world.all_messages():
            if one.nonce is not None:
                world.nonces[one.author_id, one.nonce] = (one.sent_at, one.channel_id, one.id)
        return world

    def watch(self, world: World) -> None:
        """Save soon after each change from now on."""

        def changed(_: Event) -> None:
            if self._alarm is None:
                loop = asyncio.get_running_loop()
                self._alarm = loop.call_later(SAVE_AFTER_SECONDS, self.save, world)

        self._stop_listening = world.listen(changed)

    def save(self, world: World) -> None:
        """Write the whole world, then put it in the place of the old one."""
        self._alarm = None
        kept: Json = {name: plain(getattr(world, name)) for name in _KEPT}
        kept |= {
            "format": FORMAT,
            "application": plain(world.application),
            "cdn_key": world.cdn_key.hex(),
            "last_id": world.ids.last,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(self._path.name + ".new")
        with open(beside, "w", encoding="utf-8", opener=_private) as out:
            json.dump(kept, out)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)

    def close(self, world: World) -> None:
        """Stop watching and save a last time."""
        self._stop_listening()
        if self._alarm is not None:
            self._alarm.cancel()
        self.save(world)


def _private(path: str, flags: int) -> int:
    """Open for the owner alone: what people wrote is nobody else's."""
    return os.open(path, flags, 0o600)


def plain(value: Any) -> Any:
    """JSON of dataclasses, dictionaries and lists; keys become texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def restore(kind: Any, value: Any) -> Any:
    """The way back: `kind` is a dataclass, a dict or list of something, or anything plain."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict:
        return {inner[0](key): restore(inner[1], one) for key, one in value.items()}
    if origin is list:
        return [restore(inner[0], one) for one in value]
    if origin is types.UnionType or not is_dataclass(kind):
        return value
    hints = typing.get_type_hints(kind)
    known = {name: restore(hints[name], one) for name, one in value.items() if name in hints}
    return typing.cast("Callable[..., Any]", kind)(**known)
