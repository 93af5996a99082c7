"""A picture shown for checking is marked, whatever the machine can draw."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from bot.offices import glyphs
from bot.offices import watermark as module
from bot.offices.watermark import FALLBACK, watermark

WORDS = "仅供本人核对"


def white(size: tuple[int, int] = (358, 441)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG")
    return out.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    with Image.open(io.BytesIO(jpeg)) as image:
        return image.convert("L")


def darkest(image: Image.Image) -> int:
    return next(level for level, count in enumerate(image.histogram()) if count)


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server as it comes: without a Chinese font."""
    monkeypatch.setattr(glyphs, "FONTS", ())
    glyphs._system_font.cache_clear()


def test_every_part_of_the_picture_carries_the_words() -> None:
    marked = opened(watermark(white(), WORDS))
    for left in (0, 179):
        for top in (0, 220):
            assert darkest(marked.crop((left, top, left + 179, top + 220))) < 210


def test_the_picture_stays_recognisable() -> None:
    marked = opened(watermark(white(), WORDS))
    assert sum(marked.histogram()[:240]) < 0.15 * marked.width * marked.height


@pytest.mark.usefixtures("no_font")
def test_the_shipped_words_need_no_font() -> None:
    with_glyphs = watermark(white(), WORDS)
    assert with_glyphs != watermark(white(), FALLBACK)


@pytest.mark.usefixtures("no_font")
def test_words_that_cannot_be_drawn_are_replaced_and_never_left_out() -> None:
    assert watermark(white(), "饕餮") == watermark(white(), FALLBACK)


def test_every_shipped_character_has_its_own_drawing() -> None:
    drawn = [glyphs.draw_word(char, 40) for char in glyphs.CHARACTERS]
    assert all(mask is not None and darkest(ImageChops.invert(mask)) < 55 for mask in drawn)
    assert len({mask.tobytes() for mask in drawn if mask}) == len(glyphs.CHARACTERS)


@pytest.mark.parametrize("size", [(1, 1), (20, 900), (2000, 300)])
def test_a_picture_of_any_shape_is_marked(size: tuple[int, int]) -> None:
    assert opened(watermark(white(size), WORDS)).size == size


def test_two_markings_of_one_picture_are_alike() -> None:
    one, two = opened(watermark(white(), WORDS)), opened(watermark(white(), WORDS))
    assert ImageChops.difference(one, two).getbbox() is None
    assert module.FALLBACK.isascii()
