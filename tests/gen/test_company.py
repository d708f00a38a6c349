"""Who shares a call changes no picture: alone and in company are the same, whatever is mixed."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen.card import Lora
from gen.families import seams, windows
from gen.families.sd import StableDiffusion
from gen.job import Kind, Side, Spec
from tests import tiny_model
from tests.gen.darkroom import (
    Darkroom,
    alone,
    assert_same_latents,
    assert_same_pictures,
    file_of,
    mask_of,
    picture_of,
)

#: Some of diffusers' samplers speak to numpy in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDE = 32
FILES = [file_of(picture_of(SIDE, seed=seed)) for seed in range(3)]
MASK = file_of(mask_of(SIDE, white=(8, 24, 4, 20)))
LONG = "a small red star on a big blue circle on a grey background on a red star"


def spec(seed, prompt="a red star", *, steps=5, guidance=3.0, size=(SIDE, SIDE), **more):
    return Spec(
        prompt=prompt,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=guidance,
        seeds=seed if isinstance(seed, tuple) else (seed,),
        **more,
    )


def from_pictures(seed, kind, *files, **more):
    return spec(seed, kind=kind, inputs=len(files), **more), files


#: Requests that differ in everything a batch may mix, or must keep apart.
CROWD = [
    (spec(1), ()),
    (spec((2, 3), "a big blue circle", sampler="dpm++2m", steps=7, guidance=7.5), ()),
    (spec(4, guidance=1.0, sampler="euler-a"), ()),
    (spec(5, "a red star::2 grey::-1", sampler="unipc"), ()),
    (spec(6, LONG, sampler="heun", steps=4), ()),
    (spec(7, "grey", stop=0.5, sampler="lms", negative_prompt=LONG), ()),
    (spec(8, tile=True), ()),
    (spec(9, loras=(("ink", 0.8),)), ()),
    (spec(10, loras=(("ink", -0.4),), tile=True, sampler="lcm"), ()),
    from_pictures((11, 12), Kind.VARY, FILES[0], strength=0.5, sampler="euler"),
    from_pictures(13, Kind.VARY, FILES[0], MASK, masked=True, strength=0.8, sampler="dpm++2m"),
    from_pictures(14, Kind.BLEND, *FILES, strength=0.7),
    from_pictures(15, Kind.ZOOM, FILES[1], scale=1.5),
    from_pictures(16, Kind.PAN, FILES[1], towards=Side.UP, tile=True),
    from_pictures(17, Kind.UPSCALE, FILES[2], strength=0.5, size=(2 * SIDE, SIDE)),
    (spec(18, size=(2 * SIDE, SIDE)), ()),
]


@pytest.fixture(scope="module")
def bent(tiny_folder, tmp_path_factory):
    file = tiny_model.make_lora(tmp_path_factory.mktemp("loras") / "ink.safetensors", tiny_folder)
    return StableDiffusion.load(tiny_folder, "cpu", loras=[Lora(name="ink", file=str(file))])


@pytest.fixture(scope="module")
def expected(bent):
    return [alone(bent, wanted, inputs=inputs) for wanted, inputs in CROWD]


def joined(room, number):
    wanted, inputs = CROWD[number]
    room.join(str(number), wanted, inputs=inputs)


def assert_as_alone(by_itself, room, number):
    assert_same_pictures(by_itself.pictures["alone"], room.pictures[str(number)])
    for seeds, latents in by_itself.latents.items():
        assert_same_latents(latents, room.latents[seeds])


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(range(len(CROWD))),
    gaps=st.lists(st.integers(0, 2), min_size=len(CROWD), max_size=len(CROWD)),
    leaves=st.integers(0, len(CROWD) - 1),
)
def test_no_neighbour_changes_a_picture_whenever_it_joins_or_leaves(
    bent, expected, order, gaps, leaves
):
    room = Darkroom(bent)
    for number, gap in zip(order, gaps, strict=True):
        joined(room, number)
        for _ in range(gap):
            room.tick()
    room.batcher.cancel(str(leaves))
    room.finish()

    for number in range(len(CROWD)):
        if str(number) in room.pictures:
            assert_as_alone(expected[number], room, number)
    assert len(CROWD) - 1 <= len(room.pictures)


@pytest.mark.parametrize("number", [5, 9, 10, 13, 14])
def test_reproducible_pictures_are_the_same_to_the_last_bit(bent, number):
    wanted, inputs = CROWD[number]
    by_itself = alone(bent, wanted, inputs=inputs, reproducible=True)
    room = Darkroom(bent, reproducible=True)
    for beside in (0, 8, number, 11):
        joined(room, beside)
        room.tick()
    room.finish()

    for one, other in zip(by_itself.pictures["alone"], room.pictures[str(number)], strict=True):
        assert np.array_equal(one, other)


def test_pictures_that_can_be_laid_side_by_side_close_over_their_edges(bent):
    """A tiled model knows no edge: noise that is moved makes a picture that is moved."""
    strip = bent.prepare(spec(1, tile=True), [1])
    plain = bent.prepare(spec(1), [1])

    for one, closes in ((strip, True), (plain, False)):
        [here] = bent.denoise([one])
        one.latents = one.latents.roll((4, 6), (-2, -1))
        [moved] = bent.denoise([one])
        assert closes == torch.allclose(here.roll((4, 6), (-2, -1)), moved, atol=1e-3)


def test_what_is_tiled_is_as_before_afterwards(bent):
    before = [getattr(one, "padding_mode", None) for one in bent.unet.modules()]

    def broken():
        with seams.closed(bent.unet, wanted=True):
            assert before != [getattr(one, "padding_mode", None) for one in bent.unet.modules()]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()

    assert before == [getattr(one, "padding_mode", None) for one in bent.unet.modules()]


@pytest.mark.parametrize(
    ("length", "window"), [(8, 8), (9, 8), (16, 8), (33, 8), (5, 8), (128, 64)]
)
def test_windows_reach_from_end_to_end_and_overlap(length, window):
    places = windows.places(length, window)

    assert 0 == places[0]
    assert places[-1] + min(window, length) == length
    for one, next_one in pairwise(places):
        assert window / 5 <= one + window - next_one < window


def test_the_mean_of_windows_is_the_whole_where_each_point_counts_for_itself():
    x = torch.randn((2, 4, 20, 13), generator=torch.Generator().manual_seed(0))

    assert torch.allclose(x.tanh(), windows.fused(torch.tanh, x, 8), atol=1e-6)


def test_a_large_picture_is_predicted_in_windows_of_the_models_own_size(bent):
    wanted, inputs = CROWD[14]
    seen = []

    class Watched:
        def __getattr__(self, name):
            return getattr(bent, name)

    with_hook = bent.unet.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    try:
        alone(Watched(), wanted, inputs=inputs)
    finally:
        with_hook.remove()

    assert {(2, 4, 16, 16)} == {tuple(shape) for shape in seen}


@pytest.fixture(scope="module")
def distilled_folder(tmp_path_factory):
    return tiny_model.make(tmp_path_factory.mktemp("models") / "lcm", told_guidance=8)


def test_a_model_with_guidance_distilled_into_it_is_told_it(distilled_folder):
    family = StableDiffusion.load(distilled_folder, "cpu")
    wanted = spec((5, 6), guidance=4.0, steps=4, sampler="lcm")

    room = alone(family, wanted)

    pipeline = StableDiffusionPipeline.from_pretrained(
        distilled_folder, safety_checker=None, local_files_only=True
    )
    pipeline.scheduler = LCMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        [wanted.prompt] * 2,
        num_inference_steps=4,
        guidance_scale=4.0,
        width=SIDE,
        height=SIDE,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in wanted.seeds],
        output_type="latent",
    ).images
    assert_same_latents(theirs, room.latents[5, 6])


def test_rows_of_different_distilled_guidance_share_a_call(distilled_folder):
    family = StableDiffusion.load(distilled_folder, "cpu")
    crowd = [spec(1, guidance=2.0), spec(2, guidance=8.0), spec(3, guidance=1.0)]
    room = Darkroom(family)
    for number, wanted in enumerate(crowd):
        room.join(str(number), wanted)
    room.finish()

    for number, wanted in enumerate(crowd):
        assert_as_alone(alone(family, wanted), room, number)


def test_lcm_takes_more_steps_than_it_was_distilled_for(bent):
    assert 60 == bent.prepare(spec(1, steps=60, sampler="lcm"), [1]).steps
