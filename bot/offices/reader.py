"""Reads ID cards off photos, with rapidocr in this process.

The models come with the wheel; nothing leaves the machine. Without the extra `ocr` there is no
reader, and the form takes its typed path.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import structlog

from bot.offices.card_fields import back_fields, front_fields, side_of
from bot.offices.card_lines import Line, level
from bot.ports import CardRead

if TYPE_CHECKING:
    from bot.offices.card_look import Pixels

log = structlog.get_logger()

THREADS = 2

LENGTHS = (1100, 2000)
"""Pixels of the longer side. Most photos are read at the first, in half the time; what has no
number or no validity there is looked at more closely."""

CLOSER = 1.4
"""A photo must be so many times longer than the first length for a closer look to show more."""

KEYS = {"front": "id_number", "back": "valid_until", "unknown": ""}
"""The field without which a side counts as not read."""

Engine = Callable[["Pixels"], Any]


def load_reader(threads: int = THREADS) -> CardReader | None:
    """A reader that warms itself in the background; None when the extra `ocr` is not installed.

    Loading takes some three seconds; who reads sooner waits for it.
    """
    if not all(find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2")):
        return None
    reader = CardReader(functools.partial(_engine, threads))
    threading.Thread(target=reader.warm, name="reader-warm-up").start()
    return reader


class CardReader:
    """`bot.ports.Reader`. One photo at a time: the engine uses several cores on its own."""

    def __init__(self, load_engine: Callable[[], Engine]) -> None:
        """`load_engine` is called once, at the first use."""
        self._engine = functools.cache(load_engine)
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Load the models, so that the first person does not wait for them. Read is a square: of
        what is long the engine makes many times the pixels."""
        import numpy as np

        try:
            self._lines(np.full((64, 64, 3), 255, np.uint8))
        except Exception as error:
            log.error("reader_failed", error=type(error).__name__)

    def side(self, image: bytes) -> Literal["front", "back", "unknown"]:
        """Which side this probably is, in milliseconds."""
        from bot.offices.card_look import side_by_look

        try:
            return side_by_look(image)
        except Exception:
            return "unknown"

    def read(self, image: bytes) -> CardRead:
        """Read the card's text. About a second; never raises on a bad picture.

        Without a fault and without fields the photo looks sound, and nothing can be said of it.
        """
        from bot.offices.card_look import length_of

        try:
            length = length_of(image)
        except Exception:
            # Pillow meets hostile bytes with exceptions of many kinds.
            return CardRead("unknown", {}, "not_a_card")
        try:
            return self._read(image, length)
        except Exception as error:
            # A model that fails is no fault of the photo: the person types instead.
            log.error("reader_failed", error=type(error).__name__)
            return CardRead("unknown", {})

    def _read(self, image: bytes, photo_length: int) -> CardRead:
        from bot.offices.card_look import to_pixels

        for length in LENGTHS:
            pixels = to_pixels(image, length)
            lines, at_edge = self._lines(pixels)
            side = side_of(lines)
            fields = front_fields(lines) if side == "front" else back_fields(lines)
            if side != "unknown" and KEYS[side] in fields:
                return CardRead(side, fields)
            if photo_length < length * CLOSER:
                break
        if side == "unknown":
            side, fields = self.side(image), {}
        fault = _fault(pixels, side if lines else "unknown", at_edge)
        return CardRead(side, {} if fault else fields, fault)

    def _lines(self, pixels: Pixels) -> tuple[list[Line], bool]:
        """The lines of text, upright, and whether a word runs out of the photo."""
        with self._lock:
            found = self._engine()(pixels)
        if found.boxes is None or found.txts is None:
            return [], False
        boxes = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
        height, width = pixels.shape[:2]
        words = [box for box, text in zip(boxes, found.txts, strict=True) if len(text) > 1]
        return level(zip(boxes, found.txts, strict=True)), _touches(words, width, height)


def _engine(threads: int) -> Engine:
    from rapidocr import RapidOCR

    engine: Engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
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
