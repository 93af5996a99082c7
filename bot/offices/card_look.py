"""A look at a photo without reading it: which side of a card it shows, or why it cannot be read."""

from __future__ import annotations

import functools
import io
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image

Side = Literal["front", "back", "unknown"]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]

LOOK = 640  # pixels of the longer side: enough to see a face or an emblem

FACE_SHARE = 0.3
"""A face wider than this part of the photo is a portrait, not a card."""

EMBLEM_SHARE = (0.003, 0.09)
DARK = 60.0  # of 255: the mean of the brighter half of a photo
SHARP = 0.03
"""Below this the edges are gone: the mean of the strongest steps between neighbours, against the
photo's own contrast. Text in focus has 0.2 and more."""


def length_of(image: bytes) -> int:
    """The longer side in pixels. Raises what Pillow raises when the image does not decode."""
    with Image.open(io.BytesIO(image)) as source:
        length = max(source.size)
        source.draft("RGB", (LOOK, LOOK))
        source.load()
    return length


def to_pixels(image: bytes, longest: int) -> Pixels:
    """An image as BGR, at most `longest` pixels long. Raises what Pillow raises."""
    with Image.open(io.BytesIO(image)) as source:
        source.draft("RGB", (longest, longest))
        picture = source.convert("RGB")
    picture.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def side_by_look(image: bytes) -> Side:
    """front: a small face is in it · back: a round red emblem is in it. Some 50 milliseconds.

    unknown for neither and for both: a side named in error confuses more than none.
    """
    pixels = to_pixels(image, LOOK)
    face, emblem = _has_small_face(pixels), _has_emblem(pixels)
    if face == emblem:
        return "unknown"
    return "front" if face else "back"


def is_dark(pixels: Pixels) -> bool:
    """Whether even the brighter half of the photo is dark."""
    light = np.sort(pixels.max(axis=2), axis=None)
    return float(light[light.size // 2 :].mean()) < DARK


def is_blurred(pixels: Pixels) -> bool:
    """Whether nothing in the photo has an edge."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    steps = np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (3, 3), 0), cv2.CV_32F))
    strongest = np.sort(steps, axis=None)[-steps.size // 200 :]
    contrast = float(np.percentile(grey, 99) - np.percentile(grey, 1)) or 1.0
    return float(strongest.mean()) / contrast < SHARP


@functools.cache
def _faces() -> Any:
    folder = Path(cv2.__file__).parent / "data"
    return cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))


def _has_small_face(pixels: Pixels) -> bool:
    grey = cv2.equalizeHist(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    largest = round(FACE_SHARE * max(grey.shape))
    found = _faces().detectMultiScale(grey, 1.1, 6, minSize=(36, 36))
    return len(found) > 0 and all(width <= largest for _, _, width, _ in found)


def _has_emblem(pixels: Pixels) -> bool:
    blue, green, red = (pixels[:, :, part].astype(np.float32) for part in range(3))
    mask = ((red > 45) & (red > 1.9 * green) & (red > 1.9 * blue)).astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    least, most = (share * mask.size for share in EMBLEM_SHARE)
    return any(
        least < area < most and 0.7 < width / height < 1.4 and area > 0.6 * width * height
        for _, _, width, height, area in stats[1:]
    )
