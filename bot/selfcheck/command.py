"""`darkroom selfcheck` on the command line."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from bot import settings
from bot.children import Stopped
from bot.errors import StartFault
from bot.ports import SystemClock
from bot.selfcheck import check, report
from bot.selfcheck.report import Verdict
from bot.selfcheck.stage import Break
from bot.settings import Settings

ENV_FILE = Path(".env")
STOPPED_STATUS = 130


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Keep what was made in this folder.")
@click.option(
    "--break",
    "broken",
    type=click.Choice([each.value for each in Break]),
    help="Break this measure, to see that the check notices.",
)
def selfcheck(keep: Path | None, broken: str | None) -> None:
    """Prove on this machine that nothing private is left anywhere. Takes about a minute."""
    try:
        chosen = settings.load(ENV_FILE)
        verdict = asyncio.run(
            _unless_told(check.Choices(keep, Break(broken) if broken else None), chosen)
        )
        for line in report.lines(verdict):
            click.echo(line)
        if broken is None:
            report.keep(verdict, chosen.data_dir, SystemClock().now())
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)
    except Stopped:
        sys.exit(STOPPED_STATUS)
    sys.exit(0 if verdict.passed else 1)


async def _unless_told(choices: check.Choices, chosen: Settings) -> Verdict:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return await check.run(choices, chosen, stopping)
