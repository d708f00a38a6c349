"""Who will see a job: the whole table, printed as it is documented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal, Visibility
from bot.policy import visibility
from bot.policy.plans import StealthRule
from bot.policy.visibility import decide
from tests.asks import plan

WHERE = {False: "a server", True: "the bot DM"}
SAID = {None: "nothing", Visibility.PUBLIC: "public", Visibility.STEALTH: "stealth"}


def row(in_dm: bool, said: Visibility | None) -> str:
    answers = (decide(plan(stealth=rule), in_dm=in_dm, said=said) for rule in StealthRule)
    words = ["refused" if isinstance(one, Refusal) else str(one) for one in answers]
    return " | ".join(
        cell.ljust(width)
        for cell, width in zip((WHERE[in_dm], SAID[said], *words), (10, 7, 8, 8, 8, 0), strict=True)
    )


def test_the_whole_table_is_the_documented_one():
    printed = "\n".join(row(in_dm, said) for in_dm in WHERE for said in SAID)

    documented = str(visibility.__doc__).partition("+---------\n")[2]

    assert printed == documented.strip()


@pytest.mark.parametrize(
    ("in_dm", "said", "rule", "cause"),
    [
        (False, Visibility.STEALTH, StealthRule.NEVER, Cause.PLAN_STEALTH_NEVER),
        (False, Visibility.PUBLIC, StealthRule.ALWAYS, Cause.PLAN_STEALTH_ALWAYS),
        (True, None, StealthRule.NEVER, Cause.PLAN_STEALTH_NEVER),
        (True, Visibility.PUBLIC, StealthRule.NEVER, Cause.PLAN_STEALTH_NEVER),
        (True, Visibility.PUBLIC, StealthRule.OPTIONAL, Cause.DM_IS_STEALTH),
        (True, Visibility.PUBLIC, StealthRule.DEFAULT, Cause.DM_IS_STEALTH),
        (True, Visibility.PUBLIC, StealthRule.ALWAYS, Cause.DM_IS_STEALTH),
        (True, Visibility.STEALTH, StealthRule.NEVER, Cause.PLAN_STEALTH_NEVER),
    ],
)
def test_a_refusal_names_the_rule_that_forbids_it(in_dm, said, rule, cause):
    said_back = decide(plan(stealth=rule), in_dm=in_dm, said=said)

    assert Refusal(cause, {"plan": "Free", "in_dm": in_dm}) == said_back


anybody = st.builds(plan, stealth=st.sampled_from(StealthRule), stealth_per_day=st.none())


@given(anybody, st.sampled_from([None, *Visibility]))
def test_what_is_asked_in_the_dm_is_never_public(held, said):
    assert Visibility.PUBLIC is not decide(held, in_dm=True, said=said)


@given(anybody, st.booleans())
def test_who_asks_for_stealth_is_never_shown_in_public(held, in_dm):
    assert Visibility.PUBLIC is not decide(held, in_dm=in_dm, said=Visibility.STEALTH)


@given(anybody, st.booleans())
def test_who_asks_for_public_is_never_given_stealth_in_its_stead(held, in_dm):
    assert Visibility.STEALTH is not decide(held, in_dm=in_dm, said=Visibility.PUBLIC)


@given(st.booleans(), st.sampled_from([None, *Visibility]))
def test_a_plan_with_stealth_always_never_shows_anything_in_public(in_dm, said):
    always = plan(stealth=StealthRule.ALWAYS)

    assert Visibility.PUBLIC is not decide(always, in_dm=in_dm, said=said)
