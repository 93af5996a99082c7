"""What to cut out of a photo, so that the face lies where the city's rule wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops

from bot.offices.studio.subject import Subject
from config.city_portrait import CardPortrait

Rect = tuple[float, float, float, float]
"""Left, top, right, lower, in pixels of the photo."""

STEPS = 24  # sizes of the face that are tried, between the least and the largest
HAIR = 0.8  # from the eyes to the top of the head, in widths of the face, where it cannot be seen
APART = 42  # levels by which hair and head differ from what is behind them
THERE = 0.3  # of the pixels of a row across the head: then the head has begun


@dataclass(frozen=True, slots=True)
class Cut:
    """A rectangle of the photo, and where in the finished picture the face then lies. `fits`: all
    of it as the rule wants; otherwise it is the best that this photo holds."""

    rect: Rect
    face: float  # its width
    hair: float  # between the hair and the upper edge; less than 0 where hair is cut
    eyes: float  # from the left edge to the middle between them
    eyes_above: float  # from the lower edge to their line
    fits: bool


def cut_for(picture: Image.Image, subject: Subject, rule: CardPortrait) -> Cut:
    """The rectangle for a face: of the sizes that the rule allows, that nearest to its aim."""
    hair = hair_line(picture, subject)
    whole_head = hair < subject.middle[1] - 1  # otherwise it goes on above the photo
    tries = [
        cut for scale in _scales(subject, rule) if (cut := _at(picture, subject, hair, scale, rule))
    ]
    whole = [cut for cut in tries if rule.hair[0] <= cut.hair <= rule.hair[1]]
    # Eyes so high that the hair has no room: the rule lets high hair be cut.
    low = [cut for cut in tries if cut.hair < rule.hair[0] and cut.eyes_above <= rule.eyes_above]
    high = low if whole_head else []
    return next(iter([*whole, *high]), None) or _best(picture, subject, hair, rule)


def middle_of(picture: Image.Image, rule: CardPortrait) -> Rect:
    """The largest rectangle of the rule's shape in the middle, where no face is known."""
    scale = max(rule.width / picture.width, rule.height / picture.height)
    width, height = rule.width / scale, rule.height / scale
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    return left, top, left + width, top + height


def hair_line(picture: Image.Image, subject: Subject) -> float:
    """From the line of the eyes up to the top of the hair, in pixels of the photo.

    Rows across the head are held against what stands to both sides of its top; where head and
    ground are alike, the head is taken to be as high as heads are.
    """
    (x, y), width = subject.middle, subject.width
    reach, half = round(min(y, 1.35 * width)), 0.3 * width
    if reach < 0.3 * width:
        return HAIR * width
    box = (round(x - half), round(y) - reach, round(x + half), round(y))
    band = _clipped(picture, box)
    ground = Image.new("RGB", band.size, _ground(picture, subject))
    red, green, blue = ImageChops.difference(band, ground).split()
    apart = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    there = apart.point(lambda level: 255 if level > APART else 0).convert("F")
    rows = levels(there.resize((1, band.height), Image.Resampling.BOX))
    first = next((row for row, share in enumerate(rows) if share > THERE * 255), len(rows))
    found = float(band.height - first)
    return found if found > 0.5 * width else HAIR * width


def levels(picture: Image.Image) -> list[float]:
    """The pixels of a picture of mode F, row by row."""
    return [float(level) for level in memoryview(picture.tobytes()).cast("f")]


def _ground(picture: Image.Image, subject: Subject) -> tuple[int, int, int]:
    """The colour beside the top of the head: the median of the two sides."""
    (x, y), width = subject.middle, subject.width
    sides = Image.new("RGB", (16, 32))
    for row, away in enumerate((-1.0, 1.0)):
        middle = x + away * width
        box = (middle - 0.15 * width, y - width, middle + 0.15 * width, y - 0.4 * width)
        sides.paste(_clipped(picture, tuple(map(round, box))).resize((16, 16)), (0, 16 * row))
    red, green, blue = (_median(channel.histogram()) for channel in sides.split())
    return red, green, blue


def _median(histogram: list[int]) -> int:
    seen, half = 0, sum(histogram) / 2
    for level, count in enumerate(histogram):
        seen += count
        if seen >= half:
            return level
    return 255


def _clipped(picture: Image.Image, box: tuple[int, ...]) -> Image.Image:
    """The part of a box that lies in the picture; at least one pixel."""
    left = min(max(0, box[0]), picture.width - 1)
    top = min(max(0, box[1]), picture.height - 1)
    right = max(left + 1, min(picture.width, box[2]))
    return picture.crop((left, top, right, max(top + 1, min(picture.height, box[3]))))


def _scales(subject: Subject, rule: CardPortrait) -> Iterator[float]:
    """Finished pixels to a pixel of the photo, beginning with that of the face's best width."""
    least, most = rule.face
    widths = [least + (most - least) * step / STEPS for step in range(STEPS + 1)]
    for width in sorted([float(rule.face_aim), *widths], key=lambda w: abs(w - rule.face_aim)):
        yield width / subject.width


def _at(
    picture: Image.Image, subject: Subject, hair: float, scale: float, rule: CardPortrait
) -> Cut | None:
    """The cut at one scale, when it lies within the photo with the eyes where they belong."""
    x, y = subject.middle[0] * scale, subject.middle[1] * scale
    right, below = picture.width * scale - x, picture.height * scale - y
    eyes = _between(sum(rule.eyes) / 2, max(rule.eyes[0], rule.width - right), min(rule.eyes[1], x))
    wanted = hair * scale + sum(rule.hair) / 2
    line = _between(wanted, rule.height - below, min(rule.height - rule.eyes_above, y))
    if eyes is None or line is None:
        return None
    rect = _rect(x - eyes, y - line, scale, rule)
    return Cut(rect, subject.width * scale, line - hair * scale, eyes, rule.height - line, True)


def _between(wanted: float, low: float, high: float) -> float | None:
    return None if low > high else min(max(wanted, low), high)


def _best(picture: Image.Image, subject: Subject, hair: float, rule: CardPortrait) -> Cut:
    """What comes nearest, within the photo: nothing is ever painted at its edges."""
    least = max(rule.width / picture.width, rule.height / picture.height)
    scale = max(rule.face_aim / subject.width, least)
    x, y = subject.middle[0] * scale, subject.middle[1] * scale
    wanted = min(hair * scale + sum(rule.hair) / 2, rule.height - rule.eyes_above)
    left = min(max(0.0, x - sum(rule.eyes) / 2), picture.width * scale - rule.width)
    top = min(max(0.0, y - wanted), picture.height * scale - rule.height)
    line = y - top
    rect = _rect(left, top, scale, rule)
    face = subject.width * scale
    return Cut(rect, face, line - hair * scale, x - left, rule.height - line, False)


def _rect(left: float, top: float, scale: float, rule: CardPortrait) -> Rect:
    edges = (left, top, left + rule.width, top + rule.height)
    x0, y0, x1, y1 = (edge / scale for edge in edges)
    return x0, y0, x1, y1
