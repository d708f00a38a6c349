"""Everything the house can say: each text it can send or print, with where it comes from.

Words are called with samples of whatever their types allow, so that a sentence added later is read
without being listed here. A type that cannot be sampled fails, naming itself.
"""

import ast
import dataclasses
import enum
import importlib
import inspect
import itertools
import pkgutil
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import click

from bot import cli, words
from bot.crypto.receipts import Erasure, Flaw, Scope
from bot.domain import Ask, Private, Refusal
from bot.policy.datamap import Entry
from bot.policy.disclosure import Facts, Kept, Policy, table_of
from bot.policy.entries import ENTRIES
from bot.policy.results import FOLLOWS, Follow
from bot.policy.retention import DataClass, ServerLimits
from bot.ports import Post
from bot.words import Limited, PurgeShown
from bot.words.erasing import FAILURES, Done, Preview
from gen.card import Card
from gen.job import Kind, Spec, Speed
from tests.asks import ask
from tests.facts import SAID, SILENT
from tests.test_words import REFUSALS

ROOT = Path(__file__).parent.parent
SHEETS = (
    "README.md",
    "CHANGELOG.md",
    "gen/pocket/CARD.md",
    "bot/policy/plans.toml",
    ".env.example",
)

_UNLIMITED = 40
"""Calls of one function: beyond, each argument is varied alone."""


@dataclasses.dataclass(frozen=True)
class Said:
    """One text, whole as it is sent or printed, and who says it."""

    by: str
    text: str


def messages() -> list[Said]:
    """Every message that words can make: constants, and functions called with samples."""
    return [
        Said(f"{module.__name__}.{name}", text)
        for module in _words()
        for name, value in vars(module).items()
        if _is_of(module, name, value)
        for text in texts_of(name, value)
    ]


def _words() -> Iterator[types.ModuleType]:
    for found in pkgutil.iter_modules(words.__path__):
        yield importlib.import_module(f"bot.words.{found.name}")


def _is_of(module: types.ModuleType, name: str, value: object) -> bool:
    if inspect.isfunction(value):
        return value.__module__ == module.__name__ and not name.startswith("_")
    return name.isupper()


def texts_of(name: str, value: object) -> Iterator[str]:
    """Every text of one constant, or of one function called with samples."""
    if not inspect.isfunction(value):
        yield from _said_in(value)
        return
    for arguments in samples_of(value):
        try:
            yield from _said_in(value(**arguments))
        except Exception as fault:
            raise AssertionError(f"{name} cannot say {arguments}") from fault


def _said_in(value: object) -> Iterator[str]:
    """Every whole text in what a word gives: a post is one, each page of a list is one."""
    match value:
        case str():
            yield value
        case Post():
            labels = [f"[{button.label}]" for button in value.buttons]
            lists = [
                f"[{select.placeholder}: {' / '.join(one.label for one in select.choices)}]"
                for select in value.selects
            ]
            yield "\n".join([value.content, *lists, *labels])
        case Mapping():
            for each in value.values():
                yield from _said_in(each)
        case Collection() | types.GeneratorType():
            if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
                yield "\n".join(value)  # lines of one message
            elif not isinstance(value, bytes):
                for each in value:
                    yield from _said_in(each)


# --- samples ------------------------------------------------------------------------------------

_ERASED = Erasure(
    id="00",
    scope=Scope.EVERYTHING,
    begun_at=60,
    ended_at=120,
    counts={"posts": 1, "recipes": 2},
    keys_destroyed=3,
    messages_deleted=4,
    messages_found=4,
    recipes_erased=1,
    unreached_expire_on="2026-11-28",
    backups="none-made",
    remnants="sealed",
    software="0.1.0",
    policy="1",
)
_FAILED = dataclasses.replace(
    _ERASED, scope=Scope.TODAY, failures=tuple(FAILURES), backups="keys-gone-by:2026-11-28"
)
_PURGED = dataclasses.replace(_ERASED, scope=Scope.MEMBER)
PURGED_SCOPES = (Scope.MEMBER, Scope.CHANNEL, Scope.JOB, Scope.RANGE, Scope.SERVER)

_SPEC = Spec(prompt="a fox", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))

SAMPLES: dict[object, list[object]] = {
    str: ["sample"],
    int: [3],
    float: [2.5],
    bool: [False, True],
    bytes: [b"RIFF"],
    object: ["sample"],
    tuple[Speed, ...]: [(Speed.FAST, Speed.RELAX), (Speed.RELAX,)],
    Private: [Private("sample")],
    Ask: [ask(stylize=50, image_weight=2.0), ask()],
    Refusal: list(REFUSALS.values()),
    Facts: [SAID, SILENT],
    Entry: [ENTRIES[0], ENTRIES[-1]],
    Policy: [Policy(2, "2026-11-21", "# P\n- one\n"), Policy(1, "2026-10-01", "# P\n- two\n")],
    Preview: [
        Preview(scope=scope, counts={"posts": 2}, oldest="2026-11-20", in_dm=True)
        for scope in (Scope.JOB, Scope.TODAY, Scope.EVERYTHING)
    ],
    Done: [_ERASED, _FAILED, _PURGED],
    PurgeShown: [
        PurgeShown(id="00", scope=scope, done=3, found=9, is_waiting=waits, may_cancel=True)
        for scope in PURGED_SCOPES
        for waits in (False, True)
    ],
    Limited: [
        Limited(
            kind=kind,
            seconds=seconds,
            channel_id=channel,
            at_once=at_once,
            later=later,
            until=86400 if later else None,
            is_longer=is_longer,
            is_so=is_so,
        )
        for kind, seconds, channel, at_once, later, is_longer, is_so in [
            (DataClass.POST, 0, None, 2, 0, False, False),
            (DataClass.POST, 86400, 200, 1, 3, True, False),
            (DataClass.RECIPE, 3600, None, 0, 1, False, False),
            (DataClass.PICTURE, 600, 200, 0, 0, False, False),
            (DataClass.RECORD, 0, None, 0, 0, False, True),
        ]
    ],
    Spec: [
        _SPEC,
        *(
            dataclasses.replace(_SPEC, kind=kind, inputs=1, strength=0.5, masked=masked, scale=2.0)
            for kind in Kind
            if kind is not Kind.IMAGINE
            for masked in (False, True)
        ),
        dataclasses.replace(
            _SPEC, sampler="euler", stop=0.5, tile=True, loras=(("ink", 0.5),), model="one"
        ),
    ],
    Follow: list(FOLLOWS.values()),
    Card: [
        Card(name="one", family="sd"),
        Card(name="two", family="sdxl", licence="MIT", source="a folder", use_limits="none"),
    ],
}
"""What stands for a type where its fields alone do not say what may be in them."""


CODES: dict[tuple[str, str], list[object]] = {
    ("purge_question", "preview"): [
        Preview(scope=scope, counts={"posts": 2}, oldest="2026-11-20", newest="2026-11-21")
        for scope in PURGED_SCOPES
    ],
    ("verified", "found"): [*Flaw, _ERASED, _FAILED],
}
"""Arguments that are strings, of which only some have a meaning: (function, parameter) → them."""


def samples_of(function: Callable[..., object]) -> Iterator[dict[str, object]]:
    """Arguments to call a function with: all mixtures where they are few, else one varied by one.

    A parameter named like one of a function's known codes is given each of them.
    """
    hints = typing.get_type_hints(function)
    offered = {
        name: CODES.get((function.__name__, name)) or samples(hints[name])
        for name in inspect.signature(function).parameters
    }
    yield from _mixtures(offered)


def _mixtures(offered: dict[str, list[object]]) -> Iterator[dict[str, object]]:
    total = 1
    for each in offered.values():
        total *= max(1, len(each))
    if total <= _UNLIMITED:
        for chosen in itertools.product(*offered.values()):
            yield dict(zip(offered, chosen, strict=True))
        return
    first = {name: each[0] for name, each in offered.items()}
    yield first
    for name, each in offered.items():
        for one in each[1:]:
            yield first | {name: one}


def samples(hint: object) -> list[object]:
    """Values of a type."""
    if hint in SAMPLES:
        return SAMPLES[hint]
    if hint is None or hint is type(None):
        return [None]
    if isinstance(hint, typing.NewType):
        return samples(hint.__supertype__)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return [value for each in inner for value in samples(each)]
    if origin is typing.Literal:
        return list(inner)
    if origin is not None and issubclass(origin, Mapping):
        return [_mapping(*inner)]
    if origin is not None and issubclass(origin, typing.Iterable):
        return _lists(origin, inner)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint)
    raise AssertionError(f"tests/spoken.py cannot sample {hint}: add it to SAMPLES")


def _mapping(keys: object, values: object) -> dict[object, object]:
    value = samples(values)[0]
    return dict.fromkeys(samples(keys), value)


def _lists(origin: type, inner: tuple[object, ...]) -> list[object]:
    make = tuple if origin is tuple else list
    if inner and inner[0] is Kept:
        here = ServerLimits({DataClass.POST: 86400}, {DataClass.RECIPE: 0})
        return [table_of(SAID.limits, {"recipe": 3600}), table_of(SAID.limits, {}, here)]
    if origin is tuple and Ellipsis not in inner:
        return [tuple(samples(each)[0] for each in inner)]
    return [make(samples(inner[0])), make()]


def _dataclass(hint: typing.Any) -> list[object]:
    hints = typing.get_type_hints(hint)
    offered = {field.name: samples(hints[field.name]) for field in dataclasses.fields(hint)}
    return [hint(**arguments) for arguments in _mixtures(offered)]


# --- what is written ----------------------------------------------------------------------------


def printed() -> list[Said]:
    """Every help text of every `darkroom` command."""
    return list(_help(cli.main, "darkroom"))


def _help(command: click.Command, name: str) -> Iterator[Said]:
    with click.Context(command, info_name=name) as context:
        yield Said(f"{name} --help", command.get_help(context))
    if isinstance(command, click.Group):
        for each, below in command.commands.items():
            yield from _help(below, f"{name} {each}")


def written() -> list[Said]:
    """Every text written into doors and commands. Placeholders of an f-string stand as `…`."""
    rooms = ("cogs", "bot", "bot/selfcheck")
    modules = sorted(path for room in rooms for path in (ROOT / room).glob("*.py"))
    return [
        Said(f"{path.relative_to(ROOT)}:{line}", text)
        for path in modules
        for line, text in _literals(path.read_text())
    ]


def sheets() -> list[Said]:
    """What people read in the repository."""
    return [Said(name, (ROOT / name).read_text()) for name in SHEETS]


def _literals(source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text:  # a sentence, not a name
            yield node.lineno, text
