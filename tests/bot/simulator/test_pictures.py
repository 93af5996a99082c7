"""The committed pictures and residents: invented, complete, and as the script draws them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.simulator import draw
from bot.simulator.app import create_simulator
from bot.simulator.drawing.faces import HEIGHT, WIDTH, draw_face
from bot.simulator.drawing.own_photos import take_photo
from bot.simulator.settings import SimulatorConfig
from models.id_numbers import parse_id_number
from models.person_names import normalise_name
from tests.bot.simulator.account import SECRET
from tests.bot.simulator.conftest import OFFICE_KEY
from tests.bot.simulator.webhook import AES_KEY, APP_ID, TOKEN

FOLDER = Path(draw.__file__).parent
RESIDENTS: list[dict[str, Any]] = tomllib.loads(
    (FOLDER / "residents.toml").read_text(encoding="utf-8")
)["residents"]
PICTURES = sorted((FOLDER / "pictures").glob("*.jpg"))

PUBLIC_SAMPLES = {"820000199101010018", "911840198001010013"}


@pytest.mark.parametrize("person", RESIDENTS, ids=lambda person: person["id_number"])
def test_a_resident_is_invented_and_agrees_with_the_number(person: dict[str, Any]) -> None:
    number = parse_id_number(person["id_number"], date(2026, 11, 23))
    assert number.value in PUBLIC_SAMPLES or number.value.startswith("119999")
    assert (number.sex, number.birth.isoformat()) == (person["sex"], person["birth"])
    assert normalise_name(person["name"]) == person["name"]
    assert person["phone_on_file"] == "" or person["phone_on_file"].startswith("1390000")
    assert person["valid_until"] == "long_term" or date.fromisoformat(person["valid_until"])


def test_no_two_residents_share_a_number_or_a_phone() -> None:
    numbers = [person["id_number"] for person in RESIDENTS]
    phones = [person["phone_on_file"] for person in RESIDENTS if person["phone_on_file"]]
    assert len(set(numbers)) == len(numbers)
    assert len(set(phones)) == len(phones)


def test_every_portrait_on_file_is_there_and_every_drawn_one_is_on_file() -> None:
    on_file = {person["portrait"] for person in RESIDENTS if person["portrait"]}
    drawn = {path.name for path in PICTURES if path.name.startswith("portrait_")}
    assert on_file == drawn - {f"{name}.jpg" for name in draw.OWN}


@pytest.mark.parametrize("slug", draw.FACES)
def test_a_portrait_is_of_the_cards_measure_and_as_the_script_draws_it(slug: str) -> None:
    path = FOLDER / "pictures" / f"portrait_{slug}.jpg"
    assert 14_000 <= path.stat().st_size <= 40_000
    with Image.open(path) as kept:
        assert kept.size == (WIDTH, HEIGHT)
        assert kept.info["dpi"] == (350, 350)
        difference = ImageChops.difference(kept, draw_face(draw.FACES[slug]))
    assert max(ImageStat.Stat(difference).mean) < 3


@pytest.mark.parametrize("name", draw.OWN)
def test_a_photo_of_ones_own_is_as_the_script_draws_it(name: str) -> None:
    drawn = take_photo(draw.FACES["chen_guoqiang"], draw.OWN[name])
    with Image.open(FOLDER / "pictures" / f"{name}.jpg") as kept:
        difference = ImageChops.difference(kept, drawn)
    assert max(ImageStat.Stat(difference).mean) < 3


def test_every_picture_is_small() -> None:
    assert len(PICTURES) == 43
    assert max(path.stat().st_size for path in PICTURES) < 120_000


def test_a_picture_is_read_before_it_is_sent(tmp_path: Path) -> None:
    """So that no file stays open when a browser hangs up in the middle of it."""
    config = SimulatorConfig(
        webhook="http://127.0.0.1:9",
        app_id=APP_ID,
        app_secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        office_key=OFFICE_KEY,
        folder=tmp_path,
    )
    app = create_simulator(config)
    answer = app.test_client().get(f"/simulator/pictures/{PICTURES[0].name}")
    assert not answer.direct_passthrough
    assert answer.data == PICTURES[0].read_bytes()
    app.extensions["simulator"].stop()
