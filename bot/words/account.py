"""What `/privacy` answers about a person's own data: what applies, what is stored, what happened.

Every answer is a list of messages; the first is the answer, the rest follow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain import Visibility
from bot.policy.datamap import Entry, of_kind, outliving
from bot.policy.disclosure import Facts, Happened, Kept, Life, Line, Policy, Selfcheck
from bot.policy.entries import ENTRIES, NEVER_HELD
from bot.policy.retention import LIFETIMES, By, DataClass, say
from bot.words.answers import ended, link, two_lines
from bot.words.auditing import happened
from bot.words.pages import pages
from bot.words.policy import (
    HONEST_LIMITS,
    SEEN_BY,
    answers,
    kept_for,
    operator_lines,
    outlives,
    rights_line,
)
from gen.job import JobState

NO_SUCH_JOB = (
    "You have no such job, or nothing is kept of it any more. Give a job's id, as "
    "`/privacy export` lists them, or the link of its public message."
)
"""The answer for somebody else's job too: it must not tell one from the other."""

NOT_COUNTABLE = "not countable by design"


def show(
    facts: Facts, kept: Sequence[Kept], policy: Policy | None, selfcheck: Selfcheck | None
) -> list[str]:
    """Answer what people ask about their privacy here, then say what applies to this person."""
    lives = {row.kind: row.effective.seconds for row in kept}
    first = "\n".join(f"**{asked}** {answer}" for asked, answer in answers(lives))
    head = "**How long each class is kept, and by whose word**"
    if not any(By.SERVER in row.words for row in kept):
        head += f"\n{_ELSEWHERE}"
    return pages([first]) + pages(
        [
            head,
            *(_class(row) for row in kept),
            _listed("What outlives an erasure", _outlives(lives)),
            _listed("Who runs this bot", operator_lines(facts.operator)),
            _listed("Rights", [rights_line(facts)]),
            _listed("What is never held", NEVER_HELD),
            _listed("What runs here", _what_runs(facts, policy, selfcheck)),
            _listed("Honest limits", HONEST_LIMITS),
        ]
    )


def _outlives(lives: Mapping[DataClass, int | None]) -> list[str]:
    return [outlives(each, lives) for each in outliving(ENTRIES)]


def _listed(title: str, lines: Sequence[str] | Iterator[str]) -> str:
    return f"**{title}**\n" + "\n".join(f"- {line}" for line in lines)


def _class(row: Kept) -> str:
    life = LIFETIMES[row.kind]
    said = " · ".join(f"{_BY[by]} {_word(row.words[by])}" for by in By if by in row.words)
    held = list(of_kind(ENTRIES, row.kind))
    if not held:
        return f"**{row.kind}** ({life.what}): this version stores nothing of the kind."
    where = ", ".join(dict.fromkeys(each.store.value for each in held))
    why = "; ".join(dict.fromkeys(each.why for each in held if each.kind is row.kind))
    by = f", by {row.effective.by}" if life.numbered else ""
    return (
        f"**{row.kind}** ({life.what}): **{kept_for(row.kind, row.effective.seconds)}**{by}.\n"
        f"-# {said}\n"
        f"-# Where: {where}. Who can see it: {SEEN_BY[row.kind]}. Why: {why}."
    )


_BY = {
    By.OPERATOR: "operator:",
    By.PLAN: "plan:",
    By.SERVER: "server:",
    By.CHANNEL: "channel:",
    By.PERSON: "you:",
}
_ELSEWHERE = (
    "-# A server may keep what is public there for less time: ask in it to see what applies there."
)


def _word(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    return "0" if seconds == 0 else say(seconds)


def _what_runs(facts: Facts, policy: Policy | None, selfcheck: Selfcheck | None) -> Iterator[str]:
    if policy is not None:
        yield f"Privacy policy: version {policy.version} of {policy.day}"
    commit = f", commit {facts.commit}" if facts.commit else ""
    yield f"Darkroom {facts.version}{commit}"
    digest = f", SHA-256 {facts.model_digest}" if facts.model_digest else ""
    yield f"Model {facts.model}, licence {facts.licence}{digest}"
    yield selfcheck_line(selfcheck)


def selfcheck_line(selfcheck: Selfcheck | None) -> str:
    """Say when the operator last had the promises checked on this machine, and how it went."""
    if selfcheck is None:
        return "Last selfcheck: none yet; the operator runs it with `darkroom selfcheck`"
    result = "passed" if selfcheck.passed else "FAILED"
    of = f" (Darkroom {selfcheck.software})" if selfcheck.software else ""
    return f"Last selfcheck: {result}, <t:{selfcheck.at}:f>{of}"


def stored(lines: Sequence[Line]) -> list[str]:
    """List everything that is stored about a person: first the counts, then every field."""
    counts = "\n".join(_count(line) for line in lines)
    return pages(
        [
            "**What is stored about you now**\n" + counts,
            "-# Your Discord id itself is stored only sealed. Elsewhere stands a keyed hash of it, "
            "which the operator could compute again from your id.",
            *(_fields(line.entry) for line in lines if line.entry.fields),
            _listed("What is never held", NEVER_HELD),
        ]
    )


def _count(line: Line) -> str:
    entry = line.entry
    number = NOT_COUNTABLE if line.count is None else str(line.count)
    until = f", the last until <t:{line.until}:D>" if line.until and line.count else ""
    return f"- {entry.what}: **{number}**{until}"


def _fields(entry: Entry) -> str:
    columns = "; ".join(
        f"`{each.name}` {each.what} ({each.form}{'' if entry.exports(each) else ', not exported'})"
        for each in entry.fields
    )
    return f"**{entry.name}** in {entry.store}: {columns}. Erased: {entry.erased}."


def history(entries: Sequence[Happened]) -> list[str]:
    """List who acted on a person's data, newest first."""
    if not entries:
        return ["Nobody has acted on your data: no export, no erasure, no purge is recorded."]
    return pages(
        [
            "**Who acted on your data**",
            "\n".join(f"- {happened(each)}" for each in entries),
            "-# Without content; the number says how many things of yours it touched. An erasure "
            "of everything takes these lines with it. Reading by the running bot itself is not "
            "listed.",
        ]
    )


def life(job: Life) -> list[str]:
    """Tell the life of one job step by step, and where it stands now."""
    head = [f"**Job** `{job.job}`", *two_lines(job.visibility), f"**Now:** {stands_now(job)}"]
    return pages(["\n".join(head), *_steps(job)])


_STATES = {
    JobState.ACCEPTED: "accepted; its message is about to be placed.",
    JobState.PLACED: "waiting in the queue.",
    JobState.RUNNING: "being painted.",
    JobState.RENDERED: "painted; its pictures are sealed and about to be sent.",
}


def stands_now(job: Life) -> str:
    """Say how one job stands now, and until when what is kept of it is kept."""
    if job.state in _STATES:
        return _STATES[job.state]
    if job.ending is not None:
        return f"ended without a picture. {ended(job.ending)} {_record(job)}"
    if job.visibility is Visibility.STEALTH:
        return (
            "delivered in your DM. No row names its recipe: only the message in your DM has the "
            f"key. {_record(job)}"
        )
    if job.post is None:
        post = "delivered; its message is not known here any more."
    else:
        until = f", until <t:{job.post_until}:f>" if job.post_until else ""
        post = f"delivered; it stands at {link(*job.post)}{until}."
    recipe = (
        f" Its sealed recipe is kept until <t:{job.recipe_until}:D>{_by_star(job)}."
        if job.recipe_until
        else " Its recipe is gone."
    )
    return f"{post}{recipe} {_record(job)}"


def _by_star(job: Life) -> str:
    return ", as you starred it" if job.is_starred else ""


def _record(job: Life) -> str:
    if job.state is None:
        return "Its record is gone."
    if job.record_until is None:
        return "Its record is kept while it is under way."
    return f"Its record, without content, is kept until <t:{job.record_until}:D>."


def _steps(job: Life) -> Iterator[str]:
    stealth = job.visibility is Visibility.STEALTH
    key = "a key that is in no database" if stealth else "a key of its own"
    place = "your DM, without your words" if stealth else "the channel, with words unless hidden"
    result = "your DM" if stealth else "the channel"
    seen = "you, Discord and the operator" if stealth else "everybody who can read the channel"
    opened = "the operator could open it; no member, no moderator"
    after = (
        "The recipe, sealed under a random id; its only key is in the buttons in your DM. The "
        "record keeps the day and no time."
        if stealth
        else "The recipe, sealed; where the message stands; a record without content."
    )
    steps = (
        ("Asked", "your command", "Discord, then memory", "seconds", "Discord carries it",
         "to know what you want"),
        ("Accepted", f"prompt, seed and settings, sealed under {key}", "darkroom.db",
         "until it ends", opened, "so that a crash loses nothing"),
        ("Placed", "a message where the result will be", place, "until the result stands", seen,
         "so that you see it wait"),
        ("Painted", "words and settings, without owner, server or channel",
         "memory of the worker", "while it is painted", "the operator could read that memory",
         "a model can only paint words it can read"),
        ("Kept until sent", f"the pictures, sealed under {key}", "files with random names",
         kept_for(DataClass.PICTURE, job.picture_seconds), opened, "so that a crash loses nothing"),
        ("Delivered", "a message with the pictures", result, "until you or its end remove it",
         seen, "you asked for it"),
    )  # fmt: skip
    for number, (name, what, where, how_long, who, why) in enumerate(steps, start=1):
        yield (
            f"**{number} {name}** {what}\n"
            f"-# Where: {where}. How long: {how_long}. Who: {who}. Why: {why}."
        )
    yield f"**{len(steps) + 1} Afterwards** {after}"
