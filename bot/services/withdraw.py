"""🔒 Only me: a public job leaves everybody's sight, before it is posted and after.

An open job is moved: its stealth twin goes on. Of a delivered one the post, the recipe and the
record go, and a stealth job from the same recipe makes the picture again for the DM.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain import JobId, PersonId, Visibility
from bot.ports import Clock
from bot.services.move import Move
from bot.services.recall import Recall, Recalled
from bot.services.remove import Removal, Remove
from bot.services.submit import Submit
from bot.storage import deliveries, posts, recipes
from bot.storage.memory import Memory
from gen.job import ENDED


class Withdrawal(StrEnum):
    """What became of a press on Only me. Someone else's job and no job look alike."""

    MOVED = "moved"
    REMADE = "remade"
    REMOVED = "removed"  #: its recipe was gone, so nothing can be made again
    FULL = "full"  #: too many jobs wait for it to be made again
    STANDS = "stands"  #: ours is gone, and Discord will not yet let the message go
    NOT_YOURS = "not-yours"


@dataclass(frozen=True)
class Withdraw:
    """Take a public job out of others' sight, for its owner."""

    memory: Memory
    move: Move
    recall: Recall
    remove: Remove
    submit: Submit
    clock: Clock

    async def __call__(self, job: str, presser: PersonId, token: str) -> Withdrawal:
        """Do it at once. `token` is the press's own: the remade job answers there."""
        person = self.memory.keys.person(presser)
        async with self.memory.db.transaction() as tx:
            delivery, post = await deliveries.get(tx, job), await posts.get(tx, job)
            is_open = delivery is not None and delivery.state not in ENDED
            owns = delivery is not None and delivery.tenant == person
            public = delivery is not None and delivery.visibility is Visibility.PUBLIC
            moves = delivery if is_open and owns and public else None
            moved = await self.move.within(tx, moves) if moves else None
        if moved is not None:
            await self.move.settle(moved)
            return Withdrawal.MOVED
        if post is None or post.person != person:
            return Withdrawal.NOT_YOURS
        return await self._withdraw_post(job, presser, token)

    async def _withdraw_post(self, job: str, presser: PersonId, token: str) -> Withdrawal:
        recalled = await self.recall(job, presser)
        took, again = await self._take(job, recalled, presser, token)
        try:
            removal = await self.remove(job, presser)
        finally:
            if again is not None:
                self.submit.answered(again)
        if removal is Removal.FORGOTTEN:
            return Withdrawal.STANDS
        if again is not None:
            return Withdrawal.REMADE
        return Withdrawal.FULL if took else Withdrawal.REMOVED

    async def _take(
        self, job: str, recalled: Recalled | None, presser: PersonId, token: str
    ) -> tuple[bool, JobId | None]:
        """Take recipe and record away, and accept the job that makes it again, in one commit.

        Says whether there was a recipe. Of two presses at once only one finds it. The post is due
        from now on, whatever happens before its message is gone.
        """
        now = self.clock.now()
        async with self.memory.db.transaction() as tx:
            was, took = await deliveries.get(tx, job), await recipes.forget(tx, job)
            await posts.expire(tx, job, now)
            await deliveries.withdraw(tx, job, now)
            if not took or recalled is None or recalled.spec.inputs:  # those ended with the job
                return False, None
            plan = was.plan if was else None
            return True, await self.submit.remake(tx, recalled.spec, presser, token, plan)
