"""The words in which tests speak: people who act in the sandbox, and what they see.

```python
async with People(sandbox.url) as people:
    ana, zoe = people["ana"], people["zoe"]
    answer = await ana.slash("general", "imagine", prompt="a red star")
    assert answer.message.ephemeral
    queued = await ana.sees_until("general", lambda m: "a red star" in m.content)
    await ana.press(queued, label="Cancel")
    await ana.sees_gone(queued)
    assert await zoe.sees("general") == []
```

Waiting is for events, never for time: `sees_until` listens to the person's stream and looks again
at each thing that happens. What Discord's client would not let a person do raises `ClientRefuses`.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Self

import aiohttp

from tests.seen import BUTTON, SELECTS, Answer, Json, Modal, Seen

__all__ = ["Answer", "ClientRefuses", "Modal", "People", "Person", "Seen", "Upload"]

PATIENCE_SECONDS = 30.0
"""So long somebody waits for what mostly comes at once: a busy machine may take its time."""


class ClientRefuses(Exception):
    """Discord's client would not let this person do that; `error` says why."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class Upload(NamedTuple):
    """A file to give as a command option or a modal field; it is uploaded on the way."""

    filename: str
    content: bytes


class People:
    """Everybody in a sandbox, and the hands on the sandbox itself."""

    def __init__(self, url: str, *, secret: str | None = None) -> None:
        self.url = url
        self._headers = {} if secret is None else {"X-Sandbox-Secret": secret}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    def __getitem__(self, name: str) -> Person:
        return Person(self, name)

    @property
    def session(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use it as `async with People(url) as people`"
        return self._session

    async def call(self, method: str, path: str, **request: Any) -> Any:
        """One request to the people API; what it refuses is raised."""
        async with self.session.request(method, self.url + path, **request) as response:
            body = json.loads(await response.text())
        if response.status != 200:
            raise ClientRefuses(response.status, body.get("error", str(body)))
        return body

    async def everything(self) -> Json:
        """`GET /people`: users, guilds, channels, commands, and whether the bot is there."""
        return dict(await self.call("GET", "/people"))

    async def world(self, **words: Any) -> Json:
        """`POST /world`, for example ``world(channel={"guild": "Elsewhere", "name": "x"})``."""
        return dict(await self.call("POST", "/world", json=words))

    async def weather(self, **words: Any) -> Json:
        """`POST /weather`, for example ``weather(route="/callback", times=1, drop=True)``."""
        return dict(await self.call("POST", "/weather", json=words))

    async def advance(self, seconds: float) -> None:
        """Turn the sandbox's clock."""
        await self.weather(clock={"advance_seconds": seconds})

    async def wire(self) -> list[Json]:
        """Every request that the bot made, in order."""
        return list((await self.call("GET", "/wire"))["requests"])


class Person:
    """Somebody who acts, and sees."""

    def __init__(self, people: People, name: str) -> None:
        self._people = people
        self.name = name

    def __repr__(self) -> str:
        return self.name

    # -- acting ----------------------------------------------------------------------------------

    async def slash(self, channel: str, command: str, /, **options: Any) -> Answer:
        """Run a slash command: ``await ana.slash("general", "privacy retention", days=3)``."""
        given = await self._uploaded(options)
        return await self._act("slash", channel=channel, command=command, options=given)

    async def autocomplete(
        self, channel: str, command: str, /, focused: str, **options: Any
    ) -> list[Json]:
        """The choices that the bot offers for the focused option."""
        body = {"channel": channel, "command": command, "options": options, "focused": focused}
        return list((await self._post("autocomplete", body))["choices"])

    async def menu(self, channel: str, command: str, target: Seen | str) -> Answer:
        """Use a context menu entry on a message or on a person."""
        on = target.id if isinstance(target, Seen) else target
        return await self._act("menu", channel=channel, command=command, target=on)

    async def press(
        self, message: Seen, label: str | None = None, *, custom_id: str | None = None
    ) -> Answer:
        """Press a button by its label (or emoji) or custom id."""
        wanted = message.find(BUTTON, label=label, custom_id=custom_id)
        return await self._act("press", **_on(message), custom_id=wanted)

    async def choose(self, message: Seen, *values: str, custom_id: str | None = None) -> Answer:
        """Choose in the message's select menu (the first, or the one with this custom id)."""
        wanted = message.find(*SELECTS, custom_id=custom_id)
        return await self._act("choose", **_on(message), custom_id=wanted, values=list(values))

    async def fill(self, modal: Modal, fields: Json | None = None, /, **more: Any) -> Answer:
        """Fill and send a modal; fields by custom id or label."""
        given = await self._uploaded(modal.named({**(fields or {}), **more}))
        return await self._act("fill", modal=modal.id, fields=given)

    async def react(self, message: Seen, emoji: str, *, remove: bool = False) -> Seen:
        """React to a message, or take it back."""
        return Seen(await self._post("react", {**_on(message), "emoji": emoji, "remove": remove}))

    async def delete(self, message: Seen) -> None:
        """Delete a message."""
        await self._post("delete", _on(message))

    async def dismiss(self, message: Seen) -> None:
        """Dismiss an ephemeral message."""
        await self._post("dismiss", _on(message))

    async def say(self, channel: str, content: str, *, reply_to: Seen | None = None) -> Seen:
        """Write a message."""
        body = {"channel": channel, "content": content}
        return Seen(
            await self._post("say", body if reply_to is None else body | {"reply_to": reply_to.id})
        )

    async def upload(self, filename: str, content: bytes, *, channel: str | None = None) -> str:
        """Upload a file; answers the id to give as an option."""
        query = {"filename": filename} | ({} if channel is None else {"channel": channel})
        path = f"/people/{self.name}/upload"
        shown = await self._people.call("POST", path, params=query, data=io.BytesIO(content))
        return str(shown["id"])

    async def change(self, **words: Any) -> Json:
        """`PATCH /people/{user}`: dms, roles, entitlements, nick, timeout_seconds."""
        return dict(await self._people.call("PATCH", f"/people/{self.name}", json=words))

    # -- seeing ----------------------------------------------------------------------------------

    async def sees(self, channel: str = "dm") -> list[Seen]:
        """Exactly what this person sees in a channel, oldest first."""
        query = {"channel": channel}
        shown = await self._people.call("GET", f"/people/{self.name}/sees", params=query)
        return [Seen(one) for one in shown]

    async def sees_until(
        self,
        channel: str,
        is_it: Callable[[Seen], bool],
        *,
        limit_seconds: float = PATIENCE_SECONDS,
    ) -> Seen:
        """The newest message of which `is_it` is true, as soon as there is one."""

        def newest(seen: list[Seen]) -> Seen | None:
            return next((one for one in reversed(seen) if is_it(one)), None)

        found: Seen = await self._watch(channel, newest, limit_seconds)
        return found

    async def sees_all_until(
        self,
        channel: str,
        are_they: Callable[[list[Seen]], bool],
        *,
        limit_seconds: float = PATIENCE_SECONDS,
    ) -> list[Seen]:
        """All messages of a channel, as soon as `are_they` is true of them."""

        def wanted(seen: list[Seen]) -> list[Seen] | None:
            return seen if are_they(seen) else None

        found: list[Seen] = await self._watch(channel, wanted, limit_seconds)
        return found

    async def sees_gone(self, message: Seen, *, limit_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until this message is gone."""
        await self.sees_all_until(
            message.channel,
            lambda seen: message.id not in [one.id for one in seen],
            limit_seconds=limit_seconds,
        )

    async def again(self, message: Seen) -> Seen:
        """The same message as it is now; an assertion when it is gone."""
        found = [one for one in await self.sees(message.channel) if one.id == message.id]
        assert found, f"{self.name} no longer sees {message}"
        return found[0]

    async def download(self, attachment: Json) -> bytes:
        """The bytes behind an attachment's link."""
        async with self._people.session.get(attachment["url"]) as response:
            assert response.status == 200, f"the link answers {response.status}"
            return await response.read()

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[AsyncIterator[Json]]:
        """The live frames of this person, from the moment of entering."""
        url = f"{self._people.url}/people/{self.name}/stream"
        async with self._people.session.ws_connect(url) as socket:
            await socket.receive_json()
            yield _frames(socket)

    # -- small things ----------------------------------------------------------------------------

    async def _watch(
        self, channel: str, wanted: Callable[[list[Seen]], Any], limit_seconds: float
    ) -> Any:
        seen: list[Seen] = []
        try:
            async with asyncio.timeout(limit_seconds), self.stream() as frames:
                seen = await self.sees(channel)
                while (found := wanted(seen)) is None:
                    await anext(frames)
                    seen = await self.sees(channel)
        except TimeoutError:
            words = f"{self.name} waited {limit_seconds} s in {channel!r} and sees only: {seen}"
            raise AssertionError(words) from None
        return found

    async def _act(self, act: str, **body: Any) -> Answer:
        return Answer(await self._post(act, body))

    async def _post(self, act: str, body: Json) -> Json:
        return dict(await self._people.call("POST", f"/people/{self.name}/{act}", json=body))

    async def _uploaded(self, given: Json) -> Json:
        """The values, with files uploaded and replaced by their ids."""
        done: Json = {}
        for name, value in given.items():
            many = value if isinstance(value, list) else [value]
            ids = [await self.upload(*one) if isinstance(one, Upload) else one for one in many]
            done[name] = ids if isinstance(value, list) else ids[0]
        return done


async def _frames(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Json]:
    async for frame in socket:
        yield json.loads(frame.data)


def _on(message: Seen) -> Json:
    return {"channel": message.channel, "message": message.id}
