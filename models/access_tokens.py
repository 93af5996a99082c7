"""Opaque tokens: what a browser or a mini program shows to speak for one account.

A token is 43 random characters and says nothing; only its hash is kept. It holds for one account
and one use, until its day is over or it is revoked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, Record

Use = Literal["web", "api"]
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


class AccessToken(Record):
    """That whoever shows the token of this hash speaks for `account_key`."""

    __tablename__ = "access_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    use: Mapped[str] = mapped_column(String(8))  # web | api
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


def new_token() -> str:
    """Characters that nobody can guess, which speak for nobody yet."""
    return secrets.token_urlsafe(32)


def well_formed(token: str) -> bool:
    """Whether this could be a token of ours."""
    return _TOKEN.fullmatch(token) is not None


def issue_token(records: Records, *, account: str, use: Use, now: datetime, life: timedelta) -> str:
    """A new token for an account. The only time it is seen."""
    token = new_token()
    records.add(_row(token, account, use, now, life))
    records.flush()
    return token


def claim_token(
    records: Records, token: str, *, account: str, use: Use, now: datetime, life: timedelta
) -> str | None:
    """Let a token that a browser was given before anything was known of it speak for `account`,
    unless it speaks for another already. Returns whom it speaks for; None: it is over or revoked.
    """
    try:
        with records.begin_nested():
            records.add(_row(token, account, use, now, life))
    except IntegrityError:
        return account_of_token(records, token, use, now)
    return account


def renew_token(records: Records, token: str, now: datetime, until: datetime) -> None:
    """Who still comes is still known: a token that holds does so until then."""
    held = update(AccessToken).where(AccessToken.hash == _hash(token), *_holds(now))
    records.execute(held.values(expires_at=until))


def account_of_token(records: Records, token: str, use: Use, now: datetime) -> str | None:
    """Whom the token speaks for; None for one that is unknown, over, revoked or of another use."""
    if not well_formed(token):
        return None
    held = select(AccessToken.account_key).where(
        AccessToken.hash == _hash(token), AccessToken.use == use, *_holds(now)
    )
    return records.scalar(held)


def revoke_token(records: Records, token: str, now: datetime) -> bool:
    """It holds no longer. False when it did not."""
    return _revoke(records, AccessToken.hash == _hash(token), now) > 0


def revoke_tokens_of(records: Records, account: str, now: datetime) -> int:
    """No token of the account holds any longer. Returns how many did."""
    return _revoke(records, AccessToken.account_key == account, now)


def forget_tokens(records: Records, before: datetime) -> int:
    """Delete what was over before `before`. Returns how many."""
    over = delete(AccessToken).where(AccessToken.expires_at < before)
    return len(records.scalars(over.returning(AccessToken.hash)).all())


def _revoke(records: Records, which: ColumnElement[bool], now: datetime) -> int:
    held = update(AccessToken).where(which, *_holds(now)).values(revoked_at=now)
    return len(records.scalars(held.returning(AccessToken.hash)).all())


def _holds(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return AccessToken.expires_at > now, AccessToken.revoked_at.is_(None)


def _row(token: str, account: str, use: Use, now: datetime, life: timedelta) -> AccessToken:
    return AccessToken(
        hash=_hash(token), use=use, account_key=account, created_at=now, expires_at=now + life
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
