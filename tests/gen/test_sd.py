"""Stable Diffusion by our own loop: what it makes is what diffusers makes, whoever is beside it."""

import contextlib
import io

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
)
from torch import Tensor
from torch.nn.functional import avg_pool2d

from gen.families import linear
from gen.families.sd import StableDiffusion, Text
from gen.job import Spec
from tests import single_file, tiny_model
from tests.gen.darkroom import Darkroom, alone, assert_same_pictures

#: Some of diffusers' samplers speak to numpy in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SAMPLERS = [
    DDIMScheduler,
    EulerDiscreteScheduler,
    EulerAncestralDiscreteScheduler,
    DPMSolverMultistepScheduler,
]


def spec(prompt="a red star", *, steps=6, guidance=3.0, seeds=(7,), size=(32, 32), unwanted=""):
    return Spec(
        prompt=prompt,
        negative_prompt=unwanted,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=guidance,
        seeds=seeds,
    )


@pytest.fixture(scope="module")
def pipeline(tiny_folder):
    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_folder, safety_checker=None, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def by_diffusers(pipeline, sampler, wanted):
    pipeline.scheduler = sampler.from_config(pipeline.scheduler.config)
    made = pipeline(
        [wanted.prompt] * wanted.pictures,
        negative_prompt=[wanted.negative_prompt] * wanted.pictures,
        num_inference_steps=wanted.steps,
        guidance_scale=wanted.guidance,
        width=wanted.width,
        height=wanted.height,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="np",
    ).images
    return list((made * 255).round().astype(np.uint8))


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_it_makes_what_the_stock_pipeline_makes(family, pipeline, sampler, guidance):
    wanted = spec(guidance=guidance, seeds=(5, 6), unwanted="a circle", size=(48, 32))

    ours = alone(family, wanted, sampler).pictures["alone"]

    assert_same_pictures(by_diffusers(pipeline, sampler, wanted), ours)


def test_four_pictures_of_one_job_are_those_of_four_jobs(family):
    together = alone(family, spec(seeds=(1, 2, 3, 4))).pictures["alone"]

    apart = [alone(family, spec(seeds=(seed,))).pictures["alone"][0] for seed in (1, 2, 3, 4)]

    assert_same_pictures(apart, together)


def test_a_prompt_longer_than_the_encoder_is_cut_without_a_word(family):
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(printed):
        alone(family, spec("a red star " * 100, steps=1))

    assert printed.getvalue() == ""


def test_only_the_empty_text_is_kept(family):
    def kept():
        return {name for name, value in vars(family).items() if isinstance(value, Text | Tensor)}

    before = kept()

    alone(family, spec("a red circle", steps=1, unwanted="a blue star"))

    after = kept()
    assert {"_nothing", "_colours"} == before == after


def test_the_colours_of_latents_are_found_by_least_squares():
    meant = linear.mosaics(factor=2)
    into_latents = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    latents = torch.einsum("khwr,cr->kchw", avg_pool2d(meant, 2).movedim(1, -1), into_latents) + 0.3

    colours = linear.fit(latents, meant, factor=2)

    painted = torch.stack([linear.paint(latent, colours) for latent in latents])
    assert torch.allclose(avg_pool2d(meant, 2), painted, atol=1e-4)


def test_a_model_with_a_tiny_vae_works_too(tmp_path):
    family = StableDiffusion.load(tiny_model.make(tmp_path / "m", tiny_vae=True), "cpu")
    room = Darkroom(family, preview_every=1)
    room.join("a", spec(steps=2))

    [picture] = room.finish().pictures["a"]

    assert picture.shape == (32, 32, 3)


def test_the_one_file_that_people_share_makes_the_same_pictures(family, tiny_folder, tmp_path):
    file = single_file.make(tmp_path / "tiny.safetensors", tiny_folder)

    same = StableDiffusion.load(file, "cpu")

    wanted = spec(steps=2, seeds=(5, 6))
    assert_same_pictures(
        alone(family, wanted).pictures["alone"], alone(same, wanted).pictures["alone"]
    )
