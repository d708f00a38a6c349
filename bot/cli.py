"""The `darkroom` command: the operator's verbs."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import click

from bot import (
    app,
    auditing,
    backing,
    benching,
    blocklist,
    ceilings,
    demo,
    doctor,
    health,
    hush,
    keys,
    log,
    modelling,
    operating,
    papers,
    settings,
    sweeping,
)
from bot.crypto.rootkey import check_private
from bot.errors import StartFault, Stuck
from bot.ports import SystemClock
from bot.sandbox import server
from bot.selfcheck.command import selfcheck
from bot.storage.disk import is_full
from gen.messages import Ready

ENV_FILE = Path(".env")


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=[
        auditing.audit,
        backing.backup,
        backing.restore,
        benching.bench,
        blocklist.blocklist,
        ceilings.plan,
        keys.keys,
        modelling.models_group,
        operating.block,
        operating.purge,
        operating.unblock,
        papers.privacy,
        selfcheck,
        sweeping.sweep,
    ],
)
@click.version_option(package_name="darkroom")
def main() -> None:
    """Darkroom: pictures on your own GPU, and a stealth mode that is real."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold prompts and keys


@main.command()
@click.option("--sandbox", "sandbox_url", metavar="URL", help="Speak to this sandbox instead.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
def run(sandbox_url: str | None, data: Path | None) -> None:
    """Run the bot against real Discord, with the token in .env."""
    with _one_line():
        log.set_up("warning")
        hush.settle(os.environ)
        check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)
        log.set_up(chosen.log_level)

        def announce(ready: Ready) -> None:
            _say_ready(ready)
            if sandbox_url is None:
                _say_if_nobody_is_named(chosen)

        asyncio.run(
            _until_signalled(
                lambda stopping, at_once: app.run(
                    chosen, sandbox_url, announce, stopping, at_once=at_once
                )
            )
        )


@main.command()
@click.option("--port", default=8040, show_default=True, help="0 picks a free one.")
@click.option("--world", type=click.Path(path_type=Path), help="Keep the world in this file.")
@click.option("--secret", envvar="SANDBOX_SECRET", help="Show the wire unmasked to who has it.")
@click.option("--hand", "hands", multiple=True, hidden=True)  # each use is a line on stdout
def sandbox(port: int, world: Path | None, secret: str | None, hands: tuple[str, ...]) -> None:
    """Run a small Discord on this machine, for trying and testing."""
    with _one_line():
        asyncio.run(_serve(port, world, secret, hands))


@main.command(name="demo")
@click.option("--port", default=8040, show_default=True, help="0 picks a free one.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep everything in this folder.")
@click.option("--headless", is_flag=True, help="Open no browser.")
@click.option("--tour", is_flag=True, help="Play a short scene, check the promises, and end.")
def demo_command(port: int, data: Path | None, headless: bool, tour: bool) -> None:
    """Start sandbox, bot and worker on this machine and watch the product work."""
    with _one_line():
        asyncio.run(
            _until_signalled(
                lambda stopping, _: demo.run(
                    demo.Choices(port=port, data=data, headless=headless, tour=tour), stopping
                )
            )
        )


@main.command(name="doctor")
def doctor_command() -> None:
    """Check this machine and the settings, and say for each what to do."""
    findings = doctor.examine(ENV_FILE)
    for finding in findings:
        click.echo(finding.line())
    sys.exit(1 if any(finding.is_bad for finding in findings) else 0)


@main.command(name="health")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
def health_command(data: Path | None) -> None:
    """Say how the parts of the running bot are; exit status 1 when one is not well."""
    with _one_line():
        check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)
    is_well, told = health.lines(chosen.data_dir, SystemClock().now())
    for line in told:
        click.echo(line)
    sys.exit(0 if is_well else 1)


def _say_if_nobody_is_named(chosen: settings.Settings) -> None:
    if not (chosen.operator_name.strip() and chosen.operator_contact.strip()):
        click.echo(
            "darkroom: nobody is named as this bot's operator! People who ask who holds their "
            "data get no answer. Set OPERATOR_NAME, OPERATOR_CONTACT, OPERATOR_COUNTRY and "
            "OPERATOR_ANSWER_TIME in .env",
            err=True,
        )


def _say_ready(ready: Ready) -> None:
    click.echo(f"ready · {ready.card.name} on {ready.device} ({ready.device_name})")


async def _serve(port: int, world: Path | None, secret: str | None, hands: tuple[str, ...]) -> None:
    lines = {hand: partial(click.echo, f"hand {hand}") for hand in hands}
    try:
        await server.serve(
            port, world, secret, started=lambda url: click.echo(f"sandbox {url}"), hands=lines
        )
    except OSError as fault:
        raise StartFault(
            f"port {port} cannot be used ({fault.strerror}): "
            "choose another one with --port, or --port 0 for a free one"
        ) from None


async def _until_signalled(
    body: Callable[[asyncio.Event, asyncio.Event], Awaitable[None]],
) -> None:
    """Run something that ends when told: by Ctrl-C or SIGTERM, and at once by a second one."""
    stopping, at_once = asyncio.Event(), asyncio.Event()

    def tell() -> None:
        (at_once if stopping.is_set() else stopping).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    await body(stopping, at_once)


class _one_line:  # noqa: N801  # reads as a sentence where it is used
    """Turns a fault the operator can mend into one line and its exit status."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> None:
        if isinstance(fault, StartFault | Stuck):
            click.echo(f"darkroom: {fault}", err=True)
            sys.exit(fault.exit_status)
        if fault is not None and is_full(fault):
            click.echo(
                "darkroom: the disk is full: make room on the disk of DATA_DIR, then start again",
                err=True,
            )
            sys.exit(1)
