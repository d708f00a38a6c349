"""A copy of one's own public result comes to one's DM: by ✉️, or each time where they want that.

The pictures are the message's own. A DM that is closed gets nothing, and nothing stands elsewhere
instead. By ✉️ it is sent at most once a minute; of a result that is delivered with one, once: the
copy is looked for before it is sent, so that neither a crash nor a lost answer makes two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot import log
from bot.domain import JobId, PersonId
from bot.errors import Refused
from bot.policy.delivery import smaller_limits
from bot.ports import Clock, Closed, Fetch, File, Messenger, Shrink, TooLarge
from bot.services.recall import Recall
from bot.storage.posts import Standing
from bot.words import results
from bot.words.answers import link
from bot.words.posts import ALT_TEXT, suffix_of
from gen.job import Spec

DM_LIMIT_BYTES = 10 * 1024 * 1024 - 64 * 1024
"""What Discord takes in a DM (https://discord.com/developers/docs/reference#uploading-files)."""

REST_SECONDS = 60.0
MOST_REMEMBERED = 1000


@dataclass
class Copy:
    """Send copies of public results to their owners."""

    messenger: Messenger
    recall: Recall
    fetch: Fetch
    shrink: Shrink
    clock: Clock
    _sent: dict[JobId, float] = field(default_factory=dict, repr=False)

    async def __call__(self, post: Standing, owner: PersonId) -> None:
        """Copy a result that stands, if its pictures can be had."""
        if not self._is_due(post.job):
            return
        found = await self.messenger.read_back(post.channel_id, post.message_id)
        if found is None or not found.pictures:
            return
        fetched = [await self.fetch(each.url) for _, each in sorted(found.pictures.items())]
        pictures = [each for each in fetched if isinstance(each, bytes)]
        if len(pictures) < len(fetched):
            log.event("copy.unfetched")
            return
        recalled = await self.recall(post.job, owner)
        spec = recalled.spec if recalled else None
        at = link(post.guild_id, post.channel_id, post.message_id)
        await self._send(post.job, owner, pictures, spec, at)

    async def once(
        self,
        job: JobId,
        owner: PersonId,
        pictures: Sequence[bytes],
        spec: Spec,
        at: str,
        *,
        since: int,
    ) -> None:
        """Send the copy of a result that has just been put in its place, unless it was sent before.

        `since` is when its job was accepted (seconds since 1970).

        Raises:
            Unreachable: nobody knows whether it was; doing it again finds out.
        """
        try:
            dm = await self.messenger.open_dm(owner)
            if isinstance(dm, Closed):
                return
            button = results.copy_button(job)
            if await self.messenger.find(dm, button.custom_id, since=since) is None:
                await self._send(job, owner, pictures, spec, at)
        except Refused as fault:  # of a copy: the result itself stands
            log.event("copy.refused", fault=fault)

    async def _send(
        self, job: JobId, owner: PersonId, pictures: Sequence[bytes], spec: Spec | None, at: str
    ) -> None:
        dm = await self.messenger.open_dm(owner)
        if isinstance(dm, Closed):
            return
        for limit_bytes in (DM_LIMIT_BYTES, *smaller_limits(DM_LIMIT_BYTES)):
            fitting = [
                each if len(each) <= limit_bytes else await self.shrink(each, limit_bytes) or each
                for each in pictures
            ]
            post = results.copied(
                job,
                tuple(
                    File(f"image-{number}{suffix_of(each)}", each, ALT_TEXT)
                    for number, each in enumerate(fitting, start=1)
                ),
                spec.prompt if spec else None,
                spec.seeds if spec else (),
                at,
                results.made_as(spec) if spec else "",
            )
            answer = await self.messenger.send(dm, post, nonce=f"c{job[:24]}")
            if not isinstance(answer, TooLarge):
                return

    def _is_due(self, job: JobId) -> bool:
        now = self.clock.monotonic()
        if now - self._sent.get(job, float("-inf")) < REST_SECONDS:
            return False
        self._sent = {each: at for each, at in self._sent.items() if now - at < REST_SECONDS}
        if len(self._sent) >= MOST_REMEMBERED:
            return False
        self._sent[job] = now
        return True
