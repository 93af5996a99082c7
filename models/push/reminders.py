"""Reminders that come by the clock: each kind is a campaign of its day, to which people are added
as they fall due.

`remind` belongs to the transaction in which a chore finds somebody due: the application's log, the
campaign and the delivery never disagree. Whether it still holds is asked again at the call
(`holding`), and what it says is filled in there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.orm import Session as Records
from sqlalchemy.orm import aliased

from config.calendar import months_after
from config.city import City
from config.templates import worded
from models.application_states import ENDED_OTHERWISE, Actor, State
from models.applications import Application, ApplicationEvent, note
from models.card_moves import CardMove
from models.lifecycle import Lifecycle
from models.people import Account, find_account
from models.push.campaigns import Campaign, go, locked
from models.push.deliveries import Delivery
from models.push.drafts import REMINDER, Begun, new_draft
from models.push.lapsing import EXPIRED
from models.push.messages import Message
from models.push.reaching import accounts_of, refusal
from models.push.stages import Stage

LIVES = timedelta(days=1)
"""How much longer than its day a campaign is told: whoever had their share of the day, or whose
platform had its quota, is told the next morning. Nobody is told of a day that is long over."""
_PRIORITY, _FIRST = 10, 20
_JOINED = (Stage.RUNNING, Stage.PAUSED)
_LOOKED_BACK = timedelta(days=31)  # longer than a worker stands still

_newer = aliased(Application)
_GOES_ELSEWHERE = exists().where(
    CardMove.application_id == Application.id, CardMove.ended_at.is_(None)
)
_APPLIED_AGAIN = exists().where(
    _newer.holder_id == Application.holder_id,
    _newer.submitted_at > Application.submitted_at,
    _newer.state.not_in(ENDED_OTHERWISE),
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One kind. `title` names its campaigns, `noted` is its kind of row in an application's log;
    `of` says which applications it may be about, in `state`."""

    title: str
    state: State
    noted: str
    only: ColumnElement[bool]
    priority: int = _PRIORITY

    @property
    def of(self) -> ColumnElement[bool]:
        return (Application.state == self.state) & self.only


REMINDERS: Mapping[str, Reminder] = MappingProxyType(
    {
        "collect_due": Reminder(
            # Where it was, a card that goes to another branch cannot be collected.
            "领卡提醒",
            State.READY_FOR_PICKUP,
            "collect_reminded",
            ~_GOES_ELSEWHERE,
        ),
        "correction_due": Reminder(
            # After its last day it is too late: no other of a person's day goes first.
            "补正提醒",
            State.RETURNED,
            "correction_reminded",
            true(),
            _FIRST,
        ),
        "activate_due": Reminder("启用提醒", State.COLLECTED, "activate_hinted", true()),
        "expiry_due": Reminder(
            "社保卡到期提醒", State.ACTIVATED, "expiry_reminded", ~_APPLIED_AGAIN
        ),
    }
)
"""By the notice of `config/templates.toml` that each tells."""


def remind(
    records: Records,
    life: Lifecycle,
    name: str,
    application: Application,
    mark: str,
    now: datetime,
    *,
    by: str,
) -> None:
    """Note in the application's log that it is reminded of, by `mark`, and add whoever handed it in
    to today's campaign. Whom no campaign may tell gets a single notice: who has no account of their
    own here, and who wants to hear of no campaign, for this is about their own application."""
    note(records, application, REMINDERS[name].noted, Actor.TIMER, now, by=by, reason=mark)
    recipient = _recipient(records, application)
    if recipient is None:
        _tell_apart(records, life, name, application, now)
        return
    campaign = _joined(records, life.city, name, recipient, now, by)
    number = application.number
    records.add(
        Delivery(
            campaign_id=campaign.id,
            recipient=recipient,
            number=number,
            state="waiting",  # its cursor may be past them
            due_at=now,
        )
    )
    campaign.total += 1
    campaign.cost_cap += life.city.push.sms_fen  # one SMS for each, as a notice has it
    records.flush()


def has_room(records: Records, city: City, name: str, now: datetime) -> ColumnElement[bool]:
    """Of an application: whether whoever handed it in may be given another reminder today. Who has
    their share of the day (`push.per_day`) stays due, and so does everybody where staff stopped
    today's campaign. Until the transaction ends nobody else changes where that stands."""
    todays = _todays(records, city, now)
    if any(each.at is Stage.STOPPED for each in _held(records, todays, name)):
        return false()
    theirs = (
        select(func.count())
        .select_from(Delivery)
        .join(Account, Account.recipient == Delivery.recipient)
        .where(
            Account.key == Application.account_key,
            Delivery.campaign_id.in_([each.id for each in todays]),
        )
        .scalar_subquery()
    )
    return theirs < city.push.per_day


def with_room(
    records: Records, city: City, name: str, now: datetime, found: Iterable[Application]
) -> Iterator[Application]:
    """Those that have room still when their turn comes, after whoever was reminded before them."""
    for application in found:
        its = select(Application.id).where(Application.id == application.id)
        if records.scalar(its.where(has_room(records, city, name, now))) is not None:
            yield application


def was_reminded(
    records: Records, name: str, now: datetime, marks: Collection[str]
) -> ColumnElement[bool]:
    """Of an application: whether it was reminded of by one of these marks since it is where it is.
    It was not where its campaign was stopped, or expired, before anybody was called: they are due
    again. A call that may have arrived counts."""
    its = (
        ApplicationEvent.application_id == Application.id,
        ApplicationEvent.kind == REMINDERS[name].noted,
        ApplicationEvent.at >= Application.state_since,
        ApplicationEvent.reason.in_(marks),
    )
    over = select(Campaign).where(
        Campaign.kind == REMINDER,
        Campaign.stage.in_((Stage.STOPPED.value, Stage.EXPIRED.value)),
        Campaign.written_at >= now - _LOOKED_BACK,
    )
    theirs = [
        (Delivery.campaign_id == each.id)
        & (ApplicationEvent.at >= each.written_at)
        & (ApplicationEvent.at < _grows_until(each))
        for each in records.scalars(over)
        if name_of(each) == name
    ]
    if not theirs:
        return exists().where(*its)
    waits = Delivery.state.in_(("new", "waiting")) & Delivery.called_at.is_(None)
    lapsed = (Delivery.state == "skipped") & (Delivery.reason == EXPIRED)
    untold = (
        exists()
        .where(
            Account.key == Application.account_key,
            Delivery.recipient == Account.recipient,
            Delivery.number == Application.number,
            or_(*theirs),
            waits | lapsed,
        )
        .correlate(Application, ApplicationEvent)
    )
    return exists().where(*its, ~untold)


def is_growing(campaign: Campaign, now: datetime) -> bool:
    """Whether people may still be added to it."""
    return campaign.kind == REMINDER and now < _grows_until(campaign)


def holding(
    records: Records, city: City, campaign: Campaign, numbers: Collection[str], now: datetime
) -> set[str]:
    """Those of these applications of which a reminder is still true: each is where it was, by the
    same stay, its day is not over, and no later day reminds of it. Of a campaign of another kind
    all."""
    reminder = REMINDERS.get(name_of(campaign))
    if reminder is None:
        return set(numbers)
    columns = (Application.number, Application.state_since, Application.correct_by)
    its = (
        select(*columns, func.max(ApplicationEvent.at))
        .join(ApplicationEvent, ApplicationEvent.application_id == Application.id)
        .where(
            Application.number.in_(numbers),
            reminder.of,
            ApplicationEvent.kind == reminder.noted,
            ApplicationEvent.at >= Application.state_since,
        )
        .group_by(*columns)
    )
    name, today = name_of(campaign), now.astimezone(city.tz).date()
    until = _grows_until(campaign)
    return {
        number
        for number, since, correct_by, latest in records.execute(its)
        if latest < until and not _is_too_late(city, name, since, correct_by, today)
    }


def day_of(city: City, name: str, application: Application) -> date | None:
    """The day that a reminder names: the last before the card is put away, the one on which it
    expires; None where it is the one that is promised."""
    return _day_since(city, name, application.state_since)


def name_of(campaign: Campaign) -> str:
    """Which of `REMINDERS` a campaign tells; "" for one that is none."""
    return str(campaign.audience.get("reminder", ""))


# --- small parts ---------------------------------------------------------------------------------


def _day_since(city: City, name: str, since: datetime) -> date | None:
    began = since.astimezone(city.tz).date()
    if name == "collect_due":
        return months_after(began, city.collection.seal_months)
    if name == "expiry_due":
        return months_after(began, 12 * city.collection.card_years)
    return None


def _is_too_late(
    city: City, name: str, since: datetime, correct_by: date | None, today: date
) -> bool:
    """The day named comes without the card; the last one of a correction is the person's."""
    if correct_by is not None:
        return correct_by < today
    day = _day_since(city, name, since)
    return day is not None and day <= today


def _recipient(records: Records, application: Application) -> int | None:
    """Whom a campaign tells of it; None for nobody."""
    account = find_account(records, application.account_key)
    if account is None:
        return None
    theirs = accounts_of(records, [account.recipient])[account.recipient]
    return None if refusal(theirs, "service") else account.recipient


def _tell_apart(
    records: Records, life: Lifecycle, name: str, application: Application, now: datetime
) -> None:
    life.tell(records, application, name, now, day=day_of(life.city, name, application))


def _todays(records: Records, city: City, now: datetime) -> list[Campaign]:
    """Today's campaigns of all kinds."""
    morning = now.astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    its = select(Campaign).where(Campaign.kind == REMINDER, Campaign.written_at >= morning)
    return list(records.scalars(its.order_by(Campaign.id)))


def _held(records: Records, campaigns: Collection[Campaign], name: str) -> list[Campaign]:
    """Those that tell this one, ours until the transaction ends."""
    return [locked(records, each.id) for each in campaigns if name_of(each) == name]


def _joined(
    records: Records, city: City, name: str, recipient: int, now: datetime, by: str
) -> Campaign:
    """Today's campaign for somebody: another one where the first tells them of something else, or
    is done, as the chore was still at work when its day was over."""
    todays = _held(records, _todays(records, city, now), name)
    for campaign in todays:
        its = (campaign.id, recipient)
        if campaign.at in _JOINED and records.get(Delivery, its) is None:
            return campaign
    return _begun(records, city, name, len(todays) + 1, now, by)


def _begun(records: Records, city: City, name: str, which: int, now: datetime, by: str) -> Campaign:
    """It sends from now on. Nobody approves it: its words came with the release, what they are
    filled with is content."""
    day = now.astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    title = f"{REMINDERS[name].title} {day.date().isoformat()}"
    title += f"（{which}）" if which > 1 else ""
    audience = {"list": 0, "numbered": True, "reminder": name}
    message, priority = _message(name).written(), REMINDERS[name].priority
    begun = Begun(title, "service", message, audience, REMINDER, priority)
    campaign, rules = new_draft(records, city, begun, now, by=by), city.collection
    campaign.from_hour, campaign.until_hour = rules.from_hour, rules.until_hour
    campaign.expires_at = day + timedelta(hours=rules.until_hour) + LIVES
    go(records, campaign, Stage.APPROVED, "writer", now, by=by)
    campaign.approved_by, campaign.approved_at = by, now
    go(records, campaign, Stage.RUNNING, "clock", now, by="clock")
    return campaign


def _message(name: str) -> Message:
    """The notice, as a campaign has it."""
    notice = worded(name)
    return Message(notice.chat, notice.status, notice.note, notice.wording, notice.sms)


def _grows_until(campaign: Campaign) -> datetime:
    return campaign.expires_at - LIVES
