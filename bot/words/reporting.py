"""What is read of reports, of contests about rules, and of the declaration before an upload."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain import Cause, Refusal
from bot.policy.reasons import (
    BLOCK_SECONDS,
    CONTESTS_A_DAY,
    OPEN_REPORTS,
    Contested,
    Judged,
    Outcome,
    Reason,
    Reported,
)
from bot.policy.retention import say
from bot.ports import Button, Post
from bot.words.answers import CONTENT_LIMIT, link
from bot.words.echo import echo
from bot.words.pictures import DECLARATION
from bot.words.refusals import refused

REPORT_MENU = "Report"
"""The entry in a message's own menu, under Apps."""

CONTEST_TITLE = "Contest this rule"
CONTEST_LABEL = "What should the moderators know?"

_DISCORDS_OWN = (
    "To report something to Discord itself, open the message's menu (right-click, or press and "
    "hold) and choose **Report Message**."
)
_BLOCK = "Remove and block its maker for"
_BLOCKED_FOR = say(BLOCK_SECONDS)
_REASONS = {
    Reason.CONSENT: "Shows a real person without consent",
    Reason.SEXUAL: "Sexual",
    Reason.VIOLENT: "Violent",
    Reason.OTHER: "Something else",
}

REPORT_ANSWERS: dict[Reported, str] = {
    Reported.TAKEN: "Reported. The moderators of this server see where the picture stands and the "
    "reason you gave, not who you are. You learn here what becomes of it, or in our DM once this "
    "answer has expired.",
    Reported.TWICE: f"You have reported this picture already; once is enough. {_DISCORDS_OWN}",
    Reported.FULL: f"{OPEN_REPORTS} reports of yours wait in this server, which is the most. "
    f"Report this one when a moderator has decided on another. {_DISCORDS_OWN}",
    Reported.OWN: "That picture is yours: press 🗑️ Delete under it, and it goes at once.",
    Reported.NOT_OURS: "I take reports about this bot's public pictures in this server, once they "
    f"are finished. {_DISCORDS_OWN}",
    Reported.IN_DM: "I take no reports about what is in this DM: a report goes to a server's "
    f"moderators, and no moderator has a power over stealth. {_DISCORDS_OWN}",
    Reported.OPTED_OUT: refused(Refusal(Cause.OPTED_OUT)),
}
"""What a person hears who wants to report."""

CONTEST_ANSWERS: dict[Contested, str] = {
    Contested.SENT: "Sent to this server's moderators: what you wrote and the rule's name, without "
    "your prompt and without your name. When one has read it you learn so here, or in our DM once "
    "this answer has expired.",
    Contested.EMPTY: "There is no word in that. Press *Contest* again and say what the moderators "
    "should know.",
    Contested.WAITS: "What you wrote before still waits for this server's moderators. Write again "
    "when they have closed it.",
    Contested.ENOUGH: f"You have written to this server's moderators {CONTESTS_A_DAY} times within "
    "a day, which is the most. Write again tomorrow.",
    Contested.NO_RULE: "This server has no such rule any more. Ask for your picture again.",
    Contested.OPTED_OUT: refused(Refusal(Cause.OPTED_OUT)),
}
"""What a person hears who contests a rule."""

CONTEST_WAS_READ = "A moderator has read what you wrote about the rule that stopped your prompt."

NOTHING_REPORTED = "No report and no contest waits in this server."

JUDGED: dict[Judged, str] = {
    Judged.REMOVED: "Removed: its message and its recipe are gone.",
    Judged.STANDS: "Its recipe is gone. Discord does not let me remove the message yet; I keep "
    "trying.",
    Judged.BLOCKED: f"Removed, and its maker may not use me in this server for {_BLOCKED_FOR}.",
    Judged.DISMISSED: "Dismissed: the picture stands, and whoever reported it is told.",
    Judged.GONE: "That picture was gone already. Its reports are closed.",
    Judged.CLOSED: "Closed. Whoever wrote it is told that it was read.",
    Judged.NOTHING: "There is nothing to decide by that button: it was decided already, or it is "
    "not this server's.",
}
"""What a moderator hears of a press, before the next that waits is shown."""

DECLARATION_TAKEN_BACK = (
    "Your declaration is taken back and forgotten. You are asked again before a picture of yours "
    "is used."
)
NO_DECLARATION = (
    f"You have declared nothing. You are asked once, before the first picture of yours is used:\n"
    f"{DECLARATION}\n`/privacy declaration` with `give` declares it."
)


@dataclass(frozen=True, kw_only=True)
class ReportShown:
    """What a moderator sees of the report that comes first, and of how many wait.

    `others` are further reports of the same message, `left` other messages, `contests` what people
    wrote about rules.
    """

    id: str
    reason: Reason
    guild_id: int
    channel_id: int
    message_id: int
    made_at: int
    others: int
    left: int
    contests: int


@dataclass(frozen=True, kw_only=True)
class ContestShown:
    """What somebody wrote about a rule; `left` is how many more wait."""

    id: str
    rule: str = field(repr=False)
    text: str = field(repr=False)
    made_at: int
    left: int


def report_question(job: str) -> Post:
    """Ask why; each button is a reason."""
    return Post(
        "**Why do you report this picture?** The moderators of this server see where it stands and "
        f"your reason, not who you are. {_DISCORDS_OWN}",
        buttons=tuple(
            Button(f"v1:flag:{reason}:{job}", said, danger=reason is Reason.CONSENT)
            for reason, said in _REASONS.items()
        ),
    )


def report_ended(outcome: Outcome, guild_id: int, channel_id: int, message_id: int) -> str:
    """Tell a reporter what became of it."""
    where = link(guild_id, channel_id, message_id)
    match outcome:
        case Outcome.REMOVED:
            return f"You reported a picture ({where}): the moderators had it removed."
        case Outcome.DISMISSED:
            return (
                f"You reported a picture ({where}): a moderator looked at it and let it stand. "
                f"{_DISCORDS_OWN}"
            )
        case Outcome.GONE:
            return f"You reported a picture ({where}): it was gone before a moderator decided."


def report_shown(report: ReportShown, before: str = "") -> Post:
    """Show a moderator the report that comes first; `before` says what their press did."""
    also = f"{report.others} more report{'s' if report.others != 1 else ''} of it"
    more = f" · {also}" if report.others else ""
    lines = [
        *([before] if before else []),
        f"**Report: {_REASONS[report.reason]}** · <t:{report.made_at}:R>{more}",
        link(report.guild_id, report.channel_id, report.message_id),
        *_waiting(report.left, report.contests),
    ]
    return Post(
        "\n".join(lines),
        buttons=(
            Button(f"v1:rremove:{report.id}", "Remove", danger=True),
            Button(f"v1:rdismiss:{report.id}", "Dismiss report"),
            Button(f"v1:rblock:{report.id}", f"{_BLOCK} {_BLOCKED_FOR}", danger=True),
        ),
    )


def _waiting(reports: int, contests: int) -> list[str]:
    if not reports and not contests:
        return []
    said = f"-# Waiting besides: reports of other pictures {reports}, contests of rules {contests}."
    return [said]


def contest_shown(contest: ContestShown, before: str = "") -> Post:
    """Show a moderator what somebody wrote, so that it pings nobody and links nowhere."""
    further = f"Further contests: {contest.left}. " if contest.left else ""
    lines = [
        *([before] if before else []),
        f"**Contest of the rule** {echo(contest.rule)} · <t:{contest.made_at}:R>",
        f"-# {further}That you read this is entered into the audit.",
        f"“{echo(contest.text)}”",
    ]
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=(close_button(contest.id),))


def close_button(contest: str) -> Button:
    """The button that forgets what somebody wrote."""
    return Button(f"v1:cclose:{contest}", "Close")


def declared(day: str) -> str:
    """Say what somebody declared, and how to take it back."""
    return (
        f"You declared this on {day}:\n{DECLARATION}\n"
        "`/privacy declaration` with `take-back` forgets it."
    )
