"""What our denoise loop costs and what step batching gains: `python -m tests.bench.bench_engine`.

On a small model and a CPU only ratios and milliseconds of overhead mean anything; pictures per
second do not. The contenders of a comparison take turns, so that a busy machine is unfair to all
alike; the tables show medians, and the least of the runs beside them.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gen import images
from gen.batcher import Batcher
from gen.job import Spec
from gen.messages import Finished, Setup
from gen.supervisor import Supervisor

POCKET = Path(__file__).parents[2] / "gen" / "pocket" / "model"
CROWDS = (1, 2, 4, 8)


def main(said: Sequence[str] | None = None) -> None:
    """Print the tables; `said` is the command line, if not the process's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=POCKET)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--steps", type=int, default=8, help="0: as many as the card says")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args(said)

    import torch
    from diffusers.utils import logging

    from gen import families, models

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(asked.threads)
    card = models.demand(asked.model)
    family: Any = families.load(asked.model, card, asked.device)
    spec = Spec(
        prompt="a red star",
        width=card.width,
        height=card.height,
        steps=asked.steps or card.steps,
        guidance=card.guidance,
        seeds=(1,),
    )
    print(
        f"{card.name}, {card.width}x{card.height}, {spec.steps} steps, guidance {card.guidance},"
        f" {family.device_name} ({family.dtype}), {asked.threads} threads,"
        f" median of {asked.runs} runs, load {os.getloadavg()[0]:.1f}\n"
    )
    against_diffusers(family, asked.model, spec, asked.runs)
    batching(family, spec, asked.runs)
    asyncio.run(around_the_denoiser(asked.model, asked.device, asked.threads, spec, asked.runs))


def against_diffusers(family: Any, folder: Path, spec: Spec, runs: int) -> None:
    """One request alone: our loop, and the stock pipeline's own call."""
    import torch
    from diffusers import StableDiffusionPipeline

    stock = StableDiffusionPipeline.from_pretrained(
        folder, safety_checker=None, local_files_only=True, dtype=family.unet.dtype
    ).to(family.device)
    stock.set_progress_bar_config(disable=True)

    def by_stock(output_type: str) -> Callable[[], object]:
        return lambda: stock(
            spec.prompt,
            num_inference_steps=spec.steps,
            guidance_scale=spec.guidance,
            width=spec.width,
            height=spec.height,
            generator=torch.Generator("cpu").manual_seed(1),
            output_type=output_type,
        )

    undeveloped = Undeveloped(family)
    ways = {
        "prompt to latents, diffusers": by_stock("latent"),
        "prompt to latents, ours": lambda: together(undeveloped, [spec]),
        "prompt to pixels, diffusers": by_stock("np"),
        "prompt to pixels, ours": lambda: together(family, [spec]),
    }
    timed = in_turns(ways, runs)
    print(f"{'one request alone':34} {'median ms':>10} {'least ms':>10} {'ours/theirs':>12}")
    for name, seconds in timed.items():
        theirs = timed[name.replace("ours", "diffusers")]
        ratio = f"{ratio_of(seconds, theirs):12.3f}" if "ours" in name else ""
        print(f"{name:34} {ms(seconds):10.1f} {1000 * min(seconds):10.1f} {ratio}")
    print()


def batching(family: Any, spec: Spec, runs: int) -> None:
    """Several requests together against one by one; and what the bare denoiser would gain."""
    undeveloped = Undeveloped(family)
    print(
        f"{'':8} {'requests':^36} {'bare denoiser':^16}\n{'how many':>8} {'together ms':>12}"
        f" {'gain':>7} {'(least)':>7} {'staggered':>9} {'gain':>7} {'(least)':>7}"
    )
    for crowd in CROWDS:
        timed = in_turns(_ways(undeveloped, spec, crowd), max(5, runs // crowd))
        apart, bare_apart = timed["apart"], timed["bare apart"]
        columns = (
            ratio_of(apart, timed["together"]),
            min(apart) / min(timed["together"]),
            ratio_of(apart, timed["staggered"]),
            ratio_of(bare_apart, timed["bare"]),
            min(bare_apart) / min(timed["bare"]),
        )
        shown = " ".join(f"{gain:8.2f}" for gain in columns)
        print(f"{crowd:8} {ms(timed['together']):12.1f}{shown}")
    print()


def _ways(family: Any, spec: Spec, crowd: int) -> dict[str, Callable[[], object]]:
    """The same predictions five times: batched and not, by our loop and by the bare denoiser."""
    specs = [spec] * crowd
    return {
        "together": lambda: together(family, specs),
        "apart": lambda: [together(family, [one]) for one in specs],
        "staggered": lambda: together(family, specs, gap=1),
        "bare": lambda: rehearse(family, spec, 2 * crowd, spec.steps),
        "bare apart": lambda: rehearse(family, spec, 2, spec.steps * crowd),
    }


async def around_the_denoiser(
    folder: Path, device: str, threads: int, spec: Spec, runs: int
) -> None:
    """A job through the real worker process: what it spends outside the denoiser."""
    engine = Supervisor(
        Setup(str(folder), device=device, preview_every=4, profile_seconds=2.0),
        environ=os.environ,
        threads=threads,
    )
    began = time.perf_counter()
    await engine.start()
    ready = await engine.wait_ready()
    started_seconds = time.perf_counter() - began
    parts: dict[str, list[float]] = {
        name: [] for name in ("denoise", "decode", "encode", "rest: pipe, progress, previews")
    }
    for number in range(runs):
        began = time.perf_counter()
        async for event in engine.run(str(number), spec):
            if isinstance(event, Finished):
                wall_ms = 1000 * (time.perf_counter() - began)
                took = event.timings
                known = (took.denoise_ms, took.decode_ms, took.encode_ms)
                for name, value in zip(parts, (*known, wall_ms - sum(known)), strict=True):
                    parts[name].append(value)
    preview = _preview_ms(spec, runs)
    await engine.stop(10)
    print(f"{'one job through the worker':34} {'median ms':>10} {'least ms':>10}")
    for name, values in parts.items():
        print(f"{name:34} {statistics.median(values):10.1f} {min(values):10.1f}")
    print(f"{'one preview as JPEG':34} {preview:10.2f}")
    print(f"\nstart to ready {started_seconds:.1f} s, row cap {ready.row_cap}, profile:")
    for time_ in ready.profile.times:
        print(
            f"  {time_.width}x{time_.height} x{time_.samples:<3} {1000 * time_.seconds:7.2f} ms,"
            f" {1000 * time_.per_sample:6.2f} ms a sample"
        )


class Undeveloped:
    """A family whose pictures stay latents: what is left is the denoising."""

    def __init__(self, family: Any) -> None:
        self._family = family

    def __getattr__(self, name: str) -> Any:
        return getattr(self._family, name)

    def develop(self, strip: Any) -> list[Any]:
        return []


def together(family: Any, specs: Sequence[Spec], gap: int = 0) -> None:
    """Run requests through one batcher, each joining `gap` ticks after the one before."""
    batcher = Batcher(family, lambda _width, _height: 8)
    for number, spec in enumerate(specs):
        if batcher.join(str(number), spec):
            raise RuntimeError("a request of the bench broke")
        for _ in range(gap if number < len(specs) - 1 else 0):
            batcher.tick()
    while batcher.pictures:
        batcher.tick()


def rehearse(family: Any, spec: Spec, samples: int, calls: int) -> None:
    for _ in range(calls):
        family.rehearse(spec.width, spec.height, samples)


def in_turns(ways: dict[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Seconds of each way, run in turns after one turn to warm up; who is first changes."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(runs + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            began = time.perf_counter()
            ways[name]()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def ratio_of(left: Sequence[float], right: Sequence[float]) -> float:
    """The median of the ratios of neighbouring runs."""
    return statistics.median(one / other for one, other in zip(left, right, strict=True))


def ms(seconds: Sequence[float]) -> float:
    return 1000 * statistics.median(seconds)


def _preview_ms(spec: Spec, runs: int) -> float:
    import numpy as np

    pixels = np.zeros((spec.height // 8, spec.width // 8, 3), dtype=np.uint8)
    seconds = in_turns({"preview": lambda: images.preview_jpeg([pixels])}, runs)["preview"]
    return ms(seconds)


if __name__ == "__main__":
    main()
