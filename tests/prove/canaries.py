"""Words that occur nowhere by chance: each ask has its own, and so does all that is made of it."""

from __future__ import annotations

import re
import string

CANARY = re.compile(rb"qx[a-j]{8}xq")

_LETTERS = str.maketrans(string.digits, "abcdefghij")


def canary(number: int) -> str:
    """A word of letters alone, so that nothing takes it for a telephone number."""
    return f"qx{number:08d}xq".translate(_LETTERS)


def canaries_in(content: bytes) -> set[str]:
    """Every canary that can be read in these bytes."""
    return {found.decode() for found in CANARY.findall(content)}
