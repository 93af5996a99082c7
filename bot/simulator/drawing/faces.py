"""Portraits of nobody: drawn faces on white, laid out as a card photo must be.

358 by 441 pixels, 350 dpi; hair 7 to 21 pixels below the upper edge, the face 179 to 255 pixels
wide, the middle of the eyes 162 to 196 pixels from the left and at least 207 above the lower edge
(the technical demands on digital photos for making social security cards).
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 358, 441
SCALE = 3  # drawn larger, then made smaller: smooth edges

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """What tells one drawn face from another. Lengths in pixels of the finished portrait."""

    skin: Colour = (236, 200, 172)
    hair: Colour = (34, 28, 27)
    clothes: Colour = (48, 62, 92)
    long_hair: bool = False
    fringe: float = 46  # how far the hair comes down over the forehead
    wide: float = 198
    brows: float = 6
    smile: float = 3
    old: bool = False
    glasses: bool = False
    scarf: Colour | None = None  # over hair and ears
    beard: bool = False


def draw_face(face: Face) -> Image.Image:
    """A portrait, `WIDTH` by `HEIGHT`."""
    return draw_large(face).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def draw_large(face: Face, ground: Colour = (255, 255, 255)) -> Image.Image:
    """The same `SCALE` times as large, on any ground."""
    sheet = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
    parts = [_hair_behind, _shoulders, _neck, _ears, _head, _features, _hair_before, _worn]
    for part in parts:
        part(sheet, face)
    return sheet


def _pen(sheet: Image.Image) -> ImageDraw.ImageDraw:
    return ImageDraw.Draw(sheet)


def _at(*numbers: float) -> list[float]:
    return [number * SCALE for number in numbers]


def _tint(colour: Colour, by: float) -> Colour:
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


def _soft(sheet: Image.Image, colour: Colour, box: Box, blur: float, strength: int) -> None:
    """A shade with soft edges, `strength` of 255."""
    mask = Image.new("L", sheet.size)
    ImageDraw.Draw(mask).ellipse(_at(*box), fill=strength)
    sheet.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(blur * SCALE)))


def _left_right(face: Face) -> tuple[float, float]:
    return WIDTH / 2 - face.wide / 2, WIDTH / 2 + face.wide / 2


def _hair_behind(sheet: Image.Image, face: Face) -> None:
    left, right = _left_right(face)
    pen = _pen(sheet)
    if face.long_hair:
        pen.ellipse(_at(left - 20, 13, right + 20, 330), face.hair)
        pen.rounded_rectangle(_at(left - 20, 150, right + 20, 392), 60 * SCALE, face.hair)
    pen.ellipse(_at(left - 9, 13, right + 9, 250), face.hair)


def _shoulders(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    pen.rounded_rectangle(_at(10, 372, WIDTH - 10, 620), 74 * SCALE, face.clothes)
    collar = _tint(face.clothes, 1.35)
    pen.polygon(_at(112, 374, 179, 441, 120, 441, 92, 384), collar)
    pen.polygon(_at(246, 374, 179, 441, 238, 441, 266, 384), collar)


def _neck(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    pen.polygon(_at(130, 300, 228, 300, 236, 384, 179, 432, 122, 384), _tint(face.skin, 0.95))
    _soft(sheet, _tint(face.skin, 0.72), (144, 320, 214, 364), 5, 170)


def _ears(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    left, right = _left_right(face)
    for x in (left, right):
        pen.ellipse(_at(x - 13, 190, x + 13, 250), _tint(face.skin, 0.95))
        pen.arc(_at(x - 7, 200, x + 7, 240), 0, 360, _tint(face.skin, 0.8), 2 * SCALE)


def _head(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    left, right = _left_right(face)
    pen.ellipse(_at(left, 38, right, 274), face.skin)
    pen.ellipse(_at(left + 6, 130, right - 6, 350), face.skin)
    blush = (226, 158, 140)
    for x in (left + 44, right - 44):
        _soft(sheet, blush, (x - 26, 246, x + 26, 286), 10, 70)


def _features(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    middle, away = WIDTH / 2, face.wide * 0.225
    for side in (-1, 1):
        _eye(sheet, face, middle + side * away, side)
    shade = _tint(face.skin, 0.78)
    _soft(sheet, shade, (middle - 13, 210, middle + 13, 276), 7, 80)
    pen.arc(_at(middle - 17, 252, middle + 17, 278), 25, 155, shade, 3 * SCALE)
    _soft(sheet, _tint(face.skin, 0.6), (middle - 13, 269, middle - 5, 276), 1.5, 150)
    _soft(sheet, _tint(face.skin, 0.6), (middle + 5, 269, middle + 13, 276), 1.5, 150)
    _mouth(sheet, face)
    if face.old:
        pen.arc(_at(middle - 48, 262, middle - 8, 322), 160, 230, shade, 2 * SCALE)
        pen.arc(_at(middle + 8, 262, middle + 48, 322), 310, 380, shade, 2 * SCALE)
        for y in (112, 124):
            pen.arc(_at(middle - 60, y, middle + 60, y + 40), 230, 310, shade, 2 * SCALE)


def _eye(sheet: Image.Image, face: Face, x: float, side: int) -> None:
    pen = _pen(sheet)
    y = 214
    _soft(sheet, _tint(face.skin, 0.7), (x - 32, y - 22, x + 32, y + 16), 7, 110)
    pen.ellipse(_at(x - 22, y - 10, x + 22, y + 11), (250, 248, 246))
    pen.ellipse(_at(x - 10, y - 10, x + 10, y + 10), (58, 38, 30))
    pen.ellipse(_at(x - 5, y - 5, x + 5, y + 5), (12, 10, 10))
    pen.ellipse(_at(x + 2, y - 6, x + 6, y - 2), "white")
    pen.arc(_at(x - 24, y - 12, x + 24, y + 20), 195, 345, (40, 26, 24), 4 * SCALE)
    pen.arc(_at(x - 22, y - 14, x + 22, y + 12), 25, 155, _tint(face.skin, 0.7), 2 * SCALE)
    brow = _at(x - 30, y - 40 - side * 2, x, y - 48, x + 30, y - 40 + side * 2)
    pen.line(brow, face.hair, round(face.brows * SCALE), joint="curve")


def _mouth(sheet: Image.Image, face: Face) -> None:
    pen = _pen(sheet)
    middle, y = WIDTH / 2, 303
    lips = (196, 106, 104) if face.long_hair else (196, 130, 114)
    pen.ellipse(_at(middle - 28, y - 6, middle + 28, y + 12), _tint(lips, 1.06))
    pen.ellipse(_at(middle - 30, y - 12, middle + 30, y + 1), lips)
    box = _at(middle - 31, y - 14 - face.smile, middle + 31, y + 4)
    pen.arc(box, 20, 160, (130, 62, 60), 3 * SCALE)


def _hair_before(sheet: Image.Image, face: Face) -> None:
    """The hair over the forehead: the cap of the head above a line that the fringe draws."""
    left, right = _left_right(face)
    cap = Image.new("L", sheet.size)
    ImageDraw.Draw(cap).ellipse(_at(left - 9, 13, right + 9, 290), 255)
    cut = ImageDraw.Draw(cap)
    cut.ellipse(_at(left + 2, 38 + face.fringe, right - 2, 330), 0)
    cut.rectangle(_at(0, 186, WIDTH, HEIGHT), 0)
    sheet.paste(face.hair, mask=cap)
    shine = _tint(face.hair, 1.9)
    _soft(sheet, shine, (left + 40, 24, right - 70, 44), 7, 90)


def _worn(sheet: Image.Image, face: Face) -> None:
    if face.beard:
        _beard(sheet, face)
    if face.glasses:
        _glasses(sheet, face)
    if face.scarf:
        _scarf(sheet, face, face.scarf)


def _beard(sheet: Image.Image, face: Face) -> None:
    left, right = _left_right(face)
    chin = Image.new("L", sheet.size)
    pen = ImageDraw.Draw(chin)
    pen.ellipse(_at(left + 8, 150, right - 8, 354), 235)
    pen.ellipse(_at(left + 22, 120, right - 22, 300), 0)
    pen.rectangle(_at(0, 0, WIDTH, 232), 0)
    sheet.paste(face.hair, mask=chin.filter(ImageFilter.GaussianBlur(2 * SCALE)))


def _glasses(sheet: Image.Image, face: Face) -> None:
    pen, middle, away = _pen(sheet), WIDTH / 2, face.wide * 0.225
    frame, y = (58, 52, 50), 216
    for side in (-1, 1):
        x = middle + side * away
        pen.rounded_rectangle(
            _at(x - 35, y - 25, x + 35, y + 27), 14 * SCALE, None, frame, 3 * SCALE
        )
        end = middle + side * face.wide / 2
        pen.line(_at(x + side * 35, y - 8, end, y - 12), frame, 3 * SCALE)
    pen.arc(_at(middle - 12, y - 12, middle + 12, y + 8), 200, 340, frame, 3 * SCALE)


def _scarf(sheet: Image.Image, face: Face, colour: Colour) -> None:
    """A cloth around the face, which it leaves free from brows to chin."""
    left, right = _left_right(face)
    cloth = Image.new("L", sheet.size)
    pen = ImageDraw.Draw(cloth)
    pen.ellipse(_at(left - 22, 13, right + 22, 390), 255)
    pen.polygon(_at(left - 18, 230, right + 18, 230, right + 40, 441, left - 40, 441), 255)
    pen.ellipse(_at(left + 14, 112, right - 14, 352), 0)
    sheet.paste(colour, mask=cloth)
    for shift in (30, 52):
        box = _at(left - 22 + shift, 13 + shift, right + 22 - shift, 390)
        pen = _pen(sheet)
        pen.arc(box, 205, 335, _tint(colour, 0.75), 2 * SCALE)
