"""Where a job stands in line, and when it will be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.services.studio import Studio
from bot.storage.database import Transaction
from gen import queue
from gen.fairness import Sharing
from gen.queue import Outlook


@dataclass(frozen=True)
class Foresee:
    """Look ahead for one open job. `done` says which share of a running job's steps is done."""

    studio: Studio
    sharing: Sharing
    done: Callable[[str], float]

    async def __call__(self, tx: Transaction, job: str) -> Outlook:
        """Give its place in line, and the seconds until it is done if nobody asks for more."""
        engine = self.studio.engine
        return await queue.outlook(
            tx,
            job,
            sharing=self.sharing,
            engines=engine.workers,
            rows=engine.ready.row_cap // engine.workers if engine.ready else 1,
            done=self.done,
            change=self.studio.change_seconds,
        )
