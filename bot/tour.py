"""`darkroom demo --tour`: a short scene that anybody can check, played over the sandbox.

Ana, on Free, makes a public picture. Pia, on Pro, makes a stealth one. Mod, a moderator, looks
everywhere and sees nothing of Pia's. Then Ana erases everything of hers, and Mod sees nothing of
hers either. What each of them sees is printed, and the pictures are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import click

from bot.errors import StartFault

WAIT_SECONDS = 60.0
PUBLIC_WORDS = "a large red star in the centre, night background"
STEALTH_WORDS = "a house under a moon"

HOME = "Darkroom Café"
RECEIPT = "darkroom-receipt."

Seen = list[dict[str, Any]]


async def play(url: str, folder: Path) -> None:
    """Play the scene against the sandbox at `url`; keep the pictures in `folder`.

    Raises:
        StartFault: somebody saw what they should not have, or did not see what they should.
    """
    async with aiohttp.ClientSession(url) as session:
        scene = _Scene(session, folder)
        await scene.mod_remembers_what_was_there()
        await scene.ana_asks_in_public()
        await scene.pia_asks_in_stealth()
        await scene.mod_looks_everywhere()
        await scene.everybody_says_what_they_see()
        await scene.ana_erases_everything()
    if scene.broken:
        raise StartFault("the tour found a promise broken: " + "; ".join(scene.broken))
    click.echo(f"Everything was as promised. The pictures are in {folder}.")


@dataclass
class _Scene:
    session: aiohttp.ClientSession
    folder: Path
    broken: list[str] = field(default_factory=list)
    old: set[str] = field(default_factory=set)  #: messages from before the scene

    async def mod_remembers_what_was_there(self) -> None:
        self.old = {message["id"] for message in await self._all_that_mod_sees()}
        for person in ("ana", "pia", "mod"):
            self.old |= {message["id"] for message in await self._sees(person, "dm")}

    async def ana_asks_in_public(self) -> None:
        click.echo(f"\nana (Free) types in #general: /imagine prompt: {PUBLIC_WORDS}")
        await self._slash("ana", "general", prompt=PUBLIC_WORDS)
        seen = await self._wait("ana", "general", _has_result)
        await self._keep(seen, "ana-public")

    async def pia_asks_in_stealth(self) -> None:
        click.echo(f"pia (Pro) types in #general: /imagine prompt: {STEALTH_WORDS}")
        await self._slash("pia", "general", prompt=STEALTH_WORDS)
        seen = await self._wait("pia", "dm", _has_result)
        await self._keep(seen, "pia-stealth")

    async def mod_looks_everywhere(self) -> None:
        seen = await self._all_that_mod_sees()
        self._check(_has_result(seen), "a moderator does not see the public picture")
        for message in seen:
            self._check("house" not in str(message), "a moderator sees words of a stealth job")
            self._check("pia" not in message["mentions"], "a moderator sees that pia asked")
        pictures = sum(_has_picture(message) for message in seen)
        self._check(pictures == 1, "a moderator sees more pictures than the public one")
        self._check(not await self._sees("mod", "dm"), "a moderator has something in their DM")
        self._check(
            not any(_has_picture(message) for message in await self._sees("ana", "dm")),
            "somebody else received a stealth picture",
        )

    async def ana_erases_everything(self) -> None:
        click.echo("\nana types in #general: /privacy delete what: everything, and presses Erase")
        answer = await self._act(
            "ana",
            "slash",
            channel="general",
            command="privacy delete",
            options={"what": "everything"},
        )
        asked = await self._wait("ana", "general", lambda seen: _named(seen, answer, "Erase"))
        button = next(
            item["custom_id"]
            for message in asked
            for row in message["components"]
            for item in row["components"]
            if item.get("label") == "Erase"
        )
        message = answer["message"]["id"]
        await self._act("ana", "press", channel="general", message=message, custom_id=button)
        seen = await self._wait("ana", "general", lambda seen: RECEIPT in str(seen))
        self._check(
            not any(map(_has_picture, await self._all_that_mod_sees())),
            "a moderator still sees the picture that was erased",
        )
        said = next(message["content"] for message in seen if RECEIPT in message["content"])
        for line in said.split("\n"):
            click.echo(f"  {line if RECEIPT not in line else line[:60] + '…'}")

    async def _all_that_mod_sees(self) -> Seen:
        channels = _channel_names(await self._get("/people"))
        return [message for channel in channels for message in await self._sees("mod", channel)]

    async def everybody_says_what_they_see(self) -> None:
        for person, channel in (
            ("ana", "general"),
            ("pia", "general"),
            ("pia", "dm"),
            ("mod", "general"),
            ("mod", "dm"),
        ):
            where = "their DM with the bot" if channel == "dm" else f"#{channel}"
            click.echo(f"\n{person} sees in {where}:")
            seen = await self._sees(person, channel)
            for line in map(_summary, seen) if seen else ["nothing"]:
                click.echo(f"  {line}")

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds and otherwise not in self.broken:
            self.broken.append(otherwise)

    async def _slash(self, person: str, channel: str, **options: object) -> None:
        await self._act(person, "slash", channel=channel, command="imagine", options=options)

    async def _act(self, person: str, act: str, **body: object) -> dict[str, Any]:
        async with self.session.post(f"/people/{person}/{act}", json=body) as answer:
            outcome: dict[str, Any] = await answer.json()
        if not outcome.get("answered"):
            raise StartFault(f"the bot did not answer {person} in time")
        return outcome

    async def _wait(self, person: str, channel: str, holds: Callable[[Seen], bool]) -> Seen:
        """Wait, by the live stream, until a person sees something."""
        async with self.session.ws_connect(f"/people/{person}/stream") as stream:
            while not holds(seen := await self._sees(person, channel)):
                try:
                    await stream.receive(timeout=WAIT_SECONDS)
                except TimeoutError:
                    raise StartFault(f"{person} waited {WAIT_SECONDS:.0f} s in vain") from None
        return seen

    async def _keep(self, seen: Seen, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        attachment = next(message for message in reversed(seen) if _has_picture(message))
        url = attachment["attachments"][0]["url"]
        async with self.session.get(url) as answer:
            content = await answer.read()
        (self.folder / f"{name}.webp").write_bytes(content)

    async def _sees(self, person: str, channel: str) -> Seen:
        """Give what a person sees there that is new since the scene began."""
        seen: Seen = await self._get(f"/people/{person}/sees?channel={channel}")
        return [message for message in seen if message["id"] not in self.old]

    async def _get(self, path: str) -> Any:
        async with self.session.get(path) as answer:
            return await answer.json()


def _channel_names(world: dict[str, Any]) -> list[str]:
    return [channel["name"] for channel in world["channels"] if channel["guild"] == HOME]


def _has_picture(message: dict[str, Any]) -> bool:
    return any(file["filename"].startswith("image-") for file in message["attachments"])


def _has_result(seen: Seen) -> bool:
    return any(_has_picture(message) for message in seen)


def _named(seen: Seen, answer: dict[str, Any], label: str) -> bool:
    """Whether the answer to a command has been written, with this button."""
    return any(
        message["id"] == answer["message"]["id"] and label in str(message) for message in seen
    )


def _summary(message: dict[str, Any]) -> str:
    files = ", ".join(file["filename"] for file in message["attachments"])
    alone = " (only they can see this)" if message["flags"] & 64 else ""
    first_line = message["content"].split("\n")[0]
    return f"{first_line}{' · ' + files if files else ''}{alone}"
