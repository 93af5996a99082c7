"""`bot.ports.Studio`: a photo looked at from beginning to end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import product
from typing import TYPE_CHECKING

import structlog
from PIL import Image, ImageDraw

from bot.offices.images import Photo, encode_jpeg
from bot.offices.studio.boxes import Box, face_box, on_photo, share_of
from bot.offices.studio.crop import Cut, Rect, cut_for, middle_of
from bot.offices.studio.finish import compressed, cut_out
from bot.offices.studio.ground import look_behind, side_rect
from bot.offices.studio.light import look_at_light
from bot.offices.studio.likeness import alike, opened
from bot.offices.studio.texture import blocks, sharpness
from bot.offices.studio.verdict import (
    Head,
    Texture,
    between,
    face_measures,
    first_fault,
    picture_measures,
)
from bot.ports import Look, Measure
from config.city_portrait import CardPortrait
from models.returns import Rectangle

if TYPE_CHECKING:
    from bot.offices.studio.faces import Face

log = structlog.get_logger()

LONGEST = 2400  # pixels: what a safe photo has at most
FRAMED = 900  # pixels: large enough on a telephone to see what is meant
RED = (214, 40, 40)
WHOLE: Rectangle = (0.0, 0.0, 1.0, 1.0)
ON_FACE = ("face_dark", "face_sides", "bright", "blurred", "tilted", "small", "cut_off")


def load_studio(rule: CardPortrait) -> CardStudio:
    """A studio for the city's rule. Without the extra `ocr` it finds no faces: what needs one is
    not measured, and left to an officer."""
    finds_faces = bool(find_spec("cv2") and find_spec("numpy"))
    if finds_faces:
        threading.Thread(target=_warm, name="studio-warm-up").start()
    return CardStudio(rule, finds_faces=finds_faces)


def _warm() -> None:
    from bot.offices.studio.faces import warm

    warm()


class CardStudio:
    """`bot.ports.Studio`. Holds no state: threads may share it."""

    def __init__(self, rule: CardPortrait, *, finds_faces: bool) -> None:
        self._rule, self._finds_faces = rule, finds_faces

    def look(self, jpeg: bytes, refused: Sequence[bytes] = (), id_photo: bytes = b"") -> Look:
        photo = opened(jpeg, LONGEST)
        try:
            return self._look(photo, refused, id_photo)
        except Exception as error:
            # A cascade that fails is no fault of the photo: an officer looks at it instead.
            log.error("studio_failed", error=type(error).__name__)
            return Look((), "", None, None, None, frozenset())

    def _look(self, photo: Image.Image, refused: Sequence[bytes], id_photo: bytes) -> Look:
        sent = photo
        photo, faces = self._upright(sent)
        face = faces[0] if faces else None
        head = self._head(faces)
        cut = cut_for(photo, face, self._rule) if face else None
        rect = cut.rect if cut else middle_of(photo, self._rule)
        finished = cut_out(photo, rect, self._rule)
        box = face_box(cut or _assumed(self._rule), self._rule)
        ground = look_behind(finished, self._rule.shown)
        there = _inside(rect, box, self._rule)
        texture = Texture(sharpness(finished, box), blocks(photo, there), self._screen(photo))
        made = compressed(finished, self._rule)
        measures = [
            *face_measures(head, cut, self._rule),
            *picture_measures(ground, look_at_light(finished, box), texture, self._rule),
            *self._known((sent, photo), refused, id_photo),
            between("kilobytes", len(made.jpeg) / 1024, *self._rule.kilobytes),
        ]
        named = {measure.name: measure for measure in measures}
        fault = first_fault(named, head, cut, ground)
        where = _where(fault, photo.size, rect, faces, finished)
        return Look(
            measures=tuple(measures),
            fault=fault,
            rectangle=where,
            framed=_framed(photo, where) if fault else None,
            finished=None if head and not face else made,
            sound=_sound(named),
        )

    def _upright(self, photo: Image.Image) -> tuple[Image.Image, tuple[Face, ...]]:
        """The photo as its face stands upright, and its faces."""
        if not self._finds_faces:
            return photo, ()
        from bot.offices.studio.faces import find_faces

        found = find_faces(photo)
        turned = photo.rotate(found.turned, expand=True) if found.turned else photo
        return turned, found.faces

    def _screen(self, photo: Image.Image) -> float | None:
        if not self._finds_faces:
            return None
        from bot.offices.studio.screen import screen_pattern

        return screen_pattern(photo)

    def _head(self, faces: Sequence[Face]) -> Head | None:
        if not self._finds_faces:
            return None
        if not faces:
            return Head(0)
        return Head(len(faces), faces[0].width, faces[0].roll, faces[0].seen)

    def _known(
        self, photos: Sequence[Image.Image], refused: Sequence[bytes], id_photo: bytes
    ) -> list[Measure]:
        """The photo as it was sent and upright: the others are kept as they were sent."""
        found = []
        for name, others in (
            ("unlike_id_photo", [id_photo] if id_photo else []),
            ("unlike_refused", refused),
        ):
            pairs = product(photos, [opened(other, 400) for other in others])
            same = any(alike(photo, other, self._rule.shown.alike) for photo, other in pairs)
            found.append(Measure(name, float(not same), 1.0, None, not same))
        return found


def _framed(photo: Image.Image, rectangle: Rectangle | None) -> Photo:
    """The photo made small, a frame around what is to be mended; none where it is everywhere."""
    small = photo.copy()
    small.thumbnail((FRAMED, FRAMED), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if rectangle:
        left, top, width, height = rectangle
        right, lower = (left + width) * small.width - 1, (top + height) * small.height - 1
        box = (left * small.width, top * small.height, right, lower)
        ImageDraw.Draw(small).rectangle(box, None, RED, max(3, small.width // 120))
    return Photo(encode_jpeg(small), small.width, small.height)


def _inside(rect: Rect, box: Box, rule: CardPortrait) -> Rect:
    """A part of the finished picture, in pixels of the photo."""
    scale = (rect[2] - rect[0]) / rule.width
    left, top, right, lower = (edge * scale for edge in box)
    return rect[0] + left, rect[1] + top, rect[0] + right, rect[1] + lower


def _assumed(rule: CardPortrait) -> Cut:
    """Where a face lies in a picture taken as it should be."""
    eyes, hair = sum(rule.eyes) / 2, sum(rule.hair) / 2
    return Cut(WHOLE, rule.face_aim, hair, eyes, rule.eyes_above, True)


def _where(
    fault: str,
    size: tuple[int, int],
    rect: Rect,
    faces: Sequence[Face],
    finished: Image.Image,
) -> Rectangle | None:
    """Where a fault shows on the photo; None for one that is everywhere."""
    if fault in ("shadow_left", "shadow_right"):
        return on_photo(size, rect, side_rect(finished, left=fault == "shadow_left"))
    if fault.startswith("ground_"):
        return share_of(size, rect)
    if fault == "several":
        left, top, width, height = faces[1].box
        return share_of(size, (left, top, left + width, top + height))
    if fault in ON_FACE and faces:
        left, top, width, height = faces[0].box
        return share_of(size, (left, top, left + width, top + height))
    return None


def _sound(measures: dict[str, Measure]) -> frozenset[str]:
    """What may be praised: all its measures were made, and are good."""
    parts = {
        "face": ("faces", "face_width", "face_pixels", "roll"),
        "ground": ("white_left", "white_right"),
        "light": ("brightest", "face_light", "blown", "sides"),
        "sharp": ("sharpness",),
    }
    return frozenset(
        part for part, names in parts.items() if all(measures[name].ok for name in names)
    )


__all__ = ["CardStudio", "load_studio"]
