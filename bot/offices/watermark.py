"""The words laid over a picture that is shown for checking only."""

from __future__ import annotations

import io
import math
from functools import lru_cache

from PIL import Image

from bot.offices.glyphs import draw_word
from bot.offices.images import encode_jpeg

FALLBACK = "FOR YOUR CHECK ONLY"
"""Said in place of words that this machine cannot draw: a picture never leaves unmarked."""

ANGLE = 30  # degrees, anticlockwise
GREY = (128, 128, 128)  # lost neither on white paper nor on black hair
OPACITY = 130  # of 255: read at a glance, the face still recognised


MASKS = 12  # kept: one officer's day has a mark for each of a few sizes of picture


def watermark(jpeg: bytes, text: str, longest: int | None = None) -> bytes:
    """`jpeg` with `text` all over it, slantwise, as a JPEG without metadata; made smaller where a
    side is above `longest` pixels.

    Where this machine cannot draw `text` (no Chinese font, and characters beyond the shipped
    glyphs), the picture is marked with `FALLBACK`.
    """
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as source:
        if longest:
            source.draft("RGB", (longest, longest))
        picture = source.convert("RGB")
    if longest:
        picture.thumbnail((longest, longest))
    picture.paste(GREY, mask=_mask(text, picture.size))
    return encode_jpeg(picture)


@lru_cache(maxsize=MASKS)
def _mask(text: str, size: tuple[int, int]) -> Image.Image:
    height = max(14, min(size) // 12)
    word = draw_word(text, height) or draw_word(FALLBACK, height)
    assert word is not None  # noqa: S101 - FALLBACK is ASCII, which Pillow draws anywhere
    return _tiled(word, size).point(lambda level: level * OPACITY // 255)


def _tiled(word: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A mask of `size` with `word` again and again, each row shifted by half a word."""
    side = math.ceil(math.hypot(*size))
    across, down = word.width + 2 * word.height, 4 * word.height
    sheet = Image.new("L", (side, side))
    for row, top in enumerate(range(0, side, down)):
        for left in range(-(row % 2) * across // 2, side, across):
            sheet.paste(word, (left, top))
    turned = sheet.rotate(ANGLE, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))
