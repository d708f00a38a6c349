"""The trainer, for a few seconds: that it runs, stops, goes on, and leaves a folder that loads."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from gen.pocket.pace import Watch, rate_at  # noqa: E402
from gen.pocket.train import Recipe, Trainer, draw_album, spoken  # noqa: E402

SMALL = Recipe(pictures=16, vae_batch=2, batch=2)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The trainer ties its clock to the stop signals; untie it."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def run(out: Path, seconds: float, resume: bool) -> Trainer:
    trainer = Trainer(out, seconds / 60, torch.device("cpu"), recipe=SMALL)
    album = draw_album(SMALL.pictures, trainer.chance)
    assert trainer.train_vae("vae", album, resume)
    latents = trainer.latents(album)
    assert trainer.train_vae("decoder", album, resume)
    trainer.train_unet(album, latents, resume)
    return trainer


def test_a_few_seconds_leave_a_folder_that_loads(tmp_path: Path) -> None:
    run(tmp_path, seconds=2.0, resume=False)

    pipeline: Any = diffusers.StableDiffusionPipeline.from_pretrained(
        tmp_path / "model", local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    (picture,) = pipeline("a star", num_inference_steps=1, width=96, height=96).images
    assert picture.size == (96, 96)


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    run(tmp_path, seconds=2.0, resume=False)
    before = torch.load(tmp_path / "unet.pt", weights_only=True)["step"]

    run(tmp_path, seconds=4.0, resume=True)

    assert torch.load(tmp_path / "unet.pt", weights_only=True)["step"] > before


def test_a_stop_signal_ends_a_stage() -> None:
    watch = Watch(budget_seconds=100.0)

    watch.stop(signal.SIGTERM, None)

    assert not watch.running


def test_the_rate_rises_holds_and_falls() -> None:
    rates = [rate_at(share, step=1000, peak=1.0, hold=0.5) for share in (0.0, 0.5, 0.75, 1.0)]

    assert [1.0, 1.0, 0.51, 0.02] == pytest.approx(rates)
    assert rate_at(0.0, step=0, peak=1.0) == pytest.approx(0.01)


def test_one_caption_in_ten_is_empty_and_one_in_ten_has_unknown_words() -> None:
    chance, said = np.random.default_rng(1), "a red star"

    heard = [spoken(said, Recipe(), chance) for _ in range(5_000)]

    assert 0.08 < heard.count("") / 5_000 < 0.12
    assert 0.78 < heard.count(said) / 5_000 < 0.82
