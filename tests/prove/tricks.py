"""What people do to a word so that a rule does not see it, and what they put around it.

Each is a few lines and knows nothing of how the house reads a prompt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

from confusable_homoglyphs import confusables

_ALPHABETS: dict[str, list[str]] = {}
for _char in map(chr, (*range(0x2100, 0x2150), *range(0x1D400, 0x1D6A4))):
    _ALPHABETS.setdefault(unicodedata.normalize("NFKC", _char).lower(), []).append(_char)

_FAUX = {"a": "аαд", "b": "вьβ", "d": "ԁđ", "e": "еєε", "g": "ɡ", "h": "һн", "i": "іıι", "k": "кκ"}
_FAUX |= {"l": "ӏ", "n": "ոпη", "o": "оοø", "r": "гя", "s": "ѕ", "t": "тτ", "v": "νѵ", "w": "шω"}
_LEET = {"a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$"}
_LEET |= {"t": "7", "z": "2", "c": "¢", "y": "¥"}
_SMALL = dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u061c\u2066\u2069\ufe0f"
_CONTROLS = "\x00\x01\x07\x08\x1b\x7f\x85\x9f"
_BETWEEN = (".", "-", "_", "·", "•", "~", "/", "+", "–", "*", "👍", "★")
_MARKDOWN = ("**", "__", "~~", "||", "`", "*", "_", "***", "\\")
_MENTIONS = ("<@7>", "<@!7>", "<@&7>", "<#7>", "<:x:7>", "<a:x:7>", "<t:7:R>", "</x:7>")

Glyphs = list[str]


def _each(trick: Callable[[str, Random], str]) -> Callable[[str, Random], Glyphs]:
    """A trick that does something to each letter and leaves spaces alone."""
    return lambda word, dice: [each if each == " " else trick(each, dice) for each in word]


def _listed(letter: str, _: Random) -> list[str]:
    """Unicode's list, without what only normalising to another letter makes alike."""
    found = [each["c"].strip("\u200e") for each in confusables.confusables_data.get(letter, [])]
    return [one for one in found if len(one) == 1 and not one.isascii()]


def _accented(letter: str, dice: Random) -> str:
    marks = "".join(chr(dice.randrange(0x300, 0x34F)) for _ in range(dice.randint(1, 4)))
    return unicodedata.normalize(dice.choice(("NFC", "NFD")), letter + marks)


def _enclosed(letter: str, dice: Random) -> str:
    at = ord(letter) - ord("a")
    return chr(dice.choice((0x24D0, 0x24B6, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6, 0x249C)) + at)


def _drawn_out(word: str, dice: Random) -> Glyphs:
    if dice.random() < 0.5:
        return [each if each == " " else each * 2 for each in word]
    at = dice.choice([at for at, each in enumerate(word) if each != " "])
    return [each * (dice.randint(3, 9) if here == at else 1) for here, each in enumerate(word)]


LETTERS: dict[str, Callable[[str, Random], Glyphs]] = {
    "as it is": lambda word, _: list(word),
    "case": _each(lambda each, dice: dice.choice((each, each.upper()))),
    "accents": _each(_accented),
    "fullwidth": _each(lambda each, dice: chr(ord(each) + 0xFEE0)),
    "mathematical": _each(lambda each, dice: dice.choice(_ALPHABETS[each])),
    "enclosed": _each(_enclosed),
    "small capitals": _each(lambda each, _: _SMALL[each]),
    "look-alikes, Unicode's": _each(lambda each, dice: dice.choice(_listed(each, dice) or [each])),
    "look-alikes, by hand": _each(lambda each, dice: dice.choice(_FAUX.get(each, each))),
    "leetspeak": _each(lambda each, dice: dice.choice(_LEET.get(each, each))),
    "drawn out": _drawn_out,
}
"""What is done to the letters."""


def _between(choices: tuple[str, ...] | str) -> Callable[[Glyphs, Random], str]:
    def spread(glyphs: Glyphs, dice: Random) -> str:
        mark = dice.choice(choices)
        return "".join(_spread(glyphs, mark))

    return spread


def _spread(glyphs: Glyphs, mark: str) -> list[str]:
    """Put a mark between two letters, and none where a space is."""
    after = [*glyphs[1:], " "]
    return [
        one if " " in (one, follows) else one + mark
        for one, follows in zip(glyphs, after, strict=True)
    ]


def _tagged(glyphs: Glyphs, dice: Random) -> str:
    tag = "".join(chr(0xE0000 + ord(char)) for char in dice.choice(("cat", "ok", "a")))
    return "".join(_spread(glyphs, tag))


GAPS: dict[str, Callable[[Glyphs, Random], str]] = {
    "none": lambda glyphs, _: "".join(glyphs),
    "unseen": _between(_UNSEEN),
    "control": _between(_CONTROLS),
    "tags": _tagged,
    "spaces": lambda glyphs, dice: dice.choice((" ", "  ", "\u3000", "\u2003")).join(glyphs),
    "dots": _between(_BETWEEN),
    "markdown": _between(_MARKDOWN),
    "mentions": _between(_MENTIONS),
    "reversed": lambda glyphs, _: "\u202e" + "".join(reversed(glyphs)) + "\u202c",
}
"""What is put between them."""

AROUND: dict[str, tuple[str, ...]] = {
    "nothing": ("{}", "a {} in the rain", "{}, oil painting"),
    "mention": ("<@7> {}", "{} <@!7>", "<@&7> {}", "{} <#7>", "<:x:7> {}", "<id:browse> {}"),
    "everyone": ("@everyone {}", "{} @here", "@@everyone {}", "{} @everyone\u200b @here"),
    "looks so": ("@\u200beveryone {}", "＠everyone {}", "{} a@evil.example", "www.evil.example {}"),
    "link": (
        "https://evil.example/x {}",
        "{} HTTP://EVIL.EXAMPLE",
        "<https://evil.example> {}",
        "{} discord.gg/evil",
        "DISCORD.com/invite/evil {}",
        "{} steam://run/7",
        "https://user:pass@evil.example:8080/?a=b#c {}",
        "http\u200bs://evil.example https://evil.example {}",
        "{} discord://-/users/7",
    ),
    "masked link": (
        "[{}](https://evil.example)",
        "[look](<https://evil.example>) {}",
        "{} [x](https://evil.example 'title')",
        "[![x](https://evil.example)](https://evil.example) {}",
    ),
    "code": ("`{}`", "``{}``", "```\n{}\n```", "```py\n{} ``` @everyone"),
    "spoiler": ("||{}||", "|| {} ||", "|| ||||{}||||"),
    "heading": ("# {}", "> {}", ">>> {}", "- {}\n- <@7>", "-# {}", "x\n# {}"),
    "long run": ("@ {} " + "@" * 900, "{} " + "\\" * 1500, "*" * 1500 + " {}", "{} " + "ﷺ" * 700),
    "costly": ("{} " + "a" * 1500 + "!", "{} " + "ab" * 700, "(a+)+$ {} " + "a" * 300),
}
"""What stands around it; most of it is aimed at those who read the echo."""
