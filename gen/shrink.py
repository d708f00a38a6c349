"""`python -m gen.shrink LIMIT_BYTES`: a picture on stdin, a smaller encoding of it on stdout.

For the rare picture that Discord refuses by size. Exits with 1, silently, when it cannot be done.
"""

from __future__ import annotations

import sys

from gen import images


def main() -> int:
    """Read, shrink, write."""
    try:
        smaller = images.encode_within(images.decode(sys.stdin.buffer.read()), int(sys.argv[1]))
    except (ValueError, IndexError, OSError):
        return 1
    sys.stdout.buffer.write(smaller.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
