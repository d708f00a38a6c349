"""The privacy policy, printed from configuration, and what changed between two versions of it.

One claim to a line, so that a change shows as the lines that changed. Nothing in it differs between
two starts of the same configuration: no date, no version of the program.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from bot.policy.datamap import Entry, Store, of_kind, outliving, personal
from bot.policy.disclosure import Facts, Operator, Policy
from bot.policy.entries import ENTRIES, NEVER_HELD
from bot.policy.plans import Plan, StealthRule
from bot.policy.retention import LIFETIMES, OF_SERVERS, DataClass, say
from bot.words.pages import pages

NOT_SAID = "the operator has not said"

SEEN_BY = {
    DataClass.PICTURE: "nobody until it is delivered; the operator could open it",
    DataClass.RECIPE: "you, by its buttons; the operator could open it",
    DataClass.STEALTH_RECIPE: "you, by the buttons in your DM; Discord, and whoever holds this "
    "bot's token, could read those buttons",
    DataClass.POST: "everybody who can read the channel; the operator",
    DataClass.RECORD: "the operator, under a keyed hash of your id; what you report or "
    "contest, also that server's moderators, without your name",
    DataClass.COUNTER: "you and the operator; strikes also that server's moderators",
    DataClass.QUOTA: "the operator, under a keyed hash of your id",
    DataClass.SETTINGS: "you; the operator could open them",
    DataClass.AUDIT: "you; the operator, under a keyed hash of your id; a server's moderators "
    "see what was done there, without names",
    DataClass.INPUT: "nobody; the operator could open it",
}
"""Who can see what of each class. Of moderators what is public or was said to them alone."""

HONEST_LIMITS = (
    "Discord carries every message. Its DMs are not end-to-end encrypted, and it keeps its own "
    "copy under its own terms.",
    "The operator is root on the machine: they could change the program, or read its memory.",
    "Whoever holds this bot's token can read at Discord what the bot sent.",
    "Only the bot can delete its messages in your DM.",
    "Deletion reaches our copies and our messages. It does not reach what somebody saved, or "
    "Discord's caches.",
    "Overwritten data may remain on a disk for a while. It is sealed, and its key is destroyed "
    "first.",
)
"""What no setting of this bot changes."""

NO_TRAINING = (
    "Nothing is trained on prompts or pictures, public or stealth. Darkroom has no code that "
    "trains on what people make or collects it for training."
)

NO_RIGHTS = "The operator claims no right in your prompts or your pictures."

CONTROLS = (
    ("/stealth", "your jobs go to your DM from now on"),
    ("/privacy show", "these answers, with what applies to you"),
    ("/privacy data", "every field stored about you, with counts"),
    ("/privacy export", "a copy of it, by DM, once a day"),
    ("/privacy delete", "erase a job, today or everything, with a signed receipt"),
    ("/privacy retention", "keep a class of data for less time"),
    ("/privacy history", "who acted on your data, and when"),
    ("/privacy changes", "what changed in this policy"),
    ("/privacy opt-out", "never be public, or not be processed at all"),
)
"""What people can do themselves, and with which command."""


def kept_for(kind: DataClass, seconds: int | None) -> str:
    """Say how long a class is kept under a lifetime; None: no number rules."""
    life = LIFETIMES[kind]
    if seconds is None:
        return life.until or "no time is set"
    return life.said.format(say(seconds))


def answers(lives: Mapping[DataClass, int | None]) -> list[tuple[str, str]]:
    """Give the five questions people ask, and their answers under these lifetimes in seconds."""
    public, stealth, picture = (
        kept_for(kind, lives[kind])
        for kind in (DataClass.RECIPE, DataClass.STEALTH_RECIPE, DataClass.PICTURE)
    )
    return [
        (
            "Is it stored?",
            f"Sealed, and with an end. A picture: {picture}. Discord keeps the message with the "
            "picture for as long as it stands.",
        ),
        (
            "Who can see it?",
            "Public: everybody who can read the channel. Stealth: you, in your DM; besides "
            "Discord, which carries it, and the operator, who runs the machine. No moderator.",
        ),
        ("Is it used for training?", f"No. {NO_TRAINING}"),
        (
            "Is the prompt kept?",
            f"Sealed, for the buttons under a result. Public: {public}. Stealth: {stealth}, and "
            "once it is delivered its only key is in those buttons. A public post shows its "
            "words, unless you hide them. No log holds them.",
        ),
        (
            "Is it fit for confidential work?",
            "Public: no. Stealth: against members, moderators and whoever takes the disk, yes; "
            "against Discord and the operator, no.",
        ),
    ]


def operator_lines(operator: Operator) -> list[str]:
    """Say who runs this bot; what they left empty is said to be empty."""
    return [
        f"Run by: {operator.name or NOT_SAID}",
        f"The machine stands in: {operator.country or NOT_SAID}",
        f"Contact: {operator.contact or NOT_SAID}",
        f"Answers within: {operator.answer_time or NOT_SAID}",
    ]


def rights_line(facts: Facts) -> str:
    """Say whose the pictures are, as far as this bot is concerned."""
    return f"{NO_RIGHTS} The model {facts.model} has its own licence: {facts.licence}."


def life_of_entry(facts: Facts, entry: Entry) -> str:
    """Say how long one entry is kept."""
    if entry.life or entry.kind is None:
        return entry.life
    return kept_for(entry.kind, facts.kept(entry.kind).seconds)


def policy_text(facts: Facts) -> str:
    """Print the policy of this bot as it is configured."""
    lives = {kind: facts.kept(kind).seconds for kind in DataClass}
    sections = (
        ("The answers", [f"{asked} {answer}" for asked, answer in answers(lives)]),
        ("Who runs this bot", operator_lines(facts.operator)),
        ("How long each class of data is kept", [*_classes(facts), _SERVERS]),
        ("Everything that is stored about you", list(_entries(facts))),
        (
            "What outlives an erasure of everything",
            [
                f"{outlives(each, lives)}, under a keyed hash of your id."
                for each in outliving(ENTRIES)
            ],
        ),
        ("What is never held", [f"{line}." for line in NEVER_HELD]),
        ("Rights", [rights_line(facts)]),
        ("Plans", [*_PLANS, *(plan_line(plan) for plan in facts.plans)]),
        ("What is looked at", _LOOKED_AT),
        ("What you can do", [f"{command}: {does}." for command, does in CONTROLS]),
        ("Changes", list(_CHANGES)),
        ("Backups", list(backup_lines(facts))),
        ("Honest limits", list(HONEST_LIMITS)),
    )
    parts = [
        f"## {title}\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections
    ]
    return "# Privacy policy of this bot\n\n" + "\n\n".join(parts) + "\n"


def backup_lines(facts: Facts) -> Iterator[str]:
    """Say what copies there are, and what an erasure is worth against them."""
    if facts.backup_days is None:
        yield "The operator has set no folder for backups."
    else:
        yield (
            "The operator keeps sealed backups. A copy of the keys is deleted after "
            f"{say(facts.backup_days * 86400)}: what you erased is unreadable in every backup then."
        )
    yield (
        "Whenever a backup is restored, what was erased since it was made is erased from it again "
        "before the bot starts. For that a list of what was erased is kept for as long as a backup "
        "may be restored, with keyed hashes and random ids, and no content. The root key is in no "
        "backup."
    )
    yield (
        "Keys of stealth jobs are in no backup. A sealed recipe of a delivered one that comes back "
        "with a backup opens by the buttons in your DM or not at all, and goes on its day."
    )
    yield "Copies made by other means are the operator's to delete."


_SERVERS = (
    "A server's moderators may have what is public there kept for less time, never for longer: "
    f"{', '.join(OF_SERVERS)}. Of what is stealth no server has a word."
)

_CHANGES = (
    "This policy is printed from the running configuration; a new version is kept when it differs.",
    "A longer lifetime never applies to what was made before it; a shorter one does.",
    "You are told once, in your next answer, and /privacy changes shows the lines.",
)


_PLANS = (
    "In every plan: no training, so nothing to opt out of; lifetimes that you can shorten down to "
    "nothing; the same erasure. Plans differ in how much you can make, and in where a job goes "
    "that does not say.",
)

_LOOKED_AT = (
    "Words of a public job are searched on this machine for e-mail addresses, phone numbers, "
    "street addresses and account numbers, to ask you before they are posted. What was found is "
    "not kept.",
    "A finished picture, stealth too, is measured on this machine before it is delivered: a "
    "program compares it with the operator's block list and, where the operator has set a "
    "classifier, scores whether it is for adults. The measures are not kept. What may not pass is "
    "destroyed and you are told; how often that was, by day, is kept without content.",
    "Darkroom has no command that shows somebody's prompts or pictures to anybody else. Moderators "
    "can remove a post in their channel like any message. Of a stealth job they see nothing.",
    "Nothing can be set aside for review or for a legal hold: there is no command for it.",
)


def plan_line(plan: Plan) -> str:
    """Say what a plan does about visibility. Training and retention are the same in all of them."""
    default = {
        StealthRule.NEVER: "channel only, no stealth",
        StealthRule.OPTIONAL: "channel, unless you say stealth",
        StealthRule.DEFAULT: "your DM, unless you say public",
        StealthRule.ALWAYS: "always your DM",
    }[plan.stealth]
    limit = plan.stealth_per_day
    a_day = f"; {limit} stealth jobs a day" if limit is not None else ""
    same = "no training, the same lifetimes as every plan"
    return f"{plan.name}: {default}{'' if plan.stealth is StealthRule.NEVER else a_day}; {same}."


def _classes(facts: Facts) -> Iterator[str]:
    for kind in DataClass:
        life = kept_for(kind, facts.kept(kind).seconds)
        held = any(of_kind(ENTRIES, kind))
        unused = "" if held else " This version stores nothing of the kind."
        yield f"{kind}, {LIFETIMES[kind].what}: {life}. Who can see it: {SEEN_BY[kind]}.{unused}"


def _entries(facts: Facts) -> Iterator[str]:
    for each in personal(ENTRIES, *Store):
        yield (
            f"{each.store}, {each.name}: {each.what}. Why: {each.why}. "
            f"How long: {life_of_entry(facts, each)}. Erased: {each.erased}."
        )


def outlives(entry: Entry, lives: Mapping[DataClass, int | None]) -> str:
    """Say what an erasure leaves, and how long that stays under these lifetimes in seconds."""
    life = entry.life or (kept_for(entry.kind, lives[entry.kind]) if entry.kind else "")
    return f"{entry.what}: {life}"


def changes(new: Policy | None, old: Policy | None) -> list[str]:
    """Show, line by line, what changed between the last two versions; as messages."""
    if new is None:
        return ["No policy was kept yet: the bot has not been started with this version."]
    if old is None:
        return [
            f"This is the first version of the policy, of {new.day}. Nothing has changed since."
        ]
    gone, come = _difference(old.text, new.text)
    head = (
        f"**Privacy policy, version {new.version} of {new.day}**, compared with version "
        f"{old.version} of {old.day}"
    )
    blocks = [head]
    if gone:
        blocks.append("**No longer said**\n" + "\n".join(gone))
    if come:
        blocks.append("**Said now**\n" + "\n".join(come))
    return pages([*blocks, "A longer lifetime never applies to what you made before."])


def _difference(old: str, new: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    gone = [line[2:] for line in lines if line.startswith("- ") and line[2:].strip()]
    come = [line[2:] for line in lines if line.startswith("+ ") and line[2:].strip()]
    return gone, come
