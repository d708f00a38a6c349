"""The operator's papers: terms, record of processing, processor note, answer to a legal request.

All are printed from the data map and the configuration. None of them is legal advice, and none
promises what the code does not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.policy.datamap import Entry, Form, Store, Whose, outliving, personal
from bot.policy.disclosure import Facts
from bot.policy.entries import ENTRIES, NEVER_HELD
from bot.policy.plans import Plan
from bot.words.answers import AI_NOTICE
from bot.words.policy import (
    HONEST_LIMITS,
    NO_TRAINING,
    backup_lines,
    life_of_entry,
    operator_lines,
    rights_line,
)

NO_ADVICE = (
    "Printed by Darkroom from this bot's data map and configuration. It is no legal advice: have "
    "it checked where it matters to you. “You” is the person whose data it is."
)

SECURITY = (
    "Prompts, settings and pictures are sealed with AES-256-GCM before they are written; no log, "
    "temporary file or file name holds them.",
    "One key for each thing, wrapped by a key per person and day, wrapped by the root key. "
    "Erasing begins with the key.",
    "Keys of stealth jobs are in no database. Of a delivered one the only key is in the buttons "
    "of its owner's DM.",
    "The process that paints gets no token, no keys and no names, and no network where the system "
    "can take it away; `darkroom doctor` says whether it can.",
    "Data folder, keys and token are readable by the operator's account alone; otherwise the bot "
    "does not start.",
    "Moderators have no command that shows anything of a stealth job.",
)
"""What is done, in general terms (GDPR art. 30(1)(g) and 32)."""


def terms(facts: Facts) -> str:
    """Print the terms of use."""
    return _paper(
        "Terms of use of this bot",
        {
            "Who runs it": operator_lines(facts.operator),
            "What it does": (
                AI_NOTICE,
                "A job that was accepted is delivered, or refused at no cost to you.",
            ),
            "What each plan includes": [_allowance(plan) for plan in facts.plans],
            "What you are responsible for": (
                "What you ask for and what you do with the pictures. Discord's terms, age rules "
                "and guidelines apply, and the law where you live.",
                "Say that a picture was made by AI where it could be taken for a photograph of "
                "real people or events.",
                "Leave out of a prompt what is not yours to tell. It may name people; the rules "
                "for personal data then apply to you too.",
            ),
            "Rights": (rights_line(facts), "Read that licence before you sell what you make."),
            "What is not promised": (
                "That a picture is right, new, or fit for a purpose; that the bot is always there.",
            ),
            "Ending": (
                "Stop when you like. /privacy delete erases what is stored about you, and "
                "/privacy opt-out ends all processing.",
                "The operator may stop the bot, or stop serving you.",
            ),
        },
    )


def record(facts: Facts) -> str:
    """Print the record of processing, in the order of GDPR art. 30(1)."""
    people = list(personal(ENTRIES, *Store))
    return _paper(
        "Record of processing (GDPR art. 30(1))",
        {
            "(a) Controller": operator_lines(facts.operator),
            "(b) Purposes": [f"{entry.name}: {entry.why}." for entry in people],
            "(c) Whose data": ("People on Discord who use this bot; people their prompts name.",),
            "(c) Which data": [
                f"{entry.name}: {entry.what} ({_forms(entry)})." for entry in people
            ],
            "(d) Recipients": (
                "Discord, which carries commands, answers and pictures, and keeps its own copy.",
                "In a channel: everybody who can read it. Nobody else is sent anything.",
            ),
            "(e) Other countries": (
                f"The machine stands in: {facts.operator.country or 'the operator has not said'}. "
                "Discord moves data under its own terms.",
            ),
            "(f) Time limits": [
                f"{entry.name}: {life_of_entry(facts, entry)}. Erased on request: {entry.erased}."
                for entry in people
            ],
            "(g) Security": SECURITY,
            "Backups": (
                *backup_lines(facts),
                "List copies made by other means here, and how long each is kept.",
            ),
        },
    )


def processor(facts: Facts) -> str:
    """Print a note for a controller to sign, on whose behalf this bot is run (GDPR art. 28(3))."""
    return _paper(
        "Processor note (GDPR art. 28(3)), to complete and sign",
        {
            "Parties": (
                "Controller: ______________________________",
                f"Processor: {facts.operator.name or '______________________________'}, "
                f"{facts.operator.contact or '______________________________'}",
            ),
            "Subject and duration": (
                "Making pictures from words on Discord, while the controller has this bot on its "
                "server.",
            ),
            "Whose data, and which": (
                "Members of that server who use the bot; people their prompts name.",
                *(f"{entry.what}." for entry in personal(ENTRIES, Store.DARKROOM)),
            ),
            "The processor": (
                "processes these data to serve the members' requests, and for nothing else;",
                NO_TRAINING,
                "keeps who has access to the machine bound to secrecy;",
                "takes the measures listed below, and tells the controller of a breach without "
                "undue delay;",
                "lets members see, export and erase their data themselves, and helps the "
                "controller to answer them;",
                "uses one further party, Discord, on whose platform all of this takes place;",
                "at the end of the service deletes what is stored, or lets it end by its lifetime, "
                "as the controller chooses; an erasure leaves, under keyed hashes and to the end "
                f"of their time: {'; '.join(entry.what for entry in outliving(ENTRIES))};",
                "lets the controller check this: `darkroom selfcheck` and `make prove` show it on "
                "the processor's own machine.",
            ),
            "Measures": SECURITY,
            "Honest limits": HONEST_LIMITS,
            "Signed": (
                "Controller, place and date: ______________________________",
                "Processor, place and date: ______________________________",
            ),
        },
    )


def request(facts: Facts) -> str:
    """Print what a legal request could obtain: these fields, and no others."""
    return _paper(
        "What a legal request could obtain",
        {
            "How somebody is found": (
                "Rows name a person by a keyed hash. The operator, who has the key, can compute "
                "the hash of any Discord id they are given, and so find its rows.",
            ),
            "Fields about a person, in the clear": list(_fields(facts, Form.PLAIN, Form.HASH)),
            "Sealed, and the operator can open it": list(_fields(facts, Form.SEALED, Form.WRAPPED)),
            "Sealed, and no key on a disk opens it": (
                "Recipes of delivered stealth jobs: no row says whose they are, and the only key "
                "of each is in the buttons of its owner's DM. Whoever holds this bot's token can "
                "read those buttons at Discord until the recipe's last day.",
                "Stealth jobs under way: their keys are in memory, where the operator, as root, "
                "could read them. They are gone when the machine is switched off.",
            ),
            "What there is not": [f"{line}." for line in NEVER_HELD],
            "What only Discord has": (
                "The messages with the pictures, the account, its addresses and connections.",
            ),
        },
    )


def _paper(title: str, sections: Mapping[str, Iterable[str]]) -> str:
    parts = [
        f"## {name}\n" + "\n".join(f"- {line}" for line in lines)
        for name, lines in sections.items()
    ]
    return f"# {title}\n\n{NO_ADVICE}\n\n" + "\n\n".join(parts) + "\n"


def _allowance(plan: Plan) -> str:
    stealth = "as many" if plan.stealth_per_day is None else str(plan.stealth_per_day)
    return (
        f"{plan.name}: {plan.pictures_per_day} pictures a day, {stealth} stealth jobs a day, "
        f"{plan.waiting_jobs} waiting, {plan.max_steps} steps, {plan.max_count} pictures a job."
    )


def _forms(entry: Entry) -> str:
    forms = list(dict.fromkeys(field.form.value for field in entry.fields))
    return ", ".join(forms) or entry.store.value


def _fields(facts: Facts, *forms: Form) -> Iterator[str]:
    for entry in personal(ENTRIES, Store.DARKROOM, Store.KEYS):
        if entry.whose is Whose.NOBODY:
            continue
        named = [
            f"{field.name} ({field.what})"
            for field in entry.fields
            if field.form in forms or (Form.PLAIN in forms and field.form is Form.RANDOM)
        ]
        if named:
            yield f"{entry.name}, kept {life_of_entry(facts, entry)}: {'; '.join(named)}."
