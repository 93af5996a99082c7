"""When a campaign may send: across midnight, in any time zone, with clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from config.city_parts import Quiet
from models.push.hours import Hours, next_morning

HOURS = st.integers(0, 23)
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC")]
)
# Around the nights on which those zones change their clocks, and any other.
MOMENTS = st.one_of(
    st.sampled_from([datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]),
    st.sampled_from([datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)]),
    st.just(datetime(2026, 11, 23, tzinfo=UTC)),
).flatmap(lambda day: st.integers(0, 3 * 24 * 60).map(lambda m: day + timedelta(minutes=m)))
ALL_DAY = Quiet(from_hour=0, until_hour=0)
FAR = timedelta(days=30)


def lies_within(local: datetime, from_hour: int, until_hour: int) -> bool:
    """By the clock on the wall alone: equal hours hold the whole day."""
    if from_hour == until_hour:
        return True
    if from_hour < until_hour:
        return from_hour <= local.hour < until_hour
    return local.hour >= from_hour or local.hour < until_hour


def may(hours: Hours, at: datetime) -> bool:
    """Whether something may leave, told without any arithmetic."""
    local = at.astimezone(hours.tz)
    quiet = hours.quiet
    is_quiet = quiet.from_hour != quiet.until_hour and lies_within(
        local, quiet.from_hour, quiet.until_hour
    )
    own = lies_within(local, hours.from_hour, hours.until_hour)
    begun = hours.starts_at is None or at >= hours.starts_at
    return own and not is_quiet and begun and at < hours.expires_at


@given(ZONES, HOURS, HOURS, HOURS, HOURS, MOMENTS, st.integers(-600, 600), st.integers(1, 3000))
def test_it_opens_at_the_first_minute_at_which_something_may_leave(
    tz: ZoneInfo,
    quiet_from: int,
    quiet_until: int,
    from_hour: int,
    until_hour: int,
    now: datetime,
    starts: int,
    lives: int,
) -> None:
    hours = Hours(
        tz,
        Quiet(from_hour=quiet_from, until_hour=quiet_until),
        from_hour,
        until_hour,
        now + timedelta(minutes=starts),
        now + timedelta(minutes=lives),
    )
    minutes = (now + timedelta(minutes=n) for n in range(lives))
    first = next((at for at in minutes if may(hours, at)), None)
    opens = hours.opens(now)
    assert opens == first
    if opens is not None:
        assert hours.opens(opens) == opens


@given(ZONES, MOMENTS)
def test_a_persons_count_begins_anew_with_the_citys_day(tz: ZoneInfo, now: datetime) -> None:
    morning = next_morning(now, tz).astimezone(UTC)
    assert now < morning <= now + timedelta(hours=25)
    before = (morning - timedelta(seconds=1)).astimezone(tz)
    assert before.date() < morning.astimezone(tz).date()
    assert before.date() == now.astimezone(tz).date()


def test_equal_hours_are_the_whole_day_and_quiet_ones_still_hold() -> None:
    tz = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)
    always = Hours(tz, ALL_DAY, 9, 9, None, midnight + FAR)
    assert always.opens(midnight) == midnight
    quiet = Hours(tz, Quiet(from_hour=21, until_hour=8), 9, 9, None, midnight + FAR)
    assert quiet.opens(midnight) == midnight + timedelta(hours=8)


def test_hours_that_are_all_quiet_never_open() -> None:
    tz = ZoneInfo("Asia/Shanghai")
    noon = datetime(2026, 11, 23, 4, tzinfo=UTC)
    hours = Hours(tz, Quiet(from_hour=21, until_hour=8), 22, 7, None, noon + FAR)
    assert hours.opens(noon) is None


def test_it_is_over_with_its_last_moment() -> None:
    noon = datetime(2026, 11, 23, 4, tzinfo=UTC)
    hours = Hours(ZoneInfo("Asia/Shanghai"), ALL_DAY, 0, 0, None, noon)
    assert hours.is_over(noon)
    assert not hours.is_over(noon - timedelta(seconds=1))
    assert hours.opens(noon) is None
