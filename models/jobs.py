"""Background work asked for by a turn: claims, attempts and due times live in these rows alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, Update, and_, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import (
    ACCOUNT_KEY_LENGTH,
    ID_LENGTH,
    Record,
    Sealed,
    claimable,
    json_bytes,
    place,
)
from models.sealing import Keyring
from models.turns import UPDATE_ID_LENGTH

QUEUED, CLAIMED, DONE, FAILED = "queued", "claimed", "done", "failed"


class Job(Record):
    """One piece of background work. Its results answer the update `answers` of `account_key`."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH))
    payload: Mapped[bytes] = mapped_column(Sealed)
    answers: Mapped[str] = mapped_column(String(UPDATE_ID_LENGTH))
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]  # claims so far, this one included
    due_at: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    reported: Mapped[int]  # results told so far; numbers their update ids
    created_at: Mapped[datetime]

    def open_payload(self, keys: Keyring) -> dict[str, Any]:
        """What the turn asked for."""
        opened: dict[str, Any] = json.loads(keys.open(self.payload, _place(self.id)))
        return opened


def add_job(
    records: Records,
    keys: Keyring,
    *,
    name: str,
    account: str,
    payload: Mapping[str, Any],
    answers: str,
    now: datetime,
    job_id: str,
) -> str:
    """Ask for background work in this transaction. Returns the job's id."""
    records.add(
        Job(
            id=job_id,
            name=name,
            account_key=account,
            payload=keys.seal(json_bytes(payload), _place(job_id)),
            answers=answers,
            state=QUEUED,
            attempts=0,
            due_at=now,
            reported=0,
            created_at=now,
        )
    )
    records.flush()
    return job_id


def is_asked_for(records: Records, name: str, account: str) -> bool:
    """Whether work of this name for the account has not ended yet."""
    waiting = Job.state.in_((QUEUED, CLAIMED))
    mine = select(Job.id).where(Job.name == name, Job.account_key == account, waiting)
    return records.scalar(mine.limit(1)) is not None


def claim_jobs(
    records: Records,
    now: datetime,
    lease_seconds: float,
    limit: int,
    owner: str,
    *,
    only: Collection[str] | None = None,
    but: Collection[str] = (),
) -> list[Job]:
    """Take up to `limit` jobs, longest waiting first; also those whose lease has run out.

    `only` jobs of these names, where given, and none of the names in `but`.
    """
    mine = Job.name.not_in(but) if only is None else Job.name.in_(only)
    due = (
        select(Job.id)
        .where(claimable(Job.state, Job.due_at, Job.lease_until, now), mine)
        .order_by(Job.due_at, Job.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # left out by SQLite, where writers come one by one
    )
    claim = (
        update(Job)
        .where(Job.id.in_(due))
        .values(
            state=CLAIMED,
            owner=owner,
            attempts=Job.attempts + 1,
            lease_until=now + timedelta(seconds=lease_seconds),
        )
        .returning(Job)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    jobs = records.scalars(claim).all()
    return sorted(jobs, key=lambda job: (job.due_at, job.created_at))


def finish_job(records: Records, job_id: str, owner: str) -> bool:
    """Mark it done. False when the claim was lost to another owner: nothing is changed."""
    return _end_claim(records, update(Job).values(state=DONE), job_id, owner)


def fail_job(records: Records, job_id: str, owner: str) -> bool:
    """Mark it failed for good. False when the claim was lost."""
    return _end_claim(records, update(Job).values(state=FAILED), job_id, owner)


def postpone_job(records: Records, job_id: str, owner: str, due_at: datetime) -> bool:
    """Put it back to be claimed again from `due_at` on. False when the claim was lost."""
    again = update(Job).values(state=QUEUED, due_at=due_at)
    return _end_claim(records, again, job_id, owner)


def extend_job(records: Records, job_id: str, owner: str, lease_until: datetime) -> bool:
    """Keep the claim for longer. False when it was lost."""
    longer = update(Job).values(lease_until=lease_until)
    return records.scalar(longer.where(_held(job_id, owner)).returning(Job.id)) is not None


def count_report(records: Records, job_id: str, owner: str) -> int | None:
    """Number the next result this job tells, from 1. None when the claim was lost."""
    told = update(Job).where(_held(job_id, owner)).values(reported=Job.reported + 1)
    return records.scalar(told.returning(Job.reported))


def forget_jobs(records: Records, before: datetime) -> int:
    """Delete jobs that ended and were created before `before`. Returns how many."""
    ended = Job.state.in_((DONE, FAILED)) & (Job.created_at < before)
    return len(records.scalars(delete(Job).where(ended).returning(Job.id)).all())


def _end_claim(records: Records, change: Update, job_id: str, owner: str) -> bool:
    freed = change.values(lease_until=None, owner=None).where(_held(job_id, owner))
    return records.scalar(freed.returning(Job.id)) is not None


def _held(job_id: str, owner: str) -> ColumnElement[bool]:
    return and_(Job.id == job_id, Job.state == CLAIMED, Job.owner == owner)


def _place(job_id: str) -> str:
    return place("jobs", "payload", job_id)
