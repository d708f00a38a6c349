"""The operator's commands beside a running bot and at rest, and what people learn of them."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3

import pytest

from tests import commands
from tests.journeys.hearing import FEW, asks, reads
from tests.journeys.house import House, has_picture
from tests.people import Seen

RECEIPT = re.compile(r"darkroom-receipt\.\S+")


async def darkroom(house: House, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a command over the house's data, as a process of its own; its status and its words."""
    done = await asyncio.to_thread(
        commands.run,
        (*arguments, "--data", str(house.data)),
        cwd=house.data.parent,
        env={"PATH": os.environ["PATH"]},
        typed=typed,
    )
    return done.returncode, done.stdout + done.stderr


async def _makes(house: House, name: str, prompt: str, visibility: str = "public") -> Seen:
    answer = await house[name].slash("general", "imagine", prompt=prompt, visibility=visibility)
    await reads(house[name], answer.message, "Done")
    return await house[name].sees_until("general" if visibility == "public" else "dm", has_picture)


def _id(house: House, name: str) -> str:
    (found,) = [user.id for user in house.sandbox.world.users.values() if user.name == name]
    return str(found)


def _server(house: House, name: str) -> str:
    (found,) = [guild.id for guild in house.sandbox.world.guilds.values() if guild.name == name]
    return str(found)


# --- blocks


async def test_a_block_holds_from_the_next_ask_on_and_is_lifted_as_soon(house: House) -> None:
    status, said = await darkroom(house, "block", _id(house, "ana"), "--until", "7d")
    refused = await asks(house["ana"], "general", "imagine", prompt="a red star")
    others = await asks(house["plum"], "general", "imagine", prompt="a red star")
    lifted, _ = await darkroom(house, "unblock", _id(house, "ana"))
    again = await asks(house["ana"], "general", "imagine", prompt="a red star")

    assert 0 == status, said
    assert "blocked everywhere until" in said
    assert "block" in refused.content
    assert "block" not in others.content
    assert 0 == lifted
    assert "block" not in again.content


async def test_ana_finds_both_in_her_history_and_plum_finds_nothing(house: House) -> None:
    await darkroom(house, "block", _id(house, "ana"))
    await darkroom(house, "unblock", _id(house, "ana"))

    anas = await asks(house["ana"], "dm", "privacy history")
    plums = await asks(house["plum"], "dm", "privacy history")

    lifted, blocked = [line for line in anas.content.splitlines() if line.startswith("- ")]
    assert "the operator · lifted a block of yours" in lifted
    assert "the operator · blocked you" in blocked
    assert "Nobody has acted on your data" in plums.content


# --- purges


async def test_all_of_anas_goes_with_a_receipt_in_her_dm_and_nothing_of_plums(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    plums = await _makes(house, "plum", "a blue star")

    status, said = await darkroom(house, "purge", "--user", _id(house, "ana"), typed="PURGE\n")

    assert 0 == status, said
    assert "This would go: " in said
    assert "The receipt went to their DM" in said
    await house["mod"].sees_gone(post)
    await house["ana"].sees_gone(hidden)
    told = await house["ana"].sees_until("dm", lambda one: "darkroom-receipt." in one.content)
    assert "**The operator of this bot had everything of yours erased.**" in told.content
    assert has_picture(await house["mod"].again(plums))
    history = await asks(house["ana"], "dm", "privacy history")
    assert "the operator · purged things of yours" in history.content


async def test_a_server_is_purged_with_a_receipt_and_the_other_keeps_everything(
    house: House,
) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    elsewhere = _server(house, "Elsewhere")

    nothing = await darkroom(house, "purge", "--guild", elsewhere, "--yes")
    status, said = await darkroom(
        house, "purge", "--guild", _server(house, "Darkroom Café"), "--yes"
    )

    assert (1, True) == (nothing[0], "nothing public is stored there" in nothing[1])
    assert 0 == status, said
    receipt = RECEIPT.search(said)
    assert receipt is not None, said
    await house["mod"].sees_gone(post)
    assert has_picture(await house["ana"].again(hidden))
    checked = await asks(house["boss"], "dm", "privacy verify", receipt=receipt[0])
    assert "This receipt is mine and unchanged" in checked.content
    assert (0, True) == await _is_sound(house, entries=1)


async def test_what_is_older_than_a_moment_goes_in_every_server_and_stealth_stays(
    house: House,
) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")

    later = await darkroom(house, "purge", "--before", "30d", "--yes")
    status, said = await darkroom(house, "purge", "--before", "0", "--yes")

    assert (1, True) == (later[0], "nothing public is stored there" in later[1])
    assert (0, True) == (status, RECEIPT.search(said) is not None), said
    await house["mod"].sees_gone(post)
    assert has_picture(await house["ana"].again(hidden))


async def test_what_is_under_way_ends_at_once_in_the_running_bot(slow_house: House) -> None:
    house = slow_house
    await asks(house["ana"], "general", "imagine", prompt="a hidden star", visibility="stealth")
    await asks(house["plum"], "general", "imagine", prompt="a blue star")
    await house.engine.was_given(2)

    status, said = await darkroom(house, "purge", "--user", _id(house, "ana"), "--yes")
    for _ in range(FEW):
        house.engine.tick()
    await house["plum"].sees_until("general", has_picture)

    assert (0, True) == (status, "1 job under way" in said), said
    assert [] == [seen for seen in await house["ana"].sees("dm") if has_picture(seen)]


async def test_what_is_not_confirmed_stays(house: House) -> None:
    post = await _makes(house, "ana", "a red star")

    status, said = await darkroom(house, "purge", "--user", _id(house, "ana"), typed="yes please\n")

    assert (1, True) == (status, "nothing was purged" in said)
    assert has_picture(await house["mod"].again(post))


async def test_at_rest_keys_and_rows_go_and_messages_when_the_bot_is_back(
    closed_house: House,
) -> None:
    async with closed_house.bot():
        post = await _makes(closed_house, "ana", "a red star")
        plums = await _makes(closed_house, "plum", "a blue star")

    status, said = await darkroom(
        closed_house, "purge", "--user", _id(closed_house, "ana"), "--yes"
    )

    assert (0, True) == (status, "no bot runs" in said), said
    with sqlite3.connect(closed_house.data / "darkroom.db") as rows:
        assert 1 == rows.execute("SELECT count(*) FROM recipes").fetchone()[0]
    rows.close()
    async with closed_house.bot():
        await closed_house["mod"].sees_gone(post)
        await closed_house["ana"].sees_until("dm", lambda one: "darkroom-receipt." in one.content)
        assert has_picture(await closed_house["mod"].again(plums))
    assert (0, True) == await _is_sound(closed_house, entries=1)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["block", "ana"], "an id is a number"),
        (["block", "-1"], "No such option"),
        (["block", "5", "--until", "soon"], "takes a duration"),
        (["unblock", "5"], "check the id"),
        (["purge"], "say what to purge"),
        (["purge", "--user", "5", "--guild", "6"], "without --guild"),
        (["purge", "--user", "5", "--yes"], "there is nothing of this person"),
        (["purge", "--guild", "x", "--yes"], "an id is a number"),
        (["purge", "--before", "yesterday", "--yes"], "a day such as"),
        (["audit", "verify", "--head", "nonsense"], "is no head"),
    ],
)
async def test_bad_input_gets_a_line_that_names_the_remedy(
    closed_house: House, arguments: list[str], remedy: str
) -> None:
    async with closed_house.bot():
        status, said = await darkroom(closed_house, *arguments)

    assert 0 != status
    assert remedy in said
    assert "Traceback" not in said


async def test_a_folder_without_data_is_named(closed_house: House) -> None:
    for arguments in (["block", "5"], ["purge", "--user", "5"], ["audit", "verify"]):
        status, said = await darkroom(closed_house, *arguments)

        assert (1, 1) == (status, len(said.splitlines())), said
        assert "there is no data in" in said
    assert not closed_house.data.exists()


# --- the audit


async def _is_sound(house: House, *, entries: int) -> tuple[int, bool]:
    status, said = await darkroom(house, "audit", "verify")
    return status, f"your own commands: sound, {entries} entries" in said


async def test_a_changed_entry_is_named_with_status_1_and_a_kept_head_shows_an_old_copy(
    closed_house: House,
) -> None:
    async with closed_house.bot():
        await darkroom(closed_house, "block", "5")
    old = (closed_house.data / "darkroom.db").read_bytes()
    await darkroom(closed_house, "unblock", "5")
    _, kept = await darkroom(closed_house, "audit", "head")

    assert 0 == (await darkroom(closed_house, "audit", "verify", "--head", kept.strip()))[0]
    now = (closed_house.data / "darkroom.db").read_bytes()
    (closed_house.data / "darkroom.db").write_bytes(old)
    assert (0, True) == await _is_sound(closed_house, entries=1)
    status, said = await darkroom(closed_house, "audit", "verify", "--head", kept.strip())
    assert (1, True) == (status, "BROKEN at entry 2: the head you kept says otherwise" in said)
    edited = kept.strip().replace("darkroom-audit.0.2", "darkroom-audit.0.1")
    status, said = await darkroom(closed_house, "audit", "verify", "--head", edited)
    assert (1, True) == (status, "not signed by this house" in said)

    (closed_house.data / "darkroom.db").write_bytes(now)
    with sqlite3.connect(closed_house.data / "darkroom.db") as rows:
        rows.execute("UPDATE audit SET act = 'settings' WHERE seq = 1")
    rows.close()
    status, said = await darkroom(closed_house, "audit", "verify")
    assert (1, True) == (status, "BROKEN at entry 1: it is not what was written" in said)


async def test_a_moderator_sees_their_own_servers_acts_without_names(house: House) -> None:
    await asks(house["mod"], "general", "retention export")
    await darkroom(house, "block", _id(house, "ana"))

    listed = await asks(house["mod"], "general", "audit list")
    checked = await asks(house["mod"], "general", "audit verify")
    beyond = await asks(house["mod"], "general", "audit list", page=99)

    assert "you · exported the settings" in listed.content
    assert 1 == len([line for line in listed.content.splitlines() if line.startswith("- ")])
    assert "mod" not in listed.content.replace("moderator", "")
    assert "This server's audit is sound: 1 entry" in checked.content
    assert listed.content == beyond.content


@pytest.mark.parametrize("command", ["audit list", "audit verify"])
async def test_who_is_no_moderator_here_is_told_so(house: House, command: str) -> None:
    await asks(house["mod"], "general", "retention export")
    for shown in house.sandbox.world.commands.values():  # a server lets everybody see it
        shown.body["default_member_permissions"] = None

    refused = await asks(house["ana"], "general", command)

    assert "exported" not in refused.content
    assert "moderator" in refused.content
    assert "sound" not in refused.content


async def test_a_moderator_of_another_server_sees_an_empty_audit(house: House) -> None:
    await asks(house["mod"], "general", "retention export")
    listed = await asks(house["zoe"], "lobby", "audit list")

    assert "No moderator has changed or removed anything here" in listed.content
