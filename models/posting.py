"""Cards whose parcel came back: the bank posts them again, to the address that the person gave."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, ApplicationEvent, events_of
from models.lifecycle import Lifecycle

_PARCEL = re.compile(r"[0-9A-Z]{6,40}")


class NoParcel(ValueError):
    """What was typed cannot be the number of a parcel."""


def came_back(records: Records, bank: str, most: int) -> list[Application]:
    """The bank's parcels that came back, the longest ago first."""
    found = select(Application).where(_here(bank))
    found = found.order_by(Application.state_since, Application.id).limit(most)
    return list(records.scalars(found).all())


def parcel_back(records: Records, bank: str, application_id: str) -> Application | None:
    """One of them, or None, whatever there is at other banks."""
    wanted = select(Application).where(Application.id == application_id, _here(bank))
    return records.scalar(wanted)


def has_new_address(records: Records, application: Application) -> bool:
    """Whether the person has said where it is to go since it came back."""
    since = (e for e in events_of(records, application.id) if e.at >= application.state_since)
    replaced = (e.detail.get("fields", ()) for e in since if e.kind == "answers_replaced")
    return any("lives_at" in fields for fields in replaced)


def post_again(
    records: Records,
    life: Lifecycle,
    application: Application,
    parcel: str,
    now: datetime,
    *,
    by: str,
) -> ApplicationEvent:
    """It is on its way under this number, which the person is told. Raises NoParcel,
    ForbiddenMove."""
    number = "".join(parcel.split()).upper()
    if not _PARCEL.fullmatch(number):
        raise NoParcel(parcel[:40])
    officer = Actor.OFFICER
    return life.advance(
        records, application, State.MAILED, officer, now, by=by, reason="again", parcel=number
    )


def _here(bank: str) -> ColumnElement[bool]:
    return (
        (Application.state == State.MAIL_RETURNED.value)
        & (Application.delivery == "post")
        & (Application.bank == bank)
    )
