"""Unknown fields are gaps, and loud ones: a body may hold only what a route has learned to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.sandbox.errors import ClientError, GapError, wrong


def only(given: Mapping[str, object], known: Collection[str], where: str) -> None:
    """Refuse, by name, the first field that `where` does not know."""
    for name in given:
        if name not in known:
            raise GapError(f"the field {name!r} of {where}")


def only_for_people(given: Mapping[str, object], known: Collection[str], where: str) -> None:
    """The same for the people API, where a wrong name is simply the caller's mistake."""
    for name in given:
        if name not in known:
            words = ", ".join(sorted(known))
            raise ClientError(f"{where} does not know {name!r}; it knows: {words}")


def snowflake(value: object, path: str) -> int:
    """An id from text or number; anything else is Discord's form error."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        raise wrong(path, "NUMBER_TYPE_COERCE", f"Value {str(value)!r:.40} is not snowflake.")
    return int(value)
