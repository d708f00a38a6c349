"""Whether a public result may stand in a channel: what the bot and the asker must be allowed.

Names are Discord's permission flags in lower case
(https://discord.com/developers/docs/topics/permissions).
"""

from __future__ import annotations

from bot.domain import Cause, Refusal, Where


def send_permission(where: Where) -> str:
    """Name the flag that lets somebody write here: threads have their own."""
    return "send_messages_in_threads" if where.is_thread else "send_messages"


def bot_needs(where: Where) -> tuple[str, ...]:
    """List what the bot needs to post, find, edit and replace a result here."""
    return (
        "view_channel",
        "read_message_history",
        send_permission(where),
        "attach_files",
        "embed_links",
    )


def asker_needs(where: Where) -> tuple[str, ...]:
    """List what a person needs themselves: the bot posts nothing for people who may not post."""
    return (send_permission(where), "attach_files")


def check(where: Where) -> Refusal | None:
    """Say why a public result cannot stand here, if it cannot."""
    if where.is_forum:
        return Refusal(Cause.FORUM_ROOT)
    if missing := [name for name in bot_needs(where) if name not in where.bot_may]:
        return Refusal(Cause.BOT_PERMISSIONS, {"missing": tuple(missing)})
    if where.asker_timed_out:
        return Refusal(Cause.ASKER_TIMED_OUT)
    if missing := [name for name in asker_needs(where) if name not in where.asker_may]:
        return Refusal(Cause.ASKER_PERMISSIONS, {"missing": tuple(missing)})
    return None
