"""What the studio says of drawn photos: one for every fault, and the measures of a good one."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.offices.images import open_photo
from bot.offices.studio.faces import MOST, find_faces
from bot.offices.studio.likeness import opened
from bot.offices.studio.studio import CardStudio, load_studio
from bot.ports import PORTRAIT_FAULTS, Look
from config.city import City, load_city
from tests.bot.offices.studio.pictures import SPOILT, good, jpeg, two_people


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def studio(city: City) -> CardStudio:
    return load_studio(city.portrait)


def bad(look: Look) -> set[str]:
    return {measure.name for measure in look.measures if not measure.ok}


def test_a_good_photo_has_no_fault_and_all_of_it_is_praised(studio: CardStudio) -> None:
    look = studio.look(jpeg(good()))
    assert (look.fault, look.rectangle, bad(look)) == ("", None, set())
    assert look.sound == {"face", "ground", "light", "sharp"}


@pytest.mark.parametrize("fault", SPOILT)
def test_what_is_wrong_is_named(studio: CardStudio, fault: str) -> None:
    look = studio.look(SPOILT[fault]())
    assert look.fault == fault
    assert bad(look) or fault == "cut_off"


def test_every_fault_has_its_photo() -> None:
    assert set(SPOILT) | {"id_photo", "repeated"} == set(PORTRAIT_FAULTS)


def test_the_first_thing_to_mend_is_named_alone(studio: CardStudio) -> None:
    """Two people in the dark: who stands alone first, light comes after."""
    two_in_the_dark = Image.eval(two_people(), lambda level: level // 2)
    look = studio.look(jpeg(two_in_the_dark))
    assert look.fault == "several"
    assert {"faces", "brightest", "white_left"} <= bad(look)


def test_the_photo_of_the_id_card_is_known_again(studio: CardStudio) -> None:
    card = jpeg(good(), 60)
    assert studio.look(jpeg(good()), id_photo=card).fault == "id_photo"


def test_a_photo_that_was_refused_is_known_again_however_it_was_saved(studio: CardStudio) -> None:
    smaller = jpeg(good().resize((810, 1080)), 55)
    assert studio.look(smaller, refused=[jpeg(good())]).fault == "repeated"


def test_a_photo_on_its_side_is_known_again_as_it_was_sent(studio: CardStudio) -> None:
    sideways = jpeg(good().rotate(90, expand=True))
    assert studio.look(sideways, refused=[sideways]).fault == "repeated"
    assert studio.look(sideways, refused=[jpeg(good())]).fault == "repeated"
    assert studio.look(sideways, id_photo=sideways).fault == "id_photo"


def test_another_photo_of_the_same_person_is_not_taken_for_the_refused_one(
    studio: CardStudio,
) -> None:
    moved = good().transform(good().size, Image.Transform.AFFINE, (1, 0, 14, 0, 1, 10))
    shadow = SPOILT["shadow_right"]()
    assert studio.look(jpeg(moved), refused=[jpeg(good())]).fault == ""
    assert studio.look(jpeg(good()), refused=[shadow]).fault == ""


def test_the_frame_lies_where_the_fault_is(studio: CardStudio) -> None:
    look = studio.look(SPOILT["shadow_right"]())
    assert look.rectangle is not None
    left, top, width, height = look.rectangle
    assert left > 0.55
    assert 0 < top < top + height <= 1
    assert left + width <= 1
    assert look.framed is not None
    red, green, _ = _pixel(look.framed.jpeg, left + width / 2, top + 0.001)
    assert red > 150 > green


def _pixel(image: bytes, x: float, y: float) -> tuple[int, int, int]:
    picture = opened(image, 2000)
    at = (round(x * picture.width), round(y * picture.height))
    found = picture.getpixel(at)
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def test_a_photo_on_its_side_is_set_upright(studio: CardStudio) -> None:
    look = studio.look(jpeg(good().rotate(90, expand=True)))
    assert look.fault == ""


def test_without_a_face_detector_the_rest_is_measured_and_the_face_left_open(city: City) -> None:
    studio = CardStudio(city.portrait, finds_faces=False)
    look = studio.look(jpeg(good()))
    assert look.fault == ""
    assert look.finished is not None
    assert {m.name for m in look.measures if m.ok is None} == {
        "faces", "face_width", "hair_gap", "eyes_from_left", "eyes_above", "face_pixels", "roll",
        "screen",
    }  # fmt: skip
    assert studio.look(SPOILT["no_colour"]()).fault == "no_colour"
    assert studio.look(SPOILT["dark"]()).fault == "dark"


def test_what_no_cascade_can_bear_is_left_to_an_officer(
    studio: CardStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: CardStudio, photo: Image.Image) -> None:
        raise RuntimeError("a cascade")

    monkeypatch.setattr(CardStudio, "_upright", fails)
    look = studio.look(jpeg(good()))
    assert (look.fault, look.measures, look.finished) == ("", (), None)


def test_what_is_no_jpeg_is_refused(studio: CardStudio) -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        studio.look(b"\x89PNG\r\n\x1a\n" + bytes(100))


def test_a_picture_of_nothing_and_one_of_a_single_line_are_borne(studio: CardStudio) -> None:
    for size in ((358, 441), (2400, 9), (9, 2400)):
        look = studio.look(jpeg(Image.new("RGB", size, (255, 255, 255))))
        assert (look.fault, look.finished) == ("none", None)


def test_a_crowd_costs_no_more_than_a_few(studio: CardStudio) -> None:
    crowd = Image.new("RGB", (2400, 2400), "white")
    one = good().crop((290, 620, 790, 1200)).resize((300, 348))
    for left in range(0, 2400, 300):
        for top in range(0, 2400, 348):
            crowd.paste(one, (left, top))
    assert studio.look(jpeg(crowd)).fault == "several"
    assert 2 <= len(find_faces(crowd).faces) <= MOST


def test_a_photo_turned_by_its_camera_is_upright_before_it_is_looked_at(
    studio: CardStudio, city: City
) -> None:
    """EXIF: what is safe has been turned already, and carries none."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = good().rotate(90, expand=True)
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif)
    safe = open_photo(out.getvalue(), city.photo)
    assert safe.height > safe.width
    assert studio.look(safe.jpeg).fault == ""
