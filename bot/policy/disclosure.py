"""What the house can say about itself and about somebody's data, as plain values.

Deeds fill them, `bot.words` says them. Nothing in here is a prompt, a name or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.domain import Ending, Visibility
from bot.policy.datamap import Entry
from bot.policy.plans import Plan
from bot.policy.retention import By, DataClass, Effective, ServerLimits, effective
from gen.job import JobState


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Who runs this bot, in their own words; empty where they have not said."""

    name: str = ""
    contact: str = ""
    country: str = ""
    answer_time: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What every paper is made from: configuration, and nothing written by hand.

    `limits` are the operator's lifetimes in seconds, for the classes they set; `backup_days` is how
    long copies of the key file are kept, None where no folder for copies is set. `commit` and
    `model_digest` (SHA-256 of the model folder) are empty where they are not known.
    """

    operator: Operator
    plans: tuple[Plan, ...]
    limits: Mapping[DataClass, int] = field(default_factory=dict)
    model: str
    licence: str
    version: str
    commit: str = ""
    model_digest: str = ""
    backup_days: int | None = None

    def kept(self, kind: DataClass) -> Effective:
        """Give the lifetime that applies to everybody who shortened nothing."""
        return effective(kind, operator=self.limits.get(kind))


@dataclass(frozen=True)
class Policy:
    """One version of the printed policy. `day` is the operator's calendar day."""

    version: int
    day: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Selfcheck:
    """What the operator's last `darkroom selfcheck` found. `at` is seconds since 1970.

    `software` is the version that was checked; empty where the file does not say.
    """

    at: int
    passed: bool
    software: str = ""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How long one class is kept: each one's word in seconds, None where they say nothing.

    Whoever has no word where it was asked is not in `words`: outside servers, no server has one.
    """

    kind: DataClass
    words: Mapping[By, int | None]
    effective: Effective


@dataclass(frozen=True)
class Line:
    """How much of one entry concerns somebody.

    `count` is None where it cannot be counted by design; `until` is when the last of it goes
    (seconds since 1970), None where no moment is set.
    """

    entry: Entry
    count: int | None
    until: int | None = None


@dataclass(frozen=True)
class Happened:
    """One act on somebody's data. `at` is seconds since 1970, to the minute.

    `objects` is how many things of theirs it touched. `is_here`: it was done in the server they ask
    in; None where it belongs to no server.
    """

    at: int
    actor: str
    act: str
    objects: int
    is_here: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """One job as it stands now. Times are seconds since 1970.

    `state` is None when its record is gone and a post or a recipe is all that is left.
    `post` is (server, channel, message) of a public result that stands; `picture_seconds` is how
    long its pictures may wait to be delivered.
    """

    job: str
    visibility: Visibility
    state: JobState | None
    picture_seconds: int
    ending: Ending | None = None
    post: tuple[int, int, int] | None = None
    post_until: int | None = None
    recipe_until: int | None = None
    is_starred: bool = False
    record_until: int | None = None


def table_of(
    operator: Mapping[DataClass, int],
    person: Mapping[str, int],
    here: ServerLimits | None = None,
    plan: Mapping[DataClass, int] = MappingProxyType({}),
) -> list[Kept]:
    """Put side by side, for every class, what each one says and what applies.

    `operator`, `person` and `plan` are their limits in seconds, `here` those of the server and
    channel it was asked in; None outside servers.
    """
    rows = []
    for kind in DataClass:
        own = person.get(kind.value)
        words = {
            By.OPERATOR: effective(kind, operator=operator.get(kind)).seconds,
            By.PLAN: plan.get(kind),
        }
        if here is not None:
            words |= {By.SERVER: here.server.get(kind), By.CHANNEL: here.channel.get(kind)}
        applies = effective(
            kind,
            operator=operator.get(kind),
            plan=words[By.PLAN],
            server=words.get(By.SERVER),
            channel=words.get(By.CHANNEL),
            person=own,
        )
        rows.append(Kept(kind=kind, words=words | {By.PERSON: own}, effective=applies))
    return rows
