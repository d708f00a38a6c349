"""Files and their links: signed, and good for 24 hours on the sandbox's clock.

A link ends in `?ex=…&is=…&hm=…` (expiry, issue, signature), like Discord's. Each time a message is
read again its links are fresh. Bytes lie in memory, or in a folder beside the world file.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from bot.sandbox.clock import Clock
from bot.sandbox.entities import Attachment

LINK_SECONDS = 24 * 3600
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


class FileStore:
    """The bytes of attachments by attachment id."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._memory: dict[int, bytes] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, file_id: int, content: bytes) -> None:
        """Keep these bytes."""
        if self.folder is None:
            self._memory[file_id] = content
        else:
            (self.folder / str(file_id)).write_bytes(content)

    def get(self, file_id: int) -> bytes | None:
        """The bytes, or None when there are none."""
        if self.folder is None:
            return self._memory.get(file_id)
        path = self.folder / str(file_id)
        return path.read_bytes() if path.is_file() else None

    def drop(self, file_id: int) -> None:
        """Forget the bytes."""
        self._memory.pop(file_id, None)
        if self.folder is not None:
            (self.folder / str(file_id)).unlink(missing_ok=True)


class Links:
    """Signs the links of attachments and checks them when they come back."""

    def __init__(self, clock: Clock, key: bytes) -> None:
        self._clock = clock
        self._key = key
        self.base_url = "http://127.0.0.1/cdn"

    def to(self, attachment: Attachment) -> str:
        """A fresh link to this attachment."""
        path = self._path(attachment)
        issued = int(self._clock.now())
        expires = issued + LINK_SECONDS
        signature = self._sign(path, expires, issued)
        return f"{self.base_url}{path}?ex={expires:x}&is={issued:x}&hm={signature}&"

    def honours(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether this path and signature are ours and still good."""
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return False
        signature = self._sign(path, expires, issued).encode()
        good = hmac.compare_digest(signature, query.get("hm", "").encode())
        return good and self._clock.now() < expires

    @staticmethod
    def _path(attachment: Attachment) -> str:
        kind = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        name = quote(attachment.filename)
        return f"/{kind}/{attachment.channel_id}/{attachment.id}/{name}"

    def _sign(self, path: str, expires: int, issued: int) -> str:
        words = f"{path}\n{expires:x}\n{issued:x}".encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()
