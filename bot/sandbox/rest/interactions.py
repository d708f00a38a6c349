"""Answering interactions: the callback, @original and follow-ups. The token is in the path."""

from __future__ import annotations

from bot.sandbox import drafts, fields, interactions, messages, serialise_messages
from bot.sandbox.entities import EPHEMERAL, LOADING, Interaction, Json, Message
from bot.sandbox.errors import refuse, wrong
from bot.sandbox.rest.table import Call, Reply, Table

routes = Table()
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_MESSAGE = f"{_WEBHOOK}/messages/{{message_id}}"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


@routes.route("POST", _CALLBACK, body={"type", "data"}, query={"with_response"}, needs_token=False)
def answer(call: Call) -> Reply:
    """The first response."""
    kind = call.json.get("type")
    if kind not in interactions.KINDS:
        raise wrong("type", "BASE_TYPE_CHOICES", "Unknown interaction response type")
    data = call.json.get("data") or {}
    if kind in (interactions.MESSAGE, interactions.UPDATE):
        fields.only(data, drafts.MESSAGE_FIELDS, "interaction response")
    call.private = _is_private(call, kind, data)
    done = interactions.answer(
        call.world,
        call.id("interaction_id"),
        call.path["interaction_token"],
        kind,
        data,
        call.files,
    )
    if not call.flag("with_response"):
        return Reply(None, 204)
    return Reply(_callback_answer(call, done))


def _is_private(call: Call, kind: int, data: Json) -> bool:
    """Whether only the person who acted may read this answer."""
    made = call.world.interactions.get(call.id("interaction_id"))
    if made is None or kind in (interactions.CHOICES, interactions.MODAL):
        return True
    message = call.world.messages.get(made.channel_id, {}).get(made.message_id or 0)
    ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
    # what was dismissed meanwhile may have been theirs alone
    on_private = made.message_id and (message is None or message.ephemeral_for is not None)
    return made.guild_id is None or ephemeral or bool(on_private)


def _callback_answer(call: Call, done: Interaction) -> Json:
    shown: Json = {
        "interaction": {
            "id": str(done.id),
            "type": done.type,
            "channel_id": str(done.channel_id),
        }
    }
    if done.guild_id is not None:
        shown["interaction"]["guild_id"] = str(done.guild_id)
    kind = done.response_type or 0
    if done.original_id is None or kind == interactions.DEFERRED_UPDATE:
        return shown
    message = interactions.message_of(call.world, done, None)
    shown["interaction"] |= {
        "response_message_id": str(message.id),
        "response_message_loading": bool(message.flags & LOADING),
        "response_message_ephemeral": message.ephemeral_for is not None,
    }
    as_kind = interactions.MESSAGE if kind == interactions.DEFERRED_MESSAGE else kind
    shown["resource"] = {
        "type": as_kind,
        "message": serialise_messages.message(call.world, message),
    }
    return shown


@routes.route("GET", _MESSAGE, query={"thread_id"}, needs_token=False)
def get_message(call: Call) -> Json:
    """@original or a follow-up."""
    _, message = _message(call)
    return serialise_messages.message(call.world, message)


@routes.route(
    "PATCH",
    _MESSAGE,
    body=drafts.MESSAGE_FIELDS,
    query={"thread_id", "with_components"},
    needs_token=False,
)
def edit_message(call: Call) -> Json:
    """Change @original or a follow-up; a loading message is filled."""
    interaction, message = _message(call)
    done = interactions.edit(call.world, interaction, message, call.json, call.files)
    return serialise_messages.message(call.world, done)


@routes.route("DELETE", _MESSAGE, query={"thread_id"}, needs_token=False)
def delete_message(call: Call) -> None:
    """Delete @original or a follow-up; the only way to delete an ephemeral message."""
    _, message = _message(call)
    messages.delete(call.world, message)


@routes.route(
    "POST",
    _WEBHOOK,
    body=drafts.MESSAGE_FIELDS,
    query={"wait", "thread_id", "with_components"},
    needs_token=False,
)
def follow_up(call: Call) -> Reply:
    """One more message. Discord always answers with it, as if `wait` were set."""
    interaction = _interaction(call)
    made = interactions.follow_up(call.world, interaction, call.json, call.files)
    call.private = interaction.guild_id is None or made.ephemeral_for is not None
    return Reply(serialise_messages.message(call.world, made))


def _interaction(call: Call) -> Interaction:
    return interactions.by_token(call.world, call.id("webhook_id"), call.path["webhook_token"])


def _message(call: Call) -> tuple[Interaction, Message]:
    interaction = _interaction(call)
    text = call.path["message_id"]
    message_id = None if text == "@original" else call.id("message_id")
    found = interactions.message_of(call.world, interaction, message_id)
    call.private = interaction.guild_id is None or found.ephemeral_for is not None
    if found.channel_id != interaction.channel_id:
        raise refuse(10008)
    return interaction, found
