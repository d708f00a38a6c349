"""What a street address looks like in English, German, French and Spanish.

A prompt is full of numbers (lenses, years, seeds, counts) and of streets; only together, and
written as people write where they live, they are an address.
"""

from __future__ import annotations

import re

_HOUSE = (
    r"(?<![\w./×*#=–-])(?<!\d:)(?![234][dD]\b)"
    r"(?P<number>\d{1,5})(?:[-–]\d{1,5})?(?P<letter>[a-hA-H])?\b"
)
"""A house number that stands first: not 4k, 3d, 35mm, 16:9 or f/1.8."""

_HOUSE_LAST = (
    r"(?P<number>\d{1,4})(?![\d.,:/x×]*\d)(?!\s?(?:mm|cm|m|k|p|px|fps|uhr|jahre|%)\b)"
    r"(?:(?P<letter>\s?[a-h]\b)|[-–/]\d{1,4})?\b"
    r"(?=\s*(?:$|[^\w\s]|\d{5}\b"
    r"|(?:in|bei|at|by|near|and|und|with|mit|on|im|am|en|y|con|piso|bajo)\b))"
)
"""A house number that stands last: nothing that is counted follows it."""

_NOT_IN_A_NAME = (
    r"(?!(?i:a|an|the|of|on|in|at|by|is|are|to|or|and|with|from|for|along|down|near|into|over"
    r"|through|across|under|vs|no|mm|cm|m|ft|px|fps|foot|feet|inch|way|lanes?|years?|people|miles?"
    r"|steps?|percent|hours?|minutes?|am|pm|mph|km|iso)\b)"
)
_NAME = rf"(?:{_NOT_IN_A_NAME}(?:[^\W\d_]|\d{{1,3}}(?:st|nd|rd|th)\b)[\w'’.-]{{0,30}}\s)"

_OTHER_THAN_A_STREET = (
    r"(?!\s(?i:photo\w*|art|artist|style|food|lamps?|lights?|fashion|markets?|scenes?|views?|signs?"
    r"|trip|performers?|musicians?|rac\w+|fighters?|cats?|dogs?|kids|vendors?|corner|wear|shots?"
    r"|level|map|dance\w*)\b)"
)

_ENGLISH = re.compile(
    rf"{_HOUSE}\s(?P<name>{_NAME}{{1,4}})"
    r"(?P<type>(?i:street|avenue|boulevard|road|lane|drive|terrace|crescent|blvd|ave|rd)"
    r"|St|Dr|Ln|Court|Ct|Place|Pl|Square|Sq|Way|Close|Row|Mews|Gardens|Parkway|Pkwy|Highway|Hwy|Plaza|Grove)\b"
    rf"{_OTHER_THAN_A_STREET}"
)

_ARTICLE = r"(?i:de\sla\s|de\sl['’]\s?|des\s|du\s|de\s|d['’]\s?)"

_FRENCH = re.compile(
    rf"{_HOUSE}(?:\s?(?:bis|ter)\b)?,?\s"
    rf"(?P<name>(?i:rue)\s{_ARTICLE}?[^\W\d_]"
    rf"|(?i:avenue|av\.|boulevard|bd|allée|impasse|faubourg|chemin|quai|place|cours|square|passage"
    rf"|route)\s(?:{_ARTICLE}[^\W\d_]|[A-ZÀ-Ý]))"
)

_GERMAN = re.compile(
    r"(?<![\w-])(?P<name>[^\W\d_][\w.-]{2,40}\s?"
    r"(?i:straße|strasse|gasse|allee|chaussee|platz|damm|ufer|steig|weg|str\.?)"
    r"|(?:Straße|Strasse|Platz|Allee)\sde[rs]\s(?:[\w.]{1,20}\s){0,2}[\w.]{1,20})"
    rf"\s{_HOUSE_LAST}"
)

_SPANISH = re.compile(
    r"(?<!\w)(?:(?i:calle|avenida|avda\.?|av\.|plaza|pza\.?|paseo|camino|carrer|ronda)\s|[cC]/\s?)"
    r"(?i:de\slas?\s|de\slos\s|del\s|de\s)?"
    r"(?P<name>[^\W\d_][\w'’.·-]{1,30}(?:\s[^\W\d_][\w'’.·-]{0,30}){0,3})"
    rf"(?P<comma>,)?\s(?i:n[º°o.]{{1,2}}\s?|núm\.?\s|número\s)?{_HOUSE_LAST}"
)

_STREETS = (_ENGLISH, _FRENCH, _GERMAN, _SPANISH)

_POSTAL = re.compile(
    r"\b\d{1,4}\s?[a-h]?,\s?\d{5}\s[A-ZÄÖÜÀ-Ý]\w{2}"  # house number, postcode, town
    r"|\b[A-Z][a-z]{2,20},?\s[A-Z]{2}\s\d{5}(?:-\d{4})?\b"  # town, state, ZIP code
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s(?!\d[GT]B|\dHD|1ST|2ND|3RD|[04-9]TH)\d[ABD-HJLNP-UW-Z]{2}\b"
    r"|\b(?i:p\.?\s?o\.?\sbox|postfach|apartado\sde\scorreos|boîte\spostale)\s\d"
)

_SAID_TO_BE = re.compile(
    r"\b(?:(?:i|we|he|she|they) lives? (?:at|on|in)|address|adresse|anschrift|wohnt? (?:in|am|im)"
    r"|wohne|j['’]habite|vivo en|dirección|domicilio)\b[^.]{0,40}$",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"\b(?:seed|steps?|cfg|iso|ar|scale|route|highway|interstate|year|circa|version|chapter|scene"
    r"|episode|part|level|number|top)[^\w,;]{0,2}$",  # a comma ends what is said of a setting
    re.IGNORECASE,
)
_AFTER_A_TITLE = re.compile(r"(?!\b(?:At|In|To|Of|From|Near)\s$)\b[A-Z]\w*\s$")
_AFTER_A_WORD = re.compile(r"(?!\b(?:at|in|to|of|from|near|von|an|à|au|en)\s$)\w\s$", re.IGNORECASE)
_YEARS = range(1700, 2100)


def holds_address(text: str) -> bool:
    """Whether a text of single spaces seems to say where somebody lives."""
    return _POSTAL.search(text) is not None or any(
        _is_said_as_one(text[: match.start()][-60:], match)
        for street in _STREETS
        for match in street.finditer(text)
    )


def _is_said_as_one(before: str, match: re.Match[str]) -> bool:
    """Whether number and street belong together, by how they are written and what precedes."""
    if _SAID_TO_BE.search(before):
        return True
    if _SETTING.search(before):
        return False
    number, exact = int(match["number"]), bool(match["letter"])
    if number in _YEARS and not exact:
        return False
    if match.re is _ENGLISH:
        return _is_english(before, match, many=number > 9 or exact)
    if match.re is _SPANISH and match["name"][0].islower():
        return number > 9 and not match["comma"]
    return True


def _is_english(before: str, match: re.Match[str], *, many: bool) -> bool:
    """Whether this is a house: “3 dogs street” counts dogs, “Game 5 Main Street” counts games.

    `many`: the number is more than a count of one digit.
    """
    names = match["name"].split()
    plural = names[0].endswith("s") and not names[0].endswith("ss")
    if all(name[0].isupper() or name[0].isdigit() for name in names):
        if many:
            return not _AFTER_A_TITLE.search(before)
        return match["type"][0].isupper() and not plural and not _AFTER_A_WORD.search(before)
    return many and match["type"][0].islower() and len(names) <= 2 and not plural
