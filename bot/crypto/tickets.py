"""How a delivered stealth recipe is kept: sealed on our disk, its key in its owner's buttons.

A ticket is what the buttons carry: which row, and the key of it. Both come out of the job's recipe
key, which lives in memory only, so a delivery that is repeated makes the same buttons; once that
key is dropped nothing links row and job, and nothing on the disk opens the row. The cipher key
takes the presser's user id too: to another person the ticket is as good as none.

HKDF is RFC 5869 with SHA-256; sealing is `bot.crypto.envelope`.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.crypto.envelope import KEY_BYTES, Binding, seal, unseal

_ROW_BYTES = 16
_ROW_CHARACTERS, _KEY_CHARACTERS = 22, 43


@dataclass(frozen=True)
class Ticket:
    """A row of `unlinked_recipes` and its key. Neither is ever printed: `text` is for buttons."""

    row: str = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """Write it as a button carries it: `<row>:<key>`, 66 characters."""
        return f"{self.row}:{_encode(self.key)}"

    @classmethod
    def read(cls, text: str) -> Ticket | None:
        """Read what `text` wrote; None for anything else."""
        row, _, key = text.partition(":")
        row_bytes, key_bytes = _decode(row, _ROW_CHARACTERS), _decode(key, _KEY_CHARACTERS)
        if row_bytes is None or key_bytes is None:
            return None
        return cls(row, key_bytes)


def derive(recipe_key: bytes) -> Ticket:
    """Make the ticket of a job from its recipe key: the same one every time."""
    row = _hkdf(recipe_key, _ROW_BYTES, salt=b"", info=b"ticket row")
    return Ticket(_encode(row), _hkdf(recipe_key, KEY_BYTES, salt=b"", info=b"ticket key"))


def seal_recipe(ticket: Ticket, owner: int, plain: bytes) -> bytes:
    """Seal a recipe for the one person whose DM holds its buttons."""
    return seal(_cipher_key(ticket, owner), plain, _binding(ticket))


def open_recipe(ticket: Ticket, presser: int, sealed: bytes) -> bytes:
    """Open a recipe with a pressed button.

    Raises:
        SealBroken: another person pressed it, it is another row's, or something was changed.
    """
    return unseal(_cipher_key(ticket, presser), sealed, _binding(ticket))


def _cipher_key(ticket: Ticket, person: int) -> bytes:
    info = f"recipe|{person}".encode()
    return _hkdf(ticket.key, KEY_BYTES, salt=ticket.row.encode(), info=info)


def _binding(ticket: Ticket) -> Binding:
    return Binding("unlinked_recipes", ticket.row, "", "recipe")  # the key is bound to the owner


def _hkdf(secret: bytes, length_bytes: int, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), length_bytes, salt, info).derive(secret)


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str, characters: int) -> bytes | None:
    """Decode exactly what `_encode` writes: one text for one content."""
    if len(text) != characters or not text.isascii():
        return None
    try:
        content = urlsafe_b64decode(text + "=" * (-characters % 4))
    except binascii.Error:
        return None
    return content if _encode(content) == text else None
