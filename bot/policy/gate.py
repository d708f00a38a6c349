"""The picture gate: what was measured of a result decides whether it may be delivered.

How far apart two fingerprints of one picture may lie: 0 to 5 bits is the same picture to the
author of the method, 10 and more another (https://www.hackerfactor.com/blog/index.php?/archives/432).
Between the two, 8 still knows a picture that was scaled, encoded anew, brightened, or cropped by
2 % at each edge (`tests/gen/test_safety.py`).

False alarms: fingerprints have 32 of 64 bits set; were they random, two would lie within 8 of each
other once in 10^9 times. Pictures are not random. Flat drawings of one layout are alike to a hash
that knows no colours: 1 in 150 pairs of the small landscapes that Pocket learned from. So false
alarms grow with the list, and one costs its owner nothing but the wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from gen.messages import Measure

SAME_PICTURE_BITS = 8
LEAST_BITS_SET = 16
"""A fingerprint with fewer bits set, or clear, is of a picture with next to nothing in it. It
says nothing, so it matches nothing: flat white would else stop everything that is nearly flat."""

_BITS, _HEX_DIGITS = 64, 16


class Verdict(StrEnum):
    """What is to become of a result."""

    PASS = "pass"  # noqa: S105  # no password
    ADULT = "adult"  #: for adults, where it may not be shown
    BLOCKED = "blocked"  #: on the operator's list
    UNMEASURED = "unmeasured"  #: something that had to be measured was not: never delivered


def decide(
    measures: Sequence[Measure],
    *,
    limits: Mapping[str, float],
    blocked: Collection[str],
    adult_ok: bool,
) -> Verdict:
    """Decide on the pictures of one job together: one that may not pass stops them all.

    `limits` are empty when there is no classifier; `blocked` are fingerprints; `adult_ok` says
    whether pictures for adults may be shown where the result goes.
    """
    if not measures or not all(_is_measured(one, limits) for one in measures):
        return Verdict.UNMEASURED
    numbers = [int(one, 16) for one in blocked]
    if any(_is_near(int(one.fingerprint, 16), numbers) for one in measures):
        return Verdict.BLOCKED
    if not adult_ok and any(_is_adult(one, limits) for one in measures):
        return Verdict.ADULT
    return Verdict.PASS


def is_fingerprint(text: str) -> bool:
    """Say whether a text is a fingerprint as it is stored."""
    return len(text) == _HEX_DIGITS and set(text) <= set("0123456789abcdef")


def is_plain(fingerprint: str) -> bool:
    """Say whether a fingerprint is of a picture too empty to be told from others."""
    return not LEAST_BITS_SET <= int(fingerprint, 16).bit_count() <= _BITS - LEAST_BITS_SET


def near(fingerprint: str, others: Iterable[str]) -> list[str]:
    """Give those of the fingerprints that are of the same picture."""
    return [one for one in others if _is_near(int(fingerprint, 16), [int(one, 16)])]


def limits_of(text: str) -> dict[str, float]:
    """Read `nsfw=0.5, porn=0.4`: from which score on a label means a picture for adults.

    Raises:
        ValueError: naming every problem.
    """
    limits: dict[str, float] = {}
    problems = []
    for number, pair in enumerate((each for each in text.split(",") if each.strip()), start=1):
        label, equals, value = (part.strip() for part in pair.rpartition("="))
        score = _score(value)
        if not (label and equals):
            problems.append(f"entry {number} must look like nsfw=0.5")
        elif label in limits:
            problems.append(f"{label!r} is named twice")
        elif score is None:
            problems.append(f"{label!r} must have a number above 0 and up to 1, such as 0.5")
        else:
            limits[label] = score
    if not (limits or problems):
        problems.append("names no label, so nothing would ever be stopped")
    if problems:
        raise ValueError("; ".join(problems))
    return limits


def unknown_labels(limits: Mapping[str, float], labels: Collection[str]) -> list[str]:
    """List the labels of the limits that a classifier does not know."""
    return sorted(limits.keys() - set(labels))


def _score(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if 0 < score <= 1 else None


def _is_measured(measure: Measure, limits: Mapping[str, float]) -> bool:
    return is_fingerprint(measure.fingerprint) and limits.keys() <= dict(measure.scores).keys()


def _is_adult(measure: Measure, limits: Mapping[str, float]) -> bool:
    # not `>=`: what is no number at all is for adults, too
    scores = dict(measure.scores)
    return any(not scores[label] < limit for label, limit in limits.items())


def _is_near(fingerprint: int, others: Iterable[int]) -> bool:
    if is_plain(f"{fingerprint:x}"):
        return False
    return any((fingerprint ^ other).bit_count() <= SAME_PICTURE_BITS for other in others)
