"""The owner's DM is the index of what was delivered to them alone: reading it back, page by page.

Nothing of ours links a person with a stealth recipe. Our messages in their DM do: their buttons
name the row and carry its key. Whoever stops on the way goes on from the last message they met.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bot.crypto.tickets import Ticket
from bot.domain import DmId, PersonId
from bot.errors import Refused
from bot.ports import Closed, Found, Messenger
from bot.services.recall import ticket_of
from bot.storage import recipes
from bot.storage.memory import Memory

_ID_EPOCH, _ID_TIME_SHIFT = 1_420_070_400, 22
"""How Discord's ids carry milliseconds (https://discord.com/developers/docs/reference#snowflakes).
"""


@dataclass(frozen=True)
class Met:
    """One message of ours in a DM, and the tickets its buttons carry, each once."""

    message: Found
    tickets: tuple[Ticket, ...] = field(repr=False)


@dataclass(frozen=True)
class Walked:
    """What a walk came to: messages found, and recipes it acted on."""

    found: int
    acted: int


@dataclass(frozen=True)
class Walk:
    """Read our own messages in a person's DM back."""

    memory: Memory
    messenger: Messenger

    async def open(self, person: PersonId) -> DmId | Closed:
        """Give the person's DM; `Closed` when Discord does not let us in.

        Raises:
            Unreachable: Discord did not answer.
        """
        try:
            return await self.messenger.open_dm(person)
        except Refused:
            return Closed()

    async def pages(
        self, dm: DmId, *, before: int | None = None, after: int = 0
    ) -> AsyncIterator[list[Met]]:
        """Give our messages page by page, newest first, between two message ids, both excluded.

        A DM that can be opened and not read looks like an empty one.

        Raises:
            Unreachable: Discord did not answer; go on with the last message met as `before`.
        """
        while page := await self.messenger.ours(dm, before=before):
            met = [_met(found) for found in page if found.message_id > after]
            if met:
                yield met
            if len(met) < len(page):
                return
            before = page[-1].message_id

    async def shorten(self, person: PersonId, expires_on: str) -> Walked | Closed:
        """Let every recipe the DM holds a button of end on this day, if it would end later.

        Raises:
            Unreachable: some are shortened already; doing it again shortens the rest.
        """
        dm = await self.open(person)
        if isinstance(dm, Closed):
            return dm
        found = acted = 0
        async for page in self.pages(dm):
            rows = {ticket.row for met in page for ticket in met.tickets}
            async with self.memory.db.transaction() as tx:
                for row in rows:
                    await recipes.tighten_unlinked(tx, row, expires_on)
            found, acted = found + len(page), acted + len(rows)
        return Walked(found, acted)


def first_id_at(moment: int) -> int:
    """Give the smallest message id of a moment (seconds since 1970): ids carry their time."""
    return (moment - _ID_EPOCH) * 1000 << _ID_TIME_SHIFT


def _met(found: Found) -> Met:
    tickets = filter(None, map(ticket_of, found.custom_ids))
    return Met(found, tuple({ticket.row: ticket for ticket in tickets}.values()))
