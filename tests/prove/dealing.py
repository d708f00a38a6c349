"""Everything a moderator can do, dealt by dice: which act, on what, and what must be said to it.

What an act names is by chance something of the server it is done in, of another server, in stealth,
nobody's, or no name at all. The dice fall alike whether or not there is anything in stealth.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bot import words
from bot.domain import Cause, Refusal
from bot.policy.reasons import Contested, Judged, Reported
from bot.sandbox.entities import Interaction
from bot.words.pictures import DELETE_MENU
from tests.prove.servers import (
    CAFE,
    ELSEWHERE,
    HARBOUR,
    HELPERS,
    RULE,
    SERVERS,
    WORD,
    World,
    garbage,
)

OWN, FOREIGN, STEALTH, NOBODY, GARBAGE = "own", "foreign", "stealth", "nobody", "garbage"
WHOSE = (OWN,) * 4 + (FOREIGN,) * 2 + (STEALTH,) * 2 + (NOBODY, GARBAGE)

NOTHING = words.refused(Refusal(Cause.NOTHING_HERE))


@dataclass(frozen=True)
class Act:
    """Something that somebody does. `expected` is what a moderator must be told of it, if that is
    certain; `manages`: it takes Manage Server; `everybody`: it takes no right.
    """

    what: str
    do: Callable[[], Awaitable[Interaction]]
    expected: str = ""
    manages: bool = False
    everybody: bool = False
    sets_floor: bool = False
    sets_role: bool | None = None


@dataclass
class Dealer:
    """Deals acts. It throws the same dice whether or not there is anything in stealth."""

    world: World
    dice: random.Random
    name: str = ""
    server: str = ""

    def deal(self, what: str, name: str, server: str) -> Act:
        """An act of this kind by this person, on something by chance."""
        self.name, self.server = name, server
        whose = self.dice.choice(WHOSE)
        return ACTS[what](self, what, whose)

    # what is named

    def other(self) -> str:
        return self.dice.choice([one for one in SERVERS if one != self.server])

    def near(self, whose: str) -> str:
        return self.other() if whose == FOREIGN else self.server

    def nobody(self) -> str:
        return f"{self.dice.getrandbits(128):032x}"

    def listed(self, whose: str, of: dict[str, list[str]], length: int = 32) -> str:
        """A name from a list by server, or one like it."""
        match whose:
            case "own" | "foreign":
                return self.dice.choice(of.get(self.near(whose)) or ["0" * length])
            case "stealth":
                return self.dice.choice(self.world.lying.hidden)[0]
            case "nobody":
                return self.nobody()[:length]
        return garbage(self.dice)

    def job(self, whose: str) -> str:
        """A job by its id, the id or the link of its message."""
        lying = self.world.lying
        if whose in (OWN, FOREIGN):
            server = self.near(whose)
            pair = self.dice.choice(lying.posts[server])
            waits = self.dice.choice(lying.open_jobs[server])
            link = f"https://discord.com/channels/1/2/{pair[1]}"
            return self.dice.choice((pair[0], str(pair[1]), link, waits))
        if whose == STEALTH:
            return str(self.dice.choice(self.dice.choice(lying.hidden)))
        if whose == NOBODY:
            return self.dice.choice((self.nobody(), str(self.dice.getrandbits(60))))
        return garbage(self.dice)

    def somebody(self, whose: str) -> str:
        """A person who has something here, nothing here, or only what is in stealth."""
        name = {
            OWN: self.dice.choice(("ana", "plum")),
            FOREIGN: {CAFE: "hugo", ELSEWHERE: "pia", HARBOUR: "pia"}[self.server],
            STEALTH: "sid",
        }.get(whose, "stan")
        return str(self.world.person(name))

    def place(self, whose: str) -> dict[str, str]:
        """A channel as an option, or none."""
        if whose in (OWN, FOREIGN):
            return {"channel": str(self.world.channel(self.near(whose)).id)}
        return {}

    # acts

    def slash(self, what: str, expected: str = "", /, **options: Any) -> Act:
        name, server = self.name, self.server
        return Act(what, lambda: self.world.slash(name, server, what, **options), expected)

    def press(self, what: str, verb: str, expected: str = "") -> Act:
        name, server = self.name, self.server
        return Act(what, lambda: self.world.press(name, server, f"v1:{verb}"), expected)


def _unless(whose: str, expected: str, *mine: str) -> str:
    return "" if whose in (mine or (OWN,)) else expected


def _of_place(kind: str, **options: tuple[str, ...]) -> Callable[[Dealer, str, str], Act]:
    """A command with an optional channel, and one of each of the other options."""

    def make(deal: Dealer, what: str, whose: str) -> Act:
        drawn = {name: deal.dice.choice(values) for name, values in options.items()}
        expected = NOTHING if whose == FOREIGN else ""
        if kind == "must" and whose not in (OWN, FOREIGN):
            whose, expected = OWN, ""
        return deal.slash(what, expected, **drawn, **deal.place(whose))

    return make


def _plain(**options: tuple[Any, ...]) -> Callable[[Dealer, str, str], Act]:
    def make(deal: Dealer, what: str, _: str) -> Act:
        drawn = {name: deal.dice.choice(values) for name, values in options.items()}
        chosen = {name: value for name, value in drawn.items() if value is not None}
        floor = chosen.get("rule") == "floor"
        return replace(deal.slash(what, **chosen), sets_floor=floor)

    return make


def _user(*, silent: bool = False, **options: tuple[str, ...]) -> Callable[[Dealer, str, str], Act]:
    def make(deal: Dealer, what: str, whose: str) -> Act:
        drawn = {name: deal.dice.choice(values) for name, values in options.items()}
        expected = _unless(whose, NOTHING) if silent else ""
        return deal.slash(what, expected, user=deal.somebody(whose), **drawn)

    return make


def _purge_job(deal: Dealer, what: str, whose: str) -> Act:
    return deal.slash(what, _unless(whose, NOTHING), job=deal.job(whose))


def _everything(deal: Dealer, what: str, _: str) -> Act:
    return replace(deal.slash(what), manages=True)


def _role(deal: Dealer, what: str, whose: str) -> Act:
    guilds = deal.world.house.sandbox.world.guilds
    if whose not in (OWN, FOREIGN):
        return replace(deal.slash(what), manages=True, sets_role=False)
    of = guilds[deal.world.guild(deal.near(whose))]
    role = next(one for one in of.roles.values() if one.name == HELPERS)
    act = deal.slash(what, role=str(role.id))
    return replace(act, manages=True, sets_role=whose == OWN)


def _plan_role(deal: Dealer, what: str, whose: str) -> Act:
    """A role of this server's, or of another: by chance one that gives a plan already."""
    of = deal.world.house.sandbox.world.guilds[deal.world.guild(deal.near(whose))]
    role = next(one for one in of.roles.values() if one.name == HELPERS)
    plan = {"plan": deal.dice.choice(("Plus", "Pro", "gold"))} if what == "plan map" else {}
    return replace(deal.slash(what, role=str(role.id), **plan), manages=True)


def _decides(verb: str, of: str = "reports") -> Callable[[Dealer, str, str], Act]:
    def make(deal: Dealer, what: str, whose: str) -> Act:
        named = deal.listed(whose, getattr(deal.world.lying, of))
        expected = _unless(whose, words.JUDGED[Judged.NOTHING])
        return deal.press(what, f"{verb}:{named}", expected)

    return make


def _purges(deal: Dealer, what: str, whose: str) -> Act:
    """Press for a preview: one's own, a moment old, or whatever else."""
    over = words.refused(Refusal(Cause.PREVIEW_OVER))
    if whose != OWN:
        named = deal.listed(whose, deal.world.lying.previews, 16)
        return deal.press(what, f"purge:{named}", over)
    name, server, world = deal.name, deal.server, deal.world
    before = world.lying.previews[server][-1]  # in the Café that is dora's, of a moment ago
    command, options = deal.dice.choice(
        (
            ("purge user", {"user": deal.somebody(OWN)}),
            ("purge range", {"since": "2h"}),
            ("purge everything", {}),
        )
    )

    async def do() -> Interaction:
        shown = await world.slash(name, server, command, **options)
        custom_id = button(world, shown, "v1:purge:") or f"v1:purge:{before}"
        return await world.press(name, server, custom_id)

    return Act(what, do)


def _unpurges(deal: Dealer, what: str, whose: str) -> Act:
    named = deal.listed(whose, deal.world.lying.previews, 16)
    return deal.press(what, f"unpurge:{named}", words.PURGE_DROPPED)


def _stops(deal: Dealer, what: str, whose: str) -> Act:
    """Stop a purge: one that is held up here or in another server, or whatever else."""
    held = deal.world.lying.purges
    named = deal.listed(whose, held)
    if whose == FOREIGN and (others := [one for one in held if one != deal.server]):
        named = held[others[0]][0]
    return deal.press(what, f"purgestop:{named}", _unless(whose, words.PURGE_NOT_RUNNING))


def _limits(deal: Dealer, what: str, whose: str) -> Act:
    channel = deal.place(whose).get("channel", "0") if whose != GARBAGE else garbage(deal.dice)
    kind = deal.dice.choice(("post", "recipe", "record", "picture"))
    long = deal.dice.choice(("1h", "2d", "7d", "400y", "soon"))
    expected = {FOREIGN: NOTHING}.get(whose, "")
    return deal.press(what, f"limit:{channel}:{kind}:{long}", expected)


def _reports(verb: str) -> Callable[[Dealer, str, str], Act]:
    def make(deal: Dealer, what: str, whose: str) -> Act:
        lists = {
            server: [job for job, _ in pairs] for server, pairs in deal.world.lying.posts.items()
        }
        named = deal.listed(whose, lists)
        expected = _unless(whose, words.REPORT_ANSWERS[Reported.NOT_OURS])
        return replace(deal.press(what, f"{verb}:{named}", expected), everybody=True)

    return make


def _menu(deal: Dealer, what: str, whose: str) -> Act:
    """Of what is whose. `Delete` is never tried on results: their own would go.

    A menu opens on what somebody sees, and says what that message is: it is tried on stealth only
    where the answer must not depend on that, as with `Report`.
    """
    reports = what.endswith(words.REPORT_MENU)
    if whose == STEALTH and not reports:
        whose = NOBODY
    if what.endswith(DELETE_MENU) and whose in (OWN, FOREIGN):
        whose = NOBODY
    lying, name, server, world = deal.world.lying, deal.name, deal.server, deal.world
    if whose == STEALTH:
        message = deal.dice.choice(lying.hidden)[1]
        is_there = any(each.id == message for each in world.house.sandbox.world.all_messages())
        message = message if is_there else _hello(world, server)
    elif whose in (OWN, FOREIGN):
        message = deal.dice.choice(lying.posts[deal.near(whose)])[1]
        stands = any(each.id == message for each in world.house.sandbox.world.all_messages())
        message = message if stands else _hello(world, server)
    else:
        message = _hello(world, server)
    entry = what.removeprefix("▸ menu ")
    expected = _unless(whose, words.REPORT_ANSWERS[Reported.NOT_OURS]) if reports else ""
    return Act(what, lambda: world.menu(name, server, entry, message), expected, everybody=True)


def _hello(world: World, server: str) -> int:
    here = world.house.sandbox.world.messages[world.channel(server).id].values()
    return next(each.id for each in here if each.content == "hello")


def _contests(deal: Dealer, what: str, whose: str) -> Act:
    name, server, world = deal.name, deal.server, deal.world
    tag = deal.nobody()[:16] if whose != GARBAGE else garbage(deal.dice)
    expected = words.CONTEST_ANSWERS[Contested.NO_RULE]
    return Act(
        what,
        lambda: world.fill(name, server, f"v1:contested:{tag}", "it is breakfast"),
        expected,
        everybody=True,
    )


def _opens(deal: Dealer, what: str, _: str) -> Act:
    return replace(deal.press(what, f"contest:{deal.nobody()[:16]}"), everybody=True)


def button(world: World, shown: Interaction, begins: str) -> str:
    for message in world.answer(shown):
        for row in message.components:
            for each in row.get("components", ()):
                if str(each.get("custom_id")).startswith(begins):
                    return str(each["custom_id"])
    return ""


CLASSES = ("post", "recipe", "picture", "record")
ACTS: dict[str, Callable[[Dealer, str, str], Act]] = {
    "retention show": _of_place("may"),
    "retention set": _of_place("may", **{"class": CLASSES, "duration": ("0", "1h", "3d", "soon")}),
    "retention reset": _of_place("may", **{"class": CLASSES}),
    "retention export": _plain(),
    "purge user": _user(silent=True),
    "purge channel": _of_place("must"),
    "purge job": _purge_job,
    "purge range": _plain(since=("7d", "1h", "soon", "0"), until=("0", "1d", None)),
    "purge everything": _everything,
    "purge status": _plain(),
    "moderation show": _plain(),
    "moderation allow-channel": _of_place("must"),
    "moderation echo": _plain(shown=("on", "off")),
    "moderation nsfw": _plain(where=("never", "age-restricted")),
    "moderation stealth": _plain(rule=("allow", "forbid", "forbid", "floor")),
    "moderation role": _role,
    "moderation rules add": _plain(
        name=("no foxes", RULE, "-"), kind=("words", "pattern"), text=("fox", "(", "a*")
    ),
    "moderation rules remove": _plain(name=(RULE, "no foxes", "nobody's")),
    "moderation rules list": _plain(),
    "moderation rules test": _plain(text=(WORD, "a fox")),
    "moderation block": _user(until=("7d", "400y", "soon")),
    "moderation unblock": _user(),
    "moderation blocks": _user(),
    "moderation strike": _user(),
    "moderation reports": _plain(),
    "plan map": _plan_role,
    "plan unmap": _plan_role,
    "audit list": _plain(page=(1, 2, 10_000)),
    "audit verify": _plain(),
    "▸ limit": _limits,
    "▸ purge": _purges,
    "▸ unpurge": _unpurges,
    "▸ purgestop": _stops,
    "▸ rremove": _decides("rremove"),
    "▸ rdismiss": _decides("rdismiss"),
    "▸ rblock": _decides("rblock"),
    "▸ cclose": _decides("cclose", "contests"),
    "▸ report": _reports("report"),
    "▸ flag": _reports("flag:other"),
    "▸ contest": _opens,
    "▸ contested": _contests,
    "▸ menu Report": _menu,
    "▸ menu Use as input": _menu,
    "▸ menu Recipe": _menu,
    "▸ menu Delete": _menu,
}
"""Every command of moderators, and every button, form and menu of theirs and of reports."""
