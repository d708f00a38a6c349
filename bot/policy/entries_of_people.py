"""Entries of the data map: tables with a row for a person.

The sentences are read by people, see `bot.policy.entries`.
"""

from __future__ import annotations

from bot.policy.datamap import Entry, Erased, Field, Form, Store, Whose
from bot.policy.retention import DataClass

PERSON = Field("person", "your Discord id as a keyed hash", Form.HASH)

PEOPLE = (
    Entry(
        store=Store.DARKROOM,
        name="people",
        kind=DataClass.SETTINGS,
        what="that you were here, and the best plan a role gave you",
        why="to say once that pictures are made by AI, and to know your plan in the DM",
        whose=Whose.PERSON,
        erased=Erased.ROW,
        exported="people",
        fields=(
            PERSON,
            Field("first_seen_at", "when you first asked for a picture"),
            Field("told_ai_at", "when you were told that pictures are made by AI"),
            Field("role_plan", "the best plan a role gave you in a server"),
            Field("role_plan_seen_at", "when that was seen"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="usage",
        kind=DataClass.QUOTA,
        what="how much of a day's allowance you used",
        why="to keep to the limits of your plan",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        exported="usage",
        fields=(
            PERSON,
            Field("day", "the day"),
            Field("pictures", "pictures of that day"),
            Field("stealth_jobs", "stealth jobs of that day"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="tenants",
        life="until the queue has gone past it",
        what="your place in the fair order of the queue",
        why="so that nobody waits for ever",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        fields=(
            Field("tenant", "your Discord id as a keyed hash", Form.HASH),
            Field("finish_tag", "how far your last job reaches in the queue"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="choices",
        kind=DataClass.SETTINGS,
        what="what you chose: visibility, hidden words, retention, your training wish",
        why="to do as you chose",
        whose=Whose.PERSON,
        erased=Erased.KEY_FIRST,
        exported="choices",
        fields=(
            PERSON,
            Field("sealed", "your choices", Form.SEALED),
            Field("used_at", "when they were last used"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="opt_outs",
        life="until you opt in again",
        what="that you opted out, and of what",
        why="so that your no is remembered",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        exported="opt_out",
        fields=(
            PERSON,
            Field(
                "level",
                "never public, no processing at all, or only that you are asked before your next "
                "job is public: what is left of stealth that was not used for long",
            ),
            Field("since", "the day you said so"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="exports",
        kind=DataClass.QUOTA,
        what="the day of your last export",
        why="an export is made once a day",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        exported="exports",
        fields=(PERSON, Field("day", "the day")),
    ),
    Entry(
        store=Store.DARKROOM,
        name="acts",
        kind=DataClass.AUDIT,
        what="who acted on your data, when and on how much; not what it was about",
        why="so that you can see it in /privacy history",
        whose=Whose.PERSON,
        erased=Erased.ROW,
        exported="acts",
        fields=(
            Field("id", "a number that orders them", exported=False),
            PERSON,
            Field("at", "when, to the minute"),
            Field("actor", "who, as a role"),
            Field("act", "what was done"),
            Field("objects", "to how many things"),
            Field("expires_at", "when this entry goes"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="erasures",
        life="until the erasure is finished",
        what="an erasure of yours that is under way",
        why="so that it is finished after a crash, and you get its receipt",
        whose=Whose.PERSON,
        erased=Erased.KEY_FIRST,
        fields=(
            Field("id", "its random id", Form.RANDOM),
            PERSON,
            Field("sealed", "whose, what, where to answer, how far it got", Form.SEALED),
            Field("begun_at", "when it began"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="forgotten",
        life="seconds, until it is in the list of what was erased",
        what="what was erased or expired just now, where backups are made",
        why="so that a backup that is restored does not bring it back",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        fields=(
            Field("id", "a number that orders them", exported=False),
            Field("fact", "a code, random ids and keyed hashes", Form.HASH),
        ),
    ),
)
