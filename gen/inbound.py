"""What a picture from outside may be, and why one cannot be used. Pure; `gen.intake` looks."""

from enum import StrEnum

FORMATS = ("PNG", "JPEG", "WEBP")
LONGEST_FILE_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 40_000_000
"""Before anything is decoded: what good phones take. It is 160 MB once it is decoded."""

LONGEST_SIDE_PX = 2048
"""Larger pictures are made smaller: no model here starts from more."""

SHORTEST_SIDE_PX = 16
MOST_ELONGATED = 8
"""How many times as long as its shorter side the longer one may be."""


class Flaw(StrEnum):
    """Why a picture cannot be used."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"  #: in bytes
    FORMAT = "format"
    ANIMATED = "animated"
    PIXELS = "pixels"  #: too many
    THIN = "thin"  #: or too small
    BROKEN = "broken"
