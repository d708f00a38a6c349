"""What it takes to let a picture in: looked at and written anew in a child process, or refused.

Medians, from the bytes to the answer; most of it is starting the process.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import struct
import time
import zlib

import numpy as np
from PIL import Image

from bot import workers
from bot.domain import Input
from gen.inbound import LONGEST_SIDE_PX

RUNS = 5


def pictures() -> dict[str, bytes]:
    """Good ones, and some that are refused."""
    good = _file((1024, 1024), "PNG")
    return {
        "PNG, 1024x1024": good,
        "JPEG, 4000x3000": _file((4000, 3000), "JPEG"),
        "PNG that says 30000x30000": _bomb(30_000),
        "PNG, cut off": good[: len(good) // 2],
        "no picture": b"MZ" + bytes(100_000),
    }


async def main() -> None:
    """Print the table."""
    print(f"{'a picture from outside':28} {'KiB':>7} {'median ms':>10}  becomes")
    for name, content in pictures().items():
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            found = await workers.take_in(content, LONGEST_SIDE_PX)
            times.append(1000 * (time.perf_counter() - began))
        told = f"{found.width}x{found.height}" if isinstance(found, Input) else f"refused: {found}"
        print(f"{name:28} {len(content) / 1024:7.0f} {statistics.median(times):10.0f}  {told}")


def _file(size: tuple[int, int], kind: str) -> bytes:
    """Noise over a slope: as hard to pack as a photograph."""
    width, height = size
    noise = np.random.default_rng(1).integers(0, 32, (height, width, 3))
    slope = np.linspace(0, 200, width)[None, :, None]
    file = io.BytesIO()
    Image.fromarray((noise + slope).astype(np.uint8)).save(file, kind)
    return file.getvalue()


def _bomb(side: int) -> bytes:
    """A small file that says it is a huge picture."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


if __name__ == "__main__":
    asyncio.run(main())
