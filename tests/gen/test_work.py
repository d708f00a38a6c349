"""The worker's loop without a process: orders in, reports out."""

import queue

import pytest

from gen.card import Card
from gen.job import Spec
from gen.messages import (
    Cancel,
    Cancelled,
    Failed,
    FailureCode,
    Finished,
    Progress,
    Ready,
    Run,
    Setup,
    Started,
    Stop,
    Want,
)
from gen.profile import Profile, StepTime
from gen.safety import Gauge
from gen.work import Worker
from tests.gen.toy_family import ToyFamily

CARD = Card(name="toy", family="sd", width=64, height=64)


def spec(prompt="a fox", *, steps=3, seeds=(1,)):
    return Spec(prompt=prompt, width=64, height=64, steps=steps, guidance=3.0, seeds=seeds)


def reports(*orders, family=None, gauge=None, **setup):
    """What a worker says to these orders, followed by a Stop."""
    inbox = queue.SimpleQueue()
    for order in (*orders, Stop()):
        inbox.put(order)
    said = []
    profile = Profile((StepTime(64, 64, 8, 1.0),))
    works_with = (family or ToyFamily(), profile, gauge or Gauge())
    worker = Worker(Setup("", **setup), CARD, *works_with, inbox, said.append)
    worker.work(("files",))
    return said


def of(kind, said):
    return [message for message in said if isinstance(message, kind)]


def test_it_introduces_itself_and_asks_for_as_much_as_measuring_allows():
    ready, want = reports()

    assert isinstance(ready, Ready)
    assert (ready.row_cap, ready.closed) == (4, ("files",))
    assert want == Want(4)


def test_what_the_operator_says_is_stronger_than_what_was_measured():
    assert of(Want, reports(row_cap=7)) == [Want(7)]


def test_reproducible_pictures_are_made_one_by_one_unless_the_operator_says_otherwise():
    family = ToyFamily()
    reports(Run("a", spec(seeds=(1, 2))), family=family, reproducible=True)

    assert set(family.shapes) == {2}


def test_a_job_taken_out_ends_as_cancelled():
    said = reports(Run("a", spec()), Cancel("a"), Cancel("a"), Cancel("nobody"))

    assert said[2:] == [Started("a"), Cancelled("a", 0)]


def test_a_job_is_reported_from_start_to_finish():
    said = reports(Run("a", spec(steps=2, seeds=(1, 2))), preview_every=1, picture_format="png")

    started, one, two, finished = said[2:]
    assert started == Started("a")
    assert [one.step, two.step] == [1, 2]
    assert (one.preview is None, two.preview is None) == (False, True)
    assert isinstance(finished, Finished)
    assert (len(finished.pictures), finished.media_type) == (2, "image/png")
    assert len(finished.measures) == 2


def test_a_job_that_cannot_be_measured_fails_and_its_pictures_stay_inside():
    def breaks(pictures):
        raise ZeroDivisionError

    said = reports(Run("a", spec()), gauge=breaks)

    assert of(Failed, said) == [Failed("a", FailureCode.MEASURE, "ZeroDivisionError")]
    assert of(Finished, said) == []


def test_a_failing_job_is_told_by_code_and_class():
    said = reports(Run("a", spec("breaks at step")))

    assert of(Failed, said) == [Failed("a", FailureCode.STEP, "ZeroDivisionError")]
    assert of(Progress, said) == []


class BrokenDevice(ToyFamily):
    """A device that fails at everything, as CUDA does after an assertion."""

    def denoise(self, strips, pad_to=0):
        raise RuntimeError

    def rehearse(self, width, height, samples):
        raise RuntimeError


def test_a_broken_device_ends_the_worker_and_blames_no_job():
    said = []
    inbox = queue.SimpleQueue()
    inbox.put(Run("a", spec()))
    works_with = (BrokenDevice(), Profile((StepTime(64, 64, 8, 1.0),)), Gauge())
    worker = Worker(Setup(""), CARD, *works_with, inbox, said.append)

    with pytest.raises(RuntimeError):
        worker.work(("files",))

    assert of(Failed, said) == []
