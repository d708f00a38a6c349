"""Storage is tested on a quick disk."""

from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(quick_disk: Path) -> Path:
    """Hundreds of databases are made here; a busy disk would make each commit take long."""
    return quick_disk
