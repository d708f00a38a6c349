"""The data map: everything that is stored, field by field, with whose it is and how it goes.

A column without an entry fails the tests, and so does an entry without a column. What people read
about their data, the record of processing and the answer to a legal request are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.policy.retention import DataClass


class Store(StrEnum):
    """Where a thing lies."""

    DARKROOM = "darkroom.db"
    KEYS = "keys.db"
    FILES = "files"
    MEMORY = "memory"


class Whose(StrEnum):
    """Whom a thing is about."""

    PERSON = "a person"
    JOB = "a person, through a job"
    NOBODY = "nobody: no row says whose"
    SERVER = "a server"
    HOUSE = "the bot itself"


class Form(StrEnum):
    """How a field is written."""

    PLAIN = "plain"
    HASH = "keyed hash"
    RANDOM = "random id"
    SEALED = "sealed"
    WRAPPED = "wrapped key"


class Erased(StrEnum):
    """How a thing goes when its owner erases it."""

    KEY_FIRST = "its key is destroyed, then the row"
    ROW = "the row is deleted"
    MESSAGE = "the message is deleted at Discord, then the row"
    BUTTONS = (
        "found through the buttons in your DM and deleted; what no button names dies on its day"
    )
    DROPPED = "dropped from memory"
    STAYS = "no, it outlives an erasure"
    WITH_SERVER = "with its server: by that server's purge, or after the bot left it"
    NEVER = "about no person"


@dataclass(frozen=True)
class Field:
    """One column. `kind` is set where it differs from its table's.

    `exported` False leaves it out of its table's part of the export.
    """

    name: str
    what: str
    form: Form = Form.PLAIN
    kind: DataClass | None = None
    exported: bool = True


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One table, kind of file, or thing held in memory.

    `name` is the table's, or a pattern of file names. It has the lifetime of its `kind`, or one of
    its own in `life`. `exported` names its part of the export; empty: it is not in it. What cannot
    be counted for a person has `countable` False, by design and never for convenience.
    """

    store: Store
    name: str
    what: str
    why: str
    whose: Whose
    erased: Erased
    kind: DataClass | None = None
    life: str = ""
    exported: str = ""
    countable: bool = True
    fields: tuple[Field, ...] = ()

    def exports(self, field: Field) -> bool:
        """Say whether a field is in the export. Hashes and keys tell nobody anything there."""
        is_told = field.form not in {Form.HASH, Form.WRAPPED}
        return bool(self.exported) and field.exported and is_told

    @property
    def is_personal(self) -> bool:
        """Whether it concerns somebody, also where no row says whom."""
        return self.whose not in {Whose.HOUSE, Whose.SERVER}


def personal(entries: Iterable[Entry], *stores: Store) -> Iterator[Entry]:
    """Give what concerns somebody, in some of the stores."""
    return (each for each in entries if each.is_personal and each.store in stores)


def outliving(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give what an erasure of everything leaves."""
    return (each for each in entries if each.erased is Erased.STAYS)


def of_kind(entries: Iterable[Entry], kind: DataClass) -> Iterator[Entry]:
    """Give what is kept under a class, in whole or by one field."""
    return (
        each
        for each in entries
        if kind is each.kind or kind in {field.kind for field in each.fields}
    )


def gaps(entries: Iterable[Entry], store: Store, schema: Mapping[str, Iterable[str]]) -> list[str]:
    """Compare the map with a database: every column has one entry, every entry a column.

    Args:
        entries: The map.
        store: Which database `schema` was read from.
        schema: The columns of each table.

    Returns:
        One line per gap, naming the remedy; empty when there is none.
    """
    mapped = [
        (each.name, field.name) for each in entries if each.store is store for field in each.fields
    ]
    found = {(table, column) for table, columns in schema.items() for column in columns}
    lines = [
        f"{store} {table}.{column} has no entry: add one to bot/policy/entries*.py"
        for table, column in sorted(found - set(mapped))
    ]
    lines += [
        f"{store} {table}.{column} is in the data map and not in the schema: drop its entry"
        for table, column in sorted(set(mapped) - found)
    ]
    lines += [
        f"{store} {table}.{column} has two entries: keep one"
        for table, column in sorted(set(mapped))
        if mapped.count((table, column)) > 1
    ]
    return lines
