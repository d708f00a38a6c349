"""Components of messages and modals: what may stand where, checked and filled up as Discord does.

The tables say it all: which fields a type knows, which texts have which length, which child may
stand in which parent. An unknown type or field is a gap (501); a broken rule is Discord's form
error (50035).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.sandbox import fields
from bot.sandbox.entities import Json
from bot.sandbox.errors import Form, GapError

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = frozenset({3, 5, 6, 7, 8})
LINK_STYLE, PREMIUM_STYLE = 5, 6

_SELECT = {"custom_id", "placeholder", "min_values", "max_values", "disabled", "required"}
_FIELDS: dict[int, set[str]] = {
    ROW: {"components"},
    BUTTON: {"style", "label", "emoji", "custom_id", "sku_id", "url", "disabled"},
    STRING_SELECT: _SELECT | {"options"},
    TEXT_INPUT: {
        *("custom_id", "style", "label", "min_length", "max_length"),
        *("required", "value", "placeholder"),
    },
    USER_SELECT: _SELECT | {"default_values"},
    ROLE_SELECT: _SELECT | {"default_values"},
    MENTIONABLE_SELECT: _SELECT | {"default_values"},
    CHANNEL_SELECT: _SELECT | {"default_values", "channel_types"},
    SECTION: {"components", "accessory"},
    TEXT_DISPLAY: {"content"},
    THUMBNAIL: {"media", "description", "spoiler"},
    GALLERY: {"items"},
    FILE: {"file", "spoiler", "name", "size"},
    SEPARATOR: {"divider", "spacing"},
    CONTAINER: {"components", "accent_color", "spoiler"},
    LABEL: {"label", "description", "component"},
    FILE_UPLOAD: {"custom_id", "min_values", "max_values", "required"},
    RADIO: {"custom_id", "options", "required"},
    CHECKBOXES: {"custom_id", "options", "min_values", "max_values", "required"},
    CHECKBOX: {"custom_id", "default"},
}
_LENGTHS: dict[str, tuple[int, int]] = {
    "custom_id": (1, 100),
    "placeholder": (0, 150),
    "label": (0, 80),
    "content": (1, 4000),
    "value": (0, 4000),
    "description": (0, 1024),
}
_LABEL_LENGTHS = {"label": (1, 45), "description": (0, 100)}
_OPTION_LENGTHS = {"label": (1, 100), "value": (1, 100), "description": (0, 100)}
_COUNTS: dict[tuple[int, str], tuple[int, int]] = {
    (STRING_SELECT, "options"): (1, 25),
    (SECTION, "components"): (1, 3),
    (GALLERY, "items"): (1, 10),
    (ROW, "components"): (1, 5),
    (CONTAINER, "components"): (1, 40),
    (RADIO, "options"): (2, 10),
    (CHECKBOXES, "options"): (1, 10),
}
_NEEDS_ID = SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX}
_IN_CONTAINER = frozenset({ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR})
_CHILDREN: dict[str, frozenset[int]] = {
    "message": frozenset({ROW}),
    "message with components v2": _IN_CONTAINER | {CONTAINER},
    "modal": frozenset({ROW, TEXT_DISPLAY, LABEL}),
    "row": SELECTS | {BUTTON},
    "modal row": frozenset({TEXT_INPUT}),
    "container": _IN_CONTAINER,
    "section": frozenset({TEXT_DISPLAY}),
    "accessory": frozenset({BUTTON, THUMBNAIL}),
    "label": SELECTS | {TEXT_INPUT, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX},
}
_DEFAULTS: dict[int, Json] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
    CONTAINER: {"accent_color": None, "spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
}


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Each component and everything in it, in reading order."""
    for component in components:
        yield component
        inside = [component.get("accessory"), component.get("component")]
        yield from walk(component.get("components", []))
        yield from walk(one for one in inside if one is not None)


def for_message(given: list[Json], *, v2: bool) -> list[Json]:
    """The components of a message, checked and filled up."""
    place = "message with components v2" if v2 else "message"
    form = Form()
    done = [_fill(one, place, f"components.{n}", form) for n, one in enumerate(given)]
    if v2:
        _check_v2_totals(done, form)
    else:
        form.count("components", given, 0, 5)
    _check_ids(done, form)
    form.check()
    return _number(done)


def for_modal(given: list[Json]) -> list[Json]:
    """The components of a modal, checked and filled up."""
    form = Form()
    form.count("data.components", given, 1, 5)
    done = [_fill(one, "modal", f"data.components.{n}", form) for n, one in enumerate(given)]
    for one in walk(done):
        if one.get("disabled"):
            form.blame("data.components", "INVALID", "Modal components cannot be disabled.")
    _check_ids(done, form)
    form.check()
    return _number(done)


def _fill(given: Json, place: str, path: str, form: Form) -> Json:
    """One component with its children and defaults; faults go to the form."""
    kind = given.get("type")
    if kind not in _FIELDS:
        raise GapError(f"the component type {kind!r}")
    fields.only(given, _FIELDS[kind] | {"type", "id"}, f"component type {kind}")
    if kind not in _CHILDREN[place]:
        words = f"Component type {kind} cannot stand in a {place}."
        form.blame(f"{path}.type", "UNION_TYPE_CHOICES", words)
        return dict(given)
    done = _DEFAULTS.get(kind, {}) | {k: v for k, v in given.items() if v is not None or k == "id"}
    _check_lengths(kind, given, path, form)
    _check_own_rules(kind, given, path, form)
    return done | _fill_children(given, kind, place, path, form)


def _fill_children(given: Json, kind: int, place: str, path: str, form: Form) -> Json:
    inner = {ROW: "modal row" if place == "modal" else "row", CONTAINER: "container"}
    inner[SECTION] = "section"
    done: Json = {}
    if kind in inner:
        children = given.get("components") or []
        done["components"] = [
            _fill(child, inner[kind], f"{path}.components.{n}", form)
            for n, child in enumerate(children)
        ]
    for name, room in (("accessory", "accessory"), ("component", "label")):
        if isinstance(given.get(name), dict):
            done[name] = _fill(given[name], room, f"{path}.{name}", form)
    return done


def _check_lengths(kind: int, given: Json, path: str, form: Form) -> None:
    lengths = _LENGTHS | (_LABEL_LENGTHS if kind == LABEL else {})
    for name, (least, most) in lengths.items():
        if given.get(name) is not None and name in _FIELDS[kind]:
            form.length(f"{path}.{name}", given[name], least, most)
    for (of_kind, name), (least, most) in _COUNTS.items():
        if of_kind == kind:
            form.count(f"{path}.{name}", given.get(name, []), least, most)
    if kind in _NEEDS_ID and not given.get("custom_id"):
        form.blame(f"{path}.custom_id", "BASE_TYPE_REQUIRED", "This field is required")
    for n, option in enumerate(given.get("options") or []):
        for name, (least, most) in _OPTION_LENGTHS.items():
            if option.get(name) is not None:
                form.length(f"{path}.options.{n}.{name}", option[name], least, most)


def _check_own_rules(kind: int, given: Json, path: str, form: Form) -> None:
    if kind == BUTTON:
        _check_button(given, path, form)
    elif kind == ROW:
        kinds = [child.get("type") for child in given.get("components", [])]
        if len(kinds) > 1 and any(one in SELECTS or one == TEXT_INPUT for one in kinds):
            form.blame(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "Too wide.")
    elif kind == SECTION and not isinstance(given.get("accessory"), dict):
        form.blame(f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required")
    elif kind == LABEL and not isinstance(given.get("component"), dict):
        form.blame(f"{path}.component", "BASE_TYPE_REQUIRED", "This field is required")
    elif kind == STRING_SELECT:
        values = [option.get("value") for option in given.get("options") or []]
        if len(set(values)) != len(values):
            form.blame(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Twice.")


def _check_button(given: Json, path: str, form: Form) -> None:
    needs = {LINK_STYLE: "url", PREMIUM_STYLE: "sku_id"}.get(given.get("style", 0), "custom_id")
    if not 1 <= given.get("style", 0) <= PREMIUM_STYLE:
        form.blame(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
    if not given.get(needs):
        form.blame(f"{path}.{needs}", "BASE_TYPE_REQUIRED", "This field is required")
    for other in {"url", "sku_id", "custom_id"} - {needs}:
        if given.get(other):
            words = f"A button of this style has {needs}, not {other}."
            form.blame(
                f"{path}.{other}", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", words
            )
    if needs != "sku_id" and not given.get("label") and not given.get("emoji"):
        form.blame(path, "BUTTON_COMPONENT_INVALID_EMOJI", "A button needs a label or an emoji.")


def _check_v2_totals(done: list[Json], form: Form) -> None:
    everything = list(walk(done))
    if len(everything) > 40:
        form.blame("components", "BASE_TYPE_BAD_LENGTH", "A message has at most 40 components.")
    if sum(len(one.get("content", "")) for one in everything) > 4000:
        words = "The text of all components is at most 4000 characters."
        form.blame("components", "COMPONENT_MAX_TOTAL_TEXT_LENGTH", words)


def _check_ids(done: list[Json], form: Form) -> None:
    for name in ("custom_id", "id"):
        seen: set[object] = set()
        for one in walk(done):
            value = one.get(name)
            if value in seen and value not in (None, 0):
                words = f"Component {name} cannot be duplicated."
                form.blame("components", "COMPONENT_CUSTOM_ID_DUPLICATED", words)
            seen.add(value)


def _number(done: list[Json]) -> list[Json]:
    """Give an id to each component that has none, in reading order."""
    taken = {one.get("id") for one in walk(done)}
    free = (n for n in range(1, 1000) if n not in taken)
    for one in walk(done):
        if not one.get("id"):
            one["id"] = next(free)
    return done
