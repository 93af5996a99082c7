"""What is behind the person, measured on the finished picture: its sides, above the shoulders."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

from config.city_portrait import Shown

SIDE, DEEP = 0.085, 0.45
"""A strip: so much of the width, and so much of the height from the upper edge."""
CORNER, TOP = 0.27, 0.035
"""The upper strip is taken left and right of where the hair is."""
TINT = 30  # levels between the colours of a wall from which on it is coloured
SLOPE = 14  # levels by which one side is darker than the other where something throws a shadow
ROUGH = 9  # levels of deviation within a side from which on it is patterned, or not a wall


@dataclass(frozen=True, slots=True)
class Side:
    """One side: the share of white, the mean level, the tint, and how much the levels vary."""

    white: float
    level: float
    tint: float
    rough: float


@dataclass(frozen=True, slots=True)
class Ground:
    left: Side
    right: Side

    @property
    def white(self) -> float:
        """The share of white of the worse side: a shadow on one is not made good by the other."""
        return min(self.left.white, self.right.white)

    @property
    def fault(self) -> str:
        """What it is where the white does not suffice."""
        slope = self.left.level - self.right.level
        darker = self.right if slope > 0 else self.left
        if max(self.left.tint, self.right.tint) > TINT:
            return "ground_colour"
        if abs(slope) > SLOPE or min(self.left.white, self.right.white) < 0.5 * max(
            self.left.white, self.right.white
        ):
            return "shadow_right" if darker is self.right else "shadow_left"
        return "ground_uneven" if max(self.left.rough, self.right.rough) > ROUGH else "ground_grey"


def look_behind(finished: Image.Image, rule: Shown) -> Ground:
    """Both sides of a finished picture."""
    width, height = finished.size
    deep, top = round(DEEP * height), round(TOP * height)
    side, corner = round(SIDE * width), round(CORNER * width)
    return Ground(
        _side(finished, ((0, 0, side, deep), (side, 0, corner, top)), rule),
        _side(
            finished, ((width - side, 0, width, deep), (width - corner, 0, width - side, top)), rule
        ),
    )


def side_rect(finished: Image.Image, left: bool) -> tuple[float, float, float, float]:
    """Where a side lies, as shares of the finished picture, for the frame around the fault."""
    wide = CORNER * 0.75
    return (0.0 if left else 1 - wide, 0.0, wide, DEEP)


def _side(finished: Image.Image, boxes: tuple[tuple[int, int, int, int], ...], rule: Shown) -> Side:
    parts = [_measured(finished.crop(box), rule) for box in boxes]
    pixels = [(box[2] - box[0]) * (box[3] - box[1]) for box in boxes]
    white, level, tint = (
        sum(part[name] * n for part, n in zip(parts, pixels, strict=True)) / sum(pixels)
        for name in ("white", "level", "tint")
    )
    return Side(white, level, tint, parts[0]["rough"])


def _measured(part: Image.Image, rule: Shown) -> dict[str, float]:
    red, green, blue = part.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    spread = ImageChops.subtract(ImageChops.lighter(ImageChops.lighter(red, green), blue), darkest)
    bright = darkest.point(lambda level: 255 if level >= rule.white else 0)
    plain = spread.point(lambda level: 255 if level <= rule.white_spread else 0)
    means = ImageStat.Stat(part).mean
    grey = ImageStat.Stat(part.convert("L"))
    return {
        "white": ImageStat.Stat(ImageChops.darker(bright, plain)).mean[0] / 255,
        "level": grey.mean[0],
        "tint": max(means) - min(means),
        "rough": grey.stddev[0],
    }
