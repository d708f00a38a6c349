"""What many tests share: fakes of what is outside, real memory in a folder of the test's own."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.storage.memory import Memory, open_memory
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger


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


@pytest.fixture
async def memory(open_again) -> AsyncIterator[Memory]:
    opened = await open_again()
    yield opened
    await opened.close()
