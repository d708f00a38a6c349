"""What is held: the entries of the data map, one per table, kind of file and thing in memory.

The sentences are read by people: `/privacy data`, `darkroom privacy` and its papers print them.
"""

from __future__ import annotations

from bot.policy.datamap import Entry, Erased, Field, Form, Store, Whose
from bot.policy.entries_of_jobs import JOBS
from bot.policy.entries_of_people import PEOPLE, PERSON
from bot.policy.entries_of_servers import OF_PEOPLE, OF_SERVERS
from bot.policy.retention import DataClass

_KEYS = (
    Entry(
        store=Store.KEYS,
        name="day_keys",
        life="as long as one of the things it opens",
        what="one key for all your things of a day, itself wrapped by the root key",
        why="so that your things can be destroyed apart from everybody else's",
        whose=Whose.PERSON,
        erased=Erased.ROW,
        fields=(
            PERSON,
            Field("day", "the day"),
            Field("wrapped", "the key", Form.WRAPPED),
        ),
    ),
    Entry(
        store=Store.KEYS,
        name="item_keys",
        life="as long as the thing it opens",
        what="one key for each sealed thing of yours",
        why="destroying a thing begins with destroying its key",
        whose=Whose.PERSON,
        erased=Erased.ROW,
        fields=(
            Field("item", "which thing: a job, your choices, an erasure", Form.RANDOM),
            Field("purpose", "which part of it"),
            PERSON,
            Field("day", "the day whose key wraps it"),
            Field("wrapped", "the key", Form.WRAPPED),
        ),
    ),
)

_FILES = (
    Entry(
        store=Store.FILES,
        name="forgotten.*",
        life="where backups are made, for as long as one may be restored, and a day",
        what="a list of what was erased or expired, of your opt-outs and of your messages in "
        "servers: keyed hashes and random ids, no content",
        why="so that a backup that is restored does not bring back what was erased",
        whose=Whose.PERSON,
        erased=Erased.STAYS,
        countable=False,
    ),
    Entry(
        store=Store.FILES,
        name="blobs/*",
        kind=DataClass.PICTURE,
        what="your pictures, sealed, until they are delivered, and those that a job under way "
        "starts from; random file names",
        why="so that a crash before delivery loses nothing",
        whose=Whose.JOB,
        erased=Erased.KEY_FIRST,
        exported="pictures",
    ),
    Entry(
        store=Store.MEMORY,
        name="stealth keys",
        life="until the stealth job ends, or the machine is switched off",
        what="the keys of stealth jobs under way, in memory or in files on tmpfs, in no database",
        why="to open a stealth job while it is made and delivered",
        whose=Whose.JOB,
        erased=Erased.DROPPED,
        countable=False,
    ),
    Entry(
        store=Store.MEMORY,
        name="work",
        life="while a job is made, and up to 15 minutes while a question to you is open",
        what="prompt, seed and pictures in the clear, in the bot's and its worker's memory",
        why="a model can only paint words it can read",
        whose=Whose.JOB,
        erased=Erased.DROPPED,
        countable=False,
    ),
)


def _of_the_house(store: Store, name: str, what: str, *fields: Field) -> Entry:
    return Entry(
        store=store,
        name=name,
        what=what,
        why="to run the bot",
        life="as long as this bot is run",
        whose=Whose.HOUSE,
        erased=Erased.NEVER,
        fields=fields,
    )


_HOUSE = (
    _of_the_house(
        Store.DARKROOM,
        "fair_clocks",
        "how far the queue has come",
        Field("speed", "among fast or relaxed jobs"),
        Field("virtual_time", "how far"),
        Field("start_tag", "the place of its last job among the speeds"),
        Field("finish_tag", "where that job ended"),
    ),
    _of_the_house(
        Store.DARKROOM,
        "house",
        "facts about the bot, such as the hash of its registered commands",
        Field("name", "which fact"),
        Field("value", "the fact"),
    ),
    _of_the_house(
        Store.DARKROOM,
        "policies",
        "this policy, as it was at each change",
        Field("version", "its number"),
        Field("day", "its day"),
        Field("text", "its text"),
    ),
    _of_the_house(
        Store.KEYS,
        "house_keys",
        "keys of the bot itself: for keyed hashes, and for signing receipts",
        Field("name", "which key"),
        Field("wrapped", "the key", Form.WRAPPED),
    ),
    _of_the_house(Store.FILES, "lock", "an empty file that lets one bot run at a time"),
    _of_the_house(Store.FILES, "guests", "an empty file that keeps commands out while keys change"),
    _of_the_house(Store.FILES, "*.turn", "an empty file by which bot and commands write in turns"),
    _of_the_house(Store.FILES, "selfcheck.json*", "when the last selfcheck was, and its result"),
    _of_the_house(Store.FILES, "health.json*", "how the parts of the bot are: ages and counts"),
    _of_the_house(Store.FILES, "*.db-wal", "what SQLite has yet to write into a database"),
    _of_the_house(Store.FILES, "*.db-shm", "where SQLite finds it"),
    _of_the_house(Store.FILES, "../*.key", "the root key, outside the data folder"),
    _of_the_house(Store.FILES, "../*.key.next", "the next root key, while keys are rotated"),
    _of_the_house(
        Store.FILES, "log", "event codes and kinds of faults: no words, names, ids or addresses"
    ),
)

ENTRIES: tuple[Entry, ...] = (
    *PEOPLE,
    *OF_PEOPLE,
    *JOBS,
    *OF_SERVERS,
    *_KEYS,
    *_FILES,
    *_HOUSE,
)
"""All there is. Where a person's pictures and words are at Discord is told beside it: those are
messages, and Discord keeps its own copy."""

NEVER_HELD = (
    "IP addresses: a bot never sees one",
    "e-mail addresses and phone numbers of an account: Discord does not tell them",
    "payment data: plans come from roles and from Discord, which takes the money",
    "browsing, clicks and devices: no tracker, no analytics, no telemetry",
    "your name or picture on Discord, your friends, messages that are not for this bot",
)
"""What is never stored, one line each: the plain other half of the list."""
