"""A server, or one of its channels, keeps things for less time: what it has ends sooner too.

Its word only tightens what the operator allows, and reaches only what is public there: no row of
anything stealth names a server. It may be loosened again, but only for what is made from then on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import tzinfo

from bot.domain import Choices, Moderator, Refusal
from bot.policy import retention
from bot.policy.disclosure import Kept, table_of
from bot.policy.retention import OF_SERVERS, DataClass, Effective, ServerLimits, written
from bot.ports import Clock, day_of
from bot.services.lifetimes import Lifetimes
from bot.storage import audit, blocks, servers, tightening
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.storage.tightening import Shortening
from bot.words import Limited


@dataclass(frozen=True)
class Limit:
    """Keep a server's word on the four classes that are a server's too."""

    memory: Memory
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo

    async def show(self, who: Moderator, channel_id: int | None) -> list[Kept]:
        """Put side by side what operator, server and channel say, and what applies."""
        async with self.memory.db.read() as tx:
            here = await servers.limits(tx, who.guild_id, channel_id)
        rows = table_of(self.lifetimes.operator, {}, here)
        return [row for row in rows if row.kind in OF_SERVERS]

    async def preview(
        self, who: Moderator, kind: DataClass, text: str, channel_id: int | None
    ) -> Limited | Refusal:
        """Say what a duration would do to what is there; changes nothing."""
        async with self.memory.db.read() as tx:
            judged = await self._judge(tx, who, kind, text, channel_id)
        return judged if isinstance(judged, Refusal) else judged[0]

    async def __call__(
        self, who: Moderator, kind: DataClass, text: str, channel_id: int | None
    ) -> Limited | Refusal:
        """Keep a duration, let what is there end sooner, and enter it in the server's audit."""
        async with self.memory.db.transaction() as tx:
            judged = await self._judge(tx, who, kind, text, channel_id)
            if isinstance(judged, Refusal):
                return judged
            limited, found = judged
            if limited.is_so:
                return limited
            at = channel_id or servers.WHOLE_SERVER
            await servers.set_limit(tx, who.guild_id, at, kind, limited.seconds)
            await tightening.tighten(
                tx, kind, limited.seconds, guild_id=who.guild_id, channel_id=channel_id
            )
            scope = _scope(kind, written(limited.seconds), channel_id)
            await self._enter(tx, who, audit.Deed.RETENTION, scope, found)
        return limited

    async def lift(
        self, who: Moderator, kind: DataClass, channel_id: int | None
    ) -> Effective | None:
        """Take a word back, for what is made from now on. None: there was none."""
        async with self.memory.db.transaction() as tx:
            here = await servers.limits(tx, who.guild_id, channel_id)
            if kind not in _own(here, channel_id):
                return None
            at = channel_id or servers.WHOLE_SERVER
            await servers.set_limit(tx, who.guild_id, at, kind, None)
            scope = _scope(kind, "lifted", channel_id)
            await self._enter(tx, who, audit.Deed.RETENTION, scope)
            here = await servers.limits(tx, who.guild_id, channel_id)
        return self.lifetimes.of(kind, Choices(), here)

    async def export(self, who: Moderator) -> bytes:
        """Write down what the server itself decided, as JSON: nothing of any member."""
        now = self.clock.now()
        async with self.memory.db.transaction() as tx:
            said = await servers.all_limits(tx, who.guild_id)
            settings = await servers.read(tx, self.memory.keys, who.guild_id)
            blocked = len(await blocks.standing(tx, who.guild_id, now))
            await self._enter(tx, who, audit.Deed.SETTINGS_EXPORTED, "server")
        whole = said.pop(servers.WHOLE_SERVER, {})
        told = {
            "server": str(who.guild_id),
            "day": day_of(now, self.zone),
            "retention": {
                "server": _written(whole),
                "channels": {str(channel): _written(own) for channel, own in said.items()},
            },
            "moderation": json.loads(settings.to_json()),
            "members_blocked": blocked,
        }
        return json.dumps(told, indent=2, ensure_ascii=False).encode()

    async def _judge(
        self, tx: Transaction, who: Moderator, kind: DataClass, text: str, channel_id: int | None
    ) -> tuple[Limited, Shortening] | Refusal:
        """Read a duration, hold it against what caps it, and see whom it would reach."""
        here = await servers.limits(tx, who.guild_id, channel_id)
        above = ServerLimits() if channel_id is None else ServerLimits(server=here.server)
        seconds = retention.parse(text)
        if not isinstance(seconds, Refusal):
            cap = self.lifetimes.of(kind, Choices(), above)
            seconds = retention.tighten(kind, seconds, cap)
        if isinstance(seconds, Refusal):
            return seconds
        found = await tightening.shortening(
            tx,
            kind,
            seconds,
            now=self.clock.now(),
            guild_id=who.guild_id,
            channel_id=channel_id,
        )
        old = _own(here, channel_id).get(kind)
        limited = Limited(
            kind=kind,
            seconds=seconds,
            channel_id=channel_id,
            at_once=found.at_once,
            later=found.later,
            until=found.until,
            is_longer=old is not None and seconds > old,
            is_so=old == seconds and not found.whose,
        )
        return limited, found

    async def _enter(
        self,
        tx: Transaction,
        who: Moderator,
        deed: audit.Deed,
        scope: str,
        found: Shortening | None = None,
    ) -> None:
        touched = found.whose if found else {}
        now = self.clock.now()
        await audit.enter(tx, self.memory.keys, who, deed, scope, now=now, concerning=touched)


def _own(here: ServerLimits, channel_id: int | None) -> dict[DataClass, int]:
    return dict(here.server if channel_id is None else here.channel)


def _scope(kind: DataClass, what: str, channel_id: int | None) -> str:
    return f"{kind}={what}" if channel_id is None else f"channel {kind}={what}"


def _written(limits: dict[DataClass, int]) -> dict[str, str]:
    return {kind.value: written(seconds) for kind, seconds in limits.items()}
