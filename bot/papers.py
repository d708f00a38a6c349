"""`darkroom privacy`: the policy and the operator's papers, printed from data map and settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot import disclosure, settings
from bot.errors import StartFault
from bot.policy.disclosure import Facts
from bot.shelf import read_models, read_shelf
from bot.words import papers, policy

ENV_FILE = Path(".env")

PAPERS: dict[str, Callable[[Facts], str]] = {
    "policy": policy.policy_text,
    "terms": papers.terms,
    "record": papers.record,
    "processor": papers.processor,
    "request": papers.request,
}


@click.command(name="privacy")
@click.option("--terms", "paper", flag_value="terms", help="The terms of use.")
@click.option("--record", "paper", flag_value="record", help="The record of processing.")
@click.option("--processor", "paper", flag_value="processor", help="A processor note to sign.")
@click.option("--request", "paper", flag_value="request", help="What a legal request could obtain.")
def privacy(paper: str | None) -> None:
    """Print the privacy policy of this bot, as it is configured."""
    try:
        click.echo(PAPERS[paper or "policy"](_facts()), nl=False)
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)


def _facts() -> Facts:
    chosen = settings.load(ENV_FILE)
    try:
        card = read_models(chosen).sources[0].card
    except StartFault as fault:
        raise StartFault(f"{fault}; the papers name the model") from None
    return disclosure.facts_of(chosen, read_shelf(chosen).plans, card)
