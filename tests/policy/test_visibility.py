"""Who will see a job: the whole table, printed as it is documented, and when a person is asked."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal, Visibility, Why
from bot.policy import visibility
from bot.policy.plans import StealthRule
from bot.policy.server import StealthHere
from bot.policy.visibility import TABLE, Asked, Wish, decide, default, is_looser, question
from bot.words import refused
from tests.asks import plan

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
NEVER, OPTIONAL, DEFAULT, ALWAYS = StealthRule
WORDS = [None, PUBLIC, STEALTH]

ALLOW, FORBID, FLOOR = StealthHere
WHERE = {False: "a server", True: "the bot DM"}
ASKED = {
    Asked.SERVER: [{"in_dm": False, "here": ALLOW}],
    Asked.FLOOR: [{"in_dm": False, "here": FLOOR}],
    Asked.FORBIDS: [{"in_dm": False, "here": FORBID}],
    Asked.DM: [{"in_dm": True, "here": here} for here in StealthHere],
}
"""Every place to ask in, and what a server says there; in the DM no server is heard."""
WISHES = {
    Wish.NOTHING: [{"said": None}],
    Wish.CHOSE_PUBLIC: [{"said": None, "sticky": PUBLIC}],
    Wish.CHOSE_STEALTH: [{"said": None, "sticky": STEALTH}],
    Wish.SAID_PUBLIC: [{"said": PUBLIC, "sticky": sticky} for sticky in WORDS],
    Wish.SAID_STEALTH: [{"said": STEALTH, "sticky": sticky} for sticky in WORDS],
    Wish.NEVER_PUBLIC: [
        {"said": said, "sticky": sticky, "never_public": True}
        for said, sticky in itertools.product([None, STEALTH], WORDS)
    ],
    Wish.NEVER_BUT_NOW: [
        {"said": PUBLIC, "sticky": sticky, "never_public": True} for sticky in WORDS
    ],
}
"""Every way to come to each wish."""


def cells(asked: Asked, wish: Wish) -> list[str]:
    """One answer per stealth rule, the same whatever way somebody came to the wish."""
    answers = []
    for rule in StealthRule:
        held, ways = plan(stealth=rule), itertools.product(ASKED[asked], WISHES[wish])
        (one,) = {_word(decide(held, **place, **way)) for place, way in ways}
        answers.append(one)
    return answers


def _word(answer: Visibility | Refusal) -> str:
    return "refused" if isinstance(answer, Refusal) else str(answer)


def row(asked: Asked, wish: Wish) -> str:
    words = (asked.value, wish.value, *cells(asked, wish))
    return " | ".join(
        cell.ljust(width) for cell, width in zip(words, (10, 14, 8, 8, 8, 0), strict=True)
    )


def test_the_whole_table_is_the_documented_one():
    printed = "\n".join(row(asked, wish) for asked in Asked for wish in Wish)

    documented = str(visibility.__doc__).partition("+---------\n")[2]

    assert printed == documented.strip()


def test_every_way_to_ask_has_its_row():
    asked = [ways for wish in WISHES.values() for ways in wish]
    filled = {(way["said"], way.get("sticky"), way.get("never_public", False)) for way in asked}

    assert set(itertools.product(WORDS, WORDS, [False, True])) == filled
    assert set(itertools.product(Asked, Wish)) == set(TABLE)
    assert set(itertools.product([False, True], StealthHere)) == {
        (place["in_dm"], place["here"]) for places in ASKED.values() for place in places
    }


def cause(rule: StealthRule, *, in_dm: bool = False, said: Visibility | None = None, **chosen):
    answer = decide(plan(stealth=rule), in_dm=in_dm, said=said, **chosen)
    assert isinstance(answer, Refusal)
    return answer.cause


@pytest.mark.parametrize(
    ("in_dm", "said", "rule", "cause"),
    [
        (False, STEALTH, NEVER, Cause.PLAN_STEALTH_NEVER),
        (False, PUBLIC, ALWAYS, Cause.PLAN_STEALTH_ALWAYS),
        (True, None, NEVER, Cause.PLAN_STEALTH_NEVER),
        (True, PUBLIC, NEVER, Cause.PLAN_STEALTH_NEVER),
        (True, PUBLIC, OPTIONAL, Cause.DM_IS_STEALTH),
        (True, PUBLIC, DEFAULT, Cause.DM_IS_STEALTH),
        (True, PUBLIC, ALWAYS, Cause.DM_IS_STEALTH),
        (True, STEALTH, NEVER, Cause.PLAN_STEALTH_NEVER),
    ],
)
def test_a_refusal_names_the_rule_that_forbids_it(in_dm, said, rule, cause):
    said_back = decide(plan(stealth=rule), in_dm=in_dm, said=said)

    assert Refusal(cause, {"plan": "Free", "in_dm": in_dm}) == said_back


@pytest.mark.parametrize("in_dm", WHERE)
@pytest.mark.parametrize("rule", StealthRule)
@pytest.mark.parametrize("sticky", WORDS)
def test_who_is_never_public_and_says_public_hears_how_to_undo_it(in_dm, rule, sticky):
    answer = decide(plan(stealth=rule), in_dm=in_dm, said=PUBLIC, sticky=sticky, never_public=True)

    assert Cause.NEVER_PUBLIC is answer.cause
    assert "`/privacy opt-in`" in refused(answer)


def test_a_choice_the_plan_cannot_keep_names_the_command_that_takes_it_back():
    held = plan(stealth=NEVER)
    chose = decide(held, in_dm=False, said=None, sticky=STEALTH)
    out = decide(held, in_dm=False, said=None, never_public=True)

    assert {Cause.CHOICE_NEEDS_STEALTH} == {chose.cause, out.cause}
    assert "`/public`" in refused(chose)
    assert "`/privacy opt-in`" in refused(out)


def test_who_is_never_public_hears_so_also_when_the_dm_is_the_place():
    said = cause(NEVER, in_dm=True, never_public=True)

    assert Cause.CHOICE_NEEDS_STEALTH is said
    assert Cause.PLAN_STEALTH_NEVER is cause(NEVER, in_dm=True, sticky=STEALTH)


def refused_in(here: StealthHere, rule: StealthRule, **asked) -> Cause:
    answer = decide(plan(stealth=rule), in_dm=False, here=here, **asked)
    assert isinstance(answer, Refusal)
    return answer.cause


@pytest.mark.parametrize("rule", StealthRule)
def test_a_floor_beats_every_plan_and_refuses_only_who_says_public(rule):
    held = plan(stealth=rule)

    assert STEALTH is decide(held, in_dm=False, said=None, here=FLOOR)
    assert STEALTH is decide(held, in_dm=False, said=None, sticky=PUBLIC, here=FLOOR)
    assert Cause.SERVER_FLOOR is refused_in(FLOOR, rule, said=PUBLIC)
    assert Cause.NEVER_PUBLIC is refused_in(FLOOR, rule, said=PUBLIC, never_public=True)


@pytest.mark.parametrize(
    ("rule", "asked", "cause"),
    [
        (OPTIONAL, {"said": STEALTH}, Cause.SERVER_FORBIDS_STEALTH),
        (OPTIONAL, {"said": None, "sticky": STEALTH}, Cause.SERVER_FORBIDS_STEALTH),
        (OPTIONAL, {"said": None, "never_public": True}, Cause.SERVER_FORBIDS_STEALTH),
        (DEFAULT, {"said": None}, Cause.SERVER_FORBIDS_STEALTH),
        (ALWAYS, {"said": None}, Cause.SERVER_FORBIDS_STEALTH),
        (ALWAYS, {"said": PUBLIC}, Cause.PLAN_STEALTH_ALWAYS),
        # what the plan does not have is said first: the remedy is the plan's
        (NEVER, {"said": STEALTH}, Cause.PLAN_STEALTH_NEVER),
        (NEVER, {"said": None, "sticky": STEALTH}, Cause.CHOICE_NEEDS_STEALTH),
    ],
)
def test_where_stealth_is_forbidden_it_is_refused_and_never_shown_instead(rule, asked, cause):
    assert cause is refused_in(FORBID, rule, **asked)


anybody = st.builds(plan, stealth=st.sampled_from(StealthRule), stealth_per_day=st.none())
said_or_not = st.sampled_from(WORDS)


@given(anybody, said_or_not, said_or_not, st.booleans())
def test_what_is_asked_in_the_dm_is_never_public(held, said, sticky, never):
    answer = decide(held, in_dm=True, said=said, sticky=sticky, never_public=never)

    assert PUBLIC is not answer


@given(anybody, st.booleans(), said_or_not, st.booleans())
def test_who_asks_for_stealth_is_never_shown_in_public(held, in_dm, sticky, never):
    answer = decide(held, in_dm=in_dm, said=STEALTH, sticky=sticky, never_public=never)

    assert PUBLIC is not answer


@given(anybody, st.booleans(), said_or_not, st.booleans())
def test_who_asks_for_public_is_never_given_stealth_in_its_stead(held, in_dm, sticky, never):
    answer = decide(held, in_dm=in_dm, said=PUBLIC, sticky=sticky, never_public=never)

    assert STEALTH is not answer


@given(st.booleans(), said_or_not, said_or_not, st.booleans())
def test_a_plan_with_stealth_always_never_shows_anything_in_public(in_dm, said, sticky, never):
    answer = decide(plan(stealth=ALWAYS), in_dm=in_dm, said=said, sticky=sticky, never_public=never)

    assert PUBLIC is not answer


@given(anybody, st.booleans(), said_or_not, said_or_not)
def test_who_is_never_public_never_is(held, in_dm, said, sticky):
    answer = decide(held, in_dm=in_dm, said=said, sticky=sticky, never_public=True)

    assert PUBLIC is not answer


@given(anybody, st.booleans())
def test_who_chose_stealth_is_public_only_by_saying_so(held, in_dm):
    assert PUBLIC is not decide(held, in_dm=in_dm, said=None, sticky=STEALTH)


@given(anybody, st.booleans())
def test_choosing_public_is_never_refused_where_saying_nothing_is_not(held, in_dm):
    plain = decide(held, in_dm=in_dm, said=None)
    chose = decide(held, in_dm=in_dm, said=None, sticky=PUBLIC)

    assert isinstance(plain, Refusal) == isinstance(chose, Refusal)


here_or_not = st.sampled_from(StealthHere)


@given(anybody, said_or_not, said_or_not, st.booleans(), here_or_not)
def test_no_servers_word_makes_anything_public(held, said, sticky, never, here):
    """What a server says only refuses, or makes stealth."""
    without = decide(held, in_dm=False, said=said, sticky=sticky, never_public=never)
    under = decide(held, in_dm=False, said=said, sticky=sticky, never_public=never, here=here)

    assert not (under is PUBLIC and without is not PUBLIC)


@given(anybody, said_or_not, said_or_not, st.booleans())
def test_nothing_is_public_on_a_floor_and_nothing_stealth_where_it_is_forbidden(
    held, said, sticky, never
):
    asked = {"said": said, "sticky": sticky, "never_public": never}

    assert PUBLIC is not decide(held, in_dm=False, here=FLOOR, **asked)
    assert STEALTH is not decide(held, in_dm=False, here=FORBID, **asked)


@given(anybody, said_or_not, said_or_not, st.booleans(), here_or_not)
def test_in_the_dm_no_server_is_heard(held, said, sticky, never, here):
    asked = {"in_dm": True, "said": said, "sticky": sticky, "never_public": never}

    assert decide(held, **asked) == decide(held, **asked, here=here)


# --- nobody becomes more public without pressing for it -----------------------------------------


@pytest.mark.parametrize(
    ("rule", "sticky", "never", "expected"),
    [
        (NEVER, None, False, PUBLIC),
        (OPTIONAL, None, False, PUBLIC),
        (DEFAULT, None, False, STEALTH),
        (ALWAYS, None, False, STEALTH),
        (DEFAULT, PUBLIC, False, PUBLIC),
        (ALWAYS, PUBLIC, False, STEALTH),
        (OPTIONAL, STEALTH, False, STEALTH),
        (OPTIONAL, PUBLIC, True, STEALTH),
        # refused by the plan: what they chose is remembered, not what the plan has
        (NEVER, STEALTH, False, STEALTH),
        (NEVER, None, True, STEALTH),
    ],
)
def test_the_default_is_what_a_word_less_job_in_a_server_would_be(rule, sticky, never, expected):
    assert expected is default(plan(stealth=rule), sticky, never)


def test_only_from_stealth_to_public_is_looser():
    looser = {pair for pair in itertools.product([PUBLIC, STEALTH], WORDS) if is_looser(*pair)}

    assert {(PUBLIC, STEALTH)} == looser


def asked(answer=PUBLIC, *, said=None, now=PUBLIC, last=PUBLIC, personal=False, confirmed=()):
    return question(
        answer,
        said=said,
        default=now,
        last_default=last,
        personal=personal,
        confirmed=frozenset(confirmed),
    )


def test_who_would_be_shown_more_than_at_their_last_job_is_asked():
    assert Why.LOOSER is asked(last=STEALTH)


@pytest.mark.parametrize("last", [None, PUBLIC])
def test_who_was_public_before_or_never_here_is_not_asked(last):
    assert asked(last=last) is None


def test_who_says_public_has_pressed_for_it():
    assert asked(said=PUBLIC, last=STEALTH) is None


@pytest.mark.parametrize("said", [None, PUBLIC])
def test_who_would_show_personal_details_is_asked(said):
    assert Why.PERSONAL is asked(said=said, personal=True)


def test_two_reasons_are_asked_about_one_after_the_other():
    both = {"last": STEALTH, "personal": True}

    assert Why.LOOSER is asked(**both)
    assert Why.PERSONAL is asked(**both, confirmed=[Why.LOOSER])
    assert Why.LOOSER is asked(**both, confirmed=[Why.PERSONAL])
    assert asked(**both, confirmed=Why) is None


@given(said_or_not, said_or_not, said_or_not, st.booleans())
def test_a_stealth_job_is_never_asked_about(said, now, last, personal):
    assert asked(STEALTH, said=said, now=now, last=last, personal=personal) is None


@given(
    *(anybody, anybody, said_or_not, said_or_not, st.booleans(), st.booleans()),
    *(here_or_not, here_or_not),
)
def test_without_a_word_or_a_press_nobody_goes_from_stealth_to_public(
    before, now, sticky, sticky_now, never, never_now, here, here_now
):
    """Whatever changed between two jobs: plan, choice, opt-out, server, its word."""
    last = default(before, sticky, never, here)
    asks = {"sticky": sticky_now, "never_public": never_now}
    answer = decide(now, in_dm=False, said=None, **asks, here=here_now)

    if answer is PUBLIC and last is STEALTH:
        assert Why.LOOSER is asked(now=default(now, sticky_now, never_now, here_now), last=last)
