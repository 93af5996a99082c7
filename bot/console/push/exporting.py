"""What became of each person, as a file: audited with a purpose."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from sqlalchemy import Select, select

from bot.console.csv import Column, csv_answer
from bot.console.push.pushing import Pushing
from bot.console.push.shown import when
from bot.console.push.words import OUTCOMES, RECEIPTS, reason_name, road_name
from bot.console.words import PURPOSE_NAMES
from config.templates import TAIL
from models.push.deliveries import Delivery

LONGEST_REASON = 200
AT_ONCE = 500
_OPEN = {"new": "还没发", "waiting": "等着再发", "calling": "正在发"}
Row = tuple[Delivery, str]

COLUMNS = [
    Column[Row]("受理号", lambda row: tail_of(row[0].number)),
    Column[Row]("结果", lambda row: OUTCOMES.get(row[0].state) or _OPEN.get(row[0].state, "")),
    Column[Row]("途径", lambda row: road_name(row[0].road)),
    Column[Row]("原因", lambda row: reason_name(row[0].reason)),
    Column[Row]("回执", lambda row: RECEIPTS.get(row[0].receipt, row[0].receipt)),
    Column[Row]("发出时间", lambda row: row[1]),
]


def exporting_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/<number>/outcomes.csv`."""

    @views.post("/<int:number>/outcomes.csv")
    def outcomes(number: int) -> Response:
        purpose, reason = purpose_and_reason()
        with pushing.doing(number, "push.export", reason, purpose=purpose) as (_, campaign):
            name = f"推送结果：{campaign.name}"
        return csv_answer(name, COLUMNS, _rows(pushing, number))


def purpose_and_reason() -> tuple[str, str]:
    """Of the form. Ends the request with 422 where one of them is missing."""
    purpose = request.form.get("purpose", "")
    reason = request.form.get("reason", "").strip()
    if purpose not in PURPOSE_NAMES or not 0 < len(reason) <= LONGEST_REASON:
        abort(422)
    return purpose, reason


def tail_of(number: str | None) -> str:
    """An acceptance number as residents are told it: with its last digits it proves nothing."""
    return f"****{number[-TAIL:]}" if number else ""


def _rows(pushing: Pushing, number: int) -> Iterator[Row]:
    wanted = select(Delivery).where(Delivery.campaign_id == number)
    for delivery in some_at_a_time(pushing, wanted):
        yield delivery, when(pushing, delivery.sent_at)


def some_at_a_time(pushing: Pushing, wanted: Select[Delivery]) -> Iterator[Delivery]:
    """Deliveries in their order, in looks of their own: whoever fetches a file slowly holds no
    look at the records open."""
    after = 0
    while True:
        page = wanted.where(Delivery.recipient > after).order_by(Delivery.recipient).limit(AT_ONCE)
        with pushing.console.database.reading() as records:
            found = records.scalars(page).all()
            records.expunge_all()
        yield from found
        if len(found) < AT_ONCE:
            return
        after = found[-1].recipient
