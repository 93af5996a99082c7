"""The studio: a portrait measured against the city's rule, cropped and sized, never retouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from bot.ports.photos import Photo
from models.returns import Rectangle

PORTRAIT_FAULTS = (
    "none", "several", "small", "cut_off", "tilted", "dark", "bright", "id_photo", "repeated",
    "no_colour", "ground_colour", "shadow_left", "shadow_right", "ground_uneven", "ground_grey",
    "face_dark", "face_sides", "blurred", "blocks", "screen",
)  # fmt: skip
"""What can be wrong, in the order in which a person is asked to mend it: one at a time."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured: the value, and between what it must lie (None: no such bound).

    `ok` is None where this machine cannot measure it: then an officer must look.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    ok: bool | None = None

    def to_json(self) -> Mapping[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Look:
    """What the studio saw. `fault` is the first of `PORTRAIT_FAULTS` that is there, or empty;
    `rectangle` where it shows on the photo, and `framed` the photo, made small, with a frame there.
    `finished` is the picture for the card, the best that can be cut out of the photo even where
    there is a fault; None where no face is found. `sound` is what is surely good, for praise: some
    of face, ground, light, sharp.
    """

    measures: tuple[Measure, ...]
    fault: str
    rectangle: Rectangle | None
    framed: Photo | None
    finished: Photo | None
    sound: frozenset[str]


class Studio(Protocol):
    def look(self, jpeg: bytes, refused: Sequence[bytes] = (), id_photo: bytes = b"") -> Look:
        """Measure a safe JPEG. `refused` are pictures that were refused before, `id_photo` that of
        the ID card: who sends one of them again is told so. Raises ValueError for what is no JPEG.
        """
