"""What two people do, and the moments at which everything is looked at.

Pia asks for a stealth picture, Ana for a public one; both are delivered, and Ana erases all that
is hers. Their words are random letters, so that what is found can have come from nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import StartFault
from bot.selfcheck import canary
from bot.selfcheck.asked import Asked, at_random
from bot.selfcheck.delivered import of_keys, of_pictures
from bot.selfcheck.look import look
from bot.selfcheck.people import Json, People, buttons, is_ours_alone, is_written, pictures
from bot.selfcheck.reach import keys_within_reach, parts_within_reach, receipt_key
from bot.selfcheck.stage import Stage
from bot.selfcheck.table import Exhibit, Kind, Moment, Secret

STEALTH, PUBLIC = "pia", "ana"
STEALTH_CHANNEL, PUBLIC_CHANNEL, DM = "gallery", "general", "dm"

ERASE_COMMAND, ERASE_OPTION, ERASE_EVERYTHING = "privacy delete", "what", "everything"
ERASE_BUTTON, RECIPE_BUTTON = "Erase", "Recipe"
RECEIPT_START = "darkroom-receipt."

PAINT_SECONDS = 600.0
WAIT_SECONDS = 60.0
SETTLE_SECONDS = 15.0
"""How long the model may take, the bot with anything else, and the bot to tidy up behind itself."""

_REMEDY = "run it again with --keep DIR, and read DIR/said"
_LOOK_AGAIN_SECONDS = 0.03
_SLOW_MILLISECONDS = 1000
"""So long Discord takes for an edit while the jobs run: time to look before it is delivered."""


@dataclass
class Scene:
    """The scene under way: what was seen so far, and what is to be looked for in it."""

    stage: Stage
    people: People
    exhibits: list[Exhibit] = field(default_factory=list, repr=False)
    secrets: list[Secret] = field(default_factory=list, repr=False)
    in_memory: Path | None = None
    ids: dict[str, int] = field(default_factory=dict)
    told: str = field(default="", repr=False)
    within_reach: dict[str, int] = field(default_factory=dict)

    async def play(self) -> None:
        """Play it from the first word to the end of the bot.

        Raises:
            StartFault: the product did not do what people asked of it.
        """
        await self.both_ask()
        await self.look(Moment.ACCEPTED)
        await self.keys_are_noted()
        await self.both_are_painted()
        await self.look(Moment.DELIVERED)
        await self.pictures_are_noted()
        await self.stealth_is_out_of_reach()
        await self.owner_reads_the_recipe()
        await self.one_erases()
        await self.look(Moment.ERASED)
        await self.the_erased_is_out_of_reach()
        await self.stage.stop()
        await self.look(Moment.STOPPED)

    async def look(self, moment: Moment) -> None:
        """Copy everything as it stands now."""
        self.exhibits += await look(self.stage, self.people, moment, keeper=STEALTH)

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    async def both_ask(self) -> None:
        """Both ask while the worker stands still, so that both jobs wait."""
        self.stage.hold_worker()
        stealthy, public = at_random(), at_random()
        self.told = stealthy.words[0]
        self._note(Kind.STEALTH_WORDS, stealthy.in_words() | stealthy.in_settings(), STEALTH)
        self._note(Kind.PUBLIC_WORDS, public.in_words(), PUBLIC)
        self._note(Kind.PUBLIC_SETTINGS, public.in_settings(), PUBLIC)
        world = await self.people.everything()
        self.ids = {each["name"]: int(each["id"]) for each in world["users"]}
        self._note(Kind.STEALTH_PERSON, canary.of_number(self.ids[STEALTH]), STEALTH)
        self._note(Kind.PUBLIC_PERSON, canary.of_number(self.ids[PUBLIC]), PUBLIC)
        await self._ask(STEALTH, STEALTH_CHANNEL, stealthy, "stealth")
        await self._ask(PUBLIC, PUBLIC_CHANNEL, public, "public")
        await self._until(lambda: self._stands(STEALTH, STEALTH_CHANNEL, DM))
        await self._until(lambda: self._stands(PUBLIC, PUBLIC_CHANNEL, PUBLIC_CHANNEL))

    async def _ask(self, person: str, channel: str, asked: Asked, visibility: str) -> None:
        options = {
            "prompt": asked.prompt,
            "negative_prompt": asked.negative_prompt,
            "seed": asked.seed,
            "visibility": visibility,
        }
        await self.people.slash(person, channel, "imagine", **options)

    async def _stands(self, person: str, asked_in: str, place: str) -> bool:
        """Whether an ask is answered, and something stands where its result will be."""
        answers = [each for each in await self.people.sees(person, asked_in) if is_ours_alone(each)]
        placed = [each for each in await self.people.sees(person, place) if not is_ours_alone(each)]
        return bool(answers and all(map(is_written, answers)) and placed)

    async def keys_are_noted(self) -> None:
        """Note every key that there is while the jobs wait."""
        folder = self.stage.folder
        root = folder.root_key.read_bytes()
        self._note(Kind.ROOT_KEY, canary.of_key(root), home=folder.root_key)
        self._note(Kind.TOKEN, canary.of_text(self.stage.token), home=folder.env_file)
        self.in_memory = folder.in_memory()
        for path in sorted(self.in_memory.iterdir()) if self.in_memory else ():
            self._note(Kind.STEALTH_KEY, canary.of_key(path.read_bytes()), home=path)
        for key in await keys_within_reach(self.stage):
            self._note(Kind.ITEM_KEY, canary.of_key(key))

    # ── painting ─────────────────────────────────────────────────────────────────────────────

    async def both_are_painted(self) -> None:
        """Let the worker work; look once while it does, and whenever a picture is stored."""
        await self.people.delay("PATCH", "/channels/", _SLOW_MILLISECONDS)
        self.stage.let_work()
        running, stored = False, frozenset[str]()

        async def delivered() -> bool:
            nonlocal running, stored
            blobs = frozenset(path.name for path in self.stage.folder.blobs.iterdir())
            if blobs - stored:
                stored |= blobs
                await self.look(Moment.RENDERED)
            elif not running and await self.people.edits():
                running = True
                await self.look(Moment.RUNNING)
            return bool(await self._stealth_result() and await self._public_result())

        await self._until(delivered, PAINT_SECONDS)
        await self.people.fair_weather()
        await self._settled()

    async def _stealth_result(self) -> Json | None:
        seen = await self.people.sees(STEALTH, DM)
        return next((each for each in reversed(seen) if pictures(each)), None)

    async def _public_result(self) -> Json | None:
        """Give Ana's result, and nothing else that may stand in the channel as well."""
        seen = await self.people.sees(PUBLIC, PUBLIC_CHANNEL)
        hers = (each for each in reversed(seen) if f"<@{self.ids[PUBLIC]}>" in each["content"])
        return next((each for each in hers if pictures(each)), None)

    async def _settled(self) -> None:
        """Give the bot a moment to drop what a delivered job no longer needs.

        What is still there after it is found by the look that follows.
        """
        left = [each for each in (self.stage.folder.blobs, self.in_memory) if each]

        async def dropped() -> bool:
            return not any(any(folder.iterdir()) for folder in left if folder.is_dir())

        await self._until(dropped, SETTLE_SECONDS, or_go_on=True)

    async def pictures_are_noted(self) -> None:
        """Note both pictures as they were delivered, their pixels, and the keys in buttons."""
        stealth, public = await self._stealth_result(), await self._public_result()
        if stealth is None or public is None:
            raise StartFault("a picture that was delivered is gone again")
        ours, theirs = await of_pictures(await self._first(stealth), await self._first(public))
        self._note(Kind.STEALTH_PICTURE, ours, STEALTH)
        self._note(Kind.PUBLIC_PICTURE, theirs, PUBLIC)
        self._note(Kind.BUTTON_KEY, of_keys(stealth), STEALTH)

    async def _first(self, message: Json) -> bytes:
        return await self.people.download(pictures(message)[0]["url"])

    async def stealth_is_out_of_reach(self) -> None:
        """Count what the disk with its keys can still open of a delivered stealth job."""
        self.within_reach["the delivered stealth job"] = await self._left(STEALTH, choices=False)

    async def owner_reads_the_recipe(self) -> None:
        """Let Pia press a button that carries a key: it passes through the bot."""
        result = await self._stealth_result()
        if result is not None:
            await self.people.press(STEALTH, result, RECIPE_BUTTON)

        async def shown() -> bool:
            seen = await self.people.sees(STEALTH, DM)
            return any(is_ours_alone(each) and self.told in each["content"] for each in seen)

        await self._until(shown)

    # ── erasing ──────────────────────────────────────────────────────────────────────────────

    async def one_erases(self) -> None:
        """Erase everything of Ana's, in two steps, until the receipt comes."""
        what = {ERASE_OPTION: ERASE_EVERYTHING}
        await self.people.slash(PUBLIC, PUBLIC_CHANNEL, ERASE_COMMAND, **what)
        await self._until(self._is_asked_to_confirm)
        question = await self._question()
        if question is not None:
            await self.people.press(PUBLIC, question, ERASE_BUTTON)
        await self._until(self._has_receipt)

    async def _question(self) -> Json | None:
        seen = await self.people.sees(PUBLIC, PUBLIC_CHANNEL)
        asking = (
            each
            for each in reversed(seen)
            if any(button.get("label") == ERASE_BUTTON for button in buttons(each))
        )
        return next(asking, None)

    async def _is_asked_to_confirm(self) -> bool:
        return await self._question() is not None

    async def _has_receipt(self) -> bool:
        return any(
            line.strip("` ").startswith(RECEIPT_START)
            for message in await self.people.sees(PUBLIC, PUBLIC_CHANNEL)
            for line in message["content"].splitlines()
        )

    async def the_erased_is_out_of_reach(self) -> None:
        """Count what the disk with its keys can still open of the person who erased.

        The key that signed their receipt is now there to be looked for as well.
        """
        self._note(Kind.RECEIPT_KEY, canary.of_key(await receipt_key(self.stage)))
        self.within_reach["the person who erased"] = await self._left(PUBLIC, choices=True)

    # ── small things ─────────────────────────────────────────────────────────────────────────

    async def _left(self, person: str, *, choices: bool) -> int:
        """Count parts of somebody's within reach, when the bot had a moment to tidy up."""
        left = 0

        async def nothing() -> bool:
            nonlocal left
            left = await parts_within_reach(self.stage, self.ids[person], choices=choices)
            return not left

        await self._until(nothing, SETTLE_SECONDS, or_go_on=True)
        return left

    def _note(
        self,
        kind: Kind,
        patterns: frozenset[bytes],
        owner: str | None = None,
        home: Path | None = None,
    ) -> None:
        self.secrets.append(Secret(kind, patterns, owner, home))

    async def _until(
        self,
        holds: Callable[[], Awaitable[bool]],
        limit_seconds: float = WAIT_SECONDS,
        *,
        or_go_on: bool = False,
    ) -> None:
        try:
            async with asyncio.timeout(limit_seconds):
                while not await holds():
                    if self.stage.bot.returncode is not None:
                        raise StartFault(f"the bot ended in the middle of the check: {_REMEDY}")
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except TimeoutError:
            if not or_go_on:
                raise StartFault(
                    f"the bot did not do its part within {limit_seconds:.0f} s: {_REMEDY}"
                ) from None
