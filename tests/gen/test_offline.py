"""The libraries of the model, asked themselves: offline, and telling nobody anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gen import launch

ROOT = Path(__file__).parents[2]

_ASKED = """
import json, sys
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled
from transformers.utils.hub import is_offline_mode

try:
    hf_hub_download("nobody/nothing", "config.json", cache_dir=sys.argv[1])
except (LocalEntryNotFoundError, OfflineModeIsEnabled) as fault:
    ended = type(fault.__cause__ or fault).__name__
print(json.dumps({
    "hub": constants.HF_HUB_OFFLINE,
    "transformers": is_offline_mode(),
    "telemetry off": constants.HF_HUB_DISABLE_TELEMETRY,
    "a download": ended,
}))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    done = subprocess.run(
        [sys.executable, "-c", _ASKED, str(tmp_path_factory.mktemp("cache"))],
        cwd=ROOT,
        env=launch.environment(os.environ, 1),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_in_a_workers_environment_no_library_goes_online_or_reports(said):
    assert {"hub": True, "transformers": True, "telemetry off": True} == {
        name: said[name] for name in ("hub", "transformers", "telemetry off")
    }


def test_a_download_ends_before_it_begins(said):
    assert "OfflineModeIsEnabled" == said["a download"]
