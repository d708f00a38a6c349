"""What is said of acts on data: to moderators of their server's audit, to people of their history.

Nobody is named: moderators learn a role and whether it was they, people learn no more than a role.
"""

from __future__ import annotations

from bot.policy.chain import Broken, Entered, Flaw, Sheet, Sound
from bot.policy.disclosure import Happened
from bot.policy.retention import parse, say
from bot.words.pages import pages

ACTS: dict[str, str] = {
    "settings": "changed a setting",
    "retention": "changed how long things are kept",
    "purged": "purged",
    "blocked": "blocked a member",
    "unblocked": "lifted a block",
    "struck": "gave a strike",
    "report-removed": "removed a reported picture",
    "report-dismissed": "dismissed a report",
    "contest-read": "read what somebody wrote about a refusal",
    "settings-exported": "exported the settings",
    "server-erased": "erased a server's share",
    "blocklist": "changed the block list of pictures",
    "restored": "restored a backup",
    "granted": "gave somebody a plan",
    "revoked": "took a plan back from somebody",
    "plan-role": "changed which plan a role gives",
    "plan-ceiling": "changed the best plan that roles may give",
}
"""What each act of moderators or the operator was."""

DONE_TO: dict[str, str] = {
    "exported": "exported your data",
    "erased": "erased your data",
    "purged": "purged things of yours",
    "blocked": "blocked you",
    "unblocked": "lifted a block of yours",
    "struck": "gave you a strike",
    "retention": "shortened how long things of yours are kept",
    "report-removed": "removed a picture of yours that was reported",
    "report-dismissed": "dismissed a report of a picture of yours",
    "contest-read": "read what you wrote about a refusal",
    "granted": "gave you a plan",
    "revoked": "took back a plan given to you",
}
"""What each act was to the person whose things it touched."""

REACHES: dict[str, str] = {
    "channels+1": "a channel more on the list",
    "channels-1": "a channel off the list",
    "echo=on": "posts show words",
    "echo=off": "posts show no words",
    "nsfw=never": "no pictures for adults",
    "nsfw=age-restricted": "pictures for adults in age-restricted channels",
    "stealth=allow": "stealth may be started",
    "stealth=forbid": "stealth may not be started",
    "stealth=floor": "all that is started is stealth",
    "role=set": "a moderator role",
    "role=none": "no moderator role",
    "rules+1": "a rule more",
    "rules-1": "a rule less",
    "strikes": "by strikes",
    "user=7d": "for 7 days, after a report",
    "report=consent": "a real person without consent",
    "report=sexual": "sexual",
    "report=violent": "violent",
    "report=other": "something else",
    "user": "what a member had",
    "channel": "what a channel had",
    "job": "one job",
    "range": "a span of time",
    "everything": "everything",
    "member": "",
    "contest": "",
    "server": "",
}
"""How far each act of a moderator reached; empty where the act says it all."""

RESULTS: dict[str, str] = {
    "done": "",
    "partly": "not all could be removed",
    "cancelled": "cancelled on the way",
    "no-longer-moderator": "stopped: no moderator any more",
}
"""How an act ended; empty where nothing was in its way."""

_COUNTED = {"purged", "retention", "exported", "erased"}
"""Acts on many things: of the others there is one."""

ACTORS: dict[str, str] = {
    "you": "you",
    "moderator": "a moderator",
    "operator": "the operator",
    "house": "the bot itself",
}

FLAWS: dict[Flaw, str] = {
    Flaw.CHANGED: "it is not what was written",
    Flaw.MISSING: "it is missing",
    Flaw.CUT_OFF: "it and all after it were cut off",
    Flaw.BEYOND: "no signed state covers it",
    Flaw.UNSIGNED: "the state that was signed for it is forged",
    Flaw.UNSTATED: "another entry was signed in its place",
    Flaw.SUBJECT: "whom it concerns is forged",
    Flaw.ROLLED_BACK: "the head you kept says otherwise: the chain was replaced",
}
"""What is wrong with the first bad entry."""


def audited(sheet: Sheet) -> list[str]:
    """List what moderators did in this server, newest first."""
    if not sheet.entries:
        return ["No moderator has changed or removed anything here that is still recorded."]
    of = f", page {sheet.page} of {sheet.pages}" if sheet.pages > 1 else ""
    return pages(
        [
            f"**What moderators did with settings and data here**{of}",
            "\n".join(_entered(entry) for entry in sheet.entries),
            "-# Without content and without names; stealth is not in it.",
        ]
    )


def _entered(entry: Entered) -> str:
    who = ACTORS.get(entry.actor, entry.actor)
    if entry.actor == "moderator":
        who = "you" if entry.is_by_you else "another moderator"
    said = [ACTS.get(entry.act, entry.act), _reach(entry), RESULTS.get(entry.result, entry.result)]
    if entry.act in _COUNTED and entry.objects:
        said.append("1 thing" if entry.objects == 1 else f"{entry.objects} things")
    return " · ".join([f"- {entry.seq}", f"<t:{entry.at}:f>", who, *filter(None, said)])


def _reach(entry: Entered) -> str:
    if entry.scope.startswith("plan="):
        return entry.scope.removeprefix("plan=")
    if entry.act != "retention":
        return REACHES.get(entry.scope, f"`{entry.scope}`")
    kind, _, to = entry.scope.removeprefix("channel ").partition("=")
    seconds = parse(to)
    value = say(seconds) if isinstance(seconds, int) else to
    where = " in a channel" if entry.scope.startswith("channel ") else ""
    return f"`{kind}`{where}: {value}"


def chain_checked(found: Sound | Broken) -> str:
    """Say whether this server's audit is what was written."""
    if isinstance(found, Broken):
        return (
            f"This server's audit is **broken at entry {found.seq}**: {FLAWS[found.flaw]}. "
            "Somebody changed it outside the bot: tell the operator, who can check every chain "
            "with `darkroom audit verify`."
        )
    if not found.head:
        return "This server's audit is sound: it has no entry yet."
    rest = f"; entries 1 to {found.floor} had their time" if found.floor else ""
    held = f"{found.entries} entries" if found.entries != 1 else "1 entry"
    return (
        f"This server's audit is sound: {held}, up to number {found.head}{rest}. Each is as it was "
        "written, and none is missing. Whether all of it was replaced by an older copy, only the "
        "operator can check, with a head kept elsewhere."
    )


def happened(one: Happened) -> str:
    """Say one act on a person's data, to that person."""
    where = {None: "", True: " in this server", False: " elsewhere"}[one.is_here]
    who = ACTORS.get(one.actor, one.actor)
    act = DONE_TO.get(one.act, one.act)
    count = f" · {one.objects}" if one.objects and one.act in _COUNTED else ""
    return f"<t:{one.at}:f> · {who}{where} · {act}{count}"
