"""Whether two pictures are one and the same, whatever became of the file on its way."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageStat

SIDE = 48  # pixels: small enough to forget compression, large enough to see that a head moved
SHAPE = 0.02  # by which the proportions of the sides may differ


def opened(jpeg: bytes, longest: int) -> Image.Image:
    """A JPEG as RGB, at most so many pixels long. Raises ValueError for what is none."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as source:
            source.draft("RGB", (longest, longest))
            picture = source.convert("RGB")
    except Exception:
        # Pillow meets hostile bytes with exceptions of many kinds.
        raise ValueError("not a JPEG") from None
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return picture


def alike(one: Image.Image, other: Image.Image, levels: float) -> bool:
    """Whether the mean difference of the two, made small, is at most so many levels."""
    shapes = (one.width / one.height, other.width / other.height)
    if abs(shapes[0] / shapes[1] - 1) > SHAPE:
        return False
    small = [each.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX) for each in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*small)).mean[0] <= levels
