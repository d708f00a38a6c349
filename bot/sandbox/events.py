"""What the world says when something happened: to the bot by gateway, to people by glimpses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.entities import Json, Message


@dataclass(frozen=True)
class GatewayEvent:
    """A dispatch for the bot. With a guild it goes to that guild's shard, else to shard 0."""

    name: str
    data: Json
    guild_id: int | None = None


@dataclass(frozen=True)
class Glimpse:
    """A change that people in a channel may see. Each stream decides whether its person does."""

    kind: str
    channel_id: int
    message: Message | None = None
    only_for: int | None = None
    data: Json | None = None


@dataclass(frozen=True)
class Touched:
    """Something changed that nobody has to be told; it only has to be kept."""


Event = GatewayEvent | Glimpse | Touched
