"""What the card form asks of the background, office by office, without a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Media
from bot.ports import CardRead, Eligibility, OfficeError, Offices, Photo, PhotoFault
from config.city import City
from handlers.card.jobs import check_person, check_phone, read_id_photo
from handlers.card.portrait_looked import take_portrait
from models.database import Database
from models.documents import Document, FileObjects, expire_documents, open_document
from models.drafts import end_draft, start_draft
from models.sealing import Keyring
from tests.handlers.chat import NAME, NUMBER, PHONE, city
from tests.models.making import KEYS, NOW


@dataclass
class Picture:
    jpeg: bytes = b"a picture"
    width: int = 300
    height: int = 200


@dataclass
class Office:
    """Every office and the reader at once; what each says is set by the test."""

    identity: Any = "match"
    on_file: Any = True
    known: Any = field(default_factory=lambda: Eligibility(True, False, False))
    portrait_: bytes | None = b"portrait"
    read_: CardRead = field(default_factory=lambda: CardRead("front", {"name": NAME}))
    asked: list[str] = field(default_factory=list)

    def matches(self, name: str, id_number: str, timeout: float) -> Any:
        self.asked.append("identity")
        if isinstance(self.identity, Exception):
            raise self.identity
        return self.identity

    def phone_on_file(self, id_number: str, phone: str, timeout: float) -> Any:
        return (id_number, phone) == (NUMBER, PHONE) and self.on_file

    def eligibility(self, name: str, id_number: str, timeout: float) -> Any:
        self.asked.append("card_making")
        if isinstance(self.known, Exception):
            raise self.known
        return self.known

    def portrait(self, name: str, id_number: str, timeout: float) -> bytes | None:
        self.asked.append("portraits")
        return self.portrait_

    def send(self, *_: Any) -> None:
        raise AssertionError("no job sends an SMS")

    def side(self, image: bytes) -> Any:
        return self.read_.side

    def read(self, image: bytes) -> CardRead:
        return self.read_


class AtDesk:
    """A `Desk` for one job."""

    def __init__(self, database: Database, folder: Path, office: Office, **payload: Any) -> None:
        self.job_id, self.account = "j" * 32, AccountKey("wechat", "wx1", "oDesk")
        self.payload: Mapping[str, Any] = {"draft": "d" * 32, **payload}
        self.offices = Offices(office, office, office, office, office)
        self.objects, self.keys, self.database = FileObjects(folder), KEYS, database
        self.city: City = city()
        self.now: datetime = NOW
        self.photo: Photo | PhotoFault = Picture()
        self.told: list[Mapping[str, Any]] = []

    @contextmanager
    def writing(self) -> Iterator[Records]:
        with self.database.writing() as records:
            yield records

    @contextmanager
    def reading(self) -> Iterator[Records]:
        with self.database.reading() as records:
            yield records

    def fetch_photo(self, media: Media) -> Photo:
        assert media == Media("m1", "", "jpg")
        if isinstance(self.photo, PhotoFault):
            raise self.photo
        return self.photo

    def safe_photo(self, image: bytes) -> Photo:
        return Picture(image)

    def report(self, data: Mapping[str, Any]) -> None:
        self.told.append(data)


MEDIA = {"photo": "u1", "media": ["m1", "", "jpg"]}
PERSON = {"name": NAME, "id_number": NUMBER}


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path, office: Office) -> AtDesk:
    return AtDesk(sqlite_database, tmp_path, office, **MEDIA, **PERSON, phone=PHONE)


def stored(desk: AtDesk, keys: Keyring = KEYS) -> bytes:
    with desk.reading() as records:
        return open_document(records, keys, desk.objects, desk.job_id)


def test_a_photo_is_stored_its_side_told_at_once_and_then_read(desk: AtDesk) -> None:
    told = read_id_photo(desk)
    assert desk.told == [{"draft": "d" * 32, "photo": "u1", "document": "j" * 32, "side": "front"}]
    assert told["fields"] == {"name": NAME}
    assert told["fault"] == ""
    assert stored(desk) == b"a picture"


def test_a_photo_that_cannot_be_taken_is_not_stored(desk: AtDesk) -> None:
    desk.photo = PhotoFault("animated")
    assert read_id_photo(desk)["fault"] == "animated"
    assert take_portrait(desk) == {"draft": "d" * 32, "fault": "animated"}
    with desk.reading() as records:
        assert records.query(Document).count() == 0


def test_without_a_reader_the_photo_is_kept_for_staff(desk: AtDesk, office: Office) -> None:
    desk.offices = Offices(office, office, office, office, None)
    told = read_id_photo(desk)
    assert (told["side"], told["fields"], told["fault"]) == ("unknown", {}, "no_reader")
    assert stored(desk) == b"a picture"


def test_a_second_try_keeps_the_photo_once(desk: AtDesk) -> None:
    read_id_photo(desk)
    desk.photo = Picture(b"the same picture again")
    read_id_photo(desk)
    assert stored(desk) == b"the same picture again"
    with desk.reading() as records:
        assert records.query(Document).count() == 1


def test_the_person_is_told_before_the_portrait_is_fetched(desk: AtDesk, office: Office) -> None:
    told = check_person(desk)
    (first,) = desk.told
    assert first["identity"] == "match"
    assert first["eligibility"] == {
        "insured": True,
        "has_card": False,
        "open_application": False,
    }
    assert told == {"draft": "d" * 32, "portrait": "j" * 32}
    assert office.asked == ["identity", "card_making", "portraits"]
    assert stored(desk) == b"portrait"


@pytest.mark.parametrize("identity", ["mismatch", "not_found"])
def test_nothing_more_is_asked_about_somebody_who_does_not_match(
    desk: AtDesk, office: Office, identity: str
) -> None:
    office.identity = identity
    assert check_person(desk) == {"draft": "d" * 32, "portrait": None}
    assert office.asked == ["identity"]
    assert "eligibility" not in desk.told[0]


def test_an_office_that_is_away_is_tried_again_by_the_worker(desk: AtDesk, office: Office) -> None:
    office.identity = OfficeError("identity", "timeout", retry=True)
    with pytest.raises(OfficeError):
        check_person(desk)
    assert desk.told == []


def test_without_the_card_office_the_identity_counts_all_the_same(
    desk: AtDesk, office: Office
) -> None:
    office.known = OfficeError("card_making", "timeout", retry=True)
    assert check_person(desk)["portrait"] == "j" * 32
    assert desk.told == [{"draft": "d" * 32, "identity": "match"}]


def test_no_portrait_on_file_is_no_fault(desk: AtDesk, office: Office) -> None:
    office.portrait_ = None
    assert check_person(desk)["portrait"] is None


@pytest.mark.parametrize("on_file", [True, False])
def test_the_phone_is_compared_with_the_one_on_file(
    desk: AtDesk, office: Office, on_file: bool
) -> None:
    office.on_file = on_file
    assert check_phone(desk) == {"draft": "d" * 32, "on_file": on_file}


def test_a_portrait_of_ones_own_is_stored(desk: AtDesk) -> None:
    assert take_portrait(desk) == {"draft": "d" * 32, "document": "j" * 32}
    assert stored(desk) == b"a picture"


def test_a_photo_of_a_cancelled_draft_is_gone_at_once(desk: AtDesk) -> None:
    with desk.writing() as records:
        start_draft(
            records, draft_id="d" * 32, account="wechat:wx1:oDesk", form="card",
            expires_at=NOW + timedelta(days=30), now=NOW,
        )  # fmt: skip
        end_draft(records, "d" * 32, "cancelled", NOW)
    assert take_portrait(desk)["document"] == "j" * 32
    assert expire_documents(desk.database, desk.objects, desk.now) == 1
