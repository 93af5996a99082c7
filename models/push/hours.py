"""When a campaign may send: its own hours, the city's quiet ones, its first and last moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.city_parts import Quiet


@dataclass(frozen=True, slots=True)
class Hours:
    """From `from_hour` on until `until_hour` of the city's day (past midnight where that is the
    earlier one; two equal hours: all day), outside the city's quiet hours, between `starts_at` and
    `expires_at`."""

    tz: ZoneInfo
    quiet: Quiet
    from_hour: int
    until_hour: int
    starts_at: datetime | None
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether nothing may leave any more."""
        return now >= self.expires_at

    def opens(self, now: datetime) -> datetime | None:
        """The first moment from `now` on at which something may leave; None where its end comes
        before. `now` itself, where it may leave at once. In the time zone of `now`."""
        at = max(now, self.starts_at or now)
        for _ in range(_STEPS):
            if at >= self.expires_at:
                return None
            later = self._after_hours(at)
            if later == at:
                return at.astimezone(now.tzinfo)
            at = later
        return None  # its hours lie wholly within the quiet ones

    def _after_hours(self, at: datetime) -> datetime:
        local = at.astimezone(self.tz)
        own = Quiet(from_hour=self.until_hour, until_hour=self.from_hour).ends(local)
        return max(own, self.quiet.ends(local))


_STEPS = 8  # two kinds of hours, each left at most once a day
_DAY = timedelta(days=1)


def next_morning(now: datetime, tz: ZoneInfo) -> datetime:
    """The beginning of the city's next day, from which a person's count begins anew."""
    local = now.astimezone(tz)
    return (local + _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
