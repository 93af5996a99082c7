"""Staff who try a push on themselves: their own account in a chat, linked by a code typed there."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.people import account_of
from models.push.counts import insert_of
from models.sign_in_tries import SignInTries
from models.staff import Staff

DIGITS = 6
LIFE = timedelta(minutes=10)
MOST_TRIES = 5
_FORGOTTEN = timedelta(hours=1)  # after this long without a failure an account begins anew


def new_code(staff: Staff, code: str, now: datetime) -> None:
    """Keep `code`, six digits, for ten minutes, as a hash; the one before is worth nothing. `staff`
    is held by this transaction."""
    staff.link_hash, staff.link_until = _hash(staff.id, code), now + LIFE


def link_by_code(records: Records, code: str, account_key: str, now: datetime) -> Staff | None:
    """Link this account to whom the code was shown: trials of theirs go there from now on. None for
    a wrong or old code, and for any once an account gave five wrong ones within an hour."""
    if not _may_try(records, account_key, now):
        return None
    waiting = select(Staff).where(Staff.active, Staff.link_until > now).with_for_update()
    for staff in records.scalars(waiting):
        if hmac.compare_digest(staff.link_hash, _hash(staff.id, code)):
            account_of(records, account_key, now).last_inbound_at = now
            staff.account_key, staff.link_hash, staff.link_until = account_key, "", None
            _tries(records, account_key, now).failures = 0
            records.flush()
            return staff
    return None


def unlink(staff: Staff) -> None:
    """Nothing of theirs is tried on an account any more."""
    staff.account_key, staff.link_hash, staff.link_until = "", "", None


def _may_try(records: Records, account_key: str, now: datetime) -> bool:
    """One more try, counted before it is looked at."""
    row = _tries(records, account_key, now)
    if row.failures >= MOST_TRIES:
        return False
    row.failures, row.last_at = row.failures + 1, now
    records.flush()
    return True


def _tries(records: Records, account_key: str, now: datetime) -> SignInTries:
    """The failures of an account, held until the end of the transaction."""
    key = hashlib.sha256(f"push link {account_key}".encode()).hexdigest()
    fresh = {"key": key, "failures": 0, "last_at": now, "locked_until": None}
    records.execute(insert_of(records)(SignInTries).values(fresh).on_conflict_do_nothing())
    mine = select(SignInTries).where(SignInTries.key == key).with_for_update()
    row = records.scalars(mine.execution_options(populate_existing=True)).one()
    if row.last_at < now - _FORGOTTEN:
        row.failures = 0
    return row


def _hash(staff_id: str, code: str) -> str:
    return hashlib.sha256(f"{staff_id} {code}".encode()).hexdigest()
