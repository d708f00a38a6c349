"""Rules on prompts: words and patterns of a server's moderators, or of the operator.

Words are found as whole words, whatever they are disguised as; patterns wherever they fit, by RE2
(https://github.com/google/re2), which takes time in proportion to the prompt and no more. Only the
prompt is held against them: a negative prompt names what shall not be seen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product, repeat

import re2
from ahocorasick_rs import AhoCorasick

from bot.domain import Cause, Refusal
from bot.policy import plaintext
from bot.policy.plaintext import EITHER, Readings
from bot.policy.server import Rule

MAX_RULES = 50
"""Rules a server, or the operator, may have."""

MAX_CHARACTERS, MAX_NAME_CHARACTERS = 200, 40

MAX_STEPS = 500
"""Instructions of RE2 a pattern may come to, since each may be looked at for each character."""

MAX_STEPS_TOGETHER = 4 * MAX_STEPS
"""What all patterns of a server may come to: while one server's are held against a prompt, every
other waits."""

MAX_READ_BYTES = 100_000
"""What the readings of a prompt may come to for patterns. An honest one of Discord's longest comes
to a third of it; one that can be read in so many ways is stopped by the first pattern there is."""

_SHORTEST_SPELLED = 3
"""Letters from which on a word is found in letters that stand one by one."""

_RARELY_DOUBLE = frozenset("ahijkquvwxy")
"""Letters that words hardly ever double, so that one that does is drawn out."""


def check_rule(name: str, text: str, *, is_pattern: bool) -> Rule | Refusal:
    """Make a rule of what a moderator typed, or say what is wrong with it."""
    name, text = " ".join(name.split()), text.strip()
    if (
        not 0 < len(name) <= MAX_NAME_CHARACTERS
        or not name.replace(" ", "").replace("-", "").isalnum()
    ):
        return Refusal(Cause.RULE_NAME, {"limit": MAX_NAME_CHARACTERS})
    if len(text) > MAX_CHARACTERS:
        return Refusal(Cause.RULE_TOO_LONG, {"limit": MAX_CHARACTERS})
    wrong = _wrong_pattern(text) if is_pattern else _wrong_words(text)
    return wrong or Rule(name=name, text=text, is_pattern=is_pattern)


def too_large_together(rules: tuple[Rule, ...]) -> Refusal | None:
    """Say so when a server's patterns, each well by itself, are too many instructions."""
    steps = sum(_compiled(one.text).programsize for one in rules if one.is_pattern)
    if steps <= MAX_STEPS_TOGETHER:
        return None
    problem = "this server's patterns are too large together; remove one, or repeat less"
    return Refusal(Cause.RULE_PATTERN, {"problem": problem})


def first_hit(rules: tuple[Rule, ...], text: str) -> Rule | None:
    """Give the first of the rules that stops this prompt. It may take 0.5 s: ask in a thread."""
    return _book(rules).first_hit(text) if rules and text else None


# --- what makes a rule


def _wrong_words(text: str) -> Refusal | None:
    words = _words_of(text)
    too_short = [word for word in words if len(word) < 2 and not plaintext.is_spaceless(word)]
    return Refusal(Cause.RULE_WORDS) if too_short or not words else None


def _words_of(text: str) -> list[str]:
    listed = [
        word for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip()
    ]
    return [way for word in listed for way in plaintext.wordings(word) or ("",)]


def _wrong_pattern(text: str) -> Refusal | None:
    try:
        pattern = _compiled(text)
    except re2.error as fault:
        return Refusal(Cause.RULE_PATTERN, {"problem": _objection(fault)})
    if pattern.programsize > MAX_STEPS or pattern.reverseprogramsize > MAX_STEPS:
        return Refusal(Cause.RULE_PATTERN, {"problem": "it is too large; repeat less"})
    return Refusal(Cause.RULE_TOO_WIDE) if pattern.search(b"") else None


def _objection(fault: re2.error) -> str:
    """Give RE2's own words, what it quotes set apart."""
    what, _, quoted = fault.args[0].decode(errors="replace").partition(": ")
    return f"{what}: `{quoted.replace('`', '')}`" if quoted.strip("` ") else what


def _compiled(text: str, memory_bytes: int = 1 << 20) -> re2._Regexp:
    options = _silent()
    options.case_sensitive = False
    options.never_capture = True
    options.max_mem = memory_bytes
    return re2.compile(text.encode(), options)


def _silent() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # it would print the pattern
    return options


def _any_of(patterns: list[str]) -> re2._Regexp | None:
    """One pattern that fits whatever any of them does; None where they do not go together."""
    if len(patterns) < 2 or any(r"\Q" in one for one in patterns):
        return None
    try:
        together = _compiled("|".join(f"(?:{one})" for one in patterns), 1 << 21)
    except re2.error:
        return None
    return together if together.programsize <= MAX_STEPS_TOGETHER else None


# --- what stops a prompt


@dataclass(frozen=True)
class _Word:
    """A word, or several in a row, and the place of its rule."""

    rule: int
    text: str


class _Book:
    """Rules made ready to be held against a prompt."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._patterns = [
            (at, _compiled(one.text)) for at, one in enumerate(rules) if one.is_pattern
        ]
        self._any_pattern = _any_of([one.text for one in rules if one.is_pattern])
        self._anywhere = list[_Word]()
        self._words = defaultdict[str, list[_Word]](list)
        self._spelled = defaultdict[str, list[_Word]](list)
        for at, rule in enumerate(rules):
            for text in () if rule.is_pattern else _words_of(rule.text):
                self._enter(_Word(at, text))
        self._word_keys, self._spelled_keys = list(self._words), list(self._spelled)
        self._word_search = AhoCorasick(self._word_keys)
        self._spelled_search = AhoCorasick(self._spelled_keys)

    def _enter(self, word: _Word) -> None:
        joined = word.text.replace(" ", "")
        if plaintext.is_spaceless(joined):
            self._anywhere.append(_Word(word.rule, joined))
            return
        for text in {word.text, joined}:
            self._words[f" {plaintext.without_doubles(text)} "].append(_Word(word.rule, text))
        if len(joined) >= _SHORTEST_SPELLED:
            self._spelled[plaintext.without_doubles(joined)].append(_Word(word.rule, joined))

    def first_hit(self, text: str) -> Rule | None:
        """Give the first rule that stops it, in the order they were made."""
        seen = plaintext.readings(text)
        hits = {*self._in_words(seen), *self._in_spelled(seen), *self._everywhere(seen)}
        first = min(hits, default=len(self._rules))
        first = min(self._in_patterns(text, seen, first), default=first)
        return self._rules[first] if first < len(self._rules) else None

    def _in_words(self, seen: Readings) -> Iterator[int]:
        for line in seen.words:
            words = line.split(" ")
            padded = f" {plaintext.without_doubles(line)} "
            found = self._word_search.find_matches_as_indexes(padded, overlapping=True)
            stand = set[tuple[str, str]]()
            for at, start, _ in found:
                key, first = self._word_keys[at], padded.count(" ", 0, start)
                stand.add((key, " ".join(words[first : first + key.count(" ") - 1])))
            for key, said in stand:
                yield from (one.rule for one in self._words[key] if _is_meant(one.text, said))

    def _in_spelled(self, seen: Readings) -> Iterator[int]:
        for letters in seen.spelled:
            single = plaintext.without_doubles(letters)
            found = self._spelled_search.find_matches_as_indexes(single, overlapping=True)
            for key in {self._spelled_keys[at] for at, *_ in found}:
                for one in self._spelled[key]:
                    stands = _drawn_out(one.text).finditer(letters)
                    if _exactly(one.text).search(letters) or any(
                        _is_on_purpose(one.text, each) for each in stands
                    ):
                        yield one.rule

    def _in_patterns(self, text: str, seen: Readings, before: int) -> Iterator[int]:
        texts = _for_patterns(text, seen) if self._patterns else []
        if sum(map(len, texts)) > MAX_READ_BYTES:
            yield min(before, self._patterns[0][0])
            return
        if self._any_pattern:
            texts = [each for each in texts if self._any_pattern.search(each)]
        for at, pattern in self._patterns:
            if at < before and any(pattern.search(each) for each in texts):
                yield at
                return

    def _everywhere(self, seen: Readings) -> Iterator[int]:
        for one in self._anywhere:
            if any(one.text in text for text in (*seen.as_typed, *seen.solid)):
                yield one.rule


_book = lru_cache(maxsize=32)(_Book)


def _is_meant(word: str, stands: str) -> bool:
    """Whether what stands there is the word, or the word drawn out: `naaaked`, and not `good`."""
    if len(stands) < len(word):
        return False
    found = _drawn_out(word).fullmatch(stands) if stands != word else None
    return stands == word or (found is not None and _is_on_purpose(word, found))


def _is_on_purpose(word: str, found: re2._Match) -> bool:
    """Whether the letters that are there more often are no honest word's.

    Honest words are told apart by doubled letters, so one doubled letter more is not enough, unless
    it is one that is hardly ever double; a letter three times is.
    """
    more = [
        (run, stands)
        for run, stands in zip(_runs(word), found.groups(), strict=True)
        if len(stands) > len(run)
    ]
    return len(more) != 1 or len(more[0][1]) > 2 or more[0][0][0] in _RARELY_DOUBLE


def _drawn_out(word: str) -> re2._Regexp:
    """A pattern for a word whose letters may be repeated."""
    runs = (f"({_looks_like(run[0])}{{{len(run)},}})" for run in _runs(word))
    return re2.compile("".join(runs), _silent())


def _exactly(word: str) -> re2._Regexp:
    """A pattern for a word as it is, whatever letter stands before it: `s g o r e`, `g g o r e`."""
    return re2.compile("".join(map(_looks_like, word)), _silent())


def _runs(word: str) -> list[str]:
    return [run[0] for run in _RUN.finditer(word)]


def _looks_like(letter: str) -> str:
    return f"[{letter}{EITHER}]" if letter in "il" else re2.escape(letter)


# --- what patterns are held against


def _for_patterns(text: str, seen: Readings) -> list[bytes]:
    """Give a prompt in every reading, once, with what is drawn out written short."""
    # words of one letter may stand before or behind what is spelled
    ends = [(first, last) for first in (0, 1, 2, 3) for last in (None, -1)]
    spelled = [each[first:last] for each in seen.spelled for first, last in ends]
    read = dict.fromkeys((*seen.as_typed, *seen.words, *spelled))
    plain = dict.fromkeys(each.replace(EITHER, letter) for each in read for letter in "il")
    plain |= dict.fromkeys(_unsettled_words(read))
    typed = [] if text.casefold() in plain else [text]
    texts = dict.fromkeys([*typed, *plain, *_written_short(plain)])
    return [each.encode(errors="replace") for each in texts]


def _unsettled_words(read: Iterable[str]) -> Iterator[str]:
    """Give each word in which several letters may be an i or an l, with the first four as each."""
    words = {word for line in read for word in line.split(" ") if word.count(EITHER) > 1}
    for word in words:
        for letters in product("il", repeat=min(4, word.count(EITHER))):
            given = chain(letters, repeat(letters[-1]))
            yield "".join(next(given) if char == EITHER else char for char in word)


def _written_short(plain: Iterable[str]) -> Iterator[str]:
    """Give each line with its drawn out words written short, if it has any."""
    lines = [line.split(" ") for line in plain]
    words = {word for line in lines for word in line}
    once = {word: _THREE.sub(r"\1", word) for word in words if _THREE.search(word)}
    twice = {word: _THREE.sub(r"\1\1", word) for word in once}
    halved = {word: word[::2] for word in words if len(word) > 2 and word[::2] == word[1::2]}
    shorts = (halved | once, halved | twice, once | halved)
    for line in lines:
        if not shorts[0].keys().isdisjoint(line):
            for short in shorts:
                yield " ".join(short.get(word, word) for word in line)


_RUN = re.compile(r"(.)\1*")
_THREE = re.compile(r"([^\W\d_])\1{2,}")
