"""Faces and eyes, by the cascades that come with OpenCV. No model is loaded from elsewhere."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

Grey = np.ndarray[Any, np.dtype[np.uint8]]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""

LOOK = 480  # pixels of the longer side in which faces are looked for
LEAST = 0.09  # of LOOK: a face smaller than this is nobody's portrait
EYE_LOOK = 240  # pixels: the size to which a face is brought before its eyes are looked for
FACES = (("frontalface_alt2", 1.12, 3), ("frontalface_default", 1.12, 5))
"""The cascades for faces: by how much each look is coarser, and how many looks must agree."""
EYES = ("eye", "eye_tree_eyeglasses")
APART = 0.45
"""The distance of the pupils as a share of the width of the face: 63 of 140 millimetres."""
BOX = 0.8  # the width of a face as a share of the cascade's box, where no eyes are found
LINE = 0.4  # the line of the eyes as a share of the box's height, likewise
MOST = 6  # places in which eyes are looked for: a picture of coins has dozens that might be faces
BESIDE = 0.3  # a second face this large, against the first, is somebody else in the picture
Look = Callable[[Image.Image], Image.Image]
LOOKS: tuple[tuple[int, int, str], ...] = (
    (0, 0, "plain"), (0, 0, "exposed"), (0, 0, "evened"), (0, 18, "plain"), (0, -18, "plain"),
    (90, 0, "plain"), (270, 0, "plain"), (180, 0, "plain"),
)  # fmt: skip
"""By how many degrees the picture is turned and the head leans, and in what light it is looked at:
a cascade sees heads that lean by some ten, and little of a dark face before a bright wall; a
telephone may have been held in any way."""

_one = threading.RLock()  # a cascade may not be used by two threads at once


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture. `left` and `right` are the pupils, as the viewer sees them; where no
    eyes were found (`seen` is False), where they should be."""

    box: Box
    left: Point
    right: Point
    seen: bool

    @property
    def width(self) -> float:
        """From cheek to cheek, in pixels."""
        return math.dist(self.left, self.right) / APART if self.seen else self.box[2] * BOX

    @property
    def middle(self) -> Point:
        """Between the eyes."""
        return (self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2

    @property
    def roll(self) -> float:
        """Degrees by which the head leans, clockwise as the viewer sees it."""
        rise, run = self.right[1] - self.left[1], self.right[0] - self.left[0]
        return math.degrees(math.atan2(rise, run))


@dataclass(frozen=True, slots=True)
class Found:
    """The faces of a picture, the largest first, and by how many degrees, anticlockwise, the
    picture must be turned for them to stand upright."""

    faces: tuple[Face, ...]
    turned: int = 0


def find_faces(picture: Image.Image) -> Found:
    """Look for faces upright, then leaning, then in a picture that lies on its side."""
    with _one:
        return _found(picture)


def _found(picture: Image.Image) -> Found:
    grey = picture.convert("L")
    unsure: tuple[Face, ...] = ()
    for turn, lean, light in LOOKS:
        large = grey.rotate(turn, expand=True) if turn else grey
        faces = _leaning(LIGHTS[light](large), lean)
        if faces and faces[0].seen:
            return Found(faces, turn)
        unsure = unsure or (() if turn else faces)
    return Found(unsure)


def _exposed(grey: Image.Image) -> Image.Image:
    """As if it had been exposed for what is darker than the wall: a wall may drown in white."""
    levels = np.asarray(grey)
    darker = levels[levels < 0.8 * np.percentile(levels[::4, ::4], 95)]
    middle = float(np.median(darker)) if darker.size else 255.0
    gain = max(1.0, 240 / max(1.0, middle))
    return grey.point([min(255, round(level * gain)) for level in range(256)])


def _evened(grey: Image.Image) -> Image.Image:
    """Each part in the light of its own surroundings: black beards hide what lies beside them."""
    return Image.fromarray(cv2.createCLAHE(4.0, (8, 8)).apply(np.asarray(grey)))


LIGHTS: dict[str, Look] = {"plain": lambda grey: grey, "exposed": _exposed, "evened": _evened}


def _leaning(large: Image.Image, lean: int) -> tuple[Face, ...]:
    """The faces of a picture whose heads lean by so many degrees, in the picture's own pixels."""
    small = large.copy()
    small.thumbnail((LOOK, LOOK), Image.Resampling.BILINEAR)
    level = small.rotate(lean, Image.Resampling.BILINEAR, fillcolor=255) if lean else small
    boxes = _boxes(np.asarray(level))
    if not boxes:
        return ()
    upright = large.rotate(lean, Image.Resampling.BILINEAR, fillcolor=255) if lean else large
    scale = large.width / small.width
    faces = [face for box, sure in boxes if (face := _with_eyes(upright, box, scale)).seen or sure]
    if lean:
        faces = [_turned(face, large, lean) for face in faces if face.seen]
    faces.sort(key=lambda face: (face.seen, face.box[2]), reverse=True)
    return tuple(face for face in faces if face.box[2] >= BESIDE * faces[0].box[2])


def _boxes(grey: Grey) -> list[tuple[Box, bool]]:
    """Where a face may be, each place once; True where both cascades say so."""
    least = (round(LOOK * LEAST),) * 2
    first, second = (
        [
            tuple(map(float, box))
            for box in _cascade(name).detectMultiScale(grey, step, sure, 0, least)
        ]
        for name, step, sure in FACES
    )
    both = [(box, any(_overlap(box, other) for other in second)) for box in first]
    alone = [(box, False) for box in second if not any(_overlap(box, other) for other in first)]
    found: list[tuple[Box, bool]] = [*both, *alone]  # type: ignore[list-item]
    return sorted(found, key=lambda each: each[0][2], reverse=True)[:MOST]


def _overlap(one: Iterable[float], other: Iterable[float]) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    across = min(ax + aw, bx + bw) - max(ax, bx)
    down = min(ay + ah, by + bh) - max(ay, by)
    return across > 0 and down > 0 and across * down > 0.3 * min(aw * ah, bw * bh)


def _with_eyes(picture: Image.Image, box: Box, scale: float) -> Face:
    left, top, width, height = (part * scale for part in box)
    upper = (left, top, left + width, top + height * 0.6)
    size = (EYE_LOOK, round(EYE_LOOK * 0.6))
    grey = np.asarray(picture.resize(size, Image.Resampling.BILINEAR, upper))
    pair = next((p for name in EYES for p in _pairs(grey, name)), None)
    unit = width / EYE_LOOK
    if pair:
        one, other = ((left + x * unit, top + y * unit) for x, y in pair)
        return Face((left, top, width, height), one, other, seen=True)
    line, half = top + height * LINE, width * BOX * APART / 2
    middle = left + width / 2
    return Face((left, top, width, height), (middle - half, line), (middle + half, line), False)


def _pairs(grey: Grey, name: str) -> Iterator[tuple[Point, Point]]:
    """A left and a right eye at about the same height, the likeliest first."""
    least = EYE_LOOK // 8
    found = _cascade(name).detectMultiScale(grey, 1.06, 4, minSize=(least, least))
    eyes = [(float(x + w / 2), float(y + h / 2), float(w)) for x, y, w, h in found]
    lefts = [eye for eye in eyes if eye[0] < EYE_LOOK * 0.5]
    rights = [eye for eye in eyes if eye[0] >= EYE_LOOK * 0.5]
    pairs = [(a, b) for a in lefts for b in rights if _fit(a, b)]
    # Of several, those of one size: a nostril or a brow is smaller than an eye.
    pairs.sort(key=lambda pair: abs(pair[0][2] - pair[1][2]) + abs(pair[0][1] - pair[1][1]))
    for a, b in pairs:
        yield (a[0], a[1]), (b[0], b[1])


def _fit(left: tuple[float, float, float], right: tuple[float, float, float]) -> bool:
    apart, level = (right[0] - left[0]) / EYE_LOOK, abs(right[1] - left[1]) / EYE_LOOK
    return 0.22 < apart < 0.6 and level < 0.15


def _turned(face: Face, picture: Image.Image, degrees: int) -> Face:
    """A face found in the picture turned by `degrees`, in the picture as it is."""
    angle, middle = math.radians(degrees), (picture.width / 2, picture.height / 2)

    def back(point: Point) -> Point:
        x, y = point[0] - middle[0], point[1] - middle[1]
        turned_x = x * math.cos(angle) - y * math.sin(angle)
        turned_y = x * math.sin(angle) + y * math.cos(angle)
        return turned_x + middle[0], turned_y + middle[1]

    left, top, width, height = face.box
    x, y = back((left + width / 2, top + height / 2))
    box = (x - width / 2, y - height / 2, width, height)
    return Face(box, back(face.left), back(face.right), face.seen)


@cache
def _cascade(name: str) -> Any:
    return cv2.CascadeClassifier(
        str(Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml")
    )


def warm() -> None:
    """Load the cascades, so that the first person does not wait for them."""
    with _one:
        for name in (*(name for name, _, _ in FACES), *EYES):
            _cascade(name)
