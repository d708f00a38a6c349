"""`make bench`: every performance table. Ratios count; seconds depend on the machine.

`PARTS=worker,queue` prints only those.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

import psutil

from tests.bench import (
    bench_bot,
    bench_engine,
    bench_intake,
    bench_progress,
    bench_queue,
    bench_rules,
    bench_worker,
)

PARTS: dict[str, tuple[str, Callable[[], object]]] = {
    "engine": ("The engine", lambda: bench_engine.main([])),
    "worker": ("The worker, beside other ways to serve", bench_worker.main),
    "intake": ("Pictures that come in", lambda: asyncio.run(bench_intake.main())),
    "rules": ("Rules on prompts", bench_rules.main),
    "queue": ("The queue", lambda: asyncio.run(bench_queue.main())),
    "progress": ("Progress", bench_progress.main),
    "bot": ("The bot", lambda: asyncio.run(bench_bot.main())),
}


def main() -> None:
    """Print the tables, and what else the machine was doing."""
    asked = [name for name in os.environ.get("PARTS", "").split(",") if name] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    load = os.getloadavg()[0]
    print(f"{psutil.cpu_count()} cores, load {load:.1f} before the first run", flush=True)
    for name in asked:
        title, print_it = PARTS[name]
        print(f"\n== {title} ==", flush=True)
        print_it()


if __name__ == "__main__":
    main()
