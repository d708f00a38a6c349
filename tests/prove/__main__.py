"""`make prove`: every promise with a test of its own, at most a minute each.

    SEED=1000 make prove        # from another seed on; a run prints where the next one begins
    FULL=1 make prove           # at most an hour each
    ONLY=P5 make prove          # one promise

Exit status 1 if anything failed, a cell was never hit, or a broken house went unnoticed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator

import click
import psutil

from tests.prove import (
    auditing,
    backups,
    contracts,
    erasure,
    hostile,
    island,
    killing,
    load,
    outdoors,
    purging,
    sharing,
    soak,
    stealth,
    tightening,
    wire,
)
from tests.prove.report import Proof

QUICK_SECONDS, FULL_SECONDS = 20.0, 3300.0
"""How long seeds are begun; the last ones, and the controls, come after."""

WIRE_SEQUENCES, CHURN_SEEDS = 100, 12


def promises(seed: int, seconds: float, times: int) -> Iterator[tuple[str, Callable[[], Proof]]]:
    """Every promise with its number, ready to be run. `times` is how much more a full run does."""
    yield "P1", lambda: stealth.prove(seed, seconds)
    yield "P1", lambda: wire.prove(seed, WIRE_SEQUENCES * times, 60 * times)
    yield "P3", lambda: erasure.prove_churn(seed, CHURN_SEEDS * times, 0)
    yield "P3", erasure.prove_keys
    yield "P3", lambda: backups.prove(seed, seconds)
    yield "P4", lambda: purging.prove(seed)
    yield "P5", lambda: tightening.prove(seed, seconds)
    yield "P6", lambda: outdoors.prove(seed, seconds / 2)
    yield "P6", lambda: killing.prove(seed, seconds if times > 1 else 0.0)
    yield "P7", lambda: island.prove(seed, island.share_of(seconds))
    yield "P8", lambda: load.prove(min(times, 10))
    yield "soak", lambda: soak.prove(seed, soak.QUICK_SECONDS if times == 1 else soak.SECONDS)
    yield "P8", lambda: sharing.prove(seed, seconds)
    yield "rules", lambda: hostile.prove(seed, hostile.N * times)
    yield "audit", lambda: auditing.prove(seed, auditing.N * times)
    yield from contracts.PROMISES.items()
    yield "selfcheck", contracts.selfcheck


def main() -> None:
    """Run them, print them, and say whether all of them held."""
    seed, full = int(os.environ.get("SEED") or 1), os.environ.get("FULL") == "1"
    only, began = os.environ.get("ONLY", ""), time.monotonic()
    click.echo(f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; SEED={seed}\n")
    faults = 0
    seconds, times = (FULL_SECONDS, 50) if full else (QUICK_SECONDS, 1)
    known = list(promises(seed, seconds, times))
    chosen = [prove for number, prove in known if only in ("", number)]
    if not chosen:
        names = ", ".join(dict.fromkeys(number for number, _ in known))
        click.echo(f"ONLY={only} names nothing that is proved: {names}", err=True)
        sys.exit(2)
    for prove in chosen:
        proof = prove()
        proof.show()
        faults += len(proof.faults)
    click.echo(f"{f'{faults} faults' if faults else 'All held'}, {time.monotonic() - began:.0f} s")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
