"""Reads ID cards off photos, with rapidocr in this process.

The models come with the wheel; nothing leaves the machine. Without the extra `ocr` there is no
reader, and the form takes its typed path.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from bot.offices.card_fields import back_fields, front_fields, side_of
from bot.offices.card_lines import Line, level
from bot.ports import CardRead, Reader

if TYPE_CHECKING:
    from bot.offices.card_look import Pixels

THREADS = 2

LENGTHS = (1100, 2000)
"""Pixels of the longer side. Most photos are read at the first, in half the time; what has no
number or no validity there is looked at more closely."""

KEYS = {"front": "id_number", "back": "valid_until", "unknown": ""}
"""The field without which a side counts as not read."""

Engine = Callable[["Pixels"], Any]


def load_reader() -> Reader | None:
    """A warm reader, after about two seconds; None when the extra `ocr` is not installed."""
    if not all(find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2")):
        return None
    reader = CardReader(_engine())
    reader.warm()
    return reader


class CardReader:
    """`bot.ports.Reader`. One photo at a time: the engine uses `THREADS` cores on its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Load the models, so that the first person does not wait for them."""
        import numpy as np

        self._lines(np.full((64, 256, 3), 255, np.uint8))

    def side(self, image: bytes) -> Literal["front", "back", "unknown"]:
        """Which side this probably is, in milliseconds."""
        from bot.offices.card_look import side_by_look

        try:
            return side_by_look(image)
        except Exception:
            return "unknown"

    def read(self, image: bytes) -> CardRead:
        """Read the card's text. About a second; never raises on a bad picture."""
        try:
            return self._read(image)
        except Exception:
            # What is no picture, or breaks a model, is not a card. The caller's photo has been
            # re-encoded by us, so that this is rare.
            return CardRead("unknown", {}, "not_a_card")

    def _read(self, image: bytes) -> CardRead:
        from bot.offices.card_look import to_pixels

        for length in LENGTHS:
            pixels = to_pixels(image, length)
            lines, at_edge = self._lines(pixels)
            side = side_of(lines)
            fields = front_fields(lines) if side == "front" else back_fields(lines)
            if side != "unknown" and KEYS[side] in fields:
                return CardRead(side, fields)
            if max(pixels.shape) < length:
                break
        if side == "unknown":
            side, fields = self.side(image), {}
        fault = _fault(pixels, "unknown" if not lines else side, at_edge)
        return CardRead(side, {} if fault else fields, fault)

    def _lines(self, pixels: Pixels) -> tuple[list[Line], bool]:
        """The lines of text, upright, and whether one of them runs out of the photo."""
        with self._lock:
            found = self._engine(pixels)
        if found.boxes is None or found.txts is None:
            return [], False
        boxes = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
        height, width = pixels.shape[:2]
        return level(zip(boxes, found.txts, strict=True)), _touches(boxes, width, height)


def _engine() -> Engine:
    from rapidocr import RapidOCR

    engine: Engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    return engine


def _touches(boxes: Sequence[Sequence[tuple[float, float]]], width: int, height: int) -> bool:
    margin = 0.006 * max(width, height)
    return any(
        x < margin or y < margin or x > width - margin or y > height - margin
        for box in boxes
        for x, y in box
    )


def _fault(pixels: Pixels, side: str, at_edge: bool) -> str:
    """Why the card could not be read; empty when the photo itself looks sound."""
    from bot.offices.card_look import is_blurred, is_dark

    if is_dark(pixels):
        return "dark"
    if is_blurred(pixels):
        return "blurred"
    if at_edge:
        return "cut_off"
    return "not_a_card" if side == "unknown" else ""
