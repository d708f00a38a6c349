"""The whole check, as an operator runs it: the product passes, a broken one does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.selfcheck.check_process import selfcheck


@pytest.mark.timeout(120)
def test_the_product_passes_its_own_check(tmp_path: Path) -> None:
    done = selfcheck(tmp_path)

    assert (0, "") == (done.returncode, done.stderr), done.stdout
    kept = json.loads((tmp_path / "data" / "selfcheck.json").read_text())
    assert kept["passed"]
    assert ["data"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.prove  # `make prove` breaks all three
@pytest.mark.timeout(120)
def test_a_picture_that_is_left_in_a_temporary_file_is_noticed(tmp_path: Path) -> None:
    done = selfcheck(tmp_path, "--break", "picture")

    assert 1 == done.returncode, done.stderr
    assert "✗ found the stealth picture in temporary files" in done.stdout
    assert not (tmp_path / "data").exists()


def test_a_folder_that_is_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter").touch()

    done = selfcheck(tmp_path, "--keep", "kept")

    assert 1 == done.returncode
    assert "is not empty: name a new folder with --keep" in done.stderr
