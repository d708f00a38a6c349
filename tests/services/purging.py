"""The deeds around a purge, wired over a `House`, and what tests of them ask for."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC

from bot.crypto.receipts import Erasure, Scope
from bot.domain import ChannelId, JobId, Moderator, PersonId, Refusal, Visibility
from bot.ports import Bell, Membership, Post
from bot.services.attest import Attest, Verify
from bot.services.clear import Clear
from bot.services.hands import Hands
from bot.services.previews import Previews, Target
from bot.services.purge import Purge
from bot.services.unpost import Unpost
from bot.services.walk import Walk, first_id_at
from bot.storage import posts, purges
from tests.asks import CHANNEL, GUILD, where
from tests.services.conftest import ANA, MOD, PRO_ROLE, House

ZOE = PersonId(13)
ELSEWHERE, ITS_CHANNEL, SECOND = 101, 300, 201
PRO = frozenset({PRO_ROLE})
PRESS = "press-token"
MAY = frozenset({"manage_messages"})

MODERATOR = Moderator(person=MOD, guild_id=GUILD)
MANAGER = Moderator(person=MOD, guild_id=GUILD, manages=True)
ZOES = Moderator(person=ZOE, guild_id=ELSEWHERE, manages=True)

OF_ANA = Target(scope=Scope.MEMBER, person=ANA)
OF_CHANNEL = Target(scope=Scope.CHANNEL, channel_id=CHANNEL)
ALL = Target(scope=Scope.SERVER)


@dataclass
class Purger:
    """A purging house. Its messages have ids that carry the time, as Discord's do."""

    house: House
    purge: Purge = field(init=False)
    verify: Verify = field(init=False)

    def __post_init__(self) -> None:
        self.house.messenger._ids = itertools.count(first_id_at(self.house.clock.now()))
        self.house.messenger.members[GUILD, MOD] = Membership(MAY | {"manage_guild"}, frozenset())
        self.house.messenger.members[ELSEWHERE, ZOE] = Membership(MAY, frozenset())
        self.start_again()

    def start_again(self) -> None:
        """Wire everything anew, as a new process would."""
        self.house.start_again()
        house, memory, clock = self.house, self.house.memory, self.house.clock
        self.purge = Purge(
            memory=memory,
            messenger=house.messenger,
            conclude=house.conclude,
            clear=Clear(
                memory=memory,
                engine=house.engine,
                messenger=house.messenger,
                conclude=house.conclude,
                unpost=Unpost(memory, house.messenger, clock),
                attest=Attest(
                    memory=memory,
                    messenger=house.messenger,
                    walk=Walk(memory, house.messenger),
                    lifetimes=house.lifetimes,
                    clock=clock,
                    zone=UTC,
                    software="0.1.0",
                    policy_version=lambda: 3,
                ),
                clock=clock,
            ),
            previews=Previews(clock),
            clock=clock,
            zone=UTC,
            hands=Hands(clock, freed=Bell()),
            purging=Bell(),
        )
        self.verify = Verify(memory)

    def turn_days(self, days: int) -> None:
        self.house.clock.turn(days * 86400)
        self.house.messenger._ids = itertools.count(first_id_at(self.house.clock.now()))
        fortnight = 14 * 86400
        self.house.messenger.bulk_from = first_id_at(self.house.clock.now() - fortnight)

    async def begin(
        self, target: Target, moderator: Moderator = MODERATOR, token: str = PRESS
    ) -> Refusal | None:
        """Preview, then press."""
        shown = await self.purge.preview(moderator, target)
        if isinstance(shown, Refusal):
            return shown
        return await self.purge.begin(moderator, shown[1], token)

    async def looks(self) -> None:
        """One look of everybody who has a part in it."""
        await self.purge.look()
        await self.purge.hands.empty()
        await self.house.tidies()

    async def left(self) -> list[str]:
        """The purges that are not finished."""
        async with self.house.memory.db.read() as tx:
            return [row.id for row in await purges.queued(tx)]

    async def finish(self) -> None:
        """Look, rest and look again until no purge is left."""
        for _ in range(40):
            if not await self.left():
                return
            await self.looks()
            self.house.clock.turn(61)
        raise AssertionError("a purge never ended")

    async def purged(
        self, target: Target, moderator: Moderator = MODERATOR, token: str = PRESS
    ) -> Erasure:
        """Purge, and give what the receipt states."""
        assert await self.begin(target, moderator, token) is None
        await self.finish()
        return await self.receipt(token)

    def lines(self, token: str = PRESS) -> set[str]:
        """Every signed line that was ever whispered."""
        said = self.house.messenger.whispers.get(token, [])
        texts = [line for post in said for line in post.content.splitlines()]
        return {line for line in texts if "darkroom-receipt." in line}

    async def receipt(self, token: str = PRESS, said: str | None = None) -> Erasure:
        text = self.house.messenger.whispered(token) if said is None else said
        found = await self.verify(text.splitlines()[-1])
        assert isinstance(found, Erasure), text
        return found

    async def delivered(self, prompt: str = "a red fox", seen: str = "public", **asked) -> str:
        job = await self.house.accepted(prompt, **self._asked(seen, asked))
        await self.house.finish()
        return job

    async def posted(self, count: int, channel: int = CHANNEL) -> None:
        """Many results of ana's that stand, without the work of making them."""
        owner, now = self.house.memory.keys.person(ANA), self.house.clock.now()
        async with self.house.memory.db.transaction() as tx:
            for number in range(count):
                nonce = f"{channel}-{number}"
                sent = await self.house.messenger.send(channel, Post("a fox"), nonce=nonce)
                await posts.add(
                    tx,
                    posts.Standing(
                        job=JobId(f"{channel:016x}{number:016x}"),
                        person=owner,
                        guild_id=GUILD,
                        channel_id=ChannelId(channel),
                        message_id=sent.message_id,
                        posted_at=now,
                        expires_at=None,
                    ),
                )

    async def waiting(self, prompt: str, seen: str = "public", **asked) -> str:
        """A job whose place stands."""
        return await self.house.placed(prompt, **self._asked(seen, asked))

    async def elsewhere(self, prompt: str = "a foreign fox", **asked) -> str:
        """A public result in another server."""
        there = where(guild_id=ELSEWHERE, channel_id=ITS_CHANNEL)
        return await self.delivered(prompt, where=there, **asked)

    def _asked(self, seen: str, asked: dict) -> dict:
        return {"visibility": Visibility(seen), "role_ids": PRO} | asked

    def standing(self, channel: int = CHANNEL) -> int:
        return len(self.house.messenger.stands(channel))

    def message_of(self, channel: int = CHANNEL, at: int = 0) -> int:
        return self.house.messenger.channels[channel][at].message_id

    async def foreign(self, *mine: str) -> dict[str, set]:
        """Every row of both databases that names none of these words: jobs, people."""
        return {
            table: {row for row in rows if not any(word in row for word in mine)}
            for table, rows in (await self.house.rows()).items()
        }
