"""What platforms report of sent messages: whose it is, and what nobody can say yet."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.notices import Notice, add_chat
from models.push.deliveries import Delivery
from models.receipts import Report, place, record
from tests.models.making import ACCOUNT, KEYS, NOW, new_id
from tests.models.push.person import counted, got, make_campaign

OTHER = "wechat:wx1:oOther"


def a_notice(database: Database, state: str = "sent", sent_as: str | None = "900") -> None:
    with database.writing() as records:
        notice = add_chat(records, KEYS, account=ACCOUNT, payload={"text": "x"}, now=NOW,
                          notice_id=new_id())  # fmt: skip
        values = {"kind": "ladder", "state": state, "sent_as": sent_as, "rung": "template"}
        records.execute(update(Notice).where(Notice.id == notice).values(values))


def a_push(database: Database, state: str = "sent", sent_as: str | None = "700") -> int:
    with database.writing() as records:
        campaign = make_campaign(records)
        got(records, campaign, state=state, road="wechat:template")
        its = update(Delivery).where(Delivery.campaign_id == campaign.id)
        records.execute(its.values(sent_as=sent_as))
    return campaign.id


def told(database: Database, *reports: tuple[str, str, str]) -> list[str]:
    """Place and record these. Returns the ids of which nobody can say yet whose they are."""
    with database.reading() as records:
        placed = place(records, [Report(*report) for report in reports])
    with database.writing() as records:
        record(records, placed, NOW)
    return [report.sent_as for report in placed.early]


def first(database: Database, column: Any) -> Any:
    with database.reading() as records:
        return records.scalar(select(column))


def test_notices_and_pushes_are_recorded_in_one_go_and_others_are_not_ours(
    database: Database,
) -> None:
    a_notice(database)
    campaign = a_push(database)
    reports = ((ACCOUNT, "900", "delivered"), (ACCOUNT, "700", "blocked"), (ACCOUNT, "1", "failed"))
    assert told(database, *reports) == []
    assert first(database, Notice.delivery) == "delivered"
    assert first(database, Delivery.receipt) == "blocked"
    assert counted(database, campaign)["receipt", "wechat:template", "blocked"] == 1


def test_the_first_word_counts_in_one_batch_and_in_the_next(database: Database) -> None:
    campaign = a_push(database)
    told(database, (ACCOUNT, "700", "delivered"), (ACCOUNT, "700", "failed"))
    told(database, (ACCOUNT, "700", "blocked"))
    assert first(database, Delivery.receipt) == "delivered"
    receipts = {key: n for key, n in counted(database, campaign).items() if key[0] == "receipt"}
    assert receipts == {("receipt", "wechat:template", "delivered"): 1}


def test_a_report_of_anothers_notice_changes_nothing(database: Database) -> None:
    a_notice(database)
    assert told(database, (OTHER, "900", "failed")) == []
    assert first(database, Notice.delivery) == ""


@pytest.mark.parametrize(
    ("state", "early"),
    [("queued", False), ("claimed", True), ("sending", True), ("sent", False), ("parked", False)],
)
def test_a_report_is_early_while_a_notice_is_on_its_way(
    database: Database, state: str, early: bool
) -> None:
    a_notice(database, state, None)
    expected = ["900"] if early else []
    assert told(database, (ACCOUNT, "900", "delivered"), (OTHER, "900", "delivered")) == expected


@pytest.mark.parametrize(
    ("state", "early"), [("new", False), ("waiting", False), ("calling", True), ("unknown", False)]
)
def test_a_report_is_early_while_a_push_is_being_called(
    database: Database, state: str, early: bool
) -> None:
    campaign = a_push(database, state, None)
    expected = ["700"] if early else []
    assert told(database, (ACCOUNT, "700", "delivered"), (OTHER, "700", "delivered")) == expected
    with database.writing() as records:
        records.execute(update(Delivery).values(state="sent", sent_as="700"))
    assert told(database, (ACCOUNT, "700", "delivered")) == []
    assert counted(database, campaign)["receipt", "wechat:template", "delivered"] == 1


def test_a_report_is_early_while_the_answer_of_a_call_is_lost(database: Database) -> None:
    campaign = a_push(database, "waiting", None)
    with database.writing() as records:
        records.execute(update(Delivery).values(called_at=NOW))
    reports = (ACCOUNT, "700", "delivered"), (OTHER, "701", "delivered")
    assert told(database, *reports) == ["700"]
    with database.writing() as records:
        records.execute(update(Delivery).values(state="sent", sent_as="700", called_at=None))
    assert told(database, (ACCOUNT, "700", "delivered")) == []
    assert counted(database, campaign)["receipt", "wechat:template", "delivered"] == 1
