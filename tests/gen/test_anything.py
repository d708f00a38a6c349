"""Pipelines without an adapter: their own call makes the picture, our ticks drive it."""

import inspect
import json
import shutil
import threading

import numpy as np
import pytest
import torch
from diffusers import StableDiffusion3Pipeline
from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING

from gen import models, pipelines
from gen.batcher import Batcher, Broken, Developed, Stepped
from gen.card import Card
from gen.families.anything import Anything, Relay
from gen.job import Spec
from gen.measure import measure
from gen.messages import FailureCode
from tests import tiny_model


def spec(prompt="a red star", *, steps=4, guidance=3.0, seeds=(7,), size=(32, 32), unwanted=""):
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
def folder(tmp_path_factory):
    return tiny_model.make_sd3(tmp_path_factory.mktemp("models") / "sd3")


@pytest.fixture(scope="module")
def family(folder):
    torch.set_num_threads(1)
    return Anything.load(folder, "cpu")


def batcher_of(family, cap=1, **options):
    return Batcher(family, lambda _width, _height: cap, **options)


def run(batcher):
    news = []
    while batcher.pictures:
        news += batcher.tick()
    return news


def ended(news):
    return {one.job_id: one for one in news if isinstance(one, Developed | Broken)}


def calls_under_way():
    return [one for one in threading.enumerate() if one.name == "pipeline"]


def leave(threads):
    for one in threads:
        one.join(10)
    assert [] == [one for one in threads if one.is_alive()]


def by_diffusers(folder, wanted):
    pipeline = StableDiffusion3Pipeline.from_pretrained(
        folder, text_encoder_3=None, tokenizer_3=None
    )
    pipeline.set_progress_bar_config(disable=True)
    made = [
        pipeline(
            wanted.prompt,
            negative_prompt=wanted.negative_prompt,
            num_inference_steps=wanted.steps,
            guidance_scale=wanted.guidance,
            width=wanted.width,
            height=wanted.height,
            generator=torch.Generator("cpu").manual_seed(seed),
            output_type="np",
        ).images[0]
        for seed in wanted.seeds
    ]
    return [(one * 255).round().astype(np.uint8) for one in made]


def test_it_makes_what_the_stock_pipeline_makes(family, folder):
    wanted = spec(seeds=(5, 6), unwanted="a circle", size=(48, 32))
    batcher = batcher_of(family)
    assert batcher.join("a", wanted) is None

    done = ended(run(batcher))["a"]

    assert np.array_equal(by_diffusers(folder, wanted), done.pictures)


def test_it_goes_a_step_each_tick_and_shows_no_previews(family):
    batcher = batcher_of(family, preview_every=1)
    batcher.join("a", spec(steps=3))

    steps = [one for one in run(batcher) if isinstance(one, Stepped)]

    assert [(1, 3), (2, 3), (3, 3)] == [(one.step, one.steps) for one in steps]
    assert not any(one.preview for one in steps)


@pytest.mark.parametrize("cap", [1, 4])
def test_jobs_that_wait_for_each_other_or_take_turns_make_what_they_make_alone(family, folder, cap):
    batcher = batcher_of(family, cap)
    jobs = {"a": spec(steps=5), "b": spec("a blue circle", steps=3, seeds=(1, 2), size=(48, 32))}
    for job_id, wanted in jobs.items():
        batcher.join(job_id, wanted)
        batcher.tick()

    ends = ended(run(batcher))

    for job_id, wanted in jobs.items():
        assert np.array_equal(by_diffusers(folder, wanted), ends[job_id].pictures)
    leave(calls_under_way())


def test_a_job_cancelled_at_a_step_ends_its_call_there_and_disturbs_nobody(family, folder):
    batcher = batcher_of(family)
    batcher.join("goes", spec(steps=8))
    batcher.join("stays", spec("grey", steps=2))
    batcher.tick()
    batcher.tick()
    [call] = calls_under_way()

    assert 2 == batcher.cancel("goes")

    leave([call])
    ends = ended(run(batcher))
    assert {"stays"} == set(ends)
    assert np.array_equal(by_diffusers(folder, spec("grey", steps=2)), ends["stays"].pictures)


def test_a_pipeline_that_calls_back_the_old_way_goes_step_by_step_too(tmp_path):
    family = Anything.load(tiny_model.make_pixart(tmp_path / "pixart"), "cpu")
    batcher = batcher_of(family)
    batcher.join("a", spec(steps=2, size=(256, 256), guidance=1.0))

    *steps, done = run(batcher)

    assert [1, 2] == [one.step for one in steps]
    assert [(256, 256, 3)] == [one.shape for one in done.pictures]


def test_a_call_that_breaks_breaks_its_own_job_alone(family):
    batcher = batcher_of(family)
    batcher.join("bad", spec(size=(31, 32)))
    batcher.join("good", spec(steps=2))

    ends = ended(run(batcher))

    assert Broken("bad", FailureCode.DENOISE, "ValueError") == ends["bad"]
    assert isinstance(ends["good"], Developed)


def test_a_call_without_memory_is_made_again_by_a_family_that_does_with_less(folder):
    family = Anything.load(folder, "cpu")
    whole, calls = family.pipeline.vae.decode, []

    def decode(*args, **kwargs):
        calls.append(family.pipeline.vae.use_tiling)
        if not calls[-1]:
            raise torch.OutOfMemoryError("no room")
        return whole(*args, **kwargs)

    family.pipeline.vae.decode = decode
    batcher = batcher_of(family)
    batcher.join("a", spec())

    assert isinstance(ended(run(batcher))["a"], Developed)
    assert [False, True] == calls


def test_measuring_finds_out_what_a_step_takes_and_that_one_goes_at_a_time(family):
    profile = measure(family, Card(name="x", family="any", width=32, height=32), 5)

    assert 1 == profile.row_cap(32, 32, guided=True)
    assert 1 == max(time.samples for time in profile.times)
    family.prepare(spec(), (7,))
    leave(calls_under_way())


def test_what_a_pipeline_cannot_take_is_no_work_for_it(family, monkeypatch):
    monkeypatch.setattr(family, "takes", family.takes - {"negative_prompt"})

    with pytest.raises(ValueError, match="not wanted"):
        family.prepare(spec(unwanted="a circle"), (7,))


def test_a_call_abandoned_before_it_began_never_begins():
    made = []
    relay = Relay(lambda pause: made.append(pause))

    relay.abandon()
    relay.join()

    assert [] == made


# ── which pipelines ──────────────────────────────────────────────────────────────────────────────


def test_what_is_read_from_the_source_is_what_diffusers_maps():
    mapped = {kind.__name__: kind for kind in AUTO_TEXT2IMAGE_PIPELINES_MAPPING.values()}

    assert pipelines.text_to_image() <= set(mapped)
    for name in pipelines.text_to_image() - set(pipelines.ADAPTED):
        takes = inspect.signature(mapped[name].__call__).parameters
        assert {"prompt", "num_inference_steps", "generator"} <= set(takes)
        assert {"callback_on_step_end", "callback"} & set(takes)
        assert ("negative_prompt" in takes) == (pipelines.family_of(name) == "any")


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("StableDiffusionPipeline", "sd"),
        ("FluxPipeline", "flux"),
        ("StableDiffusion3Pipeline", "any"),
        ("Flux2Pipeline", "plain"),
        ("DiffusionPipeline", ""),
        ("MyOwnPipeline", ""),
        (["pipeline.py", "Mine"], ""),
        (None, ""),
    ],
)
def test_a_pipeline_is_run_by_the_family_that_can(name, family):
    assert family == pipelines.family_of(name)


def test_a_folder_of_another_kind_is_sound_and_speaks_for_itself(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "card.toml").unlink()

    assert [] == models.check(copy)
    card = models.demand(copy)
    assert ("any", 32, 32) == (card.family, card.width, card.height)


def test_a_folder_that_brings_code_of_its_own_is_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(
        json.dumps(index | {"_class_name": ["pipeline", "Mine"]})
    )
    assert "model_index.json" == models.check(copy)[0].where

    (copy / "model_index.json").write_text(
        json.dumps(index | {"transformer": ["my_transformer", "MyTransformer"]})
    )
    assert "would run its own code" in str(models.check(copy)[0])


def test_a_folder_of_another_kind_without_weights_is_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    for path in (copy / "transformer").glob("*.safetensors"):
        path.unlink()
    shutil.rmtree(copy / "vae")

    assert ["vae", "transformer"] == [problem.where for problem in models.check(copy)]
