"""The hand-over: what is where, since when, what is stuck; a failed batch handed over again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.csv import Column, csv_answer
from bot.console.desk import Console
from bot.console.words import STATES
from bot.handover.outgoing import fault_of
from bot.handover.roads import OTHER_CONTENT
from models.applications import Application, ForbiddenMove, open_answers
from models.figures import stages
from models.handover.again import (
    NotFailed,
    applications_in,
    hand_over_again,
    review_again,
    try_again,
)
from models.handover.batches import DESTINATIONS, Batch, find_batch, lines_of
from models.handover.cutting import Cutting
from models.handover.status import status_of
from models.masking import mask_id_number, mask_name

LONGEST_REASON = 100
REFUSALS: Mapping[str, str] = {
    "envelope": "打不开，或签名不对",
    "manifest": "清单和内容不符",
    "line": "有读不出的行",
    "content": "照片不在了，或打不开",
    "refused": "没有给出代码",
    OTHER_CONTENT: "同一个编号，内容不同",
}
"""What the other side, or our own making of the file, says of a batch that was not taken."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch. Name and number are masked wherever they are shown."""

    id: str
    line: int
    number: str
    name: str
    id_number: str
    district: str
    state: str
    open: bool


def handover_views(console: Console) -> Blueprint:
    """`/handover` and below."""
    views = Blueprint("handover", __name__)

    @views.get("/handover")
    def overview() -> str:
        with console.database.reading() as records:
            now, mine = console.now(), console.me.districts
            status = status_of(records, console.city.handover, now, mine)
            lying = stages(records, mine)
        missing = [d for d in DESTINATIONS if not console.settings.hands_over_to(d)]
        words = {"states": STATES, "refusals": REFUSALS}
        seen = {"status": status, "stages": lying, "missing": missing, **words}
        return console.render("handover.html", now=now, **seen)

    @views.get("/handover/batches/<batch_id>")
    def batch(batch_id: str) -> str:
        with console.database.reading() as records:
            found = _batch(records, batch_id)
            rows = list(_rows(console, records, found))
        return console.render("handover_batch.html", batch=found, rows=rows, refusals=REFUSALS)

    _add_acts(views, console)
    _add_blocked(views, console)
    return views


def _add_acts(views: Blueprint, console: Console) -> None:
    """What is done with a batch; each is written down, with its reason."""

    @views.post("/handover/batches/<batch_id>/again")
    def again(batch_id: str) -> ResponseReturnValue:
        reason = _reason()
        with console.database.writing() as records:
            _all_mine(console, applications_in(records, _batch(records, batch_id)))
            made = _again(console, records, batch_id)
            console.note(
                records,
                "handover.again",
                f"batch:{batch_id}",
                reason,
                purpose="fault",
                batch=made and made.id,
            )
        console.ring("hand-over")
        return redirect(url_for("handover.batch", batch_id=made.id if made else batch_id), 303)

    @views.post("/handover/batches/<batch_id>.csv")
    def table(batch_id: str) -> ResponseReturnValue:
        reason = _reason()
        with console.database.writing() as records:
            rows = list(_rows(console, records, _batch(records, batch_id)))
            for subject in (f"batch:{batch_id}", *(f"application:{row.id}" for row in rows)):
                console.note(records, "handover.export", subject, reason, purpose="request")
        return csv_answer(batch_id, COLUMNS, rows)


def _add_blocked(views: Blueprint, console: Console) -> None:
    """What is done with an application that cannot be handed over."""

    @views.post("/handover/blocked/<application_id>")
    def unblock(application_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            _one_of_mine(console, records, application_id)
            subject = f"application:{application_id}"
            why = "查过原因，再试一次"
            console.note(records, "handover.try_again", subject, why, purpose="fault")
            try_again(records, [application_id])
        return redirect(url_for("handover.overview"), 303)

    @views.post("/handover/blocked/<application_id>/review")
    def back(application_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            application = _one_of_mine(console, records, application_id)
            try:
                review_again(records, console.life, application, console.me.by, console.now())
            except ForbiddenMove:
                abort(409)
            subject = f"application:{application_id}"
            why = "资料有问题，交不出去"
            console.note(records, "handover.back", subject, why, purpose="fault")
        return redirect(url_for("handover.overview"), 303)


COLUMNS = [
    Column[Row]("行", lambda row: row.line),
    Column[Row]("受理号", lambda row: row.number),
    Column[Row]("姓名", lambda row: row.name),
    Column[Row]("证件号码", lambda row: row.id_number),
    Column[Row]("区县", lambda row: row.district),
    Column[Row]("现在", lambda row: row.state),
    Column[Row]("回盘", lambda row: "未回" if row.open else "已回"),
]


def _batch(records: Records, batch_id: str) -> Batch:
    return find_batch(records, batch_id) or abort(404)


def _reason() -> str:
    reason = request.form.get("reason", "").strip()
    return reason if 0 < len(reason) <= LONGEST_REASON else abort(422)


def _is_mine(console: Console, application: Application) -> bool:
    return not console.me.districts or application.district in console.me.districts


def _one_of_mine(console: Console, records: Records, application_id: str) -> Application:
    """An application of their districts, held until the transaction ends."""
    application = records.get(Application, application_id, with_for_update=True)
    if application is None or not _is_mine(console, application):
        abort(404)
    return application


def _all_mine(console: Console, applications: Sequence[Application]) -> None:
    """A batch goes again as a whole, or not by them."""
    if not all(_is_mine(console, application) for application in applications):
        abort(403)


def _again(console: Console, records: Records, batch_id: str) -> Batch | None:
    style = console.city.handover
    found = _batch(records, batch_id)
    for destination in DESTINATIONS:
        if found.destination == destination:
            cutting = Cutting(console.life, style.way(destination), destination, fault_of)
            try:
                return hand_over_again(records, cutting, batch_id, console.now())
            except NotFailed:
                abort(409)
    return None


def _rows(console: Console, records: Records, batch: Batch) -> Iterator[Row]:
    """The lines of a batch that are about their districts."""
    lines = {line.application_id: line for line in lines_of(records, batch.id)}
    for application in applications_in(records, batch):
        if not _is_mine(console, application):
            continue
        answers = open_answers(application, console.keys)
        line = lines[application.id]
        yield Row(
            application.id,
            line.line,
            application.number,
            mask_name(str(answers.get("name", ""))),
            mask_id_number(str(answers.get("id_number", ""))),
            application.district,
            STATES[application.state],
            line.open,
        )
