"""What people read of plans and limits: true of one and of many, in words, and fit for a phone."""

import re

import pytest

from bot import words
from bot.domain import Cause, Refusal
from bot.policy import speed
from bot.policy.plans import Held, Plan, Source, Usage
from bot.policy.plansfile import read_shelf
from bot.policy.retention import DAY
from bot.services.offer import SHOWN
from bot.words.amounts import fast_time
from gen.job import Speed
from tests.asks import plan
from tests.policy.test_plansfile import SHIPPED

PHONE_CHARACTERS = 44
"""About what a phone held upright shows of one line of a code block; more is wrapped."""


def shown(shelf: tuple[Plan, ...], source: Source = Source.EVERYBODY, **where) -> str:
    kept = {each.name: dict.fromkeys(SHOWN, 30 * DAY) for each in shelf}
    return "\n".join(words.plans_shown(words.Offered(shelf, kept, Held(shelf[0], source), **where)))


def table_of(said: str) -> list[str]:
    return said.split("```")[1].strip("\n").splitlines()


def test_the_shipped_plans_stand_side_by_side_on_a_phone():
    lines = table_of(shown(read_shelf(SHIPPED).plans))

    assert ["Free", "Plus", "Pro"] == lines[0].split()
    assert PHONE_CHARACTERS >= max(map(len, lines))


def test_a_plan_of_two_and_a_half_hours_says_so_everywhere():
    club = plan(speeds=(Speed.FAST,), gpu_seconds_per_month=9000)

    assert "2.5 h" in shown((club,))
    spent = speed.decide(club, Usage(gpu_milliseconds=9_000_000), None, 1.0, turns_at=0)
    assert isinstance(spent, Refusal)
    assert "2.5 h of fast time a month" in words.refused(spent)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.004, "0.1 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (1, "1 s"),
        (89, "89 s"),
        (90, "1.5 min"),
        (3599, "60 min"),
        (3600, "1 h"),
        (35_990, "10 h"),
        (180_000, "50 h"),
        (3_600_000, "1,000 h"),
    ],
)
def test_fast_time_is_said_to_three_figures(seconds, said):
    assert said == fast_time(seconds)


@pytest.mark.parametrize("offered", [(Speed.FAST,), (Speed.RELAX,)])
def test_a_speed_that_a_plan_lacks_is_refused_in_words(offered):
    lacking = next(one for one in Speed if one not in offered)

    said = words.refused(speed.offered(plan(speeds=offered), lacking))

    names = {Speed.FAST: "fast", Speed.RELAX: "relaxed"}
    assert f"The plan Free has no {names[lacking]} jobs: its jobs are {names[offered[0]]}." in said


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize(
    "cause",
    [Cause.PLAN_COUNT, Cause.WAITING_FULL, Cause.PICTURES_USED_UP, Cause.STEALTH_USED_UP],
)
def test_a_limit_of_one_is_no_plural(cause, limit):
    said = words.refused(Refusal(cause, {"plan": "Free", "limit": limit}))

    assert re.search(rf"\b{limit}\b", said)
    assert not re.search(r"\b1 (pictures|stealth jobs|jobs)\b", said)


def test_who_is_at_their_limit_learns_that_running_jobs_count():
    said = words.refused(Refusal(Cause.WAITING_FULL, {"plan": "Free", "limit": 3}))

    assert "wait or run" in said


def test_in_the_dm_who_has_everybodys_plan_learns_how_a_roles_counts_there():
    shelf = read_shelf(SHIPPED).plans

    assert "24 hours" in shown(shelf, in_dm=True)
    assert "24 hours" not in shown(shelf, in_dm=False)
