"""Three servers with everything that moderators meet, and hands that press what nobody offers.

*Darkroom Café* and *Elsewhere* come with the sandbox; *Harbour* has moderators of its own. In each
lie public jobs of several people, waiting, running and delivered, a rule, reports, contests and a
preview. Beside them, unless the world is made without, lie stealth jobs in the same states.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import wiring
from bot.ports import SystemClock
from bot.sandbox import interactions, names
from bot.sandbox.entities import LOADING, Channel, Interaction, Json, Message
from bot.sandbox.interaction_payload import Resolved
from bot.sandbox.server import Sandbox
from bot.services import loop
from bot.shelf import SHIPPED_PLANS
from tests.fakes import FakeEngine
from tests.journeys.house import House
from tests.people import People
from tests.prove.canaries import canary
from tests.prove.mutants import patched

CAFE, ELSEWHERE, HARBOUR = "Darkroom Café", "Elsewhere", "Harbour"
SERVERS = {CAFE: "general", ELSEWHERE: "lobby", HARBOUR: "quay"}
"""Each server, and its channel in which everything happens."""

MEMBERS = {
    CAFE: ("zoe", "dora", "rolf", "sid"),
    ELSEWHERE: ("ana", "plum", "mod", "sid"),
    HARBOUR: ("ana", "plum", "boss", "zoe", "sid"),
}
"""Who is made a member besides whoever is one already. `sid` has stealth jobs and nothing else."""

CHIEFS = {CAFE: "boss", ELSEWHERE: "zoe", HARBOUR: "hana"}
"""Who holds Manage Server."""

HELPERS = "Helpers"
RULE, WORD = "manners", "marmalade"
FREE_ROWS = 64
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.1
"""How long a loop of the house sleeps through silence: here whoever acts waits for what follows."""


class SlowClock(SystemClock):
    """A clock that stands still until somebody acts: all worlds tell the same order."""

    begun = acts = 0
    rested = 0.0

    def now(self) -> int:
        return SlowClock.begun + SlowClock.acts

    def monotonic(self) -> float:
        """Go on by itself, and besides when somebody who rests is to rest no longer."""
        return super().monotonic() + SlowClock.rested


@dataclass
class Lying:
    """What lies in the world, by server. `hidden` are stealth jobs, or names like theirs."""

    posts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    open_jobs: dict[str, list[str]] = field(default_factory=dict)
    reports: dict[str, list[str]] = field(default_factory=dict)
    contests: dict[str, list[str]] = field(default_factory=dict)
    previews: dict[str, list[str]] = field(default_factory=dict)
    purges: dict[str, list[str]] = field(default_factory=dict)
    hidden: list[tuple[str, int]] = field(default_factory=list)
    states: set[tuple[str, str]] = field(default_factory=set)
    own: set[int] = field(default_factory=set)  #: the ephemeral answers to asks in stealth


@dataclass
class World:
    """A running house over three servers."""

    house: House
    base: sqlite3.Connection
    lying: Lying
    holding: int = 0  #: purges that are held up on purpose

    # --- places and people

    def guild(self, server: str) -> int:
        return names.guild(self.house.sandbox.world, server).id

    def channel(self, server: str) -> Channel:
        here = self.house.sandbox.world.channels_of(self.guild(server))
        return next(one for one in here if one.name == SERVERS[server])

    def person(self, name: str) -> int:
        return names.user(self.house.sandbox.world, name).id

    def message(self, message_id: int) -> Message:
        every = self.house.sandbox.world.all_messages()
        return next(one for one in every if one.id == message_id)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.base.execute(query, values).fetchall()

    # --- acting

    async def slash(self, name: str, server: str, command: str, /, **options: Any) -> Interaction:
        """Run a command with whatever options: Discord's client checks none of them here."""
        world, channel = self.house.sandbox.world, self.channel(server)
        first, *steps = command.split()
        found = next(one for one in world.commands.values() if one.name == first)
        declared, path = found.body.get("options") or [], []
        for step in steps:
            path.append(next(one for one in declared if one["name"] == step))
            declared = path[-1].get("options") or []
        resolved = Resolved(world, channel, self.person(name))
        kinds = {one["name"]: one["type"] for one in declared}
        put = {6: resolved.user, 7: resolved.channel, 8: self._role_of(resolved)}
        filled: list[Json] = []
        for option, value in options.items():
            if kinds[option] in put:
                put[kinds[option]](int(value))
            filled.append({"name": option, "type": kinds[option], "value": value})
        for one in reversed(path):
            filled = [{"name": one["name"], "type": one["type"], "options": filled}]
        data = {"id": str(found.id), "name": first, "type": 1, "options": filled}
        return await self._happens(name, channel, interactions.COMMAND, resolved.into(data))

    async def menu(self, name: str, server: str, entry: str, message_id: int) -> Interaction:
        """Use an entry of a message's menu, also of a message that nobody sees here."""
        world, channel = self.house.sandbox.world, self.channel(server)
        found = next(one for one in world.commands.values() if one.name == entry)
        resolved = Resolved(world, channel, self.person(name))
        resolved.message(self.message(message_id))
        data = {"id": str(found.id), "name": entry, "type": 3, "target_id": str(message_id)}
        return await self._happens(name, channel, interactions.COMMAND, resolved.into(data))

    async def press(self, name: str, server: str, custom_id: str) -> Interaction:
        """Press a button that stands nowhere in sight."""
        data = {"custom_id": custom_id, "component_type": 2, "id": 1}
        channel = self.channel(server)
        here = self.house.sandbox.world.messages[channel.id].values()
        on = next(one for one in here if one.content == "hello")
        return await self._happens(name, channel, interactions.COMPONENT, data, message=on)

    async def fill(self, name: str, server: str, custom_id: str, text: str) -> Interaction:
        """Send a form."""
        inner = {"type": 4, "custom_id": "text", "value": text}
        data = {"custom_id": custom_id, "components": [{"type": 1, "components": [inner]}]}
        return await self._happens(name, self.channel(server), interactions.MODAL_SUBMIT, data)

    def _role_of(self, resolved: Resolved) -> Callable[[int], None]:
        """A role of whatever server: Discord offers those of this one alone."""

        def put(role_id: int) -> None:
            with suppress(KeyError):
                resolved.role(role_id)

        return put

    async def _happens(
        self, name: str, channel: Channel, kind: int, data: Json, **more: Any
    ) -> Interaction:
        world = self.house.sandbox.world
        SlowClock.acts += 1
        made = interactions.create(world, channel, self.person(name), kind, data, **more)
        await self.until(lambda: self._is_over(made))
        return made

    def answer(self, made: Interaction) -> list[Message]:
        """What somebody alone was told."""
        here = self.house.sandbox.world.messages.get(made.channel_id, {})
        told = (made.original_id, *made.followups)
        return [here[one] for one in told if one is not None and one in here]

    # --- waiting

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true; it is asked at each request of the bot's, and so often."""
        rang = asyncio.Event()
        listeners = self.house.sandbox.wire.listeners
        listeners.append(ring := lambda _: rang.set())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not happened():
                    rang.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(rang.wait(), 0.01)
        finally:
            listeners.remove(ring)

    def _is_over(self, made: Interaction) -> bool:
        if made.response_type is None or _is_busy():
            return False
        answer = self.answer(made)
        if answer and answer[0].flags & LOADING:
            return False
        return self.is_quiet()

    def is_quiet(self) -> bool:
        """Whether nothing is left to do but jobs that wait or run, and purges held up."""
        held = self.rows("SELECT count(*) FROM purges")[0][0]
        return held <= self.holding and not self.rows(_QUIET)


_QUIET = (
    "SELECT 1 FROM jobs JOIN deliveries ON job = id"
    " WHERE state = 'accepted' OR (ended_at IS NOT NULL AND route IS NOT NULL)"
    " UNION SELECT 1 FROM contests WHERE outcome = 'read'"
    " UNION SELECT 1 FROM reports WHERE outcome IS NOT NULL OR job NOT IN (SELECT job FROM posts)"
    " UNION SELECT 1 FROM keys.item_keys WHERE purpose = 'route' AND item NOT IN"
    " (SELECT job FROM deliveries WHERE route IS NOT NULL)"
)
"""What is still to be done, when it is not about to wait."""


def _is_busy() -> bool:
    """Whether discord.py still works on something that a person did."""
    busy = {"CommandTree-invoker", "discord.py: on_interaction"}
    return any(task.get_name() in busy for task in asyncio.all_tasks())


# --- making the world


@asynccontextmanager
async def three_servers(*, stealth: bool) -> AsyncIterator[World]:
    """Open the house over three servers, with all that lies in them."""
    SlowClock.acts, SlowClock.begun, SlowClock.rested = 0, SystemClock().now(), 0.0
    with tempfile.TemporaryDirectory(prefix="darkroom-prove-") as folder:
        async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
            data = Path(folder) / "data"
            options: dict[str, object] = {"plans_file": _plans_in(Path(folder))}
            house = House(people, sandbox, FakeEngine(), data, options)
            await _people(house)
            with patched(wiring, SystemClock=SlowClock), patched(loop, LOOK_SECONDS=LOOK_SECONDS):
                async with house.bot(FakeEngine(auto=False, rows=FREE_ROWS)):
                    for command in sandbox.world.commands.values():
                        command.body["default_member_permissions"] = None
                    await asyncio.to_thread(_raise_ceilings, house)  # the bot writes, too
                    base = sqlite3.connect(f"file:{data / 'darkroom.db'}?mode=ro", uri=True)
                    base.execute("ATTACH ? AS keys", (f"file:{data / 'keys.db'}?mode=ro",))
                    world = World(house, base, Lying())
                    try:
                        await _fill(world, stealth=stealth)
                        yield world
                    finally:
                        base.close()


def _plans_in(folder: Path) -> Path:
    """The shipped plans, but one person's jobs of all servers run at once."""
    file, shipped = folder / "plans.toml", SHIPPED_PLANS.read_text("utf-8")
    file.write_text(shipped.replace("running_jobs = 2", "running_jobs = 3"), "utf-8")
    return file


def _raise_ceilings(house: House) -> None:
    """Let every server map its roles, as the operator may: to Plus, and Harbour to Pro."""
    ceilings = [
        (guild.id, "Pro" if guild.name == HARBOUR else "Plus")
        for guild in house.sandbox.world.guilds.values()
    ]
    with closing(sqlite3.connect(house.data / "darkroom.db", isolation_level=None)) as beside:
        beside.executemany("INSERT INTO plan_ceilings VALUES (?, ?)", ceilings)


async def _people(house: House) -> None:
    people = house.people
    for name in ("hana", "hugo", "dora", "rolf", "sid", "stan"):
        await people.world(person={"name": name})
    await people.world(guild={"name": HARBOUR, "owner": "hana"})
    await people.world(channel={"guild": HARBOUR, "name": SERVERS[HARBOUR]})
    await people.world(bot={"guild": HARBOUR, "present": True})
    for server in SERVERS:
        await people.world(role={"guild": server, "name": HELPERS, "permissions": 0})
        for name in MEMBERS[server]:
            await people.world(member={"guild": server, "person": name})
    await people.world(
        role={"guild": HARBOUR, "name": "Wardens", "permissions": ["MANAGE_MESSAGES"]}
    )
    await people.world(member={"guild": HARBOUR, "person": "hugo", "roles": ["Wardens"]})
    await people.world(member={"guild": CAFE, "person": "rolf", "roles": [HELPERS]})
    await people.world(member={"guild": CAFE, "person": "dora", "roles": ["Moderator"]})
    for server, place in SERVERS.items():
        await house[CHIEFS[server]].say(place, "hello")


async def _fill(world: World, *, stealth: bool) -> None:
    """Let people ask, report and contest; the engine stands still afterwards."""
    lying, engine = world.lying, world.house.engine
    for server in SERVERS:
        chief = CHIEFS[server]
        await world.slash(chief, server, "moderation rules add", name=RULE, kind="words", text=WORD)
        for name in ("ana", "plum", chief):
            await _asks(world, name, server)
    for name, server in (("sid", HARBOUR), ("pia", CAFE)):
        await _hides(world, name, server, stealth=stealth)
    await _paints(world)
    for server in SERVERS:
        found = world.rows(
            "SELECT posts.job, message_id FROM posts JOIN jobs ON id = posts.job"
            " WHERE guild_id = ? ORDER BY accepted_at",
            world.guild(server),
        )
        lying.posts[server] = [(str(job), int(message)) for job, message in found]
    lying.open_jobs.clear()
    for name, server in (("sid", CAFE), ("pia", CAFE)):
        await _hides(world, name, server, stealth=stealth)
    for server in SERVERS:
        await _asks(world, "ana", server)
    await world.until(lambda: not world.rows("SELECT 1 FROM jobs WHERE state = 'placed'"))
    engine.rows -= engine._free  # from here on everybody waits
    for name, server in (("sid", ELSEWHERE), ("pia", CAFE)):
        await _hides(world, name, server, stealth=stealth)
    for server in SERVERS:
        await _asks(world, "plum", server)
    for server in SERVERS:
        await _complains(world, server)
        await _previews(world, server)
    lying.states = set(world.rows("SELECT visibility, state FROM jobs JOIN deliveries ON job = id"))
    await _held_role(world)


async def _asks(world: World, name: str, server: str, **options: Any) -> Interaction:
    told = options or {"visibility": "public"}
    word = canary(SlowClock.acts)
    made = await world.slash(name, server, "imagine", prompt=f"a {word} fox", count=1, **told)
    if told["visibility"] == "public":
        found = world.rows("SELECT job FROM deliveries ORDER BY rowid DESC LIMIT 1")
        world.lying.open_jobs.setdefault(server, []).append(str(found[0][0]))
    return made


async def _hides(world: World, name: str, server: str, *, stealth: bool) -> None:
    """One stealth job; or, in a world without, names of a job and a message that never were."""
    hidden = world.lying.hidden
    if not stealth:
        hidden.append((secrets.token_hex(16), world.house.sandbox.world.ids.new()))
        SlowClock.acts += 1
        return
    made = await _asks(world, name, server, visibility="stealth")
    world.lying.own.update(one.id for one in world.answer(made))
    job = world.rows("SELECT job FROM deliveries WHERE visibility = 'stealth' ORDER BY rowid DESC")
    direct = world.house.sandbox.world.dm_of(world.person(name))
    stands = list(world.house.sandbox.world.messages[direct.id]) if direct else []
    hidden.append((str(job[0][0]), stands[-1]))


async def _paints(world: World) -> None:
    """Let the engine finish what it has, and the house clear up."""

    def is_done() -> bool:
        world.house.engine.tick()
        return world.is_quiet() and not world.rows("SELECT 1 FROM jobs WHERE ended_at IS NULL")

    await world.until(is_done)


async def _complains(world: World, server: str) -> None:
    """Two reports, and a contest of the rule."""
    lying, guild = world.lying, world.guild(server)
    reporter = {CAFE: "pia", ELSEWHERE: "mod", HARBOUR: "boss"}[server]
    for (job, _), reason in zip(lying.posts[server], ("other", "consent"), strict=False):
        await world.press(reporter, server, f"v1:flag:{reason}:{job}")
    refused = await world.slash(reporter, server, "imagine", prompt=WORD, visibility="public")
    [message] = world.answer(refused)
    button = message.components[0]["components"][0]["custom_id"]
    await world.fill(reporter, server, button.replace("contest", "contested"), "it is breakfast")
    for table, into in (("reports", lying.reports), ("contests", lying.contests)):
        found = world.rows(
            f"SELECT id FROM {table} WHERE guild_id = ? ORDER BY made_at",  # ours
            guild,
        )
        into[server] = [str(row[0]) for row in found]


async def _previews(world: World, server: str) -> None:
    """A preview that nobody has pressed for yet."""
    made = await world.slash(
        CHIEFS[server], server, "purge channel", channel=world.channel(server).id
    )
    world.lying.previews[server] = [_preview_in(world, made)]


def _preview_in(world: World, made: Interaction) -> str:
    [message] = world.answer(made)
    return str(message.components[0]["components"][0]["custom_id"]).rpartition(":")[2]


async def _held_role(world: World) -> None:
    """Rolf moderates the Café by its role alone; Dora did so until a moment ago."""
    role = names.role(world.house.sandbox.world.guilds[world.guild(CAFE)], HELPERS)
    await world.slash("boss", CAFE, "moderation role", role=role.id)
    made = await world.slash("dora", CAFE, "purge user", user=world.person("ana"))
    world.lying.previews[CAFE].append(_preview_in(world, made))
    await world.house["dora"].change(roles={CAFE: []})


def garbage(dice: random.Random) -> str:
    """A name of nothing at all."""
    return dice.choice(("0" * 32, "nonsense", "-1", "' OR 1=1 --", "9" * 18, "../..", "🦊", "%"))
