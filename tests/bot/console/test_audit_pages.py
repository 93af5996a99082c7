"""The auditor finds who did what, page by page, and takes it along as a file that is noted."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import get_args

import pytest

from bot.console import audit_pages
from bot.console.words import ACT_NAMES
from models.audit import Act, audit, audit_of
from models.staff import Role, Staff
from tests.bot.console.staffed import Desk, Staffed
from tests.models.making import DAY, NOW, make_application, make_person


@pytest.fixture(scope="module")
def noted(console: Staffed) -> str:
    """Three acts of one reviewer; an application's number."""
    with console.parts.database.writing() as records:
        application = make_application(records, make_person(records))
        subject = f"application:{application.id}"
        for day, act in enumerate(("console.view", "console.unmask", "card.hand_out")):
            audit(records, actor="staff:known", act=act, subject=subject, reason=f"=理由{day}",
                  now=NOW + day * DAY, detail={"purpose": "review"})  # fmt: skip
        records.add(
            Staff(
                id="known",
                login="known",
                name="李明",
                roles=[],
                districts=[],
                password_hash="",
                totp_secret=None,
                created_at=NOW,
            )
        )
        return application.number


@pytest.fixture
def auditor(console: Staffed) -> Desk:
    return console.desk(Role.AUDITOR)


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ("who=known", [2, 1, 0]),
        ("who=KNOWN&act=console.", [1, 0]),
        ("act=card.hand_out", [2]),
        ("subject={number}&act=console.view", [0]),
        ("who=known&since=2026-11-24&until=2026-11-24", [1]),
        ("who=nobody.there", []),
        ("act=%25", []),
        ("act=console%25.", []),
    ],
)
def test_acts_are_found_by_who_what_act_and_day(
    noted: str, auditor: Desk, asked: str, reasons: list[int]
) -> None:
    page = auditor.get("/audit?" + asked.format(number=noted)).text
    positions = [page.index(f"<td>=理由{day}</td>") for day in reasons]
    assert positions == sorted(positions)
    assert page.count("<td>=理由") == len(reasons)
    assert ("李明（known）" in page) is bool(reasons)


def test_a_page_goes_on_where_the_last_one_ended(
    noted: str, auditor: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "ROWS", 2)
    page = auditor.get("/audit?who=known").text
    assert page.count("<td>=理由") == 2
    link = page[page.index("/audit?who=known") :].partition('"')[0].replace("&amp;", "&")
    assert auditor.get(link).text.count("<td>=理由") == 1


def test_an_export_is_harmless_whole_and_noted(console: Staffed, noted: str, auditor: Desk) -> None:
    answer = auditor.post("/audit/export", who="known", reason="年度检查")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row[6] for row in rows[1:]] == ["'=理由2", "'=理由1", "'=理由0"]
    with console.parts.database.reading() as records:
        event = audit_of(records, "audit")[-1]
    assert (event.actor, event.act, event.reason) == (
        f"staff:{auditor.staff_id}", "audit.export", "年度检查",
    )  # fmt: skip
    assert event.detail["asked"]["who"] == "known" and event.detail["role"] == "auditor"


def test_nothing_is_exported_without_a_reason(console: Staffed, auditor: Desk) -> None:
    with console.parts.database.reading() as records:
        before = len(audit_of(records, "audit"))
    assert auditor.post("/audit/export", reason=" ").status_code == 422
    with console.parts.database.reading() as records:
        assert len(audit_of(records, "audit")) == before


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "2026-11-24T00:00"])
def test_a_day_that_is_none_gets_a_clear_answer(auditor: Desk, day: str) -> None:
    assert auditor.get(f"/audit?since={day}").status_code == 400


@pytest.mark.parametrize("asked", ["until=9999-12-31", f"before={10**30}", "before=-1"])
def test_what_lies_beyond_any_record_gets_a_clear_answer(auditor: Desk, asked: str) -> None:
    assert auditor.get(f"/audit?{asked}").status_code == 400


def test_many_rows_are_read_in_pieces(console: Staffed, auditor: Desk) -> None:
    with console.parts.database.writing() as records:
        for number in range(1001):
            audit(records, actor="timer:many", act="x", subject="s", reason=str(number),
                  now=NOW + timedelta(seconds=number))  # fmt: skip
    answer = auditor.post("/audit/export", who="timer:many", reason="x")
    assert answer.get_data().count(b"timer:many") == 1001


def test_every_act_has_a_word() -> None:
    assert set(get_args(Act)) == ACT_NAMES.keys()
