"""Every row and every message there is, by the server it belongs to, as they are at one moment."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from bot.sandbox.entities import Interaction, Message
from tests.prove.servers import World

BY_GUILD = {
    "servers": "guild_id",
    "server_retention": "guild_id",
    "plan_roles": "guild_id",
    "plan_ceilings": "guild_id",
    "departures": "guild_id",
    "blocks": "guild_id",
    "strikes": "guild_id",
    "reports": "guild_id",
    "contests": "guild_id",
    "posts": "guild_id",
    "recipes": "guild_id",
    "audit": "chain",
    "audit_heads": "chain",
    "audit_subjects": "chain",
}
"""Tables whose rows name their server."""

OF_PEOPLE = ("people", "choices", "opt_outs", "counters", "declarations", "acts", "exports",
             "erasures", "fingerprints", "grants", "entitlements")  # fmt: skip
"""Tables of no server's: no act of a moderator changes them. A refund changes `usage`."""

Row = tuple[Any, ...]
Owner = int | str
"""A server's id, or "stealth", "people", "usage", "DMs"."""


@dataclass(frozen=True)
class Look:
    """All there is, by its owner."""

    rows: dict[Owner, frozenset[Row]]

    @property
    def size(self) -> int:
        return sum(map(len, self.rows.values()))

    def owners(self) -> set[Owner]:
        return set(self.rows) - {"usage"}

    def of(self, owner: Owner) -> frozenset[Row]:
        return self.rows.get(owner, frozenset())

    def without(self, world: World, made: Interaction) -> dict[Owner, frozenset[Row]]:
        """All but what one person alone was told, where they acted."""
        here = world.house.sandbox.world.messages.get(made.channel_id, {}).values()
        told = {each.id for each in here if each.ephemeral_for == made.user_id}
        return {
            owner: frozenset(row for row in rows if not (row[0] == "message" and row[1] in told))
            for owner, rows in self.rows.items()
            if rows
        }


def look(world: World, known: dict[str, Owner]) -> Look:
    """Look at it all. `known` remembers whose each job, report and contest is, also once gone."""
    found: dict[Owner, set[Row]] = defaultdict(set)
    _learn(world, known)
    for table, column in BY_GUILD.items():
        cursor = world.base.execute(f"SELECT {column} AS owner_, * FROM {table}")
        for owner, *row in cursor:
            found[owner].add((table, *row))
    for table in OF_PEOPLE:
        for row in world.rows(f"SELECT * FROM {table}"):
            found["people"].add((table, *row))
    found["usage"] = {("usage", *row) for row in world.rows("SELECT * FROM usage")}
    found["stealth"] |= {("unlinked", *row) for row in world.rows("SELECT * FROM unlinked_recipes")}
    for guild, *row in world.rows("SELECT guild_id, id, cancelled_at, ended_at FROM purges"):
        found[guild].add(("purges", *row))
    _of_jobs(world, known, found)
    _messages(world, found)
    return Look({owner: frozenset(rows) for owner, rows in found.items()})


def _learn(world: World, known: dict[str, Owner]) -> None:
    for job, seen, guild in world.rows("SELECT job, visibility, guild_id FROM deliveries"):
        if seen == "stealth" or guild is not None:
            known[job] = "stealth" if seen == "stealth" else guild
    known.update(
        world.rows(
            "SELECT job, guild_id FROM posts UNION SELECT job, guild_id FROM recipes"
            " UNION SELECT id, guild_id FROM contests UNION SELECT item, guild_id FROM servers"
        )
    )


def _of_jobs(world: World, known: dict[str, Owner], found: dict[Owner, set[Row]]) -> None:
    """What names a job alone. A lease is renewed while nobody acts."""
    for kind, query in (
        ("jobs", "SELECT id, tenant, state, attempts, accepted_at, ended_at, payload FROM jobs"),
        ("deliveries", "SELECT * FROM deliveries"),
        ("pictures", "SELECT * FROM pictures"),
        ("keys", "SELECT item, purpose, wrapped FROM keys.item_keys"),
    ):
        for row in world.rows(query):
            if row[0] in known:
                found[known[row[0]]].add((kind, *row))


def _messages(world: World, found: dict[Owner, set[Row]]) -> None:
    for channel_id, messages in world.house.sandbox.world.messages.items():
        channel = world.house.sandbox.world.channels[channel_id]
        for message in messages.values():
            owner: Owner = "stealth" if channel.guild_id is None else channel.guild_id
            if message.id in world.lying.own:
                owner = "stealth"
            found[owner].add(("message", message.id, *_content(message)))


def _content(message: Message) -> Row:
    """What a message says; where a job stands in line only its owner reads, and time moves it."""
    files = tuple(each.id for each in message.attachments)
    content = re.sub(r" · #\d+ in line", "", message.content)
    return (content, message.flags, files, json.dumps(message.components, sort_keys=True))
