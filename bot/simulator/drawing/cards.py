"""Invented ID cards, laid out like a second-generation resident ID card and marked 样例.

85.6 by 54 millimetres, drawn at `DOT` pixels to the millimetre. The emblem of the back is a red
disc with a sun: no national emblem, and the state's name is replaced by 样例.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageDraw

from bot.simulator.drawing.fonts import font

DOT = 12
WIDTH, HEIGHT = round(85.6 * DOT), 54 * DOT
LABEL = (44, 98, 160)
INK = (28, 28, 32)
RED = (196, 34, 40)
LINE = 11
"""Characters of an address in one line."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed on a card. `valid_until` is None for a card valid for life (长期)."""

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date | None


def draw_front(card: Card, portrait: Image.Image) -> Image.Image:
    """The side with the portrait."""
    sheet = _ground((232, 240, 248), (246, 236, 240))
    born = card.birth
    _field(sheet, 5.5, 9.5, "姓名", card.name, size=4.0)
    _field(sheet, 5.5, 17.0, "性别", card.sex)
    _field(sheet, 25.0, 17.0, "民族", card.ethnicity)
    _label(sheet, 5.5, 24.5, "出生")
    for x, number, unit in (
        (15.5, born.year, "年"),
        (29.2, born.month, "月"),
        (37.6, born.day, "日"),
    ):
        _text(sheet, x, 24.5, str(number), 3.4)
        _label(sheet, x + len(str(number)) * 2.0 + 1.2, 24.5, unit)
    _label(sheet, 5.5, 32.0, "住址")
    for row in range(0, len(card.address), LINE):
        _text(sheet, 15.5, 32.0 + row / LINE * 4.6, card.address[row : row + LINE], 3.4)
    _label(sheet, 5.5, 47.5, "公民身份号码")
    _spaced(sheet, 30.5, 47.5, card.number)
    _paste_portrait(sheet, portrait)
    _stamp(sheet, 67.5, 37.5)
    return _rounded(sheet)


def draw_back(card: Card) -> Image.Image:
    """The side with the emblem, the issuer and the validity."""
    sheet = _ground((250, 238, 238), (232, 242, 246))
    _emblem(sheet, 15.5, 16.0)
    _text(sheet, 36.0, 11.5, "样　例　样　例", 5.6, bold=True)
    _text(sheet, 31.0, 23.0, "居 民 身 份 证", 7.6, bold=True)
    until = f"{card.valid_until:%Y.%m.%d}" if card.valid_until else "长期"
    _field(sheet, 19.5, 40.0, "签发机关", card.issuer)
    _field(sheet, 19.5, 47.5, "有效期限", f"{card.valid_from:%Y.%m.%d}-{until}")
    _stamp(sheet, 74.5, 31.5)
    return _rounded(sheet)


def _ground(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    """A pale gradient with fine waves, as a card's guilloche reads from a distance."""
    ends = Image.new("RGB", (2, 1))
    ends.putpixel((0, 0), left)
    ends.putpixel((1, 0), right)
    sheet = ends.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(sheet)
    for top in range(-4 * DOT, HEIGHT + 4 * DOT, DOT):
        wave = [
            (x, top + 1.6 * DOT * math.sin(x / WIDTH * math.tau * 2 + top / 90))
            for x in range(0, WIDTH + 8, 8)
        ]
        pen.line(wave, (218, 228, 236), 2)
    return sheet


def _text(
    sheet: Image.Image, x: float, y: float, text: str, size: float, *, bold: bool = False
) -> None:
    """Text with its left middle at `x`, `y`; all in millimetres."""
    face = font(round(size * DOT), "Bold" if bold else "Regular")
    ImageDraw.Draw(sheet).text((x * DOT, y * DOT), text, INK, face, anchor="lm")


def _label(sheet: Image.Image, x: float, y: float, text: str) -> None:
    face = font(round(2.7 * DOT))
    ImageDraw.Draw(sheet).text((x * DOT, y * DOT), text, LABEL, face, anchor="lm")


def _field(
    sheet: Image.Image, x: float, y: float, label: str, text: str, size: float = 3.4
) -> None:
    _label(sheet, x, y, label)
    _text(sheet, x + 3.0 * len(label) + 3.5, y, text, size)


def _spaced(sheet: Image.Image, x: float, y: float, number: str) -> None:
    for place, digit in enumerate(number):
        _text(sheet, x + place * 2.75, y, digit, 4.2)


def _paste_portrait(sheet: Image.Image, portrait: Image.Image) -> None:
    size = (round(24.0 * DOT), round(29.6 * DOT))
    # The white of the portrait lets the card's ground through.
    picture = portrait.resize(size, Image.Resampling.LANCZOS)
    clear = picture.convert("L").point(lambda level: 0 if level > 250 else 255)
    sheet.paste(picture, (round(56.5 * DOT), round(8.0 * DOT)), clear)


def _emblem(sheet: Image.Image, x: float, y: float) -> None:
    pen = ImageDraw.Draw(sheet)
    middle_x, middle_y, radius = x * DOT, y * DOT, 8.5 * DOT
    disc = (middle_x - radius, middle_y - radius, middle_x + radius, middle_y + radius)
    pen.ellipse(disc, RED, (222, 178, 72), DOT // 2)
    for ray in range(12):
        turn = ray * math.tau / 12
        inner, outer = radius * 0.5, radius * 0.78
        ends = [
            (middle_x + r * math.cos(turn), middle_y + r * math.sin(turn)) for r in (inner, outer)
        ]
        pen.line(ends, (240, 200, 96), DOT // 2)
    core = radius * 0.36
    pen.ellipse(
        (middle_x - core, middle_y - core, middle_x + core, middle_y + core), (240, 200, 96)
    )


def _stamp(sheet: Image.Image, x: float, y: float) -> None:
    """The mark that says what this is: 样例, slantwise in red, middle at `x`, `y` millimetres."""
    word = Image.new("RGBA", (15 * DOT, 8 * DOT), (0, 0, 0, 0))
    pen = ImageDraw.Draw(word)
    box = (DOT // 3, DOT // 3, word.width - DOT // 3, word.height - DOT // 3)
    pen.rounded_rectangle(box, DOT, None, (*RED, 215), DOT // 3)
    middle = (word.width // 2, word.height // 2 - DOT // 4)
    pen.text(middle, "样例", (*RED, 215), font(round(5.2 * DOT), "Bold"), anchor="mm")
    turned = word.rotate(14, Image.Resampling.BICUBIC, expand=True)
    corner = (round(x * DOT - turned.width / 2), round(y * DOT - turned.height / 2))
    sheet.paste(turned, corner, turned)


def _rounded(sheet: Image.Image) -> Image.Image:
    """The card with its round corners; what lies beyond them is transparent."""
    mask = Image.new("L", sheet.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), 3 * DOT, 255)
    card = sheet.convert("RGBA")
    card.putalpha(mask)
    return card
