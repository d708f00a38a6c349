"""What can only be seen on a GPU: `pytest -m gpu`. Skips itself without one."""

import os

import numpy as np
import pytest
import torch

from gen.batcher import Batcher, Broken, Developed
from gen.doors import Door
from gen.families.anything import Anything
from gen.families.flux import Flux
from gen.families.sd import StableDiffusion
from gen.job import Spec
from gen.messages import FailureCode, Finished, Setup
from gen.supervisor import Supervisor
from tests import tiny_model

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


@pytest.fixture(scope="module")
def flux_folder(tmp_path_factory):
    return tiny_model.make_flux(tmp_path_factory.mktemp("models") / "flux")


@pytest.mark.parametrize("dtype", ["auto", "float32", "float16"])
def test_flux_pictures_do_not_depend_on_neighbours_in_any_numbers(flux_folder, dtype):
    family = Flux.load(flux_folder, "cuda", dtype)

    alone = pictures_of(family, CROWD[0], reproducible=True)

    assert np.array_equal(alone, pictures_of(family, *CROWD, reproducible=True))


@pytest.mark.parametrize("kind", [StableDiffusion, Flux])
def test_doing_with_less_memory_changes_a_picture_by_rounding_only(kind, tiny_folder, flux_folder):
    family = kind.load(tiny_folder if kind is StableDiffusion else flux_folder, "cuda")
    before = pictures_of(family, CROWD[0], reproducible=True)

    family.economise()
    family.economise()

    after = pictures_of(family, CROWD[0], reproducible=True)
    assert np.abs(np.asarray(before, dtype=int) - np.asarray(after, dtype=int)).mean() <= 1.0


def test_a_pipeline_without_an_adapter_works_and_does_with_less(tmp_path):
    family = Anything.load(tiny_model.make_sd3(tmp_path / "sd3"), "cuda")

    before = pictures_of(family, CROWD[0])
    family.economise()

    after = pictures_of(family, CROWD[0])
    assert np.abs(np.asarray(before, dtype=int) - np.asarray(after, dtype=int)).mean() <= 1.0


def test_a_picture_that_does_not_fit_the_gpu_fails_alone_and_the_next_one_is_made(tiny_folder):
    family = StableDiffusion.load(tiny_folder, "cuda")
    batcher = Batcher(family, lambda _width, _height: 8)
    torch.cuda.set_per_process_memory_fraction(0.01)
    try:
        huge = Spec(prompt="a", width=8192, height=8192, steps=1, guidance=1.0, seeds=(1,))
        news = [one for one in [batcher.join("huge", huge)] if one]
        batcher.join("good", spec())
        while batcher.pictures:
            news += batcher.tick()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)

    ends = {one.job_id: one for one in news if isinstance(one, Broken | Developed)}
    assert FailureCode.MEMORY == ends["huge"].code
    assert isinstance(ends["good"], Developed)


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
