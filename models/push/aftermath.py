"""What follows a delivery: told at a visit, tried once more, reported of by the platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select, update
from sqlalchemy.orm import Session as Records

from models.people import Account
from models.push.campaigns import Campaign
from models.push.counts import Key, add_counts
from models.push.deliveries import Delivery
from models.push.heard import TOLD

_VISIT: ColumnElement[bool] = literal_column("push_deliveries.state = 'visit'")


def waits_for_visit(records: Records, account: str) -> bool:
    """Whether anything waits for the next visit of whoever has this account."""
    mine = select(Account.recipient).where(Account.key == account).scalar_subquery()
    its = select(Delivery.campaign_id).where(Delivery.recipient == mine, TOLD, _VISIT)
    return records.scalar(its.limit(1)) is not None


def waiting_for_visit(records: Records, recipient: int) -> list[tuple[Delivery, Campaign]]:
    """What waits for this person's next visit, ours alone until the transaction ends: what is about
    their own application first, of each kind the latest."""
    waiting = (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.recipient == recipient, TOLD, _VISIT)
        .order_by(Campaign.purpose.desc(), Delivery.campaign_id.desc())
        .with_for_update(of=Delivery)
    )
    return [(delivery, campaign) for delivery, campaign in records.execute(waiting)]


def tell_at_visit(records: Records, delivery: Delivery, now: datetime) -> None:
    """It leaves with the reply of this transaction."""
    _end_visit(records, delivery, "sent", "visit", "")
    delivery.sent_at = now
    records.flush()


def skip_visit(records: Records, delivery: Delivery, reason: str) -> None:
    """It must not be told any more, or cannot be."""
    _end_visit(records, delivery, "skipped", delivery.road, reason)
    records.flush()


def _end_visit(records: Records, delivery: Delivery, state: str, road: str, reason: str) -> None:
    before: Key = ("visit", delivery.road, delivery.reason)
    delivery.state, delivery.road, delivery.reason = state, road, reason
    add_counts(records, delivery.campaign_id, Counter({before: -1, (state, road, reason): 1}))


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
