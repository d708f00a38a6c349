"""Pixels to files. Each file says that a machine made it, and nothing about who asked for it.

Every picture is drawn onto a fresh canvas, so nothing that a library attached to the source can
travel along. The only metadata is one XMP statement, the IPTC digital source type.

Why WebP lossless at method 0, quality 0: smaller than PNG at every level tried, and three times
faster than Pillow's fastest PNG.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

Pixels = NDArray[np.uint8]  #: (height, width, 3), RGB

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{DIGITAL_SOURCE_TYPE}"/>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="r"?>'
).encode()

PREVIEW_SIDES_PX = (96, 256)  #: a preview's longer side lies between these


@dataclass(frozen=True)
class Picture:
    """An encoded picture."""

    data: bytes = field(repr=False)
    media_type: str


def encode(pixels: Pixels, picture_format: str = "webp") -> Picture:
    """Encode without loss, as `webp` or `png`, with the AI mark."""
    canvas = _fresh(pixels)
    return _png(canvas) if picture_format == "png" else _webp_lossless(canvas)


def encode_within(pixels: Pixels, limit_bytes: int) -> Picture:
    """Encode as well as fits: lossless, then lossy, then ever smaller, always with the AI mark.

    Raises ValueError when not even a picture of a few pixels fits.
    """
    canvas = _fresh(pixels)
    while True:
        for way in _LADDER:
            picture = way(canvas)
            if len(picture.data) <= limit_bytes:
                return picture
        width, height = canvas.size
        if min(width, height) < 16:
            raise ValueError(f"no picture fits into {limit_bytes} bytes")
        canvas = canvas.resize((width * 3 // 4, height * 3 // 4), Image.Resampling.LANCZOS)


def warm_up() -> None:
    """Load the codecs now, not on a person's time: Pillow does so at the first picture."""
    encode(np.zeros((8, 8, 3), dtype=np.uint8))
    preview_jpeg([np.zeros((8, 8, 3), dtype=np.uint8)])


def decode(data: bytes) -> Pixels:
    """Read back a file that `encode` wrote. Not for pictures from outside."""
    with Image.open(io.BytesIO(data), formats=("WEBP", "PNG", "JPEG")) as image:
        return np.asarray(image.convert("RGB"))


def preview_jpeg(pictures: Sequence[Pixels]) -> bytes:
    """Make one small JPEG of up to four small pictures, side by side and then below."""
    height, width, _ = pictures[0].shape
    columns = 1 if len(pictures) == 1 else 2
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (width * columns, height * rows))
    for place, pixels in enumerate(pictures):
        down, right = divmod(place, columns)
        sheet.paste(Image.fromarray(pixels), (right * width, down * height))
    low, high = PREVIEW_SIDES_PX
    longest = max(sheet.size)
    scale = min(max(longest, low), high) / longest
    size = (max(1, round(sheet.width * scale)), max(1, round(sheet.height * scale)))
    return _saved(sheet.resize(size, Image.Resampling.BICUBIC), "JPEG", quality=70)


def _fresh(pixels: Pixels) -> Image.Image:
    """A canvas that has never been anything else."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError(f"not RGB pixels: {pixels.shape}, {pixels.dtype}")
    height, width, _ = pixels.shape
    canvas = Image.new("RGB", (width, height))
    canvas.paste(Image.fromarray(pixels))
    return canvas


def _webp_lossless(canvas: Image.Image) -> Picture:
    data = _saved(canvas, "WEBP", lossless=True, quality=0, method=0, xmp=XMP)
    return Picture(data, "image/webp")


def _webp_lossy(canvas: Image.Image, quality: int) -> Picture:
    data = _saved(canvas, "WEBP", quality=quality, method=2, xmp=XMP)
    return Picture(data, "image/webp")


def _png(canvas: Image.Image) -> Picture:
    mark = PngImagePlugin.PngInfo()
    mark.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return Picture(_saved(canvas, "PNG", compress_level=1, pnginfo=mark), "image/png")


def _saved(canvas: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    canvas.save(file, file_format, **options)
    return file.getvalue()


_LADDER: tuple[Callable[[Image.Image], Picture], ...] = (
    _webp_lossless,
    partial(_webp_lossy, quality=92),
    partial(_webp_lossy, quality=75),
)
