"""Codes sent by SMS: ten minutes, five tries, one use; so many a day per phone and account."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.people import phone_index
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record
from models.sealing import Keyring

LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
MOST_PER_DAY = 10  # of one phone, and of one account
_DAY = timedelta(days=1)

Verdict = Literal["ok", "wrong", "expired", "too_many", "none"]


class CodeRefused(Exception):
    """No code is sent now. `wait` is how long until one may be."""

    def __init__(self, reason: Literal["too_soon", "too_many_today"], wait: timedelta) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class OneTimeCode(Record):
    """One code that was sent. The code itself is kept as a keyed hash only."""

    __tablename__ = "codes"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    tries: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def issue_code(
    records: Records,
    keys: Keyring,
    *,
    code_id: str,
    account: str,
    purpose: str,
    phone: str,
    code: str,
    now: datetime,
    life: timedelta = LIFE,
    resend_after: timedelta = RESEND_AFTER,
) -> OneTimeCode:
    """Keep `code` for checking; the caller sends it in the same transaction.

    Only the last code of an account and purpose counts. Raises CodeRefused within a minute of the
    one before to the same phone, and above ten a day to a phone or from an account.
    """
    index = phone_index(keys, phone)
    _check_pace(records, account, index, now, resend_after)
    row = OneTimeCode(
        id=code_id,
        account_key=account,
        purpose=purpose,
        phone_index=index,
        code_hash=_hash(keys, code_id, code),
        expires_at=now + life,
        tries=0,
        sent_at=now,
    )
    records.add(row)
    records.flush()
    return row


def check_code(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    purpose: str,
    code: str,
    now: datetime,
    phone: str | None = None,
) -> Verdict:
    """Whether `code` is the last one sent to this account for this purpose.

    With `phone`, only a code sent to that phone counts. Every wrong one is a try; after five even
    the right one is refused. `none`: nothing was sent, or it was used.
    """
    row = _last(records, account, purpose)
    if row is None or (phone is not None and row.phone_index != phone_index(keys, phone)):
        return "none"
    if row.used_at is not None:
        return "none"
    if row.tries >= MOST_TRIES:
        return "too_many"
    if now >= row.expires_at:
        return "expired"
    return _try(records, keys, row, code, now)


def forget_codes(records: Records, before: datetime) -> int:
    """Delete codes sent before `before`. Returns how many."""
    gone = delete(OneTimeCode).where(OneTimeCode.sent_at < before)
    return len(records.scalars(gone.returning(OneTimeCode.id)).all())


def _try(records: Records, keys: Keyring, row: OneTimeCode, code: str, now: datetime) -> Verdict:
    if hmac.compare_digest(row.code_hash, _hash(keys, row.id, code)):
        row.used_at = now
        records.flush()
        return "ok"
    counted = update(OneTimeCode).where(OneTimeCode.id == row.id)
    tries = records.scalar(counted.values(tries=OneTimeCode.tries + 1).returning(OneTimeCode.tries))
    return "too_many" if tries is not None and tries >= MOST_TRIES else "wrong"


def _last(records: Records, account: str, purpose: str) -> OneTimeCode | None:
    mine = (OneTimeCode.account_key == account, OneTimeCode.purpose == purpose)
    latest = select(OneTimeCode).where(*mine).order_by(OneTimeCode.sent_at.desc()).limit(1)
    return records.scalar(latest.with_for_update())


def _check_pace(
    records: Records, account: str, index: str, now: datetime, resend_after: timedelta
) -> None:
    same_phone = OneTimeCode.phone_index == index
    last = records.scalar(select(func.max(OneTimeCode.sent_at)).where(same_phone))
    if last is not None and now < last + resend_after:
        raise CodeRefused("too_soon", last + resend_after - now)
    for same in (OneTimeCode.account_key == account, same_phone):
        first = _first_of_full_day(records, same, now)
        if first is not None:
            raise CodeRefused("too_many_today", first + _DAY - now)


def _first_of_full_day(
    records: Records, same: ColumnElement[bool], now: datetime
) -> datetime | None:
    """When the oldest code of the last 24 hours was sent, if there may be no more."""
    today = select(func.count(), func.min(OneTimeCode.sent_at)).where(
        same, OneTimeCode.sent_at > now - _DAY
    )
    count, first = records.execute(today).one()
    return first if count >= MOST_PER_DAY else None


def _hash(keys: Keyring, code_id: str, code: str) -> str:
    return keys.index("code", code_id, code)
