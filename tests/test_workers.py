"""The worker processes that settings ask for."""

import sys
from pathlib import Path

import pytest

from bot import findings, settings, workers
from bot.domain import Input
from bot.errors import StartFault
from gen.fleet import Fleet
from gen.inbound import Flaw
from gen.supervisor import Supervisor


def chosen(folder: Path, **said: object) -> settings.Settings:
    return settings.load(folder / "no.env", **said)


def test_one_device_has_one_worker(tmp_path):
    for said in ({}, {"device": "cuda:1"}, {"devices": "cuda:1"}):
        assert isinstance(workers.worker(chosen(tmp_path, **said)), Supervisor)

    assert "auto" == workers.setup(chosen(tmp_path)).device
    assert "cuda:1" == workers.setup(chosen(tmp_path, device="cuda:1")).device


def test_a_worker_computes_and_writes_files_as_the_operator_says(tmp_path):
    usual = workers.setup(chosen(tmp_path))
    said = workers.setup(chosen(tmp_path, worker_dtype="float16", picture_format="png"))

    assert ("auto", "webp") == (usual.dtype, usual.picture_format)
    assert ("float16", "png") == (said.dtype, said.picture_format)
    with pytest.raises(StartFault, match="PICTURE_FORMAT"):
        chosen(tmp_path, picture_format="jpeg")


def test_each_of_several_devices_has_a_worker_of_its_own(tmp_path):
    fleet = workers.worker(chosen(tmp_path, devices="cuda:0, cuda:2"))

    assert isinstance(fleet, Fleet)
    assert ["cuda:0", "cuda:2"] == [engine.setup.device for engine in fleet.engines]


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("cuda:0,cuda:0", "names a device twice"),
        ("cuda:0,auto", "must look like cuda:0,cuda:1"),
        ("cuda", "must look like cuda:0,cuda:1"),
    ],
)
def test_devices_that_cannot_be_are_refused_with_the_remedy(tmp_path, said, remedy):
    with pytest.raises(StartFault, match=f"DEVICES: {remedy}"):
        chosen(tmp_path, devices=said)


def test_doctor_names_a_gpu_that_is_not_there(tmp_path):
    missing = chosen(tmp_path, devices="cuda:98,cuda:99")

    (finding,) = findings.devices_of(missing)

    assert finding.is_bad
    assert "DEVICES names cuda:98, cuda:99" in finding.text


def test_a_server_may_hold_half_of_the_queue_unless_told_otherwise(tmp_path):
    for said, most in ((0, 2500), (40, 40)):
        asked = chosen(tmp_path, max_open_jobs_per_server=said)
        assert most == asked.open_jobs_of_a_server
    assert 1 == chosen(tmp_path, max_open_jobs=1).open_jobs_of_a_server


def in_its_place(folder: Path, monkeypatch, does: str) -> None:
    """Have every child process do this instead."""
    child = folder / "python"
    child.write_text(f"#!/bin/sh\n{does}\n")
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))


async def test_a_picture_whose_shrinking_never_ends_is_given_up(tmp_path, monkeypatch):
    in_its_place(tmp_path, monkeypatch, "exec tail -f /dev/null")

    assert await workers.shrink(b"a picture", 100, patience_seconds=0.2) is None


@pytest.mark.parametrize(
    "size", ["", "64", "64 48 9", "a b", "-1 48", "0 48", "65 48", "48 65", "9" * 5000 + " 48"]
)
async def test_a_picture_of_no_size_or_of_one_not_asked_for_is_broken(tmp_path, monkeypatch, size):
    in_its_place(tmp_path, monkeypatch, f"cat > /dev/null; echo '{size}'; echo a picture")

    assert Flaw.BROKEN is await workers.take_in(b"a picture", 64)


async def test_of_what_a_child_says_no_more_is_heard_than_a_picture_can_be(tmp_path, monkeypatch):
    in_its_place(tmp_path, monkeypatch, "cat > /dev/null; printf '64 48\\na picture'")
    assert Input(b"a picture", 64, 48) == await workers.take_in(b"a picture", 64)

    in_its_place(tmp_path, monkeypatch, "echo 64 48; exec cat /dev/zero")

    assert Flaw.BROKEN is await workers.take_in(bytes(1 << 20), 64)
    assert await workers.shrink(bytes(1 << 20), 100) is None


@pytest.mark.parametrize("said", ["no list", "{", "7"])
async def test_captions_that_are_no_list_are_none(tmp_path, monkeypatch, said):
    in_its_place(tmp_path, monkeypatch, f"cat > /dev/null; echo '{said}'")

    assert await workers.caption(tmp_path, b"a picture") is None
