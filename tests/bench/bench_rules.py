"""How long fifty rules on prompts take to decide, against Python's `re` on the text as typed.

The ratio is what reading through disguises costs: Python's engine sees none, and has no bound.
"""

from __future__ import annotations

import random
import re
import statistics
import string
import time
from collections.abc import Callable

from bot.policy import promptrules
from bot.policy.server import Rule
from tests.prove.tricks import GAPS, LETTERS

RULES, ROUNDS = promptrules.MAX_RULES, 200
LENGTHS = (300, 4000)
PLAIN = (
    "a portrait of an old fisherman, golden hour, 85mm f/1.4, highly detailed, masterpiece, best "
    "quality, (sharp focus:1.2), wooden boat, calm sea, soft light, harbour of a small town. "
)


def _rules(dice: random.Random) -> tuple[Rule, ...]:
    """Half of them six words each, half patterns; none is in the prompts."""

    def word() -> str:
        return "q" + "".join(dice.choices(string.ascii_lowercase, k=dice.randint(4, 9)))

    return tuple(
        Rule(name=f"rule {at}", text=rf"\b{word()}(s|ing)?\b", is_pattern=True)
        if at % 2
        else Rule(name=f"rule {at}", text=", ".join(word() for _ in range(6)))
        for at in range(RULES)
    )


def _prompts(dice: random.Random) -> dict[str, str]:
    """Plain words, and words with something done to their letters and between them."""
    disguised = [
        gap(letters("harmless", dice), dice)
        for letters in LETTERS.values()
        for gap in GAPS.values()
    ]
    dice.shuffle(disguised)
    return {"plain": PLAIN * 30, "disguised": " ".join(disguised) * 3}


def _milliseconds(deed: Callable[[], object]) -> list[float]:
    deed()
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        deed()
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def main() -> None:
    """Print the table."""
    dice = random.Random(1)
    rules, prompts = _rules(dice), _prompts(dice)
    raw = [
        re.compile(one.text if one.is_pattern else rf"\b({one.text.replace(', ', '|')})\b", re.I)
        for one in rules
    ]
    print(
        f"{f'{RULES} rules on one prompt':28} {'median ms':>10} {'p99 ms':>8} "
        f"{'re, ms':>8} {'ratio':>6}"
    )
    for name, text in prompts.items():
        for length in LENGTHS:
            prompt = text[:length]
            assert len(prompt) == length
            ours = _milliseconds(lambda prompt=prompt: promptrules.first_hit(rules, prompt))
            theirs = _milliseconds(lambda prompt=prompt: [one.search(prompt) for one in raw])
            median, other = statistics.median(ours), statistics.median(theirs)
            print(
                f"{f'{name}, {length} characters':28} {median:10.2f} "
                f"{ours[ROUNDS * 99 // 100]:8.2f} {other:8.2f} {median / other:6.1f}"
            )


if __name__ == "__main__":
    main()
