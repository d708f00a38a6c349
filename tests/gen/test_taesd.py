"""Previews by a tiny decoder, where one lies beside the model."""

import shutil

import pytest
import torch
from diffusers import AutoencoderTiny

from gen.batcher import Batcher, Stepped
from gen.families import taesd
from gen.families.sd import StableDiffusion
from gen.job import Spec
from gen.models import check


def tiny(channels=4):
    torch.manual_seed(0)
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
        latent_channels=channels,
    )


@pytest.fixture(scope="module")
def folder(tiny_folder, tmp_path_factory):
    copy = shutil.copytree(tiny_folder, tmp_path_factory.mktemp("models") / "shown")
    tiny().save_pretrained(copy / "preview")
    return copy


def test_a_model_with_a_tiny_decoder_beside_it_shows_what_that_sees(folder):
    family = StableDiffusion.load(folder, "cpu")
    assert [] == check(folder)
    batcher = Batcher(family, lambda _width, _height: 8, preview_every=1)
    batcher.join("a", Spec(prompt="a", width=32, height=32, steps=2, guidance=1.0, seeds=(1, 2)))

    [told] = [one for one in batcher.tick() if isinstance(one, Stepped)]

    assert [(32, 32, 3)] * 2 == [one.shape for one in told.preview]


def test_large_guesses_are_made_small_before_they_are_decoded():
    decoder = taesd.TinyDecoder(tiny())

    wide, small = decoder(torch.zeros(1, 4, 64, 128)), decoder(torch.zeros(2, 4, 16, 16))

    factor = 2  # of this decoder; of a real one it is 8
    assert [(16 * factor, 32 * factor, 3)] == [one.shape for one in wide]
    assert [(16 * factor, 16 * factor, 3)] * 2 == [one.shape for one in small]


def test_a_decoder_of_other_latents_or_none_leaves_the_colours_as_they_are(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "other")
    assert StableDiffusion.load(folder, "cpu").tiny is None

    tiny(channels=16).save_pretrained(folder / "preview")
    assert StableDiffusion.load(folder, "cpu").tiny is None
