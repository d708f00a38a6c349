"""The operator's own rules on prompts, one in a line: `name: words`, or `name: /pattern/`."""

from __future__ import annotations

from bot.domain import Cause, Refusal
from bot.policy import promptrules
from bot.policy.server import Rule

_WRONG = {
    Cause.RULE_NAME: "a name has 1 to {limit} letters, digits, spaces or hyphens",
    Cause.RULE_WORDS: "there is no word of two letters or more; write name: words, with commas "
    "between them",
    Cause.RULE_PATTERN: "the pattern is not RE2's syntax, or too large",
    Cause.RULE_TOO_LONG: "a rule has at most {limit} characters",
    Cause.RULE_TOO_WIDE: "the pattern fits the empty text, and so every prompt",
}


class RulesUnreadable(ValueError):
    """A rules file cannot be used; the text names every line and its remedy, and quotes none."""


def read_rules(text: str) -> tuple[Rule, ...]:
    """Read a rules file. What begins with `#` is a comment.

    Raises:
        RulesUnreadable: with every problem.
    """
    rules, problems = list[Rule](), list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        read = _read(line)
        if isinstance(read, Rule):
            rules.append(read)
        else:
            problems.append(f"line {number}: {_WRONG[read.cause].format_map(read.facts)}")
    names = [rule.name.casefold() for rule in rules]
    if len(set(names)) < len(names):
        problems.append("two rules have the same name")
    if len(rules) > promptrules.MAX_RULES:
        problems.append(f"there may be {promptrules.MAX_RULES} rules; one can hold several words")
    if problems:
        raise RulesUnreadable("; ".join(problems))
    return tuple(rules)


def _read(line: str) -> Rule | Refusal:
    name, _, text = (part.strip() for part in line.partition(":"))
    is_pattern = len(text) > 1 and text[0] == text[-1] == "/"
    return promptrules.check_rule(name, text[1:-1] if is_pattern else text, is_pattern=is_pattern)
