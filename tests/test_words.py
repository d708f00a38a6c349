"""What people read: every refusal and ending has its sentence, and nothing typed does any harm."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import words
from bot.domain import Cause, Ending, JobId, PersonId, Receipt, Refusal, Visibility
from bot.policy import place, plans, prompt, visibility
from bot.policy.plans import StealthRule, Usage
from bot.ports import Post
from bot.words import CONTENT_LIMIT, Shown, echo
from tests.asks import CANVAS, ask, dm, plan, where

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
JOB, ANA = JobId("ab" * 16), PersonId(2**64 - 1)
FRESH = Usage()


def said_by_prompt(**asked) -> Refusal:
    return prompt.check(ask(**asked), CANVAS)


def said_by_plan(usage=FRESH, seen=PUBLIC, **asked) -> Refusal:
    return plans.allowance(plan(), usage, ask(**asked), seen)


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
    Cause.FORUM_ROOT: place.check(where(is_forum=True)),
    Cause.BOT_PERMISSIONS: place.check(where(bot_may=frozenset())),
    Cause.ASKER_PERMISSIONS: place.check(where(asker_may=frozenset())),
    Cause.ASKER_TIMED_OUT: place.check(where(asker_timed_out=True)),
    # these are not said by rules, but by the deeds themselves
    Cause.QUEUE_FULL: Refusal(Cause.QUEUE_FULL, {"limit": 500}),
    Cause.REPEATED: Refusal(Cause.REPEATED),
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


@pytest.mark.parametrize("ending", Ending)
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
    shown = Shown(JOB, ANA, PUBLIC, typed)

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


def posts_of(shown: Shown) -> list[Post]:
    return [
        words.waiting(shown),
        words.progress(shown, 0, 4, b"a preview"),
        words.progress(shown, 4, 4, b"a preview"),
        words.result(shown, [b"one", b"two"], notify=True),
        words.result(shown, [b"one"], notify=False),
    ]


def test_a_stealth_job_never_shows_its_prompt_not_even_to_its_owner():
    shown = Shown(JOB, ANA, STEALTH, "xylophone")

    assert [] == [post for post in posts_of(shown) if "xylophone" in post.content]


def test_a_stealth_job_never_shows_a_preview():
    shown = Shown(JOB, ANA, STEALTH, None)

    assert () == words.progress(shown, 2, 4, b"a preview").pictures


def test_a_public_job_shows_its_prompt_its_owner_and_its_preview():
    post = words.progress(Shown(JOB, ANA, PUBLIC, "xylophone"), 2, 4, b"a preview")

    assert f"**xylophone** – <@{ANA}> ▰▰▰▰▰▱▱▱▱▱ 50% · step 2 of 4" == post.content
    assert [b"a preview"] == [picture.content for picture in post.pictures]


@pytest.mark.parametrize("seen", Visibility)
def test_files_are_named_by_number_and_described_as_made_by_ai(seen):
    post = words.result(
        Shown(JOB, ANA, seen, "xylophone"), [b"RIFF1", b"\x89PNG2", b"\xff\xd83"], notify=False
    )

    assert ["image-1.webp", "image-2.png", "image-3.jpg"] == [
        picture.filename for picture in post.pictures
    ]
    assert {"Picture made by AI"} == {picture.description for picture in post.pictures}


@pytest.mark.parametrize("seen", Visibility)
def test_only_a_new_message_pings_and_only_its_owner(seen):
    shown = Shown(JOB, ANA, seen, "xylophone" if seen is PUBLIC else None)

    assert ANA == words.result(shown, [b"1"], notify=True).mention
    assert {None} == {post.mention for post in (*posts_of(shown)[:3], posts_of(shown)[4])}


@pytest.mark.parametrize("seen", Visibility)
def test_every_button_fits_discords_limit(seen):
    ids = [
        button.custom_id for post in posts_of(Shown(JOB, ANA, seen, "a")) for button in post.buttons
    ]

    assert {f"v1:cancel:{JOB}", f"v1:delete:{JOB}"} == set(ids)
    assert all(len(one) <= 100 for one in ids)


def test_what_a_place_may_show_does_not_print_its_prompt():
    assert "xylophone" not in repr(Shown(JOB, ANA, PUBLIC, "xylophone"))


# --- the ephemeral answers ----------------------------------------------------------------------


def receipt(seen: Visibility, **changed) -> Receipt:
    plain = {
        "job": JOB,
        "visibility": seen,
        "position": 1,
        "eta_seconds": 2.0,
        "notes": (),
        "engine_note": None,
        "stealth_left_today": 2,
    }
    return Receipt(**(plain | changed))


def statuses(seen: Visibility, **changed) -> list[Post]:
    notes = changed.get("notes", ())
    return [
        words.accepted(receipt(seen, **changed)),
        words.delivered(seen, "https://discord.com/channels/1/2/3", notes),
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
    notes = words.notes(["@" * 6000] * 50, first_time=True)

    for post in statuses(seen, notes=notes, engine_note=words.LOADING):
        assert len(post.content) <= CONTENT_LIMIT
        assert "nothing is trained on it." in post.content


def test_the_two_lines_tell_stealth_from_public_and_hide_neither_discord_nor_the_operator():
    assert "everybody who can read this channel" in words.two_lines(PUBLIC)[0]
    assert "in your DM" in words.two_lines(STEALTH)[0]
    assert "Discord" in words.two_lines(STEALTH)[0]
    assert "operator" in words.two_lines(STEALTH)[0]


def test_the_first_answer_says_that_pictures_are_made_by_ai():
    assert (words.AI_NOTICE,) == words.notes([], first_time=True)
    assert () == words.notes([], first_time=False)


def test_words_the_model_does_not_know_are_quoted_without_harm():
    (said,) = words.notes(["<@1>", "@everyone"], first_time=False)

    assert "<@1>" not in said
    assert "@everyone" not in said


@pytest.mark.parametrize(("seen", "counted"), [(STEALTH, True), (PUBLIC, False)])
def test_what_is_left_of_stealth_is_said_with_stealth_jobs_only(seen, counted):
    assert counted is ("Stealth jobs left today: 2." in words.accepted(receipt(seen)).content)


@pytest.mark.parametrize(
    ("position", "eta", "said"),
    [
        (1, 0.0, "Next in line, about 1 s."),
        (1, 89.4, "Next in line, about 89 s."),
        (2, 90.0, "Queued · position 2, about 2 min."),
        (3, 5400.0, "Queued · position 3, about 2 h."),
    ],
)
def test_the_place_in_the_queue_is_said_as_people_say_it(position, eta, said):
    post = words.accepted(receipt(PUBLIC, position=position, eta_seconds=eta))

    assert said == post.content.splitlines()[0]


def test_the_accepted_answer_carries_the_way_out():
    (button,) = words.accepted(receipt(STEALTH)).buttons

    assert f"v1:cancel:{JOB}" == button.custom_id


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
