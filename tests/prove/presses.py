"""What a press on each button does, as the cogs do it: one deed, one answer.

Each says whether anything came of it: for a button of another person's nothing may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from bot import words
from bot.domain import PersonId, Receipt, Visibility
from bot.policy.reasons import Reason
from bot.policy.results import AGAIN, FOLLOWS, REMIX, reworded
from bot.ports import Post
from bot.services.cancel import Outcome
from bot.services.develop import Undeveloped
from bot.services.remove import Removal
from bot.services.report import Report
from bot.services.withdraw import Withdrawal
from tests.asks import GUILD
from tests.prove.canaries import canaries_in

if TYPE_CHECKING:
    from tests.prove.world import World

_PUBLIC, _STEALTH = Visibility.PUBLIC, Visibility.STEALTH
AGAIN_IN = 200
"""The channel a picture is made again in, if it is public."""


@dataclass(frozen=True)
class Press:
    """Who pressed, what follows the verb in the button's id, and their interaction."""

    presser: PersonId
    rest: str
    token: str
    interaction: dict[str, Any]


async def _cancel(world: World, press: Press) -> bool:
    outcome = (await world.house.cancel(press.rest, press.presser)).outcome
    if outcome is Outcome.CANCELLED:
        world.close([press.rest])
    return outcome is not Outcome.NOT_YOURS


async def _delete(world: World, press: Press) -> bool:
    in_dm = world.in_dm_of(press.presser, f"v1:delete:{press.rest}")
    removal = await world.house.remove(press.rest, press.presser, in_dm)
    if removal is not Removal.NOT_YOURS:
        world.close([press.rest])
    return removal is not Removal.NOT_YOURS


async def _only_me(world: World, press: Press) -> bool:
    outcome = await world.house.withdraw(press.rest, press.presser, press.token)
    if outcome is not Withdrawal.NOT_YOURS:
        world.close([press.rest])
    return outcome is not Withdrawal.NOT_YOURS


async def _recipe(world: World, press: Press) -> bool:
    recalled = await world.house.recall(press.rest, press.presser)
    if recalled is not None:
        await world.answers(press.token, Post("\n".join(words.recipe(recalled.spec))))
    return recalled is not None


def _developing(verb: str) -> Callable[[World, Press], Awaitable[bool]]:
    """As `cogs.results.ResultButtons`: from a stealth recipe only a stealth job can come.

    The pictures of the pressed message are not at hand, so what is made of them is made again.
    """

    async def develop(world: World, press: Press) -> bool:
        base = world.an_ask(press.presser, "", AGAIN_IN, None, False, 1)
        base = replace(base, **press.interaction)
        developed = await world.house.develop(base, verb, press.rest, {})
        if isinstance(developed, Undeveloped):
            return developed is not Undeveloped.EXPIRED
        (word,) = canaries_in(developed.ask.prompt.reveal().encode())
        asked = developed.ask
        if verb == REMIX:
            asked = reworded(asked, f"a remix of {word}")
        outcome = await world.submit(asked, word)
        born = developed.ask.parent
        if isinstance(outcome, Receipt) and born is _STEALTH is not outcome.visibility:
            world.judge.breaches.append("again: a stealth recipe became a public job")
        return True

    return develop


async def _star(world: World, press: Press) -> bool:
    return await world.house.star(press.rest, press.presser) is not None


async def _post(world: World, press: Press) -> bool:
    return await _decide(world, press, _PUBLIC)


async def _mine(world: World, press: Press) -> bool:
    return await _decide(world, press, _STEALTH)


async def _drop(world: World, press: Press) -> bool:
    return world.house.questions.take(press.rest, press.presser) is not None


async def _decide(world: World, press: Press, choice: Visibility) -> bool:
    """As `cogs._asks.answered_with`."""
    waiting = world.house.questions.take(press.rest, press.presser)
    if waiting is None:
        return False
    posts = choice is _PUBLIC
    asked = replace(
        waiting.ask,
        visibility=waiting.ask.visibility if posts else choice,
        confirmed=waiting.ask.confirmed | {waiting.why} if posts else waiting.ask.confirmed,
        **press.interaction,
    )
    await world.submit(asked, world.says[press.rest])
    return True


async def _report(world: World, press: Press) -> bool:
    """Anybody may report what stands in a server; of the job itself nothing changes."""
    house = world.house
    report = Report(house.memory, house.lifetimes, house.clock, UTC)
    said = await report(press.presser, GUILD, press.rest, Reason.OTHER, press.token)
    await world.answers(press.token, Post(words.REPORT_ANSWERS[said]))
    return False


async def _queue(world: World, press: Press) -> bool:
    await world.answers(press.token, words.queue(await world.house.survey(press.presser)))
    return False


VERBS: dict[str, Callable[[World, Press], Awaitable[bool]]] = {
    "cancel": _cancel,
    "delete": _delete,
    "onlyme": _only_me,
    "recipe": _recipe,
    **{verb: _developing(verb) for verb in (AGAIN, REMIX, *FOLLOWS)},
    "star": _star,
    "post": _post,
    "mine": _mine,
    "drop": _drop,
    "report": _report,
    "queue": _queue,
}
