"""A pressed button brings a recipe back, to its owner alone."""

import pytest

from bot.crypto.tickets import Ticket
from bot.domain import Visibility
from bot.services.recall import ticket_of
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
DAY = 24 * 3600


async def button(house: House, seen: Visibility, **asked) -> str:
    """What 🔄 of a delivered result carries."""
    job = await house.delivered("a red fox", seed=5, visibility=seen, **asked)
    return job if seen is PUBLIC else await house.ticket(asked.get("person", ANA))


@pytest.mark.parametrize("seen", Visibility)
async def test_its_owners_press_opens_it(house: House, seen):
    name = await button(house, seen, negative="dogs", count=2)

    recalled = await house.recall(name, ANA)

    assert seen is recalled.visibility
    assert ("a red fox", "dogs", (5, 6)) == (
        recalled.spec.prompt,
        recalled.spec.negative_prompt,
        recalled.spec.seeds,
    )


@pytest.mark.parametrize("seen", Visibility)
async def test_its_owners_press_opens_it_after_a_restart(house: House, seen):
    name = await button(house, seen)

    house.start_again()
    await house.recover()

    assert await house.recall(name, ANA)


@pytest.mark.parametrize("seen", Visibility)
async def test_another_persons_press_opens_nothing(house: House, seen):
    name = await button(house, seen)

    assert [None] * 20 == [await house.recall(name, MOD + number) for number in range(20)]


async def test_a_stealth_ticket_opens_no_other_row(house: House):
    mine, other = await button(house, STEALTH), await button(house, STEALTH)
    (row, _), (_, key) = mine.split(":"), other.split(":")

    assert await house.recall(f"{row}:{key}", ANA) is None


async def test_a_row_that_was_swapped_for_anothers_opens_for_neither(house: House):
    mine = await button(house, STEALTH)
    theirs = await button(house, STEALTH, person=MOD)
    async with house.memory.db.transaction() as tx:
        cursor = await tx.execute("SELECT id, sealed FROM unlinked_recipes")
        (one, first), (two, second) = await cursor.fetchall()
        await tx.executemany(
            "UPDATE unlinked_recipes SET sealed = ? WHERE id = ?", [(second, one), (first, two)]
        )

    assert [None] * 2 == [await house.recall(mine, ANA), await house.recall(theirs, MOD)]


async def test_a_public_recipe_whose_owner_was_changed_opens_for_nobody(house: House):
    job = await button(house, PUBLIC)
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE recipes SET person = ?", (house.memory.keys.person(MOD),))

    assert [None] * 2 == [await house.recall(job, ANA), await house.recall(job, MOD)]


@pytest.mark.parametrize(("seen", "days"), [(PUBLIC, 30), (STEALTH, 7)])
async def test_an_expired_recipe_opens_no_more_though_nobody_swept_it(house: House, seen, days):
    name = await button(house, seen)

    house.clock.turn((days - 1) * DAY)
    before = await house.recall(name, ANA)
    house.clock.turn(DAY)

    assert before is not None
    assert await house.recall(name, ANA) is None


@pytest.mark.parametrize(
    "name", ["", ":", "0" * 32, "no such job", f"{'A' * 22}:{'A' * 43}", "\u200b" * 66, "a:b:c"]
)
async def test_what_names_nothing_of_ours_opens_nothing(house: House, name):
    await button(house, STEALTH)

    assert await house.recall(name, ANA) is None


@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_a_job_that_is_not_delivered_has_no_recipe_to_press(house: House, stage):
    job = await getattr(house, stage)()

    assert await house.recall(job, ANA) is None


async def test_a_public_recipe_without_its_key_is_as_good_as_none(house: House):
    job = await button(house, PUBLIC)

    await house.memory.keys.destroy(job, "recipe")

    assert await house.recall(job, ANA) is None


# --- what is left of a delivered stealth job ----------------------------------------------------


@pytest.mark.parametrize("waited", [0, 61])
async def test_the_key_of_a_stealth_recipe_is_nowhere_but_in_the_dm(
    house: House, on_disk, in_memory, waited
):
    await house.rendered("xylophone", visibility=STEALTH)
    house.clock.turn(waited)
    await house.delivers()
    await house.tidies()
    ticket = Ticket.read(await house.ticket())

    disk = on_disk() + b"".join(
        path.read_bytes() for path in in_memory.rglob("*") if path.is_file()
    )

    assert ticket.row.encode() in disk
    assert ticket.key not in disk
    assert ticket.text.split(":")[1].encode() not in disk
    assert b"xylophone" not in disk
    assert [] == house.memory.keys.stealth.items()


async def test_a_row_of_a_stealth_recipe_names_nobody_and_has_a_day_and_no_time(house: House):
    await button(house, STEALTH)

    rows = await house.rows()

    ((row, sealed, day),) = rows["db.unlinked_recipes"]
    assert "2027-01-21" == day
    others = {
        value
        for table, found in rows.items()
        if table != "db.unlinked_recipes"
        for one in found
        for value in one
    }
    assert not {row, sealed} & others
    assert house.memory.keys.person(ANA) not in (row, day)


async def test_a_delivery_that_is_repeated_makes_the_same_buttons(house: House):
    await house.rendered(visibility=STEALTH)
    house.messenger.lose("edit")
    await house.delivers()
    first = await house.ticket()
    house.start_again()
    house.clock.turn(2)

    await house.delivers()

    assert first == await house.ticket()
    assert 1 == len((await house.rows())["db.unlinked_recipes"])
    assert await house.recall(first, ANA)


async def test_buttons_of_ours_that_carry_no_ticket_are_told_from_those_that_do(house: House):
    await button(house, STEALTH)

    *carried, delete = [ticket_of(custom_id) for custom_id in (await house.in_dm()).custom_ids]

    assert 1 == len(set(carried))
    assert carried[0] is not None
    assert delete is None
    assert ticket_of(f"v2:again:{carried[0].text}") is None
    assert ticket_of("") is None


# --- made again ---------------------------------------------------------------------------------


async def again(house: House, name: str):
    """What 🔄 asks for: the same words, a new seed, and never more public than its parent."""
    recalled = await house.recall(name, ANA)
    said = STEALTH if recalled.visibility is STEALTH else None
    return await house.ask(recalled.spec.prompt, visibility=said)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_result_made_again_is_seen_by_no_more_people(house: House, seen):
    assert seen is (await again(house, await button(house, seen))).visibility


async def test_a_public_result_made_again_takes_its_owners_stricter_choice_of_now(house: House):
    name = await button(house, PUBLIC)
    await house.choose.stealth(ANA)

    assert STEALTH is (await again(house, name)).visibility


async def test_a_stealth_result_made_again_stays_stealth_though_its_owner_chose_public(
    house: House,
):
    name = await button(house, STEALTH)
    await house.choose.public(ANA)

    assert STEALTH is (await again(house, name)).visibility
