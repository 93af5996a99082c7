"""Light and colour, measured on the finished picture."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

from bot.offices.studio.boxes import Box

BLOWN = 250  # from this level on nothing is left of the skin
BRIGHT = 0.95  # the share of pixels that may be darker than the measured level


@dataclass(frozen=True, slots=True)
class Light:
    """`brightest`: the level that one pixel in twenty of the picture reaches. Of the face: its mean
    level, how far its halves differ, the share without any drawing left, the mean colour (0: a
    grey picture)."""

    brightest: float
    face: float
    sides: float
    blown: float
    colour: float


def look_at_light(finished: Image.Image, face: Box) -> Light:
    """Measure; `face` in pixels of the finished picture."""
    skin = finished.crop(face)
    grey = skin.convert("L")
    half = grey.width // 2
    left = grey.crop((0, 0, half, grey.height))
    right = grey.crop((grey.width - half, 0, grey.width, grey.height))
    levels = grey.histogram()
    return Light(
        brightest=float(_reached(finished.convert("L").histogram())),
        face=ImageStat.Stat(grey).mean[0],
        sides=abs(ImageStat.Stat(left).mean[0] - ImageStat.Stat(right).mean[0]),
        blown=sum(levels[BLOWN:]) / max(1, sum(levels)),
        colour=_colour(skin),
    )


def _reached(histogram: list[int]) -> int:
    left = (1 - BRIGHT) * sum(histogram)
    for level in range(255, 0, -1):
        left -= histogram[level]
        if left <= 0:
            return level
    return 0


def _colour(part: Image.Image) -> float:
    red, green, blue = part.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    return ImageStat.Stat(ImageChops.subtract(most, least)).mean[0]
