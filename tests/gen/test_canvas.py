"""What comes along is laid onto the canvas: sizes, masks, wider views, moved views."""

import numpy as np
import pytest

from gen import canvas
from gen.job import Kind, Side, Spec
from tests.gen.darkroom import file_of, mask_of, picture_of

SIDE = 64


def spec(kind, *, inputs=1, size=(SIDE, SIDE), seeds=(7,), **more):
    return Spec(
        prompt="a red star",
        width=size[0],
        height=size[1],
        steps=4,
        guidance=1.0,
        seeds=seeds,
        kind=kind,
        inputs=inputs,
        **more,
    )


@pytest.fixture(scope="module")
def picture():
    return picture_of(SIDE)


def test_a_picture_that_fits_is_taken_as_it_is(picture):
    start = canvas.start_of(spec(Kind.VARY), [file_of(picture)])

    assert start.mask is None
    assert np.array_equal(picture, start.pictures[0])


def test_a_picture_of_another_ratio_covers_the_canvas_from_its_middle():
    wide = np.concatenate([np.full((32, 16, 3), value, np.uint8) for value in (0, 90, 90, 0)], 1)

    start = canvas.start_of(spec(Kind.VARY, size=(32, 32)), [file_of(wide)])

    assert (32, 32, 3) == start.pictures[0].shape
    assert {90} == set(np.unique(start.pictures[0]))


@pytest.mark.parametrize("side", [SIDE, 2 * SIDE])
def test_what_was_drawn_white_is_painted_anew_and_black_is_not_touched(picture, side):
    mask = mask_of(side, white=(side // 4, side // 2, 0, side // 2))

    start = canvas.start_of(
        spec(Kind.VARY, inputs=2, masked=True), [file_of(picture), file_of(mask)]
    )

    assert (SIDE, SIDE) == start.mask.shape
    assert 255 == start.mask[24, 16]
    white = np.zeros((SIDE, SIDE), bool)
    white[16:32, :32] = True
    assert not start.mask[~white].any()
    assert start.mask[white].mean() > 230


def test_a_blend_starts_from_all_its_pictures(picture):
    other = picture_of(96, seed=1)

    start = canvas.start_of(spec(Kind.BLEND, inputs=2), [file_of(picture), file_of(other)])

    assert [(SIDE, SIDE, 3)] * 2 == [one.shape for one in start.pictures]


def test_an_enlarged_picture_looks_the_same_from_afar(picture):
    start = canvas.start_of(spec(Kind.UPSCALE, size=(128, 128), strength=0.0), [file_of(picture)])

    [made] = canvas.finished(spec(Kind.UPSCALE, size=(128, 128), strength=0.0), start)

    assert (128, 128, 3) == made.shape
    small = made.reshape(SIDE, 2, SIDE, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - picture).mean() < 2


def test_zooming_out_shows_the_picture_smaller_in_the_middle(picture):
    start = canvas.start_of(spec(Kind.ZOOM, scale=2.0), [file_of(picture)])

    middle = start.pictures[0][16:48, 16:48]
    assert np.abs(middle - picture.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))).mean() < 6
    assert (start.mask[:16] == 255).all()
    assert (start.mask[:, 48:] == 255).all()
    assert (start.mask[24:40, 24:40] == 0).all()


@pytest.mark.parametrize(
    ("towards", "old", "new"),
    [
        (Side.LEFT, np.s_[:, :32], np.s_[:, 32:]),
        (Side.RIGHT, np.s_[:, 32:], np.s_[:, :32]),
        (Side.UP, np.s_[:32], np.s_[32:]),
        (Side.DOWN, np.s_[32:], np.s_[:32]),
    ],
)
def test_a_moved_view_keeps_the_half_it_moves_to_and_frees_the_other(picture, towards, old, new):
    start = canvas.start_of(spec(Kind.PAN, towards=towards), [file_of(picture)])

    assert np.array_equal(picture[old], start.pictures[0][new])
    assert (start.mask[old] == 255).all()
    assert (start.mask[new] == 0).mean() > 0.8


@pytest.mark.parametrize("kind", [Kind.ZOOM, Kind.PAN])
def test_the_edge_of_new_canvas_is_mixed_only_within_the_old_picture(picture, kind):
    start = canvas.start_of(spec(kind, scale=1.5, towards=Side.UP), [file_of(picture)])
    made = np.zeros_like(picture)

    [kept] = canvas.kept([made], start)

    assert np.array_equal(kept[start.mask == 0], start.pictures[0][start.mask == 0])
    assert not kept[start.mask == 255].any()
    assert 0 < ((start.mask > 0) & (start.mask < 255)).mean() < 0.3


def test_a_job_that_paints_nothing_gives_one_picture_for_each_seed(picture):
    wanted = spec(Kind.VARY, strength=0.0, seeds=(1, 2, 3))

    made = canvas.finished(wanted, canvas.start_of(wanted, [file_of(picture)]))

    assert 3 == len(made)
    assert all(np.array_equal(picture, one) for one in made)


@pytest.mark.parametrize(
    ("wanted", "inputs"),
    [
        (spec(Kind.VARY), []),
        (spec(Kind.VARY), [b"a red star"]),
        (spec(Kind.VARY, masked=True), [b""]),
        (spec(Kind.BLEND, inputs=2), [b""]),
    ],
)
def test_what_is_no_picture_or_too_few_is_refused(wanted, inputs):
    with pytest.raises(ValueError, match=r"came along|come along"):
        canvas.start_of(wanted, inputs)


def test_a_view_that_is_moved_nowhere_is_refused(picture):
    with pytest.raises(ValueError, match="to which side"):
        canvas.start_of(spec(Kind.PAN), [file_of(picture)])
