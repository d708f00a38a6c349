"""A person takes everything of theirs with them: a ZIP in their DM, once a day.

This is the only code that gives out pictures together with what they were made from, and it gives
them to their owner alone. The file is made in memory and is on no disk of ours.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, tzinfo
from enum import StrEnum

from bot import log, words
from bot.crypto.envelope import unseal
from bot.domain import Choices, DmId, JobId, OptOut, PersonHash, PersonId, Visibility
from bot.errors import KeyGone, SealBroken, Unreachable
from bot.policy.entries import NEVER_HELD
from bot.policy.retention import DataClass
from bot.ports import Clock, Closed, File, Ids, Messenger, Post, Standing, day_of
from bot.services.lifetimes import Lifetimes
from bot.services.recall import Recall
from bot.services.walk import Walk
from bot.storage import acts, choices, contests, deliveries, exports, inputs, pictures, recipes
from bot.storage.acts import Actor, Deed
from bot.storage.contests import Contest
from bot.storage.deliveries import Delivery
from bot.storage.keyring import RECIPE
from bot.storage.memory import Memory, bound_to
from bot.storage.recipes import Recipe
from bot.words import keeping
from bot.words.posts import suffix_of
from gen.job import JobState, Spec

SCHEMA = 1
"""Version of `data.json`; a change that could break a reader raises it."""

LIMIT_BYTES = 10 * 1024 * 1024 - 64 * 1024
"""What Discord takes in a DM (https://discord.com/developers/docs/reference#uploading-files), less
room for the message around it."""

_ENTRY_BYTES = 256
"""What a ZIP needs for an entry besides its content: two headers and its name twice."""

_DISCORD_EPOCH_MS = 1_420_070_400_000
"""(https://discord.com/developers/docs/reference#snowflakes)"""

Section = list[dict[str, object]]


class Exported(StrEnum):
    """What became of the wish. Only the first uses the day's export up."""

    SENT = "sent"
    ONCE_A_DAY = "once-a-day"
    DM_CLOSED = "dm-closed"
    NOT_NOW = "not-now"  #: Discord did not answer, or would not take it
    ERASING = "erasing"  #: an erasure of theirs is under way
    OPTED_OUT = "opted-out"  #: nothing is processed, and everything was erased


@dataclass(frozen=True)
class _Picture:
    """One picture still held, and the job it belongs to."""

    job: JobId
    filename: str
    content: bytes = field(repr=False)


@dataclass
class Export:
    """Give a person a copy of all there is of them."""

    memory: Memory
    messenger: Messenger
    walk: Walk
    recall: Recall
    lifetimes: Lifetimes
    clock: Clock
    ids: Ids
    zone: tzinfo
    _under_way: set[PersonHash] = field(default_factory=set, repr=False)

    async def __call__(self, person: PersonId) -> Exported:
        """Send it to their DM, or say why not."""
        hashed = self.memory.keys.person(person)
        if hashed in self._under_way:
            return Exported.ONCE_A_DAY
        self._under_way.add(hashed)
        try:
            return await self._forbidden(hashed) or await self._send(person)
        except Unreachable as fault:
            log.event("export.unreachable", fault=fault)
            return Exported.NOT_NOW
        finally:
            self._under_way.discard(hashed)

    async def _forbidden(self, person: PersonHash) -> Exported | None:
        async with self.memory.db.read() as tx:
            if await choices.opt_out(tx, person) is OptOut.NO_PROCESSING:
                return Exported.OPTED_OUT
            if await exports.is_being_erased(tx, person):
                return Exported.ERASING
            is_used_up = await exports.last_day(tx, person) == self._today
        return Exported.ONCE_A_DAY if is_used_up else None

    async def _send(self, person: PersonId) -> Exported:
        dm = await self.walk.open(person)
        if isinstance(dm, Closed):
            return Exported.DM_CLOSED
        hashed, today = self.memory.keys.person(person), self._today
        data, images = await self._gather(person, dm)
        packed, left_out = await asyncio.to_thread(pack, data, images, today)
        if forbidden := await self._forbidden(hashed):  # said while we gathered: it wins
            return forbidden
        name = self.ids.job()
        post = Post(
            keeping.export_sent(today, left_out),
            (File("darkroom-export.zip", packed),),
            (words.delete_button(name),),
        )
        answer = await self.messenger.send(dm, post, nonce=f"x{name[:24]}")
        if isinstance(answer, Closed):
            return Exported.DM_CLOSED
        if not isinstance(answer, Standing):
            return Exported.NOT_NOW
        await self._record(hashed, today)
        return Exported.SENT

    async def _record(self, person: PersonHash, day: str) -> None:
        now = self.clock.now()
        until = self.lifetimes.until(DataClass.AUDIT, now, Choices()) or now
        async with self.memory.db.transaction() as tx:
            await exports.made(tx, person, day)
            await acts.add(tx, person, Actor.SELF, Deed.EXPORTED, 1, now=now, expires_at=until)
        log.event("export.sent")

    @property
    def _today(self) -> str:
        return day_of(self.clock.now(), self.zone)

    async def _gather(self, person: PersonId, dm: DmId) -> tuple[dict[str, object], list[_Picture]]:
        """Bring together what is held; what does not open any more is left out."""
        hashed = self.memory.keys.person(person)
        async with self.memory.db.read() as tx:
            sections = await exports.plain(tx, hashed)
            chosen = await choices.read(tx, self.memory.keys, hashed)
            kept = await recipes.of(tx, hashed)
            waiting = await deliveries.open_of(tx, hashed, None)
            written = await contests.of(tx, hashed)
        for standing in (*sections["posts"], *sections["reports"]):
            where = (standing[name] for name in ("guild_id", "channel_id", "message_id"))
            standing["link"] = "/".join(["https://discord.com/channels", *map(str, where)])
        for section, contest in zip(sections["contests"], written, strict=True):
            section.update(await self._written(contest))
        found = [
            *[recipe async for recipe in self._public(kept)],
            *[recipe async for recipe in self._waiting(waiting)],
            *[recipe async for recipe in self._stealth(person, dm)],
        ]
        sections["recipes"] = sorted(found, key=lambda recipe: str(recipe["made_at"]))
        return (
            {
                "schema": SCHEMA,
                "made_on": self._today,
                "choices": asdict(chosen),
                **sections,
                "not_held": list(NEVER_HELD),
            },
            [
                *[picture async for picture in self._pictures(waiting)],
                *[picture async for picture in self._inputs(waiting)],
            ],
        )

    async def _written(self, contest: Contest) -> dict[str, object]:
        """Open what they wrote to moderators; of what is closed nothing is left."""
        try:
            written = await contests.open_written(self.memory.keys, contest)
        except (KeyGone, SealBroken):
            return {"rule": None, "text": None}
        return {"rule": written.rule, "text": written.text}

    async def _public(self, kept: Sequence[Recipe]) -> AsyncIterator[dict[str, object]]:
        for recipe in kept:
            try:
                key = await self.memory.keys.key(recipe.job, RECIPE)
                plain = unseal(key, recipe.sealed, bound_to(recipe.job, recipe.person, RECIPE))
            except (KeyGone, SealBroken) as fault:
                log.event("export.sealed", fault=fault)
                continue
            yield {
                "job": recipe.job,
                "visibility": Visibility.PUBLIC,
                "made_at": exports.utc(recipe.made_at),
                "expires_at": exports.utc(recipe.expires_at),
                "starred": recipe.starred,
            } | asdict(Spec.from_json(plain.decode()))

    async def _waiting(self, waiting: Sequence[Delivery]) -> AsyncIterator[dict[str, object]]:
        for delivery in waiting:
            try:
                spec = await self.memory.open_spec(delivery)
            except (KeyGone, SealBroken) as fault:
                log.event("export.sealed", fault=fault)
                continue
            yield {
                "job": delivery.job,
                "visibility": delivery.visibility,
                "made_at": exports.utc(delivery.accepted_at),
                "expires_at": None,
            } | asdict(spec)

    async def _stealth(self, person: PersonId, dm: DmId) -> AsyncIterator[dict[str, object]]:
        """Read delivered stealth recipes back: only the buttons in their DM open them."""
        seen: set[str] = set()
        async for page in self.walk.pages(dm):
            for met in page:
                for ticket in met.tickets:
                    known, seen = ticket.row in seen, seen | {ticket.row}
                    recalled = None if known else await self.recall(ticket.text, person)
                    if recalled is not None:
                        sent_ms = (met.message.message_id >> 22) + _DISCORD_EPOCH_MS
                        yield {
                            "job": None,
                            "visibility": Visibility.STEALTH,
                            "made_at": exports.utc(sent_ms // 1000),
                            "expires_at": None,
                        } | asdict(recalled.spec)

    async def _pictures(self, waiting: Sequence[Delivery]) -> AsyncIterator[_Picture]:
        """Open what is made and not delivered yet."""
        number = 0
        for delivery in waiting:
            if delivery.state is not JobState.RENDERED:
                continue
            async with self.memory.db.read() as tx:
                blobs = await pictures.of(tx, delivery.job)
            try:
                sealed = await self.memory.read_files(blobs)
                for position, each in enumerate(sealed):
                    content = await self.memory.open_picture(delivery, position, each)
                    number += 1
                    name = f"pictures/image-{number}{suffix_of(content)}"
                    yield _Picture(delivery.job, name, content)
            except (KeyGone, SealBroken) as fault:
                log.event("export.sealed", fault=fault)

    async def _inputs(self, waiting: Sequence[Delivery]) -> AsyncIterator[_Picture]:
        """Open what jobs under way start from."""
        number = 0
        for delivery in waiting:
            async with self.memory.db.read() as tx:
                blobs = await inputs.of(tx, delivery.job)
            try:
                for content in await self.memory.open_inputs(delivery, blobs):
                    number += 1
                    name = f"pictures/input-{number}{suffix_of(content)}"
                    yield _Picture(delivery.job, name, content)
            except (KeyGone, SealBroken) as fault:
                log.event("export.sealed", fault=fault)


def pack(
    data: dict[str, object], images: Sequence[_Picture], day: str, limit_bytes: int = LIMIT_BYTES
) -> tuple[bytes, int]:
    """Make the ZIP, within what Discord takes, and say how many pictures did not fit.

    Of words the newest are kept, should even they be too much.
    """
    fitting = list(
        _fitting(images, limit_bytes - _ENTRY_BYTES * 4 - len(_zipped(data, (), 0, day)))
    )
    packed = _zipped(data, fitting, len(images) - len(fitting), day)
    while len(packed) > limit_bytes and (fewer := _halved(data)) is not None:
        fitting, data = [], fewer
        packed = _zipped(data, fitting, len(images), day)
    return packed, len(images) - len(fitting)


def _fitting(images: Sequence[_Picture], room_bytes: int) -> Iterator[_Picture]:
    for image in images:
        room_bytes -= len(image.content) + _ENTRY_BYTES
        if room_bytes < 0:
            return
        yield image


def _halved(data: dict[str, object]) -> dict[str, object] | None:
    """Leave out the older half of the recipes, and say how many; None when none is left."""
    kept = data["recipes"]
    if not isinstance(kept, list) or not kept:
        return None
    before = data.get("recipes_left_out", 0)
    left_out = (before if isinstance(before, int) else 0) + (len(kept) + 1) // 2
    return data | {"recipes": kept[(len(kept) + 1) // 2 :], "recipes_left_out": left_out}


def _zipped(data: dict[str, object], images: Sequence[_Picture], left_out: int, day: str) -> bytes:
    """Write the ZIP. Its entries carry the day and no time."""
    listed: Section = [{"job": image.job, "file": image.filename} for image in images]
    whole = data | {"pictures": listed, "pictures_left_out": left_out}
    made_on = date.fromisoformat(day)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:

        def add(name: str, content: bytes, method: int) -> None:
            info = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            file.writestr(info, content, method)

        add("README.txt", keeping.export_readme(day, left_out).encode(), zipfile.ZIP_DEFLATED)
        text = json.dumps(whole, ensure_ascii=False, indent=1)
        add("data.json", text.encode(), zipfile.ZIP_DEFLATED)
        for image in images:
            add(image.filename, image.content, zipfile.ZIP_STORED)
    return stream.getvalue()
