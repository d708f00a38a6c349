"""What a model says about itself, and which words of a prompt it does not know. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gen import weights

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Lora:
    """A small set of weights that bends a model towards something (Hu et al., arXiv 2106.09685)."""

    name: str
    file: str  #: where its safetensors file lies
    words: tuple[str, ...] = ()  #: what a prompt says to call it up
    weight: float = 1.0  #: how strongly it bends, when nobody says

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any]) -> "Lora":
        """Read it from plain TOML or JSON values. Raises ValueError, naming the field."""
        return cls(**_all_of(found, _LORA_KINDS, ("name", "file")))


@dataclass(frozen=True, kw_only=True)
class Card:
    """The face of a model: how it is called, what it does well, what it may be used for."""

    name: str
    family: str  #: which adapter runs it, see `gen.families`
    licence: str = "unknown"
    source: str = ""  #: where it and its licence can be read about
    use_limits: str = ""  #: what the licence asks of who uses it, such as a revenue limit
    width: int = 512  #: pixels, when nobody asks for a size
    height: int = 512
    steps: int = 30
    guidance: float = 7.0
    sizes: tuple[tuple[int, int], ...] = ()  #: (width, height) it was made for; never empty
    any_ratio: bool = False  #: it draws at other ratios of about its default area, too
    words: tuple[str, ...] = ()  #: all the words it knows; empty: an ordinary language
    upscale_strength: float = 0.0  #: by how much an enlarged picture is repainted; 0: not at all
    loras: tuple[Lora, ...] = ()

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
        return cls(**_all_of(found, _KINDS, ("name", "family")))

    def lora(self, name: str) -> Lora | None:
        """Find a LoRA by its name, however it is written."""
        wanted = name.casefold()
        return next((lora for lora in self.loras if lora.name.casefold() == wanted), None)


def _all_of(found: Mapping[str, Any], kinds: "_Kinds", needed: tuple[str, ...]) -> dict[str, Any]:
    """Every field in our own types."""
    if unknown := sorted(set(found) - set(kinds)):
        raise ValueError(f"unknown field {unknown[0]}")
    for name in needed:
        if name not in found:
            raise ValueError(f"no {name}")
    return {name: _read(name, value, kinds[name]) for name, value in found.items()}


def _read(name: str, value: Any, kind: "_Kind") -> Any:
    """One field in our own types."""
    is_flag = type(value) is bool
    if is_flag != (kind is bool) or not isinstance(value, kind):
        raise ValueError(f"{name} is of another kind than expected")
    least, most = _BOUNDS.get(name, (-math.inf, math.inf))
    if isinstance(value, int | float) and not least <= value <= most:  # nor is what is no number
        raise ValueError(f"{name} is not within {least} and {most}")
    return _exact(name, value)


def _exact(name: str, value: Any) -> Any:
    """One field, lists as tuples and numbers as floats."""
    if name == "sizes":
        if not all(map(_is_size, value)):
            raise ValueError("sizes are pairs of pixels, like [[512, 512], [768, 512]]")
        return tuple((width, height) for width, height in value)
    if name == "words":
        return tuple(str(word) for word in value)
    if name == "loras":
        if not all(isinstance(one, Mapping) for one in value):
            raise ValueError("loras are tables, each with a name and a file")
        loras = tuple(Lora.from_mapping(one) for one in value)
        if len({lora.name.casefold() for lora in loras}) < len(loras):
            raise ValueError("loras have the same name twice")
        return loras
    return float(value) if name in ("guidance", "weight", "upscale_strength") else value


def _is_size(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(type(px) is int and 1 <= px <= _MOST_PIXELS for px in value)
    )


_Kind = type | tuple[type, ...]
_Kinds = dict[str, _Kind]

_MOST_PIXELS = 8192
_BOUNDS: dict[str, tuple[float, float]] = {
    "width": (1, _MOST_PIXELS),
    "height": (1, _MOST_PIXELS),
    "steps": (1, 100),
    "guidance": (0, 100),
    "weight": (-2, 2),
    "upscale_strength": (0, 1),
}

_KINDS: _Kinds = {
    "name": str,
    "family": str,
    "licence": str,
    "source": str,
    "use_limits": str,
    "width": int,
    "height": int,
    "steps": int,
    "guidance": (int, float),
    "sizes": (list, tuple),
    "any_ratio": bool,
    "words": (list, tuple),
    "upscale_strength": (int, float),
    "loras": (list, tuple),
}

_LORA_KINDS: _Kinds = {
    "name": str,
    "file": str,
    "words": (list, tuple),
    "weight": (int, float),
}


def plain(name: str) -> str:
    """Write a model's name as it is compared: `Dream XL` is found as `dream-xl`, too."""
    return "".join(char for char in name.casefold() if char.isalnum()) or name


def unknown_words(card: Card, prompt: str) -> list[str]:
    """List the words of a prompt that the model has never seen, in order, each once.

    A model of an ordinary language (no word list) knows them all.
    """
    if not card.words:
        return []
    known = {part for word in card.words for part in _WORD.findall(word.casefold())}
    asked = _WORD.findall(weights.words(prompt).casefold())
    return [word for word in dict.fromkeys(asked) if word not in known]
