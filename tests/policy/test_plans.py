"""The best plan that is proved counts, and nobody gets more than theirs allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal, Visibility
from bot.policy.plans import (
    Held,
    Proof,
    Source,
    Usage,
    allowance,
    best_held,
    best_plan,
    named,
    stealth_left,
    up_to,
)
from gen.job import Spec
from tests.asks import ask, plan

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
SPEC = Spec(prompt="a fox", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))

FREE, PLUS, PRO = plan(), plan(name="Plus"), plan(name="Pro")


@pytest.mark.parametrize(
    ("held", "best"),
    [
        ((), FREE),
        (("Free",), FREE),
        (("Plus",), PLUS),
        (("Pro", "Plus"), PRO),
        (("Plus", "Pro", "Free"), PRO),
        (("Gone long ago",), FREE),
        (("Gone long ago", "Plus"), PLUS),
    ],
)
def test_the_best_plan_somebody_holds_counts(held, best):
    assert best == best_plan((FREE, PLUS, PRO), held)


SHELF = (FREE, PLUS, PRO)
PROOFS = st.builds(
    Proof,
    st.sampled_from(["Free", "Plus", "Pro", "Gone long ago"]),
    st.sampled_from(Source),
    st.none() | st.integers(1, 99),
)


@given(st.lists(PROOFS))
def test_the_best_plan_wins_whatever_proves_it(proofs):
    names = [proof.plan for proof in proofs]

    assert best_plan(SHELF, names) == best_held(SHELF, proofs).plan


@given(st.lists(PROOFS), st.randoms())
def test_the_order_of_sources_does_not_matter(proofs, chance):
    mixed = list(proofs)
    chance.shuffle(mixed)

    assert best_held(SHELF, proofs) == best_held(SHELF, mixed)


@given(st.lists(PROOFS), PROOFS)
def test_one_source_more_never_makes_it_worse(proofs, more):
    before, after = best_held(SHELF, proofs), best_held(SHELF, [*proofs, more])

    assert SHELF.index(before.plan) <= SHELF.index(after.plan)
    if before.plan == after.plan and before.until is None:
        assert after.until is None


def test_it_is_said_what_gives_a_plan_for_longest():
    granted, bought = Proof("Plus", Source.GRANT, 50), Proof("Plus", Source.DISCORD, 99)
    role = Proof("Plus", Source.ROLE)

    assert Held(FREE, Source.EVERYBODY) == best_held(SHELF, [])
    assert Held(FREE, Source.EVERYBODY) == best_held(SHELF, [Proof("Free", Source.ROLE)])
    assert Held(PLUS, Source.DISCORD, 99) == best_held(SHELF, [granted, bought])
    assert Held(PLUS, Source.ROLE) == best_held(SHELF, [granted, bought, role])
    assert Held(PRO, Source.GRANT, 3) == best_held(SHELF, [role, Proof("Pro", Source.GRANT, 3)])


@pytest.mark.parametrize(
    ("said", "plan"), [("Pro", PRO), (" pro ", PRO), ("PLUS", PLUS), ("Max", None), ("", None)]
)
def test_a_plan_is_found_as_people_type_it(said, plan):
    assert plan == named(SHELF, said)


@pytest.mark.parametrize(
    ("ceiling", "offered"),
    [(None, ()), ("Gone long ago", ()), ("Free", ()), ("Plus", (PLUS,)), ("Pro", (PLUS, PRO))],
)
def test_a_ceiling_lets_roles_give_what_is_not_above_it(ceiling, offered):
    assert offered == up_to(SHELF, ceiling)


@pytest.mark.parametrize(
    ("usage", "asked", "seen", "cause"),
    [
        # at the limit is allowed, one over is not
        (Usage(), {"count": 4}, PUBLIC, None),
        (Usage(), {"count": 5}, PUBLIC, Cause.PLAN_COUNT),
        (Usage(), {"steps": 30}, PUBLIC, None),
        (Usage(), {"steps": 31}, PUBLIC, Cause.PLAN_STEPS),
        (Usage(), {"steps": None}, PUBLIC, None),
        (Usage(waiting_jobs=2), {}, PUBLIC, None),
        (Usage(waiting_jobs=3), {}, PUBLIC, Cause.WAITING_FULL),
        (Usage(waiting_jobs=4), {}, PUBLIC, Cause.WAITING_FULL),
        (Usage(pictures=36), {"count": 4}, PUBLIC, None),
        (Usage(pictures=37), {"count": 4}, PUBLIC, Cause.PICTURES_USED_UP),
        (Usage(pictures=37), {"count": 3}, PUBLIC, None),
        (Usage(pictures=40), {}, PUBLIC, Cause.PICTURES_USED_UP),
        (Usage(stealth_jobs=2), {}, STEALTH, None),
        (Usage(stealth_jobs=3), {}, STEALTH, Cause.STEALTH_USED_UP),
        (Usage(stealth_jobs=4), {}, STEALTH, Cause.STEALTH_USED_UP),
        (Usage(stealth_jobs=3), {}, PUBLIC, None),
    ],
)
def test_an_ask_is_measured_against_the_plan_and_the_day(usage, asked, seen, cause):
    said = allowance(plan(), usage, ask(**asked), SPEC, seen)

    assert cause == (said.cause if said else None)


def test_a_plan_of_no_stealth_a_day_does_not_put_anybody_off_until_tomorrow():
    said = allowance(plan(stealth_per_day=0), Usage(), ask(), SPEC, STEALTH)

    assert Cause.PLAN_STEALTH_NEVER is said.cause


def test_a_refusal_by_plan_names_the_plan_and_its_limit():
    said = allowance(plan(), Usage(waiting_jobs=3), ask(), SPEC, PUBLIC)

    assert Refusal(Cause.WAITING_FULL, {"plan": "Free", "limit": 3}) == said


def test_unlimited_stealth_is_limited_by_pictures_alone():
    pro = plan(stealth_per_day=None, pictures_per_day=5)

    assert allowance(pro, Usage(pictures=4, stealth_jobs=4), ask(), SPEC, STEALTH) is None
    assert allowance(pro, Usage(pictures=5, stealth_jobs=5), ask(), SPEC, STEALTH) is not None


@given(
    taken=st.integers(0, 60),
    stealth=st.integers(0, 10),
    waiting=st.integers(0, 10),
    count=st.integers(1, 4),
    seen=st.sampled_from(Visibility),
)
def test_whatever_is_allowed_stays_within_the_plan(taken, stealth, waiting, count, seen):
    usage = Usage(taken, stealth, waiting)

    if allowance(plan(), usage, ask(count=count), SPEC, seen) is None:
        assert taken + count <= plan().pictures_per_day
        assert waiting < plan().waiting_jobs
        assert seen is PUBLIC or stealth < 3


def test_stealth_left_is_never_below_nothing():
    assert [3, 1, 0, 0] == [stealth_left(plan(), Usage(stealth_jobs=n)) for n in (0, 2, 3, 9)]
