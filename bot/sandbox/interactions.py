"""The life of an interaction: 3 seconds for the bot's first answer, 15 minutes for the rest.

```
created ──3 s without callback──▶ dead: the callback gets 10062, the person sees a failure
   │ callback 4  message            ▶ @original is a new message
   │ callback 5  deferred message   ▶ @original is a loading message; its ephemerality is settled
   │ callback 6  deferred update    ▶ @original is the message the component is on
   │ callback 7  update             ▶ the same, changed at once
   │ callback 8  choices            ▶ autocomplete only, nothing follows
   │ callback 9  modal              ▶ the person holds a modal; no @original
   ▼
answered ──15 min──▶ expired: @original and follow-ups get 50027
```
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bot.sandbox import components, drafts, fields, messages, serialise
from bot.sandbox.commands import CHAT_INPUT, GROUP, SUBCOMMAND
from bot.sandbox.drafts import Draft, File
from bot.sandbox.entities import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Channel,
    Interaction,
    Json,
    Message,
)
from bot.sandbox.errors import Form, refuse, wrong
from bot.sandbox.events import GatewayEvent, Glimpse
from bot.sandbox.interaction_payload import payload
from bot.sandbox.world import World

FIRST_RESPONSE_SECONDS, TOKEN_SECONDS = 3.0, 15 * 60.0
COMMAND_MESSAGE, CONTEXT_MENU_MESSAGE = 20, 23
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


def create(
    world: World,
    channel: Channel,
    user_id: int,
    kind: int,
    data: Json,
    *,
    message: Message | None = None,
    metadata: Json | None = None,
) -> Interaction:
    """A person did something: tell the bot, and start the clock."""
    made = Interaction(
        id=world.ids.new(),
        token=secrets.token_urlsafe(48),
        type=kind,
        user_id=user_id,
        channel_id=channel.id,
        guild_id=channel.guild_id,
        created_at=world.clock.now(),
        data=data,
        message_id=None if message is None else message.id,
        metadata=metadata or {},
    )
    made.metadata = _metadata(world, made) | made.metadata
    _forget_expired(world)
    world.interactions[made.id] = made
    world.emit(GatewayEvent("INTERACTION_CREATE", payload(world, made, message), made.guild_id))
    return made


def wait_for_answer(world: World, made: Interaction, done: Callable[[], None]) -> None:
    """Call `done` at the first response, or when the 3 seconds are over."""

    def over() -> None:
        world.waiting.pop(made.id, None)
        done()

    timer = world.clock.call_later(FIRST_RESPONSE_SECONDS + 0.001, over)
    world.waiting[made.id] = (over, timer)


def answer(
    world: World, interaction_id: int, token: str, kind: int, data: Json, files: list[File]
) -> Interaction:
    """The bot's first response (the callback)."""
    interaction = _answerable(world, interaction_id, token)
    _check_kind(interaction, kind)
    _ANSWERS[kind](world, interaction, data, files)
    interaction.response_type = kind
    over, timer = world.waiting.pop(interaction.id, (None, None))
    if over is not None and timer is not None:
        timer.cancel()
        over()
    return interaction


def by_token(world: World, application_id: int, token: str) -> Interaction:
    """The interaction of a webhook url; 10015 before the first response, 50027 after 15 minutes."""
    for interaction in world.interactions.values():
        if secrets.compare_digest(interaction.token, token):
            if world.clock.now() - interaction.created_at > TOKEN_SECONDS:
                raise refuse(50027)
            if interaction.response_type is None or application_id != world.application.id:
                raise refuse(10015)
            return interaction
    raise refuse(50027)


def message_of(world: World, interaction: Interaction, message_id: int | None) -> Message:
    """@original (None) or one of the follow-ups, else 10008."""
    wanted = interaction.original_id if message_id is None else message_id
    if wanted is None or wanted not in (interaction.original_id, *interaction.followups):
        raise refuse(10008)
    message = world.messages.get(interaction.channel_id, {}).get(wanted)
    if message is None:
        raise refuse(10008)
    return message


def follow_up(world: World, interaction: Interaction, body: Json, files: list[File]) -> Message:
    """One more message. The first after a defer fills the loading message, whatever its flags."""
    original = world.messages.get(interaction.channel_id, {}).get(interaction.original_id or 0)
    draft = read_draft(world, interaction, body, files)
    if draft.empty:
        raise refuse(50006)
    if original is not None and original.flags & LOADING:
        return messages.edit(world, original, draft, mark_edited=False)
    message = _send(world, interaction, draft, ephemeral=bool(draft.flags & EPHEMERAL))
    interaction.followups.append(message.id)
    return message


def edit(
    world: World, interaction: Interaction, message: Message, body: Json, files: list[File]
) -> Message:
    """Change @original or a follow-up."""
    v2 = bool(message.flags & COMPONENTS_V2)
    draft = read_draft(world, interaction, body, files, v2=v2)
    loading = bool(message.flags & LOADING)
    if loading and draft.empty:
        raise refuse(50006)
    return messages.edit(world, message, draft, mark_edited=not loading)


def read_draft(
    world: World, interaction: Interaction, body: Json, files: list[File], *, v2: bool = False
) -> Draft:
    """The message in a body, under the upload limit that the interaction named."""
    guild = None if interaction.guild_id is None else world.guilds[interaction.guild_id]
    return drafts.read(body, files, size_limit=serialise.upload_limit(world, guild), v2=v2)


def let_go(world: World) -> None:
    """Nobody waits for an answer any longer: the sandbox closes."""
    for over, timer in tuple(world.waiting.values()):
        timer.cancel()
        over()


def _answerable(world: World, interaction_id: int, token: str) -> Interaction:
    interaction = world.interactions.get(interaction_id)
    if interaction is None or not secrets.compare_digest(interaction.token, token):
        raise refuse(10062)
    if interaction.response_type is not None:
        raise refuse(40060)
    if world.clock.now() - interaction.created_at > FIRST_RESPONSE_SECONDS:
        raise refuse(10062)
    return interaction


def _check_kind(interaction: Interaction, kind: int) -> None:
    allowed = {MESSAGE, DEFERRED_MESSAGE, MODAL}
    if interaction.type == AUTOCOMPLETE:
        allowed = {CHOICES}
    elif interaction.type == MODAL_SUBMIT:
        allowed.discard(MODAL)
    if interaction.message_id is not None:
        allowed |= {DEFERRED_UPDATE, UPDATE}
    if kind not in allowed:
        words = f"Value must be one of {sorted(allowed)}."
        raise wrong("type", "INTERACTION_APPLICATION_COMMAND_INVALID_RESPONSE_TYPE", words)


def _answer_message(world: World, made: Interaction, data: Json, files: list[File]) -> None:
    draft = read_draft(world, made, data, files)
    if draft.empty:
        raise refuse(50006)
    message = _send(world, made, draft, ephemeral=bool(draft.flags & EPHEMERAL))
    made.original_id = message.id


def _answer_deferred(world: World, made: Interaction, data: Json, _: list[File]) -> None:
    fields.only(data, {"flags"}, "deferred response")
    flags = int(data.get("flags") or 0)
    if flags & ~EPHEMERAL:
        raise wrong("data.flags", "INVALID", "A deferred response knows only the ephemeral flag.")
    draft = Draft(frozenset())
    message = _send(world, made, draft, ephemeral=bool(flags & EPHEMERAL), extra_flags=LOADING)
    made.original_id = message.id


def _answer_deferred_update(world: World, made: Interaction, data: Json, _: list[File]) -> None:
    fields.only(data, (), "deferred update")
    made.original_id = made.message_id


def _answer_update(world: World, made: Interaction, data: Json, files: list[File]) -> None:
    message = world.messages.get(made.channel_id, {}).get(made.message_id or 0)
    if message is None:
        raise refuse(10008)
    v2 = bool(message.flags & COMPONENTS_V2)
    messages.edit(world, message, read_draft(world, made, data, files, v2=v2))
    made.original_id = made.message_id


def _answer_choices(world: World, made: Interaction, data: Json, _: list[File]) -> None:
    fields.only(data, {"choices"}, "autocomplete response")
    choices: list[Json] = data.get("choices") or []
    form = Form()
    form.count("data.choices", choices, 0, 25)
    for n, choice in enumerate(choices):
        fields.only(choice, {"name", "name_localizations", "value"}, "autocomplete choice")
        form.length(f"data.choices.{n}.name", choice.get("name"), 1, 100)
    form.check()
    made.choices = choices


def _answer_modal(world: World, made: Interaction, data: Json, _: list[File]) -> None:
    fields.only(data, {"custom_id", "title", "components"}, "modal")
    form = Form()
    form.length("data.custom_id", data.get("custom_id"), 1, 100)
    form.length("data.title", data.get("title"), 1, 45)
    form.check()
    made.modal = {
        "id": str(made.id),
        "custom_id": data["custom_id"],
        "title": data["title"],
        "components": components.for_modal(data.get("components") or []),
    }
    world.emit(Glimpse("modal", made.channel_id, only_for=made.user_id, data={"modal": made.modal}))


_AnswerWith = Callable[[World, Interaction, Json, list[File]], None]
_ANSWERS: dict[int, _AnswerWith] = {
    MESSAGE: _answer_message,
    DEFERRED_MESSAGE: _answer_deferred,
    DEFERRED_UPDATE: _answer_deferred_update,
    UPDATE: _answer_update,
    CHOICES: _answer_choices,
    MODAL: _answer_modal,
}
KINDS = frozenset(_ANSWERS)


def _send(
    world: World, made: Interaction, draft: Draft, *, ephemeral: bool, extra_flags: int = 0
) -> Message:
    is_command = made.type == COMMAND and made.original_id is None
    menu = made.data.get("type", CHAT_INPUT) != CHAT_INPUT
    return messages.create(
        world,
        world.channel(made.channel_id),
        world.bot.id,
        draft,
        ephemeral_for=made.user_id if ephemeral else None,
        interaction_metadata=made.metadata,
        command=_command(world, made),
        extra_flags=extra_flags,
        kind=(CONTEXT_MENU_MESSAGE if menu else COMMAND_MESSAGE) if is_command else messages.PLAIN,
    )


def _command(world: World, made: Interaction) -> str | None:
    """The path of the command that this answers, also through the modal that it opened."""
    if made.type == MODAL_SUBMIT:
        opened_by = made.metadata.get("triggering_interaction_metadata", {"id": "0"})
        opener = world.interactions.get(int(opened_by["id"]))
        return None if opener is None else _command(world, opener)
    if made.type != COMMAND:
        return None
    path, inner = [str(made.data["name"])], made.data.get("options") or []
    while inner and inner[0]["type"] in (SUBCOMMAND, GROUP):
        path.append(str(inner[0]["name"]))
        inner = inner[0].get("options") or []
    return " ".join(path)


def _metadata(world: World, made: Interaction) -> Json:
    """What a message says about the interaction that it answers."""
    owner = "0" if made.guild_id is None else str(made.guild_id)
    shown: Json = {
        "id": str(made.id),
        "type": made.type,
        "user": serialise.user(world.users[made.user_id]),
        "authorizing_integration_owners": {"0": owner},
    }
    if made.type == COMPONENT:
        shown["interacted_message_id"] = str(made.message_id)
    return shown


def _forget_expired(world: World) -> None:
    """Nobody can ask for a token that has been dead for an hour."""
    limit = world.clock.now() - 4 * TOKEN_SECONDS
    for old in [i.id for i in world.interactions.values() if i.created_at < limit]:
        del world.interactions[old]
