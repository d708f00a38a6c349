"""What a person chooses holds from then on, for them alone; what tightens acts on what is open."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain import Cause, Choices, OptOut, Question, Refusal, Visibility
from bot.policy.plans import Usage
from bot.storage import choices
from tests.asks import CHANNEL
from tests.services.conftest import ANA, MOD, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


async def test_who_never_chose_has_chosen_nothing(house: House):
    assert Choices() == await house.choose.read(ANA)
    assert await house.choose.opt_out_of(ANA) is None


async def test_what_somebody_chooses_is_theirs_alone_and_outlives_a_restart(house: House):
    await house.choose.stealth(ANA)

    house.start_again()

    assert STEALTH is (await house.choose.read(ANA)).visibility
    assert Choices() == await house.choose.read(MOD)
    assert STEALTH is (await house.ask()).visibility
    assert PUBLIC is (await house.ask(person=MOD)).visibility


async def test_stealth_and_public_can_be_said_as_often_as_one_likes(house: House):
    for _ in range(2):
        await house.choose.stealth(ANA)
        await house.choose.public(ANA)

    assert PUBLIC is (await house.ask()).visibility


async def test_public_said_by_whom_a_plan_makes_stealth_holds_where_the_plan_lets_it(house: House):
    await house.choose.public(ANA)

    assert PUBLIC is (await house.ask(role_ids=frozenset({PRO_ROLE}))).visibility


async def test_saying_public_makes_nothing_public_that_was_accepted_as_stealth(house: House):
    job = await house.placed(visibility=STEALTH)

    await house.choose.public(ANA)
    await house.finish()

    assert "delivered" == await house.state(job)
    assert CHANNEL not in house.messenger.channels


async def test_what_was_to_be_covered_is_covered_in_the_dm_too(house: House):
    await house.placed(spoiler=True)

    await house.choose.stealth(ANA)
    await house.finish()

    (post,) = house.messenger.stands(house.messenger.dm(ANA))
    assert [True] == [file.filename.startswith("SPOILER_") for file in post.files]


async def test_who_is_never_public_is_refused_only_when_they_say_public(house: House):
    await house.choose.never_public(ANA)

    assert STEALTH is (await house.ask()).visibility
    assert Refusal(Cause.NEVER_PUBLIC, {"plan": "Free", "in_dm": False}) == await house.ask(
        visibility=PUBLIC
    )


async def test_what_was_forbidden_can_be_lifted_once(house: House):
    await house.choose.never_public(ANA)

    lifted = [await house.choose.opt_in(ANA) for _ in range(2)]

    assert [True, False] == lifted
    assert PUBLIC is (await house.ask(visibility=PUBLIC)).visibility


async def test_whom_nothing_may_be_processed_of_is_refused_without_a_trace(house: House):
    ana = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, ana, OptOut.NO_PROCESSING, day="2027-01-15")
    before = await house.rows()

    said = [await house.ask(visibility=seen) for seen in (None, PUBLIC, STEALTH)]

    assert [Refusal(Cause.OPTED_OUT)] * 3 == said
    assert before == await house.rows()


async def test_who_forbade_everything_does_not_allow_more_by_forbidding_less(house: House):
    ana = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, ana, OptOut.NO_PROCESSING, day="2027-01-15")

    await house.choose.never_public(ANA)

    assert OptOut.NO_PROCESSING is await house.choose.opt_out_of(ANA)


async def test_who_is_to_be_asked_first_is_asked_though_they_opt_in(house: House):
    ana = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, ana, OptOut.ASK_FIRST, day="2027-01-15")

    assert not await house.choose.opt_in(ANA)

    assert isinstance(await house.ask(), Question)


async def test_who_is_to_be_asked_first_can_forbid_it_for_good(house: House):
    ana = house.memory.keys.person(ANA)
    async with house.memory.db.transaction() as tx:
        await choices.set_opt_out(tx, ana, OptOut.ASK_FIRST, day="2027-01-15")

    await house.choose.never_public(ANA)

    assert OptOut.NEVER_PUBLIC is await house.choose.opt_out_of(ANA)


async def test_a_job_that_does_not_open_keeps_no_other_from_moving(house: House):
    broken, whole = await house.placed(), await house.placed()
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET route = x'01' WHERE job = ?", (broken,))

    moved = await house.choose.stealth(ANA)
    for _ in range(2):
        await house.finish()

    assert [whole] == [one.job for one in moved]
    assert [] == (await house.rows())["db.posts"]
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_changes_at_once_all_count(house: House):
    await asyncio.gather(
        house.choose.stealth(ANA),
        *(
            house.choose.change(
                ANA, lambda old, n=n: replace(old, retention={**old.retention, n: 1})
            )
            for n in ("recipe", "record", "post")
        ),
        house.choose.change(ANA, lambda old: replace(old, hides_prompt=True)),
    )

    chosen = await house.choose.read(ANA)
    assert {"recipe", "record", "post"} == set(chosen.retention)
    assert (STEALTH, True) == (chosen.visibility, chosen.hides_prompt)


async def test_a_change_and_an_ask_at_once_lose_neither(house: House):
    outcomes = await asyncio.gather(
        *(house.ask(person=ANA) for _ in range(2)), house.choose.stealth(ANA), house.ask(person=ANA)
    )
    for _ in range(2):
        await house.finish()

    assert STEALTH is (await house.choose.read(ANA)).visibility
    assert CHANNEL not in {where for where, one in house.messenger.channels.items() if one}
    assert Usage(pictures=3, stealth_jobs=3) == await house.usage()
    assert 4 == len(outcomes)


# --- how it is kept -----------------------------------------------------------------------------


async def test_what_somebody_chose_is_sealed(house: House, on_disk):
    await house.choose.change(ANA, lambda old: replace(old, retention={"recipe": 4242}))

    assert b"4242" not in on_disk()
    assert b"last_default" not in on_disk()


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\1" + b"x" * 60])
async def test_choices_that_were_tampered_with_count_as_the_most_private_there_are(
    house: House, sealed
):
    await house.choose.public(ANA)
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE choices SET sealed = ?", (sealed,))

    assert STEALTH is (await house.ask()).visibility


async def test_choices_swapped_for_anothers_open_for_neither(house: House):
    await house.choose.public(ANA)
    await house.choose.stealth(MOD)
    ana, mod = house.memory.keys.person(ANA), house.memory.keys.person(MOD)
    async with house.memory.db.transaction() as tx:
        cursor = await tx.execute("SELECT person, sealed FROM choices")
        kept = dict([tuple(row) for row in await cursor.fetchall()])
        await tx.execute("UPDATE choices SET sealed = ? WHERE person = ?", (kept[ana], mod))

    assert STEALTH is (await house.ask(person=MOD)).visibility


async def test_one_persons_broken_choices_hold_up_nobody_else(house: House):
    mine, theirs = await house.placed(), await house.placed(person=MOD)
    async with house.memory.db.transaction() as tx:
        await tx.execute(
            "UPDATE choices SET sealed = x'00' WHERE person = ?", (house.memory.keys.person(ANA),)
        )

    for _ in range(2):
        await house.finish()

    assert "delivered" == await house.state(theirs)
    assert mine not in [row[0] for row in (await house.rows())["db.posts"]]


async def test_whose_choices_broke_chooses_anew_and_is_heard(house: House):
    await house.choose.stealth(ANA)
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE choices SET sealed = x'00'")

    await house.choose.public(ANA)
    job = await house.delivered()

    assert job in [row[0] for row in (await house.rows())["db.posts"]]


async def test_what_is_never_told_again_is_told_once_per_policy(house: House):
    house.policy_version = 3
    await house.accepted()

    assert 3 == (await house.choose.read(ANA)).told_policy
