"""Plans are read or refused with every problem named; nobody gets more than theirs allows."""

from contextlib import suppress
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal, Visibility
from bot.policy.plans import (
    Plan,
    PlansUnreadable,
    StealthRule,
    Usage,
    allowance,
    best_plan,
    read_plans,
    stealth_left,
)
from tests.asks import ask, plan

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH

GOOD = """
[[plan]]
name = "Free"
stealth = "optional"
stealth_per_day = 3
pictures_per_day = 40
waiting_jobs = 3
max_steps = 30
max_count = 4
weight = 1.0
"""


def with_line(line: str) -> str:
    """The good file with one line in place of the line of the same key."""
    key = line.split(" ")[0]
    kept = [old for old in GOOD.splitlines() if not old.startswith(f"{key} ")]
    return "\n".join([*kept, line])


def problem(text: str) -> str:
    with pytest.raises(PlansUnreadable) as caught:
        read_plans(text)
    return str(caught.value)


def test_a_good_file_becomes_plans():
    assert (plan(),) == read_plans(GOOD)


def test_a_plan_without_stealth_per_day_has_as_much_stealth_as_pictures():
    (read,) = read_plans(GOOD.replace("stealth_per_day = 3\n", ""))

    assert read.stealth_per_day is None
    assert stealth_left(read, Usage(stealth_jobs=1000)) is None


def test_the_shipped_plans_are_free_plus_and_pro_and_none_of_them_sells_privacy():
    shipped = read_plans((resources.files("bot.policy") / "plans.toml").read_text())

    assert ["Free", "Plus", "Pro"] == [each.name for each in shipped]
    assert all(each.stealth is not StealthRule.NEVER for each in shipped)
    assert [3, 50, None] == [each.stealth_per_day for each in shipped]
    assert [1.0, 2.0, 4.0] == [each.weight for each in shipped]


@pytest.mark.parametrize(
    "text",
    ["", "# only words", "[plan]\nname = 'Free'", "plan = 3", "plan = []", "[[plans]]\nname='x'"],
)
def test_a_file_without_plans_says_how_to_add_one(text):
    assert "add at least one [[plan]] table" in problem(text)


def test_a_file_that_is_not_toml_says_so():
    assert "not valid TOML" in problem("[[plan]\nname = ")


@pytest.mark.parametrize("entry", ["1", "'Free'", "[]", "true"])
def test_a_plan_that_is_no_table_is_named(entry):
    assert "[[plan]]" in problem(f"plan = [{entry}]")


@pytest.mark.parametrize("name", ["name = ''", "name = 3", "name = []", "name = {}"])
def test_a_plan_without_a_name_is_named(name):
    assert "a [[plan]] has no name" in problem(with_line(name))


@pytest.mark.parametrize("word", ["'sometimes'", "''", "true", "3", "['never']", "{}"])
def test_a_stealth_rule_that_is_none_of_the_four_lists_the_four(word):
    said = problem(with_line(f"stealth = {word}"))

    assert "plan 'Free': stealth must be one of never, optional, default, always" == said


@pytest.mark.parametrize("key", ["pictures_per_day", "waiting_jobs", "max_steps", "max_count"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "'many'", "true", "[]"])
def test_a_limit_is_a_whole_number_of_at_least_one(key, value):
    said = problem(with_line(f"{key} = {value}"))

    assert f"plan 'Free': {key} must be a whole number of at least 1" == said


@pytest.mark.parametrize("value", ["-1", "1.5", "'many'", "false"])
def test_stealth_per_day_is_a_whole_number_of_at_least_nothing(value):
    said = problem(with_line(f"stealth_per_day = {value}"))

    assert "plan 'Free': stealth_per_day must be a whole number of at least 0" == said


def test_no_stealth_at_all_may_be_written_as_a_number():
    (read,) = read_plans(with_line("stealth_per_day = 0"))

    assert 0 == stealth_left(read, Usage())


@pytest.mark.parametrize("value", ["0", "-0.5", "'heavy'", "true", "nan", "inf", "-inf"])
def test_a_weight_is_a_finite_number_above_nothing(value):
    assert "plan 'Free': weight must be a number above 0" == problem(with_line(f"weight = {value}"))


@pytest.mark.parametrize(
    "key", ["stealth", "pictures_per_day", "waiting_jobs", "max_steps", "max_count", "weight"]
)
def test_a_missing_line_is_named(key):
    without = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{key} "))

    assert f"plan 'Free': {key} must be" in problem(without)


def test_an_unknown_key_is_named():
    assert "plan 'Free': unknown key 'wieght'" == problem(GOOD + "wieght = 2\n")


def test_two_plans_of_one_name_are_named():
    assert "plan 'Free' is named twice" == problem(GOOD + GOOD)


def test_every_problem_is_named_at_once():
    broken = GOOD.replace("max_count = 4", "max_count = 0").replace("1.0", "'x'") + "colour = 1\n"

    said = problem(broken + GOOD)

    for part in ("max_count", "weight", "colour", "named twice"):
        assert part in said


@given(
    st.dictionaries(
        st.sampled_from([*Plan.__dataclass_fields__, "colour"]),
        st.sampled_from(["1", "0", "-1", "1.0", "nan", "'a'", "'never'", "true", "[]", "{}"]),
    )
)
def test_a_file_is_read_or_refused_and_never_crashes(lines):
    text = "[[plan]]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())

    with suppress(PlansUnreadable):
        assert len(read_plans(text)) == 1


FREE, PLUS, PRO = plan(), plan(name="Plus"), plan(name="Pro")


@pytest.mark.parametrize(
    ("held", "best"),
    [
        ((), FREE),
        (("Free",), FREE),
        (("Plus",), PLUS),
        (("Pro", "Plus"), PRO),
        (("Plus", "Pro", "Free"), PRO),
        (("Gone long ago",), FREE),
        (("Gone long ago", "Plus"), PLUS),
    ],
)
def test_the_best_plan_somebody_holds_counts(held, best):
    assert best == best_plan((FREE, PLUS, PRO), held)


@pytest.mark.parametrize(
    ("usage", "asked", "seen", "cause"),
    [
        # at the limit is allowed, one over is not
        (Usage(), {"count": 4}, PUBLIC, None),
        (Usage(), {"count": 5}, PUBLIC, Cause.PLAN_COUNT),
        (Usage(), {"steps": 30}, PUBLIC, None),
        (Usage(), {"steps": 31}, PUBLIC, Cause.PLAN_STEPS),
        (Usage(), {"steps": None}, PUBLIC, None),
        (Usage(waiting_jobs=2), {}, PUBLIC, None),
        (Usage(waiting_jobs=3), {}, PUBLIC, Cause.WAITING_FULL),
        (Usage(waiting_jobs=4), {}, PUBLIC, Cause.WAITING_FULL),
        (Usage(pictures=36), {"count": 4}, PUBLIC, None),
        (Usage(pictures=37), {"count": 4}, PUBLIC, Cause.PICTURES_USED_UP),
        (Usage(pictures=37), {"count": 3}, PUBLIC, None),
        (Usage(pictures=40), {}, PUBLIC, Cause.PICTURES_USED_UP),
        (Usage(stealth_jobs=2), {}, STEALTH, None),
        (Usage(stealth_jobs=3), {}, STEALTH, Cause.STEALTH_USED_UP),
        (Usage(stealth_jobs=4), {}, STEALTH, Cause.STEALTH_USED_UP),
        (Usage(stealth_jobs=3), {}, PUBLIC, None),
    ],
)
def test_an_ask_is_measured_against_the_plan_and_the_day(usage, asked, seen, cause):
    said = allowance(plan(), usage, ask(**asked), seen)

    assert cause == (said.cause if said else None)


def test_a_refusal_by_plan_names_the_plan_and_its_limit():
    said = allowance(plan(), Usage(waiting_jobs=3), ask(), PUBLIC)

    assert Refusal(Cause.WAITING_FULL, {"plan": "Free", "limit": 3}) == said


def test_unlimited_stealth_is_limited_by_pictures_alone():
    pro = plan(stealth_per_day=None, pictures_per_day=5)

    assert allowance(pro, Usage(pictures=4, stealth_jobs=4), ask(), STEALTH) is None
    assert allowance(pro, Usage(pictures=5, stealth_jobs=5), ask(), STEALTH) is not None


@given(
    taken=st.integers(0, 60),
    stealth=st.integers(0, 10),
    waiting=st.integers(0, 10),
    count=st.integers(1, 4),
    seen=st.sampled_from(Visibility),
)
def test_whatever_is_allowed_stays_within_the_plan(taken, stealth, waiting, count, seen):
    usage = Usage(taken, stealth, waiting)

    if allowance(plan(), usage, ask(count=count), seen) is None:
        assert taken + count <= plan().pictures_per_day
        assert waiting < plan().waiting_jobs
        assert seen is PUBLIC or stealth < 3


def test_stealth_left_is_never_below_nothing():
    assert [3, 1, 0, 0] == [stealth_left(plan(), Usage(stealth_jobs=n)) for n in (0, 2, 3, 9)]
