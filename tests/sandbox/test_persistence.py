"""The world outlives its process: what is on disk, when, and what comes back."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import aiohttp

from bot.sandbox import persistence
from bot.sandbox import shipped_world as shipped
from bot.sandbox.clock import Clock
from bot.sandbox.persistence import Keeper, plain, restore
from bot.sandbox.server import Sandbox
from bot.sandbox.world import World
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, begun, form, registered, sent


async def test_messages_people_files_and_commands_come_back(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with Sandbox(world_file=file) as first, People(first.url) as people:
        rest = Rest(people.session, first.url)
        await registered(rest)
        _, message = await rest("POST", GENERAL, data=form({"a.txt": b"kept"}, {"content": "x"}))
        await people.world(
            person={"name": "newt", "guilds": ["Elsewhere"]},
            channel={
                "guild": "Elsewhere",
                "name": "hidden",
                "overwrites": [{"role": "@everyone", "deny": ["view_channel"]}],
            },
            thread={"parent": "general", "name": "side"},
        )
        await people["ana"].change(dms="closed", roles=["Pro"], entitlements=["Plus"])
        (seen,) = await people["pia"].sees("general")
        await people["pia"].react(seen, "❤️")
        before = await people.everything()
        seen_before = await people["ana"].sees("general")

    async with Sandbox(world_file=file) as second, People(second.url) as people:
        after = await people.everything()
        seen_after = await people["ana"].sees("general")
        content = await people["ana"].download(seen_after[0].attachments[0])
        fresh = await people["ana"].say("general", "goes on")

    assert {k: v for k, v in after.items() if k != "now"} == {
        k: v for k, v in before.items() if k != "now"
    }
    assert seen_after[0].reactions == seen_before[0].reactions == {"❤️": ["pia"]}
    assert b"kept" == content
    assert int(fresh.id) > int(message["id"])


async def test_old_links_hold_after_a_restart_on_the_same_port(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with Sandbox(world_file=file) as first, People(first.url) as people:
        rest = Rest(people.session, first.url)
        _, message = await rest("POST", GENERAL, data=form({"a.txt": b"kept"}, {}))
    url = message["attachments"][0]["url"]

    async with (
        Sandbox(first.port, world_file=file),
        aiohttp.ClientSession() as session,
        session.get(url) as response,
    ):
        assert b"kept" == await response.read()


async def test_an_interaction_token_lives_through_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with Sandbox(world_file=file) as first, People(first.url) as people:
        rest = Rest(people.session, first.url)
        await registered(rest)
        act = await begun(first, people["ana"].slash("general", "ping"))
        await rest("POST", act.callback, {"type": 5, "data": {"flags": 64}})
        await act.task

    async with Sandbox(world_file=file) as second, People(second.url) as people:
        rest = Rest(people.session, second.url)
        body = {"content": "after all"}
        status, _ = await rest("PATCH", f"{act.webhook}/messages/@original", body)
        (seen,) = await people["ana"].sees("general")

    assert 200 == status
    assert (seen.content, seen.ephemeral) == ("after all", True)


async def test_a_change_is_on_disk_soon(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    saved = asyncio.Event()

    class Watched(Keeper):
        def save(self, world: World) -> None:
            super().save(world)
            saved.set()

    keeper = Watched(file)
    async with Sandbox(world=keeper.load(Clock())) as sandbox, People(sandbox.url) as people:
        keeper.watch(sandbox.world)
        await people["ana"].say("general", "remember this")
        async with asyncio.timeout(5):
            await saved.wait()
        kept = json.loads(file.read_text("utf-8"))
        keeper.close(sandbox.world)

    assert persistence.SAVE_AFTER_SECONDS <= 1
    contents = [one["content"] for one in kept["messages"][str(shipped.GENERAL_ID)].values()]
    assert ["remember this"] == contents


async def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with Sandbox(world_file=file) as sandbox, People(sandbox.url) as people:
        await sent(Rest(people.session, sandbox.url))

    assert {"world.json", "world.json.files"} == set(os.listdir(tmp_path))


def test_every_entity_survives_the_way_to_json_and_back() -> None:
    world = shipped.build(Clock(owned=True))

    for name, kind in persistence._KEPT.items():
        before = getattr(world, name)
        assert restore(kind, json.loads(json.dumps(plain(before)))) == before


async def test_a_nonce_is_remembered_through_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    ids = []
    for _ in range(2):
        async with Sandbox(world_file=file) as sandbox, People(sandbox.url) as people:
            rest = Rest(people.session, sandbox.url)
            ids.append((await sent(rest, nonce="j1", enforce_nonce=True))["id"])

    assert ids[0] == ids[1]


async def test_the_world_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with Sandbox(world_file=file):
        pass

    assert "600" == oct(os.stat(file).st_mode)[-3:]
    assert "700" == oct(os.stat(f"{file}.files").st_mode)[-3:]


_SERVE = """
import asyncio, sys
from pathlib import Path
from bot.sandbox.server import serve
started = lambda url: print(url, flush=True)
asyncio.run(serve(0, Path(sys.argv[1]), None, started=started))
"""


async def test_a_process_says_where_it_is_and_saves_when_told_to_stop(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    for n in (1, 2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVE, str(file), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(20):
            url = (await process.stdout.readline()).decode().strip()
            async with People(url) as people:
                await people["ana"].say("general", str(n))
                seen = [one.content for one in await people["pia"].sees("general")]
            process.terminate()
            assert 0 == await process.wait()
        assert [str(one) for one in range(1, n + 1)] == seen
