"""People who ask, press and delete all the time while the bot is killed, and what they saw.

They act through the sandbox's own people rules. Everything that ever stood in a message is written
down in the moment it stands, so that a picture that was taken away again still counts.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from bot.sandbox import acts, interactions, names, presses, shipped_world, talk
from bot.sandbox.entities import Channel, Interaction, Message, User
from bot.sandbox.errors import ClientError, DiscordError
from bot.sandbox.events import Event, GatewayEvent
from bot.sandbox.server import Sandbox
from tests.prove.paper_worker import number_in, number_on
from tests.seen import walk

CAFE = (shipped_world.GENERAL_ID, shipped_world.GALLERY_ID)
HOMES = {
    "ana": CAFE,
    "plum": CAFE,
    "pia": CAFE,
    "mod": CAFE,
    "boss": CAFE,
    "zoe": (shipped_world.LOBBY_ID,),
}
"""Who asks, and in which channels of their server."""

STEALTH, IN_DM, TWO = 0.35, 0.5, 0.2
CANCELS, DELETES, UNPLACES, REPLAYS = 0.02, 0.01, 0.008, 0.03
"""How often somebody does so, at each moment at which somebody may ask."""

_BUTTON = re.compile(r"v1:(cancel|delete):([0-9a-f]{32})")


@dataclass
class Asked:
    """One ask, and what people did about it since."""

    number: int
    person: int
    channel: int  #: where it was asked
    stealth: bool
    pictures: int
    interaction: Interaction
    pressed: bool = False  #: its owner pressed Cancel or Delete
    unplaced: bool = False  #: somebody deleted its message


@dataclass
class Crowd:
    """Everybody in the sandbox. `reads_pictures`: a picture says which ask it is of."""

    sandbox: Sandbox
    dice: random.Random
    steps: tuple[int, int]
    reads_pictures: bool
    asked: dict[int, Asked] = field(default_factory=dict)
    shown: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    wrong: list[str] = field(default_factory=list)  #: what stood where it must not
    _events: dict[int, GatewayEvent] = field(default_factory=dict)
    _read: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox.world.listen(self._hear)

    # -- acting ----------------------------------------------------------------------------------

    def ask(self) -> None:
        """Let somebody ask for something somewhere."""
        world, dice = self.sandbox.world, self.dice
        who = names.user(world, dice.choice(list(HOMES)))
        stealth = dice.random() < STEALTH
        at = dice.choice(HOMES[who.name])
        if stealth and dice.random() < IN_DM:
            channel = names.channel(world, names.DM_NAME, who=who)
        else:
            channel = world.channels[at]
        number, pictures = len(self.asked) + 1, 2 if dice.random() < TWO else 1
        given = {
            "prompt": f"a red star number {number}",
            "steps": dice.randint(*self.steps),
            "count": pictures,
            "visibility": "stealth" if stealth else "public",
        }
        with suppress(ClientError):  # before the bot has registered its commands
            made = acts.slash(world, who, channel, "imagine", given)
            asked = Asked(number, who.id, channel.id, stealth, pictures, made)
            self.asked[number] = asked

    def meddle(self, jobs: dict[str, int]) -> None:
        """Cancel, delete, replay now and then. `jobs`: those under way, with their interaction."""
        by = {one.interaction.id: one for one in self.asked.values()}
        chosen = [(job, by[made]) for job, made in jobs.items() if made in by]
        if chosen and self.dice.random() < CANCELS:
            self._press("cancel", *self.dice.choice(chosen))
        if chosen and self.dice.random() < UNPLACES:
            self._unplace(*self.dice.choice(chosen))
        results = [(job, by[made]) for job, made in jobs.items() if made in by and self.shown[job]]
        if results and self.dice.random() < DELETES:
            self._press("delete", *self.dice.choice(results))
        if self._events and self.dice.random() < REPLAYS:
            self.sandbox.world.emit(self._events[self.dice.choice(list(self._events))])

    def _press(self, verb: str, job: str, asked: Asked) -> None:
        for channel, message, held in self.standing():
            if (verb, job) in held:
                who = self.sandbox.world.users[asked.person]
                button = f"v1:{verb}:{job}"
                if self._may(lambda: presses.press(self._world, who, channel, message, button)):  # noqa: B023
                    asked.pressed = True
                return

    def _unplace(self, job: str, asked: Asked) -> None:
        """A moderator deletes what stands."""
        who = names.user(self._world, "mod")
        for channel, message, held in self.standing():
            if job in {one for _, one in held} and channel.guild_id == shipped_world.CAFE_ID:
                asked.unplaced = True
                self._may(lambda: talk.delete(self._world, who, channel, message))  # noqa: B023
                return

    @staticmethod
    def _may(act: Callable[[], object]) -> bool:
        try:
            act()
        except (ClientError, DiscordError):
            return False
        return True

    @property
    def _world(self):  # type: ignore[no-untyped-def]
        return self.sandbox.world

    # -- seeing ----------------------------------------------------------------------------------

    def standing(self) -> Iterator[tuple[Channel, Message, set[tuple[str, str]]]]:
        """Give the bot's messages that stand for all to see, or in a DM, with their buttons."""
        for channel_id, there in self._world.messages.items():
            for message in tuple(there.values()):
                if message.author_id == shipped_world.BOT_ID and message.ephemeral_for is None:
                    yield self._world.channels[channel_id], message, _held(message)

    def said_to(self, who: User, made: Interaction) -> Iterator[str]:
        """Give what somebody can read about an ask: in its answer, or in their DM."""
        there = self._world.messages.get(made.channel_id, {})
        if made.original_id in there:
            yield there[made.original_id].content
        dm = names.channel(self._world, names.DM_NAME, who=who)
        yield from (one.content for one in self._world.messages.get(dm.id, {}).values())

    def _hear(self, event: Event) -> None:
        if not isinstance(event, GatewayEvent):
            return
        if event.name == "INTERACTION_CREATE" and event.data["type"] == interactions.COMMAND:
            self._events[int(event.data["id"])] = event
        if event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            channel, number = int(event.data["channel_id"]), int(event.data["id"])
            message = self._world.messages.get(channel, {}).get(number)
            if message is not None and message.author_id == shipped_world.BOT_ID:
                self._note(self._world.channels[channel], message)

    def _note(self, channel: Channel, message: Message) -> None:
        said = self.asked.get(number_in(message.content))
        if said is not None and said.stealth and channel.guild_id is not None:
            self.wrong.append(f"words of stealth ask {said.number} in a channel")
        pictures = [one for one in message.attachments if one.filename.startswith("image-")]
        for job in {job for verb, job in _held(message) if verb == "delete"}:
            if not pictures:
                continue
            self.shown[job].add((channel.id, message.id))
            if self.reads_pictures:
                self._judge(channel, {self._number_on(one.id) for one in pictures}, len(pictures))

    def _number_on(self, attachment: int) -> int:
        if attachment not in self._read:
            self._read[attachment] = number_on(self._world.files.get(attachment) or b"")
        return self._read[attachment]

    def _judge(self, channel: Channel, numbers: set[int], pictures: int) -> None:
        """A message holds the pictures of one ask, all of them, where they belong."""
        asked = [self.asked[number] for number in numbers if number in self.asked]
        if len(asked) != 1 or pictures != asked[0].pictures:
            self.wrong.append(f"pictures of asks {sorted(numbers)} in one message")
        elif channel.id != self.home_of(asked[0]):
            self.wrong.append(f"the picture of ask {asked[0].number} in another place")

    def home_of(self, asked: Asked) -> int:
        """Say where the result of an ask belongs."""
        if not asked.stealth:
            return asked.channel
        who = self._world.users[asked.person]
        return names.channel(self._world, names.DM_NAME, who=who).id


def _held(message: Message) -> set[tuple[str, str]]:
    ids = [one.get("custom_id", "") for one in walk(message.components)]
    return {(found[1], found[2]) for one in ids if (found := _BUTTON.match(one))}
