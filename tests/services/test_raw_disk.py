"""Every block of a disk on which people lived: no word of theirs, whatever the files say.

Deleted pages, old logs and blocks that belong to no file any more are read too. It needs a disk of
its own, which only root may mount; elsewhere it is skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.life_on_a_disk import PROMPTS, word

ROOT = Path(__file__).parents[2]
SIZE_BYTES = 48 * 1024 * 1024
TOOLS = ("mkfs.ext4", "mount", "umount", "unshare")


def lived_on(folder: Path, how: str) -> bytes:
    """All blocks of a disk after people lived on it."""
    if os.getuid() or not all(map(shutil.which, TOOLS)):
        pytest.skip("only root may mount a disk")
    image, mounted = folder / "disk", folder / "mounted"
    mounted.mkdir()
    with image.open("wb") as disk:
        disk.truncate(SIZE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    trial = f"mount -o loop {image} {mounted} && umount {mounted}"
    if subprocess.run(["unshare", "--mount", "sh", "-c", trial], capture_output=True).returncode:
        pytest.skip("this container mounts no disk")
    command = ["unshare", "--mount", sys.executable, "-m", "tests.services.life_on_a_disk"]
    done = subprocess.run(
        [*command, image, mounted, how], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return image.read_bytes()


def readable(blocks: bytes) -> int:
    return sum(word(number).encode() in blocks for number in range(PROMPTS))


def test_no_word_that_anybody_asked_for_is_in_any_block(quick_disk: Path) -> None:
    blocks = lived_on(quick_disk, "sealed")

    assert b"darkroom.db" in blocks
    assert 0 == readable(blocks)


def test_without_the_cipher_the_same_look_finds_words(quick_disk: Path) -> None:
    assert PROMPTS // 2 < readable(lived_on(quick_disk, "open"))
