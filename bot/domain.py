"""The nouns everybody shares: people, asks, answers. No rule lives here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", int)
"""A Discord user id. Stored only sealed."""

PersonHash = NewType("PersonHash", str)
"""A keyed hash of a person's id: what the database knows a person by."""

JobId = NewType("JobId", str)
"""32 random hex digits; says nothing about its maker."""


class Visibility(StrEnum):
    """Where a result goes: `public` to the channel it was asked in, `stealth` to the owner's DM."""

    PUBLIC = "public"
    STEALTH = "stealth"


@dataclass(frozen=True)
class Private:
    """Text that must not be printed. `reveal()` is called in the few places a house test lists."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Give the text itself."""
        return self._text

    def __str__(self) -> str:
        return f"‹private {len(self._text)} chars›"

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, kw_only=True)
class Where:
    """The place a command was used in, and what may be done there.

    `bot_may` and `asker_may` are Discord permission names (`send_messages`, …) as the interaction
    itself reports them; both are empty in the bot's DM, where no permission is needed.
    """

    guild_id: int | None
    channel_id: int
    is_thread: bool = False
    is_forum: bool = False
    bot_may: frozenset[str] = frozenset()
    asker_may: frozenset[str] = frozenset()
    asker_timed_out: bool = False
    upload_limit_bytes: int = 10 * 1024 * 1024

    @property
    def is_dm(self) -> bool:
        """Whether this is the person's DM with the bot."""
        return self.guild_id is None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One `/imagine`, as the person said it. `None` means: they did not say."""

    interaction_id: int
    interaction_token: Private
    person: PersonId
    where: Where
    prompt: Private
    negative_prompt: Private = Private("")
    aspect_ratio: str | None = None
    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None
    count: int = 1
    visibility: Visibility | None = None
    role_ids: frozenset[int] = frozenset()
    sku_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a job's words and pictures go. Lives sealed beside the job until the job ends.

    `channel_id` is the owner's DM for a stealth job, once that DM was opened; `message_id` is the
    place, once it stands; `result_id` is the
    message with the result, once it is delivered; `notes` are lines that only the owner's
    ephemeral answer shows.
    """

    owner: PersonId
    visibility: Visibility
    guild_id: int | None
    channel_id: int | None
    interaction_token: str = field(repr=False)
    upload_limit_bytes: int
    notes: tuple[str, ...] = field(default=(), repr=False)
    message_id: int | None = None
    result_id: int | None = None

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Route:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        found["visibility"] = Visibility(found["visibility"])
        found["notes"] = tuple(found["notes"])
        return cls(**found)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An accepted job: what the ephemeral answer tells its owner."""

    job: JobId
    visibility: Visibility
    position: int
    eta_seconds: float
    notes: tuple[str, ...] = field(repr=False)
    engine_note: str | None
    stealth_left_today: int | None


class Cause(StrEnum):
    """Why a request was refused. Each has its sentence, with the remedy, in `bot.words`."""

    PROMPT_EMPTY = "prompt-empty"
    PROMPT_TOO_LONG = "prompt-too-long"
    NOTHING_DRAWABLE = "nothing-drawable"
    STEPS = "steps"
    GUIDANCE = "guidance"
    SEED = "seed"
    COUNT = "count"
    SIZE = "size"
    PLAN_STEPS = "plan-steps"
    PLAN_COUNT = "plan-count"
    PLAN_STEALTH_NEVER = "plan-stealth-never"
    PLAN_STEALTH_ALWAYS = "plan-stealth-always"
    STEALTH_USED_UP = "stealth-used-up"
    PICTURES_USED_UP = "pictures-used-up"
    WAITING_FULL = "waiting-full"
    QUEUE_FULL = "queue-full"
    DM_IS_STEALTH = "dm-is-stealth"
    FORUM_ROOT = "forum-root"
    BOT_PERMISSIONS = "bot-permissions"
    ASKER_PERMISSIONS = "asker-permissions"
    ASKER_TIMED_OUT = "asker-timed-out"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Refusal:
    """A request that is answered with a sentence and costs nothing.

    `facts` are the numbers or names the sentence needs (a limit, a permission), never a prompt.
    """

    cause: Cause
    facts: dict[str, object] = field(default_factory=dict)


class Ending(StrEnum):
    """How a job that was accepted ended without a picture. Each ending refunds what it took."""

    CANCELLED = "cancelled"
    DM_CLOSED = "dm-closed"
    PLACE_GONE = "place-gone"
    FAILED = "failed"
    POISON = "poison"
    LOST = "lost"
