"""Long answers, cut into messages that Discord takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

PAGE_LIMIT = 2000
"""Characters of a message (https://discord.com/developers/docs/resources/message)."""


def pages(blocks: Iterable[str]) -> list[str]:
    """Put blocks into as few messages as keep their order, a block whole where it fits."""
    filled: list[str] = []
    for piece in (piece for block in blocks for piece in _pieces(block)):
        if filled and len(filled[-1]) + 2 + len(piece) <= PAGE_LIMIT:
            filled[-1] += f"\n\n{piece}"
        else:
            filled.append(piece)
    return filled


def _pieces(block: str) -> Iterator[str]:
    """Cut a block between lines where it is longer than a message, and a line where it must be."""
    piece = ""
    for line in (part for whole in block.splitlines() for part in _parts(whole)):
        if piece and len(piece) + 1 + len(line) > PAGE_LIMIT:
            yield piece
            piece = line
        else:
            piece = f"{piece}\n{line}" if piece else line
    if piece:
        yield piece


def _parts(line: str) -> list[str]:
    return [line[start : start + PAGE_LIMIT] for start in range(0, len(line), PAGE_LIMIT)] or [""]
