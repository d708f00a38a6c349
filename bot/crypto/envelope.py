"""Sealing one field: AES-256-GCM, bound to the row, the owner and the purpose it was sealed for.

A sealed field is `version (1 byte) | nonce (12 bytes) | ciphertext and tag`. What it is bound to
is not stored: whoever opens it must know it, so a ciphertext moved to another row, or another
owner, does not open (NIST SP 800-38D; `cryptography`'s AESGCM).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from bot.errors import SealBroken

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Binding:
    """What a sealed field belongs to."""

    table: str
    row: str
    owner: str
    purpose: str

    def encode(self) -> bytes:
        """Give the associated data; lengths make the parts unambiguous."""
        parts = (self.table, self.row, self.owner, self.purpose)
        return b"".join(len(part).to_bytes(2) + part.encode() for part in parts)


def new_key() -> bytes:
    """Give 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, binding: Binding) -> bytes:
    """Seal bytes for one field."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, binding.encode())


def unseal(key: bytes, sealed: bytes, binding: Binding) -> bytes:
    """Open a sealed field.

    Raises:
        SealBroken: the field was tampered with, or was sealed for another row, owner or purpose.
    """
    if sealed[:1] != _VERSION:
        raise SealBroken("unknown seal version")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, binding.encode())
    except (InvalidTag, ValueError):
        raise SealBroken("a sealed field does not open") from None


def wrap(outer: bytes, key: bytes) -> bytes:
    """Wrap a key by another one (AES key wrap, RFC 3394): 40 bytes, no nonce."""
    return aes_key_wrap(outer, key)


def unwrap(outer: bytes, wrapped: bytes) -> bytes:
    """Open a wrapped key.

    Raises:
        SealBroken: `outer` is not the key it was wrapped by, or the bytes were changed.
    """
    try:
        return aes_key_unwrap(outer, wrapped)
    except (InvalidUnwrap, ValueError):
        raise SealBroken("a wrapped key does not open") from None


def keyed_hash(key: bytes, kind: str, value: str) -> str:
    """Hash an id so that only the holder of `key` can test a guess: 32 hex digits."""
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]
