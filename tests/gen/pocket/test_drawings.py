"""The pictures Pocket learns from, and the judge that reads them."""

from __future__ import annotations

import numpy as np

from gen.pocket.captions import SHAPES, exam_spec, full_caption, scene, train_spec
from gen.pocket.drawings import draw
from gen.pocket.score import ASPECTS, Tally, judge


def test_the_same_seed_draws_the_same_picture() -> None:
    for seed in range(20):
        pictures = []
        for _ in range(2):
            chance = np.random.default_rng(seed)
            pictures.append(draw(train_spec(chance), chance))
        assert np.array_equal(*pictures)


def test_every_picture_is_96_by_96_in_eight_bits() -> None:
    chance = np.random.default_rng(1)

    pictures = [draw(train_spec(chance), chance) for _ in range(100)]

    assert {((96, 96, 3), np.dtype(np.uint8))} == {(p.shape, p.dtype) for p in pictures}


def test_no_two_scenes_are_alike() -> None:
    chance = np.random.default_rng(2)

    pictures = {draw(scene(chance), chance).tobytes() for _ in range(200)}

    assert len(pictures) == 200


def test_the_judge_reads_clean_drawings() -> None:
    chance = np.random.default_rng(3)
    specs = [exam_spec(chance) for _ in range(150)]

    tallies = judge([draw(spec, chance) for spec in specs], [full_caption(s) for s in specs])

    for aspect in ASPECTS:
        assert tallies[aspect].rate >= 0.98, aspect


def test_the_judge_is_not_fooled_by_other_captions() -> None:
    chance = np.random.default_rng(4)
    specs = [exam_spec(chance) for _ in range(150)]
    others = specs[1:] + specs[:1]

    tallies = judge([draw(spec, chance) for spec in specs], [full_caption(s) for s in others])

    assert tallies["shape"].rate < 2.5 / len(SHAPES)
    assert tallies["background"].rate < 0.4


def test_an_interval_is_wilsons() -> None:
    low, high = Tally(right=90, asked=100).interval()

    assert (round(low, 4), round(high, 4)) == (0.8256, 0.9448)
