"""The jobs of a portrait, with the real studio: what they store, and what they tell."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.offices.images import open_photo
from bot.offices.studio.studio import load_studio
from bot.ports import Offices, PhotoFault
from handlers.card.portrait_looked import measure_on_file, take_portrait
from models.database import Database
from models.documents import Document, delete_document, expire_documents, open_document
from tests.bot.offices.studio.pictures import SPOILT, good, jpeg
from tests.handlers.chat import city
from tests.handlers.test_jobs import AtDesk, Office
from tests.models.making import KEYS

MEDIA = {"media": ["m1", "", "jpg"]}


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> AtDesk:
    office = Office()
    desk = AtDesk(sqlite_database, tmp_path, office, **MEDIA)
    desk.offices = Offices(office, office, office, office, None, load_studio(city().portrait))
    desk.photo = open_photo(jpeg(good()), city().photo)
    return desk


def image(desk: AtDesk, document: str) -> Image.Image:
    with desk.reading() as records:
        return Image.open(io.BytesIO(open_document(records, KEYS, desk.objects, document)))


def kinds(desk: AtDesk) -> dict[str, str]:
    with desk.reading() as records:
        return {document.id: document.kind for document in records.query(Document)}


def test_a_good_photo_is_kept_as_it_came_and_as_it_is_printed(desk: AtDesk) -> None:
    told = take_portrait(desk)
    assert told["original"] == desk.job_id
    assert "problem" not in told
    assert kinds(desk) == {told["original"]: "portrait_own", told["document"]: "portrait_card"}
    assert image(desk, told["document"]).size == (358, 441)
    assert image(desk, told["original"]).size == (1080, 1440)


def test_each_measure_says_between_what_it_must_lie(desk: AtDesk) -> None:
    told = take_portrait(desk)
    names = {"name", "value", "low", "high", "ok"}
    assert all(set(measure) == names for measure in told["measures"])
    (face,) = (measure for measure in told["measures"] if measure["name"] == "face_width")
    assert (face["low"], face["high"], face["ok"]) == (179, 255, True)


def test_a_bad_photo_comes_with_its_fault_and_a_framed_picture(desk: AtDesk) -> None:
    desk.photo = open_photo(SPOILT["shadow_right"](), city().photo)
    told = take_portrait(desk)
    assert told["problem"] == "shadow_right"
    assert set(told["sound"]) == {"face", "light", "sharp"}
    assert kinds(desk)[told["framed"]] == "portrait_framed"
    assert max(image(desk, told["framed"]).size) <= 900


def test_a_second_try_of_the_job_stores_nothing_twice(desk: AtDesk) -> None:
    first = take_portrait(desk)
    assert take_portrait(desk) == first
    assert len(kinds(desk)) == 2


def test_the_same_photo_again_and_that_of_the_id_card_are_known(desk: AtDesk) -> None:
    first = take_portrait(desk)
    desk.job_id = "k" * 32
    desk.payload = {**desk.payload, "refused": [first["original"]]}
    assert take_portrait(desk)["problem"] == "repeated"
    desk.payload = {**desk.payload, "refused": [], "id_photo": first["original"]}
    assert take_portrait(desk)["problem"] == "id_photo"


def test_a_refused_photo_that_is_gone_is_nobodys_fault(desk: AtDesk) -> None:
    first = take_portrait(desk)
    with desk.writing() as records:
        delete_document(records, first["original"], desk.now)
    expire_documents(desk.database, desk.objects, desk.now)
    desk.job_id = "k" * 32
    desk.payload = {**desk.payload, "refused": [first["original"], "x" * 32]}
    assert "problem" not in take_portrait(desk)


def test_a_picture_without_a_face_is_kept_as_it_came(desk: AtDesk) -> None:
    desk.photo = open_photo(SPOILT["none"](), city().photo)
    told = take_portrait(desk)
    assert (told["problem"], told["document"]) == ("none", told["original"])


def test_what_cannot_be_opened_is_not_looked_at(desk: AtDesk) -> None:
    desk.photo = PhotoFault("animated")
    assert take_portrait(desk) == {"draft": "d" * 32, "fault": "animated"}


def test_the_portrait_on_file_is_measured_and_nothing_is_stored(desk: AtDesk) -> None:
    stored: dict[str, Any] = dict(take_portrait(desk))
    before = kinds(desk)
    desk.payload = {"draft": "d" * 32, "document": stored["document"]}
    told = measure_on_file(desk)
    assert told["document"] == stored["document"]
    assert all(m["ok"] for m in told["measures"] if m["name"] != "face_pixels")
    assert kinds(desk) == before


def test_a_portrait_on_file_that_is_gone_has_no_measures(desk: AtDesk) -> None:
    desk.payload = {"draft": "d" * 32, "document": "x" * 32}
    assert measure_on_file(desk) == {"draft": "d" * 32, "document": "x" * 32}
