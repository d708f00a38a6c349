"""What a job's messages may say of it. For stealth the words are not even opened."""

from __future__ import annotations

from bot.domain import Visibility
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from bot.words import Shown


async def shown_of(memory: Memory, delivery: Delivery) -> Shown:
    """Open what a place or a result of this job may show."""
    route = await memory.open_route(delivery)
    public = delivery.visibility is Visibility.PUBLIC
    prompt = (await memory.open_spec(delivery)).prompt if public else None
    return Shown(delivery.job, route.owner, delivery.visibility, prompt)
