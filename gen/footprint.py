"""How much of a device's memory a model takes, told before it is tried. Pure.

Its weights are known from the headers of its files. What a picture needs besides grows with its
area; of that only the least is counted here, as the worker makes do with less where it must
(`gen.batcher`). So what is refused by this could not have been made; what passes may still fail.
"""

BYTES_PER_PIXEL = 1024
"""Of the least that developing one picture takes, in tiles."""

SPARE_BYTES = 512 * 1024 * 1024
"""What the driver and its libraries take for themselves."""

_HALF = frozenset({"bfloat16", "float16"})


def needed_bytes(values: int, dtype: str, width: int, height: int) -> int:
    """Say what a model of so many numbers needs for one picture of this size."""
    weights = values * (2 if dtype in _HALF else 4)
    return weights + width * height * BYTES_PER_PIXEL + SPARE_BYTES


def said_gb(count: int) -> str:
    """Write bytes as people speak of a GPU's memory."""
    return f"{count / 1e9:.1f}".removesuffix(".0") + " GB"
