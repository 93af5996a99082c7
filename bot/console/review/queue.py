"""The supervisors' list: what waits where, who has it, and giving it to somebody else. It holds no
name and no number of a document: whoever wants to read a case opens it, which is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.case import time_left
from bot.console.review.seeing import held_in_words
from bot.console.review.words import LANE_REASONS, LANES, STATUSES, TASKS
from models.review.claims import Held, NotQueued, hand_over
from models.review.items import Lane, Status, Task, sees
from models.review.listing import After, Filters, Line, count_of, page_of
from models.staff import Role, Staff

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line in words."""

    id: str
    number: str
    district: str
    lane: str
    lane_word: str
    reasons: str
    task: str
    promised: str
    left: str
    is_late: bool
    status: str


def queue_views(views: Blueprint, console: Console) -> None:
    """`/queue`: the list, and what a supervisor does with its lines."""

    @views.get("/queue")
    def page() -> ResponseReturnValue:
        return _page(console)

    @views.post("/queue/take-away")
    def take_away() -> ResponseReturnValue:
        return _each(console, None)

    @views.post("/queue/assign")
    def assign() -> ResponseReturnValue:
        with console.database.reading() as records:
            chosen = {each.id: each for each in _reviewers(console, records)}
            records.expunge_all()
        to = chosen.get(request.form.get("to", ""))
        return _page(console, said="请选转给谁。", status=422) if to is None else _each(console, to)


def _each(console: Console, to: Staff | None) -> ResponseReturnValue:
    """Give each chosen line to somebody, or to everybody; those that cannot be are counted."""
    chosen, moved = request.form.getlist("application"), 0
    for application_id in chosen:
        with suppress(Held, NotQueued), console.database.writing() as records:
            hand_over(records, console.life, console.me, application_id, to, console.now())
            given = f"转给 {to.by}" if to else "收回"
            console.note(
                records,
                "application.handed_over",
                f"application:{application_id}",
                given,
                purpose="review",
            )
            moved += 1
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value}
    kept.update(done=moved, left=len(chosen) - moved)
    return redirect(url_for("queue.page", **kept), 303)


def _page(console: Console, *, said: str = "", status: int = 200) -> ResponseReturnValue:
    me, filters = console.me, _filters(console)
    given = {name: value for name, value in request.args.items() if value}
    with console.database.reading() as records:
        found = page_of(records, me, filters, _after(request.args.get("after", "")))
        reviewers = _reviewers(console, records)
        names = {each.id: each.name for each in reviewers}
        names |= _names(records, found.lines, names)
        shown = [_shown(console, line, names) for line in found.lines]
        html = console.render(
            "review/queue.html",
            lines=shown,
            count=count_of(records, me, filters),
            reviewers=reviewers,
            choices=_choices(console, reviewers),
            given=given,
            next_page={**given, "after": _written(found.after)} if found.after else None,
            said=said or _done(given),
        )
    return html, status


def _filters(console: Console) -> Filters:
    """What the address asks for; what nobody knows is not asked for."""
    given = request.args
    return Filters(
        district=given.get("district", ""),
        lane=_one(Lane, given.get("lane", "")),
        task=_one(Task, given.get("task", "")),
        status=_one(Status, given.get("status", "")),
        holder=given.get("holder", ""),
        overdue_on=console.now().date() if given.get("overdue") else None,
    )


def _choices(
    console: Console, reviewers: Sequence[Staff]
) -> list[tuple[str, str, Mapping[str, str]]]:
    """Each filter: its name in the address, its label, what can be chosen."""
    districts = {d.code: d.name for d in console.city.districts if sees(console.me, d.code)}
    statuses = {key: word for key, word in STATUSES.items() if key != Status.GONE}
    holders = {each.id: each.name for each in reviewers}
    return [
        ("district", "区县", districts),
        ("lane", "类别", LANES),
        ("task", "事情", TASKS),
        ("status", "状态", statuses),
        ("holder", "在谁手上", holders),
    ]


def _one(kind: Callable[[str], Choice], value: str) -> Choice | None:
    try:
        return kind(value) if value else None
    except ValueError:
        return None


def _written(after: After) -> str:
    return f"{after.promised.isoformat()}~{after.arrived_at.isoformat()}~{after.application_id}"


def _after(text: str) -> After | None:
    """Where a page begins; the first one for what cannot be read."""
    parts = text.split("~")
    try:
        promised, arrived, application_id = parts
        return After(date.fromisoformat(promised), datetime.fromisoformat(arrived), application_id)
    except ValueError:
        return None


def _reviewers(console: Console, records: Records) -> list[Staff]:
    """Who can be given something: reviewers of a district that this supervisor sees too."""
    everybody = records.scalars(select(Staff).where(Staff.active).order_by(Staff.name, Staff.id))
    codes = [d.code for d in console.city.districts if sees(console.me, d.code)]
    return [s for s in everybody if s.has(Role.REVIEWER) and any(sees(s, code) for code in codes)]


def _names(records: Records, lines: Sequence[Line], known: dict[str, str]) -> dict[str, str]:
    unknown = {line.item.holder for line in lines} - known.keys() - {None}
    if not unknown:
        return {}
    return dict(records.execute(select(Staff.id, Staff.name).where(Staff.id.in_(unknown))).all())


def _shown(console: Console, line: Line, names: dict[str, str]) -> Shown:
    item, city, now = line.item, console.city, console.now()
    return Shown(
        id=item.application_id,
        number=line.number,
        district=next((d.name for d in city.districts if d.code == item.district), item.district),
        lane=item.lane,
        lane_word=LANES.get(item.lane, item.lane),
        reasons="，".join(LANE_REASONS.get(code, code) for code in item.reasons),
        task=TASKS.get(item.task, item.task),
        promised=f"{item.promised.month}月{item.promised.day}日",
        left=time_left(city, item.promised, now),
        is_late=item.promised < now.date(),
        status=held_in_words(item, names.get(item.holder or "", ""), city),
    )


def _done(given: dict[str, str]) -> str:
    done, left = given.pop("done", ""), given.pop("left", "")
    if not done:
        return ""
    rest = f"；{left} 件没有改：已经决定了，或者不在那位的区里" if left not in ("", "0") else ""
    return f"改了 {done} 件{rest}。"
