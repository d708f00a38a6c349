"""`make bench`: every performance table. Ratios count; seconds depend on the machine."""

from __future__ import annotations

import asyncio
import os

import psutil

from tests.bench import bench_bot, bench_engine, bench_queue, bench_rules


def main() -> None:
    """Print the tables, and what else the machine was doing."""
    load = os.getloadavg()[0]
    print(f"{psutil.cpu_count()} cores, load {load:.1f} before the first run\n")
    print("== The engine ==")
    bench_engine.main()
    print("\n== Rules on prompts ==")
    bench_rules.main()
    print("\n== The queue ==")
    asyncio.run(bench_queue.main())
    print("\n== The bot ==")
    asyncio.run(bench_bot.main())


if __name__ == "__main__":
    main()
