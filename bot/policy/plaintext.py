"""A prompt as eyes read it: accents, look-alike letters, spelling and hiding places undone.

A rule's word and a prompt go through the same steps, so that a word of any script is found again.
No single reading undoes every trick without spoiling an honest text, so there are several, and a
rule is held against each. No reading is shown to anybody or drawn from.

The look-alikes are Unicode's own (https://www.unicode.org/reports/tr39/#Confusable_Detection).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_letters, digits

from confusable_homoglyphs import confusables

EITHER = "ı"
"""Stands in a reading for what may be an i or an l: a 1, a stroke, a capital I among small letters.
"""


@dataclass(frozen=True)
class Readings:
    """What eyes may read in a prompt.

    `as_typed` keeps spaces and punctuation; `words` is words with one space between them;
    `spelled` are letters that stood one by one, joined; `solid` is all letters without a gap, for
    scripts that write no spaces.
    """

    as_typed: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    spelled: tuple[str, ...] = field(repr=False)
    solid: tuple[str, ...] = field(repr=False)


def readings(text: str) -> Readings:
    """Read a prompt in every way its tricks may be meant; an honest text has one or two."""
    typed = letters(text)
    words = _distinct(line for each in typed for line in _spellings(each))
    spelled = _distinct(
        run[0].replace(" ", "") for line in words for run in _ONE_BY_ONE.finditer(line)
    )
    return Readings(typed, words, spelled, _distinct(_NO_WORD.sub("", each) for each in typed))


def letters(text: str) -> tuple[str, ...]:
    """Undo case, accents, look-alike letters and what cannot be seen; punctuation stays.

    A capital may look like another letter than its small one does (Greek Ν and ν), and a letter may
    be meant as its own script's, so a text with such letters reads in several ways.
    """
    ways = _orders(_MARKUP.sub("", text))
    return _distinct(unicodedata.normalize("NFC", each) for way in ways for each in _alphabets(way))


def wordings(word: str) -> tuple[str, ...]:
    """Read one word, or several in a row, of a rule: signs that stand for letters are letters."""
    meant = (each.translate(_LEET) if _LETTER_SIGN.search(each) else each for each in letters(word))
    return _distinct((_words(each) or _emoji(each)).replace(EITHER, "i") for each in meant)


def is_spaceless(word: str) -> bool:
    """Whether a word stands without spaces: by its script, or because it is emoji."""
    return any(
        unicodedata.category(char) == "So" or unicodedata.name(char, "").startswith(_SPACELESS)
        for char in word
    )


def without_doubles(text: str) -> str:
    """Write every run of a letter once, and i, l and what may be either as one letter."""
    return _RUN.sub(r"\1", text.translate(_I_OR_L))


# --- what is seen


_MARKUP = re.compile(r"<(?:[@#][!&]?\d+|a?:\w+:\d+|t:\d+(?::\w)?|id:\w+|/[^<>]*:\d+)>")
_OVERRIDE = re.compile("\u202e([^\u202c\u2069\n]*)[\u202c\u2069]?")
_FLAG = re.compile(
    "(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]{2}(?![\U0001f1e6-\U0001f1ff])"
)
_JOINT = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]+")
_CAPITAL_I = re.compile("(?<=[a-z])I|I(?=[a-z])")

_PHRASES = dict.fromkeys((0xFDFA, 0xFDFB), " ")
"""Single characters that are whole sentences when taken apart."""

_BASES = {7, 8, 9}
"""Combining classes that make another letter rather than adorn one: nukta, kana voicing, virama."""

_FILLERS = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u0640")
"""Characters of other kinds that show nothing: joiners, fillers, the Arabic stretch."""


def _orders(text: str) -> Iterator[str]:
    """As it is stored, and as it would be without spoilers, unseen joints, flags, or a reversal."""
    yield text
    if "||" in text:
        yield text.replace("||", "")
    if text.isascii():
        return
    if _JOINT.search(text) or _FLAG.search(text):
        yield _FLAG.sub(" ", _JOINT.sub(" ", text))
    if _OVERRIDE.search(text):
        yield _OVERRIDE.sub(lambda found: found[1][::-1], text)


def _alphabets(text: str) -> tuple[str, ...]:
    """By what each letter looks like, by what its small letter looks like, and by its own name."""
    if text.isascii():
        shown = "".join(char for char in text if char.isprintable() or char.isspace())
        return (_CAPITAL_I.sub(EITHER, shown).casefold(),)
    table, seen = _look_alikes(), _visible(text).casefold()
    drawn = _visible(text.translate(table)).translate(table)  # before it is taken apart, and after
    return drawn.replace("I", EITHER).casefold(), seen.translate(table), seen


def _visible(text: str) -> str:
    short = text.translate(_PHRASES)
    return "".join(map(_shown, unicodedata.normalize("NFKD", short)))


@lru_cache(maxsize=8192)
def _shown(char: str) -> str:
    """Give a character, a space for whatever spaces, nothing for what is unseen or an accent."""
    if char.isspace():
        return " "
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cf", "Cs", "Co", "Cn", "Me"} or char in _FILLERS:
        return ""
    if kind == "Mn" and unicodedata.combining(char) not in {0, *_BASES}:
        return ""
    name = unicodedata.name(char, "")
    return "" if "VARIATION SELECTOR" in name or name.startswith("EMOJI MODIFIER") else char


# --- what looks alike


_LATIN = re.compile(
    r"(?:LATIN (?:(?:SMALL|CAPITAL) LETTER|LETTER SMALL CAPITAL)|SYMBOL LETTER)"
    r" (?:(?:TURNED|REVERSED|SIDEWAYS|OPEN|INSULAR|SCRIPT|BARRED) )*([A-Z])(?: WITH .*)?$"
)
_LATIN_RANGES = (
    range(0xC0, 0x2B0),
    range(0x1D00, 0x1F00),
    range(0x2460, 0x2500),
    range(0x2C60, 0x2C80),
    range(0xA720, 0xA800),
    range(0xAB30, 0xAB70),
    range(0x1F100, 0x1F200),
)
_ALSO_TAKEN_FOR = dict(
    zip(
        "ηиИяЯшШщЩцЦдДбэЭєЄнпПтвкмМгзЗλΛσΣπωψφðÐþβκεΔΞδ∂ŋŊʌɅժʋᶌɯьЬیىک",
        "nnnrrwwwwuuaabeeeehnntbkmmreeaaoenwwoddpbkeaeddnnaaduuwbbييك",
        strict=True,
    )
)
_ALSO_TAKEN_FOR["ӏ"] = EITHER
"""What people write for other letters although Unicode's list has them apart, or far apart."""

_LEFT_TO_RIGHT = "\u200e"  # the list puts it around letters of scripts that go the other way


@lru_cache(maxsize=1)
def _look_alikes() -> dict[int, str]:
    """Map each character that looks like a Latin letter or a digit to it."""
    known = dict(_ALSO_TAKEN_FOR)
    for char in (chr(code) for codes in _LATIN_RANGES for code in codes):
        if found := _LATIN.search(unicodedata.name(char, "")):
            known.setdefault(char, found[1].lower())
    listed = {
        char: others[0]["c"].strip(_LEFT_TO_RIGHT)
        for given, others in confusables.confusables_data.items()
        if len(char := given.strip(_LEFT_TO_RIGHT)) == 1 and not char.isascii()
    }
    for char in listed:
        if alike := _resolved(char, known, listed):
            known.setdefault(char, alike)
    for char in map(chr, range(0xB2, 0x10000)):
        if (digit := unicodedata.digit(char, None)) is not None:
            known.setdefault(char, str(digit))
    return {ord(char): alike for char, alike in known.items() if char != EITHER}


def _resolved(char: str, known: dict[str, str], listed: dict[str, str], steps: int = 3) -> str:
    """Follow the list to a Latin letter or a digit; empty if it leads to none."""
    if char in known:
        return known[char]
    if char.isascii():
        # the list does not tell l, I, 1 and | apart
        return EITHER if char in "lI1|" else char.lower() if char.isalnum() else ""
    if char in listed and steps:
        drawn = "".join(map(_shown, unicodedata.normalize("NFKD", listed[char])))
        found = [_resolved(each, known, listed, steps - 1) for each in drawn]
        return "".join(found) if all(found) else ""
    return ""


# --- how it is spelled


def _signs_in_words() -> str:
    """Marks that are part of a word although Python's `\\w` leaves them out: Indic vowel signs."""
    codes = (code for block in _SCRIPTS_WITH_MARKS for code in block)
    return "".join(chr(code) for code in codes if unicodedata.category(chr(code)) in {"Mn", "Mc"})


_SCRIPTS_WITH_MARKS = (range(0x900, 0x1100), range(0x1700, 0x1C50), range(0xA800, 0xABF0))
_SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")

_WORD = re.compile(rf"(?:[^\W_]|[{_signs_in_words()}])+")
_NO_WORD = re.compile(rf"(?:[^\w{_signs_in_words()}]|_)+")
_GAP = re.compile(r"[\s,;]+")
_DIGITS = re.compile(r"\d+")
_ONE_BY_ONE = re.compile(r"(?<!\S)(\S)\1{0,9}(?: (\S)\2{0,9}(?!\S)){2,}")
_RUN = re.compile(r"(.)\1+")
_I_OR_L = str.maketrans("il", EITHER * 2)

_LEET = str.maketrans("0123456789@$!|¡€£¥¢§", f"o{EITHER}zeasgtbgas{EITHER * 3}elycs")
_LETTER_SIGN = re.compile(r"[@$€£¥¢§]|[!|¡](?=\w)")
_EDGES = (
    "".join(set(map(chr, range(33, 127))) - set("@$") - set(ascii_letters + digits)) + "¡¿“”„‘’«»…"
)


def _spellings(typed: str) -> tuple[str, ...]:
    """Give the lines of words a text may be meant as, each with single spaces."""
    chunks = _GAP.split(typed)
    if all(map(str.isalpha, chunks)):
        return (" ".join(chunks),)
    return _distinct(
        " ".join(" ".join(way).split()) for way in zip(*map(_ways, chunks), strict=True)
    )


def _ways(chunk: str) -> tuple[str, ...]:
    """Read what stands between two spaces: in words, joined, with signs and digits as letters."""
    if chunk.isalpha():
        return (chunk,) * 8
    words, joined, bare = _words(chunk), _NO_WORD.sub("", chunk), chunk.strip(_EDGES)
    if len(bare) > 1 and not any(char.isalpha() or char == "@" for char in chunk):
        return (words, joined, *(words,) * 6)  # a number, a price, a ratio
    bare = bare.translate(_LEET)
    return (
        words,
        joined,
        joined.translate(_LEET),
        _words(bare),
        _NO_WORD.sub("", bare),
        _words(chunk.translate(_LEET)),
        _words(chunk.lstrip("|").translate(_LEET)),
        _words(_DIGITS.sub(" ", chunk)),
    )


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _emoji(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) == "So")


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
