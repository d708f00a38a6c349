"""What people and moderators say to each other, wired over a `House`."""

from dataclasses import dataclass, field
from datetime import UTC

from bot.domain import Moderator, PersonId
from bot.policy.moderation import tag_of
from bot.policy.reasons import Reason, Reported
from bot.policy.server import Rule, ServerSettings
from bot.ports import Bell
from bot.services.contest import Contest
from bot.services.hands import Hands
from bot.services.judge import Judge
from bot.services.reply import Reply
from bot.services.report import Report
from bot.storage import servers
from tests.asks import GUILD
from tests.services.conftest import House

PLUM, ZOE = PersonId(13), PersonId(14)
ELSEWHERE = 101
RULE = Rule(name="no otters", text="otter")
REPORTS = "report-token"


@dataclass
class Desk:
    """A house where people report and moderators decide. Everything ana makes is reported."""

    house: House
    report: Report = field(init=False)
    judge: Judge = field(init=False)
    contest: Contest = field(init=False)
    reply: Reply = field(init=False)

    def __post_init__(self) -> None:
        house, memory, clock = self.house, self.house.memory, self.house.clock
        replying = Bell()
        self.report = Report(memory, house.lifetimes, clock, UTC)
        self.judge = Judge(memory, house.remove, clock, replying)
        self.contest = Contest(memory, house.lifetimes, clock, UTC, replying)
        self.reply = Reply(memory, house.messenger, Hands(clock, freed=Bell()), replying)

    async def reported(
        self,
        job: str,
        by: PersonId = PLUM,
        reason: Reason = Reason.OTHER,
        guild: int | None = GUILD,
        token: str = REPORTS,
    ) -> Reported:
        return await self.report(by, guild, job, reason, token)

    async def contested(
        self,
        text: str = "It is about an animal.",
        by: PersonId = PLUM,
        guild: int | None = GUILD,
        rule: Rule = RULE,
    ) -> str:
        return str(await self.contest(by, guild, tag_of(rule), text, f"contest-{by}"))

    async def rules(self, *rules: Rule, guild: int = GUILD) -> None:
        """A server's rules from now on."""
        async with self.house.memory.db.transaction() as tx:
            settings = ServerSettings(rules=rules)
            await servers.write(
                tx, self.house.memory.keys, guild, settings, now=1, day="2026-11-21"
            )

    async def replies(self) -> None:
        """Tell everybody whom there is something to tell."""
        for _ in range(2):
            await self.reply.look()
            await self.reply.hands.empty()

    async def rows(self, table: str) -> list[tuple]:
        return (await self.house.rows())[f"db.{table}"]


def mod(guild: int = GUILD) -> Moderator:
    """The moderator of a server."""
    return Moderator(person=PersonId(12) if guild == GUILD else ZOE, guild_id=guild)
