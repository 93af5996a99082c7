"""How often an account may call: by the day of Beijing (45009) and by the minute (45011)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone

from bot.simulator.clock import ShiftedClock
from bot.simulator.errcodes import ApiFault
from bot.simulator.store import NOBODY, Store

BEIJING = timezone(timedelta(hours=8))
CLEARS_A_MONTH = 10
# From the pages of the single calls; an account with many followers may more.
DAILY = {
    "token": 2000,
    "stable_token": 500_000,
    "force_refresh": 20,
    "message/custom/send": 500_000,
    "message/template/send": 100_000,
    "message/mass/send": 100,
    "message/subscribe/bizsend": 10_000_000,
    "message/subscribe/send": 10_000_000,
    "media/upload": 100_000,
    "media/get": 200_000,
    "menu/create": 1000,
    "menu/get": 10_000,
    "menu/delete": 1000,
}
PER_MINUTE = {"stable_token": 10_000, "message/mass/send": 60}


class Quotas:
    """Counts the calls of one account. Limits can be set anew while it runs."""

    def __init__(
        self,
        store: Store,
        clock: ShiftedClock,
        daily: Mapping[str, int] = DAILY,
        per_minute: Mapping[str, int] = PER_MINUTE,
    ) -> None:
        """`daily` and `per_minute`: the published limits."""
        self._store, self._clock = store, clock
        self._published = (daily, per_minute)
        self.daily: dict[str, int] = dict(daily)
        self.per_minute: dict[str, int] = dict(per_minute)

    def set(self, daily: Mapping[str, int], per_minute: Mapping[str, int]) -> None:
        """The published limits, but for the calls named here."""
        by_day, by_minute = self._published
        self.daily, self.per_minute = {**by_day, **daily}, {**by_minute, **per_minute}

    def take(self, call: str) -> None:
        """Count one call. Raises `ApiFault`: 45011 in this minute, 45009 today."""
        now = self._clock().astimezone(BEIJING)
        if call in self.per_minute:
            minute = now.isoformat(timespec="minutes")
            self._count(minute, call, self.per_minute[call], 45011)
        if call in self.daily:
            self._count(now.date().isoformat(), call, self.daily[call], 45009)

    def take_of(self, call: str, person: str, limit: int) -> None:
        """Count one call on behalf of a person, by the minute. Raises `ApiFault` 45011."""
        minute = self._clock().astimezone(BEIJING).isoformat(timespec="minutes")
        self._count(minute, f"{call} {person}", limit, 45011)

    def clear(self) -> None:
        """Begin the day's counts anew, ten times a month. Raises `ApiFault` 48006."""
        now = self._clock().astimezone(BEIJING)
        self._count(f"{now:%Y-%m}", "clear_quota", CLEARS_A_MONTH, 48006)
        self._store.write("DELETE FROM calls WHERE day = ?", now.date().isoformat())

    def _count(self, period: str, name: str, limit: int, errcode: int) -> None:
        with self._store.lock():
            self._store.write(
                "INSERT INTO calls VALUES(?, ?, 1) "
                "ON CONFLICT(day, name) DO UPDATE SET count = count + 1",
                period,
                name,
                seen_by=NOBODY,
            )
            row = self._store.row(
                "SELECT count FROM calls WHERE day = ? AND name = ?", period, name
            )
        if row and row["count"] > limit:
            raise ApiFault(errcode)
