"""A receipt of an erasure: one line its owner can keep, paste anywhere and have checked.

    darkroom-receipt.<payload>.<signature>

The payload is canonical JSON (sorted keys, no spaces, ASCII), the signature Ed25519 (RFC 8032) over
everything before its dot; both in base64url without padding. It is a statement of what was done,
with counts, codes and times to the minute: no content, no name, no id of a person or a job.
"""

from __future__ import annotations

import json
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = 1
LONGEST_CHARACTERS = 1_500
AND_MORE = "and-more"
"""Stands for the failures that no longer fit into one line."""

_PREFIX = "darkroom-receipt"
_SIGNATURE_CHARACTERS = 86
_LONGEST_PASTED = 4 * LONGEST_CHARACTERS
_WRAPPERS = "`\"'<>"


class Flaw(StrEnum):
    """What is wrong with a line that does not verify. Each has its sentence in `bot.words`."""

    NOT_A_RECEIPT = "not-a-receipt"
    TRUNCATED = "truncated"
    EDITED = "edited"
    FOREIGN = "foreign"
    FUTURE_VERSION = "future-version"


class Scope(StrEnum):
    """What an erasure was asked to reach."""

    JOB = "job"
    TODAY = "today"
    EVERYTHING = "everything"
    MEMBER = "member"  #: what one member has in one server
    CHANNEL = "channel"
    RANGE = "range"  #: of one server, between two moments
    SERVER = "server"


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What an erasure did, and what it could not do.

    `id` is random, and no key to anything else; times are seconds since 1970 in whole minutes.
    `counts` says how much of each data class went; `methods` and `failures` are codes.
    `unreached_expire_on` is the day by which stealth recipes that no walk found die, None when
    there can be none. `backups` and `remnants` say what outlives this erasure.
    """

    id: str
    scope: Scope
    begun_at: int
    ended_at: int
    counts: Mapping[str, int] = field(default_factory=dict)
    keys_destroyed: int
    methods: tuple[str, ...] = ()
    messages_deleted: int = 0
    messages_found: int = 0
    failures: tuple[str, ...] = ()
    recipes_erased: int = 0
    unreached_expire_on: str | None = None
    backups: str
    remnants: str
    software: str
    policy: str


def public_key(private_seed: bytes) -> bytes:
    """Give the 32 bytes that check what these 32 bytes signed."""
    return Ed25519PrivateKey.from_private_bytes(private_seed).public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """Name a house's public key: the first 16 hex digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]


def sign(private_seed: bytes, erasure: Erasure) -> str:
    """Write the line: at most 1,500 characters, the same for the same erasure.

    Seconds are cut off the times. Of failures that do not fit the last ones become `and-more`.

    Raises:
        ValueError: it is too long even without its failures.
    """
    key = Ed25519PrivateKey.from_private_bytes(private_seed)
    erasure = replace(
        erasure,
        begun_at=erasure.begun_at - erasure.begun_at % 60,
        ended_at=erasure.ended_at - erasure.ended_at % 60,
    )
    name = key_id(public_key(private_seed))
    for kept in range(len(erasure.failures), -1, -1):
        all_kept = kept == len(erasure.failures)
        told = erasure.failures[:kept] + (() if all_kept else (AND_MORE,))
        body = f"{_PREFIX}.{_encode(_payload(replace(erasure, failures=told), name))}"
        line = f"{body}.{_encode(key.sign(body.encode()))}"
        if len(line) <= LONGEST_CHARACTERS:
            return line
    raise ValueError("a receipt must fit into 1,500 characters")


def verify(public: bytes, line: str) -> Erasure | Flaw:
    """Check a pasted line against this house's public key. Never raises, whatever it is given.

    White space, invisible characters and line breaks that pasting adds do not matter, nor quotes
    around it. A line whose key id is not ours is FOREIGN, also when that id was edited.
    """
    text = _unwrapped(line)
    prefix, _, rest = text.partition(".")
    if prefix != _PREFIX or len(text) > LONGEST_CHARACTERS:
        return Flaw.NOT_A_RECEIPT
    encoded, _, encoded_signature = rest.partition(".")
    if len(encoded_signature) < _SIGNATURE_CHARACTERS:
        return Flaw.TRUNCATED
    payload, signature = _decode(encoded), _decode(encoded_signature)
    found = _read(payload)
    if signature is None or not _signed(public, f"{_PREFIX}.{encoded}", signature):
        named = found.get("key")
        return Flaw.FOREIGN if isinstance(named, str) and named != key_id(public) else Flaw.EDITED
    return _erasure(found) if found.get("version") == VERSION else Flaw.FUTURE_VERSION


def sign_text(private_seed: bytes, text: str) -> str:
    """Sign a line of ours that is no receipt; in base64url."""
    return _encode(Ed25519PrivateKey.from_private_bytes(private_seed).sign(text.encode()))


def is_signed(public: bytes, text: str, signature: str) -> bool:
    """Say whether this house signed a line."""
    decoded = _decode(signature)
    return decoded is not None and _signed(public, text, decoded)


def _payload(erasure: Erasure, key_name: str) -> bytes:
    written = asdict(replace(erasure, counts=dict(erasure.counts)))
    written |= {"version": VERSION, "key": key_name}
    written["messages"] = {
        "deleted": written.pop("messages_deleted"),
        "found": written.pop("messages_found"),
    }
    written["recipes"] = {
        "erased": written.pop("recipes_erased"),
        "unreached_expire_on": written.pop("unreached_expire_on"),
    }
    return json.dumps(written, sort_keys=True, separators=(",", ":")).encode()


def _erasure(written: dict[str, Any]) -> Erasure:
    """Read what `_payload` wrote: its signature says that it did."""
    messages, recipes = written.pop("messages"), written.pop("recipes")
    del written["version"], written["key"]
    return Erasure(
        **written
        | {
            "scope": Scope(written["scope"]),
            "methods": tuple(written["methods"]),
            "failures": tuple(written["failures"]),
            "messages_deleted": messages["deleted"],
            "messages_found": messages["found"],
            "recipes_erased": recipes["erased"],
            "unreached_expire_on": recipes["unreached_expire_on"],
        }
    )


def _read(payload: bytes | None) -> dict[str, Any]:
    """Read JSON that anybody may have written; empty when it is none."""
    try:
        found = json.loads(payload or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _signed(public: bytes, body: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body.encode())
    except InvalidSignature:
        return False
    return True


def _unwrapped(line: str) -> str:
    """Take away what pasting adds: every kind of space, invisible characters, quotes around."""
    visible = (
        character
        for character in line[:_LONGEST_PASTED]
        if not character.isspace() and unicodedata.category(character)[0] not in "CZ"
    )
    return "".join(visible).strip(_WRAPPERS)


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes | None:
    """Decode exactly what `_encode` writes: one text for one content."""
    try:
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # binascii.Error, or a character that is not ASCII
        return None
    return content if _encode(content) == text else None
