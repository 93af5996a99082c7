"""The second pair of eyes: refusals that wait for another person, and approvals that were drawn for
a second look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.review.reviewing import HELD, Reviewing
from bot.console.review.screen import names_of, numbers_of, why
from bot.console.review.seeing import decided
from bot.console.review.words import DECISIONS
from models.audit import Act
from models.review.decisions import CONFIRM, SECOND_LOOK, Decision, Settled, can_be_undone
from models.review.second import SamePerson, confirm, decline, take_back, waiting_for_second

_TOO_LATE = "这个决定已经有人处理了，没有改动。"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision of another that waits for this person."""

    id: str
    number: str
    what: str
    by: str
    why: str
    at: datetime


def second_views(views: Blueprint, desk: Reviewing) -> None:
    """`/second`: what waits, one after the other."""
    console = desk.console

    @views.get("/second")
    def second() -> ResponseReturnValue:
        with console.database.reading() as records:
            waiting = _waiting(desk, records)
            wanted = _wanted(desk, records, waiting)
            mine = can_be_undone(records, console.me, console.now())
            # Nobody is told what of theirs was drawn for a second look.
            refused = [d for d in mine if d.wants == CONFIRM and d.effective_at is None]
            own = _wanted(desk, records, refused)
            return desk.page(records, "second.html", wanted=wanted, own=own)

    @views.post("/second/next")
    def second_next() -> ResponseReturnValue:
        return _on(desk)

    @views.get("/second/<decision_id>")
    def second_case(decision_id: str) -> ResponseReturnValue:
        return desk.show_second(decision_id)

    @views.post("/second/<decision_id>/confirm")
    def agree(decision_id: str) -> ResponseReturnValue:
        def act(records: Records, now: datetime) -> Decision:
            return confirm(records, console.life, console.me, decision_id, now)

        return _settle(desk, "application.agreed", decision_id, act)

    @views.post("/second/<decision_id>/decline")
    def disagree(decision_id: str) -> ResponseReturnValue:
        def act(records: Records, now: datetime) -> Decision:
            return decline(records, console.life, console.me, decision_id, now)

        return _settle(desk, "application.declined", decision_id, act)

    @views.post("/second/<decision_id>/undo")
    def unconfirm(decision_id: str) -> ResponseReturnValue:
        def act(records: Records, now: datetime) -> Decision:
            return take_back(records, console.me, decision_id, now)

        then = url_for("review.second_case", decision_id=decision_id)
        return _settle(desk, "application.agreement_undone", decision_id, act, then)


def _settle(
    desk: Reviewing,
    noted: Act,
    decision_id: str,
    act: Callable[[Records, datetime], Decision],
    then: str = "",
) -> ResponseReturnValue:
    console = desk.console
    try:
        with console.database.writing() as records:
            decided(console, records, decision_id)
            desk.note(records, noted, act(records, console.now()))
    except (Settled, SamePerson):
        with console.database.reading() as records:
            return desk.page(records, "start.html", said=_TOO_LATE), HELD
    return redirect(then, 303) if then else _on(desk)


def _on(desk: Reviewing) -> ResponseReturnValue:
    """To the next that waits, else to the list that says there is none."""
    with desk.console.database.reading() as records:
        waiting = _waiting(desk, records, 1)
    if not waiting:
        return redirect(url_for("review.second"), 303)
    return redirect(url_for("review.second_case", decision_id=waiting[0].id), 303)


def _waiting(desk: Reviewing, records: Records, limit: int = 50) -> list[Decision]:
    me = desk.console.me
    return [
        decision
        for wants in (CONFIRM, SECOND_LOOK)
        for decision in waiting_for_second(records, me, wants, limit)
    ]


def _wanted(desk: Reviewing, records: Records, found: Sequence[Decision]) -> list[Wanted]:
    names = names_of(records, [f"staff:{each.by}" for each in found])
    numbers = numbers_of(records, [each.application_id for each in found])
    tz = desk.console.city.tz
    return [
        Wanted(
            each.id,
            numbers.get(each.application_id, ""),
            "复看" if each.wants == SECOND_LOOK else DECISIONS.get(each.kind, each.kind),
            names.get(f"staff:{each.by}", ""),
            why(each.reason, desk.reasons),
            each.at.astimezone(tz),
        )
        for each in found
    ]
