"""The place becomes the result, once.

An edit is idempotent: repeating it changes nothing. A new message carries the job's nonce and a
button with the job's id: after a crash or a lost answer we look for it before we send it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from bot import log, words
from bot.crypto import tickets
from bot.domain import Channel, Choices, Ending, PersonHash
from bot.policy import plans, results
from bot.policy.delivery import Way, smaller_limits, way
from bot.policy.retention import DataClass, ServerLimits
from bot.ports import (
    Answer,
    Archived,
    Bell,
    Clock,
    Closed,
    Forbidden,
    Gone,
    Messenger,
    Post,
    Shrink,
    Standing,
    TooLarge,
    day_of,
)
from bot.route import PublicRoute, Route, StealthRoute
from bot.services.conclude import Conclude
from bot.services.copy import Copy
from bot.services.hands import Hands
from bot.services.heed import Heed, still_goes
from bot.services.lifetimes import Lifetimes
from bot.services.show import shown_of
from bot.storage import choices, deliveries, expiry, pictures, posts, recipes, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE
from bot.storage.memory import Memory
from bot.words import PublicShown, Shown
from gen import queue
from gen.card import Card
from gen.job import JobState

REQUEST_LIMIT_BYTES = 25 * 1024 * 1024
"""A whole message request (https://discord.com/developers/docs/resources/message)."""


@dataclass(frozen=True)
class Pictures:
    """What is uploaded; `are_smaller`: some were encoded again to fit."""

    contents: list[bytes] = field(repr=False)
    are_smaller: bool = False


@dataclass(frozen=True)
class Deliver:
    """Deliver rendered jobs. `card_of` gives a model's card by its name; None: it is gone."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    heed: Heed
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo
    hands: Hands
    shrink: Shrink
    card_of: Callable[[str], Card | None]
    copy: Copy
    delivering: Bell
    tidying: Bell

    async def look(self) -> None:
        """Take rendered jobs in hand that nobody has, as many as there is room for."""
        if not (room := self.hands.room(self._try, self.delivering)):
            return
        async with self.memory.db.read() as tx:
            jobs = await deliveries.jobs_in(tx, JobState.RENDERED, but=self.hands.busy(), most=room)
        self.hands.take_all(jobs, self._try)

    async def _try(self, job: str) -> None:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.state is not JobState.RENDERED:
            return
        if await self.heed(delivery):
            await self.conclude.unless(self._deliver, delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        if not await self._reaches_its_owner(route):
            await self.conclude(delivery, Ending.DM_CLOSED)
            return
        match await self._stand_however_small(delivery, route):
            case Standing(message_id):
                route = replace(route, result_id=message_id)
                await self._copy(delivery, route)
                await self._finish(delivery, route)
            case Closed():
                await self.conclude(delivery, Ending.DM_CLOSED)
            case Gone() | Forbidden() | Archived():
                await self.conclude(delivery, Ending.PLACE_GONE)
            case TooLarge():
                await self.conclude(delivery, Ending.FAILED)
            case None:  # its owner changed their mind just now: the next look heeds it
                return

    async def _reaches_its_owner(self, route: Route) -> bool:
        """Ask Discord once more whose DM a stealth result is about to stand in."""
        if isinstance(route, PublicRoute):
            return True
        return await self.messenger.open_dm(route.owner) == route.dm_id

    async def _stand_however_small(self, delivery: Delivery, route: Route) -> Answer | None:
        """Put the result in its place; when Discord finds it too large, encoded ever smaller."""
        pictures = await self._pictures(delivery, route)
        answer = await self._stand(delivery, route, pictures)
        for limit_bytes in smaller_limits(max(map(len, pictures.contents), default=0)):
            if not isinstance(answer, TooLarge):
                break
            pictures = await self._smaller(pictures, limit_bytes)
            answer = await self._stand(delivery, route, pictures)
        return answer

    async def _pictures(self, delivery: Delivery, route: Route) -> Pictures:
        async with self.memory.db.read() as tx:
            blobs = await pictures.of(tx, delivery.job)
        contents = [
            await self.memory.open_picture(delivery, position, sealed)
            for position, sealed in enumerate(await self.memory.read_files(blobs))
        ]
        share = REQUEST_LIMIT_BYTES * 9 // 10 // max(1, len(contents))
        return await self._smaller(Pictures(contents), min(route.upload_limit_bytes, share))

    async def _smaller(self, pictures: Pictures, limit_bytes: int) -> Pictures:
        fitting = [
            content
            if len(content) <= limit_bytes
            else await self.shrink(content, limit_bytes) or content
            for content in pictures.contents
        ]
        return Pictures(fitting, pictures.are_smaller or fitting != pictures.contents)

    async def _stand(self, delivery: Delivery, route: Route, pictures: Pictures) -> Answer | None:
        """Edit the place into the result, or put a new message in its stead."""
        if route.stands_in is None or route.message_id is None:
            return Gone()
        now = self.clock.now()
        chosen = way(
            waited_seconds=now - delivery.accepted_at,
            place_age_seconds=now - (delivery.placed_at or now),
        )
        replaces = chosen is Way.REPLACE or delivery.result_intended_at is not None
        if replaces:
            return await self._replace(delivery, route.stands_in, route.message_id, pictures)
        async with self.memory.db.transaction() as tx:
            if not await still_goes(self.memory, tx, delivery):
                return None
        post = await self._post(delivery, pictures, notify=False)
        answer = await self.messenger.edit(route.stands_in, route.message_id, post)
        if isinstance(answer, Archived):  # a new message wakes the thread, unless it is locked
            return await self._replace(delivery, route.stands_in, route.message_id, pictures)
        return answer

    async def _post(self, delivery: Delivery, pictures: Pictures, *, notify: bool) -> Post:
        return words.result(
            await self._shown(delivery),
            pictures.contents,
            notify=notify,
            are_smaller=pictures.are_smaller,
            offered=await self._offered(delivery),
        )

    async def _offered(self, delivery: Delivery) -> frozenset[str]:
        """Name what can be pressed under the result, by its model and its owner's plan."""
        spec = await self.memory.open_spec(delivery)
        card = self.card_of(spec.model)
        plan = plans.named(self.lifetimes.plans, delivery.plan or "")
        most = plan.max_pixels if plan else None
        return results.offered(card, spec, most) if card else frozenset()

    async def _copy(self, delivery: Delivery, route: Route) -> None:
        """Bring a public result to its owner's DM, too, if they want that and still want it."""
        if not isinstance(route, PublicRoute):
            return
        async with self.memory.db.transaction() as tx:
            chosen = await choices.read(tx, self.memory.keys, PersonHash(delivery.tenant))
            if not chosen.auto_dm or not await still_goes(self.memory, tx, delivery):
                return
        await self.copy.once(
            delivery.job,
            route.owner,
            (await self._pictures(delivery, route)).contents,
            await self.memory.open_spec(delivery),
            words.link(route.guild_id, route.channel_id, route.result_id),
            since=delivery.accepted_at,
        )

    async def _shown(self, delivery: Delivery) -> Shown:
        """Say what the result shows; a stealth one's buttons carry the key of its recipe."""
        shown = await shown_of(self.memory, delivery)
        if isinstance(shown, PublicShown):
            return shown
        async with self.memory.db.read() as tx:
            chosen = await choices.read(tx, self.memory.keys, PersonHash(delivery.tenant))
        until = self._last_day(chosen, delivery.plan)
        if until is None:
            return shown
        ticket = tickets.derive(await self.memory.keys.key(delivery.job, RECIPE))
        return replace(shown, ticket=ticket.text, until=until)

    async def _replace(
        self, delivery: Delivery, channel: Channel, place: int, pictures: Pictures
    ) -> Answer | None:
        """Send a new message, or find the one an earlier attempt may have sent.

        Whoever deleted the place did not want the result there either.
        """
        intended_at = delivery.result_intended_at
        if intended_at is not None:
            button = words.delete_button(delivery.job)
            found = await self.messenger.find(channel, button.custom_id, since=intended_at)
            if found is not None:
                return found
        if not await self.messenger.is_there(channel, place):
            return Gone()
        post = await self._post(delivery, pictures, notify=True)
        async with self.memory.db.transaction() as tx:
            if not await still_goes(self.memory, tx, delivery):
                return None
            await deliveries.intend_result(tx, delivery.job, self.clock.now())
        return await self.messenger.send(channel, post, nonce=f"r{delivery.job[:24]}")

    async def _finish(self, delivery: Delivery, route: Route) -> None:
        """Record the delivery, and destroy what it no longer needs.

        If the job ended otherwise while Discord answered, or its owner changed their mind, privacy
        wins: the next look heeds it, and `tidy` removes the result.
        """
        sealed, spec = await self.memory.seal_route(delivery, route), b""
        if isinstance(route, StealthRoute):
            spec = (await self.memory.open_spec(delivery)).to_json().encode()
        now, owner = self.clock.now(), PersonHash(delivery.tenant)
        async with self.memory.db.transaction() as tx:
            goes = await still_goes(self.memory, tx, delivery)
            if not goes or not await queue.end(tx, delivery.job, JobState.DELIVERED, now):
                return
            chosen = await choices.read(tx, self.memory.keys, owner)
            here = await servers.limits(tx, delivery.guild_id, delivery.channel_id)
            match route:
                case PublicRoute():
                    await self._keep_public(tx, delivery, route, chosen, here)
                case StealthRoute():
                    await self._keep_unlinked(tx, delivery, route, spec, chosen)
            blobs = await pictures.drop(tx, delivery.job)
            until = self.lifetimes.until(DataClass.RECORD, now, chosen, here, delivery.plan) or now
            await deliveries.close(tx, delivery.job, expires_at=until)
            await deliveries.result_stands(tx, delivery.job, sealed)
        public = isinstance(route, PublicRoute)
        await self.memory.keys.destroy(delivery.job, *((PICTURE,) if public else (PICTURE, RECIPE)))
        await self.memory.drop_files(blobs)
        log.event("job.delivered")
        self.tidying.ring()

    async def _keep_public(
        self,
        tx: Transaction,
        delivery: Delivery,
        route: PublicRoute,
        chosen: Choices,
        here: ServerLimits,
    ) -> None:
        """Remember where a public result stands, and keep the sealed recipe for its buttons."""
        now, owner = self.clock.now(), PersonHash(delivery.tenant)

        def until(kind: DataClass) -> int | None:
            return self.lifetimes.until(kind, now, chosen, here, delivery.plan)

        await posts.add(
            tx,
            posts.Standing(
                job=delivery.job,
                person=owner,
                guild_id=route.guild_id,
                channel_id=route.channel_id,
                message_id=route.result_id or 0,
                posted_at=now,
                expires_at=until(DataClass.POST),
            ),
        )
        await recipes.add(
            tx,
            recipes.Recipe(
                job=delivery.job,
                person=owner,
                guild_id=route.guild_id,
                sealed=delivery.payload or b"",
                made_at=now,
                expires_at=until(DataClass.RECIPE) or now,
            ),
        )

    async def _keep_unlinked(
        self,
        tx: Transaction,
        delivery: Delivery,
        route: StealthRoute,
        spec: bytes,
        chosen: Choices,
    ) -> None:
        """Keep a stealth recipe under nobody's name; its key is only in its owner's DM now."""
        until = self._last_day(chosen, delivery.plan)
        if until is None:
            return
        ticket = tickets.derive(await self.memory.keys.key(delivery.job, RECIPE))
        sealed = tickets.seal_recipe(ticket, route.owner, spec)
        await recipes.add_unlinked(tx, ticket.row, sealed, until)

    def _last_day(self, chosen: Choices, plan: str | None) -> str | None:
        """Give the last day of a recipe delivered now; None when it is not to outlive this one."""
        now = self.clock.now()
        until = self.lifetimes.until(DataClass.STEALTH_RECIPE, now, chosen, plan=plan)
        day = expiry.last_day(until or now, self.zone)
        return day if day >= day_of(now, self.zone) else None
