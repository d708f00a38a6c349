"""How long a server lets things be kept: what moderators read before and after they change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.policy.disclosure import Kept
from bot.policy.retention import LIFETIMES, By, DataClass, Effective, say, written
from bot.ports import Button, Post
from bot.words.policy import kept_for

_WHO = {By.OPERATOR: "operator", By.SERVER: "server", By.CHANNEL: "channel"}
_THINGS = {
    DataClass.POST: ("post", "posts"),
    DataClass.RECIPE: ("recipe", "recipes"),
    DataClass.PICTURE: ("waiting picture", "waiting pictures"),
    DataClass.RECORD: ("record", "records"),
}
_REACH = "-# Only what was asked for in public in this server is counted and reached."
_AT_ONCE = (
    "With 0 I remove every picture I post there within about a minute; people keep what they saved."
)
_WITH_RECIPES = "A post that goes takes its recipe with it."


@dataclass(frozen=True, kw_only=True)
class Limited:
    """What a server's, or a channel's, word on one class does to what is there.

    `at_once` of them are removed at the next sweep, `later` more until `until` (seconds since
    1970). `is_so`: it was set already, and changes nothing.
    """

    kind: DataClass
    seconds: int
    channel_id: int | None
    at_once: int
    later: int
    until: int | None
    is_longer: bool
    is_so: bool


def limits_shown(rows: Sequence[Kept], channel_id: int | None) -> str:
    """Answer to `/retention show`: each one's word, and what applies."""
    return "\n".join(
        [
            f"**How long things are kept in {_where(channel_id)}**",
            *(_shown(row, channel_id) for row in rows),
            "-# A person may keep their own for less. A thread is a channel of its own.",
        ]
    )


def _shown(row: Kept, channel_id: int | None) -> str:
    asked = (By.OPERATOR, By.SERVER) if channel_id is None else tuple(_WHO)
    words = " · ".join(f"{_WHO[by]}: {_word(row, by)}" for by in asked)
    applies = kept_for(row.kind, row.effective.seconds)
    return (
        f"**{row.kind}** ({LIFETIMES[row.kind].what}): **{applies}**, by {row.effective.by}.\n"
        f"-# {words}"
    )


def _word(row: Kept, by: By) -> str:
    seconds = row.words.get(by)
    if seconds is None:
        return "–"
    return "0" if seconds == 0 else say(seconds)


def limit_asked(limited: Limited) -> Post:
    """Say what a new value would do before it does it, with the button that does."""
    if limited.is_so:
        return Post(limit_set(limited))
    count = _counted(limited, "would remove", "would let")
    lines = ["**Dry run: nothing has changed yet.**", _said(limited), *_effects(limited, count)]
    where = limited.channel_id or 0
    button = f"v1:limit:{where}:{limited.kind}:{written(limited.seconds)}"
    return Post("\n".join(lines), buttons=(Button(button, "Apply", danger=True),))


def limit_set(limited: Limited) -> str:
    """Say what a new value did."""
    if limited.is_so:
        return f"{_said(limited)} It was so already: nothing changed."
    count = _counted(limited, "removes", "lets")
    return "\n".join(
        [f"Done. {_said(limited)}", *_effects(limited, count), "-# Entered in this server's audit."]
    )


def limit_lifted(kind: DataClass, channel_id: int | None, applies: Effective | None) -> str:
    """Answer to `/retention reset`. None: there was nothing to lift."""
    if applies is None:
        return f"Nothing was set on `{kind}` in {_where(channel_id)}, so nothing changed."
    return (
        f"Lifted for what is made from now on: `{kind}` in {_where(channel_id)} is kept "
        f"{kept_for(kind, applies.seconds)}, by {applies.by}. What exists keeps its earlier end.\n"
        "-# Entered in this server's audit."
    )


LIMITS_EXPORTED = (
    "This server's own settings: lifetimes, moderation, and how many members are blocked. No "
    "member is named in it.\n-# Entered in this server's audit."
)


def _where(channel_id: int | None) -> str:
    return "this server" if channel_id is None else f"<#{channel_id}>"


def _said(limited: Limited) -> str:
    kind = limited.kind
    lasts = kept_for(kind, limited.seconds)
    return f"`{kind}` ({LIFETIMES[kind].what}) in {_where(limited.channel_id)}: {lasts}."


def _effects(limited: Limited, count: str) -> list[str]:
    lines = [count]
    if limited.is_longer:
        lines.append("This is longer than before, so it holds for what is made from now on.")
    if limited.kind is DataClass.POST:
        lines.append(_AT_ONCE if limited.seconds == 0 else _WITH_RECIPES)
    return [*lines, _REACH]


def _counted(limited: Limited, removes: str, lets: str) -> str:
    now, later, until = limited.at_once, limited.later, limited.until
    if not now and not later:
        return f"It {removes} nothing that exists now."
    if not later:
        return f"It {removes} {_things(limited.kind, now)} now."
    more = f"it {lets} {_things(limited.kind, later)} end sooner, the last by <t:{until}:f>."
    if not now:
        return f"It {removes} nothing now; {more}"
    return f"It {removes} {_things(limited.kind, now)} now; {more}"


def _things(kind: DataClass, count: int) -> str:
    one, many = _THINGS[kind]
    return f"{count} {one if count == 1 else many}"
