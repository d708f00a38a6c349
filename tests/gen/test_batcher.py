"""The loop itself, with a family that only counts."""

import pytest

from gen.batcher import Batcher, Broken, Developed, Stepped
from gen.job import Spec
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
