"""A receipt verifies as it was signed, or says what is wrong with it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.envelope import new_key
from bot.crypto.receipts import (
    AND_MORE,
    LONGEST_CHARACTERS,
    Erasure,
    Flaw,
    Scope,
    key_id,
    public_key,
    sign,
    verify,
)

SEED = bytes(range(32))
OURS, THEIRS = public_key(SEED), public_key(bytes(32))
ERASURE = Erasure(
    id="0f" * 16,
    scope=Scope.EVERYTHING,
    begun_at=29_909_700 * 60,
    ended_at=29_909_701 * 60,
    counts={"picture": 3, "recipe": 120, "post": 41, "record": 120, "settings": 1, "audit": 12},
    keys_destroyed=364,
    methods=("keys-destroyed", "keystore-vacuumed", "log-emptied", "rows", "files", "messages"),
    messages_deleted=52,
    messages_found=53,
    failures=("message-forbidden",),
    recipes_erased=11,
    unreached_expire_on="2026-11-28",
    backups="none made by Darkroom",
    remnants="raw-disk-remnants-stay-sealed",
    software="0.1.0+5e710c37b6f7e2f3d27e0a86f8a9bb7a5d6d5a11",
    policy="3",
)
LINE = sign(SEED, ERASURE)


def payload(line: str) -> dict:
    encoded = line.split(".")[1]
    return json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def signed_by(seed: bytes, written: dict) -> str:
    """Sign any payload, as a house of another time would."""
    content = json.dumps(written, sort_keys=True, separators=(",", ":")).encode()
    body = "darkroom-receipt." + urlsafe_b64encode(content).decode().rstrip("=")
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(body.encode())
    return f"{body}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


codes = st.text(st.sampled_from("abcdefgh-"), min_size=1, max_size=12)
counts = st.integers(0, 10**6)
minutes = st.integers(0, 2**26).map(lambda minute: minute * 60)
erasures = st.builds(
    Erasure,
    id=st.text(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32),
    scope=st.sampled_from(Scope),
    begun_at=minutes,
    ended_at=minutes,
    counts=st.dictionaries(codes, counts, max_size=9),
    keys_destroyed=counts,
    methods=st.lists(codes, max_size=5).map(tuple),
    messages_deleted=counts,
    messages_found=counts,
    failures=st.lists(codes, max_size=3).map(tuple),
    recipes_erased=counts,
    unreached_expire_on=st.none() | st.just("2026-11-28"),
    backups=st.just("none made by Darkroom"),
    remnants=codes,
    software=st.text(max_size=5),
    policy=codes,
)


@given(erasures)
def test_what_was_signed_verifies_and_says_the_same(erasure):
    line = sign(SEED, erasure)

    assert LONGEST_CHARACTERS >= len(line)
    assert erasure == verify(OURS, line)
    assert line == sign(SEED, erasure)


def test_a_full_receipt_is_one_line_well_below_its_limit():
    assert 1 == len(LINE.splitlines())
    assert 1_250 > len(LINE)
    assert LINE.isascii()


def test_its_payload_is_canonical_and_has_every_key_it_promises():
    encoded = LINE.split(".")[1]
    written = payload(LINE)

    canonical = json.dumps(written, sort_keys=True, separators=(",", ":")).encode()
    assert urlsafe_b64encode(canonical).decode().rstrip("=") == encoded
    assert {
        *("version", "id", "scope", "begun_at", "ended_at", "counts", "keys_destroyed", "methods"),
        *("messages", "failures", "recipes", "backups", "remnants", "software", "policy", "key"),
    } == set(written)
    assert {"deleted": 52, "found": 53} == written["messages"]
    assert {"erased": 11, "unreached_expire_on": "2026-11-28"} == written["recipes"]
    assert (1, key_id(OURS)) == (written["version"], written["key"])


def test_times_are_told_to_the_minute():
    told = verify(OURS, sign(SEED, replace(ERASURE, begun_at=3_661, ended_at=3_719)))

    assert isinstance(told, Erasure)
    assert (3_660, 3_660) == (told.begun_at, told.ended_at)


places = st.integers(0, len(LINE) - 1)


@given(places, st.characters() | st.sampled_from("abcABC012-_=.+/ "))
def test_one_changed_character_and_it_never_verifies(place, character):
    changed = LINE[:place] + character + LINE[place + 1 :]

    assert (changed == LINE) is isinstance(verify(OURS, changed), Erasure)


def test_every_bit_of_the_last_character_counts():
    for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        changed = LINE[:-1] + character
        assert (changed == LINE) is isinstance(verify(OURS, changed), Erasure)


@given(places)
def test_one_lost_character_and_it_never_verifies(place):
    assert isinstance(verify(OURS, LINE[:place] + LINE[place + 1 :]), Flaw)


pasted_junk = st.lists(
    st.tuples(
        places, st.sampled_from([*" \n\r\t\v\u00a0\u2028\u2003\u200b\u200d\u2060\ufeff\u00ad"])
    )
)


@given(pasted_junk)
def test_spaces_line_breaks_and_invisible_characters_of_pasting_do_not_matter(junk):
    pasted = LINE
    for place, space in junk:
        pasted = pasted[:place] + space + pasted[place:]

    assert ERASURE == verify(OURS, pasted)


@pytest.mark.parametrize("around", ["`{}`", "```\n{}\n```", '"{}"', "> {}", "<{}>", " '{}' \n"])
def test_quotes_around_it_do_not_matter(around):
    assert ERASURE == verify(OURS, around.format(LINE))


@given(st.text() | st.text().map("darkroom-receipt.".__add__))
def test_any_text_at_all_is_answered_with_a_flaw(text):
    assert isinstance(verify(OURS, text), Flaw)


@given(st.binary(max_size=200), st.binary(min_size=64, max_size=64))
def test_any_payload_with_any_signature_is_answered_with_a_flaw(content, signature):
    parts = [urlsafe_b64encode(part).decode().rstrip("=") for part in (content, signature)]

    assert verify(OURS, f"darkroom-receipt.{parts[0]}.{parts[1]}") is Flaw.EDITED


@pytest.mark.parametrize(
    "text", ["", "hello", LINE[1:], LINE[:10], "x" * 2_000, LINE + "A" * 2_000, LINE.upper()]
)
def test_another_text_is_not_a_receipt(text):
    assert verify(OURS, text) is Flaw.NOT_A_RECEIPT


@pytest.mark.parametrize("length", [16, 17, 200, len(LINE) - 87, len(LINE) - 1])
def test_a_line_that_was_cut_off_is_truncated(length):
    assert verify(OURS, LINE[:length]) is Flaw.TRUNCATED


def test_a_line_whose_counts_were_changed_is_edited():
    better = payload(LINE) | {"failures": []}
    content = urlsafe_b64encode(json.dumps(better).encode()).decode().rstrip("=")

    forged = f"darkroom-receipt.{content}.{LINE.split('.')[2]}"

    assert verify(OURS, forged) is Flaw.EDITED


def test_a_line_signed_by_another_key_under_our_name_is_edited():
    assert verify(OURS, signed_by(bytes(32), payload(LINE))) is Flaw.EDITED


def test_another_houses_receipt_is_foreign_and_verifies_there():
    foreign = sign(bytes(32), ERASURE)

    assert verify(OURS, foreign) is Flaw.FOREIGN
    assert ERASURE == verify(THEIRS, foreign)


def test_a_receipt_of_a_newer_darkroom_of_ours_is_known_as_such():
    newer = signed_by(SEED, payload(LINE) | {"version": 2, "unheard": "of"})

    assert verify(OURS, newer) is Flaw.FUTURE_VERSION


def test_a_version_that_was_edited_is_edited():
    newer = signed_by(bytes(32), payload(LINE) | {"version": 2})

    assert verify(OURS, newer) is Flaw.EDITED


def test_when_not_all_failures_fit_the_receipt_says_that_there_are_more():
    many = tuple(f"message-forbidden-{number}" for number in range(200))

    line = sign(SEED, replace(ERASURE, failures=many))

    told = verify(OURS, line)
    assert LONGEST_CHARACTERS >= len(line)
    assert isinstance(told, Erasure)
    assert AND_MORE == told.failures[-1]
    assert many[: len(told.failures) - 1] == told.failures[:-1]
    assert 3 < len(told.failures)


def test_what_is_too_long_without_failures_is_never_cut():
    with pytest.raises(ValueError, match="1,500"):
        sign(SEED, replace(ERASURE, backups="x" * 2_000))


def test_keys_are_named_apart_and_a_receipt_shows_no_private_key():
    names = {key_id(public_key(new_key())) for _ in range(50)}

    assert 50 == len(names)
    assert {16} == {len(name) for name in names}
    assert urlsafe_b64encode(SEED).decode()[:40] not in LINE
    assert SEED.hex() not in json.dumps(payload(LINE))
