"""What a person chose, and whether they said no: sealed choices, and a plain mark under a hash."""

from __future__ import annotations

from dataclasses import replace

from bot import log
from bot.crypto.envelope import Binding, seal, unseal
from bot.domain import Choices, OptOut, PersonHash, Visibility
from bot.errors import KeyGone, SealBroken
from bot.storage.database import Transaction, one
from bot.storage.keyring import CHOICES, Keyring
from bot.storage.ledger import note

_UNREADABLE = Choices(
    visibility=Visibility.STEALTH,
    stealth_since=2**62,
    last_default=Visibility.STEALTH,
    hides_prompt=True,
)


async def read(tx: Transaction, keys: Keyring, person: PersonHash) -> Choices:
    """Give a person's choices; none at all for somebody who never chose.

    Of a row that was tampered with, the most private choices there are: it holds up nobody.
    """
    row = await one(tx, "SELECT sealed FROM choices WHERE person = ?", (person,))
    if row is None:
        return Choices()
    try:
        key = await keys.key(person, CHOICES)
    except KeyGone:  # a stop between key and row: they may have chosen stealth, so they are asked
        return Choices(last_default=Visibility.STEALTH)
    try:
        return Choices.from_json(unseal(key, row["sealed"], _binding(person)))
    except SealBroken as fault:
        log.event("choices.sealed", fault=fault)
        return _UNREADABLE


async def write(
    tx: Transaction, keys: Keyring, person: PersonHash, choices: Choices, *, now: int, day: str
) -> None:
    """Keep a person's choices; not of somebody who has just asked not to be processed."""
    if await opt_out(tx, person) is OptOut.NO_PROCESSING:
        return
    choices = replace(choices, stealth_since=min(choices.stealth_since, now))
    try:
        key = await keys.key(person, CHOICES)
    except KeyGone:
        key = await keys.new_item(person, CHOICES, person, day)
    await tx.execute(
        "INSERT INTO choices VALUES (?1, ?2, ?3)"
        " ON CONFLICT (person) DO UPDATE SET sealed = ?2, used_at = ?3",
        (person, seal(key, choices.to_json(), _binding(person)), now),
    )
    is_stealth = Visibility.STEALTH in (choices.visibility, choices.last_default)
    await note(tx, f"{'stealth' if is_stealth else 'unstealth'} {person}")
    await note(tx, f"{'wordless' if choices.hides_prompt else 'worded'} {person}")


async def used(tx: Transaction, person: PersonHash, now: int) -> None:
    """Note that a person was here: choices are forgotten when nobody uses them for long."""
    await tx.execute("UPDATE choices SET used_at = ? WHERE person = ?", (now, person))


async def opt_out(tx: Transaction, person: PersonHash) -> OptOut | None:
    """Say what a person has forbidden."""
    row = await one(tx, "SELECT level FROM opt_outs WHERE person = ?", (person,))
    return OptOut(row["level"]) if row else None


async def set_opt_out(
    tx: Transaction, person: PersonHash, level: OptOut | None, *, day: str
) -> None:
    """Remember what a person forbids; None lifts it."""
    await tx.execute("DELETE FROM opt_outs WHERE person = ?", (person,))
    if level is not None:
        await tx.execute("INSERT INTO opt_outs VALUES (?, ?, ?)", (person, level, day))


def _binding(person: PersonHash) -> Binding:
    return Binding("choices", person, person, CHOICES)
