"""Campaigns that other systems and the command line ask for: from kept templates alone.

What is asked once is done once: an order has a key of whoever gives it, and the same key with the
same words is the same campaign.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from config.city import City
from config.template_book import LOCALES
from config.templates import Templates
from models.push.audience import Purpose, Segment
from models.push.campaigns import Campaign
from models.push.counts import insert_of
from models.push.drafts import Begun, new_draft
from models.push.messages import Message, faults
from models.push.templates import PushTemplate, latest
from models.records import Record


class Unfit(Exception):
    """An order that no campaign can be made of; `faults` says why, each as `<where>: <why>`."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


class KeyReused(Exception):
    """Something else was ordered under this key."""


class PushOrder(Record):
    """That somebody asked for a campaign under a key of theirs; `mark` is a hash of the words."""

    __tablename__ = "push_orders"

    by: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    campaign_id: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `segment` is a `models.push.audience.Segment` as JSON; None: a list of
    acceptance numbers, which follow. What is None is as the city has it."""

    name: str
    template: str
    version: int | None = None
    purpose: Purpose = "service"
    segment: Mapping[str, Any] | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    from_hour: int | None = None
    until_hour: int | None = None
    rate: int = 0
    cost_cap: int = 0

    @property
    def mark(self) -> str:
        """Another one is another order."""
        words = {name: getattr(self, name) for name in self.__slots__}
        return hashlib.sha256(json.dumps(words, sort_keys=True, default=str).encode()).hexdigest()


def place_order(
    records: Records,
    city: City,
    templates: Templates,
    order: Order,
    now: datetime,
    *,
    by: str,
    key: str = "",
) -> tuple[Campaign, bool]:
    """The draft of an order, and whether it is new; of a key that was used, the campaign as it
    stands now. Raises Unfit, KeyReused."""
    if key and (earlier := _earlier(records, order, by, key)) is not None:
        return earlier, False
    message, segment = _message(records, order), _segment(order)
    found = [*_wrong(city, order, segment, now), *_unsayable(message, templates, order, segment)]
    if found:
        raise Unfit(found)
    campaign = _draft(records, city, order, message, now, by)
    if key:
        records.get_one(PushOrder, (by, key)).campaign_id = campaign.id
        records.flush()
    return campaign, True


def _earlier(records: Records, order: Order, by: str, key: str) -> Campaign | None:
    """What was made of this key before; of two at once one waits here for the other."""
    row = {"by": by, "key": key, "mark": order.mark, "campaign_id": 0}
    records.connection().execute(insert_of(records)(PushOrder).on_conflict_do_nothing(), row)
    known = records.get_one(PushOrder, (by, key))
    if known.mark != order.mark:
        raise KeyReused(key)
    return records.get(Campaign, known.campaign_id) if known.campaign_id else None


def _draft(
    records: Records, city: City, order: Order, message: Message, now: datetime, by: str
) -> Campaign:
    audience = {"list": 0, "numbered": True} if order.segment is None else order.segment
    begun = Begun(order.name, order.purpose, message.written(), audience)
    campaign = new_draft(records, city, begun, now, by=by)
    campaign.starts_at, campaign.rate = order.starts_at, order.rate
    campaign.cost_cap = order.cost_cap
    for name in ("expires_at", "from_hour", "until_hour"):
        if (given := getattr(order, name)) is not None:
            setattr(campaign, name, given)
    records.flush()
    return campaign


def _message(records: Records, order: Order) -> Message:
    """As the template has it. Raises Unfit for one that is not kept, or not any more."""
    kept = latest(records, order.template)
    if kept is not None and order.version is not None:
        which = (PushTemplate.name == order.template, PushTemplate.version == order.version)
        kept = records.scalar(select(PushTemplate).where(*which))
    if kept is None or kept.retired_at is not None:
        raise Unfit(["template: not kept, or not any more"])
    return Message.read(kept.message)


def _segment(order: Order) -> Segment | None:
    if order.segment is None:
        return None
    try:
        return Segment.read(order.segment)
    except ValidationError as fault:
        places = sorted({".".join(map(str, error["loc"])) for error in fault.errors()})
        raise Unfit([f"segment.{place}: not what is expected" for place in places]) from None


def _wrong(city: City, order: Order, segment: Segment | None, now: datetime) -> Iterator[str]:
    if order.expires_at is not None and order.expires_at <= max(now, order.starts_at or now):
        yield "expires_at: over before it begins"
    if segment is None:
        return
    known = {
        "districts": {each.code for each in city.districts},
        "banks": {each.code for each in city.banks},
        "branches": {each.code for each in city.branches},
        "locales": set(LOCALES),
    }
    for name, codes in known.items():
        if not codes.issuperset(getattr(segment, name)):
            yield f"segment.{name}: unknown"


def _unsayable(
    message: Message, templates: Templates, order: Order, segment: Segment | None
) -> list[str]:
    about = order.purpose == "service" or segment is None or segment.of_applications
    return [f"template: {why}" for why in faults(message, templates, of_applications=about)]
