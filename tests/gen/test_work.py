"""The worker's loop without a process: orders in, reports out."""

import queue
from dataclasses import replace

import pytest

from gen.card import Card
from gen.errors import ModelFault
from gen.job import Spec
from gen.messages import (
    Cancel,
    Cancelled,
    Changing,
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
from gen.stand import Loaded
from gen.work import Worker
from tests.gen.toy_family import ToyFamily

CARD = Card(name="toy", family="sd", width=64, height=64)


def spec(prompt="a fox", *, steps=3, seeds=(1,), model=""):
    return Spec(
        prompt=prompt, width=64, height=64, steps=steps, guidance=3.0, seeds=seeds, model=model
    )


PROFILE = Profile((StepTime(64, 64, 8, 1.0),))


class ToyStand:
    """Toys in place of models: any name can be taken up, but those that `break`."""

    def __init__(self, breaks=()):
        self.breaks = breaks
        self.unfit = {}
        self.taken = []  #: what was taken up, in order

    def take_up(self, name):
        self.taken.append(name)
        if name in self.breaks:
            self.unfit[name] = None
            raise ModelFault(name)
        return Loaded(replace(CARD, name=name), ToyFamily(), PROFILE, 0.0)


def reports(*orders, family=None, gauge=None, stand=None, **setup):
    """What a worker says to these orders, followed by a Stop."""
    inbox = queue.SimpleQueue()
    for order in (*orders, Stop()):
        inbox.put(order)
    said = []
    loaded = Loaded(CARD, family or ToyFamily(), PROFILE)
    works_with = (stand or ToyStand(), loaded, gauge or Gauge())
    worker = Worker(Setup("", **setup), *works_with, inbox, said.append)
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
    works_with = (ToyStand(), Loaded(CARD, BrokenDevice(), PROFILE), Gauge())
    worker = Worker(Setup(""), *works_with, inbox, said.append)

    with pytest.raises(RuntimeError):
        worker.work(("files",))

    assert of(Failed, said) == []


# --- several models -----------------------------------------------------------------------------


def run(job_id, model="", **changed):
    return Run(job_id, spec(model=model, **changed))


def told(said):
    """What happened to jobs and models, in order."""
    return [
        f"{type(one).__name__} {one.card.name if isinstance(one, Ready) else _whose(one)}"
        for one in said
        if isinstance(one, Ready | Changing | Started)
    ]


def _whose(message):
    return message.model if isinstance(message, Changing) else message.job_id


def test_another_model_is_taken_up_when_the_batch_has_ended():
    said = reports(run("a", "toy"), run("b", "other"), run("c", "other"))

    assert [
        "Ready toy",
        "Started a",
        "Changing other",
        "Ready other",
        "Started b",
        "Started c",
    ] == told(said)
    assert {"a", "b", "c"} == {one.job_id for one in of(Finished, said)}


def test_jobs_are_begun_in_the_order_in_which_they_came_whatever_their_model():
    stand = ToyStand()
    said = reports(run("a", "other"), run("b", "toy"), run("c", "other"), stand=stand)

    assert ["other", "toy", "other"] == stand.taken
    assert ["a", "b", "c"] == [one.job_id for one in of(Started, said)]


def test_a_job_that_names_no_model_is_made_with_the_one_that_is_there():
    stand = ToyStand()

    assert ["a"] == [one.job_id for one in of(Finished, reports(run("a"), stand=stand))]
    assert [] == stand.taken


def test_a_model_that_cannot_be_loaded_fails_its_own_jobs_and_the_one_before_comes_back():
    stand = ToyStand(breaks=("gone",))
    said = reports(
        run("a", "toy"), run("b", "gone"), run("c", "toy"), run("d", "gone"), stand=stand
    )

    broken = [Failed(job, FailureCode.MODEL, "ModelFault") for job in ("b", "d")]
    assert broken == of(Failed, said)
    assert {"a", "c"} == {one.job_id for one in of(Finished, said)}
    assert ["gone", "toy"] == stand.taken
    assert ("gone",) == of(Ready, said)[-1].unfit


def test_when_the_model_before_cannot_be_loaded_again_either_the_worker_ends():
    with pytest.raises(ModelFault):
        reports(run("a", "gone"), stand=ToyStand(breaks=("gone", "toy")))


def test_a_job_that_waits_for_its_model_can_be_taken_out():
    stand = ToyStand()
    said = reports(run("a", "toy"), run("b", "other"), Cancel("b"), stand=stand)

    assert Cancelled("b", 0) in said
    assert [] == stand.taken


def test_a_job_that_waits_for_its_model_takes_its_room():
    inbox, said = queue.SimpleQueue(), []

    def hear(message):
        said.append(message)
        if isinstance(message, Changing):
            inbox.put(Stop())

    for order in (run("a", "toy"), run("b", "other", seeds=(1, 2, 3))):
        inbox.put(order)
    loaded = Loaded(CARD, ToyFamily(), PROFILE)
    Worker(Setup("", row_cap=4), ToyStand(), loaded, Gauge(), inbox, hear).work()

    before_the_change = said[: said.index(Changing("other"))]
    assert [4, 1] == [one.rows for one in of(Want, before_the_change)]  # one when a's is free
