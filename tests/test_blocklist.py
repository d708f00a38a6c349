"""`darkroom blocklist` as an operator types it, with real files and real processes."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bot import doctor, settings
from bot.cli import ENV_FILE, main
from bot.crypto import rootkey
from bot.findings import Finding
from bot.storage import fingerprints
from bot.storage.memory import open_memory
from gen.pocket import captions, drawings
from tests import tiny_classifier

CANARY = "canary7f3a"


def drawing(seed: int) -> Image.Image:
    chance = np.random.default_rng(seed)
    return Image.fromarray(drawings.draw(captions.scene(chance), chance))


@pytest.fixture
async def data(quick_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that a bot has founded and left."""
    folder = quick_disk / "data"
    monkeypatch.chdir(quick_disk)
    source = rootkey.find(None, quick_disk / "data.key", {})
    await (await open_memory(folder, source, {})).close()
    return folder


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / f"{CANARY}.png"
    drawing(1).save(path)
    return path


def blocklist(*words: object) -> Result:
    return CliRunner().invoke(main, ["blocklist", *map(str, words)])


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "darkroom.db") as connection:
        return connection.execute(sql).fetchall()


def listed(data: Path) -> list[str]:
    return [str(row[0]) for row in rows(data, "SELECT fingerprint FROM fingerprints")]


def acts(data: Path) -> list[tuple[object, ...]]:
    return rows(data, "SELECT chain, actor, act, scope, objects FROM audit ORDER BY seq")


def test_a_file_is_added_shown_and_removed_and_each_change_is_entered_once(
    data: Path, fox: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.webp"
    drawing(5).save(other)

    added = blocklist("add", fox, other)
    shown = blocklist("list")
    removed = blocklist("remove", fox)

    assert (0, 0, 0) == (added.exit_code, shown.exit_code, removed.exit_code), added.output
    assert "2 added." in added.output
    assert "2 on the list." in shown.output
    assert "1 removed." in removed.output
    assert 1 == len(listed(data))
    assert [
        (0, "operator", "blocklist", "add", 2),
        (0, "operator", "blocklist", "remove", 1),
    ] == acts(data)


def test_neither_a_file_nor_its_name_is_kept(data: Path, fox: Path) -> None:
    blocklist("add", fox)

    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert CANARY.encode() not in kept
    assert fox.read_bytes()[100:140] not in kept


def test_a_picture_is_taken_off_by_another_copy_of_it(
    data: Path, fox: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jpg"
    drawing(1).resize((48, 48)).save(copy, quality=50)
    blocklist("add", fox)

    assert 0 == blocklist("remove", copy).exit_code
    assert [] == listed(data)


def test_a_picture_is_taken_off_by_its_fingerprint(data: Path, fox: Path) -> None:
    blocklist("add", fox)
    (fingerprint,) = listed(data)

    assert 0 == blocklist("remove", fingerprint).exit_code
    assert [] == listed(data)


def test_adding_twice_changes_nothing_and_is_entered_once(data: Path, fox: Path) -> None:
    blocklist("add", fox)
    again = blocklist("add", fox)

    assert 0 == again.exit_code
    assert "on the list already" in again.output
    assert 1 == len(listed(data)) == len(acts(data))


def test_each_bad_file_has_a_line_of_its_own_and_the_good_one_is_added(
    data: Path, fox: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.png").write_text("no picture")
    Image.new("RGB", (64, 64), "white").save(tmp_path / "white.png")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")

    done = blocklist(
        "add",
        *(tmp_path / name for name in ("words.png", "white.png", "bomb.png", "gone.png")),
        tmp_path,
        fox,
    )

    assert 1 == done.exit_code
    for line in (
        "words.png: no picture that can be read: PNG, JPEG or WebP is needed",
        "white.png: next to nothing is in it",
        "bomb.png: too large",
        "gone.png: cannot be read: No such file or directory",
        "cannot be read: Is a directory",
    ):
        assert 1 == done.output.count(line), done.output
    assert 1 == len(listed(data))


def test_what_is_not_on_the_list_cannot_be_taken_off(data: Path, fox: Path) -> None:
    done = blocklist("remove", fox, "0123456789abcdef")

    assert 1 == done.exit_code
    assert 2 == done.output.count("not on the list")
    assert [] == acts(data)


def test_without_data_it_says_so(quick_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(quick_disk)

    done = blocklist("list")

    assert 1 == done.exit_code
    assert "there is no data in data" in done.output


async def test_it_works_beside_a_running_bot(data: Path, fox: Path) -> None:
    memory = await open_memory(data, rootkey.find(None, data.with_name("data.key"), {}), {})
    try:
        done = await asyncio.to_thread(blocklist, "add", fox)
        async with memory.db.read() as tx:
            seen = await fingerprints.count(tx)
    finally:
        await memory.close()

    assert 0 == done.exit_code, done.output
    assert 1 == seen


def gate_lines(*, mark: str = "") -> list[str]:
    """What doctor says of the gate in the folder we stand in."""
    return [
        line for line in map(Finding.line, doctor.gate_of(settings.load(ENV_FILE))) if mark in line
    ]


def test_doctor_counts_the_list_and_says_that_no_classifier_looks(data: Path, fox: Path) -> None:
    blocklist("add", fox)

    lines = CliRunner().invoke(main, ["doctor"]).output.splitlines()

    none, count = (line for line in lines if "CLASSIFIER" in line or "block list" in line)
    assert none.startswith("• no CLASSIFIER_DIR")
    assert "✓ pictures on the block list: 1" == count


def test_doctor_tries_the_classifier(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_classifier.make(data.with_name("classifier"))
    monkeypatch.setenv("CLASSIFIER_DIR", str(folder))

    assert ["✓ a classifier looks at every picture; for adults is: nsfw from 0.5 on"] == gate_lines(
        mark="a classifier"
    )


def test_doctor_names_a_classifier_that_cannot_be_used(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_classifier.make(data.with_name("classifier"))
    monkeypatch.setenv("CLASSIFIER_DIR", str(folder))
    monkeypatch.setenv("CLASSIFIER_LIMITS", "porn=0.5")
    unknown = gate_lines(mark="✗")
    (folder / "config.json").unlink()
    broken = gate_lines(mark="✗")

    assert [
        "✗ CLASSIFIER_LIMITS names labels that the classifier does not know: porn; "
        "it knows normal, nsfw"
    ] == unknown
    assert "config.json: missing" in broken[0]


def test_limits_that_cannot_be_meant_are_named_by_their_setting(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSIFIER_LIMITS", "nsfw=often")

    done = blocklist("list")

    assert 1 == done.exit_code
    assert "CLASSIFIER_LIMITS: 'nsfw' must have a number above 0 and up to 1" in done.output
