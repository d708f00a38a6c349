"""A sealed field opens for its own row, owner and purpose, and for nothing else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import envelope
from bot.crypto.envelope import Binding, keyed_hash, new_key, seal, unseal, unwrap, wrap
from bot.errors import SealBroken

KEY = bytes(range(32))
BINDING = Binding("jobs", "row-1", "ana", "recipe")


@given(st.binary(max_size=300))
def test_what_was_sealed_opens(plain):
    assert plain == unseal(KEY, seal(KEY, plain, BINDING), BINDING)


def test_the_same_words_sealed_twice_look_different():
    assert seal(KEY, b"a fox", BINDING) != seal(KEY, b"a fox", BINDING)


def test_sealed_words_are_not_to_be_seen():
    assert b"xylophone" not in seal(KEY, b"xylophone" * 20, BINDING)


def test_every_single_flipped_bit_is_noticed():
    sealed = seal(KEY, b"a fox", BINDING)

    for place, bit in itertools.product(range(len(sealed)), range(8)):
        broken = bytearray(sealed)
        broken[place] ^= 1 << bit
        with pytest.raises(SealBroken):
            unseal(KEY, bytes(broken), BINDING)


def test_whatever_is_cut_off_is_noticed():
    sealed = seal(KEY, b"a fox", BINDING)

    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal(KEY, sealed[:length], BINDING)


@given(st.binary(max_size=80))
def test_bytes_that_were_never_sealed_do_not_open(noise):
    with pytest.raises(SealBroken):
        unseal(KEY, noise, BINDING)


@pytest.mark.parametrize(
    "other",
    [
        Binding("pictures", "row-1", "ana", "recipe"),
        Binding("jobs", "row-2", "ana", "recipe"),
        Binding("jobs", "row-1", "mod", "recipe"),
        Binding("jobs", "row-1", "ana", "route"),
    ],
)
def test_a_field_moved_to_another_table_row_owner_or_purpose_does_not_open(other):
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"a fox", BINDING), other)


@pytest.mark.parametrize(
    "key",
    [bytes(32), new_key(), b"", KEY[:16], KEY + b"!"],
    ids=["zeros", "random", "none", "half", "longer"],
)
def test_another_key_does_not_open_it(key):
    with pytest.raises(SealBroken):
        unseal(key, seal(KEY, b"a fox", BINDING), BINDING)


def test_what_does_not_open_tells_nothing_of_what_it_holds():
    with pytest.raises(SealBroken) as caught:
        unseal(KEY, seal(KEY, b"xylophone", BINDING)[:-1], BINDING)

    assert "xylophone" not in str(caught.value)
    assert caught.value.__cause__ is None


parts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
bindings = st.builds(Binding, parts, parts, parts, parts)


@given(bindings, bindings)
def test_no_two_bindings_are_written_alike(one, other):
    assert (one == other) is (one.encode() == other.encode())


@given(st.text(st.sampled_from("aé狐🦊"), max_size=8), st.lists(st.integers(0, 8), min_size=3))
def test_one_text_cut_into_parts_at_other_places_is_another_binding(text, cuts):
    def cut(places):
        first, second, third = sorted(places)
        return Binding(text[:first], text[first:second], text[second:third], text[third:])

    one, other = cut(cuts[:3]), cut(cuts[-3:])

    assert (one == other) is (one.encode() == other.encode())


def test_a_wrapped_key_opens_with_the_key_it_was_wrapped_by():
    inner = new_key()

    assert inner == unwrap(KEY, wrap(KEY, inner))
    assert inner not in wrap(KEY, inner)


def test_a_wrapped_key_does_not_open_with_another_or_when_changed():
    wrapped = wrap(KEY, new_key())

    with pytest.raises(SealBroken):
        unwrap(new_key(), wrapped)
    for place, bit in itertools.product(range(len(wrapped)), range(8)):
        broken = bytearray(wrapped)
        broken[place] ^= 1 << bit
        with pytest.raises(SealBroken):
            unwrap(KEY, bytes(broken))


@pytest.mark.parametrize("noise", [b"", b"\0", bytes(16), bytes(39), bytes(40), bytes(41)])
def test_bytes_that_were_never_wrapped_are_no_key(noise):
    with pytest.raises(SealBroken):
        unwrap(KEY, noise)


def test_keys_are_thirty_two_bytes_and_never_the_same():
    keys = {new_key() for _ in range(100)}

    assert 100 == len(keys)
    assert {envelope.KEY_BYTES} == {len(key) for key in keys}


@given(st.integers(0, 2**64), st.integers(0, 2**64))
def test_a_hash_tells_people_apart_and_is_the_same_every_time(one, other):
    hashed = keyed_hash(KEY, "person", str(one))

    assert (one == other) is (hashed == keyed_hash(KEY, "person", str(other)))
    assert 32 == len(hashed)


def test_a_hash_needs_its_key_and_its_kind():
    hashes = {
        keyed_hash(KEY, "person", "1"),
        keyed_hash(bytes(32), "person", "1"),
        keyed_hash(KEY, "interaction", "1"),
    }

    assert 3 == len(hashes)
