"""Codes sent by SMS: ten minutes, five tries, one use; so many a day per phone and account.

Pace and caps are counted for each purpose by itself: how often codes were sent for one purpose
must not show in another, where it would tell whose phone is known.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import String, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.people import phone_index
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record
from models.sealing import Keyring

DIGITS = 6
LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
MOST_PER_DAY = 10  # to one phone, and from one account
MOST_FROM_ACCOUNT_TO_PHONE = 4  # a day: one account alone cannot use up a phone's
_DAY = timedelta(days=1)
_LONGEST = 64  # characters of a message that may hold a code
_NOBODY = "-" * 64  # in the place of the hash of a code that nobody was sent: nothing matches it

Verdict = Literal["ok", "wrong", "expired", "too_many", "none"]


class CodeRefused(Exception):
    """No code is sent now. `wait` is how long until one may be."""

    def __init__(self, reason: Literal["too_soon", "too_many_today"], wait: timedelta) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class OneTimeCode(Record):
    """One code that was sent, or seemed to be. The code itself is kept as a keyed hash only."""

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


def code_in(text: str) -> str | None:
    """The one code in a message ("验证码：４８２ ９１５" gives 482915); None: none, or several."""
    if len(text) > _LONGEST:
        return None
    folded = unicodedata.normalize("NFKC", text)
    runs = [re.sub(r"[^0-9]", "", run) for run in re.findall(r"[0-9](?:[\s-]*[0-9])*", folded)]
    codes = [run for run in runs if len(run) == DIGITS]
    return codes[0] if len(codes) == 1 else None


# --- issuing -----------------------------------------------------------------------------------


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
    one before to the same phone, and above a day's codes to a phone, from an account, or from this
    account to this phone.
    """
    index = phone_index(keys, phone)
    refused = _refusal(records, account, purpose, index, now, resend_after)
    if refused:
        raise refused
    return _keep(records, code_id, account, purpose, index, _hash(keys, code_id, code), now, life)


def issue_silently(
    records: Records,
    keys: Keyring,
    *,
    code_id: str,
    account: str,
    purpose: str,
    phone: str | None,
    asked: str,
    code: str,
    now: datetime,
    life: timedelta = LIFE,
    resend_after: timedelta = RESEND_AFTER,
) -> bool:
    """As `issue_code`, where it must not show whether a code is sent. True when it is to be sent.

    `asked` is what the person named and `phone` the one that belongs to it; None where nothing
    does. Where no code may be sent, one is kept that nobody knows: tries and expiry look alike.
    """
    index = phone_index(keys, phone or asked)
    refused = _refusal(records, account, purpose, index, now, resend_after)
    sent = phone is not None and refused is None
    hashed = _hash(keys, code_id, code)
    _keep(records, code_id, account, purpose, index, hashed if sent else _NOBODY, now, life)
    return sent


def _keep(
    records: Records,
    code_id: str,
    account: str,
    purpose: str,
    index: str,
    code_hash: str,
    now: datetime,
    life: timedelta,
) -> OneTimeCode:
    row = OneTimeCode(
        id=code_id,
        account_key=account,
        purpose=purpose,
        phone_index=index,
        code_hash=code_hash,
        expires_at=now + life,
        tries=0,
        sent_at=now,
    )
    records.add(row)
    records.flush()
    return row


def _refusal(
    records: Records,
    account: str,
    purpose: str,
    index: str,
    now: datetime,
    resend_after: timedelta,
) -> CodeRefused | None:
    """Why no code goes to this phone now. Costs the same whatever it finds.

    A code that nobody was sent counts for its account, never for a phone: else asking in vain
    would keep others' codes from it.
    """
    _one_at_a_time(records, index)
    today = select(
        OneTimeCode.account_key, OneTimeCode.phone_index, OneTimeCode.sent_at
    ).add_columns(OneTimeCode.code_hash != _NOBODY)
    mine = or_(OneTimeCode.phone_index == index, OneTimeCode.account_key == account)
    last_day = (OneTimeCode.purpose == purpose, OneTimeCode.sent_at > now - _DAY)
    rows = records.execute(today.where(mine, *last_day).order_by(OneTimeCode.sent_at.desc())).all()
    from_account = [at for by, _, at, _ in rows if by == account]
    to_phone = [(by, at) for by, phone, at, sent in rows if phone == index and sent]
    if to_phone and now < to_phone[0][1] + resend_after:
        return CodeRefused("too_soon", to_phone[0][1] + resend_after - now)
    for times, most in (
        (from_account, MOST_PER_DAY),
        ([at for _, at in to_phone], MOST_PER_DAY),
        ([at for by, at in to_phone if by == account], MOST_FROM_ACCOUNT_TO_PHONE),
    ):
        if len(times) >= most:
            return CodeRefused("too_many_today", times[most - 1] + _DAY - now)
    return None


def _one_at_a_time(records: Records, index: str) -> None:
    """Wait for others that count the same phone's codes now: they see each other's then."""
    if records.get_bind().dialect.name == "postgresql":  # SQLite has one writer in any case
        records.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(index, 0))))


# --- checking ----------------------------------------------------------------------------------


def check_code(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    purpose: str,
    code: str,
    now: datetime,
    phone: str | None = None,
    code_id: str | None = None,
) -> Verdict:
    """Whether `code` is the last one sent to this account for this purpose.

    With `phone`, only a code sent to that phone counts; with `code_id`, that very one. Every wrong
    one is a try; after five even the right one is refused. `none`: nothing was sent, or it was
    used.
    """
    row = _last(records, account, purpose)
    if row is None or (phone is not None and row.phone_index != phone_index(keys, phone)):
        return "none"
    if row.used_at is not None or code_id not in (None, row.id):
        return "none"
    if row.tries >= MOST_TRIES:
        return "too_many"
    if now >= row.expires_at:
        return "expired"
    return _try(records, keys, row, code, now)


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


def _hash(keys: Keyring, code_id: str, code: str) -> str:
    return keys.index("code", code_id, code)


# --- forgetting --------------------------------------------------------------------------------


def forget_codes(records: Records, before: datetime) -> int:
    """Delete codes sent before `before`. Returns how many."""
    gone = delete(OneTimeCode).where(OneTimeCode.sent_at < before)
    return len(records.scalars(gone.returning(OneTimeCode.id)).all())
