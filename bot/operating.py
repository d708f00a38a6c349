"""`darkroom block|unblock|purge`: the operator's word on people and servers, in every server.

Each works beside a running bot, which heeds it at once, and at rest: then messages wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

import click

from bot.beside import hold_or_join, in_folder, is_running, join, run
from bot.client.messenger import DiscordMessenger
from bot.domain import PersonId, Refusal
from bot.errors import StartFault
from bot.policy import retention
from bot.policy.span import Span
from bot.ports import Bell, SystemClock
from bot.services.attest import Attest
from bot.services.conclude import Conclude
from bot.services.lifetimes import Lifetimes
from bot.services.oust import Oust
from bot.services.previews import Scope, Target
from bot.services.purge import Purge
from bot.services.questions import Questions
from bot.services.walk import Walk
from bot.settings import Settings
from bot.storage import audit, blocks
from bot.storage.audit import Act, Actor, Deed
from bot.storage.memory import Memory
from bot.taking_back import taking_back
from bot.words import Preview
from bot.words.erasing import counted

POLL_SECONDS = 0.5
"""How often it is looked how far the bot is."""

PATIENCE_SECONDS = 15 * 60
"""How long a command waits for the bot; the bot goes on without it."""

_LONGEST_ID = 2**63 - 1


@click.command()
@click.argument("user_id")
@click.option("--until", metavar="DURATION", help="For how long, such as 7d; else until unblock.")
@in_folder
def block(user_id: str, until: str | None, data: Path | None) -> None:
    """Let somebody use the bot nowhere any more. Jobs that were accepted go on."""
    run(data, lambda chosen: _block(chosen, user_id, until))


@click.command()
@click.argument("user_id")
@in_folder
def unblock(user_id: str, data: Path | None) -> None:
    """Lift your block of somebody. Blocks that servers gave stay."""
    run(data, lambda chosen: _unblock(chosen, user_id))


@click.command()
@click.option("--user", metavar="ID", help="Everything of this person, as if they erased it.")
@click.option("--guild", metavar="ID", help="Everything public of this server.")
@click.option(
    "--before", metavar="DATE", help="Only what is older than a day, or than such as 30d."
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@in_folder
def purge(
    user: str | None, guild: str | None, before: str | None, yes: bool, data: Path | None
) -> None:
    """Erase at your word: shows first what would go, asks, and ends with a receipt.

    --user stands alone: what they have in servers, in their DM and in the database goes, and the
    receipt goes to them. --guild and --before may be given together.
    """
    run(data, lambda chosen: _purge(chosen, user, guild, before, is_sure=yes))


# --- blocks


async def _block(chosen: Settings, user_id: str, until: str | None) -> None:
    person, seconds = PersonId(id_of(user_id)), _seconds(until) if until is not None else None
    now = SystemClock().now()
    memory = await join(chosen)
    try:
        who = memory.keys.person(person)
        async with memory.db.transaction() as tx:
            ends = None if seconds is None else now + seconds
            await blocks.block(tx, audit.HOUSE, who, now=now, expires_at=ends)
            stands = await blocks.of(tx, audit.HOUSE, who, now)
            act = Act(actor=Actor.OPERATOR, by="", act=Deed.BLOCKED, scope="everywhere")
            await audit.append(tx, memory.keys, audit.HOUSE, act, now=now, concerning={who: 0})
    finally:
        await memory.close()
    if stands is None or stands.expires_at is None:
        click.echo("blocked everywhere, until you lift it with `darkroom unblock`")
    else:
        click.echo(f"blocked everywhere until {_moment(stands.expires_at, chosen.zone)}")
    if ends is not None and stands is not None and stands.expires_at != ends:
        click.echo("your earlier block ends later, and holds; lift it first to shorten it")


async def _unblock(chosen: Settings, user_id: str) -> None:
    person, now = PersonId(id_of(user_id)), SystemClock().now()
    memory = await join(chosen)
    try:
        who = memory.keys.person(person)
        async with memory.db.transaction() as tx:
            held = await blocks.unblock(tx, audit.HOUSE, who, now)
            if held:
                act = Act(actor=Actor.OPERATOR, by="", act=Deed.UNBLOCKED, scope="everywhere")
                await audit.append(tx, memory.keys, audit.HOUSE, act, now=now, concerning={who: 0})
    finally:
        await memory.close()
    if not held:
        raise StartFault("no block of yours holds for this person: check the id")
    click.echo("no longer blocked by you; blocks that servers gave stay")


# --- purges


@dataclass(frozen=True)
class _Deeds:
    """What a purge is done with, wired without an engine and without a connection to Discord."""

    memory: Memory
    data: Path
    purge: Purge
    oust: Oust


async def _purge(
    chosen: Settings, user: str | None, guild: str | None, before: str | None, *, is_sure: bool
) -> None:
    if user is not None and (guild is not None or before is not None):
        raise StartFault("--user takes all of a person's: give it without --guild and --before")
    if user is None and guild is None and before is None:
        raise StartFault("say what to purge: --user ID, --guild ID, --before DATE")
    now, zone = SystemClock().now(), chosen.zone
    server = id_of(guild) if guild is not None else 0
    span = Span(0, _before(before, now, zone)) if before is not None else None
    scope = Scope.SERVER if span is None else Scope.RANGE
    memory, bot_runs = await hold_or_join(chosen)
    try:
        deeds = _wire(memory, chosen)
        if user is not None:
            await _oust(deeds, PersonId(id_of(user)), is_sure=is_sure, bot_runs=bot_runs)
        else:
            target = Target(scope=scope, span=span)
            await _clear(deeds, target, server, is_sure=is_sure, bot_runs=bot_runs)
        await memory.keys.forget()
    finally:
        await memory.close()


async def _oust(deeds: _Deeds, person: PersonId, *, is_sure: bool, bot_runs: bool) -> None:
    preview = await deeds.oust.preview(person)
    if preview is None:
        raise StartFault("there is nothing of this person: check the id")
    _ask(preview, "Their messages in servers and in their DM go too.", is_sure=is_sure)
    name = await deeds.oust(person)
    if not bot_runs:
        await deeds.oust.work_offline(name)
        click.echo(_WAITS)
        return
    await _watch(deeds.data, lambda: deeds.oust.progress(name))
    async with deeds.memory.db.read() as tx:
        done = (await audit.of_person(tx, deeds.memory.keys.person(person), 1))[0]
    click.echo(
        f"erased: {done.objects} things. The receipt went to their DM, if Discord let the bot in; "
        "`darkroom audit list` has the entry."
    )


async def _clear(
    deeds: _Deeds, target: Target, server: int, *, is_sure: bool, bot_runs: bool
) -> None:
    preview = await deeds.purge.preview_by_operator(target, server)
    if preview is None:
        raise StartFault("nothing public is stored there: check the id and the date")
    _ask(preview, "Stealth is not in it: it belongs to no server.", is_sure=is_sure)
    name = await deeds.purge.begin_by_operator(target, server)
    if name is None:
        raise StartFault("nothing public is stored there any more")
    if not bot_runs:
        await deeds.purge.work_offline(name)
        click.echo(_WAITS)
        return

    async def how_far() -> int | None:
        found = await deeds.purge.progress(name)
        return None if found is None or found[1] else found[0].done

    await _watch(deeds.data, how_far)
    if (found := await deeds.purge.progress(name)) is not None:
        click.echo(f"purged. The receipt, which `/privacy verify` explains:\n{found[1]}")
        await deeds.purge.collect(name)


_WAITS = (
    "no bot runs: keys and rows are gone, messages wait for it. It goes on by itself when it "
    "starts; `darkroom audit list` has the entry once it is done."
)


def _ask(preview: Preview, also: str, *, is_sure: bool) -> None:
    """Show what would go, and have it typed that this is meant."""
    one_day = preview.oldest == preview.newest
    until = "" if one_day else f" to {preview.newest}"
    days = f", from {preview.oldest}{until}" if preview.oldest else ""
    click.echo(f"This would go: {counted(preview.counts)}{days}. {also}")
    if is_sure:
        return
    typed = click.prompt("It cannot be undone. Type PURGE to go on", default="", show_default=False)
    if typed.strip() != "PURGE":
        raise StartFault("nothing was purged")


async def _watch(data: Path, how_far: Callable[[], Awaitable[int | None]]) -> None:
    """Say how far the bot is, until it is done."""
    clock, said = SystemClock(), 0
    until = clock.monotonic() + PATIENCE_SECONDS
    while (done := await how_far()) is not None:
        if clock.monotonic() > until or not is_running(data):
            raise StartFault(
                "it is begun and not done yet; the bot goes on with it, also after a new start: "
                "`darkroom audit list` has the entry then"
            )
        if done > said:
            click.echo(f"{done} messages handled")
            said = done
        await asyncio.sleep(POLL_SECONDS)


def _wire(memory: Memory, chosen: Settings) -> _Deeds:
    clock, messenger = SystemClock(), DiscordMessenger()  # never connected
    limits = Lifetimes(chosen.retention)
    attest = Attest(
        memory=memory,
        messenger=messenger,
        walk=Walk(memory, messenger),
        lifetimes=limits,
        clock=clock,
        zone=chosen.zone,
        software="",  # receipts are signed by the bot alone
        policy_version=lambda: 0,
    )
    conclude = Conclude(memory, clock, limits, Bell())
    erase, purge = taking_back(conclude, attest, None, Questions(clock))
    return _Deeds(memory, chosen.data_dir, purge, Oust(erase))


# --- what was typed


def id_of(text: str) -> int:
    """Read an id of Discord's as an operator types it."""
    said = text.strip()
    if not (said.isascii() and said.isdecimal() and 0 < int(said) <= _LONGEST_ID):
        raise StartFault(
            "an id is a number such as 190000000000000001: in Discord, switch on Developer Mode, "
            "then right-click and Copy ID"
        )
    return int(said)


def _seconds(text: str) -> int:
    seconds = retention.parse(text)
    if isinstance(seconds, Refusal) or seconds == 0:
        raise StartFault("--until takes a duration such as 45m, 24h, 7d or 2w")
    return seconds


def _before(text: str, now: int, zone: tzinfo) -> int:
    """Give the last second that is meant: before the first of a day, or so long ago."""
    age = retention.parse(text)
    if not isinstance(age, Refusal):
        return now - age
    try:
        day = date.fromisoformat(text.strip())
        first = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        raise StartFault("--before takes a day such as 2026-11-01, or an age such as 30d") from None
    return min(now, int(first) - 1)


def _moment(at: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")
