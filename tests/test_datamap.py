"""The data map is whole: every column of both databases has an entry, and every entry a column."""

import sqlite3
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from bot import words
from bot.policy.datamap import Erased, Field, Form, Store, Whose, gaps, outliving, personal
from bot.policy.entries import ENTRIES
from bot.policy.retention import DataClass
from bot.storage import datamap, exports
from bot.storage.database import Database, open_database
from bot.words import Preview
from tests.storage.rows import ANA, add_job

LADDERS = {Store.DARKROOM: "darkroom", Store.KEYS: "keys"}


async def schema_of(database: Database) -> dict[str, list[str]]:
    async with database.read() as tx:
        return await datamap.schema(tx)


async def gaps_of(path: Path, store: Store) -> list[str]:
    database = await open_database(path, LADDERS[store])
    try:
        return gaps(ENTRIES, store, await schema_of(database))
    finally:
        await database.close()


@pytest.fixture
def tmp_path(quick_disk: Path) -> Path:
    return quick_disk


@pytest.mark.parametrize("store", LADDERS)
async def test_every_column_has_an_entry_and_every_entry_a_column(store, tmp_path):
    assert [] == await gaps_of(tmp_path / store.value, store)


@pytest.mark.parametrize(
    ("store", "statement", "named"),
    [
        (Store.DARKROOM, "ALTER TABLE people ADD COLUMN nickname TEXT", "people.nickname"),
        (Store.DARKROOM, "CREATE TABLE diaries (person TEXT)", "diaries.person"),
        (Store.KEYS, "ALTER TABLE day_keys ADD COLUMN copy BLOB", "day_keys.copy"),
    ],
)
async def test_a_new_column_without_an_entry_is_named(store, statement, named, tmp_path):
    path = tmp_path / store.value
    assert [] == await gaps_of(path, store)
    with sqlite3.connect(path) as file:
        file.execute(statement)
    file.close()

    found = await gaps_of(path, store)

    assert 1 == len(found)
    assert f"{store} {named} has no entry" in found[0]


async def test_an_entry_without_a_column_is_named(memory):
    first = next(each for each in ENTRIES if each.name == "people")
    more = replace(first, fields=(*first.fields, Field("shoe_size", "what nobody asked")))

    found = gaps([more if each is first else each for each in ENTRIES], Store.DARKROOM,
                 await schema_of(memory.db))  # fmt: skip

    assert ["people.shoe_size"] == [line.split()[1] for line in found]


async def test_a_column_told_twice_is_named(memory):
    first = next(each for each in ENTRIES if each.name == "usage")
    more = replace(first, fields=(*first.fields, first.fields[0]))

    found = gaps([more if each is first else each for each in ENTRIES], Store.DARKROOM,
                 await schema_of(memory.db))  # fmt: skip

    assert ["darkroom.db usage.person has two entries: keep one"] == found


def test_whatever_concerns_a_person_is_counted_or_says_that_it_cannot_be():
    countable = {(each.store, each.name) for each in personal(ENTRIES, *Store) if each.countable}
    counted = {(store, table) for store, queries in datamap.COUNTS.items() for table in queries}

    assert countable == counted


def test_only_what_nobody_can_be_found_in_is_not_countable():
    named = {each.name for each in personal(ENTRIES, *Store) if not each.countable}

    assert {"unlinked_recipes", "forgotten.*", "stealth keys", "work"} == named


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.name)
def test_every_entry_says_what_why_and_how_long(entry):
    assert entry.what
    assert entry.why
    assert (entry.kind is None) == bool(entry.life)
    assert (Whose.HOUSE is entry.whose) == (Erased.NEVER is entry.erased)
    assert all(field.what for field in entry.fields)


def test_what_outlives_an_erasure_is_what_is_promised():
    outlives = {
        "usage",
        "gpu_usage",
        "relax_use",
        "opt_outs",
        "exports",
        "tenants",
        "blocks",
        "strikes",
        "counters",
        "audit",
        "forgotten",
        "forgotten.*",
    }
    assert outlives == {each.name for each in outliving(ENTRIES)}


NAMED = {
    "usage": "today's use",
    "gpu_usage": "this month's GPU time",
    "relax_use": "your relaxed use",
    "opt_outs": "your opt-out",
    "exports": "your last export",
    "tenants": "your place in the fair order",
    "blocks": "blocks",
    "strikes": "strikes",
    "counters": "safety counters",
    "audit": "what you did as a moderator",
    "forgotten": "a note of what was erased",
    "forgotten.*": "a note of what was erased",
}
"""How the question before an erasure calls what outlives it."""


def test_the_question_before_an_erasure_names_all_that_outlives_it():
    preview = Preview(scope="everything", counts={"posts": 3}, in_dm=True)
    asked = [words.erase_question(preview), words.opt_out_question(preview)]

    assert {each.name for each in outliving(ENTRIES)} == set(NAMED)
    assert [] == [said for said in NAMED.values() for one in asked if said not in one]


def test_whoever_is_named_by_a_hash_is_named_in_a_hashed_column():
    """No table holds a Discord id of a person in the clear."""
    for each in personal(ENTRIES, Store.DARKROOM, Store.KEYS):
        for field in each.fields:
            if field.name in {"person", "tenant"}:
                assert "keyed hash" == field.form.value, f"{each.name}.{field.name}"


def test_words_and_pictures_are_only_ever_sealed():
    """A field that speaks of a prompt, a recipe or a route is sealed."""
    for each in personal(ENTRIES, Store.DARKROOM):
        for field in each.fields:
            if any(word in field.what for word in ("prompt", "your choices", "token")):
                assert "sealed" == field.form.value, f"{each.name}.{field.name}"


RENAMED = {"id": "job", "rows": "pictures"}
"""Columns that the export calls by a plainer name."""


async def test_the_export_has_every_field_that_is_said_to_be_in_it_and_no_other(memory):
    """A column added to a table must be exported, or said not to be."""
    delivery = await add_job(memory)
    person = memory.keys.person(ANA)
    async with memory.db.transaction() as tx:
        for statement in (
            "INSERT INTO people VALUES (?1, 1, 1, 'Pro', 1)",
            "INSERT INTO usage VALUES (?1, '2026-11-21', 1, 1)",
            "INSERT INTO gpu_usage VALUES (?1, '2026-11', 1)",
            "INSERT INTO relax_use VALUES (?1, 1.5, 60)",
            "INSERT INTO grants VALUES (?1, 'Pro', '2026-11-21', 99)",
            "INSERT INTO entitlements VALUES ('e', ?1, 'Pro', 60, 99)",
            "INSERT INTO opt_outs VALUES (?1, 'never-public', '2026-11-21')",
            "INSERT INTO exports VALUES (?1, '2026-11-21')",
            "INSERT INTO acts VALUES (1, ?1, 60, 'you', 'exported', 1, 99)",
            "INSERT INTO reports VALUES ('r', 1, 2, 3, 'j', 'other', ?1, x'', 60, 99, NULL)",
            "INSERT INTO contests VALUES ('c', 1, ?1, x'', 60, 99, NULL)",
            "INSERT INTO declarations VALUES (?1, '2026-11-21', 1)",
            "INSERT INTO blocks VALUES (1, ?1, 60, 99)",
            "INSERT INTO strikes VALUES (1, 1, ?1, 60, 99)",
            "INSERT INTO counters VALUES (?1, 'prompt', 'public', '2026-11-21', 1, 99)",
            "INSERT INTO audit_subjects VALUES (1, 1, ?1, 1, 'proof')",
        ):
            await tx.execute(statement, (person,))
        await tx.execute(
            "INSERT INTO posts VALUES (?, ?, 1, 2, 3, 4, NULL)", (delivery.job, person)
        )
        await tx.execute(
            "INSERT INTO audit VALUES (1, 1, 60, 'moderator', 'm', 'purged', 'user', 2, 'done',"
            " 'prev', 'hash', 'proof')"
        )
        sections = await exports.plain(tx, person)

    for section, rows in sections.items():
        mapped = {
            RENAMED.get(field.name, field.name)
            for entry in ENTRIES
            if entry.exported == section
            for field in entry.fields
            if entry.exports(field) and field.form in {Form.PLAIN, Form.RANDOM}
        }
        assert (section, 1) == (section, len(rows))
        assert (section, mapped) == (section, set(rows[0]))


async def test_every_file_of_the_house_is_in_the_map(memory, tmp_path):
    await add_job(memory)
    await memory.keep_files([b"sealed"])
    data = tmp_path / "data"
    known = [
        *(each.name for each in ENTRIES if each.store is Store.FILES),
        *LADDERS,
    ]

    strangers = [
        str(path.relative_to(data))
        for path in data.rglob("*")
        if path.is_file() and not any(fnmatch(str(path.relative_to(data)), name) for name in known)
    ]

    assert [] == strangers
    assert any(path.parent.name == "blobs" for path in data.rglob("*"))


def test_every_class_is_one_that_is_stored():
    stored = {each.kind for each in ENTRIES} | {
        field.kind for each in ENTRIES for field in each.fields
    }

    assert set() == set(DataClass) - stored
