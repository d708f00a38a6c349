"""The words are true: every text we can send or print is read, and no claim goes beyond the code.

Each rule says why it stands, and is held to two controls: sentences it must catch, and honest ones
near to them that it must let pass.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bot import words
from bot.domain import Visibility
from bot.policy.disclosure import table_of
from bot.policy.plans import StealthRule
from bot.policy.retention import DAY, HOUR, LIFETIMES, DataClass, say
from bot.ports import Button, Post
from bot.services.questions import WAIT_SECONDS
from bot.words import account, papers, policy
from tests.facts import SILENT
from tests.spoken import Said, messages, printed, sheets, texts_of, written
from tests.test_house import _commands as registered_commands

KINDS = (MESSAGES, DOORS, COMMANDS, SHEETS) = ("messages", "doors", "commands", "sheets")
"""What words say, what a door or a command says by itself, and what lies in the repository."""

SECOND_LINE = re.compile(
    r"what it may be used for|nothing (of yours )?(is trained|trains)|no training", re.IGNORECASE
)
"""What a promise of stealth never stands without: what the picture may be used for."""


def sentences(text: str) -> list[str]:
    """The sentences of a text; a list's line is one too."""
    return [
        each.strip()
        for each in re.split(r"(?<=[.!?:;])\s+|\n\s*\n|\n(?=\s*[-#|*•\[])", text)
        if each.strip()
    ]


@dataclass(frozen=True)
class Rule:
    """What must not be said, why, and two lists that the rule itself is tested with.

    `of` are the kinds of text it reads: a rule about whole messages does not read single literals,
    and in a command's text `you` is the operator.
    """

    why: str
    finds: Callable[[str], list[str]]
    bad: tuple[str, ...]
    good: tuple[str, ...]
    of: frozenset[str] = frozenset(KINDS)


def never(*patterns: str, unless: str = r"$^") -> Callable[[str], list[str]]:
    """Sentences that match one of the patterns, and not what makes them honest."""
    found = re.compile("|".join(patterns), re.IGNORECASE)
    honest = re.compile(unless, re.IGNORECASE)
    return lambda text: [
        each for each in sentences(text) if found.search(each) and not honest.search(each)
    ]


def _one_line_without_the_other(text: str) -> list[str]:
    seen = "**Who can see it:**" in text
    used = "**What it may be used for:**" in text
    return [text] if seen and not used else []


PROMISE = re.compile(
    r"\b(stealth|private|privately)\b[^.\n]*\b(only (to|in|for|you)|nobody (else )?(can )?sees?|"
    r"by nobody|alone|hidden|safe|secure|protected)\b"
    r"|\bgoes? (on )?(only )?(to|in) your DM\b|\byour DM alone\b",
    re.IGNORECASE,
)
"""Stealth as something to rely on, not as the name of a mode or of a limit."""


def _stealth_without_its_use(text: str) -> list[str]:
    promise = PROMISE.search(text)
    return [promise[0]] if promise and not SECOND_LINE.search(text) else []


def _alone_without_the_other_two(text: str) -> list[str]:
    claim = re.compile(
        r"\b(only you|you alone|your? \w+ alone|nobody else|no ?one else|nobody (but|except)|"
        r"only (its|their|the) owner|(seen|read) by nobody|nobody (can )?sees?)\b",
        re.IGNORECASE,
    )
    found = claim.search(text)
    named = "discord" in text.lower() and "operator" in text.lower()
    return [found[0]] if found and not named else []


RULES = {
    "no badge that no check stands behind": Rule(
        why="a law is kept by people, not by a program",
        finds=never(
            r"\b(GDPR|CCPA|HIPAA|COPPA|SOC ?2|DSGVO|ISO ?27001)[- ](compliant|certified|ready)",
            r"\bcompl(y|ies|iant) with (the )?(GDPR|CCPA|all|every|data protection)",
            r"\bcertified\b",
        ),
        bad=("Darkroom is GDPR compliant.", "It complies with all privacy laws.", "CCPA-ready."),
        good=("Record of processing (GDPR art. 30(1))",),
    ),
    "nobody is anonymous here": Rule(
        why="a keyed hash stands for a person, and the operator can compute it",
        finds=never(r"\banonym", r"\buntraceable\b", r"\bunidentifiable\b"),
        bad=("Your data is anonymous.", "We anonymise every record.", "Jobs are anonymously kept."),
        good=("Rows name a person by a keyed hash.",),
    ),
    "nothing is guaranteed": Rule(
        why="software without a contract guarantees nothing",
        finds=never(r"\bguarant(ee|y)", r"\bwe promise\b", r"\brisk[- ]free\b", r"\b100 ?%(?! ·)"),
        bad=("Privacy is guaranteed.", "You own 100 % of it.", "It is 100% private."),
        good=("| Pocket | 100.0 % (99.6 to 100.0) |", "▰▰▰ 100% · step 3 of 3", "Not promised:"),
    ),
    "no strength nobody can measure": Rule(
        why="such words say nothing that could be checked",
        finds=never(
            r"\b(military|bank|enterprise)[- ](grade|level)\b",
            r"\b(completely|totally|perfectly|absolutely|fully) (secure|safe|private|sealed)\b",
            r"\b(can ?not|can't|can never|impossible to) be? ?(hack|crack|break|breach)",
            r"\bun(hack|break|crack)able\b",
            r"\bbullet-?proof\b",
            r"\bstate[- ]of[- ]the[- ]art (security|encryption)\b",
            r"\bcomplete (data )?privacy\b",
            r"\btrust us\b",
            r"\bwe take your privacy\b",
        ),
        bad=(
            "Military-grade encryption.",
            "Your pictures are completely secure.",
            "It cannot be hacked.",
            "Complete data privacy by design",
        ),
        good=("A wrong root key stops the start.", "sealed with AES-256-GCM"),
    ),
    "something is always held": Rule(
        why="the data map lists what; a picture and its words are sealed, not absent",
        finds=never(
            r"\b(no|zero) data\b",
            r"\bzero (tracking|exposure|retention|knowledge)\b",
            r"\bwe (store|keep|collect|hold|log) (nothing|no\b)",
            r"\b(prompts?|pictures?|words) (are|is) (never|not) (stored|kept|saved|written)\b",
            r"\bnothing is (ever )?(stored|logged|saved)\b",
            unless=r"\bin clear\b|\bin the clear\b|No data set\b|\bno data in\b",
        ),
        bad=(
            "There is no data to hand over.",
            "Prompts are never stored.",
            "We keep nothing.",
            "Zero data retention.",
        ),
        good=("Public: nothing is kept.", "Prompts are never written in clear."),
    ),
    "Discord's DMs are not end-to-end encrypted": Rule(
        why="Discord says so itself; who reads 'encrypted DM' believes the opposite",
        finds=never(
            r"end[- ]to[- ]end",
            r"\bE2EE\b",
            r"\b(encrypted|sealed) (DMs?|direct messages?)\b",
            r"\bDMs? (is|are) (encrypted|private|secure)\b",
            unless=r"\bnot\b",
        ),
        bad=("Delivered by encrypted DM.", "End-to-end encrypted.", "Your DM is private."),
        good=("Discord's DMs are not end-to-end encrypted.",),
    ),
    "deletion has an edge": Rule(
        why="it reaches our copies and our messages; disks, caches and people keep theirs",
        finds=never(
            r"\b(completely|permanently|fully|totally|irrevocably) (deleted|erased|removed|gone)\b",
            r"\b(deleted|erased|removed|gone) (everywhere|forever|for ever|from everywhere)\b",
            r"\b(unrecoverable|irrecoverabl[ey]|irretrievabl[ey])\b",
            r"\bcannot be recovered\b",
            r"\bwithout a trace\b",
            r"\bno trace (is|remains|stays)\b",
            r"\bwiped\b",
        ),
        bad=(
            "Your data is permanently deleted.",
            "Gone forever.",
            "It is erased without a trace.",
        ),
        good=("This cannot be undone.", "Deletion reaches our copies and our messages."),
    ),
    "nothing trains on people's work": Rule(
        why="no code does, so no text may sound as if some did, or could be asked to",
        finds=never(
            r"\btrain(s|ed|ing|able)?\b",
            r"\bimprov(e|es|ing) (the|our|this) (model|service|quality)",
            unless=r"\b(not?|nothing|never|none|off|without|nobody|wish)\b|\?|Elsewhere|"
            r"\b(Pocket|drawings|denoiser|train\.py|CPU cores)\b|retention, training,",
        ),
        bad=(
            "Your pictures may be used to train our model.",
            "Opt out of training in the settings.",
            "Prompts help to improve the service.",
        ),
        good=(
            "Nothing is trained on it.",
            "Is it used for training?",
            "Darkroom has no code that trains on what people make.",
        ),
    ),
    "the word is stealth": Rule(
        why="'private' promises more than hiding from members, moderators and the disk",
        finds=never(
            r"(?<![/\-`\w])private(ly)?\b(?!-)",
            r"\bsecret(ly)?\b",
            r"\bincognito\b",
            r"\bconfidential(ly)?\b",
            unless=r"/private|--private|confidential work",
        ),
        of=frozenset({MESSAGES, DOORS}),
        bad=("Your picture stays private.", "A secret place.", "Privately delivered."),
        good=("/private is the same as /stealth", "Is it fit for confidential work?", "Privacy"),
    ),
    "who can see it is never said without what it may be used for": Rule(
        why="hiding a picture and not training on it are two things, and people mix them up",
        finds=_one_line_without_the_other,
        bad=("**Who can see it:** you, in your DM.",),
        good=("**Who can see it:** you.\n**What it may be used for:** nothing is trained on it.",),
    ),
    "a promise of stealth has its second line": Rule(
        why="elsewhere stealth hides a picture and trains on it; here the text says that it is not",
        finds=_stealth_without_its_use,
        of=frozenset({MESSAGES, SHEETS}),
        bad=(
            "Stealth jobs are seen by nobody.",
            "Your pictures stay private: only you see them.",
            "🔒 Done: it goes to your DM.",
            "It is made again for your DM alone.",
        ),
        good=(
            "Stealth jobs go only to your DM. Nothing is trained on them.",
            "The plan Free includes 3 stealth jobs a day.",
        ),
    ),
    "whoever is alone is so besides Discord and the operator": Rule(
        why="Discord carries every message, and the operator runs the machine",
        finds=_alone_without_the_other_two,
        of=frozenset({MESSAGES, SHEETS}),
        bad=("Only you can see it.", "Nobody else sees it.", "It is delivered to you alone."),
        good=("Nobody else sees it, besides Discord, which carries it, and the operator.",),
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_catches_what_it_is_for_and_lets_the_honest_pass(name):
    rule = RULES[name]

    assert [] == [sentence for sentence in rule.bad if not rule.finds(sentence)]
    assert [] == [sentence for sentence in rule.good if rule.finds(sentence)]


@pytest.mark.parametrize("name", RULES)
def test_no_text_breaks_a_rule(name, texts):
    rule = RULES[name]

    assert [] == sorted(
        {
            f"{said.by}: {found}"
            for kind in rule.of
            for said in texts[kind]
            for found in rule.finds(said.text)
        }
    )


@pytest.fixture(scope="module")
def texts() -> dict[str, list[Said]]:
    """Every text, by kind."""
    literals = written()
    return {
        MESSAGES: messages(),
        DOORS: [said for said in literals if said.by.startswith("cogs/")],
        COMMANDS: [*printed(), *(said for said in literals if said.by.startswith("bot/"))],
        SHEETS: sheets(),
    }


def test_everything_is_read(texts):
    """The readers of texts find what is known to be there, from every side."""
    found = {kind: "\n".join(said.text for said in texts[kind]) for kind in KINDS}

    assert words.two_lines(Visibility.STEALTH)[0] in found[MESSAGES]
    assert words.STALE_BUTTON in found[MESSAGES]
    assert "Make pictures from words" in found[DOORS]
    assert "Print the privacy policy" in found[COMMANDS]
    assert "Promises, and how to check them" in found[SHEETS]
    assert 200 <= len({said.text for said in texts[MESSAGES]})


def test_a_word_added_later_is_read_with_every_value_its_types_allow():
    def added(seen: Visibility, moved: bool) -> Post:
        return Post(f"{seen} {moved}", buttons=(Button("v1:go:", "Go"),))

    said = {f"{seen} {moved}\n[Go]" for seen in Visibility for moved in (True, False)}
    assert said == set(texts_of("added", added))


def test_a_word_that_cannot_be_read_says_what_is_missing():
    def odd(socket: memoryview) -> str:
        return str(socket)

    with pytest.raises(AssertionError, match="memoryview"):
        list(texts_of("odd", odd))


# --- texts against the code ---------------------------------------------------------------------

WRITTEN_OUT = {f"{WAIT_SECONDS // 60} minutes"}
"""Times that stand in a sentence as digits, each the value of a constant."""

A_TIME = re.compile(r"\b\d+ (?:second|minute|hour|day|week|month|year)s?\b")

UNLIKE_ANY = {
    kind: (number + 11) * DAY
    for number, kind in enumerate(kind for kind, life in LIFETIMES.items() if life.numbered)
} | {DataClass.PICTURE: 23 * HOUR}
"""A lifetime of its own for every class, none of them shipped and each within its ceiling."""


def test_no_text_states_a_time_that_the_configuration_does_not_hold():
    """With other lifetimes than the shipped ones, no shipped number is left in any paper."""
    limits = {
        kind: min(seconds, LIFETIMES[kind].ceiling_seconds or seconds)
        for kind, seconds in UNLIKE_ANY.items()
    }
    facts = replace(SILENT, limits=limits)
    said = {say(facts.kept(kind).seconds) for kind in limits} | WRITTEN_OUT
    texts = [
        policy.policy_text(facts),
        papers.terms(facts),
        papers.record(facts),
        papers.processor(facts),
        papers.request(facts),
        *account.show(facts, table_of(limits, {}), None, None),
    ]

    assert set() == {time for text in texts for time in A_TIME.findall(text)} - said
    assert say(limits[DataClass.STEALTH_RECIPE]) in texts[0]


def test_every_time_typed_into_a_sentence_is_a_constant_of_the_code():
    typed = {
        (said.by, time)
        for said in written()
        if said.by.startswith("cogs/")
        for time in A_TIME.findall(said.text)
    }

    assert set() == {(by, time) for by, time in typed if time not in WRITTEN_OUT}


@pytest.mark.parametrize("seen", Visibility)
def test_the_first_answer_and_the_policy_say_the_same_lifetime(seen):
    kind = DataClass.RECIPE if seen is Visibility.PUBLIC else DataClass.STEALTH_RECIPE
    facts = replace(SILENT, limits={kind: 5 * DAY})

    assert "5 days" in words.kept(seen, facts.kept(kind).seconds)
    assert f"{seen.capitalize()}: 5 days" in policy.policy_text(facts)


async def test_every_command_a_text_names_is_registered(texts):
    known = {command.qualified_name for command in await registered_commands()}
    known.add("describe")  # only where DESCRIBE_DIR is set
    first = {name.split()[0] for name in known}
    read = [*texts[MESSAGES], *(said for said in texts[SHEETS] if said.by == "README.md")]

    strangers = set()
    for said in read:
        for name in re.findall(r"(?<![\w/.:@&-])(?<!<!-- )/([a-z]+)\b(?!/)", said.text):
            if name not in first | {"sample"}:
                strangers.add((said.by, name))
        for name in re.findall(r"`/([a-z][a-z-]*(?: [a-z_-]+)*)", said.text):
            if not any(name == each or name.startswith(f"{each} ") for each in known | {"sample"}):
                strangers.add((said.by, name))

    assert set() == strangers


async def test_every_control_the_policy_names_is_a_command():
    known = {command.qualified_name for command in await registered_commands()}

    assert set() == {command.removeprefix("/") for command, _ in policy.CONTROLS} - known


def test_plans_are_told_alike_everywhere():
    """`/help`, the terms and the policy say the same number of stealth jobs for each plan."""
    for plan in SILENT.plans:
        number = plan.stealth_per_day
        told = (
            words.plans_line([plan]),
            policy.plan_line(plan),
            papers.terms(replace(SILENT, plans=(plan,))),
        )
        if number is not None and plan.stealth is not StealthRule.NEVER:
            assert all(f"{number} stealth jobs a day" in text for text in told)
        else:
            assert all(not re.search(r"\d+ stealth jobs", text) for text in told)
