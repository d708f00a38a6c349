"""Model folders: sound ones, and each way to be unsound with the line that says what to do."""

import json
import shutil
import struct

import pytest

from gen import models
from gen.card import Card, unknown_words
from gen.errors import ModelFault


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "copy")


def lines(folder):
    return [str(problem) for problem in models.check(folder)]


def test_a_sound_folder_has_no_problem(folder):
    assert models.check(folder) == []
    assert models.demand(folder).name == "tiny"


def test_without_a_card_the_model_speaks_for_itself(folder):
    (folder / "card.toml").unlink()

    assert models.demand(folder) == Card(
        name="copy", family="sd", width=32, height=32, any_ratio=True
    )


def test_a_folder_that_is_not_there(tmp_path):
    assert "no such folder" in lines(tmp_path / "nowhere")[0]


def test_a_folder_that_is_no_model(tmp_path):
    assert "convert" in lines(tmp_path)[0]


@pytest.mark.parametrize("suffix", ["bin", "pt", "pth", "ckpt", "pkl"])
def test_a_pickle_is_refused_wherever_it_lies(folder, suffix):
    (folder / "unet" / f"weights.{suffix}").write_bytes(b"")

    assert [
        f"unet/weights.{suffix}: a pickle, which can run code; keep only .safetensors files"
    ] == (lines(folder))


def test_a_link_that_leads_out_of_the_folder_is_refused_one_within_it_is_not(folder, tmp_path):
    (folder / "inside.txt").symlink_to(folder / "card.toml")
    assert [] == lines(folder)

    (folder / "outside.txt").symlink_to(tmp_path / ".env")
    assert ["outside.txt: a link that leads out of the folder; put the file itself there"] == lines(
        folder
    )


def weights(folder):
    return folder / "unet" / "diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_weights_cut_short_are_noticed(folder, keep):
    data = weights(folder).read_bytes()
    weights(folder).write_bytes(data[:keep])

    assert "download it again" in lines(folder)[0]


def test_weights_that_are_only_a_pointer_name_the_command(folder):
    weights(folder).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")

    assert "git lfs pull" in lines(folder)[0]


@pytest.mark.parametrize("header", [b"no json", b"[]", b"{}", b'{"a": 1}', b'{"": {}}'])
def test_a_damaged_header_is_noticed(folder, header):
    weights(folder).write_bytes(struct.pack("<Q", len(header)) + header)

    assert "damaged" in lines(folder)[0]


def test_missing_parts_are_named(folder):
    shutil.rmtree(folder / "vae")
    weights(folder).unlink()

    assert [problem.where for problem in models.check(folder)] == ["vae", "unet"]


def test_a_missing_shard_is_named(folder):
    index = {"weight_map": {"a": "one.safetensors"}}
    (folder / "unet" / "model.safetensors.index.json").write_text(json.dumps(index))

    assert "names one.safetensors, which is missing" in lines(folder)[0]


def change_index(folder, **changes):
    path = folder / "model_index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_part_with_its_own_code_is_refused(folder):
    change_index(folder, unet=["my_unet", "MyUNet"])

    assert "would run its own code" in lines(folder)[0]


def test_a_kind_of_model_we_do_not_speak_is_named(folder):
    change_index(folder, _class_name="KandinskyPipeline")

    assert "KandinskyPipeline" in lines(folder)[0]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("colour = 1", "colour"),
        ('family = "dall-e"', "family"),
        ("name = ", "value"),
        ('steps = "many"', "steps"),
    ],
)
def test_a_wrong_card_is_a_problem_with_its_field(folder, line, complaint):
    (folder / "card.toml").write_text(line + "\n")

    assert complaint in lines(folder)[0].lower()


def test_demanding_tells_every_problem(folder):
    weights(folder).write_bytes(b"")
    (folder / "old.ckpt").write_bytes(b"")

    with pytest.raises(ModelFault, match=r"(?s)old\.ckpt.*safetensors"):
        models.demand(folder)


def test_a_pickle_without_configs_is_called_a_pickle(tmp_path):
    (tmp_path / "dream.ckpt").write_bytes(b"x")

    with pytest.raises(ModelFault, match=r"pickle.*safetensors"):
        models.demand(tmp_path / "dream.ckpt")


CARD = Card(name="x", family="sd", words=("star", "red", "wide-eyed"))


def test_words_the_model_never_saw_are_listed_once_and_in_order():
    assert unknown_words(CARD, "A RED dragon, a wide-eyed star; dragon!") == ["a", "dragon"]


def test_the_weights_of_a_prompt_are_no_words_that_a_model_does_not_know():
    assert unknown_words(CARD, "a star::2 red::-0.5") == ["a"]
    assert unknown_words(CARD, "star::2 red::-9 2 stars") == ["2", "stars"]


def test_a_model_without_a_word_list_knows_every_word():
    assert unknown_words(Card(name="x", family="sd"), "anything at all") == []


def test_a_card_always_lists_its_default_size():
    assert Card(name="x", family="sd", sizes=((768, 512),)).sizes == ((512, 512), (768, 512))
