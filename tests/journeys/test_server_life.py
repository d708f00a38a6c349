"""The bot comes and goes: what Discord tells of it, and what happened while it was away."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from bot.domain import Ending
from bot.sandbox import shipped_world as shipped
from bot.words import ended
from tests.journeys.hearing import asks, reads
from tests.journeys.house import House, has_picture, is_place
from tests.people import Seen

CAFE = "Darkroom Café"
GONE = "SELECT guild_id FROM departures"
ERASED = "SELECT 1 FROM audit WHERE chain = 0 AND act = 'server-erased'"


async def _makes(house: House, name: str, channel: str, prompt: str) -> Seen:
    answer = await house[name].slash(channel, "imagine", prompt=prompt)
    await reads(house[name], answer.message, "Done")
    return await house[name].sees_until(channel, has_picture)


def _rows(house: House, query: str) -> list[tuple]:
    with closing(sqlite3.connect(house.data / "darkroom.db", timeout=10)) as base:
        return base.execute(query).fetchall()


async def _comes_to(house: House, query: str, rows: list[tuple]) -> None:
    """Zoe asks the bot this and that, elsewhere, until it is so."""
    async with asyncio.timeout(30):
        while _rows(house, query) != rows:
            await asks(house["zoe"], "lobby", "help")


async def test_removed_while_it_was_away_and_that_server_is_erased(closed_house: House) -> None:
    house = closed_house
    async with house.bot():
        await _makes(house, "ana", "general", "a red star")
        await _makes(house, "zoe", "lobby", "a blue star")
    await house.people.world(bot={"guild": CAFE, "present": False})

    house.options = {"server_grace_days": 0}
    async with house.bot():
        await _comes_to(house, ERASED, [(1,)])

    assert [(shipped.ELSEWHERE_ID,)] == _rows(house, "SELECT DISTINCT guild_id FROM posts")
    assert [(shipped.ELSEWHERE_ID,)] == _rows(house, "SELECT guild_id FROM recipes")


async def test_removed_while_ana_waits_and_added_again(slow_house: House) -> None:
    house = slow_house
    answer = await house["ana"].slash("general", "imagine", prompt="a red star")
    await house["ana"].sees_until("general", is_place)

    await house.people.world(bot={"guild": CAFE, "present": False})
    await _comes_to(house, "SELECT state FROM jobs", [("cancelled",)])
    await _comes_to(house, GONE, [(shipped.CAFE_ID,)])
    await house.people.world(bot={"guild": CAFE})
    await _comes_to(house, GONE, [])

    await reads(house["ana"], answer.message, ended(Ending.PLACE_GONE))


async def test_an_outage_is_no_removal(slow_house: House) -> None:
    house = slow_house
    await house["ana"].slash("general", "imagine", prompt="a red star")
    await house["ana"].sees_until("general", is_place)

    await house.people.world(guild={"name": CAFE, "outage": True})
    await house.people.world(bot={"guild": "Elsewhere", "present": False})
    await house.people.world(bot={"guild": "Elsewhere"})
    await asks(house["zoe"], "lobby", "help")
    gone, waiting = _rows(house, GONE), _rows(house, "SELECT 1 FROM jobs WHERE ended_at IS NULL")
    await house.people.world(guild={"name": CAFE, "outage": False})

    assert ([], [(1,)]) == (gone, waiting)


async def test_a_start_in_an_outage_erases_nothing(closed_house: House) -> None:
    """Discord names a server at the start also while it cannot show it."""
    house = closed_house
    house.options = {"server_grace_days": 0}
    async with house.bot():
        await _makes(house, "ana", "general", "a red star")
    async with house.bot():
        await house.people.world(guild={"name": CAFE, "outage": True})
        await asks(house["zoe"], "lobby", "help")

    assert [] == _rows(house, GONE)
    assert 1 == len(_rows(house, "SELECT 1 FROM posts"))
