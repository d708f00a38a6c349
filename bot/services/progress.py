"""Progress of running jobs, at Discord's pace: only the newest, one edit of a message at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot import log, words
from bot.policy.pacing import Pace, may_edit
from bot.ports import Clock, Forbidden, Gone, Messenger, Post
from bot.route import Route
from bot.words import Shown
from gen.messages import Progress


@dataclass
class Board:
    """All places that show progress. Skipped progress is never sent later."""

    messenger: Messenger
    clock: Clock
    _any_edited_at: float = float("-inf")
    _edited_at: dict[str, float] = field(default_factory=dict)
    _edits: dict[str, asyncio.Task[bool]] = field(default_factory=dict)
    _is_leaving: bool = False

    def show(self, shown: Shown, route: Route, news: Progress) -> None:
        """Edit a place to this step if the pace allows it. Does not wait for Discord."""
        if not self.is_due(shown.job):
            return
        self._edited_at[shown.job] = self._any_edited_at = self.clock.monotonic()
        post = words.progress(shown, news.step, news.steps, news.preview)
        self._edits[shown.job] = asyncio.create_task(self._edit(route, post))

    def is_due(self, job: str) -> bool:
        """Say whether the pace allows a job's place an edit now."""
        if self._is_leaving:
            return False
        pace = Pace(self._edited_at.get(job, float("-inf")), self._any_edited_at)
        edit = self._edits.get(job)
        return may_edit(pace, self.clock.monotonic()) and (edit is None or edit.done())

    def vanished(self, job: str) -> bool:
        """Say whether an edit found that the place is gone, or takes no result any more."""
        edit = self._edits.get(job)
        return edit is not None and edit.done() and not edit.cancelled() and edit.result()

    async def settle(self, job: str) -> None:
        """Wait for the edit under way: no progress may land after the result."""
        if edit := self._edits.get(job):
            await asyncio.wait({edit})
        self._edits.pop(job, None)
        self._edited_at.pop(job, None)

    async def leave(self, seconds: float) -> None:
        """Show no more, and wait so long for the edits under way: then they are let go."""
        self._is_leaving = True
        if edits := list(self._edits.values()):
            _, unanswered = await asyncio.wait(edits, timeout=seconds)
            for edit in unanswered:
                edit.cancel()

    async def _edit(self, route: Route, post: Post) -> bool:
        if route.stands_in is None or route.message_id is None:
            return False
        try:
            answer = await self.messenger.edit(route.stands_in, route.message_id, post)
        except Exception as fault:  # noqa: BLE001  # progress is never worth a job
            log.event("progress.skipped", fault=fault)
            return False
        return isinstance(answer, Gone | Forbidden)
