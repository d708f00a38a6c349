"""What a model says about itself, and which words of a prompt it does not know. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Card:
    """The face of a model: how it is called, what it does well, what it may be used for."""

    name: str
    family: str  #: which adapter runs it, see `gen.families`
    licence: str = "unknown"
    width: int = 512  #: pixels, when nobody asks for a size
    height: int = 512
    steps: int = 30
    guidance: float = 7.0
    sizes: tuple[tuple[int, int], ...] = ()  #: (width, height) it was made for; never empty
    words: tuple[str, ...] = ()  #: all the words it knows; empty: an ordinary language

    def __post_init__(self) -> None:
        if not self.sizes:
            object.__setattr__(self, "sizes", ((self.width, self.height),))
        if (self.width, self.height) not in self.sizes:
            object.__setattr__(self, "sizes", ((self.width, self.height), *self.sizes))

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any]) -> "Card":
        """Read a card from plain TOML or JSON values.

        Raises ValueError, naming the field, when one is missing, unknown or of another kind.
        """
        if unknown := sorted(set(found) - set(_KINDS)):
            raise ValueError(f"unknown field {unknown[0]}")
        for name in ("name", "family"):
            if name not in found:
                raise ValueError(f"no {name}")
        return cls(**{name: _read(name, value) for name, value in found.items()})


def _read(name: str, value: Any) -> Any:
    """One field in our own types."""
    kind = _KINDS[name]
    if type(value) is bool or not isinstance(value, kind):
        raise ValueError(f"{name} is of another kind than expected")
    return _exact(name, value)


def _exact(name: str, value: Any) -> Any:
    """One field, lists as tuples and numbers as floats."""
    if name == "sizes":
        if not all(len(size) == 2 and all(type(px) is int for px in size) for size in value):
            raise ValueError("sizes are pairs of pixels, like [[512, 512], [768, 512]]")
        return tuple((width, height) for width, height in value)
    if name == "words":
        return tuple(str(word) for word in value)
    return float(value) if name == "guidance" else value


_KINDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "family": str,
    "licence": str,
    "width": int,
    "height": int,
    "steps": int,
    "guidance": (int, float),
    "sizes": (list, tuple),
    "words": (list, tuple),
}


def unknown_words(card: Card, prompt: str) -> list[str]:
    """List the words of a prompt that the model has never seen, in order, each once.

    A model of an ordinary language (no word list) knows them all.
    """
    if not card.words:
        return []
    known = {part for word in card.words for part in _WORD.findall(word.casefold())}
    asked = _WORD.findall(prompt.casefold())
    return [word for word in dict.fromkeys(asked) if word not in known]
