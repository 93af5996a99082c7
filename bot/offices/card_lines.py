"""Lines of text found in a photo, brought upright: where they stand tells what they mean."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from config.traditional import SIMPLIFIED

Point = tuple[float, float]

SLANTED = math.radians(7)
"""What leans further than this against the other lines is a stamp or a watermark, not the card."""

# What stands high on each side, and what stands low: a card photographed upside down is turned.
HIGH = re.compile(r"姓名|性别|民族|出生|居民身份证")
LOW = re.compile(r"身份号码|\d{17}[\dXx]|签发机关|有效期限|\d{4}\.\d{2}\.\d{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. Lengths in pixels of a levelled picture, y downwards."""

    text: str
    left: float
    right: float
    middle: float
    height: float


def clean(text: str) -> str:
    """What was read, half-width, without spaces, and simplified: the model reads 汉 as 漢."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(SIMPLIFIED)


def level(found: Iterable[tuple[Sequence[Point], str]]) -> list[Line]:
    """Upright lines from quadrangles and their texts, whichever way the card lay."""
    read = [(list(corners), clean(text)) for corners, text in found]
    read = [(corners, text) for corners, text in read if text]
    if not read:
        return []
    if _stand_on_end(read):
        read = [([(y, -x) for x, y in corners], text) for corners, text in read]
    lean = median(_leans(read) or [0.0])
    straight = [
        (corners, text)
        for corners, text in read
        if not _is_long(corners) or abs(_lean(corners) - lean) < SLANTED
    ]
    lines = [_line(corners, text, lean) for corners, text in straight]
    return [_turned(line) for line in lines] if _upside_down(lines) else lines


def rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that stand beside each other, from left to right; the rows from top to bottom."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        if found and line.middle - found[-1][-1].middle < 0.6 * line.height:
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(row, key=lambda line: line.left) for row in found]


def beside(lines: Iterable[Line], label: Line) -> Iterator[Line]:
    """What follows `label` in its row, as far as the gaps are no wider than a card's columns."""
    end, row = label.right, [line for line in lines if _same_row(line, label)]
    for line in sorted(row, key=lambda line: line.left):
        if line is label or line.left < label.left:
            continue
        if line.left - end > 3 * label.height:
            return
        end = line.right
        yield line


def _same_row(line: Line, other: Line) -> bool:
    return abs(line.middle - other.middle) < 0.7 * max(line.height, other.height)


def _sides(corners: Sequence[Point]) -> tuple[float, float]:
    return math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2])


def _stand_on_end(read: Sequence[tuple[Sequence[Point], str]]) -> bool:
    """Whether most of what is long enough to tell runs from top to bottom."""
    long = [_sides(corners) for corners, text in read if len(text) > 2]
    return 2 * sum(down > across for across, down in long) > len(long)


def _is_long(corners: Sequence[Point]) -> bool:
    across, down = _sides(corners)
    return max(across, down) > 1.8 * min(across, down)


def _leans(read: Sequence[tuple[Sequence[Point], str]]) -> list[float]:
    """The leans, each as often as it is long: one long line tells more than three short ones."""
    return [_lean(corners) for corners, text in read if _is_long(corners) for _ in range(len(text))]


def _lean(corners: Sequence[Point]) -> float:
    """Radians against the horizontal, within a quarter turn."""
    start, end = (0, 1) if _sides(corners)[0] >= _sides(corners)[1] else (1, 2)
    across = corners[end][0] - corners[start][0]
    down = corners[end][1] - corners[start][1]
    return math.atan2(down, across) if across >= 0 else math.atan2(-down, -across)


def _line(corners: Sequence[Point], text: str, lean: float) -> Line:
    cos, sin = math.cos(-lean), math.sin(-lean)
    level_x = [x * cos - y * sin for x, y in corners]
    level_y = [x * sin + y * cos for x, y in corners]
    # The model's boxes are a little taller than the characters.
    height = min(_sides(corners)) * 0.9
    return Line(text, min(level_x), max(level_x), sum(level_y) / len(level_y), height)


def _upside_down(lines: Sequence[Line]) -> bool:
    high = [line.middle for line in lines if HIGH.search(line.text)]
    low = [line.middle for line in lines if LOW.search(line.text)]
    return bool(high and low) and median(low) < median(high)


def _turned(line: Line) -> Line:
    return replace(line, left=-line.right, right=-line.left, middle=-line.middle)
