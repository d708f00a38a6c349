"""`darkroom audit`: check every chain of acts, list them, and print heads to keep elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from bot.beside import in_folder, join, run
from bot.errors import StartFault
from bot.policy.chain import Broken, Flaw, Kept, Sound, read_kept
from bot.settings import Settings
from bot.storage import audit as trail
from bot.storage import soundness
from bot.storage.audit import Entry
from bot.words.auditing import FLAWS

_DESCRIBED = """\
No chain shows by itself that all of it was replaced by an older copy, or written anew by somebody
with the root key. Keep what `darkroom audit head` prints on another machine, and check against it.
"""


@click.group(epilog=_DESCRIBED)
def audit() -> None:
    """Look at the acts of moderators and of your own commands, and check that none was changed."""


@audit.command()
@click.option("--head", "lines", metavar="LINE", multiple=True, help="A head you kept; repeatable.")
@in_folder
def verify(lines: tuple[str, ...], data: Path | None) -> None:
    """Check every chain; names the first bad entry of each, with exit status 1."""
    run(data, lambda chosen: _verify(chosen, lines))


@audit.command(name="list")
@click.option("--server", type=int, help="Only this server's chain; 0 is your own.")
@click.option("--last", default=50, show_default=True, help="How many of each chain.")
@in_folder
def list_command(server: int | None, last: int, data: Path | None) -> None:
    """List the newest entries of every chain. Nobody is named, and nothing of content is in it."""
    run(data, lambda chosen: _list(chosen, server, last))


@audit.command()
@in_folder
def head(data: Path | None) -> None:
    """Print the signed head of every chain, a line each: keep them on another machine."""
    run(data, _heads)


async def _verify(chosen: Settings, lines: Sequence[str]) -> None:
    kept = [_kept(line) for line in lines]
    memory = await join(chosen)
    try:
        async with memory.db.read() as tx:
            named = [*await trail.chains(tx), *(each.chain for each in kept)]
            found = {
                chain: await soundness.read(tx, memory.keys, chain)
                for chain in sorted({trail.HOUSE, *named})
            }
        for each in kept:
            if not soundness.is_ours(found[each.chain].public, each):
                raise StartFault("a line of --head was not signed by this house, or was edited")
        results = {
            chain: _worst(
                [
                    soundness.check(read, memory.keys, each)
                    for each in [None, *(one for one in kept if one.chain == chain)]
                ]
            )
            for chain, read in found.items()
        }
    finally:
        await memory.close()
    for chain, result in results.items():
        click.echo(f"{_name(chain)}: {_said(result)}")
        if any(_is_past(each, result) for each in kept if each.chain == chain):
            click.echo(
                "  a head you kept is older than its oldest entry: it shows nothing any more"
            )
    if any(isinstance(result, Broken) for result in results.values()):
        sys.exit(1)


def _kept(line: str) -> Kept:
    kept = read_kept(line)
    if kept is None:
        raise StartFault(
            "a line of --head is no head: it begins with darkroom-audit, as `darkroom audit head` "
            "prints it"
        )
    return kept


def _worst(results: Sequence[Sound | Broken]) -> Sound | Broken:
    broken = [result for result in results if isinstance(result, Broken)]
    return min(broken, key=lambda each: each.seq) if broken else results[0]


def _said(result: Sound | Broken) -> str:
    if isinstance(result, Sound):
        since = f", those up to {result.floor} had their time" if result.floor else ""
        return f"sound, {result.entries} entries, the newest is number {result.head}{since}"
    unless = " (or this server was erased)" if result == Broken(1, Flaw.ROLLED_BACK) else ""
    return f"BROKEN at entry {result.seq}: {FLAWS[result.flaw]}{unless}"


def _is_past(kept: Kept, result: Sound | Broken) -> bool:
    return isinstance(result, Sound) and kept.state.seq < result.floor


async def _list(chosen: Settings, server: int | None, last: int) -> None:
    memory = await join(chosen)
    try:
        async with memory.db.read() as tx:
            chains = await trail.chains(tx) if server is None else [server]
            found = {chain: await trail.page(tx, chain, last) for chain in chains}
    finally:
        await memory.close()
    lines = [line for chain, entries in found.items() for line in _lines(chain, entries, chosen)]
    click.echo("\n".join(lines) if lines else "there is no entry yet")


def _lines(chain: int, entries: Sequence[Entry], chosen: Settings) -> Iterator[str]:
    if entries:
        yield f"{_name(chain)}, newest first"
    for entry in entries:
        at = datetime.fromtimestamp(entry.at, chosen.zone).strftime("%Y-%m-%d %H:%M")
        by = f" {entry.by[:8]}" if entry.by else ""
        yield (
            f"{entry.seq:>6}  {at}  {entry.actor}{by}  {entry.act}  {entry.scope}"
            f"  {entry.objects}  {entry.result}"
        )


async def _heads(chosen: Settings) -> None:
    memory = await join(chosen)
    try:
        async with memory.db.read() as tx:
            found = [await soundness.head(tx, chain) for chain in await trail.chains(tx)]
    finally:
        await memory.close()
    lines = [each.line() for each in found if each is not None]
    click.echo("\n".join(lines) if lines else "there is no entry yet, so no head")


def _name(chain: int) -> str:
    return "your own commands" if chain == trail.HOUSE else f"server {chain}"
