"""What is shown of jobs that wait and run, at Discord's pace: of each only the newest state.

A state that may not be shown yet is kept until it may, or until a newer one takes its place. It is
drawn only when its turn has come: what its owner wants is read then, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from bot import log
from bot.policy.pacing import EDIT_SECONDS, News, Pace, next_edit
from bot.ports import Clock, Forbidden, Gone, Messenger, Post
from bot.route import Route

Draw = Callable[[], Awaitable[Post | None]]
"""Makes the message as it should read now; None when it should be left as it is."""


class _Edit(Enum):
    """What became of an edit."""

    SHOWN = auto()  #: or there was nothing to show
    MISSED = auto()
    VANISHED = auto()


@dataclass(frozen=True)
class _State:
    """The newest state of a job, not shown yet."""

    route: Route
    draw: Draw


@dataclass
class Board:
    """All places that show how their jobs stand."""

    messenger: Messenger
    clock: Clock
    _unshown: dict[str, _State] = field(default_factory=dict, repr=False)
    _stands_since: dict[str, float] = field(default_factory=dict, repr=False)
    _edited_at: dict[int, float] = field(default_factory=dict, repr=False)
    _any_edited_at: float = float("-inf")
    _edits: dict[str, asyncio.Task[_Edit]] = field(default_factory=dict, repr=False)
    _is_leaving: bool = False

    def show(self, job: str, route: Route, draw: Draw) -> None:
        """Remember how a job stands now, and edit what the pace allows. Waits for nothing."""
        self._unshown[job] = _State(route, draw)
        self._stands_since.setdefault(job, self.clock.monotonic())
        self.go_on()

    def go_on(self) -> None:
        """Edit the messages whose turn it is."""
        while not self._is_leaving and (chosen := self._chosen()):
            now, job = self.clock.monotonic(), chosen.message
            state = self._unshown.pop(job)
            self._stands_since[job] = self._edited_at[chosen.channel] = self._any_edited_at = now
            self._edits[job] = asyncio.create_task(self._edit(state))

    async def look(self) -> None:
        """Go on when nothing is heard: what was held back is shown as soon as it may."""
        self.go_on()
        rested = self.clock.monotonic() - EDIT_SECONDS
        self._edited_at = {where: at for where, at in self._edited_at.items() if at > rested}

    def vanished(self, job: str) -> bool:
        """Say whether an edit found that the place is gone, or takes no result any more."""
        return self._last(job) is _Edit.VANISHED

    def missed(self, job: str) -> bool:
        """Say whether an edit failed: what it was to show is not shown."""
        return self._last(job) is _Edit.MISSED

    def _last(self, job: str) -> _Edit | None:
        edit = self._edits.get(job)
        return edit.result() if edit and edit.done() and not edit.cancelled() else None

    async def settle(self, job: str) -> None:
        """Show no more of a job, and wait for the edit under way: none may land after its end."""
        self._unshown.pop(job, None)
        if edit := self._edits.get(job):
            await asyncio.wait({edit})
        self._unshown.pop(job, None)
        self._edits.pop(job, None)
        self._stands_since.pop(job, None)

    async def leave(self, seconds: float) -> None:
        """Show no more, and wait so long for the edits under way: then they are let go."""
        self._is_leaving = True
        if edits := list(self._edits.values()):
            _, unanswered = await asyncio.wait(edits, timeout=seconds)
            for edit in unanswered:
                edit.cancel()

    def _chosen(self) -> News | None:
        """Whose turn it is, of those with nothing under way."""
        waiting = [
            News(job, state.route.stands_in, self._stands_since[job])
            for job, state in self._unshown.items()
            if state.route.stands_in is not None and self._is_free(job)
        ]
        pace = Pace(self._edited_at, self._any_edited_at)
        return next_edit(waiting, pace, self.clock.monotonic())

    def _is_free(self, job: str) -> bool:
        edit = self._edits.get(job)
        return edit is None or edit.done()

    async def _edit(self, state: _State) -> _Edit:
        route = state.route
        try:
            post = await state.draw()
            if post is None or route.stands_in is None or route.message_id is None:
                return _Edit.SHOWN
            answer = await self.messenger.edit(route.stands_in, route.message_id, post)
        except Exception as fault:  # noqa: BLE001  # progress is never worth a job
            log.event("progress.skipped", fault=fault)
            return _Edit.MISSED
        return _Edit.VANISHED if isinstance(answer, Gone | Forbidden) else _Edit.SHOWN
