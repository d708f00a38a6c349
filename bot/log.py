"""Logging: an event code and, for a fault, its class. Never a text that came from outside.

Library loggers pass the same gate: of a record of theirs only logger, level and exception class
remain, since their messages may quote requests, texts or identifiers.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO

_EVENTS = logging.getLogger("darkroom")


def event(code: str, *, fault: BaseException | None = None, count: int | None = None) -> None:
    """Log that something happened: a fixed code, a fault's class, a number."""
    level = logging.INFO if fault is None else logging.WARNING
    _EVENTS.log(
        level, code, extra={"fault": type(fault).__name__ if fault else None, "count": count}
    )


class _Gate(logging.Formatter):
    """Writes what is allowed of a record as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name == "darkroom"
        line = {
            "at": int(record.created),
            "level": record.levelname.lower(),
            "event": record.msg if ours else f"library.{record.name}",
            "fault": getattr(record, "fault", None) if ours else _class_of(record),
            "count": getattr(record, "count", None),
        }
        return json.dumps({key: value for key, value in line.items() if value is not None})


def _class_of(record: logging.LogRecord) -> str | None:
    return record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None


def set_up(level: str, stream: TextIO = sys.stderr) -> None:
    """Send every logger of the process through the gate.

    Libraries stay at WARNING and above: at DEBUG discord.py logs whole requests.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Gate())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("dotenv.main").disabled = True  # `bot.settings` names these lines itself
    _EVENTS.setLevel(level.upper())
