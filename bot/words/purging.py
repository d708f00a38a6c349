"""What a moderator reads when they purge: the question, how far it is, the receipt, the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import Button, Post
from bot.words.amounts import duration
from bot.words.answers import CONTENT_LIMIT
from bot.words.erasing import Done, Preview, counted, facts

CHANNELS_SHOWN = 5
"""Channels that kept messages, as a receipt links them; its line says how many messages."""

CANCELS_SHOWN = 5
"""Purges of a status that get a Cancel button: one row of them."""

PURGE_DROPPED = "Nothing was purged."
PURGE_CANCELLING = "I stop. The receipt says what had gone until then."
PURGE_NOT_RUNNING = (
    "That purge is finished, or is not yours to cancel: whoever began it may, or somebody with "
    "Manage Server."
)
NO_PURGES = "Nothing is being purged in this server, and nothing waits to be."

_SCOPES = {
    "member": "all that is public of this member here",
    "channel": "all that is public in this channel",
    "job": "this job",
    "range": "all that is public from this span of time",
    "server": "all that is public in this server",
}
_RUNNING = {
    "member": "a member's",
    "channel": "a channel's",
    "job": "one job",
    "range": "a span of time",
    "server": "everything",
}
_REMNANTS = (
    "Remnants that a disk may keep below the file system stay sealed; their keys are gone. What "
    "somebody saved, and the copies Discord keeps, are out of my reach."
)


@dataclass(frozen=True, kw_only=True)
class PurgeShown:
    """One purge as its server's moderators may see it."""

    id: str
    scope: str
    done: int
    found: int
    is_waiting: bool = False
    may_cancel: bool = False


def purge_question(preview: Preview, name: str) -> Post:
    """The preview: what would go, what stays, and a button for this moderator alone."""
    lines = [
        f"**Purge {_SCOPES[preview.scope]}?** This cannot be undone.",
        f"What goes: {counted(preview.counts)}.{_days(preview)}",
        "Only what is public in this server is counted and goes. Jobs under way end at once and "
        "are refunded; their owners are told. Blocks and strikes stay.",
    ]
    if preview.scope == "channel":
        lines.append("A thread is a channel of its own: name it to purge it.")
    lines.append(
        "The button takes no press but yours, for 10 minutes. You get a signed receipt that says "
        "what went and what could not be removed."
    )
    buttons = (
        Button(f"v1:purge:{name}", "Purge", danger=True),
        Button(f"v1:unpurge:{name}", "Keep everything"),
    )
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=buttons)


def purge_begun(purge: str, *, is_waiting: bool) -> Post:
    """The first word after the press."""
    said = (
        "Another purge is running in this server: this one waits for it. The jobs under way that "
        "it reaches have ended already."
        if is_waiting
        else "Purging."
    )
    later = "This answer becomes your receipt; after 15 minutes it comes by DM."
    return Post(f"{said} {later}", buttons=(_cancel_button(purge),))


def purging(purge: str, *, done: int, found: int, seconds: float) -> Post:
    """How far a purge is, and how long it may still take."""
    said = (
        f"Purging: keys and rows are gone. Messages: {done} of {found}, about "
        f"{duration(seconds)} more."
    )
    return Post(said, buttons=(_cancel_button(purge),))


def purge_status(purges: Sequence[PurgeShown]) -> Post:
    """What is being purged in this server, and what waits its turn."""
    if not purges:
        return Post(NO_PURGES)
    lines = [
        f"{number}. {_RUNNING[one.scope]}: "
        + (
            f"waiting, {_messages(one.found)}"
            if one.is_waiting
            else f"running, {one.done} of {_messages(one.found)}"
        )
        for number, one in enumerate(purges, start=1)
    ]
    buttons = [
        _cancel_button(one.id, f"Cancel {number}")
        for number, one in enumerate(purges, start=1)
        if one.may_cancel
    ]
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=tuple(buttons[:CANCELS_SHOWN]))


def purged(done: Done, line: str, closed: Sequence[int] = ()) -> str:
    """The receipt: in words as far as they fit, then the signed line.

    `closed` are channels that kept messages.
    """
    head = "**Purged, as far as I could.**" if done.failures else "**Purged.**"
    if not (done.counts or done.messages_found or done.failures):
        head = "**Nothing was left to purge.**"
    signed = f"`{line}`"
    shown = [f"{head} Keep the last line: `/privacy verify` checks it."]
    where = " ".join(f"<#{channel}>" for channel in closed[:CHANNELS_SHOWN])
    more = [*facts(done), *([f"Messages still stand in: {where}"] if where else []), _REMNANTS]
    for said in more:  # the most telling first; what does not fit is in the signed line too
        if len("\n".join([*shown, said, signed])) <= CONTENT_LIMIT:
            shown.append(said)
    return "\n".join([*shown, signed])


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _days(preview: Preview) -> str:
    if not (preview.oldest and preview.newest):
        return ""
    if preview.oldest == preview.newest:
        return f" All from {preview.oldest}."
    return f" Oldest {preview.oldest}, newest {preview.newest}."


def _cancel_button(purge: str, label: str = "Cancel") -> Button:
    return Button(f"v1:purgestop:{purge}", label)
