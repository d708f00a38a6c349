"""Reading prompt lines, and what is wrong with them."""

from bot.domain import Refusal
from bot.policy import lines
from bot.policy.lines import Job, Kept
from tests.asks import plan

READ = plan(name="Pro", max_permutations=40, max_repeat=40)


def of(typed: str, kept: Kept | None = None) -> Job:
    """The one job of a line."""
    line = lines.read(typed, kept or Kept(), READ, lambda: 0)
    assert not isinstance(line, Refusal), line
    (job,) = line.jobs
    return job


def refused(typed: str, kept: Kept | None = None) -> Refusal:
    line = lines.read(typed, kept or Kept(), READ, lambda: 0)
    assert isinstance(line, Refusal), line
    return line


def each(typed: str, kept: Kept | None = None) -> list[str]:
    """The words of every job of a line."""
    line = lines.read(typed, kept or Kept(), READ, lambda: 0)
    assert not isinstance(line, Refusal), line
    return [job.words for job in line.jobs]
