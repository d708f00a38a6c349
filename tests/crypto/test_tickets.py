"""A stealth recipe opens for its owner's press, and for nothing and nobody else."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.envelope import new_key
from bot.crypto.tickets import Ticket, derive, open_recipe, seal_recipe
from bot.errors import SealBroken

RECIPE_KEY = bytes(range(32))
TICKET = derive(RECIPE_KEY)
ANA, MOD = 100000000000000001, 100000000000000002
people = st.integers(0, 2**64)
keys = st.binary(min_size=32, max_size=32)


@given(keys, people, st.binary(max_size=300))
def test_a_recipe_opens_for_its_owner_with_what_the_button_carried(recipe_key, owner, plain):
    ticket = derive(recipe_key)

    sealed = seal_recipe(ticket, owner, plain)

    pressed = Ticket.read(ticket.text)
    assert pressed is not None
    assert plain == open_recipe(pressed, owner, sealed)


@given(people, people)
def test_another_persons_press_opens_nothing(owner, presser):
    sealed = seal_recipe(TICKET, owner, b"a fox")

    if owner == presser:
        assert b"a fox" == open_recipe(TICKET, presser, sealed)
    else:
        with pytest.raises(SealBroken):
            open_recipe(TICKET, presser, sealed)


@given(keys)
def test_a_ticket_opens_no_other_row(other_key):
    other = derive(bytes(byte ^ 1 for byte in other_key))
    sealed = seal_recipe(derive(other_key), ANA, b"a fox")

    for ticket in (other, Ticket(other.row, derive(other_key).key)):
        with pytest.raises(SealBroken):
            open_recipe(ticket, ANA, sealed)


@given(st.data())
def test_one_flipped_bit_of_the_row_the_key_or_the_recipe_opens_nothing(data):
    sealed = seal_recipe(TICKET, ANA, b"a fox")
    parts = [TICKET.row.encode(), TICKET.key, sealed]
    which = data.draw(st.integers(0, 2))
    place = data.draw(st.integers(0, len(parts[which]) - 1))
    broken = bytearray(parts[which])
    broken[place] ^= 1 << data.draw(st.integers(0, 6))
    parts[which] = bytes(broken)

    with pytest.raises(SealBroken):
        open_recipe(Ticket(parts[0].decode(), parts[1]), ANA, parts[2])


@pytest.mark.parametrize("length", [0, 1, 16, 31])
def test_a_truncated_key_opens_nothing_and_is_no_ticket(length):
    short = Ticket(TICKET.row, TICKET.key[:length])

    assert Ticket.read(short.text) is None
    with pytest.raises(SealBroken):
        open_recipe(short, ANA, seal_recipe(TICKET, ANA, b"a fox"))


def test_a_ticket_is_sixty_six_characters_and_fits_into_a_button():
    row, key = TICKET.text.split(":")

    assert (22, 43) == (len(row), len(key))
    assert 100 >= len(f"v1:stealth:{TICKET.text}")


def test_a_repeated_delivery_makes_the_same_buttons_and_another_job_makes_others():
    assert TICKET == derive(RECIPE_KEY)
    assert TICKET.text == derive(RECIPE_KEY).text

    tickets = [derive(new_key()) for _ in range(100)]
    assert 100 == len({ticket.row for ticket in tickets})
    assert 100 == len({ticket.key for ticket in tickets})


def test_neither_row_nor_key_shows_the_key_of_the_job():
    assert RECIPE_KEY != TICKET.key
    assert TICKET.key[:16] not in RECIPE_KEY
    assert TICKET.row not in urlsafe_b64encode(RECIPE_KEY).decode()
    assert TICKET.row not in urlsafe_b64encode(TICKET.key).decode()


@pytest.mark.parametrize("shown", [str, repr, "{}".format, lambda ticket: f"{[ticket]!r}"])
def test_a_printed_ticket_shows_neither_row_nor_key(shown):
    row, key = TICKET.text.split(":")

    printed = shown(TICKET)

    assert row not in printed
    assert key not in printed
    assert repr(TICKET.key) not in printed


hostile = st.one_of(
    st.text(),
    st.text(st.characters(), min_size=66, max_size=66),
    st.from_regex(r"\A[\w-]{22}:[\w-]{43}\Z"),
)


@given(hostile)
def test_reading_a_hostile_text_gives_a_ticket_that_writes_it_or_none(text):
    ticket = Ticket.read(text)

    assert ticket is None or text == ticket.text


@given(st.integers(0, 65), st.characters())
def test_one_changed_character_never_reads_as_the_same_ticket(place, character):
    text = TICKET.text
    changed = text[:place] + character + text[place + 1 :]

    assert (changed == text) is (TICKET == Ticket.read(changed))


@pytest.mark.parametrize("place", [21, 65])
def test_every_bit_of_the_last_characters_counts(place):
    """Base64 ignores some bits of a last character: two texts must not be one ticket."""
    read = [
        Ticket.read(TICKET.text[:place] + character + TICKET.text[place + 1 :])
        for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    ]

    assert 1 == read.count(TICKET)
    assert {21: 4, 65: 16}[place] == len([ticket for ticket in read if ticket is not None])


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        TICKET.row,
        TICKET.text + ":",
        TICKET.text + "=",
        " " + TICKET.text,
        TICKET.text.replace(":", "::"),
        TICKET.text[:-1],
        "é" * 22 + ":" + "é" * 43,
        "\ud800" * 66,
    ],
)
def test_what_is_not_a_ticket_is_none(text):
    assert Ticket.read(text) is None


def test_a_recipe_that_does_not_open_tells_nothing_of_what_it_holds():
    with pytest.raises(SealBroken) as caught:
        open_recipe(TICKET, MOD, seal_recipe(TICKET, ANA, b"xylophone"))

    assert "xylophone" not in str(caught.value)
    assert b"xylophone" not in seal_recipe(TICKET, ANA, b"xylophone")
