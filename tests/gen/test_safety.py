"""What is measured: fingerprints that know near-duplicates, scores of a real, tiny classifier."""

import io
import itertools
import json
import os
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from bot.policy import gate
from gen import classifiers, launch, safety
from gen.errors import ModelFault
from gen.messages import Failed, FailureCode, Ready, Unfit
from gen.pocket import captions, drawings
from tests import tiny_classifier
from tests.gen.test_worker import Child, setup

# --- fingerprints -------------------------------------------------------------------------------


def drawn(count, kind):
    """So many different drawings of those that Pocket learned from."""
    chance = np.random.default_rng(1)
    specs = {}
    while len(specs) < count:
        specs[kind(chance)] = None
    return [Image.fromarray(drawings.draw(one, chance)) for one in specs]


def hash_of(image):
    return safety.fingerprint(np.asarray(image.convert("RGB")))


def jpeg(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file)


def cropped(image):
    across, down = image.width * 0.02, image.height * 0.02
    return image.crop(tuple(map(round, (across, down, image.width - across, image.height - down))))


@pytest.fixture(scope="module")
def scenes():
    return drawn(100, captions.scene)


CHANGES = {
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "twice the size": lambda image: image.resize((image.width * 2, image.height * 2)),
    "JPEG of quality 50": jpeg,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "grey": lambda image: image.convert("L"),
    "cropped by 2 % at each edge": cropped,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_that_was_changed_a_little_is_known_again(scenes, change):
    known = [bool(gate.near(hash_of(CHANGES[change](image)), [hash_of(image)])) for image in scenes]

    assert sum(known) >= 97


def test_of_different_drawings_hardly_any_two_are_taken_for_each_other():
    hashes = [hash_of(image) for image in drawn(100, captions.train_spec)]

    pairs = list(itertools.combinations(hashes, 2))
    alike = [one for one, other in pairs if gate.near(one, [other])]

    assert 4950 == len(pairs)
    assert len(alike) <= 25


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30)])
def test_a_picture_of_nothing_is_plain_and_matches_not_even_itself(colour):
    flat = hash_of(Image.new("RGB", (64, 64), colour))

    assert gate.is_plain(flat)
    assert [] == gate.near(flat, [flat])


def test_a_drawing_is_not_plain(scenes):
    assert [] == [one for one in map(hash_of, scenes) if gate.is_plain(one)]


# --- the operator's files -----------------------------------------------------------------------


def child_says(data: bytes) -> tuple[int, str]:
    """What the process that reads an operator's file ends with, and prints."""
    done = subprocess.run(
        launch.fingerprint(), input=data, capture_output=True, env=launch.environment(os.environ, 1)
    )
    assert b"" == done.stderr
    return done.returncode, done.stdout.decode()


def encoded(image, file_format="PNG", **more):
    file = io.BytesIO()
    image.save(file, file_format, **more)
    return file.getvalue()


def test_a_file_has_the_fingerprint_of_its_picture(scenes):
    assert (0, hash_of(scenes[0])) == child_says(encoded(scenes[0]))


def test_a_file_that_a_camera_turned_is_turned_back(scenes):
    turned = Image.Exif()
    turned[0x0112] = 6
    lying = scenes[0].transpose(Image.Transpose.ROTATE_90)

    code, said = child_says(encoded(lying, exif=turned))

    assert 0 == code
    assert [hash_of(scenes[0])] == gate.near(said, [hash_of(scenes[0])])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        b"%!PS-Adobe-3.0\n",
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_what_is_no_picture_is_unreadable(data):
    assert (3, "") == child_says(data)


def test_a_picture_of_another_format_or_cut_short_is_unreadable(scenes):
    whole = encoded(scenes[0])

    assert (3, "") == child_says(encoded(scenes[0], "TIFF"))
    assert (3, "") == child_says(whole[: len(whole) // 2])


def test_a_bomb_is_refused_by_its_size_before_it_is_decoded():
    flat = Image.new("1", (20_000, 20_000))  # 50 MB of nothing in a file of a few KB

    assert (4, "") == child_says(encoded(flat))


# --- the classifier -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    where = tmp_path_factory.mktemp("classifiers")
    return {says: tiny_classifier.make(where / says, says=says) for says in tiny_classifier.LABELS}


@pytest.fixture
def folder(folders, tmp_path):
    """One to be spoilt."""
    return shutil.copytree(folders["nsfw"], tmp_path / "classifier")


PIXELS = np.full((48, 32, 3), 90, dtype=np.uint8)


@pytest.mark.parametrize("says", tiny_classifier.LABELS)
def test_its_scores_are_of_its_own_labels_and_sum_up_to_one(folders, says):
    one, two = safety.load(folders[says], "cpu")([PIXELS, PIXELS])

    scores = dict(one.scores)
    assert one == two
    assert tiny_classifier.LABELS == tuple(scores)
    assert says == max(scores, key=scores.get)
    assert pytest.approx(1) == sum(scores.values())


def test_labels_that_do_not_exclude_each_other_are_scored_each_alone(tmp_path):
    folder = tiny_classifier.make(
        tmp_path / "several", says="nsfw", problem_type="multi_label_classification"
    )

    (measure,) = safety.load(folder, "cpu")([PIXELS])

    assert pytest.approx(1 / (1 + np.exp(-tiny_classifier.SURE))) == dict(measure.scores)["nsfw"]


def test_without_a_classifier_there_are_fingerprints_and_no_scores():
    (measure,) = safety.load(None, "cpu")([PIXELS])

    assert (16, ()) == (len(measure.fingerprint), measure.scores)


def _edit(path, **changes):
    found = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))


SPOILT = {
    "gone": (shutil.rmtree, "no such folder"),
    "no weights": (lambda one: (one / "model.safetensors").unlink(), "no .safetensors file"),
    "a pickle": (lambda one: (one / "pytorch_model.bin").touch(), "pickle"),
    "cut short": (lambda one: os.truncate(one / "model.safetensors", 99), "download it again"),
    "no config": (lambda one: (one / "config.json").unlink(), "config.json: missing"),
    "no processor": (
        lambda one: (one / "preprocessor_config.json").unlink(),
        "preprocessor_config.json: missing",
    ),
    "code of its own": (
        lambda one: _edit(one / "config.json", auto_map={"AutoModel": "evil.Model"}),
        "asks to run code",
    ),
    "no labels": (lambda one: _edit(one / "config.json", id2label=None), "names no labels"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_folder_that_cannot_be_used_is_named_with_what_is_wrong(folder, how):
    spoil, said = SPOILT[how]
    spoil(folder)

    with pytest.raises(ModelFault, match=said):
        classifiers.demand(folder)


def test_a_sound_folder_has_nothing_wrong_and_tells_its_labels(folder):
    assert tiny_classifier.LABELS == classifiers.demand(folder)


def test_weights_that_are_missing_are_not_made_up(folder):
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["classifier.bias"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    assert [] == classifiers.check(folder)
    with pytest.raises(ValueError, match="lacks weights"):
        safety.load(folder, "cpu")


def test_a_score_that_is_no_number_is_a_fault(folder):
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = np.array([np.nan, 1.0], dtype=np.float32)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    with pytest.raises(ValueError, match="no numbers"):
        safety.load(folder, "cpu")


# --- in the worker, behind its doors ------------------------------------------------------------


@pytest.fixture
def child(tmp_path):
    child = Child(tmp_path / "home")
    yield child
    child.process.kill()
    child.ends()


def test_a_worker_with_a_broken_classifier_does_not_become_ready(child, tiny_folder, folder):
    SPOILT["no labels"][0](folder)
    child.say(setup(tiny_folder, classifier=str(folder)))

    heard = child.hear(Ready, Unfit, Failed)
    assert Unfit(FailureCode.CLASSIFIER, "ModelFault") == heard
    assert 3 == child.ends()


def test_a_trial_of_a_broken_classifier_says_so_and_nothing_else(folder):
    os.truncate(folder / "model.safetensors", 99)

    tried = subprocess.run(
        launch.trial(folder, "cpu"),
        capture_output=True,
        text=True,
        env=launch.environment(os.environ, 1),
    )

    assert (1, "ModelFault", "") == (tried.returncode, tried.stdout, tried.stderr)
