"""Drawn Chinese characters for watermarks, so that a server without a Chinese font has them.

`glyphs.png` holds one square cell a character, white on black, in the order of `CHARACTERS`. Run
this module where Noto Sans CJK is installed to draw the file anew after a change.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CHARACTERS = "仅供本人核对用办理社会保障卡身份证照片预览样例请勿转发他无效云州市力资源和局"
CELL = 72  # pixels
GLYPHS = "glyphs.png"

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
"""Where a machine that has a Chinese font keeps it."""


def draw_word(text: str, height: int) -> Image.Image | None:
    """`text` as a mask, `height` pixels high; None when neither glyphs nor fonts have it all."""
    if all(char.isascii() or char in CHARACTERS for char in text):
        return _beside_each_other([_drawn(char, height) for char in text], height)
    font = _system_font(height)
    return _written(text, font, height) if font else None


def _drawn(char: str, height: int) -> Image.Image:
    if char.isascii():
        return _written(char, _latin(height), height)
    left = CHARACTERS.index(char) * CELL
    return _atlas().crop((left, 0, left + CELL, CELL)).resize((height, height))


def _written(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, height: int
) -> Image.Image:
    mask = Image.new("L", (max(1, round(font.getlength(text))), height))
    ImageDraw.Draw(mask).text((0, height // 2), text, 255, font, anchor="lm")
    return mask


def _beside_each_other(parts: list[Image.Image], height: int) -> Image.Image:
    word = Image.new("L", (max(1, sum(part.width for part in parts)), height))
    left = 0
    for part in parts:
        word.paste(part, (left, 0))
        left += part.width
    return word


@functools.cache
def _atlas() -> Image.Image:
    with files("bot.offices").joinpath(GLYPHS).open("rb") as file, Image.open(file) as image:
        return image.convert("L")


@functools.cache
def _latin(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(round(height * 0.85))


@functools.cache
def _system_font(height: int) -> ImageFont.FreeTypeFont | None:
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, round(height * 0.9), index=_simplified(path))
    return None


def _simplified(path: str) -> int:
    # Noto's collection holds a face a country, and the third draws as in mainland China.
    return 2 if "NotoSansCJK" in path else 0


def _draw_atlas() -> Image.Image:
    font = _system_font(CELL)
    if font is None:
        raise SystemExit("no Chinese font here: install fonts-noto-cjk")
    atlas = Image.new("L", (CELL * len(CHARACTERS), CELL))
    pen = ImageDraw.Draw(atlas)
    for place, char in enumerate(CHARACTERS):
        pen.text((place * CELL + CELL // 2, CELL // 2), char, 255, font, anchor="mm")
    return atlas


if __name__ == "__main__":
    _draw_atlas().save(Path(__file__).with_name(GLYPHS), optimize=True)
