"""What people read: every refusal and ending has its sentence, and nothing typed does any harm."""

import re
from dataclasses import fields, replace
from datetime import UTC

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import words
from bot.crypto import tickets
from bot.domain import (
    Cause,
    ChannelId,
    Choices,
    DmId,
    Ending,
    Input,
    JobId,
    OptOut,
    PersonId,
    Question,
    Receipt,
    Refusal,
    Shut,
    Visibility,
    Why,
)
from bot.policy import (
    granting,
    moderation,
    parameters,
    place,
    plans,
    preferences,
    prompt,
    promptline,
    promptrules,
    retention,
    said,
    span,
    speed,
    starts,
    visibility,
)
from bot.policy.plans import StealthRule, Usage
from bot.policy.results import FOLLOWS, STRONGLY, SUBTLY
from bot.policy.retention import DataClass
from bot.policy.server import AdultHere, ServerSettings, StealthHere
from bot.ports import Post
from bot.route import PublicRoute, Route, StealthRoute
from bot.services.studio import Studio
from bot.words import CONTENT_LIMIT, PublicShown, Shown, StealthShown, echo, pictures, results
from bot.words import help as helping
from bot.words.help import Reader
from gen.card import Card
from gen.job import Kind, Side, Spec, Speed
from tests.asks import CANVAS, ask, dm, plan, where
from tests.facts import SHIPPED
from tests.fakes import CARD, READY, FakeEngine
from tests.policy.reading import of, refused
from tests.test_house import _commands as registered_commands

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
JOB, ANA = JobId("ab" * 16), PersonId(2**64 - 1)
FRESH = Usage()


def said_by_prompt(**asked) -> Refusal:
    return prompt.check(ask(**asked), CANVAS)


def said_by_plan(usage=FRESH, seen=PUBLIC, **asked) -> Refusal:
    spec = Spec(prompt="a fox", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))
    return plans.allowance(plan(max_pixels=64 * 64), usage, ask(**asked), spec, seen)


STUDIO = Studio(
    CARD,
    FakeEngine(ready=replace(READY, unfit=("Broken",), memory_bytes=2_000_000_000)),
    (Card(name="Dream", family="sd"), Card(name="Broken", family="sd")),
    {"Dream": 2_000_000_000},
)

REFUSALS: dict[Cause, Refusal] = {
    Cause.PROMPT_EMPTY: said_by_prompt(prompt=" "),
    Cause.PROMPT_TOO_LONG: said_by_prompt(prompt="x" * 6001),
    Cause.NOTHING_DRAWABLE: said_by_prompt(prompt="🦊"),
    Cause.DESCRIBE_BUSY: Refusal(Cause.DESCRIBE_BUSY),
    Cause.DESCRIBE_UNDECLARED: Refusal(Cause.DESCRIBE_UNDECLARED),
    Cause.DESCRIBE_FAILED: Refusal(Cause.DESCRIBE_FAILED),
    Cause.DESCRIBE_NOTHING: Refusal(Cause.DESCRIBE_NOTHING),
    Cause.STEPS: said_by_prompt(steps=101),
    Cause.GUIDANCE: said_by_prompt(guidance=20.5),
    Cause.SEED: said_by_prompt(seed=-1),
    Cause.COUNT: said_by_prompt(count=5),
    Cause.SIZE: said_by_prompt(aspect_ratio="16:9"),
    Cause.PLAN_STEPS: said_by_plan(steps=31),
    Cause.PLAN_COUNT: said_by_plan(count=5),
    Cause.PLAN_SIZE: plans.allowance(
        plan(max_pixels=64 * 63),
        FRESH,
        ask(),
        Spec(prompt="a fox", width=64, height=64, steps=4, guidance=3.0, seeds=(7,)),
        PUBLIC,
    ),
    Cause.GPU_TIME_USED_UP: speed.decide(
        plan(speeds=(Speed.FAST,), gpu_seconds_per_month=60),
        Usage(gpu_milliseconds=59_000),
        None,
        2.0,
        turns_at=1_800_000_000,
    ),
    Cause.SPEED_NOT_IN_PLAN: speed.offered(plan(), Speed.FAST),
    Cause.WAITING_FULL: said_by_plan(Usage(waiting_jobs=3)),
    Cause.PICTURES_USED_UP: said_by_plan(Usage(pictures=40)),
    Cause.STEALTH_USED_UP: said_by_plan(Usage(stealth_jobs=3), STEALTH),
    Cause.PLAN_STEALTH_NEVER: visibility.decide(
        plan(stealth=StealthRule.NEVER), in_dm=False, said=STEALTH
    ),
    Cause.PLAN_STEALTH_ALWAYS: visibility.decide(
        plan(stealth=StealthRule.ALWAYS), in_dm=False, said=PUBLIC
    ),
    Cause.DM_IS_STEALTH: visibility.decide(plan(), in_dm=True, said=PUBLIC),
    Cause.VISIBILITY_TWICE: promptline.read("a fox --stealth --public"),
    Cause.NEVER_PUBLIC: visibility.decide(plan(), in_dm=False, said=PUBLIC, never_public=True),
    Cause.CHOICE_NEEDS_STEALTH: visibility.decide(
        plan(stealth=StealthRule.NEVER), in_dm=False, said=None, sticky=STEALTH
    ),
    Cause.DURATION: retention.parse("soon"),
    Cause.SPAN: span.read("soon", "0", now=0, zone=UTC),
    Cause.SPAN_ORDER: span.read("0", "7d", now=0, zone=UTC),
    Cause.LOOSER_THAN_ALLOWED: retention.tighten(
        DataClass.RECIPE, retention.YEAR, retention.effective(DataClass.RECIPE)
    ),
    Cause.SHORTER_THAN_WORKS: retention.tighten(
        DataClass.PICTURE, 0, retention.effective(DataClass.PICTURE)
    ),
    Cause.LIFETIME_FIXED: retention.tighten(
        DataClass.QUOTA, 0, retention.effective(DataClass.QUOTA)
    ),
    Cause.FORUM_ROOT: place.check(where(is_forum=True)),
    Cause.BOT_PERMISSIONS: place.check(where(bot_may=frozenset())),
    Cause.ASKER_PERMISSIONS: place.check(where(asker_may=frozenset())),
    Cause.ASKER_TIMED_OUT: place.check(where(asker_timed_out=True)),
    # these are not said by rules, but by the deeds themselves
    Cause.QUEUE_FULL: Refusal(Cause.QUEUE_FULL, {"limit": 500, "line": "2 h"}),
    Cause.SERVER_FULL: Refusal(Cause.SERVER_FULL, {"limit": 250}),
    Cause.HOUSE_CLOSED: Refusal(Cause.HOUSE_CLOSED, {"why": Shut.DISK}),
    Cause.REPEATED: Refusal(Cause.REPEATED),
    Cause.OPTED_OUT: Refusal(Cause.OPTED_OUT),
    Cause.SERVER_ONLY: Refusal(Cause.SERVER_ONLY),
    Cause.NOT_A_MODERATOR: Refusal(Cause.NOT_A_MODERATOR),
    Cause.NEEDS_MANAGE_SERVER: Refusal(Cause.NEEDS_MANAGE_SERVER),
    Cause.NOTHING_HERE: Refusal(Cause.NOTHING_HERE),
    Cause.PREVIEW_OVER: Refusal(Cause.PREVIEW_OVER),
    Cause.BLOCKED_HERE: Refusal(Cause.BLOCKED_HERE, {"until": "<t:1:D>"}),
    Cause.BLOCKED: Refusal(Cause.BLOCKED, {"until": " until <t:1:D>"}),
    Cause.CHANNEL_NOT_ALLOWED: moderation.may_stand_in(where(), ServerSettings(channels=(1, 2))),
    Cause.SERVER_FORBIDS_STEALTH: visibility.decide(
        plan(), in_dm=False, said=STEALTH, here=StealthHere.FORBID
    ),
    Cause.SERVER_FLOOR: visibility.decide(plan(), in_dm=False, said=PUBLIC, here=StealthHere.FLOOR),
    Cause.STEALTH_OFF: Refusal(Cause.STEALTH_OFF, {"until": "<t:1:D>"}),
    Cause.PROMPT_RULE: Refusal(Cause.PROMPT_RULE, {"rule": "manners", "whose": "this server"}),
    Cause.RULE_NAME: promptrules.check_rule("", "gore", is_pattern=False),
    Cause.RULE_WORDS: promptrules.check_rule("manners", ", !", is_pattern=False),
    Cause.RULE_PATTERN: promptrules.check_rule("manners", "(gore", is_pattern=True),
    Cause.RULE_TOO_LONG: promptrules.check_rule("manners", "gore" * 60, is_pattern=False),
    Cause.RULE_TOO_WIDE: promptrules.check_rule("manners", "(gore)*", is_pattern=True),
    Cause.RULE_TOO_MANY: Refusal(Cause.RULE_TOO_MANY, {"limit": promptrules.MAX_RULES}),
    Cause.RULE_TWICE: Refusal(Cause.RULE_TWICE),
    Cause.NO_SUCH_RULE: Refusal(Cause.NO_SUCH_RULE),
    Cause.BLOCK_UNTIL: moderation.block_end("soon", 0, UTC),
    Cause.NO_SUCH_PLAN: granting.grant_of((plan(), plan(name="Plus")), "Max", "7d", 0, UTC),
    Cause.GRANT_UNTIL: granting.grant_of((plan(), plan(name="Plus")), "Plus", "soon", 0, UTC),
    Cause.NO_CEILING: Refusal(Cause.NO_CEILING, {"server": 100}),
    Cause.ABOVE_CEILING: Refusal(Cause.ABOVE_CEILING, {"plan": "Pro", "ceiling": "Plus"}),
    Cause.PLAN_ROLE: Refusal(Cause.PLAN_ROLE),
    Cause.NOT_THE_OPERATOR: Refusal(Cause.NOT_THE_OPERATOR),
    Cause.NOT_THAT_PERSON: moderation.may_act_on(ANA, ANA, None),
    Cause.ROLE_OF_ALL: Refusal(Cause.ROLE_OF_ALL),
    Cause.ADULT_PROMPT: moderation.not_for_adults(PUBLIC, AdultHere.NEVER),
    Cause.PARAMETER_UNKNOWN: refused("a fox --sed 7"),
    Cause.PARAMETER_UNSERVED: refused("a fox --chaos 7"),
    Cause.PARAMETER_TWICE: refused("a fox --seed 7 --seed 8"),
    Cause.PARAMETER_EMPTY: refused("a fox --lora"),
    Cause.PARAMETER_VALUE: refused("a fox --cfg 0.5"),
    Cause.PARAMETER_NEEDS_IMAGE: said.put(ask(), of("a fox --iw 2")),
    Cause.PARAMETERS_DISAGREE: said.put(ask(seed=1), of("a fox --seed 2")),
    Cause.BRACES: refused("a {red, blue fox"),
    Cause.WEIGHT: refused("a fox::1.2.3"),
    Cause.WEIGHTS_SUM: refused("a fox::-1"),
    Cause.WILDCARD_UNKNOWN: refused("a __colour__ fox"),
    Cause.VISIBILITY_PUT_TOGETHER: refused("a fox --{public, tile}"),
    Cause.PLAN_REPEAT: Refusal(Cause.PLAN_REPEAT, {"plan": "Free", "limit": 2}),
    Cause.PLAN_PERMUTATIONS: refused("{0,1,2,3,4,5,6}{0,1,2,3,4,5,6}"),
    Cause.PLAN_JOBS: Refusal(Cause.PLAN_JOBS, {"plan": "Free", "limit": 3, "jobs": 8}),
    Cause.MODEL_CANNOT: said.unserved(
        Card(name="Words", family="words"),
        Spec(
            prompt="a::2 fox",
            negative_prompt="cars",
            width=64,
            height=64,
            steps=4,
            guidance=3.0,
            seeds=(7,),
            sampler="ddim",
            stop=0.5,
            tile=True,
            loras=(("ink", 1.0),),
        ),
    ),
    Cause.NO_GUIDANCE: said.check_for(
        ask(stylize=50), Card(name="Swift", family="sdxl", guidance=0.0)
    ),
    Cause.NO_SUCH_LORA: said.check_for(
        ask(loras=(("ink", None),)), Card(name="Plain", family="sdxl")
    ),
    Cause.NO_SUCH_MODEL: STUDIO.refusal("dreem"),
    Cause.MODEL_UNFIT: STUDIO.refusal("Broken"),
    Cause.MODEL_MEMORY: STUDIO.lacks_memory(
        Spec(prompt="a fox", width=512, height=768, steps=4, guidance=1, seeds=(1,), model="Dream")
    ),
    Cause.SETTING_NAME: preferences.with_option(Choices(), "2nd", "--tile"),
    Cause.SETTING_NAME_TAKEN: preferences.with_option(Choices(), "ar", "--tile"),
    Cause.SETTING_VISIBILITY: preferences.with_suffix(Choices(), "--public"),
    Cause.SETTING_WORDS: preferences.with_suffix(Choices(), "a fox"),
    Cause.SETTING_TOO_LONG: preferences.with_suffix(Choices(), "x" * 201),
    Cause.SETTING_TOO_MANY: preferences.with_option(
        Choices(options={f"mine-{number}": "--tile" for number in range(20)}), "more", "--tile"
    ),
    Cause.SETTING_ENTRIES: preferences.with_wildcard(
        Choices(), "colour", ",".join(map(str, range(101)))
    ),
    Cause.SETTING_NOT_PLAIN: preferences.with_wildcard(Choices(), "colour", "--tile"),
    Cause.NO_SUCH_SETTING: preferences.with_option(Choices(), "mine", ""),
    **{cause: Refusal(cause) for cause in Cause if cause.startswith("input-")},
    Cause.INPUT_MISSING: starts.check(ask(kind=Kind.VARY)),
    Cause.MASK_ALONE: starts.check(ask(masked=True)),
    Cause.STRENGTH_ALONE: starts.check(ask(strength=0.5)),
    Cause.MASK_SHAPE: starts.check_inputs(
        ask(kind=Kind.VARY, masked=True, inputs=(Input(b"", 64, 64), Input(b"", 64, 96)))
    ),
    Cause.UPSCALE_SIZE: starts.check_inputs(
        ask(kind=Kind.UPSCALE, scale=4.0, inputs=(Input(b"", 2000, 1000),))
    ),
}


@pytest.mark.parametrize("cause", Cause)
def test_every_refusal_has_a_sentence_that_holds_its_facts(cause):
    refusal = REFUSALS[cause]

    said = words.refused(refusal)

    assert cause is refusal.cause
    assert said.endswith(".")
    assert not re.search(r"[{}]|frozenset|\bNone\b|\.0\b|_", said), said
    assert len(said) <= CONTENT_LIMIT


def test_a_refusal_by_the_plan_names_plan_and_limit():
    assert "Free" in words.refused(REFUSALS[Cause.PICTURES_USED_UP])
    assert "40" in words.refused(REFUSALS[Cause.PICTURES_USED_UP])


def test_permissions_are_named_as_discord_names_them():
    said = words.refused(REFUSALS[Cause.BOT_PERMISSIONS])

    assert "View Channel, Read Message History, Send Messages, Attach Files, Embed Links" in said
    assert all(
        words.permission_name(flag) != flag
        for thread in (True, False)
        for flag in place.bot_needs(where(is_thread=thread))
    )


def test_a_range_is_said_in_whole_numbers():
    assert "Guidance goes from 1 to 20." in words.refused(REFUSALS[Cause.GUIDANCE])
    assert "0 to 4294967295" in words.refused(REFUSALS[Cause.SEED])


def test_the_ratios_of_the_model_are_listed():
    assert "1:1, 3:2, 2:3" in words.refused(REFUSALS[Cause.SIZE])


@pytest.mark.parametrize("ending", [one for one in Ending if one is not Ending.MOVED])
def test_every_ending_has_a_sentence_and_says_that_it_cost_nothing(ending):
    said = words.ended(ending)

    assert said.endswith(".")
    assert "cost you nothing" in said


# --- echo ---------------------------------------------------------------------------------------

READ_BY_DISCORD = {
    "a user": r"<@!?\d",
    "a role": r"<@&\d",
    "everybody": r"@everyone|@here",
    "a channel": r"<#\d",
    "an emoji": r"<a?:\w",
    "a time": r"<t:\d",
    "a command or a guide": r"</\w|<id:",
    "a link": r"https?://|\w+://",
    "an invite": r"discord(app)?\.(gg|com)",
    "a mail address": r"\w@\w",
}
"""What Discord looks for in a text whatever stands before it."""

MARKS = set("*_~`|>#[]()-<:@/.")
"""What begins formatting, unless a backslash stands before it."""

HOSTILE = [
    "<@1>",
    "<@!1>",
    "<@&1>",
    "@everyone",
    "@here",
    "@@everyone",
    "@\u200deveryone",
    "<#1>",
    "<:smile:1>",
    "<a:smile:1>",
    "<t:1700000000:R>",
    "</imagine:1>",
    "<id:customize>",
    "https://example.com/a?b=c#d",
    "HTTPS://EXAMPLE.COM",
    "<https://example.com>",
    "[click](https://example.com)",
    "[click](<https://example.com>)",
    "steam://run/1",
    "discord.gg/abc",
    "Discord.GG/abc",
    "discord.com/invite/abc",
    "discordapp.com/invite/abc",
    "mail@example.com",
    "**bold** __under__ *it* _it_ ~~gone~~",
    "`code` ```block```",
    "```\nblock\n```",
    "||spoiler||",
    "# heading",
    "fox\n# heading",
    "-# small",
    "> quote",
    ">>> quote",
    "- item\n* item\n1. item",
    "\\",
    "\\\\",
    "\\*not bold\\*",
    "fox\\",
    "**",
    "** – <@1>",
    "\n\n\n",
    "@" * 900,
    "://" * 300,
    "discord.gg" * 90,
    "\\" * 5000,
    "*" * 6000,
    "𝔣" * 6000,
]


def read(text: str) -> list[tuple[str, bool]]:
    """Characters as Discord reads them, each with whether a backslash took its meaning."""
    found, rest = [], iter(text)
    for char in rest:
        if char == "\\":
            found.append((next(rest, ""), True))
        else:
            found.append((char, False))
    return found


hostile = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.sampled_from(sorted(MARKS)), st.text(max_size=8)),
    max_size=12,
).map("".join)


def harmless(typed: str) -> None:
    said = echo(typed)

    assert [] == [what for what, looks in READ_BY_DISCORD.items() if re.search(looks, said, re.I)]
    assert [] == [char for char, escaped in read(said) if char in MARKS and not escaped]
    assert ("", True) not in read(said)  # a last backslash would eat what we write behind it
    assert 1 >= len(said.splitlines())


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_is_repeated_without_harm(typed):
    harmless(typed)


@given(hostile)
def test_whatever_is_typed_is_repeated_without_harm(typed):
    harmless(typed)


@given(hostile, st.sampled_from([1, 0, 100]))
@example("@" * 30, 100)
@example("://" * 10, 100)
def test_whatever_is_typed_fits_a_message_with_all_that_stands_around_it(typed, step):
    shown = PublicShown(JOB, ANA, typed * 30)

    for post in (
        words.waiting(shown, was_interrupted=True),
        words.progress(shown, step, 100, None),
        words.result(shown, [b"x"], notify=True),
    ):
        assert len(post.content) <= CONTENT_LIMIT


@pytest.mark.parametrize("typed", ["a red fox", "лиса, 狐 & ثعلب", "it's 100%?", "a" * 900])
def test_ordinary_words_are_repeated_as_they_are(typed):
    assert typed == echo(typed)


def test_a_long_prompt_is_cut_with_an_ellipsis():
    said = echo("fox " * 400)

    assert said.endswith("fox…")
    assert len(said) <= words.ECHO_LIMIT


# --- what a stealth job shows -------------------------------------------------------------------


TICKET = tickets.derive(b"k" * 32)
SHOWN: dict[Visibility, Shown] = {
    PUBLIC: PublicShown(JOB, ANA, "xylophone"),
    STEALTH: StealthShown(JOB, ANA, TICKET.text, "2026-11-28"),
}
_TO = {"owner": ANA, "interaction_token": "token", "upload_limit_bytes": 1, "result_id": 3}
ROUTE: dict[Visibility, Route] = {
    PUBLIC: PublicRoute(guild_id=1, channel_id=ChannelId(2), **_TO),
    STEALTH: StealthRoute(dm_id=DmId(2), **_TO),
}


def posts_of(shown: Shown) -> list[Post]:
    return [
        words.waiting(shown),
        words.progress(shown, 0, 4, b"a preview"),
        words.progress(shown, 4, 4, b"a preview"),
        words.result(shown, [b"one", b"two"], notify=True),
        words.result(shown, [b"one"], notify=False, are_smaller=True),
        words.waiting(shown, was_interrupted=True),
    ]


def test_of_a_stealth_job_a_message_can_hold_no_words_not_even_for_its_owner():
    shown = {one.name for one in fields(StealthShown)}
    assert {"job", "owner", "ticket", "until", "is_spoiler"} == shown


def test_a_stealth_job_shows_no_preview_unless_its_owner_turned_that_on():
    assert () == words.progress(SHOWN[STEALTH], 2, 4, b"a preview").files

    post = words.progress(SHOWN[STEALTH], 2, 4, b"a preview", shows_stealth=True)
    assert [b"a preview"] == [picture.content for picture in post.files]


def test_only_the_owner_of_a_stealth_job_reads_in_its_place_where_it_stands_in_line():
    assert "#3 in line" in words.waiting(SHOWN[STEALTH], 3).content
    assert words.waiting(SHOWN[PUBLIC]) == words.waiting(SHOWN[PUBLIC], 3)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "50% · step 2 of 4 · public"),
        (3.0, "50% · step 2 of 4 · 3 s so far, about 3 s left · 0.67 steps a second · public"),
    ],
)
def test_a_running_job_says_how_far_it_is_and_how_long_it_takes(seconds, told):
    post = words.progress(SHOWN[PUBLIC], 2, 4, None, seconds=seconds)

    assert post.content.endswith(told)


@pytest.mark.parametrize(("seen", "other"), [(PUBLIC, "stealth"), (STEALTH, "public")])
def test_every_line_of_a_job_that_waits_or_runs_says_who_sees_it(seen, other):
    for post in posts_of(SHOWN[seen])[:3]:
        assert post.content.endswith(f" · {seen}")
        assert f"· {other}" not in post.content


def test_a_public_job_whose_words_are_hidden_shows_none_of_them():
    for post in posts_of(PublicShown(JOB, ANA, None)):
        assert "words hidden" in post.content
        assert f"<@{ANA}>" in post.content


def test_a_public_job_without_words_is_told_as_a_picture_by_whoever_asked():
    for post in posts_of(PublicShown(JOB, ANA, "")):
        assert post.content.startswith(f"A picture by <@{ANA}>")
        assert "words hidden" not in post.content


def spec(**changed) -> Spec:
    plain = {"prompt": "xylophone", "width": 64, "height": 64, "steps": 4, "guidance": 3.0}
    inputs = int(changed.get("kind", Kind.IMAGINE) is not Kind.IMAGINE)
    return Spec(**(plain | {"seeds": (987654,), "inputs": inputs} | changed))


MADE: dict[str, dict[str, object]] = {
    "": {},
    "Image": {"kind": Kind.UPSCALE, "strength": 0.0},
    "Upscaled 2×": {"kind": Kind.UPSCALE, "strength": 0.3, "scale": 2.0},
    "Variation (strong)": {"kind": Kind.VARY, "strength": STRONGLY},
    "Variations (subtle)": {"kind": Kind.VARY, "strength": SUBTLY, "seeds": (1, 2)},
    "Variation": {"kind": Kind.VARY, "strength": 0.5},
    "Variations (region)": {"kind": Kind.VARY, "masked": True, "inputs": 2, "seeds": (1, 2)},
    "Zoomed out 1.5×": {"kind": Kind.ZOOM, "scale": 1.5},
    "Panned left": {"kind": Kind.PAN, "towards": Side.LEFT},
    "Blend": {"kind": Kind.BLEND, "inputs": 2},
}


@pytest.mark.parametrize(("noun", "changed"), MADE.items())
def test_what_was_made_is_named_without_words_and_seeds(noun, changed):
    assert noun == results.made_as(spec(**changed))


@pytest.mark.parametrize(
    ("prompt", "line"),
    [
        ("xylophone", f"**xylophone** · Upscaled 2× – <@{ANA}>"),
        ("", f"Upscaled 2× by <@{ANA}>"),
        (None, f"Upscaled 2× by <@{ANA}> · words hidden"),
    ],
)
def test_a_public_job_says_what_is_made_of_a_picture(prompt, line):
    for post in posts_of(PublicShown(JOB, ANA, prompt, made="Upscaled 2×")):
        assert post.content.startswith(line)


def test_the_copy_of_what_was_made_of_a_picture_says_so():
    assert "**Made as**" not in results.copied(JOB, (), "a fox", (7,), "x").content
    assert "**Made as** Blend" in results.copied(JOB, (), "", (7,), "x", "Blend").content


@pytest.mark.parametrize(
    ("verb", "strength", "said"),
    [
        ("vs", SUBTLY, "A variation of this picture, changed a little."),
        ("vl", STRONGLY, "A variation of this picture, changed a lot."),
        ("v2", SUBTLY, "Variations of picture 2, changed a little."),
        ("v2", 0.5, "Variations of picture 2."),
    ],
)
def test_a_press_says_whether_one_variation_comes_or_several(verb, strength, said):
    assert said == results.following(FOLLOWS[verb], strength)


def test_a_button_pressed_too_soon_is_told_to_wait_before_it_is_told_of_a_loss():
    said = words.EXPIRED_RECIPE

    assert 0 <= said.index("only just come") < said.index("again in a moment") < said.index("gone")


def test_the_copy_of_a_picture_that_no_words_made_names_no_prompt():
    assert "**Prompt** a fox" in results.copied(JOB, (), "a fox", (7,), "x").content

    wordless = results.copied(JOB, (), "", (7,), "x").content
    assert "**Prompt**" not in wordless
    assert "**Seed** 7" in wordless


def test_a_stealth_result_says_until_when_its_buttons_work():
    post = words.result(SHOWN[STEALTH], [b"1"], notify=False)

    assert "its buttons work until 2026-11-28" in post.content


def test_a_public_job_shows_its_prompt_its_owner_and_its_preview():
    post = words.progress(PublicShown(JOB, ANA, "xylophone"), 2, 4, b"a preview")

    assert f"**xylophone** – <@{ANA}> ▰▰▰▰▰▱▱▱▱▱ 50% · step 2 of 4 · public" == post.content
    assert [b"a preview"] == [picture.content for picture in post.files]


@pytest.mark.parametrize("seen", Visibility)
def test_files_are_named_by_number_and_described_as_made_by_ai(seen):
    post = words.result(SHOWN[seen], [b"RIFF1", b"\x89PNG2", b"\xff\xd83"], notify=False)

    assert ["image-1.webp", "image-2.png", "image-3.jpg"] == [
        picture.filename for picture in post.files
    ]
    assert {"Picture made by AI"} == {picture.description for picture in post.files}


@pytest.mark.parametrize("seen", Visibility)
def test_only_a_new_message_pings_and_only_its_owner(seen):
    shown = SHOWN[seen]

    assert ANA == words.result(shown, [b"1"], notify=True).mention
    assert {None} == {post.mention for post in (*posts_of(shown)[:3], posts_of(shown)[4])}


@pytest.mark.parametrize("seen", Visibility)
def test_every_button_fits_discords_limit(seen):
    ids = [button.custom_id for post in posts_of(SHOWN[seen]) for button in post.buttons]
    recipe = JOB if seen is PUBLIC else TICKET.text

    assert {
        f"v1:cancel:{JOB}",
        f"v1:delete:{JOB}",
        f"v1:again:{recipe}",
        f"v1:recipe:{recipe}",
        *([f"v1:report:{JOB}", f"v1:star:{JOB}"] if seen is PUBLIC else []),
    } == set(ids)
    assert all(len(one) <= 100 for one in ids)


def test_what_a_stealth_result_shows_does_not_print_the_key_in_its_buttons():
    assert TICKET.text not in repr(SHOWN[STEALTH]) + repr(posts_of(SHOWN[STEALTH]))


def test_what_a_place_may_show_does_not_print_its_prompt():
    assert "xylophone" not in repr(PublicShown(JOB, ANA, "xylophone"))


# --- the ephemeral answers ----------------------------------------------------------------------


def receipt(seen: Visibility, **changed) -> Receipt:
    plain = {
        "job": JOB,
        "visibility": seen,
        "speed": Speed.RELAX,
        "position": 1,
        "eta_seconds": 2.0,
        "fast_seconds": 0.0,
        "fast_again_at": None,
        "notes": (),
        "engine_note": None,
        "stealth_left_today": 2,
    }
    return Receipt(**(plain | changed))


def statuses(seen: Visibility, **changed) -> list[Post]:
    notes = changed.get("notes", ())
    return [
        words.accepted(receipt(seen, **changed)),
        words.delivered(JOB, replace(ROUTE[seen], notes=notes)),
    ]


@pytest.mark.parametrize("seen", Visibility)
def test_every_status_says_who_can_see_it_and_what_it_may_be_used_for(seen):
    for post in statuses(seen):
        assert "**Who can see it:** " in post.content
        assert (
            "**What it may be used for:** to make your picture; nothing is trained" in post.content
        )


@pytest.mark.parametrize("seen", Visibility)
def test_no_note_however_long_pushes_the_two_lines_out(seen):
    notes = (*words.unknown(["@" * 6000] * 50), words.AI_NOTICE, words.kept(seen, 86400))

    for post in statuses(seen, notes=notes, engine_note=words.LOADING):
        assert len(post.content) <= CONTENT_LIMIT
        assert "nothing is trained on it." in post.content


def test_the_two_lines_tell_stealth_from_public_and_hide_neither_discord_nor_the_operator():
    assert "everybody who can read this channel" in words.two_lines(PUBLIC)[0]
    assert "in your DM" in words.two_lines(STEALTH)[0]
    assert "Discord" in words.two_lines(STEALTH)[0]
    assert "operator" in words.two_lines(STEALTH)[0]


def test_who_asked_for_words_that_the_model_knows_hears_nothing_of_words():
    assert () == words.unknown([])


def test_words_the_model_does_not_know_are_quoted_without_harm():
    (said,) = words.unknown(["<@1>", "@everyone"])

    assert "<@1>" not in said
    assert "@everyone" not in said


def test_the_first_answer_says_how_long_words_are_kept_and_who_can_open_them():
    assert "for 30 days, sealed on this machine." in words.kept(PUBLIC, 30 * 86400)
    assert "only the buttons in your DM can open them." in words.kept(STEALTH, 7 * 86400)


@pytest.mark.parametrize(("seen", "hides"), [(PUBLIC, True), (STEALTH, False)])
def test_only_what_others_see_can_be_taken_out_of_their_sight(seen, hides):
    for post in statuses(seen):
        assert hides is (f"v1:onlyme:{JOB}" in [button.custom_id for button in post.buttons])


@pytest.mark.parametrize("why", [Why.LOOSER, Why.PERSONAL])
def test_who_is_asked_back_learns_why_and_can_post_keep_or_drop(why):
    post = words.asked_back(Question(id="ab" * 8, why=why, channel_id=200))

    assert [f"v1:{verb}:{'ab' * 8}" for verb in ("post", "mine", "drop")] == [
        button.custom_id for button in post.buttons
    ]
    assert "<#200>" in post.content
    assert "Nothing is queued or counted" in post.content


def test_who_brings_a_picture_for_the_first_time_reads_what_they_declare():
    post = words.asked_back(Question(id="ab" * 8, why=Why.RIGHTS, channel_id=200))

    assert ["v1:post:" + "ab" * 8, "v1:drop:" + "ab" * 8] == [
        button.custom_id for button in post.buttons
    ]
    assert pictures.DECLARATION in post.content
    assert "Nothing is fetched, queued or counted" in post.content


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"fast": 0}, "They are relaxed; relaxed jobs take no fast time."),
        ({"fast": 4, "fast_seconds": 90.0}, "They are fast, and take 1.5 min of your fast time."),
        ({"fast": 4}, "They are fast."),
        (
            {"fast": 3, "fast_seconds": 9.0, "is_spent": True},
            "3 of them are fast, and take 9 s of your fast time. 1 of them is relaxed, as your "
            "fast time of this month does not reach; relaxed jobs take no fast time.",
        ),
    ],
)
def test_who_asks_for_many_learns_what_they_take_before_any_is_queued(facts, said):
    known = {"jobs": 4, "pictures": 8, "seen": "stealth", "stealth_left": 9, **facts}

    post = words.asked_back(Question(id="ab" * 8, why=Why.MANY, channel_id=200, facts=known))

    assert f"Your line makes 4 jobs with 8 pictures in all. {said} Nothing is queued" in (
        post.content
    )
    assert "They take 4 of the 9 stealth jobs that today still holds." in post.content
    assert "**Who can see it:** you, in your DM" in post.content
    assert ["Go ahead", "Cancel"] == [button.label for button in post.buttons]


def test_who_moved_a_job_learns_since_when_it_could_be_seen():
    assert "Nobody had seen it." in words.moved(200, None)
    assert "could be seen in <#200> since <t:1000:t>; it is removed." in words.moved(200, 1000)


def test_who_moved_a_job_learns_that_its_place_could_not_be_removed():
    said = words.moved(200, 1000, stays=True)

    assert f"could be seen in <#200> since <t:1000:t>. {words.stays(200)}" in said
    assert "removed" not in said


def test_who_says_stealth_learns_what_moves_and_since_when_it_could_be_seen():
    assert "waiting or running" not in words.now_stealth(0, [])
    assert "One job that was waiting" in words.now_stealth(1, [])
    assert "2 jobs that were waiting" in words.now_stealth(2, [1005, 1000])
    assert "since <t:1000:t>" in words.now_stealth(2, [1005, 1000])


@pytest.mark.parametrize("level", OptOut)
def test_who_forbade_something_is_told_how_to_undo_it(level):
    assert "/privacy opt-in" in words.opted_out(level)


@given(hostile)
def test_a_recipe_is_shown_without_harm_and_fits_a_message(typed):
    spec = Spec(
        prompt=typed,
        negative_prompt=typed,
        width=64,
        height=64,
        steps=4,
        guidance=3.5,
        seeds=(7, 8),
    )

    said = words.recipe(spec)

    assert max(map(len, said)) <= CONTENT_LIMIT
    assert [] == [
        what
        for page in said
        for what, looks in READ_BY_DISCORD.items()
        if re.search(looks, page, re.I)
    ]


def test_a_recipe_says_everything_that_makes_the_picture_again():
    spec = Spec(prompt="a fox", width=96, height=64, steps=4, guidance=3.5, seeds=(7, 8))

    assert [
        "**Prompt** a fox\n\n**Size** 96×64 · **Steps** 4 · **Guidance** 3.5 · **Seed** 7, 8"
    ] == words.recipe(spec)


def test_a_long_recipe_is_shown_whole():
    prompt = " ".join(f"word{number}" for number in range(700))
    spec = Spec(prompt=prompt, width=64, height=64, steps=4, guidance=3.5, seeds=(7,))

    said = "".join(words.recipe(spec)).replace("\n", "")

    assert [] == [number for number in range(700) if f"word{number}" not in said.replace(" ", "")]


@pytest.mark.parametrize(("seen", "counted"), [(STEALTH, True), (PUBLIC, False)])
def test_what_is_left_of_stealth_is_said_with_stealth_jobs_only(seen, counted):
    assert counted is ("Stealth jobs left today: 2." in words.accepted(receipt(seen)).content)


@pytest.mark.parametrize(
    ("position", "eta", "said"),
    [
        (1, 0.0, "Next in line, about 1 s · relaxed."),
        (1, 89.4, "Next in line, about 89 s · relaxed."),
        (2, 90.0, "Queued · position 2, about 2 min · relaxed."),
        (3, 5400.0, "Queued · position 3, about 2 h · relaxed."),
    ],
)
def test_the_place_in_the_queue_is_said_as_people_say_it(position, eta, said):
    post = words.accepted(receipt(PUBLIC, position=position, eta_seconds=eta))

    assert said == post.content.splitlines()[0]


def test_a_fast_job_says_what_it_took_of_fast_time():
    post = words.accepted(receipt(PUBLIC, speed=Speed.FAST, fast_seconds=12.4))

    assert "about 2 s · fast, 12 s of your fast time." in post.content.splitlines()[0]


def test_a_plan_with_fast_time_without_end_takes_none():
    post = words.accepted(receipt(PUBLIC, speed=Speed.FAST))

    assert post.content.splitlines()[0].endswith("· fast.")


def test_who_has_no_fast_time_left_is_told_when_there_is_again():
    post = words.accepted(receipt(STEALTH, fast_again_at=1_800_000_000))

    assert "this job is relaxed" in post.content
    assert "<t:1800000000:R>" in post.content


def test_the_accepted_answer_carries_the_way_out():
    for seen in Visibility:
        assert f"v1:cancel:{JOB}" == words.accepted(receipt(seen)).buttons[-1].custom_id


# --- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "per_day", "said"),
    [
        (StealthRule.NEVER, None, "no stealth"),
        (StealthRule.OPTIONAL, 3, "channel, 3 stealth jobs a day"),
        (StealthRule.OPTIONAL, None, "channel, stealth as many as its pictures"),
        (StealthRule.DEFAULT, 50, "DM by default, 50 stealth jobs a day"),
        (StealthRule.DEFAULT, None, "DM by default, stealth as many as its pictures"),
        (StealthRule.ALWAYS, 5, "always stealth, 5 stealth jobs a day"),
        (StealthRule.ALWAYS, None, "always stealth"),
    ],
)
def test_help_says_of_each_plan_what_is_true_of_it(rule, per_day, said):
    line = words.plans_line([plan(name="Tin", stealth=rule, stealth_per_day=per_day)])

    assert f"**Plans** Tin: {said}" == line


def test_help_lists_commands_by_what_they_are_for_and_fits_a_message():
    commands = [("imagine", "Make pictures"), ("privacy data", "x"), ("privacy show", "x")]
    (text,) = words.help_text(commands, ["Report"], "**Plans** none", {Reader.MEMBER})

    assert "**Make pictures** `/imagine`\n" in text
    assert "**Your data** `/privacy` data, show\n" in text
    assert "**On a message** (right-click, Apps) Report" in text
    assert len(text) <= CONTENT_LIMIT


def test_a_topic_says_what_each_of_its_commands_does():
    topic = helping.topic_of("imagine")

    assert ["**Make pictures**\n\n`/imagine` – From words"] == helping.help_on(
        topic, [("imagine", "From words"), ("info", "Your plan")]
    )


def test_help_on_the_prompt_names_every_parameter_with_its_range_in_one_message():
    (topic,) = (one for one in helping.topics_for({Reader.MEMBER}) if one.name == "prompt")
    (told,) = helping.help_on(topic, [("imagine", "From words")])

    assert [] == [name for name in parameters.KNOWN if f"`--{name}`" not in told]
    assert "`--stealth`" in told
    assert "`--stop` finishes early: a whole number from 10 to 100, in percent" in told
    assert "/imagine" not in told
    assert (
        "`/help topic: prompt`" in words.help_text([("imagine", "x")], [], "", {Reader.MEMBER})[0]
    )


@pytest.mark.parametrize(
    ("command", "reader"),
    [
        ("plan show", Reader.MEMBER),
        ("plan map", Reader.MODERATOR),
        ("plan grant", Reader.OPERATOR),
        ("purge user", Reader.MODERATOR),
    ],
)
def test_a_command_is_told_to_those_who_may_use_it(command, reader):
    assert reader is helping.topic_of(command).reader
    for readers in ({Reader.MEMBER}, {Reader.MEMBER, reader}):
        (text,) = words.help_text([(command, "x")], [], "", readers)
        assert (reader in readers) is (f"`/{command.split()[0]}`" in text)


async def test_every_command_there_is_has_a_topic_and_all_of_them_fit_one_message():
    commands = [(each.qualified_name, each.description) for each in await registered_commands()]
    told = words.help_text(commands, ["x" * 16] * 5, words.plans_line(SHIPPED), set(Reader))

    assert [] == [name for name, _ in commands if helping.topic_of(name) is helping.OTHERS]
    assert [True] == [len(page) <= CONTENT_LIMIT for page in told]


def test_asking_in_the_dm_counts_as_stealth_in_every_word():
    assert dm().is_dm
    assert "every job is stealth" in words.help_text([], [], "", {Reader.MEMBER})[0]
