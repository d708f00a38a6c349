"""Who is built of what. Every deed takes what it needs; this is the one place that knows it all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial

from bot import log
from bot.client.attachments import Attachments
from bot.client.breaker import Breaker
from bot.client.endpoint import Endpoint
from bot.client.messenger import DiscordMessenger
from bot.disclosure import facts_of
from bot.policy.plans import Shelf
from bot.ports import Bell, RandomIds, SystemClock
from bot.services.account import Account
from bot.services.assign import Assign
from bot.services.attest import Attest, Verify
from bot.services.audit import Audit
from bot.services.authorise import Authorise
from bot.services.block import Block
from bot.services.calendar import Calendar
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.conclude import Conclude
from bot.services.contest import Contest
from bot.services.copy import Copy
from bot.services.declare import Declare
from bot.services.deliver import Deliver
from bot.services.depart import Depart
from bot.services.describe import Describe
from bot.services.develop import Develop
from bot.services.dispatch import Dispatch
from bot.services.enqueue import Enqueue
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
from bot.services.intake import Intake
from bot.services.judge import Judge
from bot.services.lifetimes import Lifetimes
from bot.services.limit import Limit
from bot.services.measured import Measured
from bot.services.meet import Meet
from bot.services.moderate import Moderate
from bot.services.move import Move
from bot.services.offer import Offer
from bot.services.place import Place
from bot.services.progress import Board
from bot.services.prune import Prune
from bot.services.publish import Publish
from bot.services.questions import Questions
from bot.services.react import React
from bot.services.recall import Recall
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.reply import Reply
from bot.services.report import Report
from bot.services.retain import Retain
from bot.services.revisit import Revisit
from bot.services.room import Room
from bot.services.star import Star
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.survey import Survey
from bot.services.sweep import Sweep
from bot.services.tidy import Tidy
from bot.services.usher import Usher
from bot.services.vet import Vet
from bot.services.walk import Walk
from bot.services.withdraw import Withdraw
from bot.settings import Settings
from bot.shelf import read_limits, read_models, read_rules
from bot.storage.disk import Disk
from bot.storage.memory import Memory
from bot.taking_back import taking_back
from bot.workers import caption, shrink, take_in
from cogs import Deeds
from cogs.moderation import Mandate
from cogs.plan import Planning
from cogs.privacy import Powers
from cogs.reports import Reporting
from cogs.results import Results
from gen import catalogue
from gen.engine import Engine


@dataclass(frozen=True)
class Parts:
    """Everything that runs."""

    memory: Memory
    engine: Engine
    messenger: DiscordMessenger
    breaker: Breaker
    deeds: Deeds
    place: Place
    usher: Usher
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
    endpoint: Endpoint,
) -> Parts:
    """Build every deed, by hand. `endpoint` is where attachments are fetched from.

    Raises:
        StartFault: MODEL_DIR, MODELS_FILE or CLASSIFIER_DIR holds no model that can be used.
    """
    offered = read_models(settings)
    for _ in offered.problems:
        log.event("model.unfit")  # `darkroom models check` says what is wrong
    card, *others = (source.card for source in offered.sources)
    clock, messenger = SystemClock(), DiscordMessenger()
    breaker = Breaker(clock)
    ids, zone = RandomIds(), settings.zone
    calendar = Calendar(clock, zone)
    holdings = Holdings(shelf.plans, settings.role_plans, settings.sku_plans)
    placing, dispatching, delivering, tidying = Bell(), Bell(), Bell(), Bell()
    studio = Studio(card, engine, tuple(others), catalogue.values_of(offered))
    lifetimes = Lifetimes(settings.retention, shelf.plans)
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
        ushering=Bell(),
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
    declare, fetch = Declare(memory, clock, zone), Attachments(endpoint)
    intake = Intake(memory, house_rules, declare, questions, clock, fetch, take_in)
    submit = Submit(
        memory=memory,
        studio=studio,
        meet=Meet(memory, studio, holdings, clock, ids, calendar),
        enqueue=Enqueue(memory, studio, shelf.sharing, clock),
        foresee=foresee,
        lifetimes=lifetimes,
        house_rules=house_rules,
        intake=intake,
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
    account = Account(memory, facts, settings.data_dir, holdings, clock)
    powers = Powers(
        account=account,
        publish=publish,
        choose=choose,
        retain=Retain(memory, lifetimes, walk, clock, zone, holdings),
        export=Export(memory, messenger, walk, recall, lifetimes, clock, ids, zone),
        erase=erase,
        verify=Verify(memory),
        declare=declare,
    )
    authorise, replying = Authorise(memory), Bell()
    survey = Survey(memory, foresee)
    reporting = Reporting(
        authorise=authorise,
        report=Report(memory, lifetimes, clock, zone),
        judge=Judge(memory, remove, clock, replying),
        contest=Contest(memory, lifetimes, clock, zone, replying),
    )
    star, copy = Star(memory, lifetimes, clock), Copy(messenger, recall, fetch, shrink, clock)
    cancel = Cancel(memory, engine, conclude, dispatch.done)
    inform = Inform(memory, holdings, lifetimes, clock, calendar, shelf.sharing)
    deeds = Deeds(
        depart=Depart(
            memory, engine, conclude, purge.begin_by_house, clock, settings.server_grace_days
        ),
        authorise=authorise,
        submit=submit,
        questions=questions,
        cancel=cancel,
        results=Results(
            submit=submit,
            develop=Develop(recall, choose, studio.card_of),
            recall=recall,
            remove=remove,
            star=star,
            messenger=messenger,
        ),
        react=React(memory, messenger, cancel, remove, star, copy),
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
        survey=survey,
        revisit=Revisit(memory, account, survey, recall, holdings, studio),
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
        describe=Describe(
            intake, declare, studio, house_rules.rules, partial(caption, settings.describe_dir)
        )
        if settings.describe_dir
        else None,
    )
    return Parts(
        memory=memory,
        engine=engine,
        messenger=messenger,
        breaker=breaker,
        deeds=deeds,
        usher=Usher(memory, engine, dispatch.board, foresee),
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
            card_of=studio.card_of,
            copy=copy,
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
