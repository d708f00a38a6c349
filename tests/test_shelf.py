"""The operator's files: what is wrong with them is said before the bot starts."""

from pathlib import Path

import pytest

from bot.errors import StartFault
from bot.policy.server import Rule
from bot.settings import Settings
from bot.shelf import read_rules


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
