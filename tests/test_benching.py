"""`darkroom bench` says what is missing before it loads anything."""

import pytest
from click.testing import CliRunner

from bot.benching import bench


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ([], "--model FOLDER, or --random"),
        (["--model", "here", "--random", "sdxl"], "--model FOLDER, or --random"),
        (["--model", "here", "--sizes", "500"], "multiples of 8"),
        (["--model", "here", "--sizes", "512,large"], "multiples of 8"),
        (["--random", "pocket"], "sdxl"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_its_remedy(said: list[str], remedy: str):
    done = CliRunner().invoke(bench, said)

    assert 2 == done.exit_code
    assert remedy in done.output
