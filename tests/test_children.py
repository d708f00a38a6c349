"""The processes that `darkroom demo` and `darkroom selfcheck` start are ended, however they end."""

from __future__ import annotations

import asyncio
import sys

import pytest

from bot.children import end_child


@pytest.mark.parametrize("patience_seconds", [0, 10])
async def test_a_part_that_ends_in_the_moment_its_time_is_up_is_at_its_end(
    patience_seconds: float,
) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await process.wait()

    await end_child(process, patience_seconds)

    assert 0 == process.returncode
