"""The second pair of eyes: a refusal is confirmed by another person, and of what was approved
together a share, drawn by nobody, is looked at by another person before it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor
from models.applications import Application
from models.lifecycle import Lifecycle
from models.review.claims import keep_again, put_back
from models.review.decisions import (
    CONFIRM,
    SECOND_LOOK,
    Decision,
    Settled,
    drop,
    effective,
    standing,
)
from models.review.items import Lane, ReviewItem, sees
from models.sealing import Keyring
from models.staff import Staff

_WRITTEN: Mapping[str, str] = {CONFIRM: "'confirm'", SECOND_LOOK: "'second_look'"}


class SamePerson(Exception):
    """Who decided is not the second person."""


def waiting_for_second(
    records: Records, staff: Staff, wants: str, limit: int = 50
) -> list[Decision]:
    """Decisions of others that wait for this person, or any other of the district, the oldest
    first; `wants` is CONFIRM or SECOND_LOOK."""
    waiting = select(Decision).where(
        Decision.wants == literal_column(_WRITTEN[wants]),
        Decision.wants != literal_column("''"),
        Decision.confirmed_by.is_(None),
        Decision.dropped_at.is_(None),
        Decision.by != staff.id,
    )
    if staff.districts:
        waiting = waiting.where(Decision.district.in_(staff.districts))
    return list(records.scalars(waiting.order_by(Decision.at).limit(limit)))


def confirm(
    records: Records, life: Lifecycle, staff: Staff, decision_id: str, now: datetime
) -> Decision:
    """Agree with another's decision; its time to be undone begins. Raises SamePerson, Settled."""
    decision, _ = _seconded(records, staff, decision_id, now)
    decision.confirmed_by, decision.effective_at = staff.id, effective(life, now)
    records.flush()
    return decision


def take_back(records: Records, staff: Staff, decision_id: str, now: datetime) -> Decision:
    """Undo one's own agreement before it is in effect: a second person is wanted again.
    Raises Settled."""
    decision, _ = standing(records, decision_id, now)
    if decision.confirmed_by != staff.id:
        raise Settled(decision_id)
    decision.confirmed_by = decision.effective_at = None
    records.flush()
    return decision


def decline(
    records: Records, life: Lifecycle, staff: Staff, decision_id: str, now: datetime
) -> Decision:
    """Do not agree: the decision falls. What was to be refused waits for who wanted to; what did
    not pass the second look waits for everybody, as a difficult one. Raises SamePerson, Settled."""
    decision, item = _seconded(records, staff, decision_id, now)
    drop(decision, staff.id, now)
    application = records.get_one(Application, decision.application_id)
    put_back(records, life, application, item, Actor.OFFICER, now, by=staff.by)
    if decision.wants == CONFIRM:
        keep_again(records, life, item, decision.by, now)
    else:
        item.lane = Lane.DIFFICULT.value
        item.reasons = [*item.reasons, "second_look_declined"]
    records.flush()
    return decision


def is_drawn(keys: Keyring, decision_id: str, share: float) -> bool:
    """Whether this decision is looked at again: by a keyed hash of its id, so that nobody can tell
    beforehand, or choose."""
    drawn = int(keys.index("decisions", "second look", decision_id)[:12], 16)
    return drawn < share * 16**12


def _seconded(
    records: Records, staff: Staff, decision_id: str, now: datetime
) -> tuple[Decision, ReviewItem]:
    decision, item = standing(records, decision_id, now)
    if not decision.wants or decision.confirmed_by or not sees(staff, decision.district):
        raise Settled(decision_id)
    if decision.by == staff.id:
        raise SamePerson(decision_id)
    return decision, item
