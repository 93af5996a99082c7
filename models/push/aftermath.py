"""What follows a delivery: told at a visit, tried once more, reported of by the platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as Records

from models.push.campaigns import Campaign
from models.push.counts import Key, add_counts
from models.push.deliveries import Delivery


def told_at_visit(records: Records, recipient: int, now: datetime) -> list[Delivery]:
    """What waited for this person's next visit leaves with the reply of this transaction."""
    mine = (Delivery.recipient == recipient, Delivery.state == "visit")
    waiting = select(Delivery).where(*mine).order_by(Delivery.campaign_id).with_for_update()
    found = list(records.scalars(waiting))
    for delivery in found:
        before: Key = ("visit", delivery.road, delivery.reason)
        delivery.state, delivery.road, delivery.reason = "sent", "visit", ""
        delivery.sent_at = now
        add_counts(records, delivery.campaign_id, Counter({before: -1, ("sent", "visit", ""): 1}))
    records.flush()
    return found


def once_more(records: Records, campaign: Campaign, reasons: Collection[str], now: datetime) -> int:
    """Those whom no road reached for one of these reasons, the last of which they were left, are
    tried again, from the first road on: also who has not come for a visit since. Returns how many;
    the counters forget them. The campaign is `locked`."""
    its = (
        Delivery.campaign_id == campaign.id,
        Delivery.state.in_(("failed", "visit")),
        Delivery.reason.in_(reasons),
    )
    theirs = select(Delivery.recipient).where(*its).order_by(Delivery.recipient).with_for_update()
    records.execute(theirs).all()
    gone = records.execute(
        select(Delivery.state, Delivery.road, Delivery.reason, func.count())
        .where(*its)
        .group_by(Delivery.state, Delivery.road, Delivery.reason)
    ).all()
    again = (
        update(Delivery)
        .where(*its)
        .values(
            state="waiting",
            due_at=now,
            attempts=0,
            left="",
            road="",
            reason="",
            called_at=None,
            sent_as=None,
        )
    )
    records.execute(again.execution_options(synchronize_session=False))
    lessened = Counter({(state, road, reason): -n for state, road, reason, n in gone})
    add_counts(records, campaign.id, lessened)
    return -sum(lessened.values())


def record_receipts(records: Records, told: Iterable[tuple[str, str]]) -> set[str]:
    """What the platform says became of messages, as (its id, result): its first word counts, and a
    second changes nothing. Returns the ids that are ours."""
    results = dict(told)
    ours = (
        select(Delivery)
        .where(Delivery.sent_as.in_(results))
        .with_for_update()
        .order_by(Delivery.campaign_id, Delivery.recipient)
    )
    known: set[str] = set()
    counted: dict[int, Counter[Key]] = {}
    for delivery in records.scalars(ours):
        known.add(str(delivery.sent_as))
        if delivery.receipt:
            continue
        delivery.receipt = results[str(delivery.sent_as)][:32]
        of_campaign = counted.setdefault(delivery.campaign_id, Counter())
        of_campaign["receipt", delivery.road, delivery.receipt] += 1
    records.flush()
    for campaign_id, changes in sorted(counted.items()):
        add_counts(records, campaign_id, changes)
    return known


def is_calling(records: Records, recipient: int) -> bool:
    """Whether something for this person is on its way: its id may not be written down yet."""
    mine = (Delivery.recipient == recipient, Delivery.state == "calling")
    return records.scalar(select(Delivery.campaign_id).where(*mine).limit(1)) is not None
