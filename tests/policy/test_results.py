"""What can be made of a picture that stands, and what each button asks for."""

from dataclasses import replace

import pytest

from bot.domain import Private, Upload, Visibility
from bot.policy import results, said
from bot.policy.lines import Kept
from bot.policy.results import FOLLOWS, STRONGLY, SUBTLY, followed, line_of, offered, repeated
from gen.card import Card
from gen.job import Kind, Side, Spec
from tests.asks import ask
from tests.policy.reading import of

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
CARD = Card(name="one", family="sdxl", width=1024, height=1024, steps=30, guidance=7.0)
PICTURE = Upload(Private("https://cdn.discordapp.com/attachments/1/2/image-1.webp"), 9)
SPEC = Spec(prompt="a red fox", width=1024, height=1024, steps=30, guidance=7.0, seeds=(5,))
SINGLE = {"x2", "x4", "vs", "vl", "z15", "z20", "panl", "panr", "panu", "pand"}


def spec(**changed) -> Spec:
    return replace(SPEC, **changed)


def started(**changed) -> Spec:
    return spec(kind=Kind.VARY, inputs=1, strength=0.5, **changed)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_of_several_pictures_one_is_picked_or_varied(count):
    verbs = offered(CARD, spec(seeds=tuple(range(count))))

    numbers = range(1, count + 1)
    assert {"again", "remix", *(f"{sort}{n}" for sort in "uv" for n in numbers)} == verbs


def test_one_picture_can_be_enlarged_changed_zoomed_and_moved():
    assert {"again", "remix", *SINGLE} == offered(CARD, spec())


def test_what_started_from_a_picture_is_not_offered_again():
    assert {"remix", *SINGLE} == offered(CARD, started())


@pytest.mark.parametrize("family", ["any", "of nobody's making"])
def test_a_family_that_cannot_start_from_pictures_offers_what_needs_no_painting(family):
    plain = replace(CARD, family=family)

    assert {"again", "remix", "x2", "x4"} == offered(plain, spec())
    assert {"again", "remix", "u1", "u2"} == offered(plain, spec(seeds=(1, 2)))


def test_a_card_that_repaints_what_it_enlarges_needs_a_family_that_can():
    repaints = replace(CARD, family="of nobody's making", upscale_strength=0.3)

    assert {"again", "remix"} == offered(repaints, spec())


@pytest.mark.parametrize(
    ("side", "max_pixels", "upscales"),
    [
        (1024, None, {"x2", "x4"}),
        (1024, 2048 * 2048, {"x2"}),
        (1024, 2048 * 2048 - 1, set()),
        (2048, None, {"x2"}),
        (2049, None, set()),
    ],
)
def test_nothing_larger_than_plan_and_message_is_offered(side, max_pixels, upscales):
    verbs = offered(CARD, spec(width=side, height=side), max_pixels)

    assert upscales == verbs & {"x2", "x4"}


def test_every_button_names_its_deed_once():
    assert {
        ("z15", 1.5), ("z20", 2.0), ("x2", 2.0), ("x4", 4.0),
    } == {(verb, each.scale) for verb, each in FOLLOWS.items() if verb[0] in "zx"}  # fmt: skip
    assert set(Side) == {each.towards for verb, each in FOLLOWS.items() if verb.startswith("pan")}
    assert [0, 1, 2, 3] == [FOLLOWS[f"v{n}"].position for n in range(1, 5)]


def test_again_asks_for_all_of_it_but_the_seed():
    said = spec(
        negative_prompt="cars",
        width=1536,
        steps=12,
        sampler="euler",
        stop=0.5,
        tile=True,
        loras=(("ink", 0.5),),
        model="two",
        seeds=(1, 2),
    )
    asked = repeated(ask(""), said, PUBLIC)

    assert ("a red fox", "cars") == (asked.prompt.reveal(), asked.negative_prompt.reveal())
    assert ("1536:1024", 12, 7.0) == (asked.aspect_ratio, asked.steps, asked.guidance)
    assert ("euler", 50, True) == (asked.sampler, asked.stop, asked.tile)
    assert ((("ink", 0.5),), "two", 2) == (asked.loras, asked.model, asked.count)
    assert (None, True, None) == (asked.seed, asked.is_read, asked.visibility)


def test_a_model_without_guidance_is_not_asked_for_a_number_that_nobody_may_say():
    assert repeated(ask(""), spec(guidance=0.0), PUBLIC).guidance is None


@pytest.mark.parametrize("verb", FOLLOWS)
def test_of_stealth_nothing_but_stealth_is_asked_for(verb):
    asked = followed(ask(""), spec(seeds=(1, 2, 3, 4)), STEALTH, FOLLOWS[verb], PICTURE)

    assert (STEALTH, STEALTH) == (asked.visibility, asked.parent)
    assert (PICTURE,) == asked.uploads
    assert asked.aspect_ratio is None


@pytest.mark.parametrize(("strongly", "strength"), [(True, STRONGLY), (False, SUBTLY)])
def test_variations_are_as_strong_as_their_owner_prefers(strongly, strength):
    four = spec(seeds=(1, 2, 3, 4))
    asked = followed(ask(""), four, PUBLIC, FOLLOWS["v3"], PICTURE, varies_strongly=strongly)

    assert (Kind.VARY, strength, 4) == (asked.kind, asked.strength, asked.count)


@pytest.mark.parametrize(
    ("verb", "asked_for"),
    [
        ("u2", (Kind.UPSCALE, 0.0, 1.0, None)),
        ("x2", (Kind.UPSCALE, 0.2, 2.0, None)),
        ("x4", (Kind.UPSCALE, 0.2, 4.0, None)),
        ("vs", (Kind.VARY, SUBTLY, None, None)),
        ("vl", (Kind.VARY, STRONGLY, None, None)),
        ("z15", (Kind.ZOOM, None, 1.5, None)),
        ("panl", (Kind.PAN, None, None, Side.LEFT)),
        ("pand", (Kind.PAN, None, None, Side.DOWN)),
    ],
)
def test_each_button_asks_for_what_it_says(verb, asked_for):
    asked = followed(
        ask(""), spec(seeds=(1, 2)), PUBLIC, FOLLOWS[verb], PICTURE, upscale_strength=0.2
    )

    assert asked_for == (asked.kind, asked.strength, asked.scale, asked.towards)


def test_a_picture_is_made_again_from_its_own_seed():
    asked = results.made_again(ask(""), spec(seeds=(7, 8, 9)), PUBLIC, 1)

    assert (Kind.IMAGINE, 8, 1) == (asked.kind, asked.seed, asked.count)


def test_an_ordinary_recipe_is_written_as_its_words_alone():
    assert "a red fox" == line_of(spec(), CARD)


def test_a_recipe_is_written_as_the_line_that_asks_for_it():
    said = spec(
        prompt="a {red} fox",
        negative_prompt="cars",
        width=1536,
        steps=12,
        guidance=4.5,
        sampler="euler",
        stop=0.5,
        tile=True,
        loras=(("ink", 0.5),),
        model="two",
    )
    rest = (
        "--steps 12 --cfg 4.5 --sampler euler --stop 50 --model two --lora ink:0.5 --tile --no cars"
    )

    assert rf"a \{{red\}} fox --ar 3:2 {rest}" == line_of(said, CARD)
    assert rf"a \{{red\}} fox {rest}" == line_of(said, CARD, of=Kind.VARY)


def test_what_somebody_types_anew_is_read_as_a_line_and_knows_where_it_comes_from():
    base = ask("", role_ids=frozenset({4}))
    whole = results.reworded(repeated(base, spec(tile=True), STEALTH), "a blue fox --public")
    varied = results.reworded(followed(base, spec(), STEALTH, FOLLOWS["vl"], PICTURE), "a blue fox")

    assert ("a blue fox --public", False) == (whole.prompt.reveal(), whole.is_read)
    assert (None, STEALTH, False) == (whole.visibility, whole.parent, whole.tile)
    assert frozenset({4}) == whole.role_ids
    assert (Kind.VARY, STRONGLY, (PICTURE,)) == (varied.kind, varied.strength, varied.uploads)


def test_a_line_is_read_back_as_it_was_written():
    from bot.domain import Choices
    from bot.services.case import read_line
    from tests.asks import plan

    said = spec(
        prompt="a {red} fox::2 a den::1",
        negative_prompt="cars",
        width=1536,
        steps=12,
        guidance=4.5,
        sampler="euler",
        stop=0.5,
        tile=True,
        loras=(("ink", 0.5),),
        model="two",
    )
    asked = read_line(ask(line_of(said, CARD)), Choices(), plan(), lambda: 0)
    again = repeated(ask(""), said, PUBLIC)

    same = ("prompt", "negative_prompt", "steps", "guidance", "sampler", "stop", "tile", "loras")
    for name in same:
        assert getattr(again, name) == getattr(asked, name), name
    assert ("3:2", "two", 1) == (asked.aspect_ratio, asked.model, asked.count)


@pytest.mark.parametrize(
    ("line", "strength", "weight", "model"),
    [
        ("a fox", STRONGLY, None, "Second Sight"),
        ("a fox --strength 0.3", 0.3, None, "Second Sight"),
        ("a fox --iw 2", None, 2.0, "Second Sight"),
        ("a fox --model Pocket", STRONGLY, None, "Pocket"),
    ],
)
def test_what_is_typed_into_a_results_form_beats_what_its_button_says(
    line, strength, weight, model
):
    made = replace(spec(), model="Second Sight")
    pressed = results.reworded(followed(ask(""), made, PUBLIC, FOLLOWS["vl"], PICTURE), line)

    put = said.put(pressed, of(line))

    assert (strength, weight, model) == (put.strength, put.image_weight, put.model)


def test_a_button_beats_what_its_presser_keeps_for_their_prompts():
    pressed = results.reworded(followed(ask(""), spec(), PUBLIC, FOLLOWS["vl"], PICTURE), "a fox")

    assert STRONGLY == said.put(pressed, of("a fox", Kept("--strength 0.1"))).strength
