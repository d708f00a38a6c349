"""What somebody asks for in the scene: random letters, found nowhere by chance."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.selfcheck import canary

_LETTERS = "bcdfghjklmnpqrstvwxz"
"""No vowels: no word of any language, and of no list of words."""

_WORD_LETTERS = 12


@dataclass(frozen=True)
class Asked:
    """Words, words to avoid, a seed."""

    words: tuple[str, str, str, str] = field(repr=False)
    avoided: str = field(repr=False)
    seed: int = field(repr=False)

    @property
    def prompt(self) -> str:
        """The prompt."""
        return "a small house and a {}, {} with {}, {}".format(*self.words)

    @property
    def negative_prompt(self) -> str:
        """The negative prompt."""
        return f"people, {self.avoided}"

    def in_words(self) -> frozenset[bytes]:
        """Give the patterns of the words."""
        return frozenset[bytes]().union(*map(canary.of_text, self.words))

    def in_settings(self) -> frozenset[bytes]:
        """Give the patterns of what a public result does not show."""
        return canary.of_text(self.avoided) | canary.of_text(str(self.seed))


def at_random() -> Asked:
    """Make an ask; one of its words holds what JSON and addresses must escape."""
    first, second, third, before, behind, avoided = (_word() for _ in range(6))
    seed = 10**9 + secrets.randbelow(3 * 10**9)
    return Asked((first, second, third, f'{before}"ü🙂{behind}'), avoided, seed)


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_WORD_LETTERS))
