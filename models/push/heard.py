"""What campaigns somebody was told of: lately, to understand what they say to it, and at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session as Records

from models.people import Account
from models.push import deliveries
from models.push.campaigns import Campaign
from models.push.deliveries import Delivery

CHAT_ROAD = "chat"
TOLD: ColumnElement[bool] = literal_column(
    f"({deliveries.TOLD.replace('state', 'push_deliveries.state')})"
)
"""As the index has it: with bound values SQLite would read the whole table instead."""

_WENT_OUT = or_(
    Delivery.state == "sent", and_(Delivery.state == "unknown", Delivery.called_at.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One campaign that somebody got, or may have got: `number` is the application it was about,
    `road` as in a `Delivery`."""

    campaign_id: int
    recipient: int
    name: str
    kind: str
    message: dict[str, Any]
    number: str | None
    road: str
    state: str
    receipt: str
    reason: str
    left: str
    at: datetime

    @property
    def by_chat(self) -> bool:
        """Whether it was seen with its options and their numbers."""
        return self.road.rpartition(":")[2] == CHAT_ROAD


_AT = func.coalesce(Delivery.sent_at, Delivery.called_at)
_COLUMNS = (
    Delivery.campaign_id,
    Delivery.recipient,
    Campaign.name,
    Campaign.kind,
    Campaign.message,
    Delivery.number,
    Delivery.road,
    Delivery.state,
    Delivery.receipt,
    Delivery.reason,
    Delivery.left,
    _AT,
)


def heard_by(
    records: Records,
    recipients: Collection[int],
    *,
    since: datetime | None = None,
    campaigns: Collection[int] | None = None,
    limit: int = 200,
) -> list[Heard]:
    """What these got, the latest first: all of it, or only `since` a moment, of some `campaigns`.
    Of what waits for their next visit they have heard nothing."""
    theirs = _of(Delivery.recipient.in_(recipients))
    if since is not None:
        theirs = theirs.where(since <= _AT)
    if campaigns is not None:
        theirs = theirs.where(Delivery.campaign_id.in_(campaigns))
    return [Heard(*row) for row in records.execute(theirs.limit(limit))]


def heard_of_account(records: Records, account: str, since: datetime) -> list[Heard]:
    """The same of whoever has this account, in one statement; the latest first."""
    mine = select(Account.recipient).where(Account.key == account).scalar_subquery()
    lately = _of(Delivery.recipient == mine).where(since <= _AT)
    return [Heard(*row) for row in records.execute(lately)]


def _of(which: ColumnElement[bool]) -> Select[Any]:
    joined = select(*_COLUMNS).join(Campaign, Campaign.id == Delivery.campaign_id)
    latest_first = (_AT.desc(), Delivery.campaign_id.desc())
    return joined.where(which, TOLD, _WENT_OUT).order_by(*latest_first)
