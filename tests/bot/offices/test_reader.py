"""The real reader on the drawn photos."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image, ImageEnhance

from bot.offices import reader as module
from bot.offices.reader import CardReader, load_reader
from bot.ports import CardRead, Reader
from tests.reading import reader as the_reader

PICTURES = Path(module.__file__).parents[1] / "simulator" / "pictures"

CHEN = {
    "name": "陈国强",
    "sex": "male",
    "ethnicity": "汉",
    "birth_date": "1990-03-07",
    "id_address": "江岭省石桥县柳湾乡五组",
    "id_number": "119999199003070019",
}
ZHAO = {
    "name": "赵小云",
    "sex": "female",
    "ethnicity": "汉",
    "birth_date": "1992-08-19",
    "id_address": "云州市城东区人民路12号3单元502室",
    "id_number": "119999199208190022",
}
CHEN_BACK = {"valid_until": "2038-05-12", "issuer": "石桥县公安局"}


@pytest.fixture(scope="module")
def reader() -> Reader:
    """What it reads here the walks of this run need not read again, nor the other way about."""
    return the_reader()


def photo(name: str) -> bytes:
    return (PICTURES / f"{name}.jpg").read_bytes()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("chen_guoqiang_front", CHEN),
        ("chen_guoqiang_front_tilted", CHEN),
        ("chen_guoqiang_front_dark", CHEN),
        ("chen_guoqiang_front_half", CHEN),
        ("zhao_xiaoyun_front", ZHAO),
        ("zhao_xiaoyun_front_tilted", ZHAO),
        ("chen_guoqiang_back", CHEN_BACK),
        ("chen_guoqiang_back_tilted", CHEN_BACK),
        ("chen_guoqiang_back_dark", CHEN_BACK),
        ("chen_guoqiang_back_half", CHEN_BACK),
    ],
)
def test_a_readable_card_is_read_whole(
    reader: Reader, name: str, fields: Mapping[str, str]
) -> None:
    side: Literal["front", "back"] = "front" if "front" in name else "back"
    assert reader.read(photo(name)) == CardRead(side, fields)
    assert reader.side(photo(name)) == side


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_card_that_lies_on_its_side_or_head_is_read(reader: Reader, turn: int) -> None:
    with Image.open(PICTURES / "chen_guoqiang_front.jpg") as image:
        assert reader.read(_jpeg(image.rotate(turn, expand=True))).fields == CHEN


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("chen_guoqiang_front_blurred", "blurred"),
        ("zhao_xiaoyun_front_blurred", "blurred"),
        ("chen_guoqiang_back_blurred", "blurred"),
        ("chen_guoqiang_front_cut_off", "cut_off"),
        ("chen_guoqiang_back_cut_off", "cut_off"),
        ("landscape", "not_a_card"),
        ("portrait_chen_guoqiang", "not_a_card"),
    ],
)
def test_an_unreadable_photo_says_what_is_wrong(reader: Reader, name: str, fault: str) -> None:
    read = reader.read(photo(name))
    assert (read.fault, read.fields) == (fault, {})


def test_a_photo_without_light_is_dark(reader: Reader) -> None:
    with Image.open(PICTURES / "chen_guoqiang_front.jpg") as image:
        assert reader.read(_jpeg(ImageEnhance.Brightness(image).enhance(0.02))).fault == "dark"


def test_under_glare_what_can_be_read_is_given_and_the_rest_left_out(reader: Reader) -> None:
    read = reader.read(photo("chen_guoqiang_front_glare"))
    assert read.fault == ""
    assert read.fields.items() <= CHEN.items()
    assert "id_number" in read.fields
    assert "id_address" not in read.fields


def test_what_is_no_picture_is_not_a_card(reader: Reader) -> None:
    assert reader.read(b"nothing of the kind") == CardRead("unknown", {}, "not_a_card")
    assert reader.side(b"nothing of the kind") == "unknown"


def test_the_side_is_known_long_before_the_text() -> None:
    reader = the_reader().reader  # not what it remembers
    reader.side(photo("chen_guoqiang_front"))
    started = time.process_time()
    reader.side(photo("chen_guoqiang_front"))
    looked = time.process_time() - started
    started = time.process_time()
    reader.read(photo("chen_guoqiang_front"))
    assert looked < (time.process_time() - started) / 2


def test_a_model_that_fails_is_not_blamed_on_the_photo() -> None:
    def broken() -> Any:
        raise OSError("no model here")

    failing = CardReader(broken)
    failing.warm()
    assert failing.read(photo("chen_guoqiang_front")) == CardRead("unknown", {})


def test_without_the_extra_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert load_reader() is None


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
