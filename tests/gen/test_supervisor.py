"""A worker that dies, hangs, talks nonsense or cannot load; and what it may know of us."""

import os

import pytest

from gen import launch
from gen.engine import EngineState, Phase, WorkerLost
from gen.job import Spec
from gen.messages import Finished, Progress, Setup, Started
from gen.supervisor import Supervisor
from tests.gen import scripted_child as child

SPEC = Spec(prompt="a fox", width=64, height=64, steps=3, guidance=3.0, seeds=(1,))


@pytest.fixture
async def supervise(tiny_folder):
    """Start a supervisor over a scripted child; all are stopped at the end."""
    started = []

    async def supervise(command, **options):
        options = {"restart_delays_seconds": (3600.0,), "environ": os.environ} | options
        supervisor = Supervisor(Setup(str(tiny_folder)), command=command, **options)
        started.append(supervisor)
        await supervisor.start()
        return supervisor

    yield supervise
    for supervisor in started:
        await supervisor.stop(0)


async def down(supervisor):
    while supervisor.state.phase is not Phase.DOWN:
        await supervisor.changed()
    return supervisor.state


async def test_a_dying_worker_costs_its_jobs_an_attempt_and_comes_back(supervise):
    supervisor = await supervise(child.DIES_AT_ITS_FIRST_JOB, restart_delays_seconds=(0.0,))

    for attempt in ("one", "two"):
        assert await supervisor.want() == 2
        events = [event async for event in supervisor.run(attempt, SPEC)]
        assert events == [WorkerLost(attempt)]


async def test_a_worker_that_is_silent_with_a_job_is_killed(supervise):
    supervisor = await supervise(child.FALLS_SILENT_WITH_A_JOB, silence_seconds=0.2)
    await supervisor.want()

    events = [event async for event in supervisor.run("a", SPEC)]

    assert events == [WorkerLost("a")]
    assert await down(supervisor) == EngineState(Phase.DOWN, "the worker fell silent")


@pytest.mark.parametrize(
    ("command", "patience", "reason"),
    [
        (child.SAYS_NOTHING, {"load_seconds": 0.5}, "the worker fell silent"),
        (child.SPEAKS_NONSENSE, {}, "the worker spoke nonsense"),
        (child.CANNOT_LOAD, {}, "load: OutOfMemoryError"),
        (child.DIES_ONCE_READY, {}, "the worker ended"),
    ],
)
async def test_a_status_answer_can_say_why_there_is_no_worker(supervise, command, patience, reason):
    supervisor = await supervise(command, **patience)

    assert await down(supervisor) == EngineState(Phase.DOWN, reason)
    assert supervisor.ready is None


async def test_a_fault_of_our_own_while_listening_costs_one_worker_and_another_comes(
    supervise, monkeypatch
):
    heed, heard = Supervisor._heed, []

    def stumbles_once(self, message):
        heard.append(message)
        if len(heard) == 1:
            raise ZeroDivisionError
        heed(self, message)

    monkeypatch.setattr(Supervisor, "_heed", stumbles_once)
    supervisor = await supervise(child.DIES_AT_ITS_FIRST_JOB, restart_delays_seconds=(0.0,))

    assert await down(supervisor) == EngineState(Phase.DOWN, "our own fault: ZeroDivisionError")
    assert await supervisor.want() == 2


async def test_a_program_that_is_not_there_is_a_reason_too(supervise):
    supervisor = await supervise(["/nonexistent/python"])

    assert (await down(supervisor)).reason == "no process could be started: FileNotFoundError"


async def test_a_stopped_engine_can_be_started_again(supervise):
    supervisor = await supervise(child.NEVER_TIRES)
    await supervisor.wait_ready()
    await supervisor.stop(0)
    assert supervisor.state == EngineState(Phase.DOWN, "stopped")

    await supervisor.start()

    assert await supervisor.want() == 2


class Delays(tuple):
    """Delays that take no time and remember which of them were asked for."""

    def __new__(cls):
        self = super().__new__(cls, (0.0, 0.0, 0.0))
        self.asked = []
        return self

    def __getitem__(self, place):
        self.asked.append(place)
        return super().__getitem__(place)


@pytest.mark.parametrize(("lives_seconds", "places"), [(1.0, [0, 1, 2, 2]), (100.0, [0, 0, 0, 0])])
async def test_delays_grow_until_a_worker_has_lived_for_a_while(supervise, lives_seconds, places):
    delays, now = Delays(), [0.0]

    def monotonic():
        now[0] += lives_seconds
        return now[0]

    supervisor = await supervise(
        child.DIES_ONCE_READY, restart_delays_seconds=delays, monotonic=monotonic
    )
    while len(delays.asked) < 4:
        await supervisor.changed()

    assert delays.asked[:4] == places


async def test_a_slow_listener_hears_the_newest_progress_and_the_newest_preview(supervise):
    supervisor = await supervise(child.NEVER_TIRES)
    await supervisor.want()
    unheard = supervisor.run("a", SPEC)
    [*_, last] = [event async for event in supervisor.run("b", SPEC)]

    events = [event async for event in unheard]

    assert isinstance(last, Finished)
    assert events == [
        Started("a"),
        Progress("a", 99, 99, b"98"),
        Finished("a", (b"x",), "image/webp"),
    ]


async def test_the_worker_learns_nothing_of_us_but_an_allow_list(supervise):
    ours = {
        "PATH": "/bin",
        "DISCORD_TOKEN": "canary",
        "DARKROOM_KEY": "canary",
        "PYTHONSTARTUP": "canary",
        "HF_TOKEN": "canary",
        "HF_DEBUG": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary",
    }
    supervisor = await supervise(child.TELLS_ITS_ENVIRONMENT, environ=ours, threads=3)

    told = (await down(supervisor)).reason.removeprefix("load: ").splitlines()

    names = {line.partition("=")[0] for line in told}
    assert "canary" not in "".join(told)
    assert names - {"LC_CTYPE"} == {*launch.environment({}), "PATH"}
    assert {"HF_HUB_OFFLINE=1", "DO_NOT_TRACK=1", "OMP_NUM_THREADS=3"} <= set(told)


def test_the_command_line_names_nothing_but_the_worker():
    assert launch.command()[1:] == ["-P", "-m", "gen.worker"]


async def test_a_worker_that_ends_by_itself_is_buried_without_a_warning(supervise, caplog):
    supervisor = await supervise(child.DIES_AT_ITS_FIRST_JOB)
    await supervisor.want()

    assert [WorkerLost("a")] == [event async for event in supervisor.run("a", SPEC)]
    await supervisor.stop(0)

    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]
