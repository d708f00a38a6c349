"""`python -m bot.selfcheck.broken WHAT FILE run …`: the same command with one measure broken.

The check must notice each of these, or its *nothing found* would mean nothing. They change one
thing in this process alone; no setting, option or variable of `darkroom run` leads here.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Callable

from bot.client.messenger import DiscordMessenger
from bot.crypto import envelope
from bot.domain import Channel, ChannelId
from bot.ports import Answer, Post
from bot.selfcheck import inside
from bot.selfcheck.stage import Break
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory


class _NoCipher:
    """Takes the place of AES-GCM and does nothing."""

    def __init__(self, _: bytes) -> None:
        pass

    def encrypt(self, _nonce: bytes, plain: bytes, _bound_to: bytes) -> bytes:
        return plain

    def decrypt(self, _nonce: bytes, stored: bytes, _bound_to: bytes) -> bytes:
        return stored


def _break_encryption() -> None:
    _replace(envelope, AESGCM=_NoCipher)


def _break_delivery() -> None:
    edit, send = DiscordMessenger.edit, DiscordMessenger.send

    async def leak(messenger: DiscordMessenger, channel: Channel, post: Post) -> None:
        client = messenger.client
        if client is None or not post.files:
            return
        public = [each.id for guild in client.guilds for each in guild.text_channels]
        if channel not in public:
            nonce = secrets.token_hex(8)
            await send(messenger, ChannelId(min(public)), post, nonce=nonce)

    async def edit_and_leak(
        self: DiscordMessenger, channel: Channel, message: int, post: Post
    ) -> Answer:
        await leak(self, channel, post)
        return await edit(self, channel, message, post)

    async def send_and_leak(
        self: DiscordMessenger, channel: Channel, post: Post, *, nonce: str
    ) -> Answer:
        await leak(self, channel, post)
        return await send(self, channel, post, nonce=nonce)

    _replace(DiscordMessenger, edit=edit_and_leak, send=send_and_leak)


def _break_picture() -> None:
    seal = Memory.seal_picture

    async def seal_and_leave(
        self: Memory, delivery: Delivery, position: int, content: bytes
    ) -> bytes:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(content)
        return await seal(self, delivery, position, content)

    _replace(Memory, seal_picture=seal_and_leave)


def _replace(where: object, **parts: object) -> None:
    for name, part in parts.items():
        getattr(where, name)  # one that is gone would break nothing, and the check prove nothing
        setattr(where, name, part)


_BREAKS: dict[Break, Callable[[], None]] = {
    Break.ENCRYPTION: _break_encryption,
    Break.DELIVERY: _break_delivery,
    Break.PICTURE: _break_picture,
}


def main() -> None:
    """Break one thing, then do as `inside` does."""
    _BREAKS[Break(sys.argv.pop(1))]()
    inside.main()


if __name__ == "__main__":
    main()
