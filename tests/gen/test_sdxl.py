"""Stable Diffusion XL by our own loop: what it makes is what diffusers makes."""

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLPipeline
from PIL import Image

from gen import families, models
from gen.batcher import Batcher, Developed
from gen.job import Kind, Spec
from tests import tiny_model
from tests.gen.darkroom import alone, assert_same_latents, assert_same_pictures, file_of, picture_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_model.make_xl(tmp_path_factory.mktemp("models") / "tiny_xl")


@pytest.fixture(scope="module")
def family(folder):
    torch.set_num_threads(1)
    return families.load(folder, models.demand(folder), "cpu")


def spec(
    prompt="a red star",
    *,
    steps=5,
    guidance=3.0,
    seeds=(7,),
    size=(48, 32),
    unwanted="",
    **more,
):
    return Spec(
        prompt=prompt,
        negative_prompt=unwanted,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=guidance,
        seeds=seeds,
        **more,
    )


def pictures_of(family, *specs):
    """The pictures of several requests that share a batch, each joining a step later."""
    batcher, done = Batcher(family, lambda _width, _height: 8), {}
    waiting = list(enumerate(specs))
    while waiting or batcher.pictures:
        if waiting:
            number, wanted = waiting.pop(0)
            assert batcher.join(str(number), wanted) is None
        done |= {one.job_id: one for one in batcher.tick() if isinstance(one, Developed)}
    return [done[str(number)].pictures for number in range(len(specs))]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("guidance", [1.0, 4.0])
@pytest.mark.parametrize("unwanted", ["", "a blue circle"])
def test_it_makes_what_the_stock_pipeline_makes(folder, family, guidance, unwanted):
    pipeline = StableDiffusionXLPipeline.from_pretrained(
        folder, add_watermarker=False, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    wanted = spec(guidance=guidance, unwanted=unwanted, seeds=(5, 6))

    [ours] = pictures_of(family, wanted)
    theirs = pipeline(
        [wanted.prompt] * 2,
        negative_prompt=[unwanted] * 2 if unwanted else None,
        num_inference_steps=wanted.steps,
        guidance_scale=guidance,
        width=wanted.width,
        height=wanted.height,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="np",
    ).images

    assert_same_pictures(list((theirs * 255).round().astype(np.uint8)), ours)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_neighbours_change_no_picture(family):
    crowd = [
        spec("a red star", steps=7),
        spec("a big blue circle", steps=4, guidance=1.0, seeds=(1, 2)),
        spec("grey", steps=6, guidance=6.0, seeds=(3,), unwanted="a star"),
        spec("a small star", steps=3, size=(32, 32), seeds=(4,)),
    ]

    for by_itself, together in zip(
        [pictures_of(family, one)[0] for one in crowd], pictures_of(family, *crowd), strict=True
    ):
        assert_same_pictures(by_itself, together)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_varied_picture_is_what_the_stock_pipeline_makes(folder, family):
    pipeline = StableDiffusionXLImg2ImgPipeline.from_pretrained(
        folder, add_watermarker=False, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    picture = picture_of(32)
    wanted = spec(
        steps=6,
        seeds=(5, 6),
        size=(32, 32),
        kind=Kind.VARY,
        inputs=1,
        strength=0.5,
        unwanted="grey",
    )

    ours = alone(family, wanted, inputs=[file_of(picture)])

    theirs = pipeline(
        [wanted.prompt] * 2,
        negative_prompt=["grey"] * 2,
        image=[Image.fromarray(picture)] * 2,
        strength=0.5,
        num_inference_steps=6,
        guidance_scale=wanted.guidance,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="latent",
    ).images
    assert_same_latents(theirs, ours.latents[5, 6])
