"""A real model on a device that is too small: fewer at once, then with less, then not at all."""

import contextlib
import gc

import numpy as np
import pytest
import torch

from gen.batcher import Batcher, Broken, Developed
from gen.families.sd import StableDiffusion
from gen.job import Spec
from gen.messages import FailureCode


def spec(prompt="a red star", *, steps=3, guidance=3.0, seeds=(7,)):
    return Spec(prompt=prompt, width=32, height=32, steps=steps, guidance=guidance, seeds=seeds)


@pytest.fixture
def sd(tiny_folder):
    torch.set_num_threads(1)
    family = StableDiffusion.load(tiny_folder, "cpu")
    gc.freeze()  # memory is given back by collecting garbage: only what is made from here on
    yield family
    gc.unfreeze()


@contextlib.contextmanager
def room_for(sd, samples):
    """A device on which the UNet finds no memory for more samples than that."""

    def look(_unet, given):
        if given[0].shape[0] > samples:
            raise torch.OutOfMemoryError("CUDA out of memory")

    hook = sd.unet.register_forward_pre_hook(look)
    try:
        yield
    finally:
        hook.remove()


def made(sd, *specs):
    """What became of each, the later ones joining a step later."""
    batcher = Batcher(sd, lambda _width, _height: 8)
    ends = {}
    for number, wanted in enumerate(specs):
        assert batcher.join(str(number), wanted) is None
        ends |= told(batcher.tick())
    while batcher.pictures:
        ends |= told(batcher.tick())
    return ends


def told(news):
    return {one.job_id: one for one in news if isinstance(one, Developed | Broken)}


def same(expected, end):
    apart = np.abs(np.asarray(expected.pictures, int) - np.asarray(end.pictures, int))
    return apart.max() <= 1


CROWD = [spec(seeds=(1, 2, 3, 4)), spec("a big circle", seeds=(5,)), spec("grey", guidance=1.0)]


@pytest.mark.parametrize("samples", [2, 5, 9])
def test_on_a_device_that_is_too_small_the_pictures_are_the_same(sd, samples):
    expected = [made(sd, wanted)["0"] for wanted in CROWD]

    with room_for(sd, samples):
        ends = made(sd, *CROWD)

    for number, end in ends.items():
        assert same(expected[int(number)], end)
    assert {"0", "1", "2"} == set(ends)


def test_where_one_prediction_fits_and_two_do_not_the_guided_fail_and_the_others_are_made(sd):
    expected = made(sd, CROWD[2])["0"]

    with room_for(sd, 1):
        ends = made(sd, *CROWD)

    assert [FailureCode.MEMORY] * 2 == [ends["0"].code, ends["1"].code]
    assert same(expected, ends["2"])
    assert sd.vae.use_tiling


def test_a_picture_that_hardly_can_be_decoded_is_decoded_in_tiles(sd, monkeypatch):
    expected, decode = made(sd, CROWD[1])["0"], sd.vae.decode

    def look(*given, **more):
        if not sd.vae.use_tiling:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return decode(*given, **more)

    monkeypatch.setattr(sd.vae, "decode", look)

    assert same(expected, made(sd, CROWD[1])["0"])
