"""Whether a prompt that is about to stand in public holds something about a real person.

It is looked at here, on this machine, and only the kinds of what was found are told: never the
text. It is a question to the writer, not a lock: what it misses is listed in its test.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

import phonenumbers
from stdnum import iban, luhn

from bot.policy.prompt import drawable
from bot.policy.streets import holds_address


class Kind(StrEnum):
    """What personal detail a text seems to hold."""

    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    ACCOUNT = "account"


def find(text: str) -> frozenset[Kind]:
    """Name the kinds of personal details a text seems to hold."""
    plain = _plain(text)
    looks = (
        (Kind.EMAIL, _holds_email),
        (Kind.PHONE, _holds_phone),
        (Kind.ADDRESS, holds_address),
        (Kind.ACCOUNT, _holds_account),
    )
    return frozenset(kind for kind, holds in looks if holds(plain))


def _plain(text: str) -> str:
    """Undo what hides: wide letters, digits of other scripts, marks of no width, odd spaces."""
    seen = drawable(unicodedata.normalize("NFKC", text))
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in seen)


# --- e-mail -------------------------------------------------------------------------------------

_ENDINGS = (
    r"(?:com|net|org|info|edu|gov|io|me|dev|app|co|us|uk|de|at|ch|eu|fr|be|nl|it|es|pt|mx|ar|br|cl"
    r"|pl|se|no|dk|fi|ie|ca|au|nz|in|jp|kr|cn|ru|ua|tr|gmx)\b"
)
_BRACKETED_AT = r"\s?[(\[{<]\s?(?:at|ät|@|arroba|arobase)\s?[)\]}>]\s?"
_BRACKETED_DOT = r"(?:\s?[(\[{<]\s?(?:dot|punkt|punto|point|\.)\s?[)\]}>]\s?|\s(?:dot|punkt)\s|\.)"
_SPOKEN_AT = r"\s(?:at|ät|arroba|arobase)\s"
_SPOKEN_DOT = r"\s(?:dot|punkt|punto|point)\s"

_EMAIL = re.compile(
    # a picture's file name, such as icon@2x.png, is none
    r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}(?!(?:png|jpe?g|gif|webp|svg)\b)[^\W\d_]{2,}"
    rf"|\w{_BRACKETED_AT}[\w-]{{1,63}}(?:{_BRACKETED_DOT}[\w-]{{1,63}}){{0,2}}"
    rf"{_BRACKETED_DOT}{_ENDINGS}"
    rf"|\w{_SPOKEN_AT}[\w-]{{1,63}}(?:{_SPOKEN_DOT}[\w-]{{1,63}}){{0,2}}{_SPOKEN_DOT}{_ENDINGS}"
    rf"|\w\s@\s[\w-]{{1,63}}\s\.\s{_ENDINGS}",
    re.IGNORECASE,
)


def _holds_email(text: str) -> bool:
    return _EMAIL.search(text) is not None


# --- phone --------------------------------------------------------------------------------------

_FEWEST_DIGITS = 7
"""Shorter numbers are sizes, years and steps far more often than telephones."""

_COUNTRIES = (None, "US", "GB", "DE", "FR", "ES")
"""Whose national forms are known; None reads what begins with + and a country's code."""

_TRIES = 50
"""Candidates looked at per country: a prompt full of digits must not hold the house up."""

_CALL = re.compile(
    r"\b(?:call|phone|tel|telephone|mobile|cell|whatsapp|fax|sms|text me|telefon|handy|mobil|ruf"
    r"|anruf|tél|téléphone|portable|appelle|teléfono|telefono|móvil|movil|llama|llámame)\b\W{0,3}"
    r"(?:(?:me|us|number|nummer|no|nr|at|on|is|an|unter|mich|moi|au|le|est|al|es|numéro|número)\b"
    r"\W{0,3}){0,3}[+(]?\d(?:[ ().\-/]{0,2}\d){6,14}(?!\d)",
    re.IGNORECASE,
)

_GROUPED = re.compile(r"\d[ .\-/()]+\d")
_GROUPED_BY_MORE_THAN_SPACES = re.compile(r"\d[ ]?[.\-/()][ ]?\d|^\(")


def _holds_phone(text: str) -> bool:
    if sum(char.isdigit() for char in text) < _FEWEST_DIGITS:
        return False
    return _CALL.search(text) is not None or any(_written_out(text, home) for home in _COUNTRIES)


def _written_out(text: str, home: str | None) -> bool:
    """Whether a number stands there as people of that country write theirs.

    Digits in one piece are seeds. American numbers in groups with spaces are also sizes
    (512 768 1024), so those must show another mark.
    """
    groups = _GROUPED_BY_MORE_THAN_SPACES if home == "US" else _GROUPED
    found = phonenumbers.PhoneNumberMatcher(
        text, home, leniency=phonenumbers.Leniency.STRICT_GROUPING, max_tries=_TRIES
    )
    return any(
        match.raw_string.startswith("+") or groups.search(match.raw_string) for match in found
    )


# --- account ------------------------------------------------------------------------------------

_IBAN_START = re.compile(r"\b[A-Z]{2}\d{2}(?=(?:[ -]?[A-Z\d]){11})", re.IGNORECASE)
_IBAN_LENGTHS = range(15, 35)
"""Characters, from Norway to the longest the standard allows (ISO 13616)."""

_CARD = re.compile(r"(?<![\d.])(?=[2-6])\d(?:[ -]?\d){12,18}(?![\d.]*\d)")
"""13 to 19 digits that begin as payment cards do (ISO/IEC 7812)."""

_SEED = re.compile(r"\bseeds?\W{0,3}$", re.IGNORECASE)

_ACCOUNT_SAID = re.compile(
    r"(?:\b(?:(?:bank )?account|acct|card)\s?(?:number|no|num|nr|#)"
    r"|\b(?:konto|kreditkarten|karten)-?(?:nummer|nr)"
    r"|\bnuméro de (?:compte|carte)|\bnúmero de (?:cuenta|tarjeta)|\bsort code)"
    r"\W{0,3}(?:(?:is|ist|lautet|est|es)\W{1,3})?\d(?:[ -]?\d){5,18}",
    re.IGNORECASE,
)


def _holds_account(text: str) -> bool:
    return (
        _ACCOUNT_SAID.search(text) is not None
        or any(_is_iban(text[start.start() :]) for start in _IBAN_START.finditer(text))
        or any(_is_card(text, found) for found in _CARD.finditer(text))
    )


def _is_iban(text: str) -> bool:
    """Whether a text begins with an account number whose check digits are right."""
    read = ""
    for at, char in enumerate(text[:80]):
        if char not in " -":
            read += char
        if not (char.isalnum() or char in " -") or len(read) > _IBAN_LENGTHS[-1]:
            return False
        ends = not text[at + 1 : at + 2].isalnum()
        if ends and len(read) in _IBAN_LENGTHS and iban.is_valid(read):
            return True
    return False


def _is_card(text: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[0])
    return luhn.is_valid(digits) and not _SEED.search(text[: found.start()])
