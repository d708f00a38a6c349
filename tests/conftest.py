"""What many tests share: fakes of what is outside, real memory in a folder of the test's own."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.storage.memory import Memory, open_memory
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger

settings.register_profile("house", deadline=None)  # how long a case takes is the machine's affair
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Let the stealth keys that tests leave open go with the run: tmpfs would keep them."""
    shared = Path("/dev/shm")
    if is_memory(shared):
        folder = tempfile.TemporaryDirectory(dir=shared, prefix="darkroom-test-run-")
        config.add_cleanup(folder.cleanup)
        os.environ["RUNTIME_DIRECTORY"] = folder.name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end what a missing browser left untested."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in skipped if "NO BROWSER" in str(report.longrepr)]
    for reason in sorted(set(reasons)):
        words = f"{reason.removeprefix('Skipped: ')} ({reasons.count(reason)} tests)"
        terminalreporter.section(words, "!", red=True, bold=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting thousands of tests leaves no garbage; what it made is not looked at ever again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


@pytest.fixture
def messenger() -> FakeMessenger:
    return FakeMessenger()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder on tmpfs, gone after the test."""
    shared = Path("/dev/shm")
    if not is_memory(shared):
        pytest.skip("this machine has no folder in memory")
    with tempfile.TemporaryDirectory(dir=shared, prefix="darkroom-test-") as folder:
        yield Path(folder)


@pytest.fixture
def quick_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder where fsync costs nothing, for tests that ask what is written, not how durably."""
    shared = Path("/dev/shm")
    if not is_memory(shared):
        yield tmp_path_factory.mktemp("disk")
        return
    with tempfile.TemporaryDirectory(dir=shared, prefix="darkroom-test-disk-") as folder:
        yield Path(folder)


@pytest.fixture
def open_again(tmp_path: Path, in_memory: Path) -> Callable[..., object]:
    """Open the test's data folder, as every start of the bot does."""

    def opens(runtime: Path = in_memory):
        return open_memory(
            tmp_path / "data",
            Source(tmp_path / "root.key"),
            {"RUNTIME_DIRECTORY": str(runtime)},
        )

    return opens


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start leaves behind: every migration climbed, and the keys of a house made."""
    folder = tmp_path_factory.mktemp("founded")
    await (await open_memory(folder / "data", Source(folder / "root.key"), {})).close()
    return folder


@pytest.fixture
async def memory(open_again, founded: Path, tmp_path: Path) -> AsyncIterator[Memory]:
    """The memory of a house that was started once before: to found one takes as long as a test."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    opened = await open_again()
    yield opened
    await opened.close()
