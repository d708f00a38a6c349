"""The whole check, from an empty folder to a verdict."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.children import Children, unless_stopped
from bot.selfcheck import report, stage, witness
from bot.selfcheck.people import People
from bot.selfcheck.report import Verdict
from bot.selfcheck.scene import Scene
from bot.selfcheck.search import Searcher
from bot.selfcheck.stage import Break, Folder, Stage
from bot.selfcheck.table import MUST_STAND
from bot.selfcheck.witness import Contacts
from bot.settings import Settings


@dataclass(frozen=True)
class Choices:
    """What the command line said. `keep` is None for a folder that goes with the check."""

    keep: Path | None = None
    broken: Break | None = None


async def run(choices: Choices, chosen: Settings, stopping: asyncio.Event) -> Verdict:
    """Set up, play, look, search.

    Raises:
        StartFault: the check could not be made.
        Stopped: we were told to end before it was done.
    """
    async with AsyncExitStack() as closing:
        folder = Folder(_place_of(choices, closing))
        folder.make()
        closing.callback(folder.forget_keys)  # of a job that was cut off: nobody will need them
        on_stage = await stage.set_up(folder, chosen, choices.broken, Children(closing), stopping)
        contacts = Contacts()
        scene = await _play(on_stage, contacts, stopping)
        contacts.inside = witness.hosts(folder.witness)
        return await asyncio.to_thread(_judge, scene, contacts)


def _place_of(choices: Choices, closing: AsyncExitStack) -> Path:
    if choices.keep is not None:
        return choices.keep.resolve()
    return Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-"))).resolve()


async def _play(on_stage: Stage, contacts: Contacts, stopping: asyncio.Event) -> Scene:
    """Play the scene, watched from outside."""
    watching = asyncio.create_task(witness.watch(on_stage.family, contacts))
    try:
        async with aiohttp.ClientSession(on_stage.url) as session:
            scene = Scene(on_stage, People(session))
            await unless_stopped(scene.play(), stopping)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return scene


def _judge(scene: Scene, contacts: Contacts) -> Verdict:
    searcher = Searcher(scene.secrets)
    rows = searcher.rows(scene.exhibits)
    kinds = {secret.kind for secret in scene.secrets}
    stood = {(kind, row.place, row.moment) for row in rows for kind in row.stood}
    folder = scene.stage.folder
    own = [folder.path, *filter(None, (scene.in_memory,))]
    return Verdict(
        rows=tuple(rows),
        patterns=report.counted((each.kind, len(each.patterns)) for each in scene.secrets),
        blind=tuple(
            f"the search is blind: it did not see {kind} in {place}, when: {moment}"
            for kind, place, moment in MUST_STAND
            if kind in kinds and (kind, place, moment) not in stood
        ),
        contacts=contacts,
        sandbox=scene.stage.url.removeprefix("http://"),
        within_reach=scene.within_reach,
        written_elsewhere=len(witness.written_outside(folder.witness, own)),
        untried_bytes=searcher.budget.untried_bytes,
    )
