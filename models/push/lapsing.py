"""What becomes of deliveries when their campaign sends no more: it has expired, or was stopped."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session as Records

from models.push.campaigns import Campaign
from models.push.counts import add_counts
from models.push.deliveries import CALLING, WAITING, Delivery
from models.push.ending import End, end
from models.push.stages import SENDING, Stage

EXPIRED = "expired"
_LIVE = (Stage.APPROVED, Stage.FIRST, Stage.LOOK, Stage.RUNNING, Stage.PAUSED)


def live_campaigns(records: Records) -> list[Campaign]:
    """Those with which workers may have to do, the first to leave first."""
    theirs = select(Campaign).where(Campaign.stage.in_([stage.value for stage in _LIVE]))
    return list(records.scalars(theirs.order_by(Campaign.priority.desc(), Campaign.id)))


def forsaken_campaigns(records: Records, now: datetime) -> list[int]:
    """Those that send no more and have calls whose worker was not heard of again."""
    sending = [stage.value for stage in SENDING]
    theirs = (
        select(Delivery.campaign_id)
        .distinct()
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Delivery.state == CALLING,
            Delivery.lease_until <= now,
            Campaign.stage.not_in(sending),
        )
    )
    return sorted(records.scalars(theirs))


def lapse(records: Records, campaign: Campaign, now: datetime, limit: int) -> int:
    """End up to about `limit` open deliveries of a campaign whose last hour has come; it is
    `locked`. A call whose end nobody knows stays unknown. Returns how many; 0 when none is open any
    more but calls that are being made."""
    return _lapse_new(records, campaign, limit) or _lapse_tried(records, campaign, now, limit)


def _lapse_new(records: Records, campaign: Campaign, limit: int) -> int:
    new = (
        Delivery.campaign_id == campaign.id,
        Delivery.recipient > campaign.cursor,
        Delivery.state == "new",
    )
    batch = select(Delivery.recipient).where(*new).order_by(Delivery.recipient).limit(limit)
    count, last = _extent(records, batch)
    if not count:
        return 0
    ended = update(Delivery).where(*new, Delivery.recipient <= last)
    ended = ended.values(state="skipped", reason=EXPIRED)
    records.execute(ended.execution_options(synchronize_session=False))
    add_counts(records, campaign.id, Counter({("skipped", "", EXPIRED): count}))
    campaign.cursor = last
    return count


def _extent(records: Records, batch: Select[int]) -> tuple[int, int]:
    """How many a batch has, and its last."""
    rows = batch.subquery()
    found = records.execute(select(func.count(), func.max(rows.c.recipient))).one()
    return found[0], found[1] or 0


def _lapse_tried(records: Records, campaign: Campaign, now: datetime, limit: int) -> int:
    """Those that wait, and those whose worker was not heard of again."""
    lost = and_(Delivery.state == CALLING, Delivery.lease_until <= now)
    theirs = (
        select(
            Delivery.recipient,
            Delivery.road,
            Delivery.left,
            Delivery.attempts,
            Delivery.called_at,
        )
        .where(
            Delivery.campaign_id == campaign.id,
            or_(Delivery.state == WAITING, lost),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ends = [
        End(recipient, "unknown", road, left=left, attempts=attempts)
        if called_at is not None and road != "visit"
        else End(recipient, "skipped", "", EXPIRED, left=left, attempts=attempts)
        for recipient, road, left, attempts, called_at in records.execute(theirs)
    ]
    end(records, campaign.id, ends, now)
    return len(ends)
