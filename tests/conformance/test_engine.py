"""What every engine must do: the fake in our tests, the real one with its worker, and a fleet."""

import os
import signal
from dataclasses import replace

import pytest
import pytest_asyncio

from gen import images, models
from gen.engine import Phase, WorkerLost
from gen.errors import ModelFault
from gen.fleet import Fleet
from gen.job import Spec
from gen.messages import Cancelled, Failed, FailureCode, Finished, Progress, Setup, Source, Started
from gen.supervisor import Supervisor
from tests import tiny_model
from tests.fakes import FakeEngine
from tests.gen.scripted_child import CANNOT_LOAD

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

FOREVER = 900  #: steps: seconds on the real engine


class Fake:
    """The fake, and how to be unkind to it."""

    def __init__(self, _elsewhere):
        self.engine = FakeEngine()

    def spoil(self):
        self.engine.break_next()
        return spec()

    def ask_for_a_changed_model(self):
        self.engine.break_next(FailureCode.MODEL)
        return spec()

    def crash(self):
        self.engine.crash()


class Real:
    """The supervisor with a worker of its own, and how to be unkind to it."""

    def __init__(self, elsewhere):
        setup = Setup(
            str(elsewhere / "tiny"),
            preview_every=1,
            row_cap=4,
            profile_seconds=0.1,
            nice=0,
            models=models_in(elsewhere),
        )
        self.engine = Supervisor(
            setup,
            environ=os.environ,
            threads=1,
            restart_delays_seconds=(0.0,),
        )

    def spoil(self):
        return spec(size=(33, 32))

    def ask_for_a_changed_model(self):
        return spec(model="changed")

    def crash(self):
        os.kill(self.engine.pid, signal.SIGKILL)


def models_in(elsewhere):
    """Two models that load, and one whose weights are not what they were noted to be."""
    tiny_model.make(elsewhere / "tiny")
    tiny_model.make(elsewhere / "other", seed=1)
    card = models.read_card(elsewhere / "tiny")
    changed = (("unet/diffusion_pytorch_model.safetensors", "0" * 64),)
    return (
        Source(replace(card, name="Pocket"), str(elsewhere / "tiny")),
        Source(replace(card, name="other"), str(elsewhere / "other")),
        Source(replace(card, name="changed"), str(elsewhere / "other"), changed),
    )


class Limping:
    """A fleet of a real worker and of one that never gets ready: it works as the one that does."""

    def __init__(self, elsewhere):
        self.real = Real(elsewhere)
        other = Supervisor(
            Setup(str(elsewhere / "tiny")),
            environ=os.environ,
            command=CANNOT_LOAD,
            restart_delays_seconds=(3600.0,),
        )
        self.engine = Fleet([other, self.real.engine])
        self.spoil, self.crash = self.real.spoil, self.real.crash
        self.ask_for_a_changed_model = self.real.ask_for_a_changed_model


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=[Fake, Real, Limping])
async def hands(request, tmp_path_factory):
    """An engine that is ready, in somebody's hands."""
    hands = request.param(tmp_path_factory.mktemp("conformance"))
    await hands.engine.start()
    await hands.engine.wait_ready()
    yield hands
    await hands.engine.stop(0)


@pytest.fixture
def engine(hands):
    return hands.engine


def spec(prompt="a red star", *, steps=3, seeds=(1,), size=(32, 32), model=""):
    return Spec(
        prompt=prompt,
        width=size[0],
        height=size[1],
        steps=steps,
        guidance=3.0,
        seeds=seeds,
        model=model,
    )


async def all_of(listening):
    return [event async for event in listening]


async def first(listening, kind):
    async for event in listening:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__} came")


async def test_it_is_ready_and_says_what_it_is(engine):
    ready = await engine.wait_ready()

    assert engine.ready == ready
    assert engine.state.phase is Phase.READY
    assert ready.row_cap == 4
    assert ready.profile.step_seconds(32, 32) > 0


async def test_a_job_is_started_makes_progress_and_is_finished(engine):
    events = await all_of(engine.run("a", spec(seeds=(1, 2))))

    started, *progress, finished = events
    assert started == Started("a")
    assert all(isinstance(one, Progress) and one.steps == 3 for one in progress)
    assert [one.step for one in progress] == sorted({one.step for one in progress})
    assert isinstance(finished, Finished)
    assert finished.media_type == "image/webp"
    assert [images.decode(data).shape for data in finished.pictures] == [(32, 32, 3)] * 2
    assert [len(measure.fingerprint) for measure in finished.measures] == [16, 16]


async def test_it_says_which_model_is_there_and_what_was_measured_of_it(engine):
    assert frozenset({"Pocket"}) == engine.residents
    assert engine.profiles["Pocket"].step_seconds(32, 32) > 0


async def test_jobs_of_two_models_are_all_made_and_the_last_ones_model_stays(engine):
    listening = [
        engine.run(f"{number} {model}", spec(model=model))
        for number in range(2)
        for model in ("Pocket", "other")
    ]
    asked = engine.residents
    made = [(await all_of(events))[-1] for events in listening]

    assert [Finished] * 4 == [type(one) for one in made]
    assert frozenset({"other"}) == asked == engine.residents
    assert {"Pocket", "other"} >= set(engine.profiles)
    back = await all_of(engine.run("back", spec(model="Pocket")))
    assert isinstance(back[-1], Finished)
    assert frozenset({"Pocket"}) == engine.residents


async def test_a_model_whose_weights_have_changed_fails_its_jobs_and_no_others(hands, engine):
    bad = engine.run("bad", hands.ask_for_a_changed_model())
    good = engine.run("good", spec(model="Pocket"))

    failed = (await all_of(bad))[-1]
    assert isinstance(failed, Failed)
    assert FailureCode.MODEL is failed.code
    assert isinstance((await all_of(good))[-1], Finished)
    assert frozenset({"Pocket"}) == engine.residents


async def test_previews_are_small_jpegs(engine):
    shown = await first(engine.run("a", spec(steps=8)), Progress)

    assert shown.preview is not None
    assert shown.preview.startswith(b"\xff\xd8")
    await engine_is_idle(engine)


async def test_the_same_seed_makes_the_same_picture_and_another_makes_another(engine):
    one = await first(engine.run("a", spec(seeds=(5, 6))), Finished)
    two = await first(engine.run("b", spec(seeds=(5,))), Finished)

    assert np_equal(one.pictures[0], two.pictures[0])
    assert not np_equal(one.pictures[0], one.pictures[1])


async def test_room_is_taken_by_running_jobs_and_given_back(engine):
    await engine_is_idle(engine)
    listening = engine.run("a", spec(steps=FOREVER, seeds=(1, 2, 3)))

    assert await engine.want() == 1
    engine.cancel("a")
    await all_of(listening)
    await engine_is_idle(engine)


async def test_jobs_run_side_by_side_and_each_hears_only_of_itself(engine):
    one = engine.run("one", spec(steps=5))
    two = engine.run("two", spec(steps=2))

    heard = [*await all_of(one), *await all_of(two)]

    assert {"one", "two"} == {event.job_id for event in heard}
    assert sum(isinstance(event, Finished) for event in heard) == 2


async def test_a_cancelled_job_ends_as_cancelled_long_before_its_end(engine):
    listening = engine.run("a", spec(steps=FOREVER))
    await first(listening, Progress)
    engine.cancel("a")

    *_, last = await all_of(listening)

    assert isinstance(last, Cancelled)
    assert 0 < last.steps_done < FOREVER


async def test_cancelling_what_is_not_here_does_nothing(engine):
    engine.cancel("nobody")

    assert engine.state.phase is Phase.READY


async def test_an_id_is_taken_while_its_job_runs_and_free_afterwards(engine):
    listening = engine.run("a", spec(steps=FOREVER))
    with pytest.raises(ValueError, match="a job of this id is running"):
        engine.run("a", spec())
    engine.cancel("a")
    await all_of(listening)

    assert isinstance((await all_of(engine.run("a", spec())))[-1], Finished)


async def test_a_job_that_fails_fails_alone(hands, engine):
    bad = engine.run("bad", hands.spoil())
    good = engine.run("good", spec())

    failed = (await all_of(bad))[-1]

    assert isinstance(failed, Failed)
    assert failed.exception_class == "ValueError"
    assert isinstance((await all_of(good))[-1], Finished)


async def test_a_job_that_nobody_listens_to_runs_to_its_end(engine):
    engine.run("unheard", spec(seeds=(1, 2, 3, 4)))

    assert isinstance((await all_of(engine.run("heard", spec())))[-1], Finished)
    await engine_is_idle(engine)


async def test_when_the_worker_dies_its_jobs_hear_it_and_the_next_one_works(hands, engine):
    listening = [engine.run(name, spec(steps=FOREVER)) for name in ("a", "b")]
    for one in listening:
        await first(one, Progress)
    hands.crash()

    endings = [(await all_of(one))[-1] for one in listening]

    assert endings == [WorkerLost("a"), WorkerLost("b")]
    await engine.wait_ready()
    assert await engine.want() == 4
    assert isinstance((await all_of(engine.run("a", spec())))[-1], Finished)


async def test_stopping_lets_running_jobs_finish_and_cuts_off_none_that_fits(engine):
    listening = engine.run("a", spec())
    await engine.stop(60)

    assert isinstance((await all_of(listening))[-1], Finished)
    assert engine.state.phase is Phase.DOWN
    assert engine.ready is None
    assert await all_of(engine.run("late", spec())) == [WorkerLost("late")]


def np_equal(left: bytes, right: bytes) -> bool:
    """The same picture, give or take one grey level."""
    apart = images.decode(left).astype(int) - images.decode(right).astype(int)
    return bool(abs(apart).max() <= 1)


async def engine_is_idle(engine):
    """Wait until all room is free again: jobs of earlier tests have ended."""
    while await engine.want() < 4:
        await all_of(engine.run("waiting", spec(steps=1)))


async def test_a_model_that_cannot_be_used_is_said_before_anything_starts(tmp_path):
    with pytest.raises(ModelFault, match="no such folder"):
        await Supervisor(Setup(str(tmp_path / "nowhere")), environ={}).start()
