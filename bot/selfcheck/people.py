"""The people API of a sandbox, as the scene's people use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import StartFault

Json = dict[str, Any]

_BUTTON = 2
_EPHEMERAL, _LOADING = 64, 128
"""Numbers of Discord's
(https://discord.com/developers/docs/components/reference, …/resources/message)."""


@dataclass(frozen=True)
class People:
    """Everybody in a sandbox."""

    session: aiohttp.ClientSession

    async def everything(self) -> Json:
        """Give who and what there is."""
        async with self.session.get("/people") as answer:
            there_is: Json = await answer.json()
        return there_is

    async def sees(self, person: str, channel: str) -> list[Json]:
        """Give what somebody sees in a channel; nothing where they see no channel."""
        async with self.session.get(
            f"/people/{person}/sees", params={"channel": channel}
        ) as answer:
            seen: list[Json] = await answer.json() if answer.status == 200 else []
        return seen

    async def slash(self, person: str, channel: str, command: str, **options: object) -> None:
        """Type a command.

        Raises:
            StartFault: the bot has no such command, or did not answer in time.
        """
        body = {"channel": channel, "command": command, "options": options}
        await self._act(person, "slash", body, f"/{command}")

    async def press(self, person: str, message: Json, label: str) -> None:
        """Press a button. Raises as `slash`."""
        pressed = next((each for each in buttons(message) if each.get("label") == label), None)
        if pressed is None:
            raise StartFault(f"the scene cannot go on: {person} sees no button {label}")
        body = {
            "channel": message["channel"],
            "message": message["id"],
            "custom_id": pressed["custom_id"],
        }
        await self._act(person, "press", body, f"the button {label}")

    async def delay(self, method: str, route: str, milliseconds: int) -> None:
        """Let Discord take its time for some requests of the bot."""
        rule = {"method": method, "route": route, "delay_ms": milliseconds}
        async with self.session.post("/weather", json=rule) as answer:
            answer.raise_for_status()

    async def fair_weather(self) -> None:
        """Let Discord answer at once again."""
        async with self.session.post("/weather", json={"clear": True}) as answer:
            answer.raise_for_status()

    async def edits(self) -> int:
        """Count the edits of messages that the bot has begun."""
        async with self.session.get("/wire") as answer:
            requests: list[Json] = (await answer.json())["requests"]
        return sum(each["method"] == "PATCH" and "/channels/" in each["path"] for each in requests)

    async def download(self, url: str) -> bytes:
        """Read an attachment."""
        async with self.session.get(url) as answer:
            return await answer.read()

    async def _act(self, person: str, act: str, body: Json, what: str) -> None:
        async with self.session.post(f"/people/{person}/{act}", json=body) as answer:
            outcome: Json = await answer.json()
        if not outcome.get("answered"):
            why = outcome.get("error", "it did not answer in time")
            raise StartFault(f"the scene cannot go on, {what} does not work for {person}: {why}")


def buttons(message: Json) -> Iterator[Json]:
    """Give the buttons of a message."""
    for row in message["components"]:
        for each in row.get("components", ()):
            if each["type"] == _BUTTON:
                yield each


def is_ours_alone(message: Json) -> bool:
    """Whether only one person can see a message."""
    return bool(message["flags"] & _EPHEMERAL)


def is_written(message: Json) -> bool:
    """Whether the bot has written what it announced."""
    return not message["flags"] & _LOADING


def pictures(message: Json) -> list[Json]:
    """Give the finished pictures of a message."""
    return [file for file in message["attachments"] if file["filename"].startswith("image-")]
