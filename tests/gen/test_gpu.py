"""What can only be seen on a GPU: `pytest -m gpu`. Skips itself without one."""

import os

import numpy as np
import pytest
import torch

from gen.batcher import Batcher, Developed
from gen.doors import Door
from gen.families.sd import StableDiffusion
from gen.job import Spec
from gen.messages import Finished, Setup
from gen.supervisor import Supervisor

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"),
    pytest.mark.timeout(300),
]


def spec(prompt="a red star", *, steps=8, guidance=3.0, seeds=(7,)):
    return Spec(prompt=prompt, width=32, height=32, steps=steps, guidance=guidance, seeds=seeds)


def pictures_of(family, *specs, reproducible=False):
    """The pictures of the first request; the others join a step later each."""
    batcher = Batcher(family, lambda _width, _height: 8, reproducible=reproducible)
    made = {}
    for number, wanted in enumerate(specs):
        assert batcher.join(str(number), wanted) is None
        batcher.tick()
    while batcher.pictures:
        made |= {one.job_id: one for one in batcher.tick() if isinstance(one, Developed)}
    return made["0"].pictures


CROWD = [spec(), spec("a blue circle", steps=11, guidance=1.0, seeds=(1, 2)), spec("grey")]


def test_reproducible_pictures_do_not_depend_on_neighbours(tiny_folder):
    family = StableDiffusion.load(tiny_folder, "cuda")

    alone = pictures_of(family, CROWD[0], reproducible=True)

    assert np.array_equal(alone, pictures_of(family, *CROWD, reproducible=True))


def test_neighbours_change_a_picture_by_rounding_only(tiny_folder):
    family = StableDiffusion.load(tiny_folder, "cuda")

    alone, together = pictures_of(family, CROWD[0]), pictures_of(family, *CROWD)

    apart = np.abs(np.asarray(alone, dtype=int) - np.asarray(together, dtype=int))
    assert apart.mean() <= 1.0


async def test_a_worker_behind_closed_doors_reaches_the_gpu(tiny_folder):
    engine = Supervisor(Setup(str(tiny_folder), device="cuda"), environ=os.environ)
    await engine.start()
    try:
        ready = await engine.wait_ready()
        *_, last = [event async for event in engine.run("a", spec())]
    finally:
        await engine.stop(0)

    assert (ready.device, ready.closed) == ("cuda", tuple(Door))
    assert isinstance(last, Finished)
