"""The house with one rule of stealth taken out: each of these the harness must catch.

They change a method of a class, in this process and only while the block lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from bot import log, words
from bot.crypto import tickets
from bot.crypto.envelope import unseal
from bot.domain import ChannelId, Ending, PersonId, Visibility
from bot.ports import Closed, Post
from bot.route import PublicRoute, StealthRoute
from bot.services import deliver, dispatch, place
from bot.services.cancel import Cancel, Cancelled, Outcome
from bot.services.conclude import Conclude
from bot.services.dispatch import Dispatch
from bot.services.heed import Heed
from bot.services.move import Move
from bot.services.place import Place
from bot.services.recall import Recall, Recalled
from bot.services.remove import Removal, Remove
from bot.storage import deliveries, recipes
from bot.storage.keyring import RECIPE
from bot.storage.memory import bound_to
from gen.job import ENDED, Spec
from gen.messages import Failed

CHANNEL = ChannelId(200)
"""A channel that a mutant knows, whatever the route says."""


@contextmanager
def patched(owner: object, **deeds: Any) -> Iterator[None]:
    """Put other deeds in the place of some, for as long as the block lasts."""
    before = {name: getattr(owner, name) for name in deeds}
    try:
        for name, deed in deeds.items():
            setattr(owner, name, deed)
        yield
    finally:
        for name, deed in before.items():
            setattr(owner, name, deed)


@contextmanager
def fall_back_to_the_channel() -> Iterator[None]:
    """A closed DM (50007): the job goes to a channel instead."""
    make, opened = Place._place, Place._opened

    async def open_or_fall_back(self: Place, route: Any) -> Any:
        found = await opened(self, route)
        return found if found is not None else _public(route)

    async def send_or_fall_back(self: Place, delivery: Any) -> None:
        route = await self.memory.open_route(delivery)
        if isinstance(route, StealthRoute):
            dm = await self.messenger.open_dm(route.owner)
            post = words.waiting(words.StealthShown(delivery.job, route.owner))
            if isinstance(dm, Closed) or isinstance(
                await self.messenger.send(dm, post, nonce=f"p{delivery.job[:24]}"), Closed
            ):
                await self.messenger.send(CHANNEL, post, nonce=f"p{delivery.job[:24]}")
        await make(self, delivery)

    with patched(Place, _opened=open_or_fall_back, _place=send_or_fall_back):
        yield


def _public(route: StealthRoute) -> PublicRoute:
    return PublicRoute(
        owner=route.owner,
        guild_id=100,
        channel_id=CHANNEL,
        interaction_token=route.interaction_token,
        upload_limit_bytes=route.upload_limit_bytes,
    )


@contextmanager
def preview_to_the_channel() -> Iterator[None]:
    """A preview of every running job is shown in a channel."""
    draw = Dispatch._drawn

    async def draw_and_show(self: Dispatch, work: Any, news: Any, seconds: float) -> Post | None:
        post = await draw(self, work, news, seconds)
        public = words.PublicShown(work.lease.job, work.route.owner, None)
        files = words.progress(public, news.step, news.steps, news.preview).files
        nonce = f"n{work.lease.job[:16]}{news.step}"
        await self.board.messenger.send(CHANNEL, Post("", files=files), nonce=nonce)
        return post

    with patched(Dispatch, _drawn=draw_and_show):
        yield


@contextmanager
def prompt_in_an_error() -> Iterator[None]:
    """What was asked for is quoted where a failure is logged."""
    heed = Dispatch._heed

    async def quote(self: Dispatch, work: Any, event: Any) -> None:
        if isinstance(event, Failed):
            spec = await self.memory.open_spec(work.delivery)
            log.event(f"worker.failed: {spec.prompt}")
        await heed(self, work, event)

    with patched(Dispatch, _heed=quote):
        yield


@contextmanager
def wrong_recipient() -> Iterator[None]:
    """The DM that is opened is another person's."""

    async def open_another(self: Place, route: Any) -> Any:
        if isinstance(route, PublicRoute):
            return route
        dm = await self.messenger.open_dm(PersonId(route.owner ^ 7))
        return None if isinstance(dm, Closed) else replace(route, dm_id=dm)

    with patched(Place, _opened=open_another):
        yield


@contextmanager
def no_owner_check() -> Iterator[None]:
    """Whoever presses a button is taken for its owner."""

    async def cancel(self: Cancel, job: str, _: PersonId) -> Cancelled:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None:
            return Cancelled(Outcome.NOT_YOURS)
        ended = await self.conclude(delivery, Ending.CANCELLED)
        self.engine.cancel(job)
        return Cancelled(Outcome.CANCELLED if ended else Outcome.ENDED)

    async def recall(self: Recall, job: str, _: PersonId) -> Recalled | None:
        async with self.memory.db.read() as tx:
            recipe = await recipes.get(tx, job)
        if recipe is None:
            return None
        key = await self.memory.keys.key(job, RECIPE)
        plain = unseal(key, recipe.sealed, bound_to(job, recipe.person, RECIPE))
        return Recalled(Spec.from_json(plain.decode()), Visibility.PUBLIC)

    async def remove(self: Remove, job: str, _: PersonId, dm_message: Any = None) -> Removal:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is not None and delivery.state not in ENDED:
            await self.conclude(delivery, Ending.CANCELLED)
            return Removal.GONE
        return Removal.NOT_YOURS

    key_of = tickets._cipher_key
    with ExitStack() as stack:
        stack.enter_context(patched(Cancel, __call__=cancel))
        stack.enter_context(patched(Recall, _public=recall))
        stack.enter_context(patched(Remove, __call__=remove))
        stack.enter_context(patched(tickets, _cipher_key=lambda ticket, _: key_of(ticket, 0)))
        yield


STEALTH = {
    "fall back to the channel on 50007": fall_back_to_the_channel,
    "a preview to the channel": preview_to_the_channel,
    "the prompt in an error": prompt_in_an_error,
    "the wrong recipient": wrong_recipient,
    "no owner check on buttons": no_owner_check,
}
"""What P1 must catch."""


@contextmanager
def not_heeded() -> Iterator[None]:
    """Nobody reads again what the owner wants now, and nothing is moved."""

    async def goes(*_: object) -> bool:
        return True

    async def stays(*_: object) -> None:
        return None

    with ExitStack() as stack:
        for module in (place, dispatch, deliver):
            stack.enter_context(patched(module, still_goes=_still_open))
        stack.enter_context(patched(Heed, __call__=goes))
        stack.enter_context(patched(Move, within=stays))
        yield


async def _still_open(_: object, tx: Any, delivery: Any) -> bool:
    """Whether a job is open, and no word about its owner."""
    now = await deliveries.get(tx, delivery.job)
    return now is not None and now.state not in ENDED


@contextmanager
def not_ended() -> Iterator[None]:
    """An erasure leaves running what runs, besides."""

    async def leaves(*_: object) -> None:
        return None

    with not_heeded(), patched(Conclude, within=leaves):
        yield


NOT_READ_AGAIN = "nobody reads again what the owner wants, and nothing is moved"
TIGHTENING = {NOT_READ_AGAIN: not_heeded, "besides, nothing is ended": not_ended}
"""What P5 must catch."""
