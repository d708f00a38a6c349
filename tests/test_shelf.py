"""The operator's files: what is wrong with them is said before the bot starts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import StartFault
from bot.policy.server import Rule
from bot.settings import Settings
from bot.shelf import read_rules, read_shelf


def reads(path: Path | None) -> tuple[Rule, ...]:
    return read_rules(Settings(rules_file=path))


def test_without_a_file_there_are_no_rules_and_with_one_its_own(tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text("# ours\nmanners: gore\n", "utf-8")

    assert () == reads(None)
    assert (Rule(name="manners", text="gore"),) == reads(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "RULES_FILE .* cannot be read"),
        (b"manners: \xff\xfe", "not UTF-8"),
        (b"manners: gore\nplates: /(zebra/\n", "line 2: the pattern"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_is_not_quoted(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "rules.txt"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StartFault, match=said) as caught:
        reads(path)

    assert "zebra" not in str(caught.value)


def plans(path: Path | None, **named: object) -> list[str]:
    shelf = read_shelf(Settings(plans_file=path, **named))
    return [plan.name for plan in shelf.plans]


def test_without_a_file_the_plans_are_those_shipped() -> None:
    assert ["Free", "Plus", "Pro"] == plans(None, role_plans={5: "Pro"}, sku_plans={6: "Plus"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "PLANS_FILE .* cannot be read"),
        (b"[[plan]]\nname = '\xff'", "not UTF-8"),
        (b"[[plan]]\nname = 'Free'\nwieght = 1", "line 3: plan 'Free': unknown key 'wieght'"),
        (b"[sharing]\nrelax_share = 7", "names no plan: add at least one"),
    ],
)
def test_plans_that_cannot_be_used_stop_the_start(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "plans.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StartFault, match=said) as caught:
        plans(path)

    assert str(path) in str(caught.value)


def test_roles_and_skus_that_name_no_plan_stop_the_start() -> None:
    with pytest.raises(StartFault, match="unknown plans: Gold, Max; "):
        plans(None, role_plans={5: "Max"}, sku_plans={6: "Gold"})


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("x=Plus", "must look like 123=Plus"),
        ("5", "must look like 123=Plus"),
        ("5=", "must look like 123=Plus"),
        ("5=Plus=Pro", "must look like 123=Plus"),
        ("5=Plus, 05=Pro", "names one id twice"),
    ],
)
def test_pairs_that_are_none_or_contradict_each_other_say_what_to_write(
    said: str, problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Settings(role_plans=said)


def test_pairs_may_have_names_with_spaces_and_a_comma_at_the_end() -> None:
    read = Settings(role_plans=" 5 = Friend of the club ,6=Pro,")

    assert {5: "Friend of the club", 6: "Pro"} == read.role_plans
