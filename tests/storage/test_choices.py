"""What a person chose is sealed, opens for nobody else, and fails on the private side."""

import json
from dataclasses import asdict, replace

import pytest

from bot.domain import Choices, OptOut, Visibility
from bot.storage import choices
from bot.storage.database import one
from bot.storage.keyring import CHOICES
from gen.job import Speed
from tests.storage.rows import ANA, DAY, MOD

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
EVERYTHING = Choices(
    visibility=STEALTH,
    stealth_since=900,
    last_default=PUBLIC,
    hides_prompt=True,
    training_wish=True,
    retention={"recipe": 3600},
    told_policy=3,
    speed=Speed.FAST,
    suffix="--tile",
    options={"mine": "--steps 5"},
    wildcards={"colour": ["red", "deep blue"]},
    auto_dm=True,
    remixes=True,
    varies_strongly=False,
    shows_previews=True,
    model="another",
)
PREFERRED = (
    *("speed", "suffix", "options", "wildcards", "auto_dm", "remixes", "varies_strongly"),
    *("shows_previews", "model"),
)


async def write(memory, chosen: Choices, person=ANA, now: int = 1000) -> None:
    hashed = memory.keys.person(person)
    async with memory.db.transaction() as tx:
        await choices.write(tx, memory.keys, hashed, chosen, now=now, day=DAY)


async def read(memory, person=ANA) -> Choices:
    async with memory.db.read() as tx:
        return await choices.read(tx, memory.keys, memory.keys.person(person))


@pytest.mark.parametrize("chosen", [Choices(), EVERYTHING])
async def test_what_is_written_is_read_back_after_a_restart(open_again, chosen):
    memory = await open_again()
    await write(memory, chosen)
    await memory.close()

    memory = await open_again()
    assert chosen == await read(memory)
    assert Choices() == await read(memory, MOD)
    await memory.close()


async def test_what_was_written_before_there_was_anything_to_prefer_is_read(memory):
    old = ("visibility", "stealth_since", "last_default", "hides_prompt", "training_wish")
    text = {name: asdict(EVERYTHING)[name] for name in (*old, "retention", "told_policy")}

    found = Choices.from_json(json.dumps(text).encode())

    bare = replace(EVERYTHING, **{name: getattr(Choices(), name) for name in PREFERRED})
    assert bare == found
    assert found == Choices.from_json(found.to_json())


async def test_a_change_keeps_the_key_and_notes_when_it_was_used(memory):
    for now in (1000, 2000):
        await write(memory, replace(EVERYTHING, told_policy=now), now=now)

    async with memory.db.read() as tx:
        assert 2000 == (await one(tx, "SELECT used_at FROM choices"))["used_at"]
    assert [(memory.keys.person(ANA), CHOICES)] == await memory.keys.items()
    assert 2000 == (await read(memory)).told_policy


async def test_a_change_that_is_rolled_back_leaves_what_was(memory):
    await write(memory, EVERYTHING)

    with pytest.raises(ZeroDivisionError):
        await _breaks_off(memory)

    assert EVERYTHING == await read(memory)


async def _breaks_off(memory) -> None:
    ana = memory.keys.person(ANA)
    async with memory.db.transaction() as tx:
        await choices.write(tx, memory.keys, ana, Choices(), now=1000, day=DAY)
        raise ZeroDivisionError


async def test_being_here_counts_as_use_and_changes_nothing_else(memory):
    await write(memory, EVERYTHING)
    async with memory.db.transaction() as tx:
        await choices.used(tx, memory.keys.person(ANA), 5000)
        row = await one(tx, "SELECT used_at FROM choices")

    assert 5000 == row["used_at"]
    assert EVERYTHING == await read(memory)


async def test_whose_key_was_destroyed_is_asked_before_they_are_public_and_can_choose_anew(memory):
    await write(memory, EVERYTHING)
    await memory.keys.destroy(memory.keys.person(ANA), CHOICES)

    before = await read(memory)
    await write(memory, EVERYTHING)

    assert Choices(last_default=STEALTH) == before
    assert EVERYTHING == await read(memory)


async def test_choices_that_do_not_open_count_as_the_most_private_there_are(memory):
    await write(memory, Choices(visibility=PUBLIC))
    await write(memory, EVERYTHING, MOD)
    async with memory.db.transaction() as tx:
        await tx.execute("UPDATE choices SET sealed = (SELECT max(sealed) FROM choices)")

    found = [await read(memory), await read(memory, MOD)]

    (swapped,) = [one for one in found if one != EVERYTHING and one.visibility is STEALTH]
    assert (STEALTH, True) == (swapped.last_default, swapped.hides_prompt)
    assert swapped.stealth_since > 2**60


async def test_stealth_is_never_remembered_as_chosen_in_the_future(memory):
    await write(memory, replace(EVERYTHING, stealth_since=2**62), now=1000)

    assert 1000 == (await read(memory)).stealth_since


async def test_a_choice_that_comes_behind_a_no_is_not_kept(memory):
    """It was on its way when they asked not to be processed."""
    ana = memory.keys.person(ANA)
    async with memory.db.transaction() as tx:
        await choices.set_opt_out(tx, ana, OptOut.NO_PROCESSING, day=DAY)

    await write(memory, EVERYTHING)
    await write(memory, EVERYTHING, MOD)

    assert [Choices(), EVERYTHING] == [await read(memory), await read(memory, MOD)]
    assert [(memory.keys.person(MOD), CHOICES)] == await memory.keys.items()


async def test_what_is_forbidden_is_one_mark_that_can_be_changed_and_lifted(memory):
    ana, mod = memory.keys.person(ANA), memory.keys.person(MOD)
    found = []
    for level in (OptOut.NEVER_PUBLIC, OptOut.NO_PROCESSING, None):
        async with memory.db.transaction() as tx:
            await choices.set_opt_out(tx, ana, level, day=DAY)
            found.append(await choices.opt_out(tx, ana))
            assert await choices.opt_out(tx, mod) is None

    assert [OptOut.NEVER_PUBLIC, OptOut.NO_PROCESSING, None] == found
