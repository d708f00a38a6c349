"""What Discord says when it says no, what its client refuses, and what we do not speak.

Three kinds, never mixed: `DiscordError` is an answer Discord itself would give, `ClientError` is
what Discord's own client would not let a person do, `GapError` is ours: something that the sandbox
does not know. A gap is answered 501 by name and remembered, so that a test can fail because of it.
"""

from __future__ import annotations

from typing import Any

# code -> (HTTP status, Discord's words)
CODES: dict[int, tuple[int, str]] = {
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (404, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10029: (404, "Unknown Entitlement"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20028: (429, "The write action you are performing on the channel has hit the write rate limit"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30034: (429, "Max number of daily application command creates has been reached (200)"),
    40003: (400, "You are opening direct messages too fast"),
    40004: (403, "Send messages has been temporarily disabled"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50016: (
        400,
        "Provided too few or too many messages to delete. Must provide at least 2 and fewer",
    ),
    50021: (403, "Cannot execute action on a system message"),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50034: (400, "You can only bulk delete messages that are under 14 days old."),
    50035: (400, "Invalid Form Body"),
    50045: (400, "File uploaded exceeds the maximum size"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    130000: (503, "API resource is currently overloaded. Try again a little later"),
    160002: (400, "Cannot reply without permission to read message history"),
}


class DiscordError(Exception):
    """An answer that Discord would give instead of doing what was asked."""

    def __init__(
        self, status: int, code: int, message: str, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """The JSON that Discord sends with it."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def refuse(code: int) -> DiscordError:
    """Discord's refusal with this code, in its own words, ready to be raised."""
    status, message = CODES[code]
    return DiscordError(status, code, message)


def unauthorized() -> DiscordError:
    """The refusal of a request without a token that we know."""
    return DiscordError(401, 0, "401: Unauthorized")


class GapError(Exception):
    """Something that real Discord may know and the sandbox does not: answered 501, by name."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def body(self) -> dict[str, Any]:
        """The JSON of the 501."""
        return {"message": f"501: the sandbox does not speak {self.what}", "code": 0}


class ClientError(Exception):
    """What Discord's own client would not let this person do; 404 when it is not there at all."""

    def __init__(self, error: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class Form:
    """Collects what is wrong with a body, so that one answer can name all of it (code 50035)."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def blame(self, path: str, code: str, message: str) -> None:
        """Note one fault at a dotted path, for example ``embeds.0.title``."""
        place = self._errors
        for step in path.split("."):
            place = place.setdefault(step, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, text: object, least: int, most: int) -> None:
        """Blame a text that is not a text, too short or too long."""
        if not isinstance(text, str):
            self.blame(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        elif len(text) > most:
            self.blame(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif len(text) < least:
            self.blame(path, "BASE_TYPE_MIN_LENGTH", f"Must be at least {least} in length.")

    def count(self, path: str, items: object, least: int, most: int) -> None:
        """Blame a list that is not a list, too short or too long."""
        if not isinstance(items, list):
            self.blame(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        elif not least <= len(items) <= most:
            words = f"Must be between {least} and {most} in length."
            self.blame(path, "BASE_TYPE_BAD_LENGTH", words)

    def number(self, path: str, value: object, least: float, most: float) -> None:
        """Blame a number that is not a number or out of its range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.blame(path, "NUMBER_TYPE_COERCE", f"Value {value!r:.40} is not a number.")
        elif not least <= value <= most:
            self.blame(path, "NUMBER_TYPE_RANGE", f"Must be between {least} and {most}.")

    def check(self) -> None:
        """Raise what was collected, if anything was."""
        if self._errors:
            raise DiscordError(400, 50035, "Invalid Form Body", self._errors)


def wrong(path: str, code: str, message: str) -> DiscordError:
    """One form fault, ready to be raised."""
    form = Form()
    form.blame(path, code, message)
    return DiscordError(400, 50035, "Invalid Form Body", form._errors)
