"""Rows to begin with: a job and its delivery, made as `submit` makes them."""

from bot.crypto.envelope import seal
from bot.domain import ChannelId, JobId, PersonId, Visibility
from bot.route import PublicRoute, Route, StealthRoute
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.keyring import RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from gen import queue
from gen.job import Spec, Speed

ANA, MOD = PersonId(11), PersonId(12)
DAY = "2026-11-21"
SPEC = Spec(prompt="xylophone", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))


async def add_job(
    memory: Memory,
    number: int = 1,
    *,
    owner: PersonId = ANA,
    seen: Visibility = Visibility.PUBLIC,
    spec: Spec = SPEC,
) -> Delivery:
    """An accepted job, sealed."""
    job, person = JobId(f"{number:032x}"), memory.keys.person(owner)
    public = seen is Visibility.PUBLIC
    plain = {"owner": owner, "interaction_token": f"token-{number}", "upload_limit_bytes": 10 << 20}
    to: Route = (
        PublicRoute(guild_id=100, channel_id=ChannelId(200), **plain)
        if public
        else StealthRoute(**plain)
    )
    keys = await memory.keys.new_job(job, person, DAY, seen)
    async with memory.db.transaction() as tx:
        await queue.enqueue(
            tx,
            job=job,
            tenant=person,
            rows=spec.pictures,
            cost_seconds=1.0,
            weight=1.0,
            speed=Speed.FAST,
            running_cap=4,
            payload=seal(keys.recipe, spec.to_json().encode(), bound_to(job, person, RECIPE)),
            now=1000,
        )
        await deliveries.add(
            tx,
            job=job,
            interaction=memory.keys.interaction(number),
            day=DAY,
            route=seal(keys.route, to.to_json(), bound_to(job, person, ROUTE)),
            to=to,
        )
    return await delivery_of(memory, job)


async def delivery_of(memory: Memory, job: str) -> Delivery:
    async with memory.db.read() as tx:
        found = await deliveries.get(tx, job)
    assert found is not None
    return found
