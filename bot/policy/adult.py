"""Whether a prompt asks for a picture for adults in so many words.

A picture gate follows, and most of what these words could mean is harmless: the list has only what
can hardly mean anything else. It says *where* a prompt may be asked, not whether it may.
"""

from __future__ import annotations

import re

from bot.policy import promptrules
from bot.policy.server import Rule

_WORDS = """
nude, nudes, naked, nudity, nsfw, stark naked, fully nude, unclothed, topless woman, topless women,
topless girl, topless girls, topless model, bare breasts, bare breasted, exposed breasts,
naked breasts, bare nipples, exposed nipples, hard nipples, boobs, bare boobs, big tits, bare tits,
full frontal, erotic, erotica, porn, porno, pornographic, pornography, pornstar, hentai, rule34,
rule 34, xrated, x rated, blowjob, blowjobs, handjob, cumshot, bukkake, gangbang, deepthroat,
masturbate, masturbates, masturbating, masturbation, genitals, genitalia, penis, penises, vagina,
vaginas, vulva, clitoris, sex scene, sex act, sex tape, having sex, sexual intercourse, anal sex,
oral sex, group sex, fellatio, cunnilingus, dildo, dildos, orgasm, orgasms, striptease, futanari,
lewd, wearing nothing but, wears nothing at all, no clothes on,
nackte Frau, nackte Frauen, nackter Mann, splitternackt, Geschlechtsverkehr,
femme nue, femmes nues, homme nu, toute nue, desnuda, desnudas, desnudo, desnudos, mulher nua,
donna nuda, donne nude, naga kobieta,
голая, голые, голый, обнаженная, обнажённая, обнаженные, порно, порнография, эротика,
全裸, 裸体, 裸體, 色情, ヌード, ポルノ, ヘンタイ, 누드, 포르노, عارية, إباحية
"""

_HARMLESS = re.compile(
    r"(?i)\b(?:nude|naked)[\s-]+(?:colou?r(?:s|ed)?|tones?|palettes?|shades?|hues?|beige|pink"
    r"|lips?|lipsticks?|gloss|make-?up|eyeshadows?|nails?|nail polish|manicure|heels|pumps|shoes"
    r"|sandals|leather|fabric|silk|dress|eyes?|mole[\s-]rats?|cakes?|cupcakes?|flames?|fire"
    r"|light ?bulbs?|bulbs?|lightbulbs?|wires?|trees?|branch(?:es)?|twigs?|bikes?|motorcycles?"
    r"|raku|singularit(?:y|ies)|truth|oats?|barley|cats?|dogs?|mouse|mice|neck chickens?"
    r"|chickens?|ladies lil(?:y|ies)|gun|steel|blades?|swords?|rocks?|cliffs?)\b"
    r"|\bnude descending a staircase\b|\bbarenaked ladies\b"
)
"""What those words are said of without anybody being undressed."""

_RULE = (Rule(name="adult", text=" ".join(_WORDS.split())),)


def asks_for_adult(text: str) -> bool:
    """Say whether a prompt asks for a picture for adults, in any disguise a rule sees through."""
    return promptrules.first_hit(_RULE, _HARMLESS.sub(" ", text)) is not None
