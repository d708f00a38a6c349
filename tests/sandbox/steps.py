"""Steps that many of the sandbox's tests take: register, send, begin an act, build a form."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp

from bot.sandbox import shipped_world as shipped
from bot.sandbox.entities import Interaction
from bot.sandbox.server import Sandbox
from tests.people import Answer
from tests.sandbox.conftest import Rest

GENERAL = f"/channels/{shipped.GENERAL_ID}/messages"
APP = f"/applications/{shipped.BOT_ID}"
PING = {"name": "ping", "description": "Say pong"}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
ROW = {"type": 1, "components": [BUTTON]}
MIB = 1 << 20


async def registered(rest: Rest, *commands: Any) -> None:
    status, body = await rest("PUT", f"{APP}/commands", list(commands or [PING]))
    assert 200 == status, body


class Act:
    """An act of a person that waits for the bot's answer."""

    def __init__(self, sandbox: Sandbox, task: asyncio.Task[Answer], made: Interaction) -> None:
        self.sandbox = sandbox
        self.task = task
        self.made = made

    @property
    def callback(self) -> str:
        return f"/interactions/{self.made.id}/{self.made.token}/callback?with_response=1"

    @property
    def webhook(self) -> str:
        return f"/webhooks/{shipped.BOT_ID}/{self.made.token}"


async def begun(sandbox: Sandbox, deed: Any) -> Act:
    """Start an act and give back its interaction as soon as there is one."""
    known = set(sandbox.world.interactions)
    task = asyncio.ensure_future(deed)
    happened = asyncio.Event()
    stop = sandbox.world.listen(lambda _: happened.set())
    async with asyncio.timeout(20):
        while not (fresh := set(sandbox.world.interactions) - known):
            happened.clear()
            await happened.wait()
    stop()
    return Act(sandbox, task, sandbox.world.interactions[fresh.pop()])


async def sent(rest: Rest, path: str = GENERAL, **body: Any) -> Any:
    status, message = await rest("POST", path, {"content": "hello"} | body)
    assert 200 == status, message
    return message


def form(files: dict[str, bytes], payload: Any) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", json.dumps(payload))
    for n, (name, content) in enumerate(files.items()):
        kind = "application/octet-stream"
        data.add_field(f"files[{n}]", io.BytesIO(content), filename=name, content_type=kind)
    return data
