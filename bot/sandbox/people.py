"""The people API: act as somebody, and see exactly what they see. JSON over HTTP.

| call | body |
|---|---|
| `GET /people` | who and what there is |
| `POST /people/{user}/slash` | `{"channel", "command", "options"}` |
| `POST /people/{user}/autocomplete` | the same and `"focused"` |
| `POST /people/{user}/menu` | `{"channel", "command", "target"}` |
| `POST /people/{user}/press` | `{"channel", "message", "custom_id"}` |
| `POST /people/{user}/choose` | the same and `"values"` |
| `POST /people/{user}/fill` | `{"modal", "fields"}` |
| `POST /people/{user}/react` | `{"channel", "message", "emoji", "remove"}` |
| `POST /people/{user}/delete` · `dismiss` | `{"channel", "message"}` |
| `POST /people/{user}/say` | `{"channel", "content", "reply_to"}` |
| `POST /people/{user}/upload` | a file: multipart, or raw with `?filename=` |
| `GET /people/{user}/sees?channel=&limit=&before=` | a list of messages, oldest first |
| `GET /people/{user}/commands?channel=` | what this person is offered there, one for each path |
| `GET /people/{user}/stream` | web socket: the same, live |
| `PATCH /people/{user}` | `dms`, `roles`, `entitlements`, `nick`, `timeout_seconds`, … |

What Discord's client would refuse is 400 `{"error"}`; a name that nobody has is 404, too much at
once 413, 429 or 503. Bodies are `application/json`, but for an upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import (
    acts,
    controls,
    inputs,
    interactions,
    making,
    names,
    offers,
    presses,
    sees,
    serialise_messages,
    talk,
)
from bot.sandbox.entities import Channel, Interaction, Json, Message, User
from bot.sandbox.errors import ClientError, DiscordError
from bot.sandbox.streams import Streams

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

_Act = Callable[[User, Json], Awaitable[Json]]
_ON_MESSAGE = ("channel", "message")
MOST_MESSAGES, MOST_ID = 1000, 1 << 63
MOST_UPLOADS_AT_ONCE, MOST_WAITING_ACTS = 32, 2000


class PeopleApi:
    """The routes of the people API around one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._streams = Streams(sandbox.world, sandbox.wire)
        self._uploading = 0
        # what people do -> (the names that its body knows, the deed)
        self._acts: dict[str, tuple[tuple[str, ...], _Act]] = {
            "slash": (("channel", "command", "options"), self._slash),
            "autocomplete": (("channel", "command", "options", "focused"), self._autocomplete),
            "menu": (("channel", "command", "target"), self._menu),
            "press": ((*_ON_MESSAGE, "custom_id"), self._press),
            "choose": ((*_ON_MESSAGE, "custom_id", "values"), self._choose),
            "fill": (("modal", "fields"), self._fill),
            "react": ((*_ON_MESSAGE, "emoji", "remove"), self._react),
            "delete": (_ON_MESSAGE, self._delete),
            "dismiss": (_ON_MESSAGE, self._dismiss),
            "say": (("channel", "content", "reply_to"), self._say),
        }

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        add = app.router.add_route
        add("GET", "/people", answering(self._everything))
        add("PATCH", "/people/{user}", answering(self._change))
        add("GET", "/people/{user}/sees", answering(self._sees))
        add("GET", "/people/{user}/commands", answering(self._commands))
        add("GET", "/people/{user}/stream", self._stream)
        add("GET", "/wire/stream", self._streams.serve_wire)
        add("POST", "/people/{user}/upload", answering(self._upload))
        add("POST", "/people/{user}/{act}", answering(self._act))
        for method, path, handler in controls.Controls(self._sandbox).routes():
            add(method, path, answering(handler))

    async def close(self) -> None:
        """End every stream."""
        self._streams.close()

    # -- reading ---------------------------------------------------------------------------------

    async def _everything(self, _: web.Request) -> Json:
        gateway = self._sandbox.gateway
        bot: Json = {
            "id": str(self._world.bot.id),
            "name": self._world.bot.name,
            "description": self._world.application.description,
            "connected": gateway.connected,
            "intents": [one["intents"] for one in gateway.identifies],
        }
        return {"bot": bot, "hands": [*self._sandbox.hands], **sees.everything(self._world)}

    async def _sees(self, request: web.Request) -> list[Json]:
        who = self._who(request)
        limit = inputs.number(request, "limit", 1, MOST_MESSAGES)
        before = inputs.number(request, "before", 0, MOST_ID)
        where = self._named_channel(request, who)
        return sees.channel(self._world, who, where, limit=limit, before=before)

    async def _commands(self, request: web.Request) -> list[Json]:
        who = self._who(request)
        return offers.offered(self._world, who, self._named_channel(request, who))

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            who = self._who(request)
        except ClientError as error:
            return web.json_response({"error": error.error}, status=error.status)
        return await self._streams.serve(request, who)

    # -- acting ----------------------------------------------------------------------------------

    async def _act(self, request: web.Request) -> Json:
        name = request.match_info["act"]
        if name not in self._acts:
            raise ClientError(f"people cannot {name!r}", status=404)
        if len(self._world.waiting) >= MOST_WAITING_ACTS:
            raise ClientError("too many acts wait for the bot: try again", status=429)
        known, act = self._acts[name]
        who = self._who(request)
        return await act(who, await inputs.body(request, known, f"{name!r}"))

    async def _slash(self, who: User, given: Json) -> Json:
        channel = self._channel(who, given)
        text, options = str(inputs.need(given, "command")), given.get("options") or {}
        return await self._answered(acts.slash(self._world, who, channel, text, options))

    async def _autocomplete(self, who: User, given: Json) -> Json:
        channel = self._channel(who, given)
        text, options = str(inputs.need(given, "command")), given.get("options") or {}
        focused = str(inputs.need(given, "focused"))
        made = acts.autocomplete(self._world, who, channel, text, options, focused)
        shown = await self._answered(made)
        return {
            "interaction": shown["interaction"],
            "answered": shown["answered"],
            "choices": made.choices or [],
        }

    async def _menu(self, who: User, given: Json) -> Json:
        channel = self._channel(who, given)
        name, target = str(inputs.need(given, "command")), str(inputs.need(given, "target"))
        return await self._answered(acts.menu(self._world, who, channel, name, target))

    async def _press(self, who: User, given: Json) -> Json:
        channel, message = self._on_message(who, given)
        custom_id = str(inputs.need(given, "custom_id"))
        return await self._answered(presses.press(self._world, who, channel, message, custom_id))

    async def _choose(self, who: User, given: Json) -> Json:
        channel, message = self._on_message(who, given)
        custom_id, values = str(inputs.need(given, "custom_id")), inputs.need(given, "values")
        if not isinstance(values, list):
            raise ClientError("'values' is a list")
        made = presses.choose(self._world, who, channel, message, custom_id, values)
        return await self._answered(made)

    async def _fill(self, who: User, given: Json) -> Json:
        modal, filled = str(inputs.need(given, "modal")), given.get("fields") or {}
        shown = await self._answered(presses.fill(self._world, who, modal, filled))
        if shown["answered"]:
            self._world.interactions[int(modal)].modal = None
        return shown

    async def _react(self, who: User, given: Json) -> Json:
        channel, message = self._on_message(who, given)
        emoji, remove = str(inputs.need(given, "emoji")), bool(given.get("remove"))
        talk.react(self._world, who, channel, message, emoji, remove=remove)
        return sees.message(self._world, message)

    async def _delete(self, who: User, given: Json) -> Json:
        channel, message = self._on_message(who, given)
        talk.delete(self._world, who, channel, message)
        return {"deleted": str(message.id)}

    async def _dismiss(self, who: User, given: Json) -> Json:
        _, message = self._on_message(who, given)
        talk.dismiss(self._world, message)
        return {"dismissed": str(message.id)}

    async def _say(self, who: User, given: Json) -> Json:
        channel = self._channel(who, given)
        content, reply_to = str(inputs.need(given, "content")), given.get("reply_to")
        return sees.message(self._world, talk.say(self._world, who, channel, content, reply_to))

    async def _upload(self, request: web.Request) -> Json:
        who = self._who(request)
        wanted = request.query.get("channel")
        channel = None if wanted is None else names.visible_channel(self._world, wanted, who)
        if self._uploading >= MOST_UPLOADS_AT_ONCE:
            raise ClientError("too many files come at once: try again", status=503)
        self._uploading += 1
        try:
            file = await inputs.file(request, talk.most_upload_bytes(self._world, channel))
        finally:
            self._uploading -= 1
        made = talk.upload(self._world, who, file)
        return serialise_messages.attachment(self._world, made)

    async def _change(self, request: web.Request) -> Json:
        who = self._who(request)
        given = await inputs.body(request, making.PERSON_WORDS, "a person")
        making.change_person(self._world, who, given)
        return next(
            one for one in sees.everything(self._world)["users"] if one["id"] == str(who.id)
        )

    # -- small things ----------------------------------------------------------------------------

    async def _answered(self, made: Interaction) -> Json:
        """Wait for the first response or the 3 seconds, and say what the person has then."""
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        interactions.wait_for_answer(
            self._world, made, lambda: None if answered.done() else answered.set_result(None)
        )
        await answered
        message: Message | None = None
        if made.original_id is not None:
            message = self._world.messages.get(made.channel_id, {}).get(made.original_id)
        return {
            "interaction": str(made.id),
            "answered": made.response_type is not None,
            "message": None if message is None else sees.message(self._world, message),
            "modal": made.modal,
        }

    def _who(self, request: web.Request) -> User:
        who = names.user(self._world, request.match_info["user"])
        if who.bot:
            raise ClientError("the bot acts by itself")
        return who

    def _named_channel(self, request: web.Request, who: User) -> Channel:
        wanted = request.query.get("channel", names.DM_NAME)
        return names.channel(self._world, wanted, who=who)

    def _channel(self, who: User, given: Json) -> Channel:
        return names.visible_channel(self._world, inputs.need(given, "channel"), who)

    def _on_message(self, who: User, given: Json) -> tuple[Channel, Message]:
        channel = names.channel(self._world, inputs.need(given, "channel"), who=who)
        wanted = inputs.need(given, "message")
        return channel, names.visible_message(self._world, who, channel, wanted)


def answering(
    handler: Callable[[web.Request], Awaitable[Any]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn what a handler returns or refuses into JSON."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except ClientError as error:
            return web.json_response({"error": error.error}, status=error.status)
        except DiscordError as error:
            return web.json_response({"error": error.message}, status=400)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            return web.json_response({"error": f"that cannot be read: {error!r}"}, status=400)

    return answer
