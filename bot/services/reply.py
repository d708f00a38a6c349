"""Tell people what became of what they wrote to moderators: in the answer they got, else in the DM.

It is a step of its own, as `tidy` is: a crash, or a Discord that does not answer, loses no word.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import log, words
from bot.domain import PersonId
from bot.errors import KeyGone, Refused, SealBroken
from bot.policy.reasons import Outcome
from bot.ports import Bell, Closed, Messenger, Post
from bot.services.hands import Hands
from bot.storage import contests, reports
from bot.storage.contests import Step
from bot.storage.keyring import REPORT
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Reply:
    """Answer whoever reported, or contested a rule. `hands` are its own."""

    memory: Memory
    messenger: Messenger
    hands: Hands
    replying: Bell

    async def look(self) -> None:
        """Take everything in hand that somebody is to be told of."""
        async with self.memory.db.read() as tx:
            ended, read = await reports.untold(tx), await contests.untold(tx)
        if ended:
            async with self.memory.db.transaction() as tx:
                await reports.end_gone(tx)
        self.hands.take_all(ended, self._reported)
        self.hands.take_all(read, self._contested)

    async def _reported(self, name: str) -> None:
        async with self.memory.db.read() as tx:
            report = await reports.get(tx, name)
        if report is None or report.outcome is None:
            return
        try:
            by = await reports.open_reporter(self.memory.keys, report)
            said = words.report_ended(
                Outcome(report.outcome), report.guild_id, report.channel_id, report.message_id
            )
            await self._tell(by.person, by.token, said, name)
        except (Refused, KeyGone, SealBroken) as fault:  # nothing more can be done for this one
            log.event("reply.given_up", fault=fault)
        await self.memory.keys.destroy(name, REPORT)
        async with self.memory.db.transaction() as tx:
            await reports.drop(tx, [name])

    async def _contested(self, name: str) -> None:
        async with self.memory.db.read() as tx:
            contest = await contests.get(tx, name)
        if contest is None or contest.outcome is not Step.READ:  # closed or told meanwhile
            return
        try:
            written = await contests.open_written(self.memory.keys, contest)
            await self._tell(written.person, written.token, words.CONTEST_WAS_READ, name)
        except (Refused, KeyGone, SealBroken) as fault:
            log.event("reply.given_up", fault=fault)
        async with self.memory.db.transaction() as tx:
            await contests.was_told(tx, name)

    async def _tell(self, person: PersonId, token: str, said: str, name: str) -> None:
        if await self.messenger.whisper(token, Post(said)):
            return
        dm = await self.messenger.open_dm(person)
        if not isinstance(dm, Closed):
            await self.messenger.send(dm, Post(said), nonce=f"a{name[:24]}")
