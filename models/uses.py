"""When accounts were used, as far as it is written: see `Account.last_inbound_at`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, false, or_, update
from sqlalchemy.orm import Session as Records

from models.people import Account, find_account

_AT = bindparam("at", type_=Account.last_inbound_at.type)
_ITS = update(Account).where(Account.key == bindparam("its_key"))
_WROTE = _ITS.where(or_(Account.last_inbound_at.is_(None), Account.last_inbound_at < _AT)).values(
    last_inbound_at=_AT
)
_FOLLOWS = _ITS.where(Account.followed == false(), Account.left_at < _AT).values(
    followed=True, left_at=None
)


def used_lately(row: Account, now: datetime) -> bool:
    """Whether it is noted that the account was used within a day: whatever is no message (a tap on
    the menu, a form of a page) is not written more often. Messages: see `note_messages`."""
    last = row.last_inbound_at
    return last is not None and now - last < timedelta(days=1)


def note_use(records: Records, account: str, now: datetime) -> None:
    """Note that the account is being used."""
    row = find_account(records, account)
    if row is not None:
        row.last_inbound_at = now
        records.flush()


def note_messages(records: Records, moments: Mapping[str, datetime]) -> None:
    """These accounts, `channel:app:user`, wrote at that moment: the platform's window is open since
    then, and they follow, whatever was missed of it. Keys that no row has change nothing."""
    rows = [{"its_key": key, "at": moment} for key, moment in sorted(moments.items())]
    if rows:
        records.connection().execute(_WROTE, rows)
        records.connection().execute(_FOLLOWS, rows)
