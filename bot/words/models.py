"""What people read about the models there are to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.words.pages import pages
from gen.card import Card

CHANGES = (
    "The painter has another model loaded and changes to yours when its turn comes, which takes "
    "some seconds."
)

_MOST_SIZES = 8


@dataclass(frozen=True)
class Offered:
    """One model. Which one is loaded is not said: it may be the one of somebody's stealth job."""

    card: Card
    is_default: bool
    is_served: bool = True


def models(offered: Sequence[Offered]) -> list[str]:
    """All models: what each is, what its licence asks, and what it can be told."""
    head = "**Models** · choose one with `model` in `/imagine`, or with `--model` in a prompt"
    return pages([head, *("\n".join(_lines(one)) for one in offered)])


def _lines(one: Offered) -> list[str]:
    card = one.card
    marks = [
        "drawn with unless you choose" if one.is_default else "",
        "" if one.is_served else "cannot be loaded just now",
    ]
    said = " · ".join([f"**{card.name}**", card.family, *filter(None, marks)])
    licence = " · ".join(filter(None, [f"licence {card.licence}", card.use_limits, card.source]))
    lines = [said, f"-# {licence}", f"-# {_sizes(card)}"]
    lines += [f"-# `--lora {lora.name}`{_trigger(lora.words)}" for lora in card.loras]
    return lines


def _sizes(card: Card) -> str:
    listed = ", ".join(f"{width}×{height}" for width, height in card.sizes[:_MOST_SIZES])
    more = " and other shapes of about that area" if card.any_ratio else ""
    words = " · few words: I say which it does not know" if card.words else ""
    return f"{listed}{more} · {card.steps} steps{words}"


def _trigger(words: Sequence[str]) -> str:
    return f" · say {', '.join(words)}" if words else ""
