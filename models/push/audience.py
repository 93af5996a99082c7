"""Whom a campaign is for: a segment of applications or of subscribers, as one statement of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    insert,
    null,
    select,
)
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application
from models.database import patience
from models.people import Account, Person
from models.push.campaigns import Campaign
from models.push.deliveries import Delivery

PATIENCE_SECONDS = 60
"""For a statement over everybody; others have two."""
AT_ONCE = 500
"""People named in one statement."""
Purpose = Literal["service", "announcement"]
"""service: of their own card or application, for who handed one in, until they say no;
announcement: for who said yes."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Segment:
    """What its people have in common; what is empty or None narrows nothing.

    `states`, `districts`, `banks`, `branches` are of an application, `days_from` to `days_until`
    the whole days that it has been in its state, `age_from` to `age_until` the holder's age, by the
    year of birth. `locales` and `channels` are of the account.
    """

    states: tuple[State, ...] = ()
    districts: tuple[str, ...] = ()
    banks: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    age_from: Annotated[int, Field(ge=0, le=130)] | None = None
    age_until: Annotated[int, Field(ge=0, le=130)] | None = None
    days_from: Annotated[int, Field(ge=0, le=4000)] | None = None
    days_until: Annotated[int, Field(ge=0, le=4000)] | None = None
    locales: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """From JSON. Raises pydantic's ValidationError."""
        found: Self = TypeAdapter(cls).validate_python(dict(value))
        return found

    @property
    def of_applications(self) -> bool:
        """Whether it asks for anything that only an application has."""
        mine = (self.states, self.districts, self.banks, self.branches)
        return any(mine) or any(
            bound is not None
            for bound in (self.age_from, self.age_until, self.days_from, self.days_until)
        )


def chosen(segment: Segment, purpose: Purpose, now: datetime, today: date) -> Select[Any, Any]:
    """`recipient` and `number` of everybody it is for, each recipient once, who may be told.

    Of several applications of one recipient the number is the latest's.
    """
    if purpose == "announcement" and not segment.of_applications:
        return _of_subscribers(segment).distinct()
    return _of_applicants(segment, purpose, now, today)


def chosen_again(
    segment: Segment, purpose: Purpose, now: datetime, today: date
) -> Select[Any, Any]:
    """The same for who passes over those it has met: of a subscriber every account is named."""
    if purpose == "announcement" and not segment.of_applications:
        return _of_subscribers(segment)
    return _of_applicants(segment, purpose, now, today)


def chosen_alone(
    segment: Segment,
    purpose: Purpose,
    now: datetime,
    today: date,
    more: Mapping[str, ColumnElement[Any]],
) -> Select[Any, Any]:
    """The same with `more` of the account; right for those who have a single one."""
    if purpose == "announcement" and not segment.of_applications:
        return _of_subscribers(segment).add_columns(*(each.label(n) for n, each in more.items()))
    found = _of_applicants(segment, purpose, now, today)
    return found.add_columns(*(func.max(each).label(name) for name, each in more.items()))


def may_be_told(purpose: Purpose) -> list[ColumnElement[bool]]:
    """What must hold of an account, when the people are chosen and again when each is called."""
    agreed: list[ColumnElement[bool]] = (
        [Account.announcements_since.is_not(None)] if purpose == "announcement" else []
    )
    return [Account.stopped_at.is_(None), *agreed]


def purpose_of(campaign: Campaign) -> Purpose:
    """The campaign's."""
    return "announcement" if campaign.purpose == "announcement" else "service"


def count(records: Records, segment: Segment, purpose: Purpose, now: datetime, today: date) -> int:
    """How many people it is for just now."""
    people = chosen(segment, purpose, now, today).subquery()
    with patience(records, PATIENCE_SECONDS):
        return records.scalar(select(func.count()).select_from(people)) or 0


def add_listed(records: Records, campaign: Campaign, people: Mapping[int, str | None]) -> int:
    """Make a row for everybody of a list, by recipient, with the number of the application that it
    is about; rows of an earlier list go. Returns how many."""
    records.execute(delete(Delivery).where(Delivery.campaign_id == campaign.id))
    rows = [
        {"campaign_id": campaign.id, "recipient": recipient, "number": number, "state": "new"}
        for recipient, number in sorted(people.items())
    ]
    if rows:
        records.execute(insert(Delivery), rows)
    campaign.total = len(rows)
    records.flush()
    return len(rows)


def extend_listed(
    records: Records, campaign: Campaign, people: Mapping[int, str | None]
) -> set[int]:
    """Add to a list whom it does not hold yet. Returns these; the campaign is `locked`."""
    new, wanted = set(people), sorted(people)
    for start in range(0, len(wanted), AT_ONCE):
        some = Delivery.recipient.in_(wanted[start : start + AT_ONCE])
        held = select(Delivery.recipient).where(Delivery.campaign_id == campaign.id, some)
        new.difference_update(records.scalars(held))
    rows = [
        {"campaign_id": campaign.id, "recipient": each, "number": people[each], "state": "new"}
        for each in sorted(new)
    ]
    if rows:
        records.execute(insert(Delivery), rows)
    campaign.total += len(rows)
    records.flush()
    return new


def size(records: Records, campaign_id: int) -> int:
    """How many rows it has."""
    its = select(func.count()).select_from(Delivery).where(Delivery.campaign_id == campaign_id)
    return records.scalar(its) or 0


def _of_subscribers(segment: Segment) -> Select[Any, Any]:
    """Who said yes to announcements, once for each of their accounts."""
    account = [*may_be_told("announcement"), *_of_accounts(segment)]
    return select(Account.recipient, null().label("number")).where(*account)


def _of_applicants(
    segment: Segment, purpose: Purpose, now: datetime, today: date
) -> Select[Any, Any]:
    """Who handed in such an application, each once, with the latest."""
    account = [*may_be_told(purpose), *_of_accounts(segment)]
    return (
        select(Account.recipient, func.max(Application.number).label("number"))
        .join(Account, Account.key == Application.account_key)
        .where(*account, *_of_applications(segment, now, today))
        .group_by(Account.recipient)
    )


def _of_accounts(segment: Segment) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = []
    if segment.locales:
        narrowed.append(Account.locale.in_(segment.locales))
    if segment.channels:
        narrowed.append(Account.channel.in_(segment.channels))
    return narrowed


def _of_applications(segment: Segment, now: datetime, today: date) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (Application.state, [state.value for state in segment.states]),
            (Application.district, segment.districts),
            (Application.bank, segment.banks),
            (Application.branch, segment.branches),
        )
        if values
    ]
    if segment.days_from is not None:
        narrowed.append(Application.state_since <= now - timedelta(days=segment.days_from))
    if segment.days_until is not None:
        narrowed.append(Application.state_since > now - timedelta(days=segment.days_until + 1))
    return [*narrowed, *_of_age(segment, today)]


def _of_age(segment: Segment, today: date) -> list[ColumnElement[bool]]:
    """The holder's age by the year of birth alone: that is all that is kept in the open."""
    if segment.age_from is None and segment.age_until is None:
        return []
    holder: list[ColumnElement[bool]] = [Person.id == Application.holder_id]
    if segment.age_from is not None:
        holder.append(Person.birth_year <= today.year - segment.age_from)
    if segment.age_until is not None:
        holder.append(Person.birth_year >= today.year - segment.age_until)
    return [exists().where(*holder)]
