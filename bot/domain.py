"""The nouns everybody shares: people, asks, answers. No rule lives here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import NewType

from bot.refusal import Cause as Cause
from bot.refusal import Refusal as Refusal
from gen.job import Kind, Side, Speed

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


@dataclass(frozen=True)
class Upload:
    """A picture somebody brings, as Discord describes it: nothing of it is fetched yet.

    `url` is signed: whoever has it may see the picture. `is_made_here`: it is a result of theirs,
    so that no rights to it have to be declared.
    """

    url: Private
    size_bytes: int
    content_type: str = ""
    is_made_here: bool = False


@dataclass(frozen=True)
class At:
    """Where in a prompt something stands: its character, from 1, as it was typed.

    None: it was not typed, but comes from what its owner prefers.
    """

    character: int | None


@dataclass(frozen=True)
class Input:
    """A picture that was brought, fetched and written anew (`gen.intake`): safe to hand on."""

    content: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One job, as the person said it. `None` means: they did not say.

    `prompt` may hold parameters (`policy.promptline`) until it was read; what they say is in the
    fields then. `is_read`: that was done, or it comes from a recipe: nothing in it is a parameter,
    a brace or a name of theirs any more, and no suffix is put behind it. `also` are the further
    jobs of the same line. `parent`: how visible the result was that it comes from. `uploads` are
    the pictures it starts from, the mask last when it is `masked`; `inputs` are the same pictures
    once they are fetched.
    """

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
    sampler: str | None = None
    stylize: int | None = None
    stop: int | None = None  #: percent
    tile: bool = False
    spoiler: bool = False
    model: str | None = field(default=None, repr=False)
    #: a weight of None is the LoRA's own
    loras: tuple[tuple[str, float | None], ...] = field(default=(), repr=False)
    repeat: int = 1
    kind: Kind = Kind.IMAGINE
    uploads: tuple[Upload, ...] = ()
    inputs: tuple[Input, ...] = ()
    masked: bool = False
    strength: float | None = None  #: share of change, 0 to 1
    image_weight: float | None = None  #: of the picture against the words, instead of a strength
    scale: float | None = None
    towards: Side | None = None
    speed: Speed | None = None
    visibility: Visibility | None = None
    role_ids: frozenset[int] = frozenset()
    entitlements: tuple[Entitlement, ...] = ()
    is_read: bool = False
    parent: Visibility | None = None
    confirmed: frozenset[Why] = frozenset()
    """What the person pressed for, asked before anything was queued."""
    also: tuple[Ask, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose, sealed in their row. None of it can make anything more public by itself.

    `visibility` is their `/stealth` or `/public`, and `stealth_since` when they last said stealth
    (seconds since 1970): no public job from before that moment may go on. `last_default` is what a
    job of theirs without a word would have been when they last asked; `retention` maps data classes
    to seconds; `told_policy` is the policy version they were last told of. `speed` is their `/fast`
    or `/relax`.

    What they prefer (`/prefer`, `/settings`): `suffix` is put behind each prompt, `options` are
    parameters of their own by name, `wildcards` lists of which `__name__` takes one. `auto_dm`:
    public results come to their DM, too. `remixes`: 🔄 and V ask for the words first.
    `shows_previews`: previews of stealth jobs are shown in their DM. `model`: by its card's name.
    """

    visibility: Visibility | None = None
    stealth_since: int = 0
    last_default: Visibility | None = None
    hides_prompt: bool = False
    training_wish: bool = False
    retention: dict[str, int] = field(default_factory=dict)
    told_policy: int = 0
    speed: Speed | None = None
    suffix: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)
    wildcards: dict[str, list[str]] = field(default_factory=dict, repr=False)
    auto_dm: bool = False
    remixes: bool = False
    varies_strongly: bool = True
    shows_previews: bool = False
    model: str | None = None

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
    that is used up until then (seconds since 1970). `others` are the further jobs of the same line:
    its pictures and its fast time are then those of all, and the wait is until the last is done.
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
    others: tuple[JobId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What must be pressed for before anything is queued. `facts` are the numbers it needs.

    `id` names the ask that waits in memory for the answer; nothing was queued or counted.
    """

    id: str
    why: Why
    channel_id: int
    may_be_stealth: bool = True
    facts: dict[str, object] = field(default_factory=dict)


class Why(StrEnum):
    """Why a person is asked before something is queued."""

    LOOSER = "looser"
    PERSONAL = "personal"
    MANY = "many"  #: one line makes many jobs
    RIGHTS = "rights"  #: they never declared to have the rights to what they upload


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
    TOO_LARGE = "too-large"  #: for the painter's memory
    NO_MODEL = "no-model"  #: its model could not be loaded
    POISON = "poison"
    LOST = "lost"
