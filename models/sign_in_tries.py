"""Failures of signing in, counted by login and by address, and how long one must wait after them.

A try is counted before it is looked at, so that a hundred at once are a hundred; what was right is
taken back. A login that does not exist is counted as one that does: nothing tells them apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from config.city_console import StaffAccess
from models.records import Record
from models.sealing import Keyring

_REMEMBERED = timedelta(days=1)
_MOST_DOUBLINGS = 20


class SignInTries(Record):
    """How often one login, or one address, failed. `key` is a keyed hash of which."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


class Tries:
    """The tries of one login from one address, by the city's rules."""

    def __init__(self, keys: Keyring, rules: StaffAccess, login: str, address: str) -> None:
        self._rules = rules
        self._login = keys.index("sign_in", "login", login)
        self._address = keys.index("sign_in", "address", address)
        # Always in one order: of two who count the same pair, neither waits for the other's half.
        most = {self._login: rules.tries, self._address: rules.address_tries}
        self._most = dict(sorted(most.items()))

    def count(self, records: Records, now: datetime) -> timedelta | None:
        """One more try. Returns how long to wait where there were too many: it is not counted
        then, and must not be looked at."""
        rows = [_row(records, key, now) for key in self._most]
        waits = [row.locked_until - now for row in rows if row.locked_until]
        if waits and max(waits) > timedelta(0):
            return max(waits)
        for row in rows:
            row.failures, row.last_at = row.failures + 1, now
            row.locked_until = self._locked(row.failures - self._most[row.key], now)
        records.flush()
        return None

    def take_back(self, records: Records, now: datetime) -> None:
        """The try was right, as far as it went."""
        for key in self._most:
            row = _row(records, key, now)
            row.failures = max(0, row.failures - 1)
            row.locked_until = None  # what came before has been waited for, or was no failure
        records.flush()

    def clear(self, records: Records, now: datetime) -> None:
        """Somebody is signed in: their login begins anew, their address has its try back."""
        self.take_back(records, now)
        records.execute(delete(SignInTries).where(SignInTries.key == self._login))

    def _locked(self, beyond: int, now: datetime) -> datetime | None:
        if beyond < 0:
            return None
        wait = timedelta(seconds=self._rules.wait_seconds * 2 ** min(beyond, _MOST_DOUBLINGS))
        return now + min(wait, timedelta(minutes=self._rules.longest_wait_minutes))


def _row(records: Records, key: str, now: datetime) -> SignInTries:
    """The row of a key, held until the end of the transaction."""
    found = records.scalar(_held(key))
    if found is None:
        _insert(records, key, now)
        found = records.scalars(_held(key)).one()
    if found.last_at < now - _REMEMBERED:
        found.failures, found.locked_until = 0, None
    return found


def _held(key: str) -> Select[SignInTries]:
    return select(SignInTries).where(SignInTries.key == key).with_for_update()


def _insert(records: Records, key: str, now: datetime) -> None:
    """Others may do the same at this moment."""
    row = {"key": key, "failures": 0, "last_at": now, "locked_until": None}
    insert = postgresql.insert if records.get_bind().dialect.name == "postgresql" else sqlite.insert
    records.execute(insert(SignInTries).values(row).on_conflict_do_nothing())


def forgive(records: Records, keys: Keyring, login: str) -> None:
    """An administrator lets a login try again at once."""
    key = keys.index("sign_in", "login", login)
    records.execute(delete(SignInTries).where(SignInTries.key == key))


def forget_tries(records: Records, before: datetime) -> int:
    """Delete what has not failed since `before`. Returns how many."""
    gone = delete(SignInTries).where(SignInTries.last_at < before)
    return len(records.scalars(gone.returning(SignInTries.key)).all())
