"""The words Pocket is taught, and the pairs it is examined on."""

from __future__ import annotations

import numpy as np
import pytest

from gen.pocket.captions import (
    COLOURS,
    HELD_OUT_COLOUR,
    HELD_OUT_RELATION,
    RELATIONS,
    SHAPES,
    Pair,
    Single,
    Thing,
    caption,
    exam_spec,
    full_caption,
    held_out,
    train_spec,
    words,
)
from gen.pocket.score import read_caption


def test_no_training_picture_holds_a_held_out_pair() -> None:
    chance = np.random.default_rng(1)

    specs = [train_spec(chance) for _ in range(20_000)]

    assert not any(held_out(spec) for spec in specs)


def test_every_exam_picture_holds_a_held_out_pair() -> None:
    chance = np.random.default_rng(2)

    specs = [exam_spec(chance) for _ in range(2_000)]

    assert all(held_out(spec) for spec in specs)


def test_each_shape_and_colour_is_held_out_in_one_pair_and_each_shape_in_one_relation() -> None:
    assert set(COLOURS) == set(HELD_OUT_COLOUR)
    assert sorted(SHAPES) == sorted(HELD_OUT_COLOUR.values())
    assert set(RELATIONS) == set(HELD_OUT_RELATION)
    assert sorted(SHAPES) == sorted(shape for two in HELD_OUT_RELATION.values() for shape in two)


def test_a_pair_of_things_is_held_out_for_the_colour_of_either_thing() -> None:
    kept_back = Thing("red", HELD_OUT_COLOUR["red"])
    shape = next(shape for shape in SHAPES if shape not in HELD_OUT_RELATION["above"])
    plain = Thing("blue", shape)

    assert held_out(Pair(plain, "above", kept_back, "mint"))
    assert held_out(Single(kept_back, "small", "top", "mint"))


def test_every_word_of_every_training_caption_is_in_the_vocabulary() -> None:
    chance, known = np.random.default_rng(3), set(words())

    said = {
        word
        for _ in range(20_000)
        for word in caption(train_spec(chance), chance).replace(",", " ").split()
    }

    assert set() == said - known


def test_every_word_of_the_vocabulary_is_said_in_training() -> None:
    chance = np.random.default_rng(4)

    said = {
        word
        for _ in range(20_000)
        for word in caption(train_spec(chance), chance).replace(",", " ").split()
    }

    assert set() == set(words()) - said


def test_the_judge_reads_every_exam_caption() -> None:
    chance = np.random.default_rng(5)

    for _ in range(500):
        spec = exam_spec(chance)
        wanted = read_caption(full_caption(spec))
        assert spec.background == wanted.background
        asked = spec.place if isinstance(spec, Single) else spec.relation
        assert asked == wanted.place


def test_a_sentence_that_is_no_exam_caption_is_refused() -> None:
    with pytest.raises(ValueError, match="not an exam caption"):
        read_caption("a boat on the sea")
