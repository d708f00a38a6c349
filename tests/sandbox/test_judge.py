"""The judge of the wire: what it found sound once, it may pass again; nothing else."""

import pytest

from tests.sandbox.openapi import document_path, judge

pytestmark = pytest.mark.skipif(document_path() is None, reason="the document is not here")

POST = "/paths/~1channels~1{channel_id}~1messages/post/requestBody/content/application~1json/schema"
SOUND = {"content": "a red fox", "nonce": "1", "embeds": [{"title": "fox", "color": 5}]}


def faults(value: object) -> list[str]:
    return list(judge()._check(POST, value))


def test_another_text_of_a_lawful_length_is_like_one_that_was_sound() -> None:
    assert [] == faults(SOUND)

    like = judge()._eye.likeness
    assert like(SOUND) == like(SOUND | {"content": "an owl at night"})


@pytest.mark.parametrize(
    "broken",
    [
        {"content": "x" * 4001},
        {"content": 5},
        {"embeds": [{"title": "x" * 257, "color": 5}]},
        {"embeds": [{"title": "fox", "color": 16777216}]},
        {"embeds": [{"title": "fox", "colour": 5}]},
        {"allowed_mentions": {"users": ["1191168000000000020", "1191168000000000020"]}},
        {"message_reference": {"message_id": "0191168000000000020"}},
        {"components": [{"type": 99}]},
    ],
    ids=str,
)
def test_what_breaks_the_document_is_found_however_much_it_is_like_what_was_sound(broken) -> None:
    sound = SOUND | {
        "allowed_mentions": {"users": ["1191168000000000020", "1191168000000000021"]},
        "message_reference": {"message_id": "1191168000000000020"},
    }
    assert [] == faults(sound)

    assert 1 == len(faults(sound | broken))
