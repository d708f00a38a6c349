"""What a person does with commands and buttons, together with the answer that they alone hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from bot.sandbox import interactions, names
from tests.journeys.house import House, is_answer
from tests.people import Answer, Person, Seen, Upload
from tests.seen import Json

SLASH, MENU = 1, 3
MODERATORS = {"audit", "moderation", "purge", "retention"}
"""Commands for a server's moderators: Discord shows them to no others."""

NEEDS_A_ROLE = {"plan map", "plan unmap"}
"""Commands with a role as an option: in a DM there is none that Discord could offer."""

FEW = 40
"""Ticks that end a job of any test here."""


async def asks(person: Person, place: str, command: str, /, **options: Any) -> Seen:
    """Run a command; give its answer as soon as it is written."""
    return await heard(person, await person.slash(place, command, **options))


async def presses(person: Person, message: Seen, label: str) -> Seen:
    """Press a button; give the answer to that as soon as it is written."""
    return await heard(person, await person.press(message, label=label))


async def heard(person: Person, answer: Answer) -> Seen:
    """The answer, once the bot no longer thinks; it must be for this person alone."""
    assert answer.message.ephemeral
    return await person.sees_until(
        answer.message.channel, lambda one: one.id == answer.message.id and is_answer(one)
    )


async def reads(person: Person, message: Seen, words: str) -> Seen:
    """The same message, as soon as it says this."""
    return await person.sees_until(
        message.channel, lambda one: one.id == message.id and words in one.content
    )


async def ticks(house: House, *, given: int) -> None:
    """Let the engine paint all that it was given, once it was given so many jobs."""
    async with asyncio.timeout(10):
        await house.engine.was_given(given)
    for _ in range(FEW):
        house.engine.tick()


async def seen_since(person: Person, frames: AsyncIterator[Json], place: str) -> list[Seen]:
    """Everything this person saw since the stream was opened, also what is gone again.

    They say a word of their own in `place`: what happened before it arrives before it.
    """
    last, seen = await person.say(place, "that is all"), list[Seen]()
    async with asyncio.timeout(10):
        async for frame in frames:
            if frame["event"] != "message":
                continue
            if (one := Seen(frame["message"])).id == last.id:
                return seen
            seen.append(one)
    raise AssertionError("the stream ended early")


async def forges(house: House, name: str, message: Seen, custom_id: str) -> Seen:
    """Press a button that is not on the message. Discord never lets anybody; we do not rely on it.

    `message` is one that this person sees.
    """
    world = house.sandbox.world
    who = names.user(world, name)
    channel = names.channel(world, message.channel, who=who)
    pressed = names.visible_message(world, who, channel, message.id)
    data = {"custom_id": custom_id, "component_type": 2, "id": 1}
    made = interactions.create(
        world, channel, who.id, interactions.COMPONENT, data, message=pressed
    )
    answered = asyncio.Event()
    interactions.wait_for_answer(world, made, answered.set)
    await answered.wait()
    return await house[name].sees_until(
        message.channel, lambda one: one.id == str(made.original_id) and is_answer(one)
    )


def every_command(world: Json) -> list[tuple[str, list[Json]]]:
    """Each command that can be typed, by its whole name, with its options."""
    return [
        each
        for command in world["commands"]
        if command["type"] == SLASH
        for each in _below(command["name"], command["options"])
    ]


def _below(name: str, options: list[Json]) -> list[tuple[str, list[Json]]]:
    inner = [one for one in options if one["type"] in (1, 2)]
    if not inner:
        return [(name, options)]
    return [
        each for one in inner for each in _below(f"{name} {one['name']}", one.get("options", []))
    ]


def sample(options: list[Json]) -> Json:
    """Something for each option that must be given."""
    return {
        one["name"]: one["choices"][0]["value"] if one.get("choices") else _SAMPLES[one["type"]]
        for one in options
        if one.get("required")
    }


_SAMPLES: dict[int, Any] = {
    3: "a star", 4: 1, 5: True, 6: "plum", 7: "general", 8: "Plus", 10: 1.0,
    11: Upload("mine.png", b"no picture"),
}  # fmt: skip
"""By the option types of Discord's API: a string, an integer, a boolean, and so on."""
