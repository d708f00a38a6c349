"""What each server decided: its settings, sealed, and how long it lets things be kept."""

from __future__ import annotations

from bot import log
from bot.crypto.envelope import Binding, seal, unseal
from bot.domain import PersonHash
from bot.errors import KeyGone, SealBroken
from bot.policy.retention import DataClass, ServerLimits
from bot.policy.server import UNREADABLE, ServerSettings, StealthHere
from bot.storage.database import Transaction, many, one
from bot.storage.keyring import SERVER, Keyring
from bot.storage.ledger import note

WHOLE_SERVER = 0
"""Stands for the channel where a limit is the whole server's."""


async def read(tx: Transaction, keys: Keyring, guild_id: int) -> ServerSettings:
    """Give a server's settings. Of a row that does not open, those that let nothing be public."""
    row = await one(tx, "SELECT sealed FROM servers WHERE guild_id = ?", (guild_id,))
    if row is None:
        return ServerSettings()
    owner = keys.server(guild_id)
    try:
        plain = unseal(await keys.key(owner, SERVER), row["sealed"], _binding(owner))
    except (KeyGone, SealBroken) as fault:
        log.event("server.sealed", fault=fault)
        return UNREADABLE
    return ServerSettings.from_json(plain)


async def write(
    tx: Transaction, keys: Keyring, guild_id: int, settings: ServerSettings, *, now: int, day: str
) -> None:
    """Keep a server's settings."""
    owner = keys.server(guild_id)
    try:
        key = await keys.key(owner, SERVER)
    except KeyGone:
        key = await keys.new_item(owner, SERVER, owner, day)
    await tx.execute(
        "INSERT INTO servers VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (guild_id) DO UPDATE SET sealed = ?3, changed_at = ?4",
        (guild_id, owner, seal(key, settings.to_json(), _binding(owner)), now),
    )
    await note(tx, f"{'floor' if settings.stealth is StealthHere.FLOOR else 'unfloor'} {guild_id}")
    await note(tx, f"{'echo' if settings.shows_prompts else 'no-echo'} {guild_id}")


async def limits(tx: Transaction, guild_id: int | None, channel_id: int | None) -> ServerLimits:
    """Give how long a server and a channel of it let things be kept; nothing outside servers."""
    if guild_id is None:
        return ServerLimits()
    found = await all_limits(tx, guild_id)
    channel = found.get(channel_id, {}) if channel_id else {}
    return ServerLimits(found.get(WHOLE_SERVER, {}), channel)


async def all_limits(tx: Transaction, guild_id: int) -> dict[int, dict[DataClass, int]]:
    """Give every limit of a server in seconds, by channel; the whole server's under 0."""
    rows = await many(
        tx,
        "SELECT channel_id, class, seconds FROM server_retention WHERE guild_id = ?"
        " ORDER BY channel_id, class",
        (guild_id,),
    )
    found: dict[int, dict[DataClass, int]] = {}
    for row in rows:
        found.setdefault(row["channel_id"], {})[DataClass(row["class"])] = row["seconds"]
    return found


async def set_limit(
    tx: Transaction, guild_id: int, channel_id: int, kind: DataClass, seconds: int | None
) -> None:
    """Keep a server's or a channel's limit of one class; None lifts it, for what is made later."""
    if seconds is None:
        await tx.execute(
            "DELETE FROM server_retention WHERE guild_id = ? AND channel_id = ? AND class = ?",
            (guild_id, channel_id, kind),
        )
        return
    await tx.execute(
        "INSERT INTO server_retention VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (guild_id, channel_id, class) DO UPDATE SET seconds = ?4",
        (guild_id, channel_id, kind, seconds),
    )


def _binding(owner: PersonHash) -> Binding:
    return Binding("servers", owner, owner, SERVER)
