"""What people chose of pushes: to be told no more, or to hear announcements as well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session as Records

from models.people import Account, account_of
from models.push.answers import STOP, take_answer
from models.push.heard import heard_by
from models.sealing import Keyring


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


def stop_in_answer(
    records: Records, keys: Keyring, account: str, text: str, now: datetime, since: datetime
) -> bool:
    """`stop_pushes`, and where they got a campaign `since`, that is listed as their answer to the
    latest: what made them leave is seen while it is being sent. False when they had stopped
    before."""
    if not stop_pushes(records, account, now):
        return False
    recipient = account_of(records, account, now).recipient
    for heard in heard_by(records, [recipient], since=since, limit=1):
        take_answer(
            records,
            keys,
            campaign_id=heard.campaign_id,
            recipient=recipient,
            option=STOP,
            text=text,
            now=now,
        )
    return True
