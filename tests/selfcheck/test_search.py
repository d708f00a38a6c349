"""What is found is named by kind, place and moment; what stands there by right is not a find."""

from __future__ import annotations

import zlib
from pathlib import Path

from bot.selfcheck import canary
from bot.selfcheck.search import Row, Searcher
from bot.selfcheck.table import Exhibit, Kind, Moment, Place, Secret

WORD, KEY = "bdfghjklmnpq", bytes(range(100, 132))
HOME = Path("/somewhere/data.key")

STEALTHY = Secret(Kind.STEALTH_WORDS, canary.of_text(WORD), owner="pia")
PUBLIC = Secret(Kind.PUBLIC_WORDS, canary.of_text(WORD), owner="ana")
ROOT = Secret(Kind.ROOT_KEY, canary.of_key(KEY), home=HOME)
SEALING = Secret(Kind.STEALTH_KEY, canary.of_key(KEY), home=HOME)


def _row(secret: Secret, exhibit: Exhibit) -> Row:
    (row,) = Searcher([secret]).rows([exhibit])
    return row


def _message(moment: Moment, viewer: str, place: Place = Place.OTHERS) -> Exhibit:
    return Exhibit(moment, place, f"look: {WORD}".encode(), viewer=viewer)


def test_a_find_is_named_by_kind_place_and_moment() -> None:
    content = b"x" * 10 + WORD.encode("utf-16-le")
    row = _row(STEALTHY, Exhibit(Moment.RUNNING, Place.DATA, content))

    assert Row(Moment.RUNNING, Place.DATA, 1, 34, (Kind.STEALTH_WORDS,), ()) == row


def test_a_find_inside_compressed_data_is_a_find() -> None:
    packed = zlib.compress(zlib.compress(f"and {WORD} again".encode()))

    row = _row(STEALTHY, Exhibit(Moment.STOPPED, Place.TEMPORARY, b"abc" + packed))

    assert (Kind.STEALTH_WORDS,) == row.finds


def test_copies_of_one_moment_and_place_are_one_row() -> None:
    exhibits = [Exhibit(Moment.RUNNING, Place.DATA, bytes([n]) * 5) for n in range(3)]
    later = Exhibit(Moment.STOPPED, Place.DATA, b"12")

    rows = Searcher([STEALTHY]).rows([later, *exhibits])

    assert [(Moment.RUNNING, 3, 15), (Moment.STOPPED, 1, 2)] == [
        (row.moment, row.copies, row.size_bytes) for row in rows
    ]


def test_public_words_may_be_seen_by_others_until_they_are_erased() -> None:
    before, after = (
        _row(PUBLIC, _message(moment, "mod")) for moment in (Moment.DELIVERED, Moment.ERASED)
    )

    assert ((), (Kind.PUBLIC_WORDS,)) == (before.finds, before.stood)
    assert (Kind.PUBLIC_WORDS,) == after.finds


def test_public_words_may_not_lie_on_the_disk() -> None:
    exhibit = Exhibit(Moment.ACCEPTED, Place.DATA, WORD.encode())

    assert (Kind.PUBLIC_WORDS,) == _row(PUBLIC, exhibit).finds


def test_stealth_words_may_be_seen_by_nobody_else_and_not_in_the_dm() -> None:
    assert (Kind.STEALTH_WORDS,) == _row(STEALTHY, _message(Moment.RUNNING, "mod")).finds
    in_dm = _message(Moment.RUNNING, "pia", Place.OWN_DM)
    assert (Kind.STEALTH_WORDS,) == _row(STEALTHY, in_dm).finds


def test_an_answer_that_only_its_owner_sees_may_repeat_their_words() -> None:
    assert () == _row(STEALTHY, _message(Moment.RUNNING, "pia")).finds


def test_a_key_may_stand_in_its_own_file_and_in_no_other() -> None:
    at_home = Exhibit(Moment.STOPPED, Place.AROUND, KEY, path=HOME)
    elsewhere = Exhibit(Moment.STOPPED, Place.AROUND, KEY, path=HOME.with_name("copy"))

    assert () == _row(ROOT, at_home).finds
    assert (Kind.ROOT_KEY,) == _row(ROOT, elsewhere).finds


def test_a_stealth_key_is_gone_from_its_own_file_once_the_job_is_delivered() -> None:
    waiting = Exhibit(Moment.ACCEPTED, Place.IN_MEMORY, KEY, path=HOME)
    delivered = Exhibit(Moment.DELIVERED, Place.IN_MEMORY, KEY, path=HOME)

    assert () == _row(SEALING, waiting).finds
    assert (Kind.STEALTH_KEY,) == _row(SEALING, delivered).finds


def test_neither_secrets_nor_copies_print_what_they_hold() -> None:
    printed = repr([STEALTHY, ROOT, _message(Moment.RUNNING, "mod"), Searcher([STEALTHY])])

    assert WORD not in printed
    assert repr(KEY) not in printed
    assert str(HOME) not in printed
