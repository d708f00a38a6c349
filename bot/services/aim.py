"""What somebody means to erase: which rows, and which stretch of their DM.

Somebody else's job and none at all look alike: both are nothing to aim at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.crypto.receipts import Scope
from bot.domain import PersonHash, PersonId, Visibility
from bot.ports import Clock, Closed, Found, day_of
from bot.services.walk import Walk, first_id_at
from bot.storage import deliveries, posts, recipes
from bot.storage.erasures import Reach
from bot.storage.memory import Memory
from bot.words import delete_button

_JOB = re.compile(r"[0-9a-f]{32}")
_MESSAGE = re.compile(
    r"(?:https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:@me|[0-9]+)/[0-9]+/)?([0-9]{1,18}"
    r"|[0-8][0-9]{18})"
)
"""A message's id, which fits into 63 bits, or its link."""

_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Aimed:
    """What is in reach, and the stretch of the DM to walk, as `erasures.Underway` keeps it."""

    reach: Reach
    before: int | None = None
    after: int = 0
    button: str = ""


@dataclass(frozen=True)
class Aim:
    """Find out what is meant."""

    memory: Memory
    walk: Walk
    clock: Clock
    zone: tzinfo

    async def __call__(
        self, person: PersonId, scope: Scope, named: str | None, *, before: int
    ) -> Aimed | None:
        """Give what is in reach now; None when what was named is not theirs, or nothing.

        `named` is needed for one job: its id, or the id or link of the message with its result.
        `before` is an id that Discord gave just now: messages of the DM that come later stay.

        Raises:
            Unreachable: a message was named, and Discord did not answer.
        """
        owner, now = self.memory.keys.person(person), self.clock.now()
        match scope:
            case Scope.EVERYTHING:
                return Aimed(Reach(person=owner, until=now), before)
            case Scope.TODAY:
                since = _midnight(now, self.zone)
                reach = Reach(person=owner, until=now, since=since, day=day_of(now, self.zone))
                return Aimed(reach, before, first_id_at(since) - 1)
            case Scope.JOB:
                return await self._job(person, (named or "").strip(), before)
            case _:
                raise ValueError("nobody erases that of their own")

    async def _job(self, person: PersonId, named: str, before: int) -> Aimed | None:
        if _JOB.fullmatch(named):
            return await self._by_id(self.memory.keys.person(person), named, before)
        if message := _MESSAGE.fullmatch(named):
            return await self._by_message(person, int(message[1]))
        return None

    async def _by_id(self, owner: PersonHash, job: str, before: int) -> Aimed | None:
        """Take a job by its id. Where a delivered stealth result stands only its button says."""
        reach = Reach(person=owner, until=self.clock.now(), job=job)
        async with self.memory.db.read() as tx:
            record = await deliveries.get(tx, job)
            post, recipe = await posts.get(tx, job), await recipes.get(tx, job)
        if record is not None and record.tenant == owner:
            if record.visibility is Visibility.PUBLIC:
                return Aimed(reach)
            since = first_id_at(record.accepted_at - _DAY_SECONDS)
            return Aimed(reach, before, since, delete_button(record.job).custom_id)
        owners = {kept.person for kept in (post, recipe) if kept is not None}
        return Aimed(reach) if owner in owners else None

    async def _by_message(self, person: PersonId, message_id: int) -> Aimed | None:
        """Take a public result by its message, or whatever message of ours stands in the DM."""
        owner, now = self.memory.keys.person(person), self.clock.now()
        async with self.memory.db.read() as tx:
            standing = await posts.of(tx, owner)
        for post in standing:
            if post.message_id == message_id:
                return Aimed(Reach(person=owner, until=now, job=post.job))
        dm = await self.walk.open(person)
        if isinstance(dm, Closed):
            return None
        before, after = message_id + 1, message_id - 1
        met = [
            one async for page in self.walk.pages(dm, before=before, after=after) for one in page
        ]
        if not met:
            return None
        job = await self._job_of(owner, met[0].message)
        return Aimed(Reach(person=owner, until=now, job=job), before, after)

    async def _job_of(self, owner: PersonHash, message: Found) -> str:
        """Give the job a message's buttons name, if its record is the owner's; else no name."""
        async with self.memory.db.read() as tx:
            for custom_id in message.custom_ids:
                record = await deliveries.get(tx, custom_id.rpartition(":")[2])
                if record is not None and record.tenant == owner:
                    return record.job
        return ""


def _midnight(now: int, zone: tzinfo) -> int:
    local = datetime.fromtimestamp(now, zone)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
