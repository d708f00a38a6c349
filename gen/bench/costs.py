"""What a job costs beside the denoiser, and how soon a cancel is heard."""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

from gen import images
from gen.bench.subject import Subject
from gen.bench.throughput import in_turns, least
from gen.engine import Engine
from gen.job import Spec
from gen.messages import Cancelled, Finished, Progress, Setup
from gen.supervisor import Supervisor

CANCELS = 24


def table(subject: Subject, size: tuple[int, int], budget_seconds: float) -> list[str]:
    """Files and previews of one picture, in shares of its denoising."""
    family, spec = subject.family, subject.spec(1, size)
    strip: Any = family.prepare(spec, spec.seeds)
    for _ in range(strip.steps):
        (prediction,) = family.denoise([strip])
        family.advance(strip, prediction)
    pixels = family.develop(strip)[0]
    previews = family.preview(strip)
    deeds: dict[str, Callable[[], object]] = {
        "read the words, draw the noise": lambda: family.prepare(spec, spec.seeds),
        "decode": lambda: family.develop(strip),
        "WebP, lossless": lambda: images.encode(pixels),
        "PNG, level 1": lambda: images.encode(pixels, "png"),
        "preview by a matrix": lambda: family.preview(strip),
        "preview as JPEG": lambda: images.preview_jpeg(previews),
    }
    seconds = {name: min(all_) for name, all_ in in_turns(subject, deeds, budget_seconds).items()}
    denoising = spec.steps * least(subject, lambda: family.rehearse(*size, subject.samples))
    return [
        f"{f'beside the denoiser, {size[0]}x{size[1]}':36} {'ms':>9} {'of denoising':>13}",
        *(
            f"{name:36} {1000 * took:9.2f} {took / denoising:13.1%}"
            for name, took in seconds.items()
        ),
    ]


def cancels(subject: Subject, folder: Path, threads: int) -> list[str]:
    """How many steps a job still does after its cancel, through a real worker process."""
    return asyncio.run(_cancels(subject, folder, threads))


async def _cancels(subject: Subject, folder: Path, threads: int) -> list[str]:
    setup = Setup(str(folder), device=subject.family.device, nice=0, profile_seconds=1.0)
    engine, dice = Supervisor(setup, environ=os.environ, threads=threads), random.Random(1)
    await engine.start()
    await engine.wait_ready()
    card = subject.card
    late, missed = list[int](), 0
    for number in range(CANCELS):
        spec = subject.spec(number, (card.width, card.height), max(16, card.steps))
        steps = await _late_steps(engine, str(number), spec, dice.randint(1, spec.steps - 2))
        if steps is None:
            missed += 1
        else:
            late.append(steps)
    await engine.stop(10)
    if not late:
        return ["a cancel: none came before the job's end"]
    return [
        f"a cancel is heard after {mean(late):.2f} steps on average, at most {max(late)}"
        f" ({len(late)} cancels{f', {missed} too late' if missed else ''})"
    ]


async def _late_steps(engine: Engine, name: str, spec: Spec, when: int) -> int | None:
    """Cancel as soon as one step is told; count those done after it. None: it was done before."""
    seen = 0
    async for event in engine.run(name, spec):
        match event:
            case Progress(step=step) if step >= when and not seen:
                seen = step
                engine.cancel(name)
            case Cancelled(steps_done=steps_done):
                return steps_done - seen
            case Finished():
                return None
    return None
