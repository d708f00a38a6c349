"""`darkroom sweep` as an operator meets it: what is due, what went, and what waits for the bot."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import sweeping
from bot.crypto.rootkey import Source
from bot.domain import ChannelId, JobId, PersonId
from bot.policy.retention import DAY, LIFETIMES, DataClass, say
from bot.ports import SystemClock, day_of
from bot.storage import posts, recipes
from bot.storage.database import many
from bot.storage.memory import Memory, open_memory
from bot.words import keeping

ROOT = Path(__file__).parent.parent
SETTINGS = ("DATA_DIR", "ROOT_KEY_FILE", "CREDENTIALS_DIRECTORY", "RETENTION", "TIME_ZONE")
NOW = SystemClock().now()
YESTERDAY, TEN_DAYS_AGO = NOW - DAY, NOW - 10 * DAY
LONG_AGO, FAR_OFF = 1_000_000_000, 10_000_000_000


@pytest.fixture(autouse=True)
def tmp_path(quick_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An operator's folder, with nothing set but what a test sets; logging as it was, after it."""
    monkeypatch.chdir(quick_disk)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield quick_disk
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)


def sweep(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(sweeping.sweep, arguments, env=environ)


async def _open() -> Memory:
    return await open_memory(Path("data"), Source(Path("data.key")), {})


async def _fill(made_at: int, expires_at: int) -> None:
    memory = await _open()
    person = memory.keys.person(PersonId(11))
    async with memory.db.transaction() as tx:
        await recipes.add(
            tx, recipes.Recipe(JobId("a"), person, 100, b"sealed", made_at, expires_at)
        )
        await posts.add(
            tx,
            posts.Standing(JobId("a"), person, 100, ChannelId(200), 5000, made_at, expires_at),
        )
        await recipes.add_unlinked(tx, "b", b"sealed", day_of(YESTERDAY, UTC))
    await memory.close()


@pytest.fixture
def filled() -> None:
    """A recipe, a post and a stealth recipe that are due."""
    asyncio.run(_fill(LONG_AGO, LONG_AGO + 1))


async def _left() -> dict[str, int]:
    memory = await _open()
    try:
        async with memory.db.read() as tx:
            return {
                table: len(await many(tx, f"SELECT 1 FROM {table}"))
                for table in ("recipes", "unlinked_recipes", "posts")
            }
    finally:
        await memory.close()


def left() -> dict[str, int]:
    return asyncio.run(_left())


def line_of(done: Result, kind: DataClass) -> list[str]:
    [line] = [line for line in done.stdout.splitlines() if line.split()[0] == kind]
    return line.split(maxsplit=3)


@pytest.mark.usefixtures("filled")
def test_a_dry_run_shows_what_is_due_and_changes_nothing() -> None:
    done = sweep("--dry-run")

    assert 0 == done.exit_code, done.stderr
    assert ["recipe", "1", "2001-09-09", "30 days"] == line_of(done, DataClass.RECIPE)
    assert ["stealth-recipe", "1", day_of(YESTERDAY, UTC), "7 days"] == line_of(
        done, DataClass.STEALTH_RECIPE
    )
    assert ["record", "0", "–", "30 days"] == line_of(done, DataClass.RECORD)
    assert {"recipes": 1, "unlinked_recipes": 1, "posts": 1} == left()


@pytest.mark.usefixtures("filled")
def test_a_sweep_forgets_what_is_due_and_leaves_messages_to_the_bot() -> None:
    done = sweep()

    assert 0 == done.exit_code, done.stderr
    assert "2 forgotten." in done.stdout
    assert "1 posts wait for the bot" in done.stdout
    assert {"recipes": 0, "unlinked_recipes": 0, "posts": 1} == left()


def test_a_dry_run_counts_by_the_operators_newest_limits() -> None:
    asyncio.run(_fill(TEN_DAYS_AGO, FAR_OFF))

    assert "0" == line_of(sweep("--dry-run"), DataClass.RECIPE)[1]
    done = sweep("--dry-run", RETENTION="recipe=7d")

    assert ["recipe", "1", day_of(TEN_DAYS_AGO, UTC), "7 days"] == line_of(done, DataClass.RECIPE)
    assert 1 == left()["recipes"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
async def test_a_running_bot_is_left_alone(arguments: tuple[str, ...]) -> None:
    memory = await _open()
    try:
        done = await asyncio.to_thread(sweep, *arguments)
    finally:
        await memory.close()

    assert 1 == done.exit_code
    assert done.stderr.startswith("darkroom: a bot uses the data folder")
    assert "stop the bot first" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_a_folder_without_data_is_named() -> None:
    done = sweep("--data", "elsewhere")

    assert 1 == done.exit_code
    assert "there is no data in elsewhere" in done.stderr
    assert "--data" in done.stderr
    assert not Path("elsewhere").exists()


def test_the_lifetimes_are_printed_as_the_policy_has_them() -> None:
    printed = sweep("--lifetimes").stdout

    for kind, life in LIFETIMES.items():
        [row] = [row for row in printed.splitlines() if row.startswith(f"| {kind} |")]
        assert life.what in row
        assert life.seconds is None or say(life.seconds) in row


def test_readme_shows_the_lifetimes_that_the_code_keeps() -> None:
    """After a change, paste what `darkroom sweep --lifetimes` prints between the markers."""
    _, _, shown = (ROOT / "README.md").read_text().partition("<!-- lifetimes -->\n")

    assert keeping.lifetimes_table() == shown.partition("\n<!-- /lifetimes -->")[0]
