"""The parameters of a prompt line: each at, under and over its range, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.domain import At, Cause, Choices, Private, Refusal, Visibility
from bot.policy import lines, marked, parameters, preferences, prompt, said
from bot.policy.lines import Kept
from bot.words.parameters import INSTEAD, TAKES
from gen.job import Speed
from gen.samplers import SAMPLERS
from tests.asks import ask, plan
from tests.policy.reading import READ, of, refused

GOOD = [
    ("--ar 3:2", "aspect_ratio", "3:2"),
    ("--aspect 16:9", "aspect_ratio", "16:9"),
    ("--AR 03:2", "aspect_ratio", "3:2"),
    ("--no cars, red trees", "negative_prompt", "cars, red trees"),
    ("--seed 0", "seed", 0),
    ("--seed 4294967295", "seed", 2**32 - 1),
    ("--steps 1", "steps", 1),
    ("--steps 100", "steps", 100),
    ("--cfg 1", "guidance", 1.0),
    ("--cfg 20", "guidance", 20.0),
    ("--scale 7.5", "guidance", 7.5),
    ("--stylize 0", "stylize", 0),
    ("--s 1000", "stylize", 1000),
    ("--count 1", "count", 1),
    ("--n 4", "count", 4),
    ("--repeat 2", "repeat", 2),
    ("--r 1", "repeat", 1),
    ("--stop 10", "stop", 10),
    ("--stop 100", "stop", 100),
    ("--tile", "tile", True),
    ("--model dream", "model", "dream"),
    ("--m dream", "model", "dream"),
    ('--model "Dream 2"', "model", "Dream 2"),
    ("--model “Dream 2”", "model", "Dream 2"),
    ("--sampler DDIM", "sampler", "ddim"),
    ("--iw 0", "image_weight", 0.0),
    ("--iw 3", "image_weight", 3.0),
    ("--iw .5", "image_weight", 0.5),
    ("--strength 0", "strength", 0.0),
    ("--strength 1.0", "strength", 1.0),
    ("--fast", "speed", Speed.FAST),
    ("--relax", "speed", Speed.RELAX),
    ("--lora ink", "loras", (("ink", None),)),
    ("--lora ink:0.8 --lora oil:-2", "loras", (("ink", 0.8), ("oil", -2.0))),
    ("--spoiler", "spoiler", True),
    ("—seed 7", "seed", 7),
    ("–seed 7", "seed", 7),
    ("－－seed 7", "seed", 7),
    ("--seed=7", "seed", 7),
    ("--seed 7,", "seed", 7),
    ("--seed 7 --stealth", "seed", 7),
]


@pytest.mark.parametrize(("text", "field", "value"), GOOD)
def test_a_parameter_is_read_wherever_it_stands(text, field, value):
    for line in (f"a red fox {text}", f"a red fox{text}" if text[0] == "-" else f"fox {text}"):
        job = of(line)

        assert value == job.given[field].value
        assert "--" not in job.words
        assert job.words.startswith(("a red fox", "fox"))


BAD = {
    "ar": ["3", "3:0", "0:2", "1.5:1", "3:2:1", "wide", "3x2", "100000:1", "-3:2"],
    "seed": ["-1", "4294967296", "1.0", "x", "9" * 400, "٣"],
    "steps": ["0", "101", "-5", "many", "1e1"],
    "cfg": ["0.9", "20.1", "nan", "inf", "7,5", "--"],
    "stylize": ["-1", "1001", "high"],
    "count": ["0", "5", "two"],
    "repeat": ["0", "101", "x"],
    "stop": ["9", "101", "50%"],
    "sampler": ["best", "eul"],
    "iw": ["-0.1", "3.1", "x"],
    "strength": ["-0.1", "1.1", "60%"],
    "lora": ["ink:2.1", "ink:-3", "ink:x", ":1"],
}


@pytest.mark.parametrize(("name", "value"), [(name, each) for name in BAD for each in BAD[name]])
def test_a_value_out_of_its_range_is_named_with_its_place(name, value):
    refusal = refused(f"a red fox --{name} {value}")

    assert Cause.PARAMETER_VALUE is refusal.cause
    assert (name, At(11)) == (refusal.facts["name"], refusal.facts["at"])
    assert f"`--{name}` (at character 11) takes " in words.refused(refusal)


@pytest.mark.parametrize("name", [each.name for each in parameters.TABLE if each.read])
@pytest.mark.parametrize("rest", ["", " ", " --tile", " --stealth", " ,"])
def test_a_parameter_without_its_value_says_what_it_takes(name, rest):
    refusal = refused(f"fox --{name}{rest}")

    assert Cause.PARAMETER_EMPTY is refusal.cause
    assert f"`--{name}` (at character 5) needs a value: " in words.refused(refusal)


@pytest.mark.parametrize("name", ["tile", "spoiler", "fast", "relax"])
def test_a_flag_takes_no_value(name):
    refusal = refused(f"fox --{name}=yes")

    assert Cause.PARAMETER_VALUE is refusal.cause
    assert "stands alone" in words.refused(refusal)
    assert "fox in snow" == of(f"fox --{name} in snow").words


@pytest.mark.parametrize("parameter", parameters.TABLE, ids=lambda each: each.name)
def test_a_parameter_said_twice_is_refused_at_its_second_place(parameter):
    good = next(text for text, field, _ in GOOD if field == parameter.field and "—" not in text)
    one = good if parameter.name != "relax" else "--relax"
    one = one.split(" --")[0]

    refusal = refused(f"fox {one} {one}")

    assert Cause.PARAMETER_TWICE is refusal.cause
    assert At(len(f"fox {one} ") + 1) == refusal.facts["at"]


@pytest.mark.parametrize(
    "text", ["--fast --relax", "--cfg 3 --stylize 50", "--iw 1 --strength 0.5"]
)
def test_two_that_are_about_the_same_thing_are_refused(text):
    refusal = refused(f"fox {text}")

    assert Cause.PARAMETERS_DISAGREE is refusal.cause
    assert all(f"--{name}" in words.refused(refusal) for name in (refusal.facts["one"],))


@pytest.mark.parametrize("name", sorted(parameters.UNSERVED))
def test_what_other_bots_know_is_named_with_what_to_do_instead(name):
    refusal = refused(f"fox --{name} 5")
    said_of_it = words.refused(refusal)

    assert Cause.PARAMETER_UNSERVED is refusal.cause
    assert f"`--{name}` (at character 5)" in said_of_it
    assert INSTEAD[parameters.UNSERVED[name]] in said_of_it


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("sed", "seed"),
        ("sampeler", "sampler"),
        ("steath", "stealth"),
        ("stealthy", "stealth"),
        ("publik", "public"),
        ("aspekt", "aspect"),
        ("xyzzyxyzzy", ""),
        ("quick", ""),
    ],
)
def test_an_unknown_one_is_named_with_the_nearest(typed, nearest):
    refusal = refused(f"fox --{typed}")

    assert Cause.PARAMETER_UNKNOWN is refusal.cause
    assert (nearest, At(5)) == (refusal.facts["nearest"], refusal.facts["at"])
    assert Private(typed) == refusal.facts["name"]
    assert (f"`--{nearest}`" if nearest else "plain words") in words.refused(refusal)


def test_the_words_of_a_refusal_are_private():
    assert "xylophone" not in repr(refused("fox --xylophone")) + repr(refused("__xylophone__"))


def test_a_long_unknown_name_does_not_crowd_out_the_rest():
    assert len(words.refused(refused("fox --" + "x" * 5000))) < 500


@pytest.mark.parametrize(
    "text",
    [
        "a well--known fox",
        "a fox —a red one— in snow",
        "a fox -- red",
        "a fox — no cars",
        "the line–seed or not",
        "\\--ar 3:2 on a sign",
        "a --> b",
        "-ar 3:2",
        "x - y",
        "---",
        "(--)",
    ],
)
def test_what_is_no_parameter_stays_words(text):
    assert text == of(text).words
    assert {} == of(text).given


def test_places_are_counted_in_what_was_typed():
    for typed, place in (
        ("a  red\n fox   --steps 0", 15),
        ("\u200ba fox --steps 0", 8),
        ("--stealth fox --steps 0", 15),
        ("cafe\u0301 --steps 0", 7),
        ("café --steps 0", 6),
        ("{a, b} fox --steps 0", 12),
        ("\\{a --steps 0", 5),
        ("🦊 fox --steps 0", 7),
    ):
        assert At(place) == refused(typed).facts["at"], typed


def test_what_stands_behind_gives_way_to_the_prompts_own():
    kept = Kept(suffix="--ar 3:2 --stylize 50 --tile")

    job = of("fox --ar 1:1 --cfg 4", kept)

    assert {"aspect_ratio": "1:1", "guidance": 4.0, "tile": True} == {
        name: each.value for name, each in job.given.items()
    }


def test_an_option_of_ones_own_is_what_it_stands_for():
    kept = Kept(options={"wide": "--ar 3:2 --tile"})

    job = of("a fox --WIDE in snow", kept)

    assert "a fox in snow" == job.words
    assert ("3:2", True) == (job.given["aspect_ratio"].value, job.given["tile"].value)


def test_a_fault_in_what_is_kept_says_that_it_is_not_in_the_line():
    for kept in (Kept(suffix="--steps 0"), Kept(options={"wide": "--steps 0"})):
        refusal = refused("fox --wide" if kept.options else "fox", kept)

        assert At(None) == refusal.facts["at"]
        assert "`/prefer suffix`" in words.refused(refusal)


@pytest.mark.parametrize(
    "kept", [Kept(suffix="--public"), Kept(options={"x": "--public"}, suffix="")]
)
def test_nothing_that_is_kept_makes_a_job_public(kept):
    line = lines.read("fox --x" if kept.options else "fox", kept, plan(), lambda: 0)

    assert isinstance(line, Refusal)


@pytest.mark.parametrize("typed", ["fox --{public, x}", "fox {--, x}public", "--__w__ fox"])
def test_public_does_not_come_together_out_of_pieces(typed):
    refusal = refused(typed, Kept(wildcards={"w": ["public"]}))

    assert Cause.VISIBILITY_PUT_TOGETHER is refusal.cause


@pytest.mark.parametrize("typed", ["{--stealth, a} fox", "fox {--, a}stealth", "--{stealth, tile}"])
def test_stealth_in_one_of_its_jobs_is_stealth_for_the_line(typed):
    line = lines.read(typed, Kept(), READ, lambda: 0)

    assert Visibility.STEALTH is line.said


@pytest.mark.parametrize(
    ("typed", "place"),
    [("a::1.2.3 b", 2), ("a::--2 b", 2), ("fox a::101", 6), ("a::-100.1 b::200", 2)],
)
def test_a_weight_that_is_no_number_is_refused_with_its_place(typed, place):
    refusal = refused(typed)

    assert (Cause.WEIGHT, At(place)) == (refusal.cause, refusal.facts["at"])


@pytest.mark.parametrize("typed", ["a::-1", "a::1 b::-1", "a::0"])
def test_weights_that_want_nothing_are_refused(typed):
    assert Cause.WEIGHTS_SUM is refused(typed).cause


@pytest.mark.parametrize("typed", ["hot::1.5 dog::-1", "std\\::x", "a:: b", "a::2. b"])
def test_weights_stay_in_the_words(typed):
    assert typed == of(typed).words


def test_every_parameter_says_what_it_takes_and_every_stranger_what_to_do():
    assert {each.name for each in parameters.TABLE} == set(TAKES)
    assert set(parameters.UNSERVED.values()) == set(INSTEAD)
    assert not parameters.KNOWN.keys() & parameters.UNSERVED.keys()
    assert all(name in TAKES["sampler"] for name in SAMPLERS)


@pytest.mark.parametrize("name", [*parameters.KNOWN, "stealth", "private", "public"])
def test_no_option_of_ones_own_takes_the_name_of_a_parameter(name):
    taken = preferences.with_option(Choices(), name, "--tile")

    assert isinstance(taken, Refusal)


def test_style_is_guidance_that_shrinks():
    curve = [said.guidance_of(7.0, stylize) for stylize in (0, 50, 100, 550, 1000)]

    assert [10.0, 8.5, 7.0, 5.5, 4.0] == pytest.approx(curve)
    assert prompt.MAX_GUIDANCE == said.guidance_of(20.0, 0)


_TYPED = "fox --ar 3:2 --no --seed 7 { } {a,b} , \\ ::2 __w__ — --stealth --public --tile --mine é"
pieces = st.sampled_from([*_TYPED.split(" "), "e\u0301", "\u200b", " ", "\n"])


@given(st.one_of(st.text(), st.lists(pieces).map("".join), st.lists(pieces).map(" ".join)))
def test_any_line_is_read_and_every_place_lies_in_it(typed):
    kept = Kept("--steps 9", {"mine": "--ar 1:1"}, {"w": ["red", "blue"]})

    line = lines.read(typed, kept, READ, lambda: 3)

    if isinstance(line, Refusal):
        at = line.facts.get("at", At(None))
        assert at.character is None or 1 <= at.character <= max(1, len(typed))
        assert words.refused(line)
    else:
        assert 1 <= len(line.jobs) <= READ.max_permutations
        assert all(job.words == " ".join(job.words.split()) for job in line.jobs)


@given(st.text())
def test_marked_words_are_the_drawable_ones_and_stand_where_they_were_typed(typed):
    line = marked.drawable(typed)

    assert prompt.drawable(typed) == line.text
    assert len(line.text) == len(line.places)
    assert all(0 <= place < len(typed) for place in line.places)
    assert list(line.places) == sorted(line.places)


values = {
    "--ar": ("aspect_ratio", "3:2", "3:2"),
    "--seed": ("seed", "7", 7),
    "--steps": ("steps", "9", 9),
    "--cfg": ("guidance", "4.5", 4.5),
    "--count": ("count", "3", 3),
    "--tile": ("tile", "", True),
}


@given(
    st.lists(st.sampled_from(["a", "red", "fox,", "(snow)", "well-known", "50%"]), min_size=1),
    st.lists(st.sampled_from(sorted(values)), unique=True),
    st.randoms(),
)
def test_words_and_parameters_come_apart_in_any_mixture(said_words, names, random):
    said_parameters = [f"{name} {values[name][1]}".strip() for name in names]
    mixture = said_words[:1] + said_parameters
    random.shuffle(mixture)
    mixture += said_words[1:]

    job = of(" ".join(mixture))

    assert sorted(said_words) == sorted(job.words.split())
    assert {values[name][0]: values[name][2] for name in names} == {
        field: each.value for field, each in job.given.items()
    }


@pytest.mark.parametrize(
    "piece", ["-", "--", "--a", " --n", "{", "}", "{a,", "\\{", "__", "__a__", "::", "e\u0301", ","]
)
def test_a_line_made_to_hold_up_the_house_is_read(piece):
    """Time that grows with the square of a text would overstep the test's own limit."""
    lines.read(piece * 20_000, Kept(wildcards={"a": ["x" * 2000]}), READ, lambda: 0)


def test_what_somebody_typed_is_in_no_text_about_a_line():
    typed = "a fox --no canary --lora canary --model canary"
    read = parameters.read(marked.drawable(typed))
    asked = said.put(ask(""), of(typed))

    assert not isinstance(asked, Refusal)
    assert ("canary", "canary") == (asked.model, asked.loras[0][0])
    assert "canary" not in f"{read!r} {asked!r}"
