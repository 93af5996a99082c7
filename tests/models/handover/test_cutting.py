"""Batches are cut at the city's hours; each line is in one of them, once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.handover.outgoing import fault_of
from config.city_handover import Way
from models.application_states import Actor, State
from models.applications import Application, events_of
from models.database import Database
from models.documents import Document
from models.handover import cutting as cutting_module
from models.handover.again import hand_over_again
from models.handover.batches import Batch, BatchLine, Block, add_line, lines_of, next_name
from models.handover.cutting import Cutting, last_cut_off
from models.handover.items import ITEMS
from tests.models.handover.making import (
    AT_ONCE,
    CITY,
    LIFE,
    ONLINE,
    approved,
    cut,
    judge,
    notices,
    sent,
    told,
)
from tests.models.making import DAY, KEYS, NOW, NUMBER, PHONE, new_id


def test_what_was_approved_by_the_cut_off_goes_in_one_batch_and_moves_on(
    database: Database,
) -> None:
    with database.writing() as records:
        applications = [approved(records) for _ in range(3)]
        batch = cut(records)
        assert batch is not None
        assert (batch.id, batch.kind, batch.count) == ("SBK_119900_20261123_0001_ORD", "ORD", 3)
        assert [a.state for a in applications] == ["SENT_TO_PROVINCE"] * 3
        assert notices(records, applications[0]) == ["sent_to_province"]
        last = events_of(records, applications[0].id)[-1]
        assert (last.actor, last.by) == ("batch", f"batch:{batch.id}")
        lines = lines_of(records, batch.id)
        assert [line.line for line in lines] == [1, 2, 3]
        assert {line.items(KEYS)["application"] for line in lines} == {a.id for a in applications}
        assert cut(records) is None


def test_the_items_are_those_of_the_page(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        line = records.scalars(select(BatchLine)).one()
        assert list(line.items(KEYS)) == [name for name, _ in ITEMS]
        assert len(ITEMS) == 27
        assert line.items(KEYS) == {
            "application": application.id,
            "id_type": "01",
            "id_number": NUMBER,
            "name": "陈国强",
            "sex": "1",
            "ethnicity": "01",
            "birth_date": "19900307",
            "nationality": "CHN",
            "address": "城东区人民路1号",
            "postcode": "119900",
            "telephone": "",
            "mobile": PHONE,
            "occupation": "030",
            "employer_number": "",
            "employer": "云州机械厂",
            "valid_from": "",
            "valid_until": "20991231",
            "authority": "云州市公安局",
            "region": "119901",
            "outlet": "CCB-01",
            "card_type": "1",
            "guardian": "",
            "status": "1",
            "household": "51",
            "bank": "CCB",
            "delivery": "1",
            "purpose": "1",
        }


@pytest.mark.parametrize(
    ("number", "id_type", "nationality"),
    [
        ("810000199003070019", "HKMO_RESIDENCE_PERMIT", "HKG"),
        ("830000199201300022", "TW_RESIDENCE_PERMIT", "TWN"),
        ("USA110090030719", "FOREIGN_PR", "USA"),
        ("911999199003070019", "FOREIGN_PR", ""),
    ],
)
def test_a_nationality_follows_from_the_document(
    sqlite_database: Database, number: str, id_type: str, nationality: str
) -> None:
    with sqlite_database.writing() as records:
        sent(records, answers={"id_number": number, "id_type": id_type})
        line = records.scalars(select(BatchLine)).one()
        assert line.items(KEYS)["nationality"] == nationality


def at(day: int, hour: int, minute: int) -> datetime:
    """A moment of the week of NOW, a Monday, in the city's time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CITY.tz)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(23, 9, 59), at(20, 15, 30)),  # of Friday
        (at(23, 10, 0), at(23, 10, 0)),
        (at(23, 15, 29), at(23, 10, 0)),
        (at(23, 23, 0), at(23, 15, 30)),
        (at(28, 12, 0), at(27, 15, 30)),  # a Saturday
    ],
)
def test_a_cut_off_is_a_time_of_a_working_day(now: datetime, due: datetime) -> None:
    way = Way(cut_offs=(time(10), time(15, 30)))
    assert last_cut_off(way, CITY.calendar, CITY.tz, now.astimezone(UTC)) == due


def test_what_is_approved_after_the_cut_off_waits_for_the_next(database: Database) -> None:
    way = Way(cut_offs=(time(10, 0),), photos=False)
    with database.writing() as records:
        approved(records)  # at 10:04
        assert cut(records, way=way, now=NOW) is None
        assert cut(records, way=way, now=NOW + timedelta(hours=23)) is None
        assert cut(records, way=way, now=NOW + DAY) is not None


def test_on_line_each_goes_at_once_alone(database: Database) -> None:
    with database.writing() as records:
        for _ in range(2):
            approved(records)
        batches = [cut(records, way=ONLINE) for _ in range(3)]
    assert [batch and batch.count for batch in batches] == [1, 1, None]


def test_no_batch_is_larger_than_the_city_says(database: Database) -> None:
    way = Way(cut_offs=AT_ONCE.cut_offs, photos=False, largest=2)
    with database.writing() as records:
        for _ in range(5):
            approved(records)
        counts = [batch.count for _ in range(3) if (batch := cut(records, way=way))]
    assert counts == [2, 2, 1]


def test_the_bank_gets_a_batch_for_each_bank_of_what_the_province_passed(
    database: Database,
) -> None:
    with database.writing() as records:
        ccb, abc = approved(records), approved(records, bank="ABC", branch="ABC-01")
        assert cut(records) is not None
        assert cut(records, "bank") is None
        judge(records, told(ccb, "PROVINCE", "OK"), told(abc, "PROVINCE", "OK"))
        for application in (ccb, abc):
            application.state_since = NOW
        records.flush()
        batches = {batch.receiver: batch for _ in range(2) if (batch := cut(records, "bank"))}
        assert set(batches) == {"bank:CCB", "bank:ABC"}
        assert [batch.count for batch in batches.values()] == [1, 1]
        assert ccb.state == "BANK_OPENING"
        assert cut(records, "bank") is None


def test_the_database_itself_refuses_a_second_line_under_way(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        first = records.scalars(select(Batch)).one()
        items = {"application": application.id}
        with pytest.raises(IntegrityError), records.begin_nested():
            add_line(records, KEYS, first, 2, items, "")
            records.flush()


def test_what_another_worker_cut_a_moment_ago_is_not_cut_again(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looked before the other's end sees the application still free, for a batch of the bank
    moves nothing. SQLite has one writer in any case."""
    with postgres_database.writing() as records:
        application = sent(records)
        judge(records, told(application, "PROVINCE", "OK"))
        application.state_since = NOW
    cutting = Cutting(LIFE, AT_ONCE, "bank", fault_of)
    with postgres_database.writing() as late:
        seen = late.scalars(cutting._due(NOW)).all()
        assert len(seen) == 1
        with postgres_database.writing() as first:
            assert cut(first, "bank") is not None
        with pytest.raises(IntegrityError), late.begin_nested():
            cutting.make(late, cutting.fit(late, seen, NOW), "REP", "CCB", NOW)
        monkeypatch.setattr(Cutting, "_due", lambda *_: select(Application))
        assert cut(late, "bank") is None
    with postgres_database.reading() as records:
        lines = records.scalars(select(BatchLine).where(BatchLine.destination == "bank")).all()
        assert [line.open for line in lines] == [True]


def test_nobody_draws_a_batchs_number_while_another_has_drawn_one(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that only drew again when it had lost could lose any number of times. SQLite has
    one writer in any case."""
    drawn: list[str] = []

    def draw(*given: Any) -> str:
        drawn.append(next_name(*given))
        return drawn[-1]

    monkeypatch.setattr(cutting_module, "next_name", draw)
    with postgres_database.writing() as records:
        for _ in range(2):
            approved(records)
    with postgres_database.writing() as late:
        late.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with postgres_database.writing() as first:
            assert cut(first, way=ONLINE) is not None
            with pytest.raises(OperationalError, match="lock timeout"), late.begin_nested():
                cut(late, way=ONLINE)
            assert drawn == ["SBK_119900_20261123_0001_ORD"]
        batch = cut(late, way=ONLINE)
    assert batch is not None
    assert drawn == ["SBK_119900_20261123_0001_ORD", "SBK_119900_20261123_0002_ORD"]


@pytest.mark.parametrize("name", ["陈\x00强", "陈\n强", "陈\u2028强", "强" * 501])
def test_who_cannot_be_written_down_is_set_aside_and_the_others_go(
    sqlite_database: Database, name: str
) -> None:
    with sqlite_database.writing() as records:
        bad, good = approved(records, answers={"name": name}), approved(records)
        batch = cut(records)
        assert batch is not None
        assert batch.count == 1
        assert (bad.state, good.state) == ("APPROVED", "SENT_TO_PROVINCE")
        block = records.scalars(select(Block)).one()
        assert (block.application_id, block.code) == (
            bad.id,
            "too_long" if len(name) > 500 else "characters",
        )
        assert events_of(records, bad.id)[-1].kind == "not_handed_over"
        assert cut(records) is None  # not again each minute


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, ""),
        ({"size": 600_000}, "large_photo"),
        ({"media_type": "image/png"}, "photo_type"),
        (None, "no_photo"),
    ],
)
def test_a_photo_that_cannot_go_holds_its_application_back(
    sqlite_database: Database, document: dict[str, Any] | None, code: str
) -> None:
    way = Way(cut_offs=AT_ONCE.cut_offs)
    photo = new_id()
    with sqlite_database.writing() as records:
        if document is not None:
            usual = {"size": 1000, "media_type": "image/jpeg", **document}
            records.add(_document(photo, **usual))
        approved(records, answers={"portrait": {"document": photo}})
        batch = cut(records, way=way)
        blocks = records.scalars(select(Block.code)).all()
        assert blocks == ([code] if code else [])
        assert (batch is None) == bool(code)


def _document(document_id: str, **columns: Any) -> Document:
    return Document(
        id=document_id,
        kind="portrait",
        width=358,
        height=441,
        wrapped_key=KEYS.seal(b"key", "nowhere"),
        object_name=document_id,
        created_at=NOW,
        **columns,
    )


def test_a_card_whose_making_failed_goes_again_in_a_file_of_another_kind(
    database: Database,
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "FACTORY", "FAIL", code="F01"))
        assert application.state == "PRODUCTION_FAILED"
        application.state_since = NOW
        records.flush()
        batch = cut(records)
        assert batch is not None
        assert batch.kind == "REP"
        assert application.state == "IN_PRODUCTION"
        last = events_of(records, application.id)[-1]
        assert (last.actor, last.to_state) == ("timer", "IN_PRODUCTION")


def test_after_another_review_it_goes_again(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "PROVINCE", "FAIL", code="P01"))
        for state in (State.UNDER_REVIEW, State.APPROVED):
            LIFE.advance(records, application, state, Actor.OFFICER, NOW, by="staff:1", quiet=True)
        batch = cut(records)
        assert batch is not None
        assert (batch.kind, application.state) == ("REP", "SENT_TO_PROVINCE")


@pytest.mark.parametrize(
    ("result", "minute", "state"),
    [("OK", 0.5, "IN_PRODUCTION"), ("FAIL", 2, "PRODUCTION_FAILED")],
)
def test_an_order_that_was_refused_waits_whatever_comes_late_of_the_one_before(
    database: Database, result: str, minute: float, state: str
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "FACTORY", "FAIL", code="F01"))
        application.state_since = NOW
        records.flush()
        refused = cut(records)
        assert refused is not None
        refused.state = "refused"
        assert judge(records, told(application, "FACTORY", result, minute)) == []
        assert application.state == state
        cutting = Cutting(LIFE, AT_ONCE, "province", fault_of)
        assert cut(records, now=NOW + DAY) is None  # it is for staff
        batch = hand_over_again(records, cutting, refused.id, NOW)
        assert batch is not None
        assert (batch.kind, application.state) == ("REP", "IN_PRODUCTION")
        assert [line.open for line in lines_of(records, refused.id)] == [False]
