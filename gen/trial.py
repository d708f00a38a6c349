"""`python -m gen.trial FOLDER DEVICE`: try a classifier as a worker would, for `darkroom doctor`.

Behind closed doors. Exits with 1, having printed the class of what went wrong, if it cannot be
used.
"""

import sys
from pathlib import Path

from gen import doors, hush


def main() -> int:
    """Close the doors, load, measure one picture."""
    folder = Path(sys.argv[1])
    hush.silence()
    doors.close(folder)
    try:
        from gen import safety
        from gen.families import devices

        safety.load(folder, str(devices.choose(sys.argv[2])))
    except Exception as fault:  # noqa: BLE001 - its class is all that may be told
        sys.stdout.write(type(fault).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
