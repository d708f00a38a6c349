"""Copies of everything that could be looked at, as it stands at a moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import psutil

from bot.selfcheck.people import People, is_ours_alone
from bot.selfcheck.stage import Stage
from bot.selfcheck.table import Exhibit, Moment, Place


async def look(stage: Stage, people: People, moment: Moment, keeper: str) -> list[Exhibit]:
    """Hold everything still and copy it; `keeper` is whose DM holds the stealth job."""
    stage.hold()
    try:
        on_the_machine = await asyncio.to_thread(lambda: list(_on_the_machine(stage, moment)))
        return on_the_machine + await _at_discord(people, moment, keeper)
    finally:
        stage.go_on()


def _on_the_machine(stage: Stage, moment: Moment) -> Iterator[Exhibit]:
    folder = stage.folder
    yield from _files(folder.data, moment, Place.DATA)
    yield from _files(folder.said, moment, Place.SAID)
    yield from _files(folder.temporary, moment, Place.TEMPORARY)
    in_memory = folder.in_memory()
    if in_memory is not None:
        yield from _files(in_memory, moment, Place.IN_MEMORY)
    for path in (folder.home, folder.root_key, folder.witness):
        yield from _files(path, moment, Place.AROUND)
    for process in stage.family():
        yield from _of_process(process, moment)


def _files(path: Path, moment: Moment, place: Place) -> Iterator[Exhibit]:
    """Copy a file, or a folder's files and their names: a name can tell as well."""
    paths = sorted(path.rglob("*")) if path.is_dir() else [path]
    for each in paths:
        if each.is_symlink() or not each.is_file():
            continue
        try:
            yield Exhibit(moment, place, each.read_bytes(), path=each)
        except OSError:
            continue  # gone meanwhile
    if path.is_dir():
        names = "\n".join(str(each.relative_to(path)) for each in paths)
        yield Exhibit(moment, place, names.encode(errors="surrogateescape"))


def _of_process(process: psutil.Process, moment: Moment) -> Iterator[Exhibit]:
    """Copy what other programs of the same user may read of a process."""
    for read in (process.cmdline, process.environ):
        try:
            yield Exhibit(moment, Place.PROCESS, repr(read()).encode())
        except psutil.Error:
            continue  # it lets nobody look, or has ended


async def _at_discord(people: People, moment: Moment, keeper: str) -> list[Exhibit]:
    """Copy what everybody sees everywhere, and every file that they could save."""
    world = await people.everything()
    exhibits, files = [], dict[str, bytes]()
    for person in [each["name"] for each in world["users"]]:
        for channel in [*(each["id"] for each in world["channels"]), "dm"]:
            own = person == keeper and channel == "dm"
            for message in await people.sees(person, channel):
                place = Place.OWN_DM if own and not is_ours_alone(message) else Place.OTHERS
                texts = (json.dumps(message), json.dumps(message, ensure_ascii=False))
                exhibits += [Exhibit(moment, place, each.encode(), viewer=person) for each in texts]
                for file in message["attachments"]:
                    if file["id"] not in files:
                        files[file["id"]] = await people.download(file["url"])
                    exhibits.append(Exhibit(moment, place, files[file["id"]], viewer=person))
    return exhibits
