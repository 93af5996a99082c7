"""What the tests of the review begin with: officers, applications before them, a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Records
from stdnum.iso7064 import mod_11_2

from config.city import load_city
from config.locales import Texts
from config.reasons import load_reasons
from models.applications import Application
from models.database import Database
from models.lifecycle import Lifecycle
from models.review.arrivals import hand_in
from models.review.decisions import Decision, decide
from models.review.verdicts import Kind, Verdict
from models.staff import Role, Staff
from tests.models.making import KEYS, NOW, PHONE, make_application, make_person, new_id

CITY = load_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
REASONS = load_reasons()
EAST, WEST = (district.code for district in CITY.districts[:2])
MINUTE = timedelta(seconds=CITY.review.undo_seconds)
SOON = NOW + MINUTE
APPROVED = Verdict(Kind.APPROVE)
FINE: dict[str, Any] = {
    "name": "陈国强",
    "id_number": "119999199003070019",
    "phone": PHONE,
    "lives_at": "人民路1号",
    "portrait": {"source": "on_file", "document": "none"},
    "checks": {
        "identity": "match",
        "read": {"name": "陈国强", "id_number": "119999199003070019"},
    },
}

_numbers = count()
T = TypeVar("T")


def officer(records: Records, *districts: str, name: str = "李工", **other: Any) -> Staff:
    """A reviewer of these districts; of all without any."""
    staff_id = new_id()
    staff = Staff(
        **{
            "id": staff_id,
            "login": staff_id,
            "name": name,
            "roles": [Role.REVIEWER.value],
            "districts": list(districts),
            "password_hash": "",
            "active": True,
            "created_at": NOW,
            **other,
        }
    )
    records.add(staff)
    records.flush()
    return staff


def handed_in(
    records: Records,
    *,
    promised: date = date(2026, 11, 30),
    at: datetime = NOW,
    answers: dict[str, Any] | None = None,
    **other: Any,
) -> Application:
    """An application of somebody who has no other, before the officers."""
    application = make_application(
        records,
        make_person(records, id_number=invented_number()),
        **{
            "district": EAST,
            "answers": FINE if answers is None else answers,
            "promise_review_by": promised,
            "now": at,
            **other,
        },
    )
    hand_in(records, KEYS, CITY, application, at)
    return application


def invented_number() -> str:
    """A number of the region that does not exist, different each time."""
    days, serial = divmod(next(_numbers), 1000)
    born = date(1950, 1, 1) + timedelta(days=days)
    first = f"119999{born:%Y%m%d}{serial:03d}"
    return f"{first}{mod_11_2.calc_check_digit(first)}"


def pressed(database: Database, act: Callable[[Records], T]) -> T:
    """What one key does, in a transaction of its own; pressed again where the records are busy."""
    for _ in range(20):
        try:
            with database.writing() as records:
                return act(records)
        except OperationalError:
            continue
    raise AssertionError("the records are busy for ever")


def decided(
    records: Records, staff: Staff, application: Application, verdict: Verdict = APPROVED
) -> Decision:
    """Decided by who has claimed it."""
    return decide(records, LIFE, REASONS, staff, application.id, verdict, NOW)
