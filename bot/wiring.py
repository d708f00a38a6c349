"""Who is built of what. Every deed takes what it needs; this is the one place that knows it all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.client.breaker import Breaker
from bot.client.messenger import DiscordMessenger
from bot.disclosure import facts_of
from bot.errors import StartFault
from bot.policy.plans import Shelf
from bot.ports import Bell, RandomIds, SystemClock
from bot.services.account import Account
from bot.services.aim import Aim
from bot.services.assign import Assign
from bot.services.attest import Attest, Verify
from bot.services.audit import Audit
from bot.services.authorise import Authorise
from bot.services.block import Block
from bot.services.calendar import Calendar
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.clear import Clear
from bot.services.conclude import Conclude
from bot.services.contest import Contest
from bot.services.declare import Declare
from bot.services.deliver import Deliver
from bot.services.depart import Depart
from bot.services.dispatch import Dispatch
from bot.services.entitle import Entitle
from bot.services.erase import Erase
from bot.services.export import Export
from bot.services.foresee import Foresee
from bot.services.grant import Grant
from bot.services.hands import Hands
from bot.services.hasten import Hasten
from bot.services.heed import Heed
from bot.services.holdings import Holdings
from bot.services.houserules import HouseRules
from bot.services.inform import Inform
from bot.services.judge import Judge
from bot.services.lifetimes import Lifetimes
from bot.services.limit import Limit
from bot.services.measured import Measured
from bot.services.meet import Meet
from bot.services.moderate import Moderate
from bot.services.move import Move
from bot.services.offer import Offer
from bot.services.place import Place
from bot.services.previews import Previews
from bot.services.progress import Board
from bot.services.prune import Prune
from bot.services.publish import Publish
from bot.services.purge import Purge
from bot.services.questions import Questions
from bot.services.recall import Recall
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.reply import Reply
from bot.services.report import Report
from bot.services.retain import Retain
from bot.services.room import Room
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.survey import Survey
from bot.services.sweep import Sweep
from bot.services.tidy import Tidy
from bot.services.unpost import Unpost
from bot.services.unsay import Unsay
from bot.services.vet import Vet
from bot.services.walk import Walk
from bot.services.withdraw import Withdraw
from bot.settings import Settings
from bot.shelf import read_limits, read_rules
from bot.storage.disk import Disk
from bot.storage.memory import Memory
from bot.workers import shrink
from cogs import Deeds
from cogs.moderation import Mandate
from cogs.plan import Planning
from cogs.privacy import Powers
from cogs.reports import Reporting
from gen import models
from gen.engine import Engine
from gen.errors import ModelFault


@dataclass(frozen=True)
class Parts:
    """Everything that runs."""

    memory: Memory
    engine: Engine
    messenger: DiscordMessenger
    breaker: Breaker
    deeds: Deeds
    place: Place
    dispatch: Dispatch
    deliver: Deliver
    tidy: Tidy
    reply: Reply
    recover: Recover
    publish: Publish
    measured: Measured
    erase: Erase
    sweep: Sweep
    prune: Prune


def wire(
    settings: Settings,
    memory: Memory,
    shelf: Shelf,
    engine: Engine,
) -> Parts:
    """Build every deed, by hand.

    Raises:
        StartFault: MODEL_DIR or CLASSIFIER_DIR holds no model that can be used.
    """
    try:
        card = models.demand(settings.model_dir)
    except ModelFault as fault:
        raise StartFault(f"MODEL_DIR cannot be used: {fault}") from None
    clock, messenger = SystemClock(), DiscordMessenger()
    breaker = Breaker(clock)
    ids, zone = RandomIds(), settings.zone
    calendar = Calendar(clock, zone)
    holdings = Holdings(shelf.plans, settings.role_plans, settings.sku_plans)
    placing, dispatching, delivering, tidying = Bell(), Bell(), Bell(), Bell()
    studio, lifetimes = Studio(card, engine), Lifetimes(settings.retention, shelf.plans)
    facts = facts_of(settings, shelf.plans, card)
    publish = Publish(memory, facts, clock, zone)
    conclude = Conclude(memory, clock, lifetimes, tidying)
    move = Move(memory, engine, clock, ids, placing, tidying)
    heed = Heed(memory, conclude, move)
    hands, questions = Hands(clock, tidying, lambda: breaker.is_open), Questions(clock)
    dispatch = Dispatch(
        memory=memory,
        engine=engine,
        board=Board(messenger, clock),
        conclude=conclude,
        heed=heed,
        vet=Vet(memory, conclude, lifetimes, clock, read_limits(settings)),
        lifetimes=lifetimes,
        clock=clock,
        owner=secrets.token_hex(8),
        dispatching=dispatching,
        delivering=delivering,
        sharing=shelf.sharing,
    )
    foresee = Foresee(studio, shelf.sharing, dispatch.done)
    room = Room(
        Disk(
            settings.data_dir,
            memory.databases,
            clock,
            least_free_bytes=settings.least_free_mb << 20,
        ),
        settings.max_open_jobs,
        settings.open_jobs_of_a_server,
    )
    house_rules = HouseRules(lifetimes, read_rules(settings), adult_stealth=settings.adult_stealth)
    submit = Submit(
        memory=memory,
        studio=studio,
        meet=Meet(memory, studio, holdings, clock, ids, calendar),
        foresee=foresee,
        lifetimes=lifetimes,
        house_rules=house_rules,
        questions=questions,
        clock=clock,
        ids=ids,
        hands=hands,
        calendar=calendar,
        room=room,
        policy_version=publish.version,
        placing=placing,
    )
    recall, remove = Recall(memory, clock, zone), Remove(memory, messenger, conclude, clock)
    walk, choose = Walk(memory, messenger), Choose(memory, move, clock, zone)
    attest = Attest(
        memory=memory,
        messenger=messenger,
        walk=walk,
        lifetimes=lifetimes,
        clock=clock,
        zone=zone,
        software=facts.version,
        policy_version=publish.version,
        backup_days=settings.backup_days,
    )
    erase, purge = taking_back(conclude, attest, engine, questions)
    powers = Powers(
        account=Account(memory, facts, settings.data_dir, holdings, clock),
        publish=publish,
        choose=choose,
        retain=Retain(memory, lifetimes, walk, clock, zone, holdings),
        export=Export(memory, messenger, walk, recall, lifetimes, clock, ids, zone),
        erase=erase,
        verify=Verify(memory),
        declare=Declare(memory, clock, zone),
    )
    authorise, replying = Authorise(memory), Bell()
    reporting = Reporting(
        authorise=authorise,
        report=Report(memory, lifetimes, clock, zone),
        judge=Judge(memory, remove, clock, replying),
        contest=Contest(memory, lifetimes, clock, zone, replying),
    )
    inform = Inform(memory, holdings, lifetimes, clock, calendar, shelf.sharing)
    deeds = Deeds(
        depart=Depart(
            memory, engine, conclude, purge.begin_by_house, clock, settings.server_grace_days
        ),
        authorise=authorise,
        submit=submit,
        questions=questions,
        cancel=Cancel(memory, engine, conclude, dispatch.done),
        recall=recall,
        remove=remove,
        withdraw=Withdraw(memory, move, recall, remove, submit, clock),
        choose=choose,
        powers=powers,
        planning=Planning(
            authorise=authorise,
            offer=Offer(memory, holdings, lifetimes, clock),
            assign=Assign(memory, holdings, clock),
            grant=Grant(memory, holdings, clock, zone),
            entitle=Entitle(memory, holdings, clock),
        ),
        purge=purge,
        limit=Limit(memory, lifetimes, clock, zone),
        inform=inform,
        hasten=Hasten(inform, choose),
        survey=Survey(memory, foresee),
        mandate=Mandate(
            authorise=authorise,
            moderate=Moderate(memory, house_rules, heed, clock, zone),
            block=Block(memory, lifetimes, clock, zone),
            reporting=reporting,
        ),
        audit=Audit(memory),
        reporting=reporting,
        studio=studio,
        plans=shelf.plans,
    )
    return Parts(
        memory=memory,
        engine=engine,
        messenger=messenger,
        breaker=breaker,
        deeds=deeds,
        place=Place(memory, messenger, conclude, heed, clock, hands, placing, dispatching),
        dispatch=dispatch,
        deliver=Deliver(
            memory=memory,
            messenger=messenger,
            conclude=conclude,
            heed=heed,
            lifetimes=lifetimes,
            clock=clock,
            zone=zone,
            delivering=delivering,
            hands=hands,
            shrink=shrink,
            tidying=tidying,
        ),
        tidy=Tidy(memory, messenger, clock, hands),
        reply=Reply(memory, messenger, Hands(clock, freed=Bell()), replying),
        recover=Recover(memory, conclude),
        publish=publish,
        measured=Measured(memory, studio),
        erase=erase,
        prune=Prune(memory, settings.backup_dir, settings.backup_days, clock),
        sweep=Sweep(
            memory,
            messenger,
            conclude,
            lifetimes,
            clock,
            calendar,
            Hands(clock, freed=Bell()),
            shelf.sharing,
        ),
    )


def taking_back(
    conclude: Conclude, attest: Attest, engine: Engine | None, questions: Questions
) -> tuple[Erase, Purge]:
    """Build what erases and what purges; without an engine where no worker runs."""
    memory, messenger, clock, zone = attest.memory, attest.messenger, attest.clock, attest.zone
    erase = Erase(
        memory=memory,
        engine=engine,
        conclude=conclude,
        aim=Aim(memory, attest.walk, clock, zone),
        unsay=Unsay(memory, messenger, attest.walk),
        attest=attest,
        lifetimes=attest.lifetimes,
        questions=questions,
        clock=clock,
        zone=zone,
        hands=Hands(clock, freed=Bell()),
        erasing=Bell(),
    )
    clear = Clear(
        memory=memory,
        engine=engine,
        messenger=messenger,
        conclude=conclude,
        unpost=Unpost(memory, messenger, clock),
        attest=attest,
        clock=clock,
    )
    purge = Purge(
        memory=memory,
        messenger=messenger,
        conclude=conclude,
        clear=clear,
        previews=Previews(clock),
        clock=clock,
        zone=zone,
        hands=Hands(clock, freed=Bell()),
        purging=Bell(),
    )
    return erase, purge
