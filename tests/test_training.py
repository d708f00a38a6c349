"""P2 as a contract: no code trains on, or collects for training, what people make.

There is one trainer, Pocket's, and it opens nothing but its own drawings; nobody in the house calls
it. Pictures and what they were made from leave together in one place alone: a person's own export.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text()
    for package in ("bot", "cogs", "gen")
    for path in sorted((ROOT / package).rglob("*.py"))
}
HOUSE = {name: text for name, text in SOURCES.items() if not name.startswith("gen/pocket/")}

EXPORTS = {
    "bot/services/export.py": "/privacy export: to the person whose it is, in their DM",
    "bot/services/deliver.py": "the result, where its owner asked for it; of stealth no words",
}
"""Who may open a picture and what it was made from, and why."""

WRITERS = {
    "bot/crypto/rootkey.py": "the root key",
    "bot/crypto/stealthkeys.py": "keys in memory",
    "bot/storage/pictures.py": "sealed pictures that wait to be delivered",
    "bot/storage/memory.py": "the lock of the data folder",
    "bot/keys.py": "the same lock",
    "bot/health.py": "how the parts are: ages and counts, nothing of people",
    "bot/beside.py": "the mark that somebody works beside the bot",
    "bot/storage/turn.py": "whose turn it is to write",
    "bot/storage/ledger.py": "fingerprints of destroyed keys, and what else must stay forgotten",
    "bot/modelling.py": "what models there are and the sums of their files, by their operator",
    "bot/tour.py": "the pictures of the demo's own scene, where its operator says",
    "bot/selfcheck/report.py": "when the last check was, and whether it passed",
    "bot/selfcheck/broken.py": "the leak that the check must notice",
    "bot/selfcheck/inside.py": "whom a checked process spoke to",
    "bot/selfcheck/stage.py": "settings of a check",
}
"""Who may write a file, and what is in it."""

_OPENERS = {"open_picture", "read_files"}
_RECIPES = {"open_spec", "from_json", "recall", "Recall"}
_WRITES = {"write_bytes", "write_text", "fdopen", "NamedTemporaryFile", "mkstemp"}
_PACKERS = {"zipfile", "tarfile", "csv", "pickle", "shelve", "pandas", "datasets", "pyarrow"}


def _named(text: str) -> set[str]:
    """Every function that is called, and every attribute that is."""
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    names = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    return names | {call.id for call in calls if isinstance(call, ast.Name)}


def _imported(text: str) -> set[str]:
    """Every module that is imported, anywhere in the text."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
    return found


def _opens_to_write(text: str) -> bool:
    """Whether a file is opened for anything but reading."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.open", "open"}:
            said = " ".join(ast.unparse(each) for each in node.args[1:] + node.keywords)
            if any(word in said for word in ("O_WRONLY", "O_RDWR", "O_CREAT", "'w", "'a", "'x")):
                return True
    return False


def test_pictures_and_recipes_meet_only_where_their_owner_gets_them() -> None:
    both = {name for name, text in HOUSE.items() if _OPENERS & _named(text)} & {
        name for name, text in HOUSE.items() if _RECIPES & _named(text)
    }

    assert set(EXPORTS) == both - {"bot/storage/memory.py"}  # where they are opened for the others


def test_only_the_export_packs_anything() -> None:
    packs = {name for name, text in HOUSE.items() if _PACKERS & _imported(text)}

    assert {"bot/services/export.py"} == packs


def test_every_file_that_is_written_is_known() -> None:
    outside = {
        name: text
        for name, text in HOUSE.items()
        if not name.startswith(("bot/sandbox/", "gen/"))  # Discord's side; the worker writes none
    }
    writes = {
        name for name, text in outside.items() if _WRITES & _named(text) or _opens_to_write(text)
    }

    assert set(WRITERS) == writes


def test_the_engine_room_writes_no_file() -> None:
    writes = {
        name: _WRITES & _named(text) or _opens_to_write(text)
        for name, text in HOUSE.items()
        if name.startswith("gen/")
    }

    assert {"gen/hush.py"} == {name for name, found in writes.items() if found}  # to /dev/null


def test_nobody_imports_the_trainer_or_its_drawings() -> None:
    reaches = {
        name: sorted(each for each in _imported(text) if each.startswith("gen.pocket."))
        for name, text in HOUSE.items()
    }

    assert {} == {name: found for name, found in reaches.items() if found}


def test_a_running_house_has_nothing_of_the_trainer_in_it() -> None:
    code = (
        "import bot.cli, bot.app, cogs, sys;"
        "print([name for name in sys.modules if name.startswith('gen.pocket.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "[]" == done.stdout.strip()


def test_the_engine_room_never_hears_of_the_wish_about_training() -> None:
    knows = {name for name, text in SOURCES.items() if "training_wish" in text}

    assert not [name for name in knows if name.startswith("gen/")]


_TRAINS = """
import os, sys
from pathlib import Path

import numpy, torch
import gen.pocket.train as train

out, stranger = Path(sys.argv[1]), Path(sys.argv[2])
torch.set_num_threads(1)
recipe = train.Recipe(pictures=12, vae_batch=2, batch=2)
trainer = train.Trainer(out, 0.01, torch.device("cpu"), threads=1, recipe=recipe)
opened = []

def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.append(os.path.realpath(os.fsdecode(arguments[0])))
    elif event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        opened.append(event)

sys.addaudithook(hook)
album = train.draw_album(recipe.pictures, trainer.chance)
assert trainer.train_vae("vae", album, resume=False)
z = trainer.latents(album)
assert trainer.train_vae("decoder", album, resume=False)
trainer.train_unet(album, z, resume=False)
stranger.read_bytes()
print("OPENED", *opened, sep="\\n")
"""


@pytest.mark.timeout(120)
def test_pockets_trainer_opens_nothing_but_its_own_drawings(tmp_path: Path) -> None:
    """It trains for a second. A file that is opened there besides is noticed, and no other is."""
    out, stranger = tmp_path / "out", tmp_path / "somebodys.webp"
    stranger.write_bytes(b"RIFF")

    done = subprocess.run(
        [sys.executable, "-c", _TRAINS, str(out), str(stranger)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert 0 == done.returncode, done.stderr
    opened = done.stdout.partition("OPENED\n")[2].splitlines()
    assert [name for name in opened if name.startswith(str(out))], "it kept no state of its own"
    own = (
        str(out.resolve()),
        str(ROOT / "gen"),
        str(Path(sys.prefix).resolve()),
        str(Path(sys.base_prefix).resolve()),
        *("/proc/", "/sys/", "/dev/", "/etc/", "/usr/lib/", "/lib/"),
    )
    assert [str(stranger)] == [name for name in opened if not name.startswith(own)]
