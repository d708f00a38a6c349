"""Messages, attachments and reactions as Discord shows them to a bot.

`attachment://name` is stored as it was said and becomes a link only here, so that each reading
gives fresh signatures.
"""

from __future__ import annotations

import copy

from bot.sandbox import components, serialise
from bot.sandbox.clock import iso
from bot.sandbox.entities import EPHEMERAL, Attachment, Json, Message
from bot.sandbox.world import World

_MEDIA_OF = {components.THUMBNAIL: "media", components.FILE: "file"}
_PREFIX = "attachment://"


def attachment(world: World, what: Attachment) -> Json:
    """An attachment object with a fresh link."""
    url = world.links.to(what)
    shown: Json = {
        "id": str(what.id),
        "filename": what.filename,
        "size": what.size,
        "url": url,
        "proxy_url": url,
        "content_type": what.content_type,
    }
    optional = ("description", "width", "height")
    shown |= {k: getattr(what, k) for k in optional if getattr(what, k) is not None}
    if what.ephemeral:
        shown["ephemeral"] = True
    return shown


def emoji(key: str) -> Json:
    """An emoji object from the form in which reactions name it: unicode or ``name:id``."""
    name, _, emoji_id = key.partition(":")
    return {"id": emoji_id or None, "name": name}


def message(world: World, what: Message) -> Json:
    """A message object."""
    hidden = shown_in_embeds(what)
    shown: Json = {
        "id": str(what.id),
        "channel_id": str(what.channel_id),
        "type": what.type,
        "author": serialise.user(world.users[what.author_id]),
        "content": what.content,
        "timestamp": iso(what.sent_at),
        "edited_timestamp": None if what.edited_at is None else iso(what.edited_at),
        "tts": what.tts,
        "pinned": False,
        "flags": what.flags | (EPHEMERAL if what.ephemeral_for is not None else 0),
        "mention_everyone": what.mention_everyone,
        "mentions": [serialise.user(world.users[one]) for one in what.mentions],
        "mention_roles": [str(one) for one in what.mention_roles],
        "attachments": [attachment(world, a) for a in what.attachments if a.id not in hidden],
        "embeds": [_embed(world, what, embed) for embed in what.embeds],
        "components": linked_components(world, what),
    }
    if what.reactions:
        shown["reactions"] = [_reaction(world, key, ids) for key, ids in what.reactions.items()]
    return shown | _origin(world, what)


def _origin(world: World, what: Message) -> Json:
    """Where a message comes from: the interaction that it answers, the message it replies to."""
    shown: Json = {}
    if what.author_id == world.application.id:
        shown["application_id"] = str(world.application.id)
    if what.interaction_metadata is not None:
        shown["webhook_id"] = str(world.application.id)
        shown["interaction_metadata"] = copy.deepcopy(what.interaction_metadata)
    if what.reference is not None:
        shown["message_reference"] = dict(what.reference)
        place, number = int(what.reference["channel_id"]), int(what.reference["message_id"])
        original = world.messages.get(place, {}).get(number)
        if original is not None and original.reference is None:
            shown["referenced_message"] = message(world, original)
    return shown


def for_gateway(world: World, what: Message, *, with_nonce: bool = False) -> Json:
    """A message as a dispatch carries it: with guild and member, where there is a guild."""
    shown = message(world, what)
    if with_nonce and what.nonce is not None:
        shown["nonce"] = what.nonce
    guild = world.guild_of(world.channels[what.channel_id])
    if guild is not None:
        shown["guild_id"] = str(guild.id)
        if what.author_id in guild.members and what.interaction_metadata is None:
            author = serialise.member(world, guild, guild.members[what.author_id])
            shown["member"] = {k: v for k, v in author.items() if k != "user"}
    return shown


def reaction_event(world: World, what: Message, user_id: int, key: str, name: str) -> Json:
    """The payload of a reaction that was added or removed."""
    shown: Json = {
        "user_id": str(user_id),
        "channel_id": str(what.channel_id),
        "message_id": str(what.id),
        "emoji": emoji(key),
        "burst": False,
        "type": 0,
    }
    guild = world.guild_of(world.channels[what.channel_id])
    if guild is not None:
        shown["guild_id"] = str(guild.id)
    if name == "MESSAGE_REACTION_ADD":
        shown["message_author_id"] = str(what.author_id)
        if guild is not None and user_id in guild.members:
            shown["member"] = serialise.member(world, guild, guild.members[user_id])
    return shown


def _reaction(world: World, key: str, user_ids: list[int]) -> Json:
    return {
        "emoji": emoji(key),
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me": world.bot.id in user_ids,
        "me_burst": False,
    }


def shown_in_embeds(what: Message) -> set[int]:
    """The attachments that stand inside an embed; Discord does not list those a second time."""
    names = {
        (embed.get(part) or {}).get("url", "")
        for embed in what.embeds
        for part in ("image", "thumbnail")
    }
    return {a.id for a in what.attachments if _PREFIX + a.filename in names}


def _find(what: Message, url: str) -> Attachment | None:
    """The attachment that a media url means: by name, or by one of our own links to it."""
    for one in what.attachments:
        if url == _PREFIX + one.filename or f"/{one.channel_id}/{one.id}/" in url:
            return one
    return None


def _embed(world: World, what: Message, embed: Json) -> Json:
    shown = copy.deepcopy(embed)
    for part in ("image", "thumbnail"):
        url = (shown.get(part) or {}).get("url", "")
        found = _find(what, url) if url else None
        if found is not None:
            link = world.links.to(found)
            size = {"width": found.width, "height": found.height} if found.width else {}
            shown[part] = {"url": link, "proxy_url": link, **size}
    return shown


def linked_components(world: World, what: Message) -> list[Json]:
    """The components with links where they name attachments."""
    shown = copy.deepcopy(what.components)
    for one in components.walk(shown):
        if (shown_emoji := one.get("emoji")) and shown_emoji.get("id", "") is None:
            del shown_emoji["id"]  # Discord leaves it out for unicode emoji
        place = _MEDIA_OF.get(one["type"])
        if place is not None:
            one[place] = _media(world, what, one[place])
        for item in one.get("items", []):
            item["media"] = _media(world, what, item["media"])
            item.setdefault("description", None)
            item.setdefault("spoiler", False)
    return shown


def _media(world: World, what: Message, given: Json) -> Json:
    found = _find(what, given.get("url", ""))
    if found is None:
        return {"id": str(what.id), "proxy_url": given.get("url", ""), **given}
    link = world.links.to(found)
    return {
        "id": str(found.id),
        "url": link,
        "proxy_url": link,
        "width": found.width,
        "height": found.height,
        "content_type": found.content_type,
        "attachment_id": str(found.id),
    }
