"""FLUX by our own loop: what it makes is what diffusers makes, whoever is beside it."""

import dataclasses

import numpy as np
import pytest
import torch
from diffusers import FluxImg2ImgPipeline, FluxInpaintPipeline, FluxPipeline
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gen import images
from gen.batcher import Batcher, Developed, Stepped
from gen.families import patches
from gen.families.flux import Flux
from gen.job import Kind, Spec
from tests import tiny_model


def drawn(seed, side=32):
    """A picture of flat tiles."""
    tiles = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return tiles.repeat(side // 4, axis=0).repeat(side // 4, axis=1)


def mask_of(side=32):
    """White on the right half."""
    mask = np.zeros((side, side, 3), np.uint8)
    mask[:, side // 2 :] = 255
    return mask


def file_of(pixels):
    return images.encode(pixels).data


def spec(prompt="a red star", *, steps=4, guidance=3.5, seeds=(7,), size=(32, 32), **more):
    return Spec(
        prompt=prompt,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=guidance,
        seeds=seeds,
        **more,
    )


VARIED = spec("a star", steps=6, seeds=(3,), kind=Kind.VARY, inputs=1, strength=0.5)
MASKED = spec("grey", seeds=(4,), kind=Kind.VARY, inputs=2, masked=True, strength=0.75)

#: Requests that differ in everything a batch may mix.
CROWD = [
    (spec("a red star", steps=5), ()),
    (spec("a big blue circle", steps=7, guidance=1.0, seeds=(1, 2)), ()),
    (VARIED, (drawn(1),)),
    (MASKED, (drawn(2), mask_of())),
    (spec("a star", steps=6, guidance=5.0, seeds=(5,), stop=0.5), ()),
]


class Darkroom:
    """A batcher over a family, keeping the latents of each strip that is done."""

    def __init__(self, family, **options):
        self.family, self.latents, self.pictures, self.news = family, {}, {}, []
        self.batcher = Batcher(self, lambda _width, _height: 8, **options)

    def __getattr__(self, name):
        return getattr(self.family, name)

    def develop(self, strip):
        self.latents[strip.seeds] = patches.unpack(
            strip.latents, (strip.size[1] // 4, strip.size[0] // 4)
        )
        return self.family.develop(strip)

    def join(self, job_id, wanted, inputs=()):
        assert self.batcher.join(job_id, wanted, tuple(map(file_of, inputs))) is None

    def tick(self):
        news = self.batcher.tick()
        self.news += news
        self.pictures |= {one.job_id: one.pictures for one in news if isinstance(one, Developed)}

    def finish(self):
        while self.batcher.pictures:
            self.tick()
        return self


def alone(family, wanted, inputs=(), **options):
    room = Darkroom(family, **options)
    room.join("alone", wanted, inputs)
    return room.finish()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_model.make_flux(tmp_path_factory.mktemp("models") / "flux")


@pytest.fixture(scope="module")
def flux(folder):
    torch.set_num_threads(1)
    return Flux.load(folder, "cpu")


@pytest.fixture(scope="module")
def expected(flux):
    """Each request of the crowd, made alone."""
    return [alone(flux, *one) for one in CROWD]


def by_diffusers(pipeline, wanted, **more):
    """Latents (n, c, h, w) as the stock pipeline leaves them."""
    pipeline.set_progress_bar_config(disable=True)
    made = pipeline(
        [wanted.prompt] * wanted.pictures,
        num_inference_steps=wanted.steps,
        guidance_scale=wanted.guidance,
        width=wanted.width,
        height=wanted.height,
        max_sequence_length=24,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="latent",
        **more,
    ).images
    return patches.unpack(made, (wanted.height // 4, wanted.width // 4))


def assert_same_latents(expected, made):
    assert expected.shape == made.shape
    assert (expected - made).abs().max() <= 1e-4 * expected.abs().max()


def assert_same_pictures(expected, made):
    """At most one grey level apart, in at most one value of a thousand."""
    for left, right in zip(expected, made, strict=True):
        apart = np.abs(left.astype(int) - right.astype(int))
        assert apart.max() <= 1
        assert (apart > 0).mean() <= 0.001


@pytest.mark.parametrize("guided", [True, False], ids=["dev", "schnell"])
def test_it_makes_what_the_stock_pipeline_makes(tmp_path, guided):
    folder = tiny_model.make_flux(tmp_path / "flux", guided=guided)
    wanted = spec(seeds=(5, 6), size=(48, 32))

    [ours] = alone(Flux.load(folder, "cpu"), wanted).latents.values()

    assert_same_latents(by_diffusers(FluxPipeline.from_pretrained(folder), wanted), ours)


def test_starting_from_a_picture_is_what_the_stock_pipeline_makes_of_it(folder, expected):
    pipeline = FluxImg2ImgPipeline.from_pretrained(folder)

    theirs = by_diffusers(pipeline, VARIED, image=Image.fromarray(drawn(1)), strength=0.5)

    assert_same_latents(theirs, expected[2].latents[(3,)])


def test_painting_a_part_anew_is_what_the_stock_pipeline_makes_of_it(folder, expected):
    pipeline = FluxInpaintPipeline.from_pretrained(folder)
    white = Image.fromarray(mask_of()).convert("L")

    theirs = by_diffusers(
        pipeline, MASKED, image=Image.fromarray(drawn(2)), mask_image=white, strength=0.75
    )

    assert_same_latents(theirs, expected[3].latents[(4,)])


def test_what_a_mask_leaves_black_stays_to_the_last_bit(expected):
    [made] = expected[3].pictures["alone"]

    assert np.array_equal(drawn(2)[:, :14], made[:, :14])
    assert not np.array_equal(drawn(2)[:, 18:], made[:, 18:])


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(range(len(CROWD))),
    gaps=st.lists(st.integers(0, 3), min_size=len(CROWD), max_size=len(CROWD)),
)
def test_neighbours_and_the_order_of_joining_change_no_picture(flux, expected, order, gaps):
    room = Darkroom(flux)
    for number, gap in zip(order, gaps, strict=True):
        room.join(str(number), *CROWD[number])
        for _ in range(gap):
            room.tick()
    room.finish()

    for number, by_itself in enumerate(expected):
        assert_same_pictures(by_itself.pictures["alone"], room.pictures[str(number)])
        for seeds, latents in by_itself.latents.items():
            assert_same_latents(latents, room.latents[seeds])


def test_a_cancelled_neighbour_changes_no_picture(flux, expected):
    room = Darkroom(flux)
    room.join("0", *CROWD[0])
    room.join("1", *CROWD[1])
    room.tick()
    room.batcher.cancel("1")
    room.finish()

    assert_same_pictures(expected[0].pictures["alone"], room.pictures["0"])
    assert "1" not in room.pictures


def test_reproducible_pictures_are_the_same_to_the_last_bit(flux):
    by_itself = alone(flux, CROWD[0][0], reproducible=True)
    room = Darkroom(flux, reproducible=True)
    room.join("1", *CROWD[1])
    room.tick()
    room.join("0", CROWD[0][0])
    room.finish()

    assert torch.equal(by_itself.latents[(7,)], room.latents[(7,)])
    assert np.array_equal(by_itself.pictures["alone"], room.pictures["0"])


def test_a_picture_stopped_early_is_the_guess_of_its_last_step(flux):
    stopped = spec(steps=6, stop=0.5)
    whole = alone(flux, dataclasses.replace(stopped, stop=1.0), preview_every=3)
    early = alone(flux, stopped)

    assert 3 == max(one.step for one in early.news if isinstance(one, Stepped))
    assert not np.array_equal(whole.pictures["alone"], early.pictures["alone"])


def test_four_pictures_of_one_job_are_those_of_four_jobs(flux):
    together = alone(flux, spec(seeds=(1, 2, 3, 4))).pictures["alone"]

    apart = [alone(flux, spec(seeds=(seed,))).pictures["alone"][0] for seed in (1, 2, 3, 4)]

    assert_same_pictures(apart, together)


def test_previews_are_small_and_one_for_each_picture(flux):
    room = alone(flux, spec(seeds=(1, 2)), preview_every=2)

    [previews] = [one.preview for one in room.news if isinstance(one, Stepped) and one.preview]
    assert [(16, 16, 3)] * 2 == [one.shape for one in previews]


def test_doing_with_less_memory_changes_no_picture(flux, expected):
    """Tiles come only where a picture is larger than one."""
    flux.economise()
    flux.economise()

    again = alone(flux, CROWD[0][0])

    assert_same_pictures(expected[0].pictures["alone"], again.pictures["alone"])


def test_a_size_that_makes_no_patches_is_refused(flux):
    broken = Batcher(flux, lambda _width, _height: 8).join("odd", spec(size=(30, 32)))

    assert "ValueError" == broken.exception_class
