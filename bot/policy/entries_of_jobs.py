"""Entries of the data map: tables with a row for a job, or for what is left of one.

The sentences are read by people, see `bot.policy.entries`.
"""

from __future__ import annotations

from bot.policy.datamap import Entry, Erased, Field, Form, Store, Whose
from bot.policy.entries_of_people import PERSON
from bot.policy.retention import DataClass

_JOB = Field("job", "the job's random id", Form.RANDOM)

JOBS = (
    Entry(
        store=Store.DARKROOM,
        name="jobs",
        kind=DataClass.RECORD,
        what="that you asked for pictures: how many, when, and how it ended",
        why="to queue and deliver each accepted job once, and to answer for it afterwards",
        whose=Whose.JOB,
        erased=Erased.KEY_FIRST,
        exported="records",
        fields=(
            Field("id", "the job's random id", Form.RANDOM),
            Field("tenant", "your Discord id as a keyed hash", Form.HASH),
            Field("state", "how far it is, or how it ended"),
            Field("rows", "how many pictures"),
            Field("model", "which model draws it; forgotten when it ends", exported=False),
            Field("passed", "seconds of work that went before it out of turn", exported=False),
            Field(
                "cost",
                "seconds of work it was expected to take; 0 once it has ended",
                exported=False,
            ),
            Field("speed", "fast or relaxed"),
            Field("running_cap", "how many of yours run at once beside it", exported=False),
            Field("start_tag", "its place in the fair order", exported=False),
            Field("span", "how far it moved you back in that order", exported=False),
            Field("attempts", "how often it was begun", exported=False),
            Field("lease_owner", "which run of the bot works on it", exported=False),
            Field("lease_until", "until when", exported=False),
            Field("accepted_at", "when it was accepted; of delivered stealth only the day"),
            Field("ended_at", "when it ended; of delivered stealth only the day"),
            Field(
                "payload",
                "prompt, seed and settings while it is under way; gone when it ends",
                Form.SEALED,
                DataClass.RECIPE,
            ),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="deliveries",
        kind=DataClass.RECORD,
        what="where a job's messages stand while it is under way, and how it ended",
        why="to deliver once, also after a crash",
        whose=Whose.JOB,
        erased=Erased.KEY_FIRST,
        exported="records",
        fields=(
            _JOB,
            Field("interaction", "the command that asked for it", Form.HASH),
            Field("visibility", "public or stealth"),
            Field("day", "the day it counts for"),
            Field(
                "route",
                "your Discord id, where the result goes, and the token to answer you; "
                "gone when the ended job is cleared up",
                Form.SEALED,
                exported=False,
            ),
            Field("ending", "why there is no picture"),
            Field("guild_id", "the server of a public job under way"),
            Field("channel_id", "the channel of a public job under way"),
            Field("place_intended_at", "when its message was about to be sent", exported=False),
            Field("place_id", "the message of a public job under way", exported=False),
            Field("placed_at", "since when its message stood", exported=False),
            Field("shared_at", "since when others could see it", exported=False),
            Field("result_intended_at", "when a new message was about to be sent", exported=False),
            Field("expires_at", "when this record goes"),
            Field("plan", "the plan it was accepted under"),
            Field(
                "gpu_milliseconds",
                "the fast GPU time it took of its month; a stealth job's, until it is cleared up",
            ),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="pictures",
        kind=DataClass.PICTURE,
        what="which files hold your pictures until they are delivered",
        why="so that a crash before delivery loses nothing",
        whose=Whose.JOB,
        erased=Erased.KEY_FIRST,
        exported="pictures",
        fields=(
            _JOB,
            Field("position", "which picture of the job"),
            Field("blob", "the random name of its file", Form.RANDOM),
            Field("made_at", "when it was made"),
            Field("expires_at", "until when it waits to be delivered"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="inputs",
        kind=DataClass.INPUT,
        what="which files hold the pictures that a job of yours under way starts from",
        why="so that the job can be made, also after a crash",
        whose=Whose.JOB,
        erased=Erased.KEY_FIRST,
        exported="pictures",
        fields=(
            _JOB,
            Field("position", "which picture of the job"),
            Field("blob", "the random name of its file", Form.RANDOM),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="posts",
        kind=DataClass.POST,
        what="where your public results stand",
        why="so that you can have them removed",
        whose=Whose.PERSON,
        erased=Erased.MESSAGE,
        exported="posts",
        fields=(
            _JOB,
            PERSON,
            Field("guild_id", "the server"),
            Field("channel_id", "the channel"),
            Field("message_id", "the message"),
            Field("posted_at", "since when"),
            Field("expires_at", "when it is to go, if it is"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="recipes",
        kind=DataClass.RECIPE,
        what="prompt, seed and settings of your public results",
        why="for the buttons that make a picture again or show its recipe",
        whose=Whose.PERSON,
        erased=Erased.KEY_FIRST,
        exported="recipes",
        fields=(
            _JOB,
            PERSON,
            Field("guild_id", "the server"),
            Field("sealed", "prompt, seed and settings", Form.SEALED),
            Field("made_at", "since when"),
            Field("expires_at", "when it goes"),
            Field("starred", "whether you ⭐ it, to keep it for longer"),
        ),
    ),
    Entry(
        store=Store.DARKROOM,
        name="unlinked_recipes",
        kind=DataClass.STEALTH_RECIPE,
        what="prompt, seed and settings of delivered stealth results; the only key of each is in "
        "the buttons of its owner's DM",
        why="for the buttons that make a picture again or show its recipe",
        whose=Whose.NOBODY,
        erased=Erased.BUTTONS,
        exported="recipes",
        countable=False,
        fields=(
            Field("id", "a random id that no other row holds", Form.RANDOM),
            Field("sealed", "prompt, seed and settings", Form.SEALED),
            Field("expires_on", "its last day"),
        ),
    ),
)
