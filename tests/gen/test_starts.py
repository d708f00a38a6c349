"""Starting from pictures: what is made is what diffusers' own pipelines make of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import (
    PNDMScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
)
from PIL import Image

from gen.canvas import start_of
from gen.families.schedulers import way_of
from gen.families.sd import StableDiffusion
from gen.job import Kind, Side, Spec
from gen.samplers import SAMPLERS
from tests.gen.darkroom import alone, assert_same_latents, file_of, mask_of, picture_of

#: Some of diffusers' samplers speak to numpy in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDE = 32
STRENGTHS = [
    *((0.5, one) for one in ("", "heun", "lms", "unipc", "dpm++2m")),  #: with memory of steps
    *((1.0, one) for one in ("euler", "euler-a", "ddim", "dpm++2m-karras", "lcm")),
]
WHITE = (8, 24, 4, 20)


def spec(*, strength=0.5, seeds=(5, 6), **more):
    said = {"kind": Kind.VARY, "inputs": 1, "width": SIDE, "height": SIDE} | more
    return Spec(
        prompt="a red star",
        negative_prompt="a circle",
        steps=6,
        guidance=4.0,
        seeds=seeds,
        strength=strength,
        **said,
    )


@pytest.fixture(scope="module")
def picture():
    return picture_of(SIDE)


def stock(kind, family: StableDiffusion, sampler=""):
    """One of diffusers' pipelines, of the same parts, with the sampler of a spec."""
    pipeline = kind(
        vae=family.vae,
        text_encoder=family.text_encoder,
        tokenizer=family.tokenizer,
        unet=family.unet,
        scheduler=way_of(family.scheduler, spec(sampler=sampler)).scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def by_diffusers(pipeline, wanted, picture, **more):
    return pipeline(
        [wanted.prompt] * wanted.pictures,
        negative_prompt=[wanted.negative_prompt] * wanted.pictures,
        image=[Image.fromarray(picture)] * wanted.pictures,
        strength=wanted.strength,
        num_inference_steps=wanted.steps,
        guidance_scale=wanted.guidance,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="latent",
        **more,
    ).images


def latents_of(room):
    [latents] = room.latents.values()
    return latents


def test_each_sampler_starts_from_a_picture_once():
    assert sorted(["", *SAMPLERS]) == sorted(sampler for _, sampler in STRENGTHS)


@pytest.mark.parametrize(("strength", "sampler"), STRENGTHS)
def test_a_varied_picture_is_what_the_stock_pipeline_makes(family, picture, sampler, strength):
    wanted = spec(strength=strength, sampler=sampler)

    ours = alone(family, wanted, inputs=[file_of(picture)])

    pipeline = stock(StableDiffusionImg2ImgPipeline, family, sampler)
    assert_same_latents(by_diffusers(pipeline, wanted, picture), latents_of(ours))


@pytest.mark.parametrize(
    ("strength", "sampler"), [(0.5, ""), (1.0, "euler"), (0.5, "heun"), (1.0, "dpm++2m")]
)
def test_a_masked_picture_is_what_the_stock_pipeline_makes(family, picture, sampler, strength):
    wanted = spec(strength=strength, sampler=sampler, inputs=2, masked=True)
    mask = mask_of(SIDE, white=WHITE)

    ours = alone(family, wanted, inputs=[file_of(picture), file_of(mask)])

    pipeline = stock(StableDiffusionInpaintPipeline, family, sampler)
    theirs = by_diffusers(
        pipeline,
        wanted,
        picture,
        mask_image=Image.fromarray(mask[..., 0]),
        width=SIDE,
        height=SIDE,
    )
    assert_same_latents(theirs, latents_of(ours))


def test_what_was_not_masked_is_the_same_to_the_last_pixel(family, picture):
    wanted = spec(strength=1.0, inputs=2, masked=True)
    files = [file_of(picture), file_of(mask_of(SIDE, white=WHITE))]

    made = alone(family, wanted, inputs=files).pictures["alone"]

    stays = start_of(wanted, files).mask == 0
    for one in made:
        assert np.array_equal(picture[stays], one[stays])
        assert not np.array_equal(picture[~stays], one[~stays])


@pytest.mark.parametrize("kind", [Kind.ZOOM, Kind.PAN])
def test_a_wider_view_keeps_what_was_seen(family, picture, kind):
    wanted = spec(kind=kind, strength=1.0, scale=2.0, towards=Side.LEFT)

    made = alone(family, wanted, inputs=[file_of(picture)]).pictures["alone"]

    start = start_of(wanted, [file_of(picture)])
    for one in made:
        assert np.array_equal(start.pictures[0][start.mask == 0], one[start.mask == 0])


def test_a_blend_does_not_depend_on_the_order_of_its_pictures(tiny_family, picture):
    files = [file_of(picture), file_of(picture_of(SIDE, seed=1))]
    wanted = spec(kind=Kind.BLEND, inputs=2)

    made = latents_of(alone(tiny_family, wanted, inputs=files))

    assert_same_latents(made, latents_of(alone(tiny_family, wanted, inputs=files[::-1])))
    for file in files:
        one = latents_of(alone(tiny_family, spec(), inputs=[file]))
        assert (made - one).abs().max() > 0.01


@pytest.fixture(scope="module")
def tiny_family(tmp_path_factory):
    """Its encoder draws nothing by chance."""
    from tests import tiny_model

    folder = tiny_model.make(tmp_path_factory.mktemp("models") / "m", tiny_vae=True)
    return StableDiffusion.load(folder, "cpu")


@pytest.mark.parametrize("sampler", ["", *SAMPLERS])
def test_a_stopped_picture_is_the_guess_at_that_step(family, sampler):
    whole = spec(kind=Kind.IMAGINE, inputs=0, sampler=sampler)
    guesses = {}

    class Watched:
        def __getattr__(self, name):
            return getattr(family, name)

        def advance(self, strip, prediction):
            family.advance(strip, prediction)
            guesses[strip.step] = strip.guess.clone()

        def develop(self, strip):
            guesses["developed"] = strip.guess if strip.way.is_stopped else strip.latents
            return family.develop(strip)

    alone(Watched(), whole)
    steps = max(step for step in guesses if isinstance(step, int))
    kept = dict(guesses)
    guesses.clear()
    alone(Watched(), spec(kind=Kind.IMAGINE, inputs=0, sampler=sampler, stop=0.5))

    stopped = max(step for step in guesses if isinstance(step, int))
    assert stopped < steps
    assert_same_latents(kept[stopped], guesses["developed"])
    last = kept["developed"]  # some samplers leave a trace of noise in it
    assert (kept[steps] - last).abs().max() <= 0.01 * last.abs().max()


def test_a_large_picture_painted_in_windows_is_of_the_wanted_size(family):
    wanted = spec(kind=Kind.UPSCALE, width=2 * SIDE, height=SIDE + 8, strength=0.4, seeds=(5,))

    [made] = alone(family, wanted, inputs=[file_of(picture_of(SIDE))]).pictures["alone"]

    assert (SIDE + 8, 2 * SIDE, 3) == made.shape


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_the_usual_sampler_of_the_first_models_starts_from_pictures_too(
    family, picture, monkeypatch, strength
):
    usual = PNDMScheduler.from_config(family.scheduler.config, skip_prk_steps=True)
    monkeypatch.setattr(family, "scheduler", usual)
    wanted = spec(strength=strength)

    ours = alone(family, wanted, inputs=[file_of(picture)])

    pipeline = stock(StableDiffusionImg2ImgPipeline, family)
    assert_same_latents(by_diffusers(pipeline, wanted, picture), latents_of(ours))


def test_a_guess_is_what_the_noise_of_its_step_was_laid_over(family):
    """Of a sampler that tells no guess: x = a x₀ + s ε, solved for x₀."""
    usual = PNDMScheduler.from_config(family.scheduler.config, skip_prk_steps=True)
    way = way_of(usual, spec(kind=Kind.IMAGINE, inputs=0))
    shown, noise = torch.randn((2, 2, 4, 16, 16), generator=torch.Generator().manual_seed(0))

    _, guess = way.go(noise, way.noised(shown, noise), [])

    assert_same_latents(shown, guess)


@pytest.mark.parametrize(("known", "window"), [(None, None), (1, 1), ([1, 2], 1), (64, None)])
def test_whatever_a_model_says_of_its_size_it_paints(family, monkeypatch, known, window):
    monkeypatch.setattr(family, "unet", SimpleNamespace(config=SimpleNamespace(sample_size=known)))

    assert family._window(replace(spec(), kind=Kind.IMAGINE, inputs=0)) is None
    assert window == family._window(spec(kind=Kind.UPSCALE))
