"""What the tests of the records begin with: keys, a moment, invented people and applications."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session as Records

from models.applications import Application, submit
from models.people import Person, Proof, keep_person
from models.sealing import Keyring

KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)
NEWER_KEYS = Keyring([(2, b"n" * 32), (1, b"d" * 32)], b"i" * 32)
NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
ACCOUNT = "wechat:wx1:oABC_1"
NUMBER = "119999199003070019"
OTHER_NUMBER = "119999201806150020"
PHONE = "13900001234"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

_ids = count(1)


def new_id() -> str:
    """32 hexadecimal digits, different each time."""
    return f"{next(_ids):032x}"


def make_person(
    records: Records,
    *,
    name: str = "陈国强",
    id_number: str = NUMBER,
    phone: str | None = PHONE,
    proof: Proof = Proof.ON_FILE,
) -> Person:
    """An invented person, proven by the phone on file unless told otherwise."""
    return keep_person(
        records,
        KEYS,
        person_id=new_id(),
        name=name,
        id_number=id_number,
        phone=phone,
        proof=proof,
        now=NOW,
    )


def make_application(records: Records, holder: Person, **other: Any) -> Application:
    """A submitted application of `holder`, with whatever differs."""
    number = f"YZ261123{next(_ids):05d}"
    usual: dict[str, Any] = {
        "application_id": new_id(),
        "number": number,
        "draft_id": new_id(),
        "form": "card",
        "form_version": 1,
        "account": ACCOUNT,
        "applicant_id": holder.id,
        "holder_id": holder.id,
        "relation": "self",
        "holder_proven": True,
        "answers": {"name": "陈国强"},
        "promise_review_by": date(2026, 11, 30),
        "promise_card_by": date(2026, 12, 21),
        "now": NOW,
    }
    return submit(records, KEYS, **{**usual, **other})
