"""Two models and one engine: changes are worth their time, nobody starves, fairness stays true."""

import pytest

from bot.storage.database import one, open_database
from gen import lookahead, queue
from gen.job import JobState, Speed
from tests import straight

OWNER, UNTIL = "this process", 100.0


@pytest.fixture
async def tx(quick_disk):
    db = await open_database(quick_disk / "darkroom.db", "darkroom")
    async with db.transaction() as opened:
        yield opened
    await db.close()


async def waiting(tx, job, model="", *, tenant=None, cost=10.0, speed=Speed.FAST, cap=100):
    await queue.enqueue(
        tx,
        job=job,
        tenant=tenant or job,
        rows=1,
        cost_seconds=cost,
        weight=1.0,
        speed=speed,
        running_cap=cap,
        payload=b"sealed",
        now=1000,
        model=model,
    )
    await queue.placed(tx, job)


async def claim(tx, *residents, idle=True):
    lease = await queue.claim(
        tx, owner=OWNER, until=UNTIL, idle=idle, now=1000, residents=residents
    )
    return lease.job if lease else None


async def claimed(tx, jobs, *residents):
    return [await claim(tx, *residents) for _ in range(jobs)]


async def test_ana_whose_model_is_loaded_goes_before_zoe_whose_model_is_not(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana", "loaded")

    assert ["ana", "zoe"] == await claimed(tx, 2, "loaded")


async def test_without_a_word_of_what_is_loaded_the_fair_order_holds(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana", "loaded")

    assert ["zoe", "ana"] == await claimed(tx, 2)


async def test_a_job_that_names_no_model_waits_for_none(tx):
    await waiting(tx, "ana")
    await waiting(tx, "pia", "loaded")

    assert ["ana", "pia"] == await claimed(tx, 2, "loaded")


async def test_zoe_is_passed_by_so_much_work_and_not_by_a_job_more(tx):
    await waiting(tx, "zoe", "other")
    for number in range(9):
        await waiting(tx, f"ana {number}", "loaded")

    first = await claimed(tx, 7, "loaded")

    assert [*(f"ana {number}" for number in range(6)), "zoe"] == first
    assert lookahead.SECONDS == 6 * 10.0


async def test_one_large_job_may_be_too_much_to_pass(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana", "loaded", cost=lookahead.SECONDS + 1)

    assert "zoe" == await claim(tx, "loaded")


async def test_what_went_before_zoe_is_remembered_over_a_restart(quick_disk):
    for number in range(7):
        db = await open_database(quick_disk / "darkroom.db", "darkroom")
        async with db.transaction() as tx:
            if number == 0:
                await waiting(tx, "zoe", "other")
            await waiting(tx, f"ana {number}", "loaded")
            last = await claim(tx, "loaded")
        await db.close()

    assert "zoe" == last


async def test_who_went_first_has_paid_for_it_and_who_was_passed_is_next_by_the_tags(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana 0", "loaded", tenant="ana")
    await waiting(tx, "ana 1", "loaded", tenant="ana")

    assert "ana 0" == await claim(tx, "loaded")
    clock = await one(tx, "SELECT virtual_time FROM fair_clocks WHERE speed = 'fast'")
    await waiting(tx, "newcomer", "other")

    assert 0.0 == clock["virtual_time"]  # the fair order has come to zoe, and no further
    assert ["zoe", "newcomer", "ana 1"] == await claimed(tx, 3, "other")


async def test_at_the_other_speed_somebody_may_go_first_too(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana", "loaded", speed=Speed.RELAX)

    assert ["ana", "zoe"] == await claimed(tx, 2, "loaded")


async def test_of_the_own_speed_somebody_goes_before_the_other(tx):
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana", "loaded", speed=Speed.RELAX)
    await waiting(tx, "pia", "loaded")

    assert "pia" == await claim(tx, "loaded")


async def test_whoever_may_have_no_more_running_goes_first_for_no_model(tx):
    await waiting(tx, "ana 0", "loaded", tenant="ana", cap=1)
    assert "ana 0" == await claim(tx, "loaded")
    await waiting(tx, "zoe", "other")
    await waiting(tx, "ana 1", "loaded", tenant="ana", cap=1)

    assert "zoe" == await claim(tx, "loaded")


async def test_nobody_goes_before_a_job_that_may_have_ended_a_worker_nor_does_such_a_job(tx):
    await waiting(tx, "suspect", "other")
    lease = await queue.claim(tx, owner=OWNER, until=UNTIL, idle=True, now=1000)
    await queue.give_back(tx, lease)
    await waiting(tx, "ana", "loaded")

    assert await claim(tx, "loaded", idle=False) is None
    assert "suspect" == await claim(tx, "loaded")


async def test_a_suspect_job_of_the_loaded_model_waits_for_its_own_turn(tx):
    await waiting(tx, "suspect", "loaded")
    lease = await queue.claim(tx, owner=OWNER, until=UNTIL, idle=True, now=1000)
    await tx.execute("UPDATE jobs SET start_tag = 5 WHERE id = 'suspect'")
    await queue.give_back(tx, lease)
    await waiting(tx, "zoe", "other")

    assert "zoe" == await claim(tx, "loaded")


async def test_what_is_told_of_a_wait_holds_the_change_of_models(tx):
    await waiting(tx, "zoe", "other")
    plain = await queue.outlook(tx, "zoe")
    told = await queue.outlook(tx, "zoe", change={"other": 20.0}.get)

    assert plain.wait_seconds + 20.0 == told.wait_seconds


# --- two models at several loads


def live(load, *, changes_seconds=15.0, jobs=300, mixed=0.5):
    """Two models, one engine, one job at a time; what came of it: changes and each one's wait.

    A hundred people ask for ten seconds each, by a fixed order of models, so often as fills the
    engine to this load if it never changed models.
    """
    import random

    dice = random.Random(4)
    arrivals, now = [], 0.0
    for number in range(jobs):
        now += dice.expovariate(load / 10.0)
        arrivals.append((now, number, "a" if dice.random() < mixed else "b"))
    now, loaded, changes, waits, models = 0.0, "a", 0, {}, {}
    with straight.queue_in_memory() as tx:

        def claim_one():
            lease = straight.run(
                queue.claim(
                    tx, owner=OWNER, until=0.0, idle=True, now=1000, residents=frozenset({loaded})
                )
            )
            return lease and int(lease.job)

        while arrivals or len(waits) < jobs:
            while arrivals and arrivals[0][0] <= now:
                came, number, model = arrivals.pop(0)
                models[number] = (came, model)
                straight.run(waiting(tx, str(number), model, tenant=f"person {number % 100}"))
            job = claim_one()
            if job is None:
                now = arrivals[0][0]
                continue
            came, model = models[job]
            if model != loaded:
                changes, loaded, now = changes + 1, model, now + changes_seconds
            waits[job] = now - came
            now += 10.0
            straight.run(queue.end(tx, str(job), JobState.CANCELLED, 1000))
    return 100 * changes / jobs, waits, models


@pytest.mark.parametrize("load", [0.3, 0.5, 0.6])
def test_at_loads_that_fit_looking_ahead_changes_less_and_nobody_waits_long(load, monkeypatch):
    changes, waits, _ = live(load)
    monkeypatch.setattr(lookahead, "SECONDS", 0.0)
    changes_without, waits_without, _ = live(load)

    assert changes <= changes_without
    assert max(waits.values()) <= max(waits_without.values()) + lookahead.SECONDS + 60.0


def test_overloaded_it_changes_at_most_once_for_each_bound_of_work(monkeypatch):
    """Without looking ahead every second job changes models: thrashing."""
    changes, _, _ = live(1.1)
    monkeypatch.setattr(lookahead, "SECONDS", 0.0)
    changes_without, _, _ = live(1.1)

    assert changes <= 100 * 10.0 / 60.0 + 1
    assert changes_without > 35


def test_looking_ahead_without_a_bound_starves_the_rarer_model(monkeypatch):
    """Nine in ten want one model: without a bound the tenth waits for all of them."""
    _, bounded, models = live(1.1, mixed=0.9)
    monkeypatch.setattr(lookahead, "SECONDS", 1e9)
    _, unbounded, _ = live(1.1, mixed=0.9)

    def worst(waits):
        return max(wait for job, wait in waits.items() if models[job][1] == "b")

    assert worst(unbounded) > 2 * worst(bounded)
