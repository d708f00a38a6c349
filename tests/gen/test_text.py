"""Words of any length, weighed: what the denoiser is given to read."""

import numpy as np
import pytest
import torch

from gen.families.sdxl import StableDiffusionXL
from gen.families.text import chunks_of
from gen.job import Spec
from tests import tiny_model
from tests.gen.darkroom import Darkroom, alone, assert_same_pictures

#: Some of diffusers' samplers speak to numpy in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROOM = 14  #: tokens that the tiny encoder reads at once, besides start and end
LONG = " ".join(["a small red star on a big blue circle"] * 3)  # 24 tokens


def spec(prompt, *, unwanted="", guidance=3.0, seeds=(7,), steps=3):
    return Spec(
        prompt=prompt,
        negative_prompt=unwanted,
        width=32,
        height=32,
        steps=steps,
        guidance=guidance,
        seeds=seeds,
    )


@pytest.fixture(scope="module")
def xl_family(tmp_path_factory):
    return StableDiffusionXL.load(
        tiny_model.make_xl(tmp_path_factory.mktemp("models") / "m"), "cpu"
    )


@pytest.fixture(params=["sd", "sdxl"])
def any_family(request, family):
    return family if request.param == "sd" else request.getfixturevalue("xl_family")


def words_of(family, prompt, **more):
    strip = family.prepare(spec(prompt, **more), [7])
    return strip.asked, strip.unasked


def test_a_text_is_cut_where_the_encoder_can_read_no_further(family):
    ids = family.tokenizer(LONG, add_special_tokens=False).input_ids
    start, end = family.tokenizer.bos_token_id, family.tokenizer.eos_token_id

    first, second = chunks_of(family.tokenizer, LONG)

    assert [start, *ids[:ROOM], end] == first.ids[0].tolist()
    assert [start, *ids[ROOM:], end] == second.ids[0].tolist()[: 2 + len(ids) - ROOM]
    assert {end} == set(second.ids[0].tolist()[2 + len(ids) - ROOM :])
    assert 2 + len(ids) - ROOM == second.mask.sum()


def test_a_long_prompt_is_its_chunks_one_after_the_other(any_family):
    head = "a small red star on a big blue circle a small red star on"
    tail = LONG.removeprefix(head + " ")

    asked, unasked = words_of(any_family, f"{head} {tail}")

    heads, nothing = words_of(any_family, head)
    tails, _ = words_of(any_family, tail)
    assert 14 == len(any_family.tokenizer(head, add_special_tokens=False).input_ids)
    assert torch.equal(torch.cat([heads.tokens, tails.tokens], dim=1), asked.tokens)
    assert torch.equal(torch.cat([nothing.tokens] * 2, dim=1), unasked.tokens)
    if heads.pooled is not None:
        assert torch.equal(heads.pooled, asked.pooled)


def test_the_end_of_a_long_prompt_counts(any_family):
    one, other = (alone(any_family, spec(f"{LONG} {end}")) for end in ("grey", "a red star"))

    assert not np.array_equal(one.pictures["alone"], other.pictures["alone"])


def test_a_short_prompt_is_made_longer_when_what_is_unwanted_is_long(any_family):
    asked, unasked = words_of(any_family, "a red star", unwanted=LONG)

    assert 2 * 16 == asked.length == unasked.length


def test_parts_count_by_their_weights(any_family):
    asked, _ = words_of(any_family, "a red star::3 grey::1")

    star, _ = words_of(any_family, "a red star")
    grey, _ = words_of(any_family, "grey")
    for name in ("tokens", "pooled"):
        if getattr(asked, name) is not None:
            mean = 0.75 * getattr(star, name) + 0.25 * getattr(grey, name)
            assert torch.allclose(mean, getattr(asked, name), atol=1e-6)


def test_what_is_weighed_below_nothing_is_unwanted(family):
    asked, unasked = words_of(family, "a red star::2 grey::-1", unwanted="a circle")

    star, _ = words_of(family, "a red star")
    grey, circle = words_of(family, "grey", unwanted="a circle")
    assert torch.equal(star.tokens, asked.tokens)
    assert torch.allclose((circle.tokens + 0.5 * grey.tokens) / 1.5, unasked.tokens, atol=1e-6)


@pytest.mark.parametrize("same", ["a red star::2", "a red star::0.5", "a red star:: ::"])
def test_one_part_alone_weighs_nothing_more_to_the_last_bit(any_family, same):
    plain = alone(any_family, spec("a red star")).pictures["alone"]

    assert np.array_equal(plain, alone(any_family, spec(same)).pictures["alone"])


def test_only_the_ratios_of_weights_count(any_family):
    one = alone(any_family, spec("a red star::2 a circle::1 grey::-1"))

    other = alone(any_family, spec("a red star::1 a circle::.5 grey::-.5"))

    assert_same_pictures(one.pictures["alone"], other.pictures["alone"])


def test_long_and_short_prompts_do_not_share_a_call(any_family):
    crowd = [spec("a red star", seeds=(1,)), spec(LONG, seeds=(2,)), spec("grey", seeds=(3,))]
    room = Darkroom(any_family)
    for number, wanted in enumerate(crowd):
        room.join(str(number), wanted)
    room.finish()

    for number, wanted in enumerate(crowd):
        assert_same_pictures(
            alone(any_family, wanted).pictures["alone"], room.pictures[str(number)]
        )
