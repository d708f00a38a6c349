"""`python -m gen.pixels`: an encoded picture on stdin, its raw pixels (RGB, row by row) on stdout.

For `darkroom selfcheck`, which must know what a picture looks like in memory and decodes none
itself. Exits with 1, silently, when it cannot be done.
"""

from __future__ import annotations

import sys

from gen import images


def main() -> int:
    """Read, decode, write."""
    try:
        pixels = images.decode(sys.stdin.buffer.read())
    except (ValueError, OSError):
        return 1
    sys.stdout.buffer.write(pixels.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
