"""A plans file is read, or refused with every problem named: its line, and what to do about it."""

from contextlib import suppress
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.plans import Plan, StealthRule, Usage, stealth_left
from bot.policy.plansfile import PlansUnreadable, read_shelf
from bot.policy.retention import DAY, DataClass
from gen.fairness import Sharing
from gen.job import Speed
from tests.asks import plan

SHIPPED = (resources.files("bot.policy") / "plans.toml").read_text("utf-8")
GOOD = """
[[plan]]
name = "Free"
stealth = "optional"
stealth_per_day = 3
pictures_per_day = 40
speeds = ["relax"]
running_jobs = 2
waiting_jobs = 3
max_steps = 30
max_count = 4
max_repeat = 2
max_permutations = 4
weight = 1.0
"""


def line_of(key: str, text: str = GOOD) -> int:
    """Where a key stands, as an editor counts."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(f"{key} "))


def with_line(line: str) -> str:
    """The good file with one line in place of the line of the same key."""
    key = line.split(" ")[0]
    kept = [old for old in GOOD.splitlines() if not old.startswith(f"{key} ")]
    return "\n".join([*kept, line])


def problem(text: str) -> str:
    with pytest.raises(PlansUnreadable) as caught:
        read_shelf(text)
    return str(caught.value)


def test_a_good_file_becomes_plans():
    assert (plan(),) == read_shelf(GOOD).plans


def test_what_is_not_said_is_shared_as_shipped():
    assert Sharing() == read_shelf(GOOD).sharing
    assert Sharing() == read_shelf(SHIPPED).sharing


def test_a_file_says_how_the_gpu_is_shared():
    said = "[sharing]\nrelax_share = 0.4\nrelax_half_life_minutes = 30\n"

    assert Sharing(relax_share=0.4, half_life_seconds=1800) == read_shelf(said + GOOD).sharing


def test_a_plan_without_stealth_per_day_has_as_much_stealth_as_pictures():
    (read,) = read_shelf(GOOD.replace("stealth_per_day = 3\n", "")).plans

    assert read.stealth_per_day is None
    assert stealth_left(read, Usage(stealth_jobs=1000)) is None


def test_the_shipped_plans_are_free_plus_and_pro_and_none_of_them_sells_privacy():
    shipped = read_shelf(SHIPPED).plans

    assert ["Free", "Plus", "Pro"] == [each.name for each in shipped]
    assert all(each.stealth is not StealthRule.NEVER for each in shipped)
    assert [3, 50, None] == [each.stealth_per_day for each in shipped]
    assert [1.0, 2.0, 4.0] == [each.weight for each in shipped]
    assert [Speed.RELAX, Speed.FAST, Speed.FAST] == [each.speeds[0] for each in shipped]


def test_a_plan_may_keep_things_for_less_time():
    (read,) = read_shelf(GOOD + '[plan.retention]\nrecipe = "7d"\nstealth-recipe = "0"\n').plans

    assert {DataClass.RECIPE: 7 * DAY, DataClass.STEALTH_RECIPE: 0} == read.retention


@pytest.mark.parametrize(
    "text",
    ["", "# only words", "[plan]\nname = 'Free'", "plan = 3", "plan = []", "[[plans]]\nname='x'"],
)
def test_a_file_without_plans_says_how_to_add_one(text):
    assert "add at least one [[plan]] table" in problem(text)


def test_a_file_that_is_not_toml_says_so_and_where():
    said = problem("[[plan]\nname = ")

    assert "not valid TOML" in said
    assert "line 1" in said


@pytest.mark.parametrize("entry", ["1", "'Free'", "[]", "true"])
def test_a_plan_that_is_no_table_is_named(entry):
    assert "line 1: each plan must be a [[plan]] table" == problem(f"plan = [{entry}]")


@pytest.mark.parametrize("name", ["name = ''", "name = 3", "name = []", "name = {}"])
def test_a_plan_without_a_name_is_named(name):
    text = with_line(name)

    named = f"line {line_of('name', text)}: a plan without a name: give it one, such as"
    assert named in problem(text)


def test_what_else_is_wrong_with_a_plan_without_a_name_is_said_too():
    said = problem(GOOD.replace('name = "Free"\n', "").replace("max_steps", "max_step"))

    assert "line 2: a plan without a name: give it one" in said
    assert "unknown key 'max_step'" in said


@pytest.mark.parametrize("name", ["None", "none", "a`b", " Free", "x" * 33, "a\\nb"])
def test_a_name_that_cannot_be_shown_or_typed_is_named(name):
    assert "name" in problem(with_line(f'name = "{name}"'))


@pytest.mark.parametrize("word", ["'sometimes'", "''", "true", "3", "['never']", "{}"])
def test_a_stealth_rule_that_is_none_of_the_four_lists_the_four(word):
    said = problem(with_line(f"stealth = {word}"))

    assert said.endswith("plan 'Free': stealth must be one of never, optional, default, always")


@pytest.mark.parametrize(
    "key",
    [
        *("pictures_per_day", "running_jobs", "waiting_jobs", "max_steps", "max_count"),
        *("max_repeat", "max_permutations"),
    ],
)
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "'many'", "true", "[]"])
def test_a_limit_is_a_whole_number_of_at_least_one(key, value):
    text = with_line(f"{key} = {value}")

    said = f"line {line_of(key, text)}: plan 'Free': {key} must be a whole number of at least 1"
    assert said == problem(text)


@pytest.mark.parametrize(
    ("key", "least"), [("stealth_per_day", 0), ("gpu_seconds_per_month", 1), ("max_pixels", 1)]
)
@pytest.mark.parametrize("value", ["-1", "1.5", "'many'", "false"])
def test_a_limit_that_may_be_left_out_is_a_whole_number(key, least, value):
    said = problem(with_line(f"{key} = {value}"))

    assert f"{key} must be a whole number of at least {least}, or left out" in said


def test_no_stealth_at_all_may_be_written_as_a_number():
    (read,) = read_shelf(with_line("stealth_per_day = 0")).plans

    assert 0 == stealth_left(read, Usage())


@pytest.mark.parametrize("value", ["0", "1e-300", "1001", "'heavy'", "true", "nan", "inf", "-inf"])
def test_a_weight_is_a_number_that_lets_nobody_wait_for_ever(value):
    said = problem(with_line(f"weight = {value}"))

    assert "plan 'Free': weight must be a number from 0.01 to 1000" in said


@pytest.mark.parametrize("value", ["[]", "'fast'", "['slow']", "['fast', 'fast']", "[1]", "true"])
def test_speeds_that_are_none_list_the_two(value):
    said = problem(with_line(f"speeds = {value}"))

    assert 'speeds must list "fast", "relax" or both, the default first' in said


@pytest.mark.parametrize(
    "key",
    [
        *("stealth", "pictures_per_day", "running_jobs", "waiting_jobs", "max_steps", "max_count"),
        *("max_repeat", "max_permutations", "weight", "speeds"),
    ],
)
def test_a_missing_line_is_named_where_its_plan_begins(key):
    without = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{key} "))

    assert f"line 2: plan 'Free': {key} must" in problem(without)


def test_an_unknown_key_is_named_with_those_there_are():
    said = problem(GOOD + "wieght = 2\n")

    assert said.startswith("line 15: plan 'Free': unknown key 'wieght'; there are gpu_seconds")


def test_an_unknown_table_is_named():
    assert "line 15: unknown table 'prices'" in problem(GOOD + "[prices]\nFree = 0\n")


@pytest.mark.parametrize("second", ["Free", "free", "FREE"])
def test_two_plans_of_one_name_are_named(second):
    said = problem(GOOD + GOOD.replace('"Free"', f'"{second}"'))

    assert f"line 17: plan '{second}' is named twice: rename or remove one" == said


@pytest.mark.parametrize(
    ("lines", "at", "said"),
    [
        (
            {"stealth": "'never'", "stealth_per_day": "3"},
            "stealth_per_day",
            'with stealth = "never" leave stealth_per_day out',
        ),
        ({"stealth": "'default'", "stealth_per_day": "0"}, "stealth_per_day", "no job could be"),
        ({"stealth": "'always'", "stealth_per_day": "0"}, "stealth_per_day", "no job could be"),
        ({"running_jobs": "4"}, "running_jobs", "running_jobs is above waiting_jobs"),
        ({"pictures_per_day": "3"}, "max_count", "max_count is above pictures_per_day"),
        (
            {"gpu_seconds_per_month": "60"},
            "gpu_seconds_per_month",
            'relaxed jobs take no fast time: add "fast" to speeds',
        ),
    ],
)
def test_lines_that_cannot_be_meant_together_are_named(lines, at, said):
    text = GOOD
    for key, value in lines.items():
        kept = [old for old in text.splitlines() if not old.startswith(f"{key} ")]
        text = "\n".join([*kept, f"{key} = {value}"])

    found = problem(text)

    assert f"line {line_of(at, text)}: plan 'Free': " in found
    assert said in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("recipe = '365d'", "recipe may be 180 days at most"),
        ("picture = '1m'", "picture must be 10 minutes at least"),
        ("recipe = 'for ever'", "recipe must be a duration"),
        ("recipe = '7d, record=1d'", "recipe must be a duration"),
        ("recipe = 7", "recipe must be a duration"),
        ("prompts = '7d'", "a plan keeps no 'prompts' for less time; it may picture, recipe"),
        ("counter = '1d'", "a plan keeps no 'counter' for less time"),
        ("settings = '1d'", "a plan keeps no 'settings' for less time"),
    ],
)
def test_a_lifetime_that_a_plan_cannot_set_is_named(line, said):
    found = problem(f"{GOOD}[plan.retention]\n{line}\n")

    assert found.startswith("line 16: plan 'Free': ")
    assert said in found


def test_a_retention_that_is_no_table_says_how_to_write_one():
    assert 'retention must be a table such as { recipe = "7d" }' in problem(GOOD + "retention = 7")


@pytest.mark.parametrize("share", ["0", "1", "-0.1", "1e-300", "1.5", "nan", "'half'", "true"])
def test_a_share_of_relaxed_jobs_lies_between_nothing_and_all(share):
    said = problem(f"[sharing]\nrelax_share = {share}\n{GOOD}")

    assert "line 2: [sharing]: relax_share must be a number from 0.01 to 0.99, such as 0.2" == said


@pytest.mark.parametrize("minutes", ["0", "-1", "inf", "'long'"])
def test_a_half_life_is_between_a_minute_and_a_week(minutes):
    said = problem(f"[sharing]\nrelax_half_life_minutes = {minutes}\n{GOOD}")

    assert "line 2: [sharing]: relax_half_life_minutes must be a number from 1 to 10080" == said


def test_an_unknown_word_on_sharing_is_named():
    assert "line 2: [sharing]: unknown key 'fast_share'" in problem(
        f"[sharing]\nfast_share = 1\n{GOOD}"
    )


def test_every_problem_is_named_at_once_in_the_order_of_its_lines():
    broken = GOOD.replace("max_count = 4", "max_count = 0").replace("1.0", "'x'") + "colour = 1\n"
    more = GOOD.replace("Free", "Plus").replace("= 30", "= -30")

    said = problem(f"{broken}{more}[sharing]\nrelax_share = 2\n").split("; line ")

    numbers = [int(one.removeprefix("line ").partition(":")[0]) for one in said]
    assert [11, 14, 15, 25, 31] == numbers
    for part, one in zip(
        ("max_count", "weight", "colour", "max_steps", "relax_share"), said, strict=True
    ):
        assert part in one


@given(
    st.dictionaries(
        st.sampled_from([*Plan.__dataclass_fields__, "colour"]),
        st.sampled_from(["1", "0", "-1", "1.0", "nan", "'a'", "'never'", "true", "[]", "{}"]),
    )
)
def test_a_file_is_read_or_refused_and_never_crashes(lines):
    text = "[[plan]]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())

    with suppress(PlansUnreadable):
        assert len(read_shelf(text).plans) == 1
