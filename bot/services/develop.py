"""A press under a result becomes an ask: the same again, in other words, or something made of it.

The recipe is its owner's alone (`recall`), so somebody else's press, an expired recipe and none at
all look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Ask, PersonId, Upload
from bot.policy import results
from bot.policy.results import AGAIN, CHANGES, FOLLOWS, REMIX, VARIATIONS, Follow
from bot.services.choose import Choose
from bot.services.recall import Recall, Recalled
from gen.card import Card
from gen.job import Kind


class Undeveloped(StrEnum):
    """Why nothing comes of a press."""

    EXPIRED = "expired"  #: or erased, or not theirs
    NO_START_LEFT = "no-start-left"  #: it started from a picture that is gone
    NO_PICTURE = "no-picture"  #: its message has it no more, and it cannot be made again
    NO_SUCH_PICTURE = "no-such-picture"
    TOO_LONG = "too-long"  #: its words, for a form


@dataclass(frozen=True)
class Development:
    """What a press asks for. `is_made_again`: the picture itself first, to be pressed next."""

    ask: Ask
    follow: Follow | None = None
    is_made_again: bool = False


@dataclass(frozen=True)
class Develop:
    """Make asks of presses. `card_of` gives a model's card by its name; None: it is gone."""

    recall: Recall
    choose: Choose
    card_of: Callable[[str], Card | None]

    async def __call__(
        self,
        base: Ask,
        verb: str,
        name: str,
        pictures: Mapping[int, Upload],
        line: str | None = None,
    ) -> Development | Undeveloped:
        """Give the ask a press stands for.

        `base` says who pressed and where; `name` opens the recipe; `pictures` are those of the
        pressed message by position; `line` is what they typed into the form, if one was opened.
        """
        recalled = await self.recall(name, base.person)
        if recalled is None:
            return Undeveloped.EXPIRED
        developed = await self._developed(base, verb, recalled, pictures)
        if line is None or isinstance(developed, Undeveloped) or developed.is_made_again:
            return developed
        return Development(results.reworded(developed.ask, line), developed.follow)

    async def line(self, verb: str, name: str, presser: PersonId) -> str | None:
        """Give the words a form opens with; None when this press opens none.

        ✏️ always does; 🔄 and variations where their owner wants to be asked.
        """
        if verb != REMIX and not (await self.choose.read(presser)).remixes:
            return None
        recalled = await self.recall(name, presser)
        if recalled is None or (verb == AGAIN and recalled.spec.kind is not Kind.IMAGINE):
            return None
        of = Kind.IMAGINE if verb in (AGAIN, REMIX) else Kind.VARY
        of = of if recalled.spec.kind is Kind.IMAGINE else Kind.VARY
        return results.line_of(recalled.spec, self._card(recalled), of=of)

    async def _developed(
        self, base: Ask, verb: str, recalled: Recalled, pictures: Mapping[int, Upload]
    ) -> Development | Undeveloped:
        spec, seen = recalled.spec, recalled.visibility
        is_whole = spec.kind is Kind.IMAGINE
        if verb == AGAIN and not is_whole:
            return Undeveloped.NO_START_LEFT
        if verb in (AGAIN, REMIX) and is_whole:
            return Development(results.repeated(base, spec, seen))
        follow = FOLLOWS[verb] if verb in FOLLOWS else CHANGES["vl"]
        if follow.position >= spec.pictures:
            return Undeveloped.NO_SUCH_PICTURE
        picture = pictures.get(follow.position)
        if picture is None:
            if not is_whole:
                return Undeveloped.NO_PICTURE
            ask = results.made_again(base, spec, seen, follow.position)
            return Development(ask, follow, is_made_again=True)
        ask = results.followed(
            base,
            spec,
            seen,
            follow,
            picture,
            upscale_strength=self._card(recalled).upscale_strength,
            varies_strongly=(await self.choose.read(base.person)).varies_strongly,
        )
        return Development(ask, follow)

    def _card(self, recalled: Recalled) -> Card:
        """Give the card of its model; that of the default where it is gone."""
        card = self.card_of(recalled.spec.model) or self.card_of("")
        if card is None:
            raise LookupError("there is no default model")
        return card


ASKS_FIRST = (REMIX, AGAIN, *VARIATIONS, *CHANGES)
"""The verbs that may open a form."""
