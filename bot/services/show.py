"""What a job's messages may say of it. For stealth the words are not even opened."""

from __future__ import annotations

from bot.domain import PersonHash
from bot.route import PublicRoute, StealthRoute
from bot.storage import choices, servers
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from bot.words import PublicShown, Shown, StealthShown, results


async def shown_of(memory: Memory, delivery: Delivery) -> Shown:
    """Open what a place or a result of this job may show.

    A public job shows its words unless its owner, or its server, hid them, then or since; and what
    is made of a picture, which says nothing of them.
    """
    route = await memory.open_route(delivery)
    match route:
        case StealthRoute():
            return StealthShown(delivery.job, route.owner, is_spoiler=route.is_spoiler)
        case PublicRoute():
            async with memory.db.read() as tx:
                chosen = await choices.read(tx, memory.keys, PersonHash(delivery.tenant))
                here = await servers.read(tx, memory.keys, route.guild_id)
            hidden = route.hides_prompt or chosen.hides_prompt or not here.shows_prompts
            spec = await memory.open_spec(delivery)
            prompt = None if hidden else spec.prompt
            made = results.made_as(spec)
            return PublicShown(delivery.job, route.owner, prompt, route.is_spoiler, made)
