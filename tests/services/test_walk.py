"""Reading somebody's DM back: page by page, theirs alone, and resumable."""

import pytest

from bot.crypto import tickets
from bot.domain import DmId
from bot.errors import Refused, Unreachable
from bot.ports import Button, Closed, Post
from bot.services.walk import Walk, Walked, first_id_at
from bot.storage import recipes
from tests.services.conftest import ANA, MOD, House


@pytest.fixture
def walk(house: House) -> Walk:
    return Walk(house.memory, house.messenger)


def buttons(number: int) -> tuple[Button, ...]:
    ticket = tickets.derive(bytes([number]) * 32).text
    return (
        Button(f"v1:again:{ticket}", "Again"),
        Button(f"v1:recipe:{ticket}", "Recipe"),
        Button(f"v1:delete:{number:032x}", "Delete"),
    )


def row_of(number: int) -> str:
    return tickets.derive(bytes([number]) * 32).row


async def stand(house: House, numbers: range, person: int = ANA) -> list[int]:
    """Let results stand in somebody's DM, with the rows that their buttons open."""
    dm = DmId(house.messenger.dm(person))
    for number in numbers:
        post = Post("a result", buttons=buttons(number))
        await house.messenger.send(dm, post, nonce=f"{number}")
        async with house.memory.db.transaction() as tx:
            await recipes.add_unlinked(tx, row_of(number), b"sealed", "2027-02-01")
    return [message.message_id for message in house.messenger.channels[dm]]


async def days(house: House) -> dict[str, str]:
    return {row[0]: row[2] for row in (await house.rows())["db.unlinked_recipes"]}


async def test_every_message_is_met_once_newest_first_with_each_ticket_once(house: House, walk):
    ids = await stand(house, range(7))
    house.messenger.page = 3
    dm = await walk.open(ANA)

    met = [one async for page in walk.pages(dm) for one in page]

    assert list(reversed(ids)) == [one.message.message_id for one in met]
    assert [[row_of(number)] for number in reversed(range(7))] == [
        [ticket.row for ticket in one.tickets] for one in met
    ]


async def test_a_stretch_leaves_out_what_is_younger_and_older(house: House, walk):
    ids = await stand(house, range(7))
    house.messenger.page = 2
    dm = await walk.open(ANA)

    met = [one async for page in walk.pages(dm, before=ids[5], after=ids[1]) for one in page]

    assert [ids[4], ids[3], ids[2]] == [one.message.message_id for one in met]
    assert 2 == house.messenger.calls.count("ours")  # it does not read on below the stretch


async def test_a_walk_that_was_stopped_goes_on_from_the_last_message_met(house: House, walk):
    ids = await stand(house, range(6))
    house.messenger.page = 2
    dm = await walk.open(ANA)
    met: list[int] = []

    async def go_on() -> None:
        async for page in walk.pages(dm, before=met[-1] if met else None):
            met.extend(one.message.message_id for one in page)
            if 2 == len(met):
                house.messenger.fail("ours")

    with pytest.raises(Unreachable):
        await go_on()
    await go_on()

    assert list(reversed(ids)) == met


async def test_a_dm_that_discord_does_not_open_is_closed(house: House, walk, monkeypatch):
    async def refuses(_: int) -> object:
        raise Refused("no way in")

    monkeypatch.setattr(house.messenger, "open_dm", refuses)

    assert isinstance(await walk.open(ANA), Closed)
    assert isinstance(await walk.shorten(ANA, "2027-01-20"), Closed)


async def test_a_dm_that_cannot_be_read_any_more_looks_empty(house: House, walk):
    await stand(house, range(2))
    house.messenger.gone.add(house.messenger.dm(ANA))

    assert Walked(0, 0) == await walk.shorten(ANA, "2027-01-20")


async def test_shortening_moves_the_day_of_ones_own_recipes_and_never_later(house: House, walk):
    await stand(house, range(3))
    await stand(house, range(3, 5), MOD)
    async with house.memory.db.transaction() as tx:
        await recipes.tighten_unlinked(tx, row_of(0), "2027-01-17")
    house.messenger.page = 2

    assert Walked(found=3, acted=3) == await walk.shorten(ANA, "2027-01-20")

    assert {
        row_of(0): "2027-01-17",
        row_of(1): "2027-01-20",
        row_of(2): "2027-01-20",
        row_of(3): "2027-02-01",
        row_of(4): "2027-02-01",
    } == await days(house)


async def test_shortening_again_after_discord_fell_silent_does_the_rest(house: House, walk):
    await stand(house, range(4))
    house.messenger.page = 2
    calls = house.messenger.calls

    async def then_fall_silent() -> None:
        house.messenger.fail("ours")

    house.messenger.meanwhile("ours", then_fall_silent)
    with pytest.raises(Unreachable):
        await walk.shorten(ANA, "2027-01-20")
    await walk.shorten(ANA, "2027-01-20")

    assert {"2027-01-20"} == set((await days(house)).values())
    assert calls.count("open_dm") == 2


def test_an_id_carries_its_moment_as_discords_do():
    # the example of https://discord.com/developers/docs/reference#snowflakes
    made_at_seconds = 1_462_015_105

    assert first_id_at(made_at_seconds) <= 175928847299117063 < first_id_at(made_at_seconds + 1)
