"""A batcher over a real family, and what makes two of its pictures the same."""

import contextlib

import numpy as np
from PIL import Image

from gen import images
from gen.batcher import Batcher, Developed


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

    def join(self, job_id, wanted, sampler=None, inputs=()):
        with sampling(self.family, sampler):
            assert self.batcher.join(job_id, wanted, inputs) is None

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


def alone(family, wanted, sampler=None, inputs=(), **options):
    room = Darkroom(family, **options)
    room.join("alone", wanted, sampler, inputs)
    return room.finish()


def picture_of(side, *, seed=0):
    """A soft picture of random colours, (side, side, 3)."""
    colours = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(colours).resize((side, side), Image.Resampling.BICUBIC))


def file_of(pixels):
    return images.encode(pixels).data


def mask_of(side, *, white):
    """A mask that is white in one rectangle: (top, bottom, left, right)."""
    mask = np.zeros((side, side, 3), np.uint8)
    mask[white[0] : white[1], white[2] : white[3]] = 255
    return mask


def assert_same_pictures(expected, made):
    """At most one grey level apart, in at most one value of a thousand."""
    assert len(expected) == len(made)
    for left, right in zip(expected, made, strict=True):
        apart = np.abs(left.astype(int) - right.astype(int))
        assert apart.max() <= 1
        assert (apart > 0).mean() <= 0.001


def assert_same_latents(expected, made):
    assert (expected - made).abs().max() <= 1e-4 * expected.abs().max()
