"""The picture for the card: within the city's table, and cut out of the photo, never painted."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.offices.studio.crop import cut_for
from bot.offices.studio.faces import find_faces
from bot.offices.studio.finish import compressed, cut_out
from bot.offices.studio.likeness import opened
from bot.offices.studio.studio import CardStudio, load_studio
from config.city_portrait import CardPortrait
from tests.bot.offices.studio.pictures import good, jpeg

RULE = CardPortrait()


@pytest.fixture(scope="module")
def studio() -> CardStudio:
    return load_studio(RULE)


class Person:
    """A face of 200 pixels, its eyes at a place."""

    def __init__(self, x: float, y: float, width: float = 200) -> None:
        self.middle, self.width = (x, y), width


def test_the_finished_picture_is_of_the_citys_measure(studio: CardStudio) -> None:
    look = studio.look(jpeg(good()))
    assert look.finished is not None
    with Image.open(io.BytesIO(look.finished.jpeg)) as picture:
        assert (picture.size, picture.mode, picture.format) == ((358, 441), "RGB", "JPEG")
        assert picture.info["dpi"] == (350, 350)
        assert not picture.getexif()
    assert 14 * 1024 <= len(look.finished.jpeg) <= 40 * 1024


def test_the_face_of_the_finished_picture_lies_where_the_table_wants_it(studio: CardStudio) -> None:
    """Measured again, in the picture itself."""
    made = studio.look(jpeg(good())).finished
    assert made is not None
    with Image.open(io.BytesIO(made.jpeg)) as picture:
        (face,) = find_faces(picture.convert("RGB")).faces
    assert 179 <= face.width <= 255
    assert 162 <= face.middle[0] <= 196
    assert 441 - face.middle[1] >= 207


def test_nothing_is_retouched(studio: CardStudio) -> None:
    """The finished picture is the photo's own pixels, made smaller and compressed."""
    sent = jpeg(good())
    photo = opened(sent, 2400)
    made = studio.look(sent).finished
    assert made is not None
    cut = cut_for(photo, find_faces(photo).faces[0], RULE)
    with Image.open(io.BytesIO(made.jpeg)) as picture:
        difference = ImageChops.difference(picture.convert("RGB"), cut_out(photo, cut.rect, RULE))
    assert max(ImageStat.Stat(difference).mean) < 3


@pytest.mark.parametrize(("least", "most"), [(9, 20), (14, 40), (30, 50)])
def test_the_kilobytes_of_other_cities_are_kept_too(least: int, most: int) -> None:
    rule = replace(RULE, kilobytes=(least, most))
    grain = Image.effect_noise((358, 441), 22).convert("RGB")
    rough = Image.blend(good().resize((358, 441)), grain, 0.2)
    assert least * 1024 <= len(compressed(rough, rule).jpeg) <= most * 1024


def test_a_cut_never_leaves_the_photo() -> None:
    photo = Image.new("RGB", (700, 900), "white")
    for x, y in ((350, 450), (120, 300), (600, 300), (350, 60), (350, 880), (2, 2)):
        for width in (60, 200, 420):
            cut = cut_for(photo, Person(x, y, width), RULE)
            left, top, right, lower = cut.rect
            assert -0.01 <= left < right <= 700.01
            assert -0.01 <= top < lower <= 900.01
            assert abs((right - left) / (lower - top) - 358 / 441) < 0.001


def test_a_head_without_room_above_does_not_fit() -> None:
    photo = Image.new("RGB", (700, 900), "white")
    assert cut_for(photo, Person(350, 450), RULE).fits
    assert not cut_for(photo, Person(350, 90), RULE).fits
    assert not cut_for(photo, Person(60, 450), RULE).fits


def test_high_hair_is_cut_before_the_eyes_lie_too_low() -> None:
    """The table: if both cannot hold, high hair may be cut."""
    photo = Image.new("RGB", (700, 1200), "white")
    photo.paste((20, 16, 14), (270, 200, 430, 700))  # a tower of hair, the eyes at its foot
    cut = cut_for(photo, Person(350, 690), RULE)
    assert cut.fits
    assert cut.hair < 0
    assert cut.eyes_above == pytest.approx(207)
