"""Fast and relaxed, where one's jobs are in line, and how to end them: as people meet it."""

from __future__ import annotations

import asyncio
import sqlite3
from importlib import resources

from tests.fakes import FakeEngine
from tests.journeys.hearing import asks, presses, reads
from tests.journeys.house import House, has_picture, is_place

PLANS = (resources.files("bot.policy") / "plans.toml").read_text("utf-8")


async def test_plum_runs_out_of_fast_time_and_goes_relaxed(closed_house: House) -> None:
    closed_house.data.mkdir()
    scarce = closed_house.data / "plans.toml"
    scarce.write_text(PLANS.replace("gpu_seconds_per_month = 36000", "gpu_seconds_per_month = 3"))
    closed_house.options["plans_file"] = scarce
    plum, said = closed_house["plum"], []
    async with closed_house.bot():
        before = await asks(plum, "general", "fast")
        while not said or "is relaxed" not in said[-1]:
            queued = await asks(plum, "general", "imagine", prompt="a star", count=4)
            said.append(queued.content)
            await reads(plum, queued, "Done")
            assert len(said) < 10
        after = await asks(plum, "general", "info")

    assert "Remaining: 3 s of 3 s this month" in before.content
    assert "of your fast time." in said[0]
    assert "Your fast time of this month is used up" in said[-1]
    assert "of 3 s this month" in after.content


async def test_ana_whose_plan_is_relaxed_is_told_so(house: House) -> None:
    refused = await asks(house["ana"], "general", "fast")
    relaxed = await asks(house["ana"], "dm", "relax")

    assert "The plan Free has no fast jobs: its jobs are relaxed." in refused.content
    assert "From now on your jobs are relaxed" in relaxed.content


async def test_ana_looks_at_the_queue_and_cancels_all(slow_house: House) -> None:
    ana = slow_house["ana"]
    first = await asks(ana, "general", "imagine", prompt="a red star")
    await asks(ana, "general", "imagine", prompt="a blue star", visibility="stealth")
    await slow_house.engine.was_given(1)

    shown = await asks(ana, "general", "queue")
    offered = await ana.autocomplete("general", "cancel", focused="job", job="")
    ended = await asks(ana, "general", "cancel", job="all")
    again = await asks(ana, "dm", "cancel", job="all")

    assert "**Your jobs** 2" in shown.content
    assert "star" not in shown.content + str(offered)
    assert "All of them (2)" == offered[0]["name"]
    assert "2 jobs cancelled. They cost you nothing." == ended.content
    assert "there was nothing to cancel" in again.content
    await reads(ana, first, "Cancelled")


async def test_ana_cancels_one_that_she_chose_and_nobody_elses(slow_house: House) -> None:
    ana, mod = slow_house["ana"], slow_house["mod"]
    await asks(ana, "general", "imagine", prompt="a red star")
    await asks(ana, "general", "imagine", prompt="a blue star")
    offered = await ana.autocomplete("general", "cancel", focused="job", job="")
    chosen = offered[1]["value"]

    refused = await asks(mod, "general", "cancel", job=chosen)
    ended = await asks(ana, "general", "cancel", job=chosen)

    assert [] == await mod.autocomplete("general", "cancel", focused="job", job="")
    assert "That is no open job of yours" in refused.content
    assert "Cancelled. It cost you nothing." == ended.content
    assert (
        "All of them (1)"
        == (await ana.autocomplete("general", "cancel", focused="job", job=""))[0]["name"]
    )


async def test_mod_sees_nothing_of_anas_stealth_in_the_queue(slow_house: House) -> None:
    await asks(slow_house["ana"], "general", "imagine", prompt="a star", visibility="stealth")

    shown = await asks(slow_house["mod"], "general", "queue")

    assert shown.ephemeral
    assert "**Your jobs** none waits or runs" in shown.content
    assert "stealth" not in shown.content


async def test_a_queue_shown_before_a_restart_can_be_refreshed_after_it(
    closed_house: House,
) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot(FakeEngine(auto=False)):
        await asks(ana, "general", "imagine", prompt="a star")
        await ana.sees_until("general", is_place)
        shown = await asks(ana, "general", "queue")
    async with closed_house.bot(FakeEngine(auto=False)):
        refreshed = await presses(ana, shown, "Refresh")
        assert "**Your jobs** 1" in refreshed.content
        closed_house.engine.auto = True
        await closed_house.engine.was_given(1)
        closed_house.engine.tick()
        await ana.sees_until("general", has_picture)
        last = await presses(ana, refreshed, "Refresh")

    assert "**Your jobs** none waits or runs" in last.content


async def test_a_busy_memory_offers_nothing_rather_than_nothing_in_time(
    closed_house: House,
) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot():
        with sqlite3.connect(
            closed_house.data / "darkroom.db", isolation_level=None, check_same_thread=False
        ) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await ana.slash("general", "imagine", prompt="a star")
            async with asyncio.timeout(3):
                offered = await ana.autocomplete("general", "cancel", focused="job", job="")
            other.execute("ROLLBACK")

    assert [] == offered
