"""Who may look at a case: who has claimed it, who decided it and may still take it back, the second
person where one is wanted, and supervisors; each within their districts. Every look is audited,
once for each person and round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.words import STATUSES
from config.city import City
from models.applications import Application
from models.audit import Act, AuditEvent
from models.review.decisions import Decision, decisions_of
from models.review.items import ReviewItem, Status, find_item, sees
from models.staff import Role, Staff

VIEW: Act = "application.view"


@dataclass(frozen=True, slots=True)
class Seen:
    """An application that this person may know of, and all that was decided on it."""

    application: Application
    item: ReviewItem
    decisions: Sequence[Decision]

    @property
    def standing(self) -> Decision | None:
        """The decision that stands, or None."""
        standing = [each for each in self.decisions if each.dropped_at is None]
        return standing[-1] if standing else None

    def is_claimed_by(self, me: Staff) -> bool:
        return self.item.status == Status.CLAIMED and self.item.holder == me.id

    def is_decided_by(self, me: Staff) -> bool:
        return self.standing is not None and self.standing.by == me.id

    def wants_second(self, me: Staff) -> bool:
        """Whether this person may be the second one."""
        decision = self.standing
        if decision is None or not decision.wants or decision.is_settled:
            return False
        return decision.by != me.id and decision.confirmed_by in (None, me.id)

    def may_be_claimed_by(self, me: Staff) -> bool:
        waits = self.item.status == Status.WAITING
        return waits or (self.item.status != Status.DECIDED and self.item.holder == me.id)

    def may_be_read_by(self, me: Staff) -> bool:
        """Whether the whole case may be shown."""
        mine = self.is_claimed_by(me) or self.is_decided_by(me) or self.wants_second(me)
        return mine or me.has(Role.SUPERVISOR)

    def may_be_opened_by(self, me: Staff) -> bool:
        """Whether its pictures may be: those of what waits are loaded ahead."""
        return self.may_be_read_by(me) or self.may_be_claimed_by(me)


def seen(console: Console, records: Records, application_id: str) -> Seen:
    """The case with this id; 404 where it is not, or is in a district of others."""
    item = find_item(records, application_id)
    application = records.get(Application, application_id)
    if item is None or application is None or not sees(console.me, item.district):
        abort(404)
    return Seen(application, item, decisions_of(records, application_id))


def decided(console: Console, records: Records, decision_id: str) -> Seen:
    """The case of a decision; 404 where there is no such decision, or it is of others."""
    return seen(console, records, (records.get(Decision, decision_id) or abort(404)).application_id)


def held_in_words(item: ReviewItem, name: str, city: City) -> str:
    """李工在看，到 11-23 18:00 · 留给李工，到… · 等待领取."""
    word = STATUSES.get(item.status, item.status)
    ends = item.until if item.status != Status.DECIDED else None
    until = f"，到 {ends.astimezone(city.tz):%m-%d %H:%M}" if ends else ""
    return f"{word}{name}{until}" if item.status == Status.RESERVED else f"{name}{word}{until}"


def note_view(console: Console, *applications: Application) -> None:
    """Write down, once, that this person looks at this round of each, before it is shown."""
    unnoted = _unnoted(console, applications)
    if not unnoted:
        return
    with console.database.writing() as records:
        for application in unnoted:
            reason = f"审核第{application.round}轮"
            console.note(
                records,
                VIEW,
                _subject(application),
                reason,
                purpose="review",
                round=application.round,
            )


def _unnoted(console: Console, applications: Sequence[Application]) -> list[Application]:
    subjects = [_subject(application) for application in applications]
    mine = select(AuditEvent.subject, AuditEvent.detail).where(
        AuditEvent.subject.in_(subjects),
        AuditEvent.actor == console.me.by,
        AuditEvent.act == VIEW,
    )
    with console.database.reading() as records:
        noted = {(subject, detail.get("round")) for subject, detail in records.execute(mine)}
    return [each for each in applications if (_subject(each), each.round) not in noted]


def _subject(application: Application) -> str:
    return f"application:{application.id}"
