"""Drafts as rows: begun, ended once, reminded once, over after their days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Records

from models.database import Database
from models.drafts import (
    DraftRow,
    drafts_to_remind,
    end_draft,
    expire_drafts,
    matter_of_draft,
    name_person,
    open_drafts,
    start_draft,
)
from models.ladders import add_notice
from models.notices import find_notice
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, new_id


def _start(
    records: Records, *, account: str = ACCOUNT, now: datetime = NOW, remind: bool = False
) -> str:
    draft = start_draft(
        records,
        draft_id=new_id(),
        account=account,
        form="card",
        expires_at=now + 30 * DAY,
        remind_at=now + DAY if remind else None,
        now=now,
    )
    return draft.id


def test_the_newest_open_draft_comes_first(database: Database) -> None:
    with database.writing() as records:
        older = _start(records)
        newer = _start(records, now=NOW + DAY)
        _start(records, account="wechat:wx1:other")
    with database.reading() as records:
        assert [draft.id for draft in open_drafts(records, ACCOUNT, NOW)] == [newer, older]


def test_a_draft_ends_once(database: Database) -> None:
    with database.writing() as records:
        draft = _start(records)
        assert end_draft(records, draft, "submitted", NOW)
        assert not end_draft(records, draft, "cancelled", NOW)
        assert not end_draft(records, "none", "cancelled", NOW)
        assert open_drafts(records, ACCOUNT, NOW) == []
        assert records.get_one(DraftRow, draft).ended_how == "submitted"


def test_a_draft_is_over_after_its_days(database: Database) -> None:
    with database.writing() as records:
        draft = _start(records)
        assert expire_drafts(records, NOW + 29 * DAY) == 0
        assert open_drafts(records, ACCOUNT, NOW + 30 * DAY) == []
        assert expire_drafts(records, NOW + 30 * DAY) == 1
        assert records.get_one(DraftRow, draft).ended_how == "expired"


def test_a_reminder_is_handed_out_once_and_not_for_what_has_ended(database: Database) -> None:
    with database.writing() as records:
        due = _start(records, remind=True)
        ended = _start(records, remind=True)
        _start(records)
        end_draft(records, ended, "cancelled", NOW)
    with database.writing() as records:
        assert drafts_to_remind(records, NOW) == []
        assert [draft.id for draft in drafts_to_remind(records, NOW + DAY)] == [due]
        assert drafts_to_remind(records, NOW + DAY) == []


def test_a_draft_learns_whose_it_is_by_an_index_alone(database: Database) -> None:
    with database.writing() as records:
        draft = _start(records)
        name_person(records, draft, "f" * 64)
    with database.reading() as records:
        assert records.get_one(DraftRow, draft).person_index == "f" * 64


def test_nobody_is_reminded_of_a_draft_that_is_over(database: Database) -> None:
    with database.writing() as records:
        over, open_still = _start(records), _start(records, now=NOW + 10 * DAY)
        for draft in (over, open_still):
            add_notice(
                records,
                KEYS,
                account=ACCOUNT,
                name="draft_reminder",
                params={},
                locale="zh_CN",
                now=NOW,
                notice_id=draft,
                matter=matter_of_draft(draft),
            )
        assert expire_drafts(records, NOW + 31 * DAY) == 1
    with database.reading() as records:
        states = [getattr(find_notice(records, draft), "state", "") for draft in (over, open_still)]
    assert states == ["replaced", "queued"]
