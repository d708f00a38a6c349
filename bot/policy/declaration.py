"""Which wording of the declaration of rights and consent is asked for."""

from __future__ import annotations

VERSION = 1
"""Of the wording in `bot.words.reporting`; whoever agreed to another one is asked again."""
