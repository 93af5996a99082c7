"""Rectangles, and where they lie on another picture."""

from __future__ import annotations

from bot.offices.studio.crop import Cut, Rect
from config.city_portrait import CardPortrait
from models.returns import Rectangle

Box = tuple[int, int, int, int]
"""Left, top, right, lower in whole pixels, as Pillow has it."""


def face_box(cut: Cut, rule: CardPortrait) -> Box:
    """The face without hair and neck, in pixels of the finished picture."""
    line = rule.height - cut.eyes_above
    box = (cut.eyes - 0.38 * cut.face, line - 0.2 * cut.face, cut.eyes + 0.38 * cut.face,
           line + 0.55 * cut.face)  # fmt: skip
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, lower = min(rule.width, round(box[2])), min(rule.height, round(box[3]))
    return left, top, max(left + 2, right), max(top + 1, lower)


def share_of(size: tuple[int, int], rect: Rect) -> Rectangle:
    """A rectangle in pixels as shares of its picture, cut off at the edges."""
    left, top = max(0.0, rect[0] / size[0]), max(0.0, rect[1] / size[1])
    right, lower = min(1.0, rect[2] / size[0]), min(1.0, rect[3] / size[1])
    return left, top, max(0.0, right - left), max(0.0, lower - top)


def on_photo(size: tuple[int, int], rect: Rect, part: Rectangle) -> Rectangle:
    """Where a part of the finished picture, given in shares, lies on its photo."""
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    left, top = rect[0] + part[0] * width, rect[1] + part[1] * height
    return share_of(size, (left, top, left + part[2] * width, top + part[3] * height))
