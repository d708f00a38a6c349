"""Who may do what where: Discord's permission bits and the order in which they are computed.

The owner and administrators may everything; everyone else gets @everyone plus roles, then the
channel's overwrites (@everyone, then roles together, then the person). Threads take the overwrites
of their parent. A person in time-out keeps only seeing and reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

from bot.sandbox.entities import HOLDS_MESSAGES, Channel, Guild, Member, Overwrite


class Permission(IntFlag):
    """The bits that the sandbox looks at; others travel through unread."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40


ALL = (1 << 53) - 1
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
# What holds for both sides of a direct message.
IN_DM = int(EVERYONE | Permission.MENTION_EVERYONE) & ~int(Permission.CREATE_PUBLIC_THREADS)
IN_TIME_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def parse(given: int | str | Iterable[str]) -> int:
    """Permission bits from a number, a number as text, or names such as ``manage_messages``."""
    if isinstance(given, int):
        return given
    if isinstance(given, str):
        return int(given)
    bits = 0
    for name in given:
        bits |= Permission[name.upper()]
    return bits


def in_guild(guild: Guild, member: Member, now: float) -> int:
    """The permissions of a member before any channel has its say."""
    if member.user_id == guild.owner_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    if bits & Permission.ADMINISTRATOR:
        return ALL
    return bits & IN_TIME_OUT if timed_out(member, now) else bits


def in_channel(guild: Guild, member: Member, overwrites: list[Overwrite], now: float) -> int:
    """The permissions of a member in a channel with these overwrites."""
    bits = in_guild(guild, member, now)
    if bits == ALL:
        return ALL
    for overwrite in overwrites:
        if overwrite.id == guild.id:
            bits = bits & ~overwrite.deny | overwrite.allow
    of_roles = [o for o in overwrites if o.kind == 0 and o.id in member.roles]
    for overwrite in of_roles:
        bits &= ~overwrite.deny
    for overwrite in of_roles:
        bits |= overwrite.allow
    for overwrite in overwrites:
        if overwrite.kind == 1 and overwrite.id == member.user_id:
            bits = bits & ~overwrite.deny | overwrite.allow
    if not bits & Permission.VIEW_CHANNEL:
        return 0
    return bits & IN_TIME_OUT if timed_out(member, now) else bits


def timed_out(member: Member, now: float) -> bool:
    """Whether a moderator's time-out still holds."""
    return member.timed_out_until is not None and member.timed_out_until > now


def overwrites_of(channel: Channel, parent: Channel | None) -> list[Overwrite]:
    """The overwrites that count: a thread's are its parent's."""
    return parent.overwrites if channel.is_thread and parent is not None else channel.overwrites


def to_write(channel: Channel) -> int:
    """The right that somebody needs to write there; none at all where nobody can."""
    if channel.type not in HOLDS_MESSAGES:
        return 0
    return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
