"""The door through which an application's state changes: the move, what follows, and its notice.

All of it happens in the caller's transaction: state, log and outbox never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session as Records

from config.city import Branch, City, Counter
from config.locales import SOURCE, Texts
from config.reasons import Reason
from config.templates import notice_for, params_of
from models.application_states import ENDED_OTHERWISE, Actor, State, is_told, resident_word
from models.applications import (
    Application,
    ApplicationEvent,
    events_of,
    move,
    note,
    open_answers,
    parcel_of,
)
from models.card_moves import open_move
from models.corrections import Wording
from models.ladders import add_notice
from models.people import find_account
from models.returns import open_return
from models.review.arrivals import follow
from models.sealing import Keyring

CARD_NORMAL, CARD_NOT_ENABLED, CARD_CANCELLED = "1", "0", "9"
"""Codes of the card-management system: 正常, 封存 (not enabled yet), 注销."""
BANK_NOT_ACTIVATED, BANK_ACTIVATED = "not_activated", "activated"

# Whoever comes here is no longer waiting for what was promised before.
_KEPT = frozenset({
    State.RETURNED, State.RESUBMITTED, State.APPROVED, State.READY_FOR_PICKUP, State.MAILED,
    State.COLLECTED, State.REFUSED, State.CANCELLED, State.SEALED, State.EXPIRED,
})  # fmt: skip
# What goes from here before the officers was reviewed long ago: that day is no promise any more.
_LOOKED_AT_AGAIN = frozenset({State.APPROVED, State.PROVINCE_RETURNED, State.PRODUCTION_FAILED})
_CARD: dict[State, str] = {
    State.PRODUCED: CARD_NOT_ENABLED,
    State.ACTIVATED: CARD_NORMAL,
    State.SEALED: CARD_CANCELLED,
}


def matter_of(application: Application) -> str:
    """What notices of an application have in common: the later replaces what nobody has seen."""
    return f"application:{application.id}"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What a move needs beside the records."""

    keys: Keyring
    city: City
    texts: Texts
    new_id: Callable[[], str]
    reasons: Mapping[str, Reason] | None = None  # None: the shipped ones

    def advance(
        self,
        records: Records,
        application: Application,
        to: State,
        actor: Actor,
        now: datetime,
        *,
        by: str,
        reason: str = "",
        quiet: bool = False,
        **detail: Any,
    ) -> ApplicationEvent:
        """Move an application on, with the days and codes that follow, and tell the person where
        the table says so; `quiet` where the chat itself has just said it.

        `by` and `reason`: see `ApplicationEvent`. Raises ForbiddenMove.
        """
        start = application.state
        event = move(records, application, to, actor, now, by=by, reason=reason, **detail)
        self._follow(application, State(start), to, self._day(now))
        records.flush()
        follow(records, self.keys, self.city, application, State(start), now, by)
        if to in ENDED_OTHERWISE and (going := open_move(records, application.id)) is not None:
            going.ended_at, going.ended = now, "dropped"
        name = notice_for(to)
        if name and not quiet and is_told(start, to) and not _goes_on(records, application):
            self.tell(records, application, name, now)
        return event

    def tell(
        self,
        records: Records,
        application: Application,
        name: str,
        now: datetime,
        *,
        matter: str = "",
        at_once: bool = False,
        place: Branch | None = None,
        day: date | None = None,
        **params: str,
    ) -> str:
        """Put a notice of `templates.toml` about an application into the outbox, for the account
        that handed it in. What it must be filled with is known here, or given; `place` is where
        the card will be, if it is not where the application says, `day` what it names instead of
        the day that is promised. An undelivered one of the same `matter`, by default the
        application's, gives way to it. It does not leave in the city's quiet hours, unless it must
        `at_once`. Returns its id."""
        account = find_account(records, application.account_key)
        locale = account.locale if account else SOURCE
        known = known_of(self.city, self.texts, application, locale, self._day(now), day)
        known.update(_where(place, locale) if place else {}, **params)
        if "parcel" in params_of(name):
            known["parcel"] = parcel_of(events_of(records, application.id)) or "—"
        if "needs" in params_of(name):
            known["needs"] = self._needs(records, application, locale, self._day(now))
        return add_notice(
            records,
            self.keys,
            account=application.account_key,
            name=name,
            params={wanted: known[wanted] for wanted in params_of(name)},
            locale=locale,
            phone=open_answers(application, self.keys).get("phone"),
            matter=matter or matter_of(application),
            now=now,
            due_at=now if at_once else self.city.when_told(now),
            notice_id=self.new_id(),
        )

    def bank_activated(
        self, records: Records, application: Application, actor: Actor, now: datetime, *, by: str
    ) -> ApplicationEvent:
        """The bank's side of the card works, a flag of its own beside the state."""
        application.bank_status = BANK_ACTIVATED
        application.updated_at = now
        return note(records, application, "bank_activated", actor, now, by=by)

    # --- small parts --------------------------------------------------------------------

    def _day(self, now: datetime) -> date:
        return now.astimezone(self.city.tz).date()

    def _follow(self, application: Application, start: State, to: State, today: date) -> None:
        days = self.city.days
        application.correct_by = (
            today + timedelta(days=days.correction) if to is State.RETURNED else None
        )
        if to in _KEPT:
            application.late_since = None
        match to:
            case State.RESUBMITTED if start is State.RETURNED:
                application.promise_review_by = self.city.promise(today, days.review)
                application.promise_card_by = self.city.promise(
                    application.promise_review_by, days.making
                )
            case State.UNDER_REVIEW | State.ON_HOLD if start in _LOOKED_AT_AGAIN:
                application.promise_review_by = self.city.promise(today, self.city.review.task_days)
            case State.APPROVED if start is not State.CANCEL_REQUESTED:
                application.promise_card_by = self.city.promise(today, days.making)
            case State.IN_PRODUCTION if not application.bank_status:
                application.bank_status = BANK_NOT_ACTIVATED
        application.card_status = _CARD.get(to, application.card_status)

    def _needs(self, records: Records, application: Application, locale: str, today: date) -> str:
        """差一样东西：照片要重拍."""
        row = open_return(records, application.id)
        wording = Wording(self.texts, locale, today, self.reasons)
        return wording.needs(row.found() if row else ())

    def place(self, application: Application) -> Branch | Counter:
        """Where the card is handed out."""
        return place_of(self.city, application)


def known_of(
    city: City,
    texts: Texts,
    application: Application,
    locale: str,
    today: date,
    day: date | None = None,
) -> dict[str, str]:
    """What a message about an application may be filled with; `day` is the one that it names, by
    default what is promised next."""
    named = day or promised(application)
    return {
        "number": application.number,
        "date": texts.day(locale, named, today),
        "days": str(max((named - today).days, 0)),
        **_where(place_of(city, application), locale),
    }


def _where(place: Branch | Counter, locale: str) -> dict[str, str]:
    english = locale == "en"
    return {
        "branch": place.name_en if english else place.name,
        "address": place.address_en if english else place.address,
        "hours": place.hours_en if english else place.hours,
        "phone": place.phone,
    }


def _goes_on(records: Records, application: Application) -> bool:
    """A card that has come to a branch from which it goes to another: nobody is called there."""
    waits = application.state == State.READY_FOR_PICKUP
    return waits and open_move(records, application.id) is not None


def place_of(city: City, application: Application) -> Branch | Counter:
    """Where the card is handed out: the city's counter where its branch is no more."""
    found = (branch for branch in city.branches if branch.code == application.branch)
    return next(found, city.counters[0])


def promised(application: Application) -> date:
    """The day that is promised next; where nothing is any more, the last that was."""
    if application.correct_by is not None:
        return application.correct_by
    if (resident_word(application.state) or 0) in (1, 2):
        return application.promise_review_by
    return application.promise_card_by
