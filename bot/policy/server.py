"""What a server decides for itself: where and how the bot may be used there. Never beyond it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class StealthHere(StrEnum):
    """What a server says of stealth jobs started from it."""

    ALLOW = "allow"
    FORBID = "forbid"
    FLOOR = "floor"  #: everything started from here is stealth, whatever a plan says


class AdultHere(StrEnum):
    """Where a server lets pictures for adults be asked for."""

    NEVER = "never"
    AGE_RESTRICTED = "age-restricted"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule on prompts. `text` is words, or a pattern in RE2's syntax when `is_pattern`."""

    name: str
    text: str
    is_pattern: bool = False


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Everything that is set in one server. As it stands here: nothing is.

    `moderator_role` may moderate besides those with Manage Messages; `channels` are the only ones
    public pictures may be asked for in, all where it is empty; `shows_prompts`: places and results
    show the words.
    """

    moderator_role: int | None = None
    channels: tuple[int, ...] = ()
    shows_prompts: bool = True
    adult: AdultHere = AdultHere.AGE_RESTRICTED
    stealth: StealthHere = StealthHere.ALLOW
    rules: tuple[Rule, ...] = ()

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> ServerSettings:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        found["channels"] = tuple(found["channels"])
        found["adult"] = AdultHere(found["adult"])
        found["stealth"] = StealthHere(found["stealth"])
        found["rules"] = tuple(Rule(**rule) for rule in found["rules"])
        return cls(**found)


UNREADABLE = ServerSettings(
    channels=(0,), shows_prompts=False, adult=AdultHere.NEVER, stealth=StealthHere.ALLOW
)
"""What applies where a server's settings cannot be opened: nothing is public there."""
