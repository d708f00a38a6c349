"""Logging: an event code and, for a fault, its class. Never a text that came from outside.

Library loggers pass the same gate: of a record of theirs only logger, level and exception class
remain, since their messages may quote requests, texts or identifiers. The rest is taken from the
record when it is made, so that no handler of anybody's can print it.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, TextIO

_EVENTS = logging.getLogger("darkroom")


def event(code: str, *, fault: BaseException | None = None, count: int | None = None) -> None:
    """Log that something happened: a fixed code, a fault's class, a number."""
    level = logging.INFO if fault is None else logging.WARNING
    _EVENTS.log(
        level, code, extra={"fault": type(fault).__name__ if fault else None, "count": count}
    )


class _Record(logging.LogRecord):
    """What may be kept of a record: of ours its code, of a library's the class it raised."""

    def __init__(  # logging's own signature
        self,
        name: str,
        level: int,
        pathname: str,
        lineno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        *_: object,
        **__: object,
    ) -> None:
        code = msg if name == _EVENTS.name else ""
        super().__init__(name, level, pathname, lineno, code, (), None)
        self.raised = exc_info[0].__name__ if exc_info and exc_info[0] else None


class _Gate(logging.Formatter):
    """Writes what is allowed of a record as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": int(record.created),
            "level": record.levelname.lower(),
        }
        if record.name == _EVENTS.name:
            line["event"] = record.msg
            line |= {name: getattr(record, name, None) for name in ("fault", "count")}
        else:
            line["event"] = f"library.{record.name}"
            line["fault"] = getattr(record, "raised", None)
        return json.dumps({key: value for key, value in line.items() if value is not None})


def set_up(level: str, stream: TextIO = sys.stderr) -> None:
    """Send every logger of the process through the gate.

    Libraries stay at WARNING and above: at DEBUG discord.py logs whole requests. Whatever level
    anybody sets later, nothing below INFO is logged.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Gate())
    handler.setLevel(logging.INFO)
    logging.setLogRecordFactory(_Record)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.disable(logging.DEBUG)
    logging.raiseExceptions = False  # a handler in trouble would print the record
    logging.captureWarnings(capture=True)
    logging.getLogger("dotenv.main").disabled = True  # `bot.settings` names these lines itself
    _EVENTS.setLevel(level.upper())
