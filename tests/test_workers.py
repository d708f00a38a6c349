"""The worker processes that settings ask for."""

import sys
from pathlib import Path

import pytest

from bot import findings, settings, workers
from bot.errors import StartFault
from gen.fleet import Fleet
from gen.supervisor import Supervisor


def chosen(folder: Path, **said: object) -> settings.Settings:
    return settings.load(folder / "no.env", **said)


def test_one_device_has_one_worker(tmp_path):
    for said in ({}, {"device": "cuda:1"}, {"devices": "cuda:1"}):
        assert isinstance(workers.worker(chosen(tmp_path, **said)), Supervisor)

    assert "auto" == workers.setup(chosen(tmp_path)).device
    assert "cuda:1" == workers.setup(chosen(tmp_path, device="cuda:1")).device


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


async def test_a_picture_whose_shrinking_never_ends_is_given_up(tmp_path, monkeypatch):
    stuck = tmp_path / "python"
    stuck.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    stuck.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stuck))

    assert await workers.shrink(b"a picture", 100, patience_seconds=0.2) is None
