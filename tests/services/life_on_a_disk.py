"""A child process that lives for a while on a disk of its own, in a mount namespace of its own.

`python -m tests.services.life_on_a_disk IMAGE FOLDER sealed|open`: mounts the image, lets three
people ask, be served and erase, and unmounts it. Whoever started it may then read every block.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from pathlib import Path

from bot.crypto import envelope
from bot.crypto.receipts import Scope
from bot.crypto.rootkey import Source
from bot.domain import PersonId, Visibility
from bot.storage.memory import open_memory
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger
from tests.prove.erasure import NoCipher
from tests.services.conftest import ANA, MOD, PRO_ROLE, House
from tests.services.erasing import Eraser

PROMPTS = 60
PEOPLE = (ANA, MOD, PersonId(13))


def word(number: int) -> str:
    """A word that is in one prompt alone."""
    return f"xylophone{number:04}marmalade"


async def live(data: Path) -> None:
    """Ask, be served, cancel, and erase everything of one person in the end."""
    memory = await open_memory(data, Source(data.with_suffix(".key")), {})
    house = House(memory, FakeMessenger(), FakeEngine(), FakeClock(), FakeIds())
    eraser = Eraser(house)
    for number, person, seen in zip(
        range(PROMPTS), itertools.cycle(PEOPLE), itertools.cycle(Visibility), strict=False
    ):
        job = await house.accepted(
            word(number), person=person, visibility=seen, role_ids=frozenset({PRO_ROLE})
        )
        if number % 10 == 9:
            await house.cancel(job, person)
        if number % 3 == 2:
            await house.finish()
    await eraser.erased(Scope.EVERYTHING)
    await memory.close()


def main() -> None:
    """Do it."""
    image, folder, how = sys.argv[1:]
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        if how == "open":
            envelope.AESGCM = NoCipher
        asyncio.run(live(Path(folder) / "data"))
    finally:
        os.sync()
        subprocess.run(["umount", folder], check=True)


if __name__ == "__main__":
    main()
