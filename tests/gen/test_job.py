"""What a job is, how it lives, what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.job import ENDED, TRANSITIONS, JobState, Spec, cost_seconds


def spec(**changes):
    asked = {"width": 64, "height": 64, "steps": 10, "guidance": 3.0, "seeds": (1, 2)}
    return Spec(prompt="a secret fox", negative_prompt="a secret hen", **(asked | changes))


def test_a_spec_prints_without_its_words_and_numbers():
    printed = f"{spec(seeds=(987654,))} {[spec()]!r}"

    assert "Spec(<prompt 12 chars>, 1 pictures)" in printed
    assert "secret" not in printed
    assert "987654" not in printed


@given(
    st.text(st.characters(exclude_categories=["Cs"])), st.floats(0, 30), st.integers(0, 2**63 - 1)
)
def test_what_is_sealed_is_what_comes_back(prompt, guidance, seed):
    asked = Spec(
        prompt=prompt,
        width=64,
        height=32,
        steps=3,
        guidance=guidance,
        seeds=(seed,),
        model="pocket",
    )

    assert Spec.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"prompt": "secret"}',
        spec().to_json().replace("[1,2]", "[1,2.5]"),
        spec().to_json().replace("[1,2]", "[]"),
        spec().to_json().replace('"steps":10', '"steps":true'),
        spec().to_json().replace('"steps":10', '"steps":0'),
        spec().to_json().replace('"guidance":3.0', '"guidance":NaN'),
    ],
)
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is tested
        Spec.from_json(text)

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "changes",
    [{"seeds": ()}, {"seeds": (1, 2, 3, 4, 5)}, {"seeds": (-1,)}, {"width": 0}, {"steps": 0}],
)
def test_what_no_model_could_make_is_no_spec(changes):
    with pytest.raises(ValueError, match=r"a job|a seed|at least"):
        spec(**changes)


def test_every_state_is_in_the_table_and_an_end_is_an_end():
    assert set(TRANSITIONS) == set(JobState)
    assert {"delivered", "refused", "cancelled", "dead", "lost"} == {str(end) for end in ENDED}


def test_every_state_is_reached_from_accepted_and_reaches_an_end():
    def beyond(state):
        seen, edge = {state}, {state}
        while edge:
            edge = {then for now in edge for then in TRANSITIONS[now]} - seen
            seen |= edge
        return seen

    assert beyond(JobState.ACCEPTED) == set(JobState)
    assert all(beyond(state) & ENDED for state in JobState)


def test_a_job_runs_only_from_its_place_and_is_delivered_only_when_rendered():
    into = {
        then: {now for now in JobState if then in TRANSITIONS[now]}
        for then in (JobState.RUNNING, JobState.RENDERED, JobState.DELIVERED)
    }

    assert into == {
        JobState.RUNNING: {JobState.PLACED},
        JobState.RENDERED: {JobState.RUNNING},
        JobState.DELIVERED: {JobState.RENDERED},
    }


def test_guidance_doubles_the_cost_and_pictures_multiply_it():
    assert cost_seconds(spec(), 0.5) == pytest.approx(10 * 2 * 2 * 0.5)
    assert cost_seconds(spec(guidance=1.0, seeds=(1,)), 0.5) == pytest.approx(10 * 0.5)
    assert cost_seconds(spec(), 0.5, told=True) == pytest.approx(10 * 2 * 0.5)
