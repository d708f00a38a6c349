"""`python -m gen.fingerprint`: a picture file on stdin, its fingerprint on stdout.

For the operator's own files, which come from anywhere: decoded behind the worker's doors, in a
process that ends with the file, formats and size limited. Exits silently with 3 when it is no
picture that can be read, with 4 when it is too large.
"""

import io
import sys

from gen import doors

FORMATS = ("PNG", "JPEG", "WEBP")
LONGEST_FILE_BYTES = 64 * 1024 * 1024
MOST_PIXELS = 64 * 1024 * 1024

_UNREADABLE, _TOO_LARGE = 3, 4


def main() -> int:
    """Close the doors, read, decode, measure."""
    doors.close()
    data = sys.stdin.buffer.read(LONGEST_FILE_BYTES + 1)
    if len(data) > LONGEST_FILE_BYTES:
        return _TOO_LARGE
    import numpy as np
    from PIL import Image, ImageOps

    from gen import safety

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return _TOO_LARGE
            upright = ImageOps.exif_transpose(image).convert("RGB")
        sys.stdout.write(safety.fingerprint(np.asarray(upright)))
    except Exception:  # noqa: BLE001 - a broken file can make a decoder raise anything
        return _UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
