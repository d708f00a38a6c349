"""The `Messenger` port in discord.py. Answers are values; only ignorance is an exception."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

import aiohttp
import discord

from bot import log
from bot.client.components import files_of, mentions_of, pictures_of, view_of
from bot.client.doors import Doors
from bot.client.permissions import permission_names
from bot.domain import Channel, ChannelId, DmId, PersonId
from bot.errors import Refused, Unreachable
from bot.ports import (
    Answer,
    Archived,
    Clock,
    Closed,
    Forbidden,
    Found,
    Gone,
    Membership,
    Post,
    Standing,
    SystemClock,
    TooLarge,
)

Refusal = Gone | Closed | Forbidden | TooLarge | Archived

_ANSWERS: dict[int, type[Refusal]] = {
    10003: Gone,  # unknown channel
    10008: Gone,  # unknown message
    50001: Gone,  # missing access: the channel is out of our sight
    50007: Closed,  # cannot send messages to this user
    50278: Closed,  # no mutual server
    50013: Forbidden,  # missing permissions
    40005: TooLarge,  # request entity too large
    50045: TooLarge,  # file exceeds the maximum size
    50083: Archived,  # thread is archived
}
"""Discord's error codes
(https://discord.com/developers/docs/topics/opcodes-and-status-codes#json)."""

_DELETED = {10003, 10008}
"""Unknown channel, unknown message. What is out of our sight (50001) may well stand for others."""

_NOT_AT_ONCE = {50001, 50013, 50034}
"""Missing access, missing permissions, a message older than 14 days: one by one may still do."""

_PASSES = {40003, 40004, 40006, 40062, 40333, 130000}
"""DMs opened too fast, sending or a feature or a service shut for now, a network error of Discord's
own, overloaded: refused, but not for good."""

_TOKEN_EXPIRED = 50027

_NOT_A_MEMBER = {10004, 10007, 10013, 50001}
"""Unknown server, member or user; a server out of our sight."""

_PAGE = 100
"""Messages of one page of history, Discord's largest."""

_CLOCK_SKEW_SECONDS = 60
"""How far our clock may be ahead of Discord's, whose message ids carry the time."""

_ORIGINAL = cast(int, "@original")
"""Discord's name for an interaction's first answer; discord.py puts it into the route as it is."""


class DiscordMessenger:
    """Speaks through whichever client is connected now."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.client: discord.Client | None = None
        self._doors = Doors(clock or SystemClock())

    async def open_dm(self, person: PersonId) -> DmId | Closed:
        """Give the id of the person's DM channel with the bot, asking Discord each time.

        A cached channel may be stale, which Discord answers with 50001 for ever.
        """
        if self._doors.is_shut(person):
            return Closed()
        try:
            with _doubts():
                data = await self._client.http.start_private_message(person)
        except discord.HTTPException as trouble:
            if isinstance(_answer(trouble), Closed):
                self._doors.refused(person)
                return Closed()
            raise Refused("the DM could not be opened") from None
        return DmId(int(data["id"]))

    async def send(self, channel: Channel, post: Post, *, nonce: str) -> Answer:
        """Post a message once per nonce. A DM that keeps refusing is not asked for a while."""
        if self._doors.is_shut(channel):
            return Closed()
        place = self._client.get_partial_messageable(channel)
        try:
            with _doubts():
                message = await place.send(
                    post.content,
                    files=files_of(post.files),
                    view=view_of(post.buttons, post.selects) or discord.utils.MISSING,
                    nonce=nonce,
                    suppress_embeds=True,
                    allowed_mentions=mentions_of(post.mention),
                )
        except discord.HTTPException as trouble:
            answer = _answer(trouble)
            if isinstance(answer, Closed):
                self._doors.refused(channel)
            return answer
        self._doors.let_in(channel)
        return Standing(message.id)

    async def edit(self, channel: Channel, message_id: int, post: Post) -> Answer:
        """Make a message of ours read like `post`."""
        place = self._client.get_partial_messageable(channel)
        try:
            with _doubts():
                await place.get_partial_message(message_id).edit(
                    content=post.content,
                    attachments=files_of(post.files),
                    view=view_of(post.buttons, post.selects),
                    allowed_mentions=mentions_of(post.mention),
                )
        except discord.HTTPException as trouble:
            return _answer(trouble)
        return Standing(message_id)

    async def delete(self, channel: Channel, message_id: int) -> None:
        """Remove a message of ours; one that is gone already is a success."""
        place = self._client.get_partial_messageable(channel)
        try:
            with _doubts():
                await place.get_partial_message(message_id).delete()
        except discord.HTTPException as trouble:
            if trouble.code not in _DELETED:
                raise Refused("the message could not be removed") from None

    async def delete_many(self, channel: ChannelId, message_ids: Sequence[int]) -> bool:
        """Remove 2 to 100 messages of ours at once; False when the bot may not do that there."""
        try:
            with _doubts():
                await self._client.http.delete_messages(channel, list(message_ids))
        except discord.HTTPException as trouble:
            if trouble.code in _DELETED:
                return True
            if trouble.code in _NOT_AT_ONCE:
                return False
            raise Refused("the messages could not be removed") from None
        return True

    async def membership(self, guild_id: int, person: PersonId) -> Membership | None:
        """Ask Discord, not the cache, what somebody may do in a server now.

        Between connecting and hearing of its servers, and in an outage of one, a client knows no
        roles: whoever moderates would look like nobody.
        """
        client = self._client
        guild = client.get_guild(guild_id)
        if not client.is_ready() or (guild and guild.unavailable):
            raise Unreachable("Discord does not tell of this server just now")
        if guild is None:
            return None
        try:
            with _doubts():
                member = await guild.fetch_member(person)
        except discord.HTTPException as trouble:
            if trouble.code in _NOT_A_MEMBER:
                return None
            raise Refused("the member could not be asked for") from None
        return Membership(
            may=permission_names(member.guild_permissions),
            role_ids=frozenset(role.id for role in member.roles),
        )

    async def is_there(self, channel: Channel, message_id: int) -> bool:
        """Ask whether a message of ours was not deleted; what is out of our sight may stand."""
        place = self._client.get_partial_messageable(channel)
        try:
            with _doubts():
                await place.fetch_message(message_id)
        except discord.HTTPException as trouble:
            return trouble.code not in _DELETED
        return True

    async def find(self, channel: Channel, custom_id: str, *, since: int) -> Standing | None:
        """Look among our messages there since a moment for one with this button."""
        client = self._client
        place = client.get_partial_messageable(channel)
        after = datetime.fromtimestamp(since - _CLOCK_SKEW_SECONDS, UTC)
        try:
            with _doubts():
                async for message in place.history(after=after, oldest_first=False, limit=None):
                    ours = client.user is not None and message.author.id == client.user.id
                    if ours and custom_id in _custom_ids(message):
                        return Standing(message.id)
        except discord.HTTPException as trouble:
            _answer(trouble)
        return None

    async def ours(self, dm: DmId, *, before: int | None = None) -> list[Found]:
        """Read back a page of our own messages in a person's DM, newest first."""
        client, found = self._client, list[Found]()
        place = client.get_partial_messageable(dm)
        older_than = discord.Object(before) if before is not None else None
        try:
            with _doubts():
                async for message in place.history(before=older_than, limit=None):
                    if client.user is not None and message.author.id == client.user.id:
                        found.append(Found(message.id, tuple(_custom_ids(message))))
                    if len(found) == _PAGE:
                        break
        except discord.HTTPException as trouble:
            _answer(trouble)
        return found

    async def read_back(self, channel: Channel, message_id: int) -> Found | None:
        """Read back one message of ours; None when it is somebody else's, or out of our sight."""
        client = self._client
        place = client.get_partial_messageable(channel)
        try:
            with _doubts():
                message = await place.fetch_message(message_id)
        except discord.HTTPException as trouble:
            _answer(trouble)
            return None
        if client.user is None or message.author.id != client.user.id:
            return None
        return Found(message.id, tuple(_custom_ids(message)), pictures_of(message))

    async def whisper(self, interaction_token: str, post: Post) -> bool:
        """Rewrite the ephemeral answer of an interaction; False when its token has expired."""
        client = self._client
        webhook = discord.Webhook.partial(
            client.application_id or 0, interaction_token, client=client
        )
        try:
            with _doubts():
                await webhook.edit_message(
                    _ORIGINAL,
                    content=post.content,
                    view=view_of(post.buttons, post.selects),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except discord.HTTPException as trouble:
            log.event("whisper.expired", fault=trouble)
            return False
        return True

    @property
    def _client(self) -> discord.Client:
        if self.client is None or self.client.is_closed() or self.client.user is None:
            raise Unreachable("there is no connection to Discord")
        return self.client


@contextmanager
def _doubts() -> Iterator[None]:
    """Turn every failure that says nothing of what was asked into `Unreachable`.

    Whether Discord acted may be open; or it refused, but would not later: us, not the message.
    """
    try:
        yield
    except discord.DiscordServerError as trouble:
        raise Unreachable("Discord had an error of its own") from trouble
    except discord.HTTPException as trouble:
        if _passes(trouble):
            raise Unreachable("Discord asks to wait") from trouble
        raise
    except (discord.RateLimited, aiohttp.ClientError, TimeoutError, OSError) as trouble:
        raise Unreachable("Discord did not answer") from trouble


def _passes(trouble: discord.HTTPException) -> bool:
    """Whether a refusal is of now only: a limit, a token that is not known, a page of the edge."""
    if trouble.status == HTTPStatus.UNAUTHORIZED:
        return trouble.code != _TOKEN_EXPIRED
    if trouble.status == HTTPStatus.FORBIDDEN and not trouble.code:
        return True
    return trouble.status == HTTPStatus.TOO_MANY_REQUESTS or trouble.code in _PASSES


def _answer(trouble: discord.HTTPException) -> Refusal:
    """Translate a refusal of Discord's.

    Raises:
        Refused: it is none that somebody could act on.
    """
    if trouble.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge()
    kind = _ANSWERS.get(trouble.code)
    if kind is None:
        raise Refused(f"Discord refused with code {trouble.code}") from None
    return kind()


def _custom_ids(message: discord.Message) -> Iterator[str]:
    for row in message.components:
        for item in getattr(row, "children", ()):
            custom_id = getattr(item, "custom_id", None)
            if custom_id:
                yield custom_id
