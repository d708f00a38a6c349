"""models.toml: what it offers, each way to be wrong with its line, and weights that changed."""

import shutil
from pathlib import Path

import pytest

from gen import catalogue
from gen.catalogue import Catalogue
from gen.errors import ModelFault
from tests import tiny_model


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two models side by side."""
    home = tmp_path_factory.mktemp("shelf")
    tiny_model.make(home / "tiny")
    shutil.copytree(home / "tiny", home / "other")
    return home


@pytest.fixture
def home(two, tmp_path):
    return shutil.copytree(two, tmp_path / "home")


def test_the_shipped_example_offers_pocket():
    shipped = Path(catalogue.__file__).with_name("models.example.toml")

    assert ["Pocket"] == names(catalogue.read(shipped, Path("nowhere")))


TWO = '[[model]]\npath = "tiny"\nname = "Tiny"\n\n[[model]]\npath = "other"\nname = "Other"\n'


def offered(home, text=TWO) -> Catalogue:
    (home / "models.toml").write_text(text)
    return catalogue.read(home / "models.toml", home / "nowhere")


def problems(home, text):
    return [str(problem) for problem in offered(home, text).problems]


def names(found):
    return [source.card.name for source in found.sources]


def test_without_a_file_the_folder_alone_is_offered(home):
    assert ["tiny"] == names(catalogue.read(None, home / "tiny"))


def test_models_are_offered_in_the_order_of_the_file_and_as_it_calls_them(home):
    found = offered(home)

    assert ["Tiny", "Other"] == names(found)
    assert str(home / "other") == found.sources[1].path
    assert () == found.problems


def test_what_the_file_says_of_a_model_goes_before_what_its_own_card_says(home):
    text = (
        '[[model]]\npath = "tiny"\nlicence = "OpenRAIL++"\nuse_limits = "up to 1 M$ a year"\n'
        'source = "https://example.org/tiny"\nsteps = 9\n'
    )
    card = offered(home, text).sources[0].card

    assert ("tiny", "OpenRAIL++", 9) == (card.name, card.licence, card.steps)
    assert ("up to 1 M$ a year", "https://example.org/tiny") == (card.use_limits, card.source)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('path = "gone"', "line 2: gone is not there; correct the path"),
        ('name = "A"', "line 1: no path; say where"),
        ('path = "tiny"\ncolour = 1', "line 3: unknown field colour; correct that line"),
        ('path = "tiny"\nsteps = "many"', "line 3: steps is of another kind"),
        ('path = "tiny"\nsteps = 0', "line 3: steps is not within 1 and 100"),
        ('path = "tiny"\nwidth = 100000', "line 3: width is not within"),
        ('path = "tiny"\nsizes = [[64]]', "line 3: sizes are pairs of pixels"),
        ('path = "tiny"\nfamily = "dall-e"', "line 3: unknown family dall-e"),
        ('path = "tiny"\nloras = []', "line 3: write each as a [[model.lora]] table"),
        ('path = "tiny"\n[[model.lora]]\nname = "ink"', "line 3: no file"),
        ('path = "tiny"\n[[model.lora]]\nname = "ink"\nfile = "x"', "line 3: the file of ink"),
        ('path = "tiny"\n[[model.lora]]\nname = "ink"\nfile = "ink.pt"', "no .safetensors file"),
        ('path = "empty"', "line 2: model_index.json: missing"),
    ],
)
def test_each_wrong_line_is_named_and_costs_no_other_model(home, line, said):
    (home / "ink.pt").write_bytes(b"")
    (home / "empty").mkdir()
    found = offered(home, f'[[model]]\n{line}\n\n[[model]]\npath = "other"\nname = "Other"\n')

    assert ["Other"] == names(found)
    (problem,) = map(str, found.problems)
    assert said in problem


def test_a_lora_of_another_family_or_with_damaged_weights_is_named(home):
    import torch
    from safetensors.torch import save_file

    down = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"
    save_file({down: torch.zeros(4, 2048)}, home / "wide.safetensors")
    (home / "cut.safetensors").write_bytes(b"12")
    text = '[[model]]\npath = "tiny"\n[[model.lora]]\nname = "ink"\nfile = "{}.safetensors"\n'

    assert "a LoRA for SDXL" in problems(home, text.format("wide") + TWO)[0]
    assert "damaged" in problems(home, text.format("cut") + TWO)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[model]\n", "no valid TOML|not valid TOML"),
        ("[model]\npath = 1\n", r"\[\[model\]\] tables"),
        ("[plans]\n", "line 1: unknown plans"),
        ("", "names no model"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_says_so(home, text, said):
    with pytest.raises(ModelFault, match=said):
        offered(home, text)


def test_two_models_of_one_name_are_one_too_many(home):
    assert "TINY is there twice" in problems(home, TWO.replace('"Other"', '"TINY"'))[0]


def weights(home, name):
    return home / name / "unet" / "diffusion_pytorch_model.safetensors"


def note_sums(home, name):
    path, file = home / name, home / "models.toml"
    text = catalogue.lock_with(file, path, catalogue.sums_of(path))
    catalogue.lock_of(file).write_text(text)


def locked(home):
    """Both models, their sums noted."""
    (home / "models.toml").write_text(TWO)
    for name in ("tiny", "other"):
        note_sums(home, name)
    return offered(home)


def test_weights_that_changed_since_they_were_noted_are_found_and_only_those(home):
    tiny, other = locked(home).sources
    with weights(home, "other").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")

    assert [] == catalogue.changed(tiny)
    (problem,) = map(str, catalogue.changed(other))
    assert "Other: unet/diffusion_pytorch_model.safetensors: changed since it was added" in problem


def test_weights_that_came_or_went_since_they_were_noted_are_found(home):
    tiny, _ = locked(home).sources
    weights(home, "tiny").rename(home / "tiny" / "unet" / "other.safetensors")

    said = [str(problem) for problem in catalogue.changed(tiny)]
    assert ["missing since it was added", "new since it was added"] == [
        line.split(": ")[2].split(";")[0] for line in said
    ]


def test_noting_a_model_again_leaves_the_others_notes_alone(home):
    locked(home)
    weights(home, "other").write_bytes(weights(home, "tiny").read_bytes() + b"")
    note_sums(home, "other")

    assert [[], []] == [catalogue.changed(source) for source in offered(home).sources]
    assert 6 == len((home / "models.lock").read_text().splitlines())


def test_a_damaged_lock_is_no_reason_to_trust_anything(home):
    locked(home)
    (home / "models.lock").write_text("none  tiny\n")

    with pytest.raises(ModelFault, match=r"models\.lock is damaged"):
        offered(home)


def test_models_without_noted_sums_are_served_as_they_are(home):
    (source, _) = offered(home).sources

    assert [] == catalogue.changed(source)


def test_a_single_file_needs_its_configs_beside_it(home):
    file = home / "dream.safetensors"
    shutil.copy(weights(home, "tiny"), file)
    text = '[[model]]\npath = "dream.safetensors"\n'
    with pytest.raises(ModelFault, match="its configs are missing"):
        offered(home, text)

    shutil.copytree(home / "tiny", home / "dream", ignore=shutil.ignore_patterns("*.safetensors"))
    (home / "dream" / "card.toml").unlink()
    assert ["dream"] == names(offered(home, text))
