"""The shipped folder: small, harmless to load, and it does what it is told."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gen.pocket.captions import words
from gen.pocket.folder import settings
from gen.pocket.score import judge

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

FOLDER = Path(__file__).parents[3] / "gen" / "pocket" / "model"
CARD = tomllib.loads((FOLDER / "card.toml").read_text())


@pytest.fixture(scope="module")
def pipeline() -> Any:
    """The folder as any user of diffusers would load it."""
    loaded = diffusers.StableDiffusionPipeline.from_pretrained(FOLDER, local_files_only=True)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def paint(pipeline: Any, captions: list[str], seed: int = 0, **more: Any) -> list[Any]:
    """uint8 [96, 96, 3] pictures at the card's settings."""
    seeds = [torch.Generator().manual_seed(seed + i) for i in range(len(captions))]
    knobs = settings(FOLDER) | more
    return [np.asarray(p) for p in pipeline(captions, generator=seeds, **knobs).images]


def test_the_folder_is_at_most_20_megabytes() -> None:
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())

    assert size <= 20_000_000


def test_all_weights_are_safetensors() -> None:
    kinds = {path.suffix for path in FOLDER.rglob("*") if path.is_file()}

    assert kinds == {".safetensors", ".json", ".toml"}


def test_the_card_lists_the_words_of_the_grammar() -> None:
    assert list(words()) == CARD["words"]


def test_each_word_of_the_card_is_one_token(pipeline: Any) -> None:
    broken = [word for word in CARD["words"] if len(pipeline.tokenizer.tokenize(word)) != 1]

    assert broken == []


def test_it_draws_pairs_it_never_saw(pipeline: Any) -> None:
    captions = [
        "a large red star in the centre, on a night background",
        "a large orange heart at the top, on a mint background",
        "a large blue ring at the left, on a cream background",
        "a large purple circle at the bottom, on a sky background",
        "a red ring above a blue cross, on a cream background",
        "a green square below a purple cross, on a sky background",
        "a red cross to the left of a yellow square, on a night background",
        "a blue moon to the right of a pink star, on a mint background",
    ]

    tallies = judge(paint(pipeline, captions), captions)

    assert tallies["background"].rate >= 7 / 8
    assert tallies["colour"].rate >= 10 / 12
    assert tallies["place"].rate >= 6 / 8


def test_words_it_does_not_know_still_give_a_picture_of_the_others(pipeline: Any) -> None:
    said = "a wonderful large red star in the centre, on a night background"
    meant = "a large red star in the centre, on a night background"

    tallies = judge(paint(pipeline, [said]), [meant])

    assert 1.0 == tallies["background"].rate == tallies["colour"].rate


def test_nothing_but_unknown_words_gives_a_picture(pipeline: Any) -> None:
    (picture,) = paint(pipeline, ["zxqv wkjf"], num_inference_steps=6)

    assert picture.std() > 5


def test_an_empty_prompt_gives_a_picture(pipeline: Any) -> None:
    (picture,) = paint(pipeline, [""], num_inference_steps=6)

    assert picture.std() > 5


def test_a_negative_prompt_is_taken(pipeline: Any) -> None:
    (picture,) = paint(
        pipeline, ["a house at night"], negative_prompt=["a boat"], num_inference_steps=6
    )

    assert picture.shape == (96, 96, 3)


def test_the_same_seed_gives_the_same_picture(pipeline: Any) -> None:
    one, two = (
        paint(pipeline, ["a boat on the sea"], seed=3, num_inference_steps=6)[0] for _ in range(2)
    )

    assert np.array_equal(one, two)
