"""Deliveries are taken: by the worker that will call them, or end them without a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session as Records

from models.push.campaigns import Campaign
from models.push.deliveries import CALLING, COLUMNS, ITS, MASS_ROAD, WAITING


class Taken(NamedTuple):
    """One delivery as it was taken: to be called, or to be ended without a call."""

    recipient: int
    number: str | None
    state: str = "new"  # before it was taken: new, waiting, calling (its worker was lost)
    attempts: int = 0
    road: str = ""
    left: str = ""
    called_at: datetime | None = None

    def key(self, campaign_id: int) -> str:
        return f"p{campaign_id}-{self.recipient}"


_TAKING = (
    select(
        COLUMNS.recipient,
        COLUMNS.number,
        COLUMNS.state,
        COLUMNS.attempts,
        COLUMNS.road,
        COLUMNS.left,
        COLUMNS.called_at,
    )
    .where(ITS)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NOW = bindparam("now", type_=COLUMNS.due_at.type)
_LOST = _TAKING.where(COLUMNS.state == CALLING, COLUMNS.lease_until <= _NOW)
_LOST = _LOST.order_by(COLUMNS.lease_until)
_DUE = _TAKING.where(
    COLUMNS.state == WAITING, COLUMNS.due_at <= _NOW, COLUMNS.road != MASS_ROAD
).order_by(COLUMNS.due_at)
_NEXT = (
    select(COLUMNS.recipient, COLUMNS.number)
    .where(ITS, COLUMNS.recipient > bindparam("cursor"), COLUMNS.state == "new")
    .order_by(COLUMNS.recipient)
    .limit(bindparam("most"))
)


def take_waiting(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those whose worker was not heard of again, and those whose time has come, but for those of
    `MASS_ROAD`. They are locked until the transaction ends, which says what becomes of each
    (`mark_calling`, `end`)."""
    found = take_lost(records, campaign_id, now, limit)
    return found + _take(records, _DUE, campaign_id, now, limit - len(found))


def take_lost(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those that are being called by a worker that was not heard of again; locked as well."""
    return _take(records, _LOST, campaign_id, now, limit)


def _take(
    records: Records, which: Select[Any], campaign_id: int, now: datetime, limit: int
) -> list[Taken]:
    if limit <= 0:
        return []
    given = {"its_campaign": campaign_id, "now": now, "most": limit}
    return [Taken(*row) for row in records.connection().execute(which, given)]


def take_new(records: Records, campaign: Campaign, limit: int) -> list[Taken]:
    """The next that were not tried yet. The campaign is `locked`: its cursor moves past them."""
    if campaign.first and campaign.stage == "first":
        limit = min(limit, campaign.first - campaign.taken)
    if limit <= 0:
        return []
    given = {"its_campaign": campaign.id, "cursor": campaign.cursor, "most": limit}
    found = [Taken(*row) for row in records.connection().execute(_NEXT, given)]
    if found:
        campaign.cursor = found[-1].recipient
        campaign.taken += len(found)
    return found
