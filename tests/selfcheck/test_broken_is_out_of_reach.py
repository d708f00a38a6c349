"""What breaks a measure exists inside the check alone: no setting of the bot leads there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click

from bot import cli
from bot.selfcheck.stage import Break
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for name in ("bot", "cogs", "gen") for path in (ROOT / name).rglob("*.py"))
OURS = ROOT / "bot" / "selfcheck"


def test_nothing_outside_the_check_names_what_breaks_a_measure() -> None:
    named = re.compile(r"selfcheck\.broken|selfcheck import .*\bbroken\b|import_module|runpy")

    outside = [path for path in MODULES if not path.is_relative_to(OURS)]

    assert [] == [path.name for path in outside if named.search(path.read_text())]


def test_the_check_itself_only_starts_it_as_a_child() -> None:
    naming = {path.name for path in OURS.glob("*.py") if "selfcheck.broken" in path.read_text()}

    assert {"stage.py", "broken.py"} == naming


def test_running_the_bot_never_loads_it() -> None:
    code = "import bot.cli, bot.app, sys; print('bot.selfcheck.broken' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "False" == done.stdout.strip()


def test_no_option_or_setting_of_run_breaks_anything() -> None:
    run = cli.main.commands["run"]
    named = {option.name for option in run.params if isinstance(option, click.Option)}
    named |= set(Settings.model_fields)

    assert not [name for name in named if re.search("break|broken|selfcheck|witness", str(name))]
    assert not named & {each.value for each in Break}


def test_what_breaks_a_measure_reads_no_setting_and_no_environment() -> None:
    text = (OURS / "broken.py").read_text()

    assert not re.search(r"environ|getenv|settings|dotenv", text.partition('"""\n')[2])
