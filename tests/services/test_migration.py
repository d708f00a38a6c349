"""A house that was lived in before: what was kept then is where it belongs now, and opens."""

import pytest

from bot.domain import Cause, Choices, Refusal, Visibility
from bot.policy.chain import Sound
from bot.policy.plans import Usage
from bot.policy.server import ServerSettings, StealthHere
from bot.ports import Post
from bot.route import PublicRoute, StealthRoute
from bot.services.withdraw import Withdrawal
from bot.storage import audit, choices, people, recipes, servers, soundness
from bot.storage.audit import Act, Actor, Deed
from bot.storage.database import one
from tests.fakes import FakeMessage
from tests.services.conftest import ANA, PLUS_SKU, House
from tests.storage import before
from tests.storage.before import CHANNEL, DM, NOW, PICTURE, SPEC, Before

DAY = 24 * 3600


@pytest.fixture(params=before.RELEASED)
def old(request, tmp_path, in_memory) -> Before:
    """Jobs 1 to 8: open ones, ended ones, one taken back, each public or stealth."""
    old = Before(tmp_path / "data", in_memory)
    old.job(1, "accepted")
    old.job(2, "placed", place=4002)
    old.job(3, "placed", place=4003, stealth=True)
    old.job(4, "rendered", place=4004)
    old.job(5, "delivered", place=4005, ended=True, route=False, keys=("recipe",))
    old.job(6, "delivered", stealth=True, ended=True, route=False, keys=(), payload=False)
    old.job(7, "delivered", ended=True, route=False, keys=(), payload=False)  # taken back
    kept = {"keys": ("route",), "payload": False}
    old.job(8, "cancelled", place=4008, ended=True, ending="cancelled", **kept)
    old.climb(request.param)
    old.write(tmp_path / "root.key")
    return old


@pytest.fixture
async def house(old, open_again, messenger, engine, clock, ids):
    memory = await open_again()
    for message in (4002, 4004, 4005, 4008):
        messenger.channels.setdefault(CHANNEL, []).append(FakeMessage(message, Post("old")))
    messenger.channels[DM] = [FakeMessage(4003, Post("old"))]
    yield House(memory, messenger, engine, clock, ids)
    await memory.close()


def job(number: int) -> str:
    return f"{number:032x}"


async def test_both_files_are_sound_after_they_climbed(house: House):
    for database in (house.memory.db, house.memory.keys._database):
        async with database.read() as tx:
            assert "ok" == (await one(tx, "PRAGMA integrity_check"))[0]
            assert await one(tx, "PRAGMA foreign_key_check") is None


async def test_what_waits_still_opens(house: House):
    public = await house.delivery(job(2))
    stealth = await house.delivery(job(3))

    assert SPEC == await house.memory.open_spec(public) == await house.memory.open_spec(stealth)
    route = await house.memory.open_route(public)
    assert isinstance(route, PublicRoute)
    assert (CHANNEL, 4002, ("a note",)) == (route.channel_id, route.message_id, route.notes)
    route = await house.memory.open_route(stealth)
    assert isinstance(route, StealthRoute)
    assert (DM, 4003) == (route.dm_id, route.message_id)


async def test_a_picture_that_waits_still_opens_and_waits_since_its_job_was_accepted(house: House):
    rows = await house.rows()
    (name,) = house.files()
    sealed = house.memory.blobs.get(name)

    assert [(job(4), 0, name, NOW - 9, NOW - 9 + 86400)] == rows["db.pictures"]
    assert PICTURE == await house.memory.open_picture(await house.delivery(job(4)), 0, sealed)


async def test_a_result_that_stands_is_a_post_with_a_recipe_and_no_longer_in_its_job(house: House):
    rows = await house.rows()
    ana = house.memory.keys.person(ANA)

    assert [(job(5), ana, before.GUILD, CHANNEL, 4005, NOW - 5, None)] == rows["db.posts"]
    async with house.memory.db.read() as tx:
        kept = await recipes.get(tx, job(5))
    assert (ana, NOW - 5, NOW - 5 + 30 * DAY) == (kept.person, kept.made_at, kept.expires_at)
    assert SPEC == (await house.recall(job(5), ANA)).spec
    assert 1 == len(rows["db.recipes"])
    assert (await house.delivery(job(5))).payload is None


async def test_what_had_ended_has_an_end_of_its_record(house: House):
    async with house.memory.db.read() as tx:
        cursor = await tx.execute("SELECT job, expires_at FROM deliveries ORDER BY job")
        until = {row[0]: row[1] for row in await cursor.fetchall()}

    assert {job(number): None for number in (1, 2, 3, 4)} | {
        job(number): NOW - 5 + 30 * DAY for number in (5, 6, 7, 8)
    } == until


async def test_since_when_a_place_could_be_seen_is_known_of_public_ones_only(house: House):
    seen = [(await house.delivery(job(number))).shared_at for number in range(1, 5)]

    assert [None, NOW - 7, None, NOW - 7] == seen


async def test_recovering_loses_nothing_that_is_needed(house: House):
    keys = set(await house.memory.keys.items())

    await house.recover()

    assert keys == set(await house.memory.keys.items())
    assert 1 == len(house.files())


async def test_every_open_job_goes_on_to_its_end_and_what_ended_is_cleared_up(house: House):
    await house.recover()
    for _ in range(2):
        await house.finish()

    assert ["delivered"] * 4 == [await house.state(job(number)) for number in (1, 2, 3, 4)]
    assert {4002, 4004, 4005} < {one.message_id for one in house.messenger.channels[CHANNEL]}
    assert 4 == len(house.messenger.stands(CHANNEL))
    assert 1 == len(house.messenger.stands(DM)[0].files)


async def test_what_was_asked_then_is_not_made_twice_now(house: House):
    assert Refusal(Cause.REPEATED) == await house.ask(interaction_id=5)


async def test_a_result_of_then_can_be_taken_out_of_others_sight_now(house: House):
    assert Withdrawal.REMADE is await house.withdraw(job(5), ANA, "press")

    assert 4005 not in [one.message_id for one in house.messenger.channels[CHANNEL]]


async def test_open_jobs_of_then_move_when_their_owner_turns_stealth_on_now(house: House):
    moved = await house.choose.stealth(ANA)
    for _ in range(2):
        await house.finish()

    assert [job(1), job(2), job(4)] == sorted(one.job for one in moved)
    assert [4005] == [one.message_id for one in house.messenger.channels[CHANNEL]]
    assert 4 == len(house.messenger.stands(DM))


async def test_who_was_here_before_has_chosen_nothing_and_is_not_told_of_ai_again(house: House):
    assert Choices() == await house.choose.read(ANA)

    plus = {"sku_ids": frozenset({PLUS_SKU}), "interaction_id": 99}
    receipt = await house.ask(visibility=Visibility.PUBLIC, **plus)

    assert () == receipt.notes


@pytest.mark.parametrize("schema", before.RELEASED)
async def test_what_ran_when_its_process_went_runs_again(
    schema, tmp_path, in_memory, open_again, messenger, engine, clock, ids
):
    old = Before(tmp_path / "data", in_memory)
    old.job(1, "running", place=4001)
    old.job(2, "running", place=4002, stealth=True)
    old.climb(schema)
    old.write(tmp_path / "root.key")
    memory = await open_again()
    house = House(memory, messenger, engine, clock, ids)
    messenger.channels[CHANNEL] = [FakeMessage(4001, Post("old"))]
    messenger.channels[DM] = [FakeMessage(4002, Post("old"))]

    await house.dispatch.keep_leases()
    for _ in range(2):
        await house.finish()

    assert ["delivered"] * 2 == [await house.state(job(number)) for number in (1, 2)]
    assert [1, 1] == [len(messenger.stands(channel)) for channel in (CHANNEL, DM)]
    assert 9 == (await used(house)).pictures
    await memory.close()


async def used(house: House) -> Usage:
    async with house.memory.db.read() as tx:
        return await people.usage(tx, house.memory.keys.person(ANA), before.DAY)


@pytest.mark.parametrize("schema", before.RELEASED[1:])
async def test_what_somebody_chose_then_still_holds(schema, tmp_path, in_memory, open_again):
    old = Before(tmp_path / "data", in_memory)
    old.climb(schema)
    old.chose(
        {
            "visibility": "stealth",
            "stealth_since": NOW - 9,
            "last_default": "stealth",
            "hides_prompt": True,
            "training_wish": False,
            "retention": {"recipe": DAY},
            "told_policy": 1,
        }
    )
    old.write(tmp_path / "root.key")
    memory = await open_again()

    async with memory.db.read() as tx:
        chosen = await choices.read(tx, memory.keys, memory.keys.person(ANA))

    assert (Visibility.STEALTH, True, {"recipe": DAY}, None) == (
        chosen.visibility,
        chosen.hides_prompt,
        chosen.retention,
        chosen.speed,
    )
    await memory.close()


async def test_what_a_server_decided_then_still_holds_and_its_chain_of_acts_is_whole(
    tmp_path, in_memory, open_again
):
    old = Before(tmp_path / "data", in_memory)
    old.climb(3)
    settings = ServerSettings(channels=(CHANNEL,), stealth=StealthHere.FLOOR)
    old.serves(settings.to_json())
    old.write(tmp_path / "root.key")
    async with old.opened() as (tx, keys):
        for scope in ("stealth", "channels"):
            act = Act(actor=Actor.MODERATOR, by=old.ana, act=Deed.SETTINGS, scope=scope)
            await audit.append(tx, keys, before.GUILD, act, now=NOW - 8)
    memory = await open_again()

    async with memory.db.read() as tx:
        assert settings == await servers.read(tx, memory.keys, before.GUILD)
        assert isinstance(await soundness.verify(tx, memory.keys, before.GUILD), Sound)
    await memory.close()
