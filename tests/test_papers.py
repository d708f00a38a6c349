"""The papers say what configuration and data map say, whole and in pages people can read."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.disclosure import commit, digest_of, facts_of
from bot.papers import PAPERS, privacy
from bot.policy.datamap import Form, Store, personal
from bot.policy.disclosure import Policy, Selfcheck, table_of
from bot.policy.entries import ENTRIES, NEVER_HELD
from bot.policy.plans import StealthRule
from bot.policy.retention import DAY, DataClass
from bot.selfcheck import report
from bot.settings import Settings
from bot.storage import datamap
from bot.words import account, papers, policy
from bot.words.pages import PAGE_LIMIT, pages
from gen.card import Card
from tests.facts import SAID, SHIPPED, SILENT
from tests.spoken import samples

KEPT = table_of(SAID.limits, {"recipe": DAY})
POLICY = Policy(3, "2026-11-21", "")
CHECKED = Selfcheck(at=1_795_000_000, passed=True, software="0.1.0")


# --- the policy ---------------------------------------------------------------------------------


def test_the_same_configuration_prints_the_same_policy():
    again = replace(SAID, limits=dict(reversed(SAID.limits.items())))

    assert policy.policy_text(SAID) == policy.policy_text(again)


@pytest.mark.parametrize(
    ("days", "said"),
    [(None, "set no folder for backups"), (5, "A copy of the keys is deleted after 5 days")],
)
@pytest.mark.parametrize("paper", [policy.policy_text, papers.record])
def test_policy_and_record_say_how_long_backups_outlive_an_erasure(paper, days, said):
    assert said in paper(replace(SAID, backup_days=days))


def test_a_new_version_of_the_program_is_no_change_of_policy():
    newer = replace(SAID, version="9.9", commit="f" * 12, model_digest="cd" * 32)

    assert policy.policy_text(SAID) == policy.policy_text(newer)


@pytest.mark.parametrize(
    "changed",
    [
        {"limits": {DataClass.RECIPE: 8 * DAY}},
        {"licence": "CreativeML Open RAIL-M"},
        {"model": "Other"},
        {"operator": replace(SAID.operator, country="Norway")},
        {"operator": replace(SAID.operator, answer_time="")},
        {"plans": (replace(SHIPPED[0], stealth=StealthRule.NEVER),)},
    ],
    ids=lambda each: next(iter(each)),
)
def test_whatever_matters_to_people_changes_the_policy(changed):
    assert policy.policy_text(SAID) != policy.policy_text(replace(SAID, **changed))


def test_the_policy_names_everything_that_concerns_people():
    text = policy.policy_text(SAID)

    for entry in personal(ENTRIES, *Store):
        assert f"{entry.store}, {entry.name}: {entry.what}." in text
    for kind in DataClass:
        assert f"\n- {kind}, " in text
    for line in NEVER_HELD:
        assert line in text


def test_what_the_operator_left_empty_is_said_to_be_empty():
    said, silent = policy.policy_text(SAID), policy.policy_text(SILENT)

    assert 4 == silent.count("the operator has not said")
    assert 0 == said.count("the operator has not said")
    for word in ("Rosa's GPU", "rosa@example.org", "Iceland", "2 days"):
        assert word in said


@given(st.sampled_from(list(DataClass)), st.integers(0, 30 * DAY))
def test_a_lifetime_that_was_set_is_the_one_that_is_told(kind, seconds):
    facts = replace(SILENT, limits={kind: seconds})

    told = policy.kept_for(kind, facts.kept(kind).seconds)

    assert f"{told}. Who can see it: {policy.SEEN_BY[kind]}" in policy.policy_text(facts)


def test_no_plan_is_said_to_buy_privacy():
    lines = [policy.plan_line(plan) for plan in SHIPPED]

    assert all(line.endswith("no training, the same lifetimes as every plan.") for line in lines)
    assert 3 == len(lines)


# --- what changed -------------------------------------------------------------------------------


def test_only_the_lines_that_changed_are_shown():
    old = Policy(1, "2026-01-01", "# P\n\n- one\n- two\n- three\n")
    new = Policy(2, "2026-02-02", "# P\n\n- one\n- two and more\n- three\n- four\n")

    shown = "\n".join(policy.changes(new, old))

    gone, come = shown.split("**Said now**")
    assert "- two\n" in gone
    assert "- two and more\n- four" in come
    assert "one" not in shown.replace("No longer", "")
    assert "2026-01-01" in shown
    assert "2026-02-02" in shown


# --- pages --------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=5000), max_size=8))
def test_pages_fit_and_lose_nothing(blocks):
    made = pages(blocks)

    assert all(0 < len(page) <= PAGE_LIMIT for page in made)
    wanted = "".join("".join(blocks).split())
    assert wanted == "".join("".join(made).split())


def test_the_first_page_of_show_is_the_answers():
    shown = account.show(SAID, KEPT, POLICY, CHECKED)

    for asked in ("stored?", "see it?", "training?", "prompt kept?", "confidential work?"):
        assert asked in shown[0]
    assert "against Discord and the operator, no" in shown[0]
    assert all(len(page) <= PAGE_LIMIT for page in shown)


def test_show_answers_with_what_applies_to_this_person():
    shown = account.show(SAID, table_of(SAID.limits, {"recipe": 0}), POLICY, CHECKED)

    assert "Public: nothing is kept." in shown[0]
    assert "Public: 7 days." in account.show(SAID, table_of(SAID.limits, {}), POLICY, None)[0]


def test_show_says_who_runs_what_and_when_it_was_last_checked():
    text = "\n".join(account.show(SAID, KEPT, POLICY, CHECKED))

    for said in (
        "version 3 of 2026-11-21", "commit 0123456789ab", "ab" * 32, "licence MIT", "passed",
        "Rosa's GPU", "Iceland", "2 days", "claims no right", "operator: 7 days", "you: 24 hours",
    ):  # fmt: skip
        assert said in text
    for kind in DataClass:
        assert f"**{kind}**" in text


def test_show_says_when_nothing_was_checked_or_said():
    text = "\n".join(account.show(SILENT, table_of({}, {}), None, None))

    assert "none yet" in text
    assert "the operator has not said" in text
    assert "None" not in text


# --- the operator's papers ----------------------------------------------------------------------


def test_a_legal_request_could_obtain_exactly_the_fields_of_the_data_map():
    text = papers.request(SAID)
    clear, sealed = text.split("## Sealed, and the operator can open it")

    for entry in personal(ENTRIES, Store.DARKROOM, Store.KEYS):
        for field in entry.fields:
            if entry.name == "unlinked_recipes":
                continue
            where = sealed if field.form in {Form.SEALED, Form.WRAPPED} else clear
            assert f"{field.name} ({field.what})" in where
    assert "the only key of each is in the buttons" in " ".join(sealed.split())


def test_the_record_of_processing_has_every_field_of_article_30():
    text = papers.record(SAID)

    for letter in "abcdefg":
        assert f"## ({letter}) " in text
    for entry in personal(ENTRIES, *Store):
        assert f"{entry.name}: {entry.why}." in text
        assert f"{entry.name}: {entry.what} (" in text
        assert f"{entry.name}: {policy.life_of_entry(SAID, entry)}" in text


def test_the_processor_note_has_places_to_sign_and_says_what_stays():
    text = papers.processor(SAID)

    assert 3 <= text.count("______________________________")
    assert "that you opted out" in text


def test_the_terms_name_every_plan_and_its_limits():
    text = papers.terms(SAID)

    for plan in SHIPPED:
        assert f"{plan.name}: {plan.pictures_per_day} pictures a day" in text


@pytest.mark.parametrize("paper", sorted(set(PAPERS) - {"policy"}))
def test_no_paper_gives_itself_out_for_legal_advice(paper):
    assert papers.NO_ADVICE in PAPERS[paper](SAID)


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def printed(tmp_path, monkeypatch):
    """What `darkroom privacy` prints with these lines in `.env`."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, env: str = ""):
        Path(".env").write_text(env)
        return CliRunner().invoke(privacy, words)

    return run


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_is_printed_with_the_operators_name(printed, paper):
    words = () if paper == "policy" else (f"--{paper}",)

    done = printed(
        *words, env="OPERATOR_NAME=Rosa\nOPERATOR_COUNTRY=Iceland\nRETENTION=record=3d\n"
    )

    assert 0 == done.exit_code, done.output
    assert done.stdout.startswith("# ")
    assert ("Rosa" in done.stdout) == (paper != "request")


def test_the_printed_policy_follows_the_settings(printed):
    assert "30 days" in printed(env="").stdout
    assert (
        "\n- record, that a job was, without its content: 3 days."
        in printed(env="RETENTION=record=3d\n").stdout
    )


def test_settings_that_cannot_be_used_are_one_clear_line(printed):
    done = printed(env="RETENTION=record=soon\n")

    assert 1 == done.exit_code
    assert "RETENTION" in done.stderr
    assert "" == done.stdout


def test_a_model_that_cannot_be_used_is_named(printed, tmp_path):
    done = printed(env=f"MODEL_DIR={tmp_path / 'nothing'}\n")

    assert 1 == done.exit_code
    assert done.stderr.startswith("darkroom: MODEL_DIR cannot be used")


# --- where the facts come from ------------------------------------------------------------------


def test_facts_are_read_from_the_settings():
    chosen = Settings(_env_file=None, operator_name="Rosa", retention="recipe=7d")

    facts = facts_of(chosen, SHIPPED, Card(name="M", family="sd", licence="L"))

    assert ("Rosa", "M", "L") == (facts.operator.name, facts.model, facts.licence)
    assert 7 * DAY == facts.kept(DataClass.RECIPE).seconds


def test_the_commit_is_named_or_nothing_is():
    assert "" == commit() or set(commit()) <= set("0123456789abcdef")


def test_a_models_digest_follows_every_byte_and_name(tmp_path):
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "weights").write_bytes(b"one")
    first = digest_of(tmp_path)
    (tmp_path / "unet" / "weights").write_bytes(b"two")
    second = digest_of(tmp_path)
    (tmp_path / "unet" / "weights").rename(tmp_path / "unet" / "other")

    assert 3 == len({first, second, digest_of(tmp_path)})
    assert 64 == len(first)


def test_what_a_selfcheck_leaves_is_what_show_reads(tmp_path):
    [verdict, *_] = samples(report.Verdict)

    report.keep(verdict, tmp_path, now=1_795_000_000)
    found = datamap.last_selfcheck(tmp_path)

    assert found is not None
    assert (1_795_000_000, verdict.passed) == (found.at, found.passed)
    assert commit() in account.selfcheck_line(found)
