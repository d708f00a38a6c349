"""Hostile prompts: no disguise passes a rule, nothing repeated pings or links, no rule is costly.

A seed makes a prompt: a forbidden word, something done to its letters, something put between them,
and something around it that is aimed at those who read along. It is held against the rule the plain
word would hit, and repeated as a place repeats it. Whom that calls is judged by the sandbox, which
knows nothing of the house; what would be live in it by a small reader of Discord's marks.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from bot.client.components import mentions_of
from bot.domain import JobId, PersonId
from bot.policy import adult, promptrules
from bot.policy.server import Rule
from bot.sandbox import mentions, shipped_world
from bot.sandbox.clock import Clock
from bot.sandbox.entities import Message, Role, User
from bot.sandbox.world import World
from bot.words import PublicShown, echo, waiting
from tests.prove.report import Proof, Table
from tests.prove.tricks import AROUND, GAPS, LETTERS

N = 5000
STEEP = 25.0
"""Ten times the text may take so many times as long: ten, and the noise of a busy machine."""

OWNER = PersonId(shipped_world.ANA_ID)
WORDS = ("gore", "swastika", "guillotine", "beheading", "severed head", "kill")
KINDS = ("words", "pattern")
ORDINARY = Path(__file__).parents[1] / "policy" / "ordinary_prompts.txt"
COSTLY = (r"(a+)+$", r"(a|aa)+$", r"(a|a?)+b", r"(\w+\s?)+!", r"(.*a){12}b", r"(?:a?){25}a{25}b")


def a_rule(word: str, kind: str) -> Rule:
    """The rule that the plain word hits."""
    text = word if kind == "words" else rf"\b{word}(s|ing)?\b".replace(" ", r"\s*")
    rule = promptrules.check_rule(kind, text, is_pattern=kind == "pattern")
    assert isinstance(rule, Rule), rule
    return rule


@dataclass(frozen=True)
class Prompt:
    """One hostile prompt, and how it was made."""

    word: str
    kind: str
    letters: str
    gaps: str
    around: str
    text: str

    def __str__(self) -> str:
        return f"{self.letters} × {self.gaps} × {self.around}, {self.kind} {self.word!r}"


def a_prompt(seed: int, number: int) -> Prompt:
    """Make the prompt of a seed. Letters and gaps take turns, so that every pair is met."""
    dice = Random(f"{seed} {number}")
    letters = tuple(LETTERS)[number % len(LETTERS)]
    gaps = tuple(GAPS)[number // len(LETTERS) % len(GAPS)]
    around, word = dice.choice(tuple(AROUND)), dice.choice(WORDS)
    disguised = GAPS[gaps](LETTERS[letters](word, dice), dice)
    text = dice.choice(AROUND[around]).replace("{}", disguised)
    return Prompt(word, dice.choice(KINDS), letters, gaps, around, text)


# --- the judge of what is repeated


_LIVE = {
    "a mention": r"<@[!&]?\d+>|<#\d+>|@everyone|@here",
    "an emoji, time, command or guide": r"<a?:\w+:\d+>|<t:\d+|</[^>]+:\d+>|<id:\w+>",
    "a link": r"[a-z][a-z0-9+.]*://[^\s<]",
    "a masked link": r"\[[^\]]*\]\(",
    "code": r"`",
    "a spoiler": r"\|\|",
    "bold, italic, struck": r"\*|__|_\S|~~",
}
_LIVE_AT = {what: re.compile(looks, re.I) for what, looks in _LIVE.items()}
_HEADING = re.compile(r"(?m)^(?:#{1,3}|-#|>{1,3}|[-*]|\d+\.) ")
_INVITE = re.compile(r"(?i)discord(?:app)?\.(?:gg|com/invite)/\w")


def live_in(text: str) -> list[str]:
    """Name what Discord would make live: read from left to right, a backslash takes one mark."""
    found, at = set[str](), 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and not (text[at + 1].isalnum()):
            at += 2
            continue
        found |= {what for what, looks in _LIVE_AT.items() if looks.match(text, at)}
        at += 1
    if _HEADING.search(text):
        found.add("a heading, quote or list")
    if _INVITE.search(text):
        found.add("an invite")
    return sorted(found)


def called_by(text: str, allowed: dict[str, Any]) -> list[str]:
    """Name whom a message of somebody who may call everybody calls, by the sandbox."""
    world = _ground()
    channel = world.channels[shipped_world.GENERAL_ID]
    message = Message(1, channel.id, shipped_world.BOSS_ID, 0.0, text)
    mentions.resolve(world, channel, message, allowed)
    called = [f"person {one}" for one in message.mentions]
    called += [f"role {one}" for one in message.mention_roles]
    return called + ["everyone"] * message.mention_everyone


@lru_cache(maxsize=1)
def _ground() -> World:
    """The shipped world, with a person and a role whose id is 7."""
    world = shipped_world.build(Clock(owned=True))
    world.users[7] = User(7, "seven", "seven")
    world.guilds[shipped_world.CAFE_ID].roles[7] = Role(7, "Seven", 0, position=1)
    return world


def harm_in(text: str) -> list[str]:
    """Name what repeating a prompt calls or makes live, in an echo and in the post around it."""
    said = echo(text)
    called = called_by(said, mentions.EVERYTHING)
    for mention, expected in ((None, []), (OWNER, [f"person {OWNER}"])):
        post = waiting(PublicShown(JobId("ab" * 16), OWNER, text))
        seen = called_by(post.content, mentions_of(mention).to_dict())
        called += [one for one in seen if one not in expected]
    return sorted({*called, *live_in(said)})


# --- the run


@dataclass
class Tally:
    """What the prompts came to."""

    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    around: Counter[tuple[str, str]] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def play(seed: int, count: int) -> Tally:
    """Hold so many prompts against their rule, and look at what repeating them does."""
    tally = Tally()
    for number in range(count):
        one = a_prompt(seed, number)
        rule = a_rule(one.word, one.kind)
        began = time.perf_counter()
        hit = promptrules.first_hit((rule,), one.text)
        tally.milliseconds.append((time.perf_counter() - began) * 1000)
        tally.met[one.letters, one.gaps] += 1
        tally.around[one.kind, one.around] += 1
        if hit != rule:
            tally.failures.append(f"seed {seed}, prompt {number} passes: {one}")
        if harm := harm_in(one.text):
            tally.failures.append(f"seed {seed}, prompt {number}: {one}: {', '.join(harm)}")
    return tally


def false_alarms() -> list[str]:
    """Name the rules that stop ordinary prompts, by the line of each."""
    rules = tuple(a_rule(word, kind) for word in WORDS for kind in KINDS)
    found = []
    for number, text in enumerate(ORDINARY.read_text("utf-8").splitlines(), 1):
        if rule := promptrules.first_hit(rules, text):
            found.append(f"ordinary prompt {number} is stopped by {rule.text!r}")
        if adult.asks_for_adult(text):
            found.append(f"ordinary prompt {number} is taken for one for adults")
    return found


def slope(text: str) -> float:
    """How many times longer a rule takes for ten times the text; 10 is linear."""
    rule = Rule(name="costly", text=text, is_pattern=True)
    short, long = "a" * 600 + "!", "a" * 6000 + "!"
    promptrules.first_hit((rule,), long)  # made ready
    return _least_seconds(rule, long) / _least_seconds(rule, short)


def _least_seconds(rule: Rule, text: str) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        promptrules.first_hit((rule,), text)
        times.append(time.perf_counter() - began)
    return min(times)


# --- negative controls


def passed_without_reading(seed: int, count: int) -> str:
    """Compare words as they are typed, and say how many tricks then pass; empty: one never does."""
    passed, met = Counter[str](), set[str]()
    for number in range(count):
        one = a_prompt(seed, number)
        if (one.letters, one.gaps) == ("as it is", "none"):
            continue
        met |= {one.letters, one.gaps} - {"as it is", "none", "case"}
        if not re.search(rf"\b{one.word}\b", one.text.casefold()):
            passed.update({one.letters, one.gaps})
    return f"{len(met)} of {len(met)} tricks pass" if met <= passed.keys() else ""


def harm_without_echo() -> str:
    """Repeat everything as it was typed, and say how much of it is noticed."""
    harmless = {"nothing", "looks so", "long run", "costly"}
    aimed = [text for around, texts in AROUND.items() if around not in harmless for text in texts]
    noticed = [text for text in aimed if called_by(text, mentions.EVERYTHING) or live_in(text)]
    return f"{len(noticed)} of {len(aimed)}" if len(noticed) == len(aimed) else ""


def blown_up(limit_seconds: float = 1.0) -> str:
    """Let Python's own engine, which backtracks, look for `(a+)+$` in a child, and stop it."""
    look = "import re; re.search('(a+)+$', 'a' * 600 + '!')"
    try:
        subprocess.run([sys.executable, "-c", look], timeout=limit_seconds, check=True)
    except subprocess.TimeoutExpired:
        return f"600 characters took it more than {limit_seconds:g} s"
    return ""


def prove(first: int, count: int = N) -> Proof:
    """Play so many prompts, and then the controls."""
    began = time.monotonic()
    tally = play(first, count)
    slopes = {text: slope(text) for text in COSTLY}
    alarms = false_alarms()
    times = sorted(tally.milliseconds)
    return Proof(
        promise="Hostile prompts: no trick passes, nothing pings or links, no rule is costly",
        tried=count,
        trials="prompts",
        seeds=f"seed {first}, next SEED={first + 1}",
        figures=[
            f"a decision took {statistics.median(times):.2f} ms, "
            f"p99 {times[count * 99 // 100]:.2f} ms, rules made ready each time",
            f"ten times the text, {len(slopes)} costly patterns: at most "
            f"{max(slopes.values()):.1f} times as long",
            f"{len(ORDINARY.read_text('utf-8').splitlines())} ordinary prompts: "
            f"{len(alarms)} false alarms",
        ],
        tables=[
            Table("letters × gaps", tuple(GAPS), dict.fromkeys(LETTERS, tuple(GAPS)), tally.met),
            Table(
                "rule × around", tuple(AROUND), dict.fromkeys(KINDS, tuple(AROUND)), tally.around
            ),
        ],
        controls={
            "rules on what is typed": passed_without_reading(first, min(count, 1000)),
            "repeated as it is typed": harm_without_echo(),
            "an engine that backtracks": blown_up(),
        },
        failures=[
            *tally.failures,
            *alarms,
            *(
                f"{text} takes {ratio:.0f} times as long"
                for text, ratio in slopes.items()
                if ratio > STEEP
            ),
        ],
        seconds=time.monotonic() - began,
    )
