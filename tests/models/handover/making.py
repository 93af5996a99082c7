"""Approved applications, and lines about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.handover.outgoing import fault_of
from config.city import load_city
from config.city_handover import Way
from config.locales import Texts
from models.application_states import Actor, State
from models.applications import Application
from models.handover.batches import Batch, BatchState, Destination
from models.handover.cutting import Cutting
from models.handover.judging import Judging
from models.handover.replies import LineFault, Told
from models.lifecycle import Lifecycle, matter_of
from models.notices import Notice
from tests.models.making import KEYS, NOW, NUMBER, PHONE, make_application, make_person, new_id

CITY = load_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
ONLINE = Way(mode="online", photos=False)
AT_ONCE = Way(cut_offs=(NOW.astimezone(CITY.tz).time(),), photos=False)
"""Batches, for which everything is due that there is at NOW."""
ANSWERS: dict[str, Any] = {
    "name": "陈国强",
    "sex": "male",
    "birth_date": "1990-03-07",
    "id_type": "RESIDENT_ID",
    "id_number": NUMBER,
    "ethnicity": "01",
    "valid_until": "long_term",
    "phone": PHONE,
    "lives_at": "城东区人民路1号",
    "status": "employed",
    "employer": "云州机械厂",
    "occupation": "030",
    "household": "51",
    "checks": {"read": {"issuer": "云州市公安局"}},
}
_lines = count(1)


def approved(records: Records, **other: Any) -> Application:
    """An application that waits to be handed over. Its holder is not proven, so that one person
    may have many."""
    answers = {**ANSWERS, **other.pop("answers", {})}
    columns = {"district": "119901", "bank": "CCB", "branch": "CCB-01", "delivery": "pickup"}
    application = make_application(
        records, make_person(records), answers=answers, holder_proven=False, **{**columns, **other}
    )
    for state in (State.UNDER_REVIEW, State.APPROVED):
        LIFE.advance(records, application, state, Actor.OFFICER, NOW, by="staff:1", quiet=True)
    return application


def cut(
    records: Records, destination: Destination = "province", way: Way = AT_ONCE, now: datetime = NOW
) -> Batch | None:
    return Cutting(LIFE, way, destination, fault_of).cut(records, now)


def sent(records: Records, **other: Any) -> Application:
    """One that the province has."""
    application = approved(records, **other)
    batch = cut(records)
    assert batch is not None
    batch.state = BatchState.TAKEN.value
    return application


def told(
    application: Application | str,
    stage: str,
    result: str,
    minute: float = 1,
    code: str = "",
    **more: str,
) -> Told:
    """A line about something that happened `minute` minutes after NOW."""
    one = application if isinstance(application, str) else application.id
    fields = dict.fromkeys(("text", "account_tail", "card_tail", "outlet", "parcel"), "")
    at = NOW + timedelta(minutes=minute)
    return Told(one, stage, result, code, **{**fields, **more}, at=at, line=next(_lines))


def judge(
    records: Records, *lines: Told, source: Destination = "province", now: datetime = NOW
) -> list[LineFault]:
    return Judging(LIFE, source, "SBK_119900_20261126_0001_ANS").judge(records, lines, now)


def notices(records: Records, application: Application) -> list[str]:
    """What the person was told, by name."""
    mine = select(Notice).where(Notice.matter == matter_of(application)).order_by(Notice.seq)
    return [notice.open_payload(KEYS)["name"] for notice in records.scalars(mine)]
