"""The auditor's pages: who saw, decided, unmasked and exported what. Nothing else is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bot.console.csv import Column, csv_answer
from bot.console.desk import Console
from bot.console.words import ACT_NAMES
from models.applications import find_application
from models.audit import AuditEvent
from models.audit_search import Search
from models.staff import Staff, find_staff

ROWS = 50
LONGEST = 100
LAST = 2**63  # no row's number is as large
YEARS = (2000, 2999)  # of a day that may be asked for


class Line(NamedTuple):
    """One act, as it is read: ids have their names where they have one."""

    id: int
    at: str
    who: str
    act: str
    word: str
    subject: str
    reason: str
    detail: str


def audit_views(console: Console) -> Blueprint:
    """`/audit` and its export."""
    views = Blueprint("audit", __name__)

    @views.get("/audit")
    def search() -> str:
        wanted, before = _search(console, request.args), request.args.get("before", type=int)
        if before is not None and not 0 < before < LAST:
            abort(400)
        with console.database.reading() as records:
            found = wanted.found(records, console.city.tz, before=before, limit=ROWS)
        lines, asked = list(_lines(console, found)), _asked(request.args)
        more = {**asked, "before": found[-1].id} if len(found) == ROWS else None
        return console.render("audit.html", lines=lines, asked=asked, more=more)

    @views.post("/audit/export")
    def export() -> ResponseReturnValue:
        wanted, reason = _search(console, request.form), request.form.get("reason", "").strip()
        if not 0 < len(reason) <= LONGEST:
            abort(422)
        with console.database.writing() as records:
            asked = _asked(request.form)
            console.note(records, "audit.export", "audit", reason, purpose="audit", asked=asked)
        rows = wanted.all(console.database, console.city.tz)
        return csv_answer("审计记录", COLUMNS, _lines(console, rows))

    return views


COLUMNS = [
    Column[Line]("编号", lambda line: line.id),
    Column[Line]("时间", lambda line: line.at),
    Column[Line]("谁", lambda line: line.who),
    Column[Line]("做了什么", lambda line: line.act),
    Column[Line]("即", lambda line: line.word),
    Column[Line]("对象", lambda line: line.subject),
    Column[Line]("原因", lambda line: line.reason),
    Column[Line]("细节", lambda line: line.detail),
]


def _asked(form: MultiDict[str, str]) -> dict[str, str]:
    names = ("who", "subject", "act", "since", "until")
    return {name: form.get(name, "").strip()[:LONGEST] for name in names}


def _search(console: Console, form: MultiDict[str, str]) -> Search:
    """What the form asks for. A login and an acceptance number are looked up; ids go as they are.
    Ends the request with 400 for a day that is none."""
    asked = _asked(form)
    with console.database.reading() as records:
        staff = find_staff(records, asked["who"].lower()) if asked["who"] else None
        card = find_application(records, asked["subject"].upper()) if asked["subject"] else None
    return Search(
        actor=staff.by if staff else asked["who"],
        subject=f"application:{card.id}" if card else asked["subject"],
        act=asked["act"],
        since=_day(asked["since"]),
        until=_day(asked["until"]),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)
    return day if day is None or YEARS[0] <= day.year <= YEARS[1] else abort(400)


def _lines(console: Console, rows: Iterable[AuditEvent]) -> Iterator[Line]:
    with console.database.reading() as records:
        names = {s.by: f"{s.name}（{s.login}）" for s in records.query(Staff)}
    for row in rows:
        yield Line(
            row.id,
            row.at.astimezone(console.city.tz).strftime("%Y-%m-%d %H:%M:%S"),
            names.get(row.actor, row.actor),
            row.act,
            ACT_NAMES.get(row.act, ""),
            names.get(row.subject, row.subject),
            row.reason,
            "；".join(f"{name}={value}" for name, value in sorted(row.detail.items())),
        )
