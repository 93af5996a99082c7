"""The finished picture: cut out and sized, compressed into the city's KB. Nothing is retouched."""

from __future__ import annotations

import io

from PIL import Image

from bot.offices.images import Photo
from bot.offices.studio.crop import Rect
from config.city_portrait import CardPortrait

QUALITIES = (30, 98)


def cut_out(picture: Image.Image, rect: Rect, rule: CardPortrait) -> Image.Image:
    """The part of the photo, in the rule's pixels."""
    inside = (
        max(0.0, rect[0]),
        max(0.0, rect[1]),
        min(float(picture.width), rect[2]),
        min(float(picture.height), rect[3]),
    )
    size = (rule.width, rule.height)
    return picture.resize(size, Image.Resampling.LANCZOS, inside, reducing_gap=3.0)


def compressed(finished: Image.Image, rule: CardPortrait) -> Photo:
    """As JPEG: of the quality the rule begins with, or that nearest to it whose bytes are within
    the rule's KB; where none is (a picture of nearly nothing), the nearest there is."""
    least, most = (kilobytes * 1024 for kilobytes in rule.kilobytes)
    jpeg, quality = _jpeg(finished, rule.quality, rule), rule.quality
    low, high = (quality, QUALITIES[1]) if len(jpeg) < least else (QUALITIES[0], quality)
    if not least <= len(jpeg) <= most:
        too_small = len(jpeg) < least
        while high - low > 1:
            middle = (low + high) // 2
            size = len(_jpeg(finished, middle, rule))
            enough = size >= least if too_small else size > most
            low, high = (low, middle) if enough else (middle, high)
        jpeg = _jpeg(finished, high if too_small else low, rule)
    return Photo(jpeg, finished.width, finished.height)


def _jpeg(picture: Image.Image, quality: int, rule: CardPortrait) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, dpi=(rule.dpi, rule.dpi))
    return out.getvalue()
