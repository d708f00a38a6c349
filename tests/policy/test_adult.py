"""What asks for a picture for adults in so many words, and the much more that does not."""

from pathlib import Path

import pytest

from bot.policy.adult import asks_for_adult

ORDINARY = Path(__file__).with_name("ordinary_prompts.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "a nude woman on a beach",
        "naked man, photo",
        "NSFW, best quality",
        "n4k3d",
        "n a k e d",
        "nаkеd",
        "hentai girl",
        "a porn scene",
        "two people having sex",
        "full frontal",
        "topless woman by the pool",
        "a naked woman with a naked cat",
        "eine nackte Frau",
        "una mujer desnuda",
        "обнажённая девушка",
        "全裸の女性",
        "色情图片",
        "누드 사진",
    ],
)
def test_what_asks_for_it_is_known(text):
    assert asks_for_adult(text)


def test_hundreds_of_ordinary_prompts_raise_no_alarm():
    assert 200 <= len(ORDINARY)
    assert [] == [text for text in ORDINARY if asks_for_adult(text)]
