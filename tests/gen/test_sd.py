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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import avg_pool2d

from gen.batcher import Batcher, Developed
from gen.families import linear
from gen.families.sd import StableDiffusion, Text
from gen.job import Spec
from tests import tiny_model

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


#: Requests that differ in everything a batch may mix.
CROWD = [
    (spec("a red star", steps=8), DDIMScheduler),
    (spec("a big blue circle", steps=12, guidance=7.5, seeds=(1, 2)), EulerDiscreteScheduler),
    (spec("a star", steps=5, guidance=1.0, seeds=(3,)), EulerAncestralDiscreteScheduler),
    (
        spec("grey", steps=10, guidance=1.5, seeds=(4,), unwanted="a star"),
        DPMSolverMultistepScheduler,
    ),
]


class Darkroom:
    """A batcher over a family, keeping what diffusers calls `latents` when a strip is done."""

    def __init__(self, family, **options):
        self.family = family
        self.latents = {}
        self.pictures = {}
        self.batcher = Batcher(self, lambda _width, _height: 8, **options)

    def __getattr__(self, name):
        return getattr(self.family, name)

    def develop(self, strip):
        self.latents.setdefault(tuple(g.initial_seed() for g in strip.generators), strip.latents)
        return self.family.develop(strip)

    def join(self, job_id, wanted, sampler=None):
        with sampling(self.family, sampler):
            assert self.batcher.join(job_id, wanted) is None

    def tick(self):
        for news in self.batcher.tick():
            if isinstance(news, Developed):
                self.pictures[news.job_id] = news.pictures

    def finish(self):
        while self.batcher.pictures:
            self.tick()
        return self


@contextlib.contextmanager
def sampling(family, sampler):
    usual = family.scheduler
    family.scheduler = sampler.from_config(usual.config) if sampler else usual
    try:
        yield
    finally:
        family.scheduler = usual


def alone(family, wanted, sampler=None, **options):
    room = Darkroom(family, **options)
    room.join("alone", wanted, sampler)
    return room.finish()


@pytest.fixture(scope="module")
def expected(family):
    """Each request of the crowd, made alone."""
    return [alone(family, *one) for one in CROWD]


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


def assert_same_pictures(expected, made):
    """At most one grey level apart, in at most one value of a thousand."""
    assert len(expected) == len(made)
    for left, right in zip(expected, made, strict=True):
        apart = np.abs(left.astype(int) - right.astype(int))
        assert apart.max() <= 1
        assert (apart > 0).mean() <= 0.001


def assert_same_latents(expected, made):
    assert (expected - made).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_it_makes_what_the_stock_pipeline_makes(family, pipeline, sampler, guidance):
    wanted = spec(guidance=guidance, seeds=(5, 6), unwanted="a circle", size=(48, 32))

    ours = alone(family, wanted, sampler).pictures["alone"]

    assert_same_pictures(by_diffusers(pipeline, sampler, wanted), ours)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(range(len(CROWD))),
    gaps=st.lists(st.integers(0, 4), min_size=len(CROWD), max_size=len(CROWD)),
)
def test_neighbours_and_the_order_of_joining_change_no_picture(family, expected, order, gaps):
    room = Darkroom(family)
    for number, gap in zip(order, gaps, strict=True):
        room.join(str(number), *CROWD[number])
        for _ in range(gap):
            room.tick()
    room.finish()

    for number, by_itself in enumerate(expected):
        assert_same_pictures(by_itself.pictures["alone"], room.pictures[str(number)])
        for seeds, latents in by_itself.latents.items():
            assert_same_latents(latents, room.latents[seeds])


def test_a_cancelled_neighbour_changes_no_picture(family, expected):
    room = Darkroom(family)
    room.join("0", *CROWD[0])
    room.join("1", *CROWD[1])
    room.tick()
    room.batcher.cancel("1")
    room.finish()

    assert_same_pictures(expected[0].pictures["alone"], room.pictures["0"])
    assert "1" not in room.pictures


def test_reproducible_pictures_are_the_same_to_the_last_bit(family):
    by_itself = alone(family, CROWD[0][0], reproducible=True)
    room = Darkroom(family, reproducible=True)
    room.join("1", *CROWD[1])
    room.tick()
    room.join("0", CROWD[0][0])
    room.tick()
    room.join("2", *CROWD[2])
    room.finish()

    [seeds] = by_itself.latents
    assert torch.equal(by_itself.latents[seeds], room.latents[seeds])
    assert np.array_equal(by_itself.pictures["alone"], room.pictures["0"])


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
