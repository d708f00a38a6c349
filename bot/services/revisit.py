"""A person looks at one job of theirs again: where it is, or what became of it, with its buttons.

Of stealth that was delivered nothing is found but that it was: its recipe is in nobody's name, and
only the message in its owner's DM has the key.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ask, JobId, PersonId, Visibility
from bot.policy import results
from bot.policy.disclosure import Life
from bot.services.account import Account
from bot.services.holdings import Holdings
from bot.services.recall import Recall
from bot.services.studio import Studio
from bot.services.survey import Survey
from bot.storage import deliveries, line
from bot.storage.line import Met
from bot.storage.memory import Memory
from bot.words.showing import Revisited
from gen.job import ENDED, JobState, Kind


@dataclass(frozen=True)
class Revisit:
    """Bring a job back to its owner. Reads only; somebody else's is like none at all."""

    memory: Memory
    account: Account
    survey: Survey
    recall: Recall
    holdings: Holdings
    studio: Studio

    async def __call__(self, named: str, ask: Ask) -> Revisited | None:
        """Give the job of that id, or behind that link; `ask` says who looks, and where.

        None: they have none of that name, whoever else may.
        """
        life = await self.account.life_of(named, ask.person)
        if life is None:
            return None
        mine = await self.survey.mine(ask.person) if life.state not in (None, *ENDED) else ()
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, life.job)
        return Revisited(
            life=life,
            owner=ask.person,
            line=next((each for each in mine if each.job == life.job), None),
            taken=delivery.taken if delivery and delivery.state is JobState.DELIVERED else None,
            offered=await self._offered(life, ask),
        )

    async def latest(self, person: PersonId, most: int) -> list[Met]:
        """List their newest jobs: by state and time, and no prompt is read."""
        async with self.memory.db.read() as tx:
            return await line.latest(tx, self.memory.keys.person(person), most)

    async def _offered(self, life: Life, ask: Ask) -> frozenset[str] | None:
        """Name what can be made of it: None where its recipe is gone, or nobody's.

        What started from a picture cannot be made again, and this answer has no picture.
        """
        if life.visibility is Visibility.STEALTH or life.recipe_until is None:
            return None
        recalled = await self.recall(JobId(life.job), ask.person)
        card = self.studio.card_of(recalled.spec.model) if recalled else None
        if recalled is None or card is None:
            return None
        if recalled.spec.kind is not Kind.IMAGINE:
            return frozenset()
        async with self.memory.db.read() as tx:
            held = await self.holdings.of(tx, self.memory.keys, ask, self.recall.clock.now())
        return results.offered(card, recalled.spec, held.plan.max_pixels)
