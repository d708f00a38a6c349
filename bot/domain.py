"""The nouns everybody shares: people, asks, answers. No rule lives here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import NewType

from gen.job import Speed

PersonId = NewType("PersonId", int)
"""A Discord user id. Stored only sealed."""

PersonHash = NewType("PersonHash", str)
"""A keyed hash of a person's id: what the database knows a person by."""

ChannelId = NewType("ChannelId", int)
"""A channel of a server, where others read along."""

DmId = NewType("DmId", int)
"""The DM channel of the bot with one person. Only `Messenger.open_dm` makes one."""

Channel = ChannelId | DmId
"""Where messages stand. A stealth job's route has no `ChannelId` to give."""

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
    `parent_id` is the channel a thread belongs to; a thread is age-restricted as its parent is.
    """

    guild_id: int | None
    channel_id: int
    is_thread: bool = False
    is_forum: bool = False
    bot_may: frozenset[str] = frozenset()
    asker_may: frozenset[str] = frozenset()
    asker_timed_out: bool = False
    parent_id: int | None = None
    is_age_restricted: bool = False
    upload_limit_bytes: int = 10 * 1024 * 1024

    @property
    def is_dm(self) -> bool:
        """Whether this is the person's DM with the bot."""
        return self.guild_id is None


@dataclass(frozen=True)
class Entitlement:
    """What somebody has through Discord, or their server has, as an interaction lists it.

    `ends_at` is seconds since 1970; None while nobody said when it ends.
    """

    id: int
    sku_id: int
    ends_at: int | None = None


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
    entitlements: tuple[Entitlement, ...] = ()
    confirmed: frozenset[Why] = frozenset()
    """What the person pressed for, asked before becoming more public."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose, sealed in their row. None of it can make anything more public by itself.

    `visibility` is their `/stealth` or `/public`, and `stealth_since` when they last said stealth
    (seconds since 1970): no public job from before that moment may go on. `last_default` is what a
    job of theirs without a word would have been when they last asked; `retention` maps data classes
    to seconds; `told_policy` is the policy version they were last told of. `speed` is their `/fast`
    or `/relax`.
    """

    visibility: Visibility | None = None
    stealth_since: int = 0
    last_default: Visibility | None = None
    hides_prompt: bool = False
    training_wish: bool = False
    retention: dict[str, int] = field(default_factory=dict)
    told_policy: int = 0
    speed: Speed | None = None

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Choices:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        for name in ("visibility", "last_default"):
            found[name] = Visibility(found[name]) if found[name] else None
        if found.get("speed"):
            found["speed"] = Speed(found["speed"])
        return cls(**found)


class OptOut(StrEnum):
    """What a person has forbidden. The mark outlives an erasure.

    `ASK_FIRST` is what is left of stealth, by choice or plan, that was not used for so long that it
    was forgotten: their next job is not public before they press for it.
    """

    NEVER_PUBLIC = "never-public"
    NO_PROCESSING = "no-processing"
    ASK_FIRST = "ask-first"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An accepted job: what the ephemeral answer tells its owner.

    `fast_seconds` is what it took of the month's fast time. `fast_again_at`: it is relaxed because
    that is used up until then (seconds since 1970).
    """

    job: JobId
    visibility: Visibility
    speed: Speed
    position: int
    eta_seconds: float
    fast_seconds: float
    fast_again_at: int | None
    notes: tuple[str, ...] = field(repr=False)
    engine_note: str | None
    stealth_left_today: int | None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What must be pressed for before a job may be more public than its owner may expect.

    `id` names the ask that waits in memory for the answer; nothing was queued or counted.
    """

    id: str
    why: Why
    channel_id: int
    may_be_stealth: bool = True


class Why(StrEnum):
    """Why a person is asked before a job is public."""

    LOOSER = "looser"
    PERSONAL = "personal"


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
    GPU_TIME_USED_UP = "gpu-time-used-up"
    PLAN_SIZE = "plan-size"
    SPEED_NOT_IN_PLAN = "speed-not-in-plan"
    NO_SUCH_PLAN = "no-such-plan"
    ABOVE_CEILING = "above-ceiling"
    NO_CEILING = "no-ceiling"
    GRANT_UNTIL = "grant-until"
    PLAN_ROLE = "plan-role"
    NOT_THE_OPERATOR = "not-the-operator"
    SERVER_FULL = "server-full"
    HOUSE_CLOSED = "house-closed"
    WAITING_FULL = "waiting-full"
    QUEUE_FULL = "queue-full"
    DM_IS_STEALTH = "dm-is-stealth"
    VISIBILITY_TWICE = "visibility-twice"
    NEVER_PUBLIC = "never-public"
    CHOICE_NEEDS_STEALTH = "choice-needs-stealth"
    DURATION = "duration"
    SPAN = "span"
    SPAN_ORDER = "span-order"
    LOOSER_THAN_ALLOWED = "looser-than-allowed"
    SHORTER_THAN_WORKS = "shorter-than-works"
    LIFETIME_FIXED = "lifetime-fixed"
    FORUM_ROOT = "forum-root"
    BOT_PERMISSIONS = "bot-permissions"
    ASKER_PERMISSIONS = "asker-permissions"
    ASKER_TIMED_OUT = "asker-timed-out"
    REPEATED = "repeated"
    OPTED_OUT = "opted-out"
    SERVER_ONLY = "server-only"
    NOT_A_MODERATOR = "not-a-moderator"
    NEEDS_MANAGE_SERVER = "needs-manage-server"
    NOTHING_HERE = "nothing-here"
    PREVIEW_OVER = "preview-over"
    BLOCKED_HERE = "blocked-here"
    BLOCKED = "blocked"
    CHANNEL_NOT_ALLOWED = "channel-not-allowed"
    SERVER_FORBIDS_STEALTH = "server-forbids-stealth"
    SERVER_FLOOR = "server-floor"
    STEALTH_OFF = "stealth-off"
    PROMPT_RULE = "prompt-rule"
    RULE_NAME = "rule-name"
    RULE_WORDS = "rule-words"
    RULE_PATTERN = "rule-pattern"
    RULE_TOO_LONG = "rule-too-long"
    RULE_TOO_WIDE = "rule-too-wide"
    RULE_TOO_MANY = "rule-too-many"
    RULE_TWICE = "rule-twice"
    NO_SUCH_RULE = "no-such-rule"
    BLOCK_UNTIL = "block-until"
    NOT_THAT_PERSON = "not-that-person"
    ROLE_OF_ALL = "role-of-all"
    ADULT_PROMPT = "adult-prompt"


@dataclass(frozen=True, kw_only=True)
class Moderator:
    """Somebody who may moderate one server, as Discord has just said. Only `policy.authority` makes
    one, and it is the only way to name a server to a moderator's deed: none reaches another server.

    `manages`: they hold Manage Server.
    """

    person: PersonId
    guild_id: int
    manages: bool = False


class Shut(StrEnum):
    """Why the house accepts no new job from anybody for now."""

    DISK = "disk-low"
    LOG = "log-long"  #: of a database: it has to be written into its file first
    RESTARTING = "restarting"


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
    MOVED = "moved"
    ERASED = "erased"
    EXPIRED = "expired"
    PURGED = "purged"  #: by a moderator of its server, or the operator
    STOPPED = "stopped"  #: by the picture gate
    DM_CLOSED = "dm-closed"
    PLACE_GONE = "place-gone"
    FAILED = "failed"
    POISON = "poison"
    LOST = "lost"
