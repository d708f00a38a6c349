"""What people do with components and modals: press, choose, fill, under the client's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox import components, interactions, names, options
from bot.sandbox.entities import Channel, Interaction, Json, Message, User
from bot.sandbox.errors import ClientError
from bot.sandbox.interaction_payload import Resolved
from bot.sandbox.options import Asker
from bot.sandbox.permissions import timed_out
from bot.sandbox.world import World


def press(
    world: World, who: User, channel: Channel, message: Message, custom_id: str
) -> Interaction:
    """Press a button."""
    found = _component(world, who, channel, message, custom_id)
    if found["type"] != components.BUTTON:
        raise ClientError(f"{custom_id!r} is not a button")
    data = {"custom_id": custom_id, "component_type": components.BUTTON, "id": found["id"]}
    kind = interactions.COMPONENT
    return interactions.create(world, channel, who.id, kind, data, message=message)


def choose(
    world: World, who: User, channel: Channel, message: Message, custom_id: str, values: list[Any]
) -> Interaction:
    """Choose in a select menu."""
    found = _component(world, who, channel, message, custom_id)
    if found["type"] not in components.SELECTS:
        raise ClientError(f"{custom_id!r} is not a select menu")
    asker = Asker(world, who, channel, Resolved(world, channel, who.id))
    data = {
        "custom_id": custom_id,
        "component_type": found["type"],
        "id": found["id"],
        "values": _choose(asker, found, values),
    }
    kind, data = interactions.COMPONENT, asker.resolved.into(data)
    return interactions.create(world, channel, who.id, kind, data, message=message)


def fill(world: World, who: User, modal_id: str, given: Json) -> Interaction:
    """Fill and send the modal that an interaction opened."""
    number = int(modal_id) if modal_id.isdigit() else 0
    opener = world.interactions.get(number)
    if opener is None or opener.modal is None or opener.user_id != who.id:
        raise ClientError(f"{who.name} has no modal {modal_id!r} open")
    channel = world.channels.get(opener.channel_id)
    if channel is None or not names.sees_channel(world, who, channel):
        raise ClientError("the channel of this modal is gone")
    asker = Asker(world, who, channel, Resolved(world, channel, who.id))
    named = {one.get("custom_id") for one in components.walk(opener.modal["components"])}
    for name in given:
        if name not in named:
            raise ClientError(f"the modal has no field {name!r}")
    filled = [_submitted(asker, one, given) for one in opener.modal["components"]]
    data = asker.resolved.into({"custom_id": opener.modal["custom_id"], "components": filled})
    opener_message = world.messages.get(channel.id, {}).get(opener.message_id or 0)
    return interactions.create(
        world,
        channel,
        who.id,
        interactions.MODAL_SUBMIT,
        data,
        message=opener_message,
        metadata={"triggering_interaction_metadata": dict(opener.metadata)},
    )


def _component(world: World, who: User, channel: Channel, message: Message, custom_id: str) -> Json:
    """A component that this person can use on a message that they see."""
    guild = world.guild_of(channel)
    if guild is not None:
        if timed_out(guild.members[who.id], world.clock.now()):
            raise ClientError(f"{who.name} is in time-out")
        if world.bot.id not in guild.members:
            raise ClientError("the app is not here any more")
    for one in components.walk(message.components):
        if one.get("custom_id") == custom_id:
            if one.get("disabled"):
                raise ClientError(f"{custom_id!r} is disabled")
            return one
    raise ClientError(f"the message has no component {custom_id!r}")


def _choose(asker: Asker, select: Json, values: list[Any]) -> list[str]:
    """The values of a select, within its bounds."""
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(values) <= most:
        raise ClientError(f"{select['custom_id']!r} takes {least} to {most} values")
    if select["type"] == components.STRING_SELECT:
        return [_option(select, value) for value in values]
    return [options.CHOOSE[select["type"]](asker, select, value) for value in values]


def _option(of: Json, value: object) -> str:
    """An option of a select or group, by value or label."""
    for option in of.get("options") or []:
        if str(value) in (option["value"], option["label"]):
            return str(option["value"])
    words = ", ".join(option["label"] for option in of.get("options") or [])
    raise ClientError(f"{of['custom_id']!r} has no option {value!r}; it has: {words}")


# -- modals ------------------------------------------------------------------------------------


def _submitted(asker: Asker, component: Json, given: Json) -> Json:
    """A top-level component of a modal as it comes back."""
    shown: Json = {"type": component["type"], "id": component["id"]}
    if component["type"] == components.LABEL:
        return shown | {"component": _field(asker, component["component"], given)}
    if component["type"] == components.ROW:
        return shown | {
            "components": [_field(asker, one, given) for one in component["components"]]
        }
    return shown


def _field(asker: Asker, field: Json, given: Json) -> Json:
    shown: Json = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
    value = given.get(field["custom_id"])
    return shown | _FIELDS[field["type"]](asker, field, value)


def _required(field: Json) -> bool:
    return field.get("required", True) is not False


def _text(_: Asker, field: Json, value: Any) -> Json:
    text = str(field.get("value") or "") if value is None else str(value)
    name, least, most = (
        field["custom_id"],
        field.get("min_length", 0),
        field.get("max_length", 4000),
    )
    if not text and _required(field):
        raise ClientError(f"the field {name!r} is required")
    if text and not least <= len(text) <= most:
        raise ClientError(f"the field {name!r} takes {least} to {most} characters")
    return {"value": text}


def _several(asker: Asker, field: Json, value: Any) -> Json:
    values = value if isinstance(value, list) else [value]
    if value is None:
        values = [one["value"] for one in field.get("options") or [] if one.get("default")]
    least = field.get("min_values", 1) if _required(field) else 0
    most = field.get("max_values", len(field.get("options") or []) or 1)
    if not least <= len(values) <= most:
        raise ClientError(f"the field {field['custom_id']!r} takes {least} to {most} values")
    if field["type"] in options.CHOOSE:
        return {"values": [options.CHOOSE[field["type"]](asker, field, one) for one in values]}
    return {"values": [_option(field, one) for one in values]}


def _files(asker: Asker, field: Json, value: Any) -> Json:
    values = [] if value is None else value if isinstance(value, list) else [value]
    least, most = field.get("min_values", 1), field.get("max_values", 1)
    if not (least if _required(field) else 0) <= len(values) <= most:
        raise ClientError(f"the field {field['custom_id']!r} takes {least} to {most} files")
    found = [options.upload(asker, one, field["custom_id"]) for one in values]
    for one in found:
        asker.resolved.attachment(one)
    return {"values": [str(one.id) for one in found]}


def _radio(_: Asker, field: Json, value: Any) -> Json:
    if value is None:
        marked = [one["value"] for one in field.get("options") or [] if one.get("default")]
        value = marked[0] if marked else None
    if value is None and _required(field):
        raise ClientError(f"the field {field['custom_id']!r} is required")
    return {"value": None if value is None else _option(field, value)}


def _checkbox(_: Asker, field: Json, value: Any) -> Json:
    return {"value": bool(field.get("default")) if value is None else bool(value)}


_FIELDS: dict[int, Callable[[Asker, Json, Any], Json]] = {
    components.TEXT_INPUT: _text,
    **dict.fromkeys(components.SELECTS, _several),
    components.FILE_UPLOAD: _files,
    components.RADIO: _radio,
    components.CHECKBOXES: _several,
    components.CHECKBOX: _checkbox,
}
