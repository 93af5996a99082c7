"""Pictures from people: what is taken, what is refused, and what is left of them."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.offices.images import LONGEST, open_photo
from bot.offices.jpeg_scans import MOST
from bot.ports import PhotoFault


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 200_000
    max_pixels: int = 12_000_000
    min_width: int = 30
    min_height: int = 40
    types: tuple[str, ...] = ("jpeg", "png", "webp")


LIMITS = Limits()


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 80), **options: object) -> bytes:
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def code_of(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(PhotoFault) as caught:
        open_photo(data, limits)
    return caught.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_of_ours(kind: str) -> None:
    photo = open_photo(picture(kind), LIMITS)
    assert photo.jpeg.startswith(b"\xff\xd8\xff")
    assert (photo.width, photo.height) == (60, 80)


def test_a_picture_is_turned_upright_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lay on its right side
    exif[0x8825] = {1: "N", 2: (39.0, 54.0, 15.0)}  # where it was taken
    exif[0x010F] = "a telephone"
    sent = picture(size=(80, 60), exif=exif, comment=b"a comment", icc_profile=b"profile")
    photo = open_photo(sent, LIMITS)
    assert (photo.width, photo.height) == (60, 80)
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        assert len(image.getexif()) == 0
        assert not {"exif", "comment", "icc_profile"} & set(image.info)
    assert b"telephone" not in photo.jpeg


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (60, 80), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(open_photo(out.getvalue(), LIMITS).jpeg)) as image:
        assert image.getpixel((30, 40)) == (255, 255, 255)


def test_a_long_picture_is_made_smaller() -> None:
    photo = open_photo(picture(size=(3200, 1600)), LIMITS)
    assert (photo.width, photo.height) == (LONGEST, LONGEST // 2)


def test_the_type_is_read_off_the_bytes() -> None:
    assert code_of(b"%PDF-1.7 and so on") == "type"
    assert code_of(b"") == "type"
    assert code_of(picture("PNG"), Limits(types=("image/jpg",))) == "type"
    assert open_photo(picture(), Limits(types=("image/jpg",))).width == 60


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    sent = picture()
    assert open_photo(sent, Limits(max_bytes=len(sent))).width == 60
    assert code_of(sent, Limits(max_bytes=len(sent) - 1)) == "size"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unfolded() -> None:
    bomb = picture("PNG", (9000, 9000))
    assert len(bomb) < 400_000
    assert code_of(bomb, Limits(max_bytes=400_000)) == "pixels"
    assert code_of(picture(), Limits(max_pixels=60 * 80 - 1)) == "pixels"
    assert open_photo(picture(), Limits(max_pixels=60 * 80)).width == 60


def test_a_picture_that_moves_is_refused() -> None:
    frames = [Image.new("RGB", (60, 80), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        assert code_of(out.getvalue()) == "animated"


def test_a_small_picture_is_refused_as_it_stands_upright() -> None:
    assert code_of(picture(size=(29, 80))) == "small"
    assert code_of(picture(size=(60, 39))) == "small"
    assert open_photo(picture(size=(30, 40)), LIMITS).width == 30


def test_a_picture_cut_short_is_broken() -> None:
    sent = picture("PNG")
    assert code_of(sent[: len(sent) // 2]) == "broken"


def _scans_repeated(times: int) -> bytes:
    """A progressive picture whose last scan, which changes nothing any more, comes again."""
    sent = picture(size=(600, 800), progressive=True)
    last, end = sent.rindex(b"\xff\xda"), sent.rindex(b"\xff\xd9")
    return sent[:end] + sent[last:end] * times + sent[end:]


def test_a_jpeg_that_refines_itself_without_end_is_refused() -> None:
    assert open_photo(picture(progressive=True), LIMITS).width == 60
    assert open_photo(_scans_repeated(MOST - 10), LIMITS).width == 600
    assert code_of(_scans_repeated(MOST - 9)) == "broken"


def test_scans_of_a_preview_and_behind_the_end_are_not_counted() -> None:
    sent = picture()
    hidden = b"\xff\xda\x00\x02" * 1000
    preview = b"\xff\xe2" + (len(hidden) + 2).to_bytes(2, "big") + hidden
    assert open_photo(sent[:2] + preview + sent[2:] + hidden, LIMITS).width == 60


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_hostile_bytes_are_refused_with_a_code_and_nothing_else(data: st.DataObject) -> None:
    sent = bytearray(picture(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 12))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(sent)))
    try:
        open_photo(bytes(sent[:cut]), LIMITS)
    except PhotoFault as fault:
        assert fault.code in {"type", "size", "pixels", "broken", "animated", "small"}
