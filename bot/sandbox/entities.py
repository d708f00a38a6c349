"""The nouns of the sandbox's world, as plain data. Ids are ints here and texts on the wire.

They know nothing about JSON, permissions or sockets; `serialise` shows them to the bot, `sees`
shows them to people, `persistence` writes them down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEXT, DM, VOICE, CATEGORY, ANNOUNCEMENT, STAGE, FORUM = 0, 1, 2, 4, 5, 13, 15
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = frozenset({ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD})
HOLDS_MESSAGES = frozenset({TEXT, DM, VOICE, ANNOUNCEMENT, STAGE}) | THREADS

SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 12, 1 << 15


@dataclass
class User:
    """A person, or the bot."""

    id: int
    name: str
    display_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    dms: str = "open"
    age_restricted_dms: bool = False


@dataclass
class Role:
    """A role of a guild; the one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 1
    color: int = 0
    managed_by: int | None = None


@dataclass
class Member:
    """Somebody's place in a guild."""

    user_id: int
    roles: list[int] = field(default_factory=list)
    joined_at: float = 0.0
    nick: str | None = None
    timed_out_until: float | None = None


@dataclass
class Overwrite:
    """What a channel allows or denies to a role (kind 0) or a member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass
class Channel:
    """A channel, a thread (with a parent) or a direct message (with a recipient)."""

    id: int
    type: int
    name: str = ""
    guild_id: int | None = None
    position: int = 0
    nsfw: bool = False
    topic: str | None = None
    parent_id: int | None = None
    overwrites: list[Overwrite] = field(default_factory=list)
    recipient_id: int | None = None
    last_message_id: int | None = None
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    thread_members: list[int] = field(default_factory=list)
    message_count: int = 0

    @property
    def is_thread(self) -> bool:
        """Whether this is any kind of thread."""
        return self.type in THREADS


@dataclass
class Guild:
    """A server. The bot is in it when it is among the members."""

    id: int
    name: str
    owner_id: int
    boost_tier: int = 0
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)


@dataclass
class Attachment:
    """A file on a message, or one that a person has uploaded for a command. Bytes lie elsewhere."""

    id: int
    channel_id: int
    filename: str
    size: int
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False
    uploaded_by: int | None = None


@dataclass
class Message:
    """A message. With `ephemeral_for` only that person sees it and ordinary endpoints do not.

    `command` is the command that it answers: people see it above the message, the bot does not.
    """

    id: int
    channel_id: int
    author_id: int
    sent_at: float
    content: str = ""
    edited_at: float | None = None
    flags: int = 0
    type: int = 0
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Json | None = None
    nonce: str | None = None
    tts: bool = False
    ephemeral_for: int | None = None
    interaction_metadata: Json | None = None
    command: str | None = None


@dataclass
class Command:
    """A registered application command; its body is what the bot sent, checked and filled up."""

    id: int
    name: str
    type: int
    guild_id: int | None
    version: int
    body: Json


@dataclass
class Sku:
    """Something that is sold."""

    id: int
    name: str
    slug: str
    type: int = 5


@dataclass
class Entitlement:
    """Somebody's right to a SKU."""

    id: int
    sku_id: int
    user_id: int | None = None
    guild_id: int | None = None
    test: bool = False
    starts_at: float | None = None
    ends_at: float | None = None
    deleted: bool = False
    consumed: bool = False


@dataclass
class Interaction:
    """One act of a person that the bot may answer: 3 s for the first word, 15 min for the rest."""

    id: int
    token: str
    type: int
    user_id: int
    channel_id: int
    guild_id: int | None
    created_at: float
    data: Json
    message_id: int | None = None
    response_type: int | None = None
    original_id: int | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    followups: list[int] = field(default_factory=list)
    metadata: Json = field(default_factory=dict)


@dataclass
class Application:
    """The bot's application, as its developer set it up."""

    id: int
    name: str
    description: str = ""
    owner_id: int = 0
