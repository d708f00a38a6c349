"""Repeating what somebody typed, so that it pings nobody, links nowhere and formats nothing."""

from __future__ import annotations

import re

ECHO_LIMIT = 900
"""Characters of a prompt that a place repeats; longer ones are cut with an ellipsis."""

_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()\-:<@/.])")
_ZERO_WIDTH = "\u200b"
_DISARMED_LIMIT = 1800
"""Characters an echo may have with its backslashes, so that a headline around it still fits."""


def echo(text: str) -> str:
    """Repeat what somebody typed so that it pings nobody, links nowhere and formats nothing.

    Discord reads `<@1>`, `@everyone`, `<#1>`, `<:emoji:1>`, `</command:1>`, bare links and its
    markdown. A backslash disarms the marks; a zero-width space after `@` and inside `://` and
    before a domain's dot disarms what backslashes do not.
    """
    keep = ECHO_LIMIT
    while len(disarmed := _disarm(_cut(text, keep))) > _DISARMED_LIMIT:
        keep = keep * 3 // 4
    return disarmed


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _disarm(text: str) -> str:
    one_line = " ".join(text.split())
    broken = re.sub(r"@", "@" + _ZERO_WIDTH, one_line)
    broken = re.sub(r"://", f":{_ZERO_WIDTH}//", broken)
    broken = re.sub(r"(?i)discord\.(gg|com)", rf"discord{_ZERO_WIDTH}.\1", broken)
    return _MARKDOWN.sub(r"\\\1", broken)
