"""What people attached is fetched from Discord's own hosts, and from nowhere else.

An address comes from Discord, inside an interaction, and is checked all the same, as a text: it has
exactly the form that Discord gives it, so that no two readers of addresses can disagree about it.
No redirect is followed, no cookie is sent, no proxy of the environment is asked.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import aiohttp
import yarl

from bot import log
from bot.client.endpoint import Endpoint
from bot.domain import Private
from bot.ports import Unfetched
from gen.inbound import LONGEST_FILE_BYTES

FETCH_SECONDS = 20.0
"""How long one picture may take, from the first word to the last byte."""

MOST_AT_ONCE = 4

_HOSTS = r"https://(?:cdn\.discordapp\.com|media\.discordapp\.net)"
_PATH = (
    r"/(?:attachments|ephemeral-attachments)/[0-9]{1,20}/[0-9]{1,20}"
    r"/[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]{0,1000}(?:\?[A-Za-z0-9_.%~=&-]{0,1000})?"
)
"""https://discord.com/developers/docs/reference#signed-attachment-cdn-urls"""

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Attachments:
    """Fetches attachments: of Discord, or of the sandbox that stands for it."""

    endpoint: Endpoint
    most_bytes: int = LONGEST_FILE_BYTES
    patience_seconds: float = FETCH_SECONDS
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))

    async def __call__(self, url: Private) -> bytes | Unfetched:
        """Fetch one; nobody is asked unless the address is an attachment's."""
        address = url.reveal()
        if not self.is_ours(address):
            log.event("attachment.foreign")
            return Unfetched.FOREIGN
        async with self._places:
            try:
                async with asyncio.timeout(self.patience_seconds):
                    return await self._read(yarl.URL(address, encoded=True))
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as fault:
                log.event("attachment.unreachable", fault=fault)
                return Unfetched.UNREACHABLE

    def is_ours(self, address: str) -> bool:
        """Say whether an address is an attachment's, at the Discord we speak to."""
        sandbox = self.endpoint.sandbox
        hosts = _HOSTS if sandbox is None else re.escape(str(sandbox.origin())) + "/cdn"
        return re.fullmatch(hosts + _PATH, address, re.ASCII) is not None

    async def _read(self, url: yarl.URL) -> bytes | Unfetched:
        async with (
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
            ) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                return Unfetched.GONE if 300 <= answer.status < 500 else Unfetched.UNREACHABLE
            content = bytearray()
            async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
                content += chunk
                if len(content) > self.most_bytes:
                    return Unfetched.TOO_LARGE
            return bytes(content)
