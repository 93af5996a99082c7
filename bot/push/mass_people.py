"""Who of a batch of 群发 is called: asked anew at each call, and counted by day and month."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey
from config.city import City
from models.push import masses
from models.push.campaigns import Campaign
from models.push.days import give_back, give_back_month, take_month, take_place
from models.push.deliveries import MASS_ROAD
from models.push.hours import next_morning
from models.push.masses import LEAST, Mass
from models.push.reaching import Reach, accounts_of, refusal

_PLATFORM = ZoneInfo("Asia/Shanghai")
_AT_ONCE = 500  # recipients looked up in one statement


def worth_calling(
    records: Records, campaign: Campaign, mass: Mass, now: datetime, city: City
) -> list[AccountKey]:
    """Whom to call. What becomes of the others is written: not to be told any more, not following,
    had their four in this month, had their share of today. Nobody at all where it is one alone."""
    accounts, refused = _sorted(records, campaign, mass)
    _part(records, mass, refused, now)
    in_month = take_month(records, _month(now), accounts, city.push.mass_a_month)
    masses.leave(records, mass, set(accounts) - in_month, "month", now)
    in_day = take_place(records, _day(now, city), in_month, city.push.per_day)
    give_back_month(records, _month(now), in_month - in_day)
    masses.put_off(records, mass, in_month - in_day, next_morning(now, city.tz))
    if len(in_day) >= LEAST:
        return [account for recipient, account in accounts.items() if recipient in in_day]
    give_back_month(records, _month(now), in_day)
    give_back(records, _day(now, city), in_day)
    masses.leave(records, mass, in_day, "alone", now)
    return []


def still_worth_calling(
    records: Records, campaign: Campaign, mass: Mass, now: datetime, city: City, *, doubt: bool
) -> list[AccountKey]:
    """Whom to call again. The others stay called and of unknown end, where the call before is in
    `doubt`; where it surely was not carried out it is as if they had never been."""
    accounts, refused = _sorted(records, campaign, mass)
    if doubt:
        for why, people in refused.items():
            masses.doubt(records, mass, people, why)
    else:
        uncount(records, mass, [each for people in refused.values() for each in people], city)
        _part(records, mass, refused, now)
    return list(accounts.values())


def uncount(records: Records, mass: Mass, recipients: Collection[int], city: City) -> None:
    """It surely did not go out to these: the day and the month of its first call forget it."""
    if mass.called_at is not None:
        give_back_month(records, _month(mass.called_at), recipients)
        give_back(records, _day(mass.called_at, city), recipients)


def _part(
    records: Records, mass: Mass, refused: Mapping[str, Collection[int]], now: datetime
) -> None:
    for why, people in refused.items():
        if why == "left":
            masses.leave(records, mass, people, why, now)
        else:
            masses.skip(records, mass, people, why)


def _sorted(
    records: Records, campaign: Campaign, mass: Mass
) -> tuple[dict[int, AccountKey], Mapping[str, list[int]]]:
    """The account of each who may be called, and of the others why not, by recipient."""
    may: dict[int, AccountKey] = {}
    refused: dict[str, list[int]] = {}
    whom = masses.members(records, mass)
    for start in range(0, len(whom), _AT_ONCE):
        some = whom[start : start + _AT_ONCE]
        found = accounts_of(records, some)
        for recipient in some:
            accounts = found.get(recipient, [])
            why = refusal(accounts, campaign.purpose)
            account = _follower(accounts, mass.app)
            if why or account is None:
                refused.setdefault(why or "left", []).append(recipient)
            else:
                may[recipient] = AccountKey.parse(account.key)
    return may, refused


def _follower(accounts: Sequence[Reach], app: str) -> Reach | None:
    before = f"{MASS_ROAD.partition(':')[0]}:{app}:"
    theirs = (each for each in accounts if each.followed and each.key.startswith(before))
    return next(theirs, None)


def _month(now: datetime) -> date:
    """The platform's, by its first day."""
    return now.astimezone(_PLATFORM).date().replace(day=1)


def _day(now: datetime, city: City) -> date:
    return now.astimezone(city.tz).date()
