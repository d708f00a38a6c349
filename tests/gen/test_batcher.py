"""The loop itself, with a family that only counts."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gen import images
from gen.batcher import Batcher, Broken, Developed, Stepped
from gen.errors import is_out_of_memory
from gen.job import Kind, Spec
from gen.messages import FailureCode
from tests.gen.toy_family import ToyFamily


def spec(prompt="a fox", *, steps=3, guidance=3.0, seeds=(7,), size=(64, 64)):
    return Spec(
        prompt=prompt,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=guidance,
        seeds=seeds,
    )


def batcher_of(family, cap=8, **options):
    return Batcher(family, lambda _width, _height: cap, **options)


def run(batcher):
    """Tick to the end; all news in order."""
    news = []
    while batcher.pictures:
        news += batcher.tick()
    return news


def ended(news):
    return {one.job_id: one for one in news if isinstance(one, Developed | Broken)}


def test_a_job_is_told_of_each_step_and_then_developed():
    batcher = batcher_of(ToyFamily())
    batcher.join("a", spec(steps=2, seeds=(7, 8)))

    news = run(batcher)

    assert [Stepped("a", 1, 2), Stepped("a", 2, 2)] == news[:2]
    assert [picture[0, 0, 0] for picture in news[2].pictures] == [7 + 2, 8 + 2]
    assert batcher.pictures == 0


def test_jobs_of_different_lengths_share_calls_and_leave_on_their_own():
    family = ToyFamily()
    batcher = batcher_of(family)
    batcher.join("short", spec("short", steps=1))
    batcher.join("long", spec("long", steps=3, guidance=1.0))

    run(batcher)

    assert family.calls == [["short", "long"], ["long"], ["long"]]
    assert family.shapes == [2 + 1, 1, 1]


def test_a_job_joins_while_others_are_under_way():
    family = ToyFamily()
    batcher = batcher_of(family)
    batcher.join("first", spec("first", steps=2))
    batcher.tick()
    batcher.join("second", spec("second", steps=2))

    run(batcher)

    assert family.calls == [["first"], ["first", "second"], ["second"]]


def test_a_cancelled_job_is_in_no_later_call_and_is_never_decoded():
    family = ToyFamily()
    batcher = batcher_of(family)
    batcher.join("stays", spec("stays"))
    batcher.join("goes", spec("goes"))
    batcher.tick()

    assert batcher.cancel("goes") == 1
    assert batcher.cancel("goes") is None

    news = run(batcher)

    assert family.calls == [["stays", "goes"], ["stays"], ["stays"]]
    assert family.developed == ["stays"]
    assert {"stays"} == set(ended(news))


@pytest.mark.parametrize("part", ["denoise", "step", "decode"])
def test_a_job_that_breaks_breaks_no_neighbour(part):
    batcher = batcher_of(ToyFamily())
    batcher.join("good", spec())
    batcher.join("bad", spec(f"breaks at {part}"))
    batcher.join("fine", spec())

    ends = ended(run(batcher))

    assert Broken("bad", FailureCode(part), "ZeroDivisionError") == ends["bad"]
    assert isinstance(ends["good"], Developed)
    assert isinstance(ends["fine"], Developed)


def test_a_job_that_cannot_be_prepared_never_joins():
    batcher = batcher_of(ToyFamily())

    assert Broken("bad", FailureCode.PREPARE, "ZeroDivisionError") == batcher.join(
        "bad", spec("breaks at prepare")
    )
    assert batcher.pictures == 0


def test_a_call_that_is_too_large_costs_no_job_and_is_not_tried_again():
    family = ToyFamily(memory=4)
    batcher = batcher_of(family)
    for name in "abcd":
        batcher.join(name, spec(name, steps=3))

    ends = ended(run(batcher))

    assert all(isinstance(end, Developed) for end in ends.values())
    assert family.shapes[0] == 8
    assert max(family.shapes[1:]) == 4


def test_a_strip_made_when_more_fitted_still_gets_its_turn():
    batcher = batcher_of(ToyFamily(memory=4))
    batcher.join("two", spec("two", seeds=(1, 2), steps=9))
    batcher.join("one", spec("one", steps=2))
    batcher.tick()
    assert batcher.cap((64, 64)) == 1

    ends = ended(run(batcher))

    assert all(isinstance(end, Developed) for end in ends.values())


def test_a_job_larger_than_the_cap_is_split_and_comes_back_whole_and_in_order():
    family = ToyFamily()
    batcher = batcher_of(family, cap=1)
    batcher.join("a", spec(steps=2, seeds=(1, 2, 3, 4)))

    done = ended(run(batcher))["a"]

    assert [picture[0, 0, 0] for picture in done.pictures] == [1 + 2, 2 + 2, 3 + 2, 4 + 2]
    assert max(family.shapes) == 2


def test_sizes_take_turns():
    family = ToyFamily()
    batcher = batcher_of(family)
    batcher.join("square", spec("square", steps=2))
    batcher.join("wide", spec("wide", steps=2, size=(96, 64)))
    batcher.join("square too", spec("square too", steps=2))

    run(batcher)

    squares = ["square", "square too"]
    assert [squares, ["wide"], squares, ["wide"]] == family.calls


def test_reproducible_calls_of_a_size_always_have_the_same_shape():
    family = ToyFamily()
    batcher = batcher_of(family, cap=3, reproducible=True)
    batcher.join("a", spec(guidance=1.0))
    batcher.tick()
    batcher.join("b", spec(seeds=(1, 2)))

    run(batcher)

    assert {6} == set(family.shapes)


def test_previews_come_every_so_many_steps_and_not_at_the_end():
    batcher = batcher_of(ToyFamily(), preview_every=2)
    batcher.join("a", spec(steps=4, seeds=(1, 2)))

    steps = [one for one in run(batcher) if isinstance(one, Stepped)]

    assert [one.preview and len(one.preview) for one in steps] == [None, 2, None, None]


def test_the_time_of_a_call_is_shared_by_samples():
    seconds = iter(range(1000))
    batcher = batcher_of(ToyFamily(), clock=lambda: float(next(seconds)))
    batcher.join("guided", spec(steps=1))
    batcher.join("plain", spec(steps=1, guidance=1.0, seeds=(1, 2, 3, 4)))

    ends = ended(run(batcher))

    assert pytest.approx(1000 * 2 / 6) == ends["guided"].denoise_ms
    assert pytest.approx(1000 * 4 / 6) == ends["plain"].denoise_ms
    assert ends["plain"].decode_ms == 1000


# ── memory ───────────────────────────────────────────────────────────────────────────────────────


def test_four_pictures_that_do_not_fit_one_call_are_begun_again_two_by_two():
    family = ToyFamily(memory=4)
    batcher = batcher_of(family)
    batcher.join("a", spec("a", steps=2, seeds=(1, 2, 3, 4)))

    done = ended(run(batcher))["a"]

    assert [picture[0, 0, 0] for picture in done.pictures] == [1 + 2, 2 + 2, 3 + 2, 4 + 2]
    assert [8, 4, 4, 4, 4] == family.shapes
    assert not family.spares


def test_what_did_not_fit_is_not_tried_at_a_larger_size_and_a_smaller_one_loses_nothing():
    batcher = batcher_of(ToyFamily(memory=4))
    batcher.join("a", spec(seeds=(1, 2, 3, 4)))
    run(batcher)

    assert 2 == batcher.cap((64, 64)) == batcher.cap((128, 64))
    assert 8 == batcher.cap((64, 32))


def test_one_picture_that_does_not_fit_makes_the_family_do_with_less():
    family = ToyFamily(memory=1)
    batcher = batcher_of(family)
    batcher.join("a", spec())

    assert isinstance(ended(run(batcher))["a"], Developed)
    assert family.spares


@pytest.mark.parametrize("part", ["prepare", "decode"])
def test_a_job_that_hardly_fits_is_made_by_doing_with_less(part):
    family = ToyFamily()
    batcher = batcher_of(family)
    assert batcher.join("tight", spec(f"hardly fits at {part}")) is None

    assert isinstance(ended(run(batcher))["tight"], Developed)
    assert family.spares


def test_a_job_that_fits_nowhere_fails_alone_and_says_that_it_was_memory():
    batcher = batcher_of(ToyFamily())
    batcher.join("good", spec())
    batcher.join("huge", spec("never fits at denoise", seeds=(1, 2)))
    batcher.join("fine", spec(seeds=(3, 4)))

    ends = ended(run(batcher))

    assert Broken("huge", FailureCode.MEMORY, "MemoryError") == ends["huge"]
    assert [7 + 3] == [picture[0, 0, 0] for picture in ends["good"].pictures]
    assert [3 + 3, 4 + 3] == [picture[0, 0, 0] for picture in ends["fine"].pictures]
    assert Broken("b", FailureCode.MEMORY, "MemoryError") == batcher.join(
        "b", spec("never fits at prepare")
    )


def test_reproducible_calls_that_do_not_fit_get_a_smaller_shape_for_good():
    family = ToyFamily(memory=6)
    batcher = batcher_of(family, cap=4, reproducible=True)
    batcher.join("a", spec("a", steps=3))

    assert isinstance(ended(run(batcher))["a"], Developed)
    assert [8, 4, 4, 4] == family.shapes


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_only_a_lack_of_memory_is_one(fault, expected):
    assert expected == is_out_of_memory(fault)


# ── company ──────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60, deadline=None)
@given(
    jobs=st.lists(
        st.tuples(
            st.integers(1, 4),  # steps
            st.integers(1, 4),  # pictures
            st.booleans(),  # guided
            st.booleans(),  # tile: another company
            st.sampled_from([(64, 64), (64, 32)]),
            st.integers(0, 3),  # ticks before the next joins
            st.integers(0, 4),  # its end comes after so many ticks; 0: its own
        ),
        min_size=1,
        max_size=7,
    ),
    cap=st.integers(1, 5),
    memory=st.sampled_from([2, 3, 8, 1_000]),
)
def test_whatever_the_company_and_the_memory_every_job_gets_what_it_gets_alone(jobs, cap, memory):
    """Calls hold one company, and every job that stayed ends once, with pictures of its seeds."""
    family = ToyFamily(memory=memory)
    batcher, news, leaves = batcher_of(family, cap), [], {}
    for number, (steps, pictures, guided, tile, size, gap, left) in enumerate(jobs):
        wanted = spec(
            str(number),
            steps=steps,
            guidance=3.0 if guided else 1.0,
            seeds=tuple(10 * number + one for one in range(pictures)),
            size=size,
        )
        assert batcher.join(str(number), dataclasses.replace(wanted, tile=tile)) is None
        if left:
            leaves[str(number)] = left
        for _ in range(gap):
            news += batcher.tick()
    for job_id, ticks in leaves.items():
        for _ in range(ticks):
            news += batcher.tick()
        if batcher.cancel(job_id) is None:  # it had ended
            leaves[job_id] = 0
    news += run(batcher)

    ends = [one for one in news if isinstance(one, Developed | Broken)]
    stayed = {str(number) for number in range(len(jobs)) if not leaves.get(str(number))}
    assert sorted(stayed) == sorted(one.job_id for one in ends)
    for one in ends:
        steps, pictures, *_ = jobs[int(one.job_id)]
        seeds = [10 * int(one.job_id) + first for first in range(pictures)]
        assert [seed + steps for seed in seeds] == [int(made[0, 0, 0]) for made in one.pictures]
    for call in family.calls:
        assert 1 == len({jobs[int(prompt)][3:5] for prompt in call})


def test_a_picture_that_is_only_shown_needs_no_denoiser():
    family = ToyFamily()
    batcher = batcher_of(family)
    shown = Spec(
        prompt="",
        width=64,
        height=64,
        steps=4,
        guidance=1.0,
        seeds=(7,),
        kind=Kind.UPSCALE,
        inputs=1,
        strength=0.0,
    )
    small = images.encode(np.full((32, 32, 3), 90, np.uint8)).data
    batcher.join("painted", spec(steps=1))

    assert batcher.join("shown", shown, (small,)) is None
    assert batcher.join("dropped", shown, (small,)) is None
    assert 3 == batcher.pictures
    assert 0 == batcher.cancel("dropped")

    ends = ended(run(batcher))
    assert {"painted", "shown"} == set(ends)
    [picture] = ends["shown"].pictures
    assert ((64, 64, 3), 90) == (picture.shape, picture[10, 10, 0])
    assert [["a fox"]] == family.calls


def test_a_file_that_is_no_picture_is_its_own_jobs_fault():
    torn = Spec(
        prompt="a",
        width=64,
        height=64,
        steps=4,
        guidance=1.0,
        seeds=(7,),
        kind=Kind.VARY,
        inputs=1,
        strength=0.5,
    )

    broken = batcher_of(ToyFamily()).join("torn", torn, (b"no picture",))

    assert FailureCode.PREPARE == broken.code
