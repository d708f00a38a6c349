"""`python -m tests.prove.purged URL FOLDER [forgets|insists]`: a bot that purges, to be killed.

The whole bot but for its worker, over real discord.py, until somebody ends the process. Broken on
purpose it `forgets` how far it got, or `insists` where a channel refuses.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from bot import app, log, settings
from bot.errors import DiscordTrouble
from bot.services.unpost import Unpost
from bot.storage import purges
from tests.fakes import FakeEngine
from tests.journeys.house import TOKEN
from tests.prove.mutants import patched


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def _forgets(*_: object) -> None:
    return


async def _insists(self: Unpost, underway, channel, left):  # type: ignore[no-untyped-def]
    for post in left[1:]:
        try:
            await self.messenger.delete(channel, post.message_id)
        except DiscordTrouble:
            continue
    return await CLOSE(self, underway, channel, left)


CLOSE = Unpost._close
BROKEN = {
    "forgets": (purges, {"keep": _forgets}),
    "insists": (Unpost, {"_close": _insists}),
}


async def main(url: str, folder: Path, broken: str) -> None:
    """Run until the end."""
    chosen = settings.load(folder / "no.env", discord_token=TOKEN, data_dir=folder)
    with ExitStack() as stack:
        if broken:
            where, what = BROKEN[broken]
            stack.enter_context(patched(where, **what))
        await app.run(
            chosen,
            url,
            lambda _: _say_ready(),
            asyncio.Event(),
            make_engine=lambda _: FakeEngine(),
        )


if __name__ == "__main__":
    log.set_up("warning")
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if sys.argv[3:] else ""))
