"""Who sends a batch, and how it ended. What may have arrived is asked for before it goes again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session as Records

from models.handover.batches import Batch, BatchState

_PAUSES = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_WAITING = (BatchState.CUT.value, BatchState.SENDING.value)


def claim_batch(
    records: Records,
    destinations: Collection[str],
    now: datetime,
    lease: timedelta,
    owner: str,
) -> tuple[Batch, bool] | None:
    """Take the batch that waits longest, and mark it as being sent, before any call. The second
    value: whether it may have arrived before."""
    free = or_(Batch.lease_until.is_(None), Batch.lease_until <= now)
    due = (
        select(Batch)
        .where(
            Batch.state.in_(_WAITING),
            Batch.destination.in_(destinations),
            Batch.due_at <= now,
            free,
        )
        .order_by(Batch.due_at, Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    batch = records.scalars(due).first()
    if batch is None:
        return None
    doubtful = batch.state == BatchState.SENDING
    batch.state, batch.owner = BatchState.SENDING.value, owner
    batch.lease_until, batch.attempts = now + lease, batch.attempts + 1
    records.flush()
    return batch, doubtful


def is_waiting(records: Records, destinations: Collection[str], now: datetime) -> bool:
    """Whether there is anything to claim, without a lock."""
    due = and_(Batch.state.in_(_WAITING), Batch.destination.in_(destinations), Batch.due_at <= now)
    return records.scalar(select(Batch.id).where(due).limit(1)) is not None


def keep_digest(records: Records, batch_id: str, digest: str) -> None:
    """Note what is about to be sent, and may be there from now on: an answer about another
    content is a conflict."""
    records.execute(update(Batch).where(Batch.id == batch_id).values(digest=digest))


def end_sending(
    records: Records,
    batch_id: str,
    owner: str,
    state: BatchState,
    now: datetime,
    fault: str = "",
) -> bool:
    """It arrived, was refused, or contradicts what is there. False when the claim was lost."""
    ended = {
        "state": state.value,
        "fault": fault[:64],
        "owner": None,
        "lease_until": None,
        "taken_at": now if state is BatchState.TAKEN else None,
    }
    return _held(records, batch_id, owner, ended)


def postpone_sending(
    records: Records, batch: Batch, owner: str, now: datetime, fault: str, *, sent: bool
) -> bool:
    """Later again; `sent`: it may have arrived. False when the claim was lost."""
    pause = _PAUSES[min(batch.attempts, len(_PAUSES)) - 1]
    later = {
        "state": (BatchState.SENDING if sent else BatchState.CUT).value,
        "fault": fault[:64],
        "owner": None,
        "lease_until": None,
        "due_at": now + pause,
    }
    return _held(records, batch.id, owner, later)


def _held(records: Records, batch_id: str, owner: str, values: Mapping[str, object]) -> bool:
    mine = (Batch.id == batch_id) & (Batch.owner == owner)
    changed = update(Batch).where(mine).values(**values).returning(Batch.id)
    return records.scalar(changed) is not None
