"""What people chose of pushes: to be told no more, or to hear announcements as well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session as Records

from models.people import Account, account_of


def stop_pushes(records: Records, account: str, now: datetime) -> bool:
    """This person is told nothing of campaigns any more, by whichever of their accounts. What
    becomes of their own application they are told all the same. False when they were not."""
    row = account_of(records, account, now)
    theirs = update(Account).where(Account.recipient == row.recipient, Account.stopped_at.is_(None))
    stopped = theirs.values(stopped_at=now, announcements_since=None).returning(Account.id)
    found = records.scalars(stopped.execution_options(synchronize_session=False)).all()
    records.expire(row)
    return bool(found)


def want_announcements(records: Records, account: str, now: datetime) -> None:
    """This person hears announcements from now on, and whatever they had stopped."""
    row = account_of(records, account, now)
    theirs = update(Account).where(Account.recipient == row.recipient)
    wanted = theirs.values(stopped_at=None, announcements_since=now)
    records.execute(wanted.execution_options(synchronize_session=False))
    records.expire(row)
