"""Where a job's words and pictures go: two types, so that a stealth job has no channel to give."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from bot.domain import ChannelId, DmId, PersonId, Visibility


@dataclass(frozen=True, kw_only=True)
class PublicRoute:
    """Where a public job's words and pictures go. Lives sealed beside the job until it has ended.

    `message_id` is the place, once it stands; `result_id` is the message with the result, once it
    is delivered; `notes` are lines that only the owner's ephemeral answer shows; `adult_ok`: where
    it was asked for, pictures for adults may be shown; `is_spoiler`: Discord covers them at first.
    """

    owner: PersonId
    guild_id: int
    channel_id: ChannelId
    interaction_token: str = field(repr=False)
    upload_limit_bytes: int
    hides_prompt: bool = False
    adult_ok: bool = False
    is_spoiler: bool = False
    notes: tuple[str, ...] = field(default=(), repr=False)
    message_id: int | None = None
    result_id: int | None = None

    @property
    def visibility(self) -> Visibility:
        """Everybody who can read the channel sees it."""
        return Visibility.PUBLIC

    @property
    def stands_in(self) -> ChannelId:
        """Where its messages stand."""
        return self.channel_id

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return _route_to_json(self)


@dataclass(frozen=True, kw_only=True)
class StealthRoute:
    """Where a stealth job goes: to its owner. There is no channel and no server in it.

    `dm_id` is the owner's DM with the bot, once Discord has opened it; the rest as `PublicRoute`.
    """

    owner: PersonId
    interaction_token: str = field(repr=False)
    upload_limit_bytes: int
    adult_ok: bool = False
    is_spoiler: bool = False
    notes: tuple[str, ...] = field(default=(), repr=False)
    dm_id: DmId | None = None
    message_id: int | None = None
    result_id: int | None = None

    @property
    def visibility(self) -> Visibility:
        """Only its owner sees it."""
        return Visibility.STEALTH

    @property
    def stands_in(self) -> DmId | None:
        """Where its messages stand."""
        return self.dm_id

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return _route_to_json(self)


Route = PublicRoute | StealthRoute


def _route_to_json(route: Route) -> bytes:
    return json.dumps({"visibility": route.visibility} | asdict(route)).encode()


def route_from_json(text: bytes) -> Route:
    """Read what a route's `to_json` wrote."""
    found = json.loads(text)
    kinds = {Visibility.PUBLIC: PublicRoute, Visibility.STEALTH: StealthRoute}
    kind = kinds[Visibility(found.pop("visibility"))]
    found["notes"] = tuple(found["notes"])
    if kind is StealthRoute and "channel_id" in found:  # sealed before a route was two types
        found["dm_id"] = found.pop("channel_id")
        del found["guild_id"]
    route: Route = kind(**found)
    return route
