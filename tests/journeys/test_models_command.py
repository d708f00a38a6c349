"""`darkroom models` as an operator meets it: list, check, add, and pull from a hub on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import commands, tiny_model

REVISION = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "ana/tiny"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def home(tiny: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny, tmp_path / "tiny")
    return tmp_path


def darkroom(folder: Path, *arguments: str, **environ: str):
    env = {"PATH": os.environ["PATH"], "MODELS_FILE": "models.toml", **environ}
    return commands.run(["models", *arguments], cwd=folder, env=env)


def said(folder: Path, *arguments: str, **environ: str) -> str:
    done = darkroom(folder, *arguments, **environ)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def refused(folder: Path, *arguments: str, **environ: str) -> str:
    done = darkroom(folder, *arguments, **environ)
    assert 1 == done.returncode
    return done.stderr or done.stdout


def test_without_a_file_the_one_model_is_listed(home: Path) -> None:
    assert "Pocket · sd · licence MIT" in said(home, "list", MODELS_FILE="")


def test_a_folder_is_added_listed_and_found_sound(home: Path) -> None:
    assert "Dream added: the sums of its 3 files" in said(home, "add", "tiny", "--name", "Dream")

    assert "Dream · sd · licence CC0-1.0" in said(home, "list")
    assert "✓ Dream\n" == said(home, "check")


def test_weights_that_are_changed_are_found_until_their_operator_adds_them_again(home: Path):
    said(home, "add", "tiny")
    weights = home / "tiny" / "unet" / "diffusion_pytorch_model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")

    told = refused(home, "check")
    assert "✗ tiny: unet/diffusion_pytorch_model.safetensors: changed since it was added" in told
    assert "✓ tiny" in said(home, "check", "--quick")
    assert "tiny noted anew" in said(home, "add", "tiny")
    assert "✓ tiny\n" == said(home, "check")


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda home: (home / "tiny" / "old.ckpt").write_bytes(b""), "a pickle, which can run"),
        (lambda home: shutil.rmtree(home / "tiny" / "vae"), "its folder is missing"),
        (lambda home: (home / "tiny" / "card.toml").write_text("colour = 1"), "unknown field"),
    ],
)
def test_a_folder_that_cannot_be_used_is_not_added_and_says_why(home: Path, spoil, line) -> None:
    spoil(home)

    assert line in refused(home, "add", "tiny")
    assert not (home / "models.toml").exists()


def test_a_second_model_of_a_name_needs_another(home: Path) -> None:
    said(home, "add", "tiny")
    shutil.copytree(home / "tiny", home / "other")

    assert "say another --name" in refused(home, "add", "other")


def test_without_a_file_to_write_to_nothing_is_added(home: Path) -> None:
    assert "set MODELS_FILE=models.toml in .env" in refused(home, "add", "tiny", MODELS_FILE="")


# --- pull


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's API as fetching a repository asks for."""

    def __init__(self, files: dict[str, bytes], sums: dict[str, str], *rest) -> None:
        self.files, self.sums = files, sums
        super().__init__(*rest)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        resolved = f"/{REPOSITORY}/resolve/{REVISION}/"
        if path in (f"/api/models/{REPOSITORY}", f"/api/models/{REPOSITORY}/revision/{REVISION}"):
            self._send(json.dumps(self._info()).encode(), with_body)
        elif path == f"/api/models/{REPOSITORY}/tree/{REVISION}":
            self._send(json.dumps(self._tree()).encode(), with_body)
        elif path.startswith(resolved) and (name := path.removeprefix(resolved)) in self.files:
            self._send(self.files[name], with_body, ETag=f'"{self._sum(name)}"')
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send(self, body: bytes, with_body: bool, **headers: str) -> None:
        self.send_response(200)
        for name, value in (headers | {"X-Repo-Commit": REVISION}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _sum(self, name: str) -> str:
        return self.sums.get(name) or hashlib.sha256(self.files[name]).hexdigest()

    def _info(self) -> dict[str, object]:
        siblings = [
            {"rfilename": name, "size": len(body), "blobId": "0" * 40, **self._lfs(name)}
            for name, body in self.files.items()
        ]
        return {"id": REPOSITORY, "sha": REVISION, "private": False, "siblings": siblings}

    def _tree(self) -> list[dict[str, object]]:
        return [
            {"type": "file", "oid": "0" * 40, "size": len(body), "path": name}
            for name, body in self.files.items()
        ]

    def _lfs(self, name: str) -> dict[str, object]:
        if not name.endswith(".safetensors"):
            return {}
        return {"lfs": {"size": len(self.files[name]), "sha256": self._sum(name), "pointerSize": 1}}

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hub(tiny: Path) -> Iterator[tuple[str, dict[str, str], dict[str, bytes]]]:
    """A hub with one repository; the sums that it names for it, where they are wrong; its files."""
    files = {
        path.relative_to(tiny).as_posix(): path.read_bytes()
        for path in tiny.rglob("*")
        if path.is_file()
    }
    files |= {"README.md": b"# tiny", "all_in_one.safetensors": b"1", "unet/old.bin": b"pickle"}
    sums: dict[str, str] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, files, sums))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sums, files
    server.shutdown()
    server.server_close()


def of_hub(url: str, home: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": url, "HF_HOME": str(home / "cache"), "HF_HUB_DISABLE_XET": "1"}


def test_a_model_is_pulled_at_a_pinned_revision_and_offered(home: Path, hub) -> None:
    url, _, _ = hub
    told = said(home, "pull", f"{REPOSITORY}@{REVISION}", "--name", "Pulled", **of_hub(url, home))

    assert f"{REPOSITORY} at revision {REVISION} lies in models/ana--tiny-0123456789ab" in told
    assert "✓ Pulled\n" == said(home, "check")
    fetched = {path.name for path in (home / "models" / "ana--tiny-0123456789ab").rglob("*")}
    assert fetched.isdisjoint({"README.md", "all_in_one.safetensors", "old.bin"})


def test_a_branch_is_looked_up_and_its_revision_told(home: Path, hub) -> None:
    url, _, _ = hub

    assert f"at revision {REVISION}" in said(home, "pull", REPOSITORY, **of_hub(url, home))


def test_weights_that_are_not_what_the_hub_names_are_not_offered(home: Path, hub) -> None:
    url, sums, _ = hub
    sums["vae/diffusion_pytorch_model.safetensors"] = "0" * 64

    told = refused(home, "pull", REPOSITORY, **of_hub(url, home))
    assert "vae/diffusion_pytorch_model.safetensors is not what the hub says it is" in told
    assert not (home / "models.toml").exists()


@pytest.mark.parametrize(
    ("repository", "line"),
    [
        ("tiny", "names no repository"),
        ("../etc/passwd", "names no repository"),
        ("nobody/nothing", "there is no such repository or revision"),
    ],
)
def test_what_cannot_be_pulled_says_why_in_one_line(home: Path, hub, repository, line) -> None:
    url, _, _ = hub
    told = refused(home, "pull", repository, **of_hub(url, home))

    assert line in told
    assert 1 == len(told.strip().splitlines())


def test_a_repository_of_pickles_is_refused_before_anything_is_fetched(home: Path, hub) -> None:
    url, _, files = hub
    for name in [name for name in files if name.endswith(".safetensors")]:
        del files[name]

    assert "no .safetensors weights" in refused(home, "pull", REPOSITORY, **of_hub(url, home))
    assert not (home / "models").exists()


def test_a_hub_that_is_away_is_told_in_one_line(home: Path) -> None:
    told = refused(home, "pull", REPOSITORY, **of_hub("http://127.0.0.1:9", home))

    assert "the hub cannot be reached" in told
    assert 1 == len(told.strip().splitlines())
