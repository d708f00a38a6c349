"""What Pocket can be told: its words, its grammar, and the pairs kept back for the exam.

A *spec* (`Single`, `Pair`, `Scene`) describes a picture; `caption` words it as people type, leaving
parts out at random: the model learns to fill them in. Pure: chance is a seeded generator. Pairs are
held out because a model that merely stored them could not draw one it never saw. Each shape lacks
one colour and one relation; `held_out` decides (compare CLEVR-CoGenT, arXiv 1612.06890, 4.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
SHAPES = ("circle", "square", "triangle", "star", "heart", "moon", "cross", "ring")
SIZES = ("small", "large")
PLACES = (
    "top left", "top", "top right", "left", "centre", "right",
    "bottom left", "bottom", "bottom right",
)  # fmt: skip
BACKGROUNDS = ("cream", "sky", "mint", "grey", "night")
RELATIONS = ("above", "below", "left of", "right of")
TIMES = ("day", "sunset", "night")

#: What a scene is about, and the settings in which it looks at home.
SETTINGS: dict[str, tuple[str, ...]] = {
    "house": ("hill", "meadow", "mountains", "sea"),
    "tree": ("hill", "meadow", "mountains"),
    "flower": ("meadow", "hill"),
    "boat": ("sea",),
    "lighthouse": ("sea",),
    "balloon": ("hill", "sea", "mountains", "desert", "meadow"),
    "cactus": ("desert",),
    "fish": ("water",),
    "mountains": ("mountains",),
}
#: Subjects whose colour may be named, and the colours they have when nobody names one.
NATURAL: dict[str, tuple[str, ...]] = {
    "house": ("red", "orange", "yellow", "pink", "brown"),
    "tree": ("green", "orange"),
    "flower": ("red", "orange", "yellow", "purple", "pink"),
    "boat": ("red", "blue", "green"),
    "lighthouse": ("red", "blue"),
    "balloon": ("red", "orange", "purple", "pink"),
    "fish": ("orange", "yellow", "pink"),
}

#: The shape kept back from each colour, and the subject shapes kept back from each relation.
HELD_OUT_COLOUR = dict(zip(COLOURS, SHAPES[3:] + SHAPES[:3], strict=True))
HELD_OUT_RELATION = {
    "above": ("star", "ring"),
    "below": ("heart", "square"),
    "left of": ("circle", "cross"),
    "right of": ("triangle", "moon"),
}

#: Other words people use for the same thing.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "purple": ("purple", "violet"),
    "grey": ("grey", "gray"),
    "circle": ("circle", "disc"),
    "moon": ("moon", "crescent"),
    "small": ("small", "little", "tiny"),
    "large": ("large", "big", "huge"),
    "centre": ("centre", "center", "middle"),
    "night": ("night", "dark"),
}


class Chance(Protocol):
    """The part of `numpy.random.Generator` that is used here."""

    def random(self) -> float:
        """Uniform from 0 to 1."""

    def integers(self, low: int, high: int) -> int:
        """Uniform from `low` to `high` - 1."""


@dataclass(frozen=True)
class Thing:
    """One coloured shape."""

    colour: str
    shape: str


@dataclass(frozen=True)
class Single:
    """One thing, of one size, in one of nine places."""

    thing: Thing
    size: str
    place: str
    background: str


@dataclass(frozen=True)
class Pair:
    """Two things; `first` stands in `relation` to `second`."""

    first: Thing
    relation: str
    second: Thing
    background: str


@dataclass(frozen=True)
class Scene:
    """A small landscape: a subject at home in a setting, at one time of day."""

    subject: str
    colour: str
    setting: str
    time: str


Spec = Single | Pair | Scene


def pick(chance: Chance, items: tuple[T, ...]) -> T:
    """One of `items`, each as likely."""
    return items[int(chance.integers(0, len(items)))]


def held_out(spec: Spec) -> bool:
    """Whether `spec` holds a pair that training must never see."""
    match spec:
        case Single():
            return HELD_OUT_COLOUR[spec.thing.colour] == spec.thing.shape
        case Pair():
            things = (spec.first, spec.second)
            return spec.first.shape in HELD_OUT_RELATION[spec.relation] or any(
                HELD_OUT_COLOUR[thing.colour] == thing.shape for thing in things
            )
        case Scene():
            return False


def train_spec(chance: Chance, scenes: float = 0.3, pairs: float = 0.38) -> Spec:
    """A random spec that training may see; `scenes` and `pairs` are shares of all pictures."""
    while True:
        kind = chance.random()
        spec: Spec
        if kind < scenes:
            spec = scene(chance)
        elif kind < scenes + pairs:
            spec = pair(chance, pick(chance, RELATIONS), pick(chance, SHAPES))
        else:
            spec = single(chance, pick(chance, COLOURS), pick(chance, SHAPES))
        if not held_out(spec):
            return spec


def exam_spec(chance: Chance) -> Single | Pair:
    """A random single or pair that training may not see: what the scorer asks for."""
    if chance.random() < 0.5:
        colour = pick(chance, COLOURS)
        return single(chance, colour, HELD_OUT_COLOUR[colour])
    relation = pick(chance, RELATIONS)
    return pair(chance, relation, pick(chance, HELD_OUT_RELATION[relation]))


def single(chance: Chance, colour: str, shape: str) -> Single:
    """This thing, anywhere."""
    size, place = pick(chance, SIZES), pick(chance, PLACES)
    return Single(Thing(colour, shape), size, place, pick(chance, BACKGROUNDS))


def pair(chance: Chance, relation: str, shape: str) -> Pair:
    """A `shape` in `relation` to anything, in two different colours."""
    one = int(chance.integers(0, len(COLOURS)))
    other = (one + 1 + int(chance.integers(0, len(COLOURS) - 1))) % len(COLOURS)
    second = Thing(COLOURS[other], pick(chance, SHAPES))
    return Pair(Thing(COLOURS[one], shape), relation, second, pick(chance, BACKGROUNDS))


def scene(chance: Chance) -> Scene:
    """Any subject in a setting that suits it."""
    subject = pick(chance, tuple(SETTINGS))
    setting, time = pick(chance, SETTINGS[subject]), pick(chance, TIMES)
    natural = NATURAL.get(subject, COLOURS) if chance.random() < 0.5 else COLOURS
    return Scene(subject, pick(chance, natural), setting, time)


def full_caption(spec: Single | Pair) -> str:
    """The plain wording with nothing left out, as the scorer asks it."""
    ground = f"on a {spec.background} background"
    if isinstance(spec, Single):
        thing = f"a {spec.size} {spec.thing.colour} {spec.thing.shape}"
        return f"{thing} {_at(spec.place)}, {ground}"
    first, second = (f"a {thing.colour} {thing.shape}" for thing in (spec.first, spec.second))
    relation = spec.relation if " " not in spec.relation else f"to the {spec.relation}"
    return f"{first} {relation} {second}, {ground}"


def caption(spec: Spec, chance: Chance) -> str:
    """`spec` in words, one of many ways, some parts left out."""
    match spec:
        case Single():
            return _single_words(spec, chance)
        case Pair():
            return _pair_words(spec, chance)
        case Scene():
            return _scene_words(spec, chance)


def words() -> tuple[str, ...]:
    """Every word the grammar can say, sorted."""
    found = set(FUNCTION_WORDS)
    for group in (COLOURS, SHAPES, SIZES, PLACES, BACKGROUNDS, RELATIONS, TIMES, tuple(SETTINGS)):
        found.update(word for phrase in group for word in phrase.split())
    for synonyms in SYNONYMS.values():
        found.update(synonyms)
    for phrases in (*SETTING_WORDS.values(), *TIME_WORDS.values(), *RELATION_WORDS.values()):
        found.update(word for phrase in phrases for word in phrase.split())
    return tuple(sorted(found))


FUNCTION_WORDS = ("a", "an", "and", "at", "background", "corner", "in", "of", "on", "the", "to",
                  "upper", "lower", "with", "scene")  # fmt: skip
SETTING_WORDS = {
    "hill": ("on a hill", "on the hill", "on a green hill", "over hills", "on the hills"),
    "meadow": ("in a meadow", "in the meadow", "in a field", "in a green meadow"),
    "mountains": ("in the mountains", "under the mountains", "by the mountains"),
    "sea": ("by the sea", "on the sea", "over the sea", "at the sea"),
    "desert": ("in the desert", "in a desert", "over the desert"),
    "water": ("in the sea", "under water", "in the water", "underwater"),
}
TIME_WORDS = {
    "day": ("by day", "under the sun", "under a sun", "in the sun", "on a sunny day"),
    "sunset": ("at sunset", "in the evening", "at dusk", "in the sunset", "sunset scene"),
    "night": (
        "at night",
        "under a moon",
        "under the moon",
        "under the moon and stars",
        "night scene",
    ),
}
RELATION_WORDS = {
    "above": ("above", "above", "over", "on top of"),
    "below": ("below", "below", "under", "beneath"),
    "left of": ("to the left of", "left of", "on the left of"),
    "right of": ("to the right of", "right of", "on the right of"),
}


def _word(name: str, chance: Chance) -> str:
    """`name`, or one time in four another word for it."""
    if name in SYNONYMS and chance.random() < 0.25:
        return pick(chance, SYNONYMS[name])
    return name


def _at(place: str) -> str:
    """A place as a phrase: "at the top left", "in the centre"."""
    return f"in the {place}" if place in ("centre", "center", "middle") else f"at the {place}"


def _place_words(place: str, chance: Chance) -> str:
    """A place, worded one of the usual ways."""
    said = " ".join(_word(word, chance) for word in place.split())
    if " " in place:
        if chance.random() < 0.2:
            said = said.replace("top", "upper").replace("bottom", "lower")
        if chance.random() < 0.2:
            return f"in the {said} corner"
    if chance.random() < 0.25:
        return said
    if chance.random() < 0.3:
        return f"{pick(chance, ('in', 'on', 'at'))} the {said}"
    return _at(said)


def _background_words(background: str, chance: Chance) -> str:
    """A background, worded one of the usual ways."""
    said = _word(background, chance)
    return pick(
        chance,
        (
            f"on a {said} background",
            f"on a {said} background",
            f"{said} background",
            f"with a {said} background",
            f"on {said}",
        ),
    )


def _join(parts: list[str], chance: Chance) -> str:
    """Phrases in a row, with or without commas; now and then the last one first."""
    parts = [part for part in parts if part]
    if len(parts) > 1 and chance.random() < 0.15:
        parts = [parts[-1], *parts[:-1]]
        return ", ".join(parts)
    comma = ", " if chance.random() < 0.7 else " "
    return comma.join([" ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else " ".join(parts)


def _thing_words(thing: Thing, size: str, chance: Chance, bare: float) -> str:
    """A thing as a phrase, its colour left out with chance `bare`."""
    colour = "" if chance.random() < bare else _word(thing.colour, chance)
    said_size = _word(size, chance) if size else ""
    adjectives = [said_size, colour] if chance.random() < 0.85 else [colour, said_size]
    named = " ".join(word for word in (*adjectives, _word(thing.shape, chance)) if word)
    draw = chance.random()
    if draw < 0.25:
        return named
    return f"the {named}" if draw < 0.3 else f"{_article(named)} {named}"


def _article(named: str) -> str:
    return "an" if named[0] in "aeiou" else "a"


def _single_words(spec: Single, chance: Chance) -> str:
    size = spec.size if chance.random() < 0.75 else ""
    parts = [_thing_words(spec.thing, size, chance, bare=0.08)]
    if chance.random() < 0.8:
        parts.append(_place_words(spec.place, chance))
    if chance.random() < 0.8:
        parts.append(_background_words(spec.background, chance))
    return _join(parts, chance)


def _pair_words(spec: Pair, chance: Chance) -> str:
    first = _thing_words(spec.first, "", chance, bare=0.05)
    second = _thing_words(spec.second, "", chance, bare=0.05)
    parts = [f"{first} {pick(chance, RELATION_WORDS[spec.relation])} {second}"]
    if chance.random() < 0.8:
        parts.append(_background_words(spec.background, chance))
    return _join(parts, chance)


def _scene_words(spec: Scene, chance: Chance) -> str:
    subject = spec.subject
    natural = spec.colour in NATURAL.get(subject, COLOURS)
    if subject in NATURAL and (not natural or chance.random() < 0.5):
        subject = f"{_word(spec.colour, chance)} {subject}"
    if spec.subject != "mountains" and chance.random() < 0.8:
        subject = f"{_article(subject)} {subject}"
    parts = [subject]
    if spec.subject != "mountains" and chance.random() < 0.8:
        parts[0] = f"{subject} {pick(chance, SETTING_WORDS[spec.setting])}"
    if chance.random() < 0.7:
        parts.append(pick(chance, TIME_WORDS[spec.time]))
    return _join(parts, chance)
