"""Who is built of what. Every deed takes what it needs; this is the one place that knows it all."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from dataclasses import dataclass

from bot.client.messenger import DiscordMessenger
from bot.disclosure import facts_of
from bot.errors import StartFault
from bot.policy.plans import Plan
from bot.ports import Bell, RandomIds, SystemClock
from bot.services.account import Account
from bot.services.aim import Aim
from bot.services.attest import Attest, Verify
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.conclude import Conclude
from bot.services.deliver import Deliver
from bot.services.dispatch import Dispatch
from bot.services.erase import Erase
from bot.services.export import Export
from bot.services.hands import Hands
from bot.services.heed import Heed
from bot.services.holdings import Holdings
from bot.services.inform import Inform
from bot.services.lifetimes import Lifetimes
from bot.services.move import Move
from bot.services.place import Place
from bot.services.progress import Board
from bot.services.publish import Publish
from bot.services.questions import Questions
from bot.services.recall import Recall
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.retain import Retain
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.sweep import Sweep
from bot.services.tidy import Tidy
from bot.services.unsay import Unsay
from bot.services.walk import Walk
from bot.services.withdraw import Withdraw
from bot.settings import Settings
from bot.storage.memory import Memory
from cogs import Deeds
from cogs.privacy import Powers
from gen import launch, models
from gen.engine import Engine
from gen.errors import ModelFault
from gen.messages import Setup
from gen.supervisor import Supervisor


@dataclass(frozen=True)
class Parts:
    """Everything that runs."""

    memory: Memory
    engine: Engine
    messenger: DiscordMessenger
    deeds: Deeds
    place: Place
    dispatch: Dispatch
    deliver: Deliver
    tidy: Tidy
    recover: Recover
    publish: Publish
    erase: Erase
    sweep: Sweep


def wire(
    settings: Settings,
    memory: Memory,
    shelf: tuple[Plan, ...],
    engine: Engine,
) -> Parts:
    """Build every deed, by hand.

    Raises:
        StartFault: MODEL_DIR holds no model that can be used.
    """
    try:
        card = models.demand(settings.model_dir)
    except ModelFault as fault:
        raise StartFault(f"MODEL_DIR cannot be used: {fault}") from None
    clock, messenger = SystemClock(), DiscordMessenger()
    ids, zone = RandomIds(), settings.zone
    holdings = Holdings(shelf, settings.role_plans, settings.sku_plans)
    placing, dispatching, delivering, tidying = Bell(), Bell(), Bell(), Bell()
    studio, lifetimes = Studio(card, engine), Lifetimes(settings.retention)
    facts = facts_of(settings, shelf, card)
    publish = Publish(memory, facts, clock, zone)
    conclude = Conclude(memory, clock, lifetimes, tidying)
    move = Move(memory, engine, clock, ids, placing, tidying)
    heed = Heed(memory, conclude, move)
    hands, questions = Hands(clock, freed=tidying), Questions(clock)
    dispatch = Dispatch(
        memory=memory,
        engine=engine,
        board=Board(messenger, clock),
        conclude=conclude,
        heed=heed,
        clock=clock,
        owner=secrets.token_hex(8),
        dispatching=dispatching,
        delivering=delivering,
    )
    submit = Submit(
        memory=memory,
        studio=studio,
        holdings=holdings,
        lifetimes=lifetimes,
        questions=questions,
        clock=clock,
        ids=ids,
        hands=hands,
        zone=zone,
        max_open_jobs=settings.max_open_jobs,
        policy_version=publish.version,
        placing=placing,
    )
    recall, remove = Recall(memory, clock, zone), Remove(memory, messenger, conclude, clock)
    walk, choose = Walk(memory, messenger), Choose(memory, move, clock, zone)
    erase = Erase(
        memory=memory,
        engine=engine,
        conclude=conclude,
        aim=Aim(memory, walk, clock, zone),
        unsay=Unsay(memory, messenger, walk),
        attest=Attest(
            memory=memory,
            messenger=messenger,
            walk=walk,
            lifetimes=lifetimes,
            clock=clock,
            zone=zone,
            software=facts.version,
            policy_version=publish.version,
        ),
        lifetimes=lifetimes,
        questions=questions,
        clock=clock,
        zone=zone,
        hands=Hands(clock, freed=Bell()),
        erasing=Bell(),
    )
    powers = Powers(
        account=Account(memory, facts, settings.data_dir),
        publish=publish,
        choose=choose,
        retain=Retain(memory, lifetimes, walk, clock, zone),
        export=Export(memory, messenger, walk, recall, lifetimes, clock, ids, zone),
        erase=erase,
        verify=Verify(memory),
    )
    deeds = Deeds(
        submit=submit,
        questions=questions,
        cancel=Cancel(memory, engine, conclude),
        recall=recall,
        remove=remove,
        withdraw=Withdraw(memory, move, recall, remove, submit, clock),
        choose=choose,
        powers=powers,
        inform=Inform(memory, holdings, lifetimes, clock, zone),
        studio=studio,
        plans=shelf,
    )
    return Parts(
        memory=memory,
        engine=engine,
        messenger=messenger,
        deeds=deeds,
        place=Place(memory, messenger, conclude, heed, clock, hands, dispatching),
        dispatch=dispatch,
        deliver=Deliver(
            memory=memory,
            messenger=messenger,
            conclude=conclude,
            heed=heed,
            lifetimes=lifetimes,
            clock=clock,
            zone=zone,
            hands=hands,
            shrink=_shrink,
            tidying=tidying,
        ),
        tidy=Tidy(memory, messenger, hands),
        recover=Recover(memory, conclude),
        publish=publish,
        erase=erase,
        sweep=Sweep(
            memory, messenger, conclude, lifetimes, clock, zone, Hands(clock, freed=Bell())
        ),
    )


def worker(settings: Settings) -> Supervisor:
    """Give the engine that is a worker process of this machine."""
    setup = Setup(
        folder=str(settings.model_dir),
        device=settings.device,
        reproducible=settings.reproducible,
        row_cap=settings.worker_rows,
    )
    return Supervisor(setup, environ=os.environ, threads=settings.worker_threads)


async def _shrink(content: bytes, limit_bytes: int) -> bytes | None:
    """Encode a picture again in a process of its own: the bot itself decodes no pictures."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gen.shrink", str(limit_bytes)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=launch.environment(os.environ),
    )
    smaller, _ = await process.communicate(content)
    return smaller if process.returncode == 0 else None
