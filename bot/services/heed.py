"""What the owner and their server want now, heeded for a job that is under way.

Privacy only tightens: what applies is the stricter of "when it was accepted" and "now". It is read
again inside the transaction that claims a job, and in the ones just before anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.domain import Ending, OptOut, PersonHash, Visibility
from bot.policy.server import StealthHere
from bot.services.conclude import Conclude
from bot.services.move import Move
from bot.storage import choices, deliveries, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen.job import ENDED


class Permit(Enum):
    """What may become of a job now."""

    GO = auto()
    MOVE = auto()  #: only to its owner's DM
    END = auto()


@dataclass(frozen=True)
class Heed:
    """Let a job go on, move it to its owner's DM, or end it, as its owner wants now."""

    memory: Memory
    conclude: Conclude
    move: Move

    async def __call__(self, delivery: Delivery) -> bool:
        """Do what the owner wants; say whether the job goes on as it is."""
        moved = None
        async with self.memory.db.transaction() as tx:
            permit = await permit_of(self.memory, tx, delivery)
            if permit is Permit.MOVE:
                moved = await self.move.within(tx, delivery)
        if moved is not None:
            await self.move.settle(moved)
        elif permit is not Permit.GO:
            await self.conclude(delivery, Ending.ERASED)
        return permit is Permit.GO


async def permit_of(memory: Memory, tx: Transaction, delivery: Delivery) -> Permit:
    """Read what the owner, and for a public job its server, allow at this moment.

    A block is about new asks: what was accepted before goes on.
    """
    person = PersonHash(delivery.tenant)
    forbidden = await choices.opt_out(tx, person)
    if forbidden is OptOut.NO_PROCESSING:
        return Permit.END
    if delivery.visibility is Visibility.STEALTH:
        return Permit.GO
    if forbidden is OptOut.NEVER_PUBLIC:
        return Permit.MOVE
    if delivery.guild_id is not None:
        here = await servers.read(tx, memory.keys, delivery.guild_id)
        if here.stealth is StealthHere.FLOOR:
            return Permit.MOVE
    chosen = await choices.read(tx, memory.keys, person)
    return Permit.MOVE if delivery.accepted_at < chosen.stealth_since else Permit.GO


async def still_goes(memory: Memory, tx: Transaction, delivery: Delivery) -> bool:
    """Say whether a job is still open, and may go where it was accepted for."""
    now = await deliveries.get(tx, delivery.job)
    if now is None or now.state in ENDED:
        return False
    return await permit_of(memory, tx, now) is Permit.GO
