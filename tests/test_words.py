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
    DmId,
    Ending,
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
    place,
    plans,
    prompt,
    promptline,
    promptrules,
    retention,
    span,
    speed,
    visibility,
)
from bot.policy.plans import StealthRule, Usage
from bot.policy.retention import DataClass
from bot.policy.server import AdultHere, ServerSettings, StealthHere
from bot.ports import Post
from bot.route import PublicRoute, Route, StealthRoute
from bot.words import CONTENT_LIMIT, PublicShown, Shown, StealthShown, echo
from gen.job import Spec, Speed
from tests.asks import CANVAS, ask, dm, plan, where

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
JOB, ANA = JobId("ab" * 16), PersonId(2**64 - 1)
FRESH = Usage()


def said_by_prompt(**asked) -> Refusal:
    return prompt.check(ask(**asked), CANVAS)


def said_by_plan(usage=FRESH, seen=PUBLIC, **asked) -> Refusal:
    spec = Spec(prompt="a fox", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))
    return plans.allowance(plan(max_pixels=64 * 64), usage, ask(**asked), spec, seen)


REFUSALS: dict[Cause, Refusal] = {
    Cause.PROMPT_EMPTY: said_by_prompt(prompt=" "),
    Cause.PROMPT_TOO_LONG: said_by_prompt(prompt="x" * 6001),
    Cause.NOTHING_DRAWABLE: said_by_prompt(prompt="🦊"),
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


@given(hostile.map(lambda typed: typed * 30), st.sampled_from([1, 0, 100]))
@example("@" * 900, 100)
@example("://" * 300, 100)
def test_whatever_is_typed_fits_a_message_with_all_that_stands_around_it(typed, step):
    shown = PublicShown(JOB, ANA, typed)

    for post in (
        words.waiting(shown),
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
    ]


def test_of_a_stealth_job_a_message_can_hold_no_words_not_even_for_its_owner():
    assert {"job", "owner", "ticket", "until"} == {one.name for one in fields(StealthShown)}


def test_a_stealth_job_never_shows_a_preview():
    assert () == words.progress(SHOWN[STEALTH], 2, 4, b"a preview").files


@pytest.mark.parametrize(("seen", "other"), [(PUBLIC, "stealth"), (STEALTH, "public")])
def test_every_line_of_a_job_that_waits_or_runs_says_who_sees_it(seen, other):
    for post in posts_of(SHOWN[seen])[:3]:
        assert post.content.endswith(f" · {seen}")
        assert f"· {other}" not in post.content


def test_a_public_job_whose_words_are_hidden_shows_none_of_them():
    for post in posts_of(PublicShown(JOB, ANA, None)):
        assert "words hidden" in post.content
        assert f"<@{ANA}>" in post.content


def test_a_stealth_result_says_until_when_its_buttons_work():
    post = words.result(SHOWN[STEALTH], [b"1"], notify=False)

    assert "🔄 and 📋 work until 2026-11-28" in post.content


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
        *([f"v1:report:{JOB}"] if seen is PUBLIC else []),
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


@pytest.mark.parametrize("why", Why)
def test_who_is_asked_back_learns_why_and_can_post_keep_or_drop(why):
    post = words.asked_back(Question(id="ab" * 8, why=why, channel_id=200))

    assert [f"v1:{verb}:{'ab' * 8}" for verb in ("post", "mine", "drop")] == [
        button.custom_id for button in post.buttons
    ]
    assert "<#200>" in post.content
    assert "Nothing is queued or counted" in post.content


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


def test_help_lists_every_command_and_fits_a_message():
    text = words.help_text([("imagine", "Make pictures"), ("help", "This")], "**Plans** none")

    assert "`/imagine` – Make pictures" in text
    assert len(text) <= CONTENT_LIMIT


def test_asking_in_the_dm_counts_as_stealth_in_every_word():
    assert dm().is_dm
    assert "every job is stealth" in words.help_text([], "")
