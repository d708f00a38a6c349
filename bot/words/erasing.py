"""What a person reads when they erase: the question, how far it is, the receipt, its checking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.words.answers import CONTENT_LIMIT, link

ERASE_LABEL = "Erase"
KEEP_LABEL = "Keep everything"

STANDING_SHOWN = 5
"""Links to messages that Discord would not let go; the receipt's line says how many there are."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an erasure would reach now: how much of each kind, and from which days."""

    scope: str
    counts: Mapping[str, int] = field(default_factory=dict)
    oldest: str | None = None
    newest: str | None = None
    in_dm: bool = False


class Done(Protocol):
    """An erasure that is finished, as its receipt states it (`bot.crypto.receipts.Erasure`)."""

    @property
    def scope(self) -> str: ...  # noqa: D102  # as there
    @property
    def begun_at(self) -> int: ...  # noqa: D102
    @property
    def ended_at(self) -> int: ...  # noqa: D102
    @property
    def counts(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def keys_destroyed(self) -> int: ...  # noqa: D102
    @property
    def messages_deleted(self) -> int: ...  # noqa: D102
    @property
    def messages_found(self) -> int: ...  # noqa: D102
    @property
    def failures(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def recipes_erased(self) -> int: ...  # noqa: D102
    @property
    def unreached_expire_on(self) -> str | None: ...  # noqa: D102
    @property
    def backups(self) -> str: ...  # noqa: D102


KINDS: dict[str, tuple[str, str]] = {
    "open-jobs": ("job under way", "jobs under way"),
    "pictures": ("picture waiting to be delivered", "pictures waiting to be delivered"),
    "posts": ("message in a channel", "messages in channels"),
    "recipes": ("sealed recipe", "sealed recipes"),
    "records": ("record of a job", "records of jobs"),
    "choices": ("set of choices", "sets of choices"),
    "people": ("note of a first visit", "notes of first visits"),
    "acts": ("entry of a history", "entries of a history"),
    "usage": ("earlier day's use", "earlier days' use"),
    "gpu_usage": ("earlier month's GPU time", "earlier months' GPU time"),
    "grants": ("plan that the operator gave you", "plans that the operator gave you"),
    "entitlements": ("word of Discord's about your plan", "words of Discord's about your plans"),
    "declarations": ("declaration of rights", "declarations of rights"),
    "audit": ("note of a moderator's act", "notes of moderators' acts"),
    "reports": ("report", "reports"),
    "contests": ("message about a rule", "messages about rules"),
}
"""What each count of an erasure counts, one and many."""

FAILURES: dict[str, str] = {
    "message-refused": "Discord refused to delete some messages; I may no longer touch them.",
    "messages-pending": "Discord did not answer for some messages; I keep trying to delete them.",
    "places-pending": "Places of jobs that were under way could not be cleared up yet; I keep "
    "trying.",
    "dm-closed": "Discord did not let me into your DM, so my messages there stand.",
    "dm-pending": "Discord stopped answering while I read your DM back; ask again to go on there.",
    "keys-pending": "The keys are deleted, but the key file could not be rewritten yet; I keep "
    "trying.",
    "rows-pending": "The rows are deleted, but the database could not be rewritten yet.",
    "channel-closed": "Some channels do not let me remove messages any more; I left what stands "
    "there.",
    "cancelled": "It was cancelled on the way; any message that was left stays.",
    "no-longer-moderator": "Whoever began it may no longer do so here, so I stopped.",
    "and-more": "There were more failures than this receipt has room for.",
}
"""What each failure code of a receipt means."""

FLAWS: dict[str, str] = {
    "not-a-receipt": "This is no receipt of Darkroom's. Paste the whole line that begins with "
    "`darkroom-receipt.`",
    "truncated": "The end of this receipt is missing. Paste the whole line, to its last character.",
    "edited": "This receipt does not verify: something in it was changed after I signed it.",
    "foreign": "This receipt is not mine: another Darkroom signed it, or its key was changed. Only "
    "the bot that signed a receipt can verify it.",
    "future-version": "I signed this receipt with a newer version than the one that runs now. Ask "
    "again once the bot is up to date.",
}
"""What is wrong with a line that does not verify, and what to do about it."""

NOTHING_TO_ERASE = (
    "I hold no job of yours by that name. Name one by its id, or by the link of the message with "
    "its picture."
)
ERASING = "Erasing. This answer becomes your receipt; if it takes longer, it comes by DM."

_SCOPES = {
    "job": "this job of yours",
    "today": "everything you made today",
    "everything": "everything of yours",
}
_STATED = {
    "job": "one job of somebody's",
    "today": "what somebody made that day",
    "everything": "everything of somebody's",
    "member": "what was public of somebody in one server",
    "channel": "what was public in one channel",
    "range": "what was public from one span of time",
    "server": "a server's share",
}
_CANNOT = (
    "This cannot be undone. Out of my reach: what somebody saved, and the copies Discord keeps."
)
_STAYS = (
    "What stays, under a keyed hash: your opt-out if you chose one, today's use, this month's "
    "GPU time, the day of your last export, your place in the fair order until the queue has "
    "passed it, and your relaxed use while it counts; blocks, strikes and safety counters until "
    "they end; what you did as a moderator; and, where backups are made and "
    "for as long as one may be restored, a note of what was erased."
)
_CHOICES_GO = (
    "Your choices go too: after this a job in a server goes where your plan says, which may be the "
    "channel, until you say `/stealth` again."
)
_REMNANTS = "Remnants that a disk may keep below the file system stay sealed; their keys are gone."
_KEYS_GONE_BY = "keys-gone-by:"


def erase_question(preview: Preview) -> str:
    """The first of two steps: what would go, what stays, what is out of reach."""
    lines = [f"**Erase {_SCOPES[preview.scope]}?** {_CANNOT}", *_would_go(preview)]
    if preview.scope == "everything":
        lines += [_CHOICES_GO, _STAYS]
    elif preview.scope == "today":
        lines.append("Your choices, and what you made on other days, stay.")
    lines.append("You get a signed receipt that says what was done and what could not be done.")
    return "\n".join(lines)[:CONTENT_LIMIT]


def opt_out_question(preview: Preview) -> str:
    """The first of two steps before nothing of a person's is processed any more."""
    lines = [
        f"**Erase everything of yours, and process nothing any more?** {_CANNOT}",
        *_would_go(preview),
        "From then on I refuse every request of yours. To remember that I keep one mark under a "
        "keyed hash, until you say `/privacy opt-in`.",
        _STAYS,
        "You get a signed receipt that says what was done and what could not be done.",
    ]
    return "\n".join(lines)[:CONTENT_LIMIT]


def erasing(deleted: int, known: int | None) -> str:
    """How far a long erasure is. `known` is None in the DM, where nothing is counted before."""
    done = f"{deleted} of {known}" if known is not None else f"{deleted}"
    where = "in servers" if known is not None else "so far; I am reading your DM back"
    return f"Erasing: keys and rows are gone. Messages deleted: {done} {where}."


def erased(
    done: Done,
    line: str,
    standing: Sequence[tuple[int, int, int]] = (),
    *,
    by_operator: bool = False,
) -> str:
    """The receipt: in words as far as they fit, then the signed line.

    `standing` are (server, channel, message) of messages that Discord would not let go. Without a
    wish of their own a person is told first whose wish it was: `by_operator`.
    """
    said = "The operator of this bot had everything of yours erased" if by_operator else "Erased"
    head = f"**{said}, as far as I could.**" if done.failures else f"**{said}.**"
    signed = f"`{line}`"
    shown = [f"{head} Keep the last line: `/privacy verify` checks it."]
    links = " ".join(link(*where) for where in standing[:STANDING_SHOWN])
    stays = [_STAYS] if done.scope == "everything" else []
    more = [*facts(done), *([f"Still there: {links}"] if links else []), *stays, _REMNANTS]
    for said in more:  # the most telling first; what does not fit is in the signed line too
        if len("\n".join([*shown, said, signed])) <= CONTENT_LIMIT:
            shown.append(said)
    return "\n".join([*shown, signed])


def verified(found: Done | str) -> str:
    """Answer for a receipt that was checked: what it states, or by its code what is wrong."""
    return FLAWS[found] if isinstance(found, str) else _stated(found)


def _stated(done: Done) -> str:
    lines = [
        f"This receipt is mine and unchanged. It states that {_STATED[done.scope]} was erased "
        f"from <t:{done.begun_at}:f> to <t:{done.ended_at}:t>.",
        *facts(done),
        "It is a statement of what was done, not proof of what a disk or a person still holds.",
    ]
    return "\n".join(lines)[:CONTENT_LIMIT]


def facts(done: Done) -> list[str]:
    """What a receipt states, in sentences."""
    lines = [
        f"Messages deleted: {done.messages_deleted} of {done.messages_found}. Keys destroyed: "
        f"{done.keys_destroyed}."
    ]
    if done.recipes_erased or done.scope in {"today", "everything"}:
        lines[0] += f" Recipes found in your DM: {done.recipes_erased}."
    lines += [FAILURES.get(code, code) for code in done.failures]
    if gone := counted(done.counts):
        lines.append(f"Gone: {gone}.")
    if done.unreached_expire_on:
        lines.append(
            "A sealed stealth recipe that no button in your DM names has its last day on "
            f"{done.unreached_expire_on} at the latest."
        )
    lines.append(_of_backups(done.backups))
    return lines


def _of_backups(code: str) -> str:
    """Say by when the keys are gone from copies of ours, and whose the others are."""
    others = "copies made by other means are your operator's to delete."
    if not code.startswith(_KEYS_GONE_BY):
        return f"No backup of mine holds these keys; {others}"
    last = code.removeprefix(_KEYS_GONE_BY)
    return (
        f"A sealed backup may hold these keys until {last} at the latest, and forgets them again "
        f"if it is restored; {others}"
    )


def _would_go(preview: Preview) -> list[str]:
    would_go = counted(preview.counts)
    days = ""
    if preview.oldest and preview.newest:
        one_day = preview.oldest == preview.newest
        days = f" From {preview.oldest}" + ("." if one_day else f" to {preview.newest}.")
    lines = [f"What goes at once: {would_go}.{days}"] if would_go else []
    if preview.in_dm:
        lines.append(_DM_GOES[preview.scope])
    return lines or ["I hold nothing of that."]


_DM_GOES = {
    "job": "My message in your DM goes, with the recipe behind its buttons.",
    "today": "My messages of today in your DM go, with the recipes behind their buttons; only "
    "reading the DM back tells how many.",
    "everything": "All my messages in your DM go, with the recipes behind their buttons; only "
    "reading the DM back tells how many.",
}


def counted(counts: Mapping[str, int]) -> str:
    """Say how many of each kind, in a fixed order."""
    codes = [*KINDS, *(code for code in counts if code not in KINDS)]
    told = [(counts[code], *KINDS.get(code, (code, code))) for code in codes if counts.get(code)]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in told)
