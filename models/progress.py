"""How far an application is: one account of it, from which every channel tells in its own way.

Chat, page and API are drawn from the same `Progress`, and show the same applications to the same
account: `own_applications`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from sqlalchemy.orm import Session as Records

from config.city import Branch, City, Counter
from models.application_states import CLOSED, State, resident_word
from models.applications import (
    Application,
    ApplicationEvent,
    applications_of,
    events_of,
    open_answers,
    parcel_of,
)
from models.people import person_of
from models.returns import Finding, open_return
from models.review.places import Place, place_in_queue
from models.sealing import Keyring

WORDS = 6
_TOLD = frozenset({
    State.SUBMITTED, State.RETURNED, State.RESUBMITTED, State.APPROVED, State.SENT_TO_PROVINCE,
    State.IN_PRODUCTION, State.PRODUCED, State.READY_FOR_PICKUP, State.MAILED, State.COLLECTED,
    State.ACTIVATED, State.REFUSED, State.CANCELLED, State.EXPIRED, State.SEALED,
})  # fmt: skip
_MOST_TOLD = 5  # the latest count
_PROMISED = {1: "review", 2: "review", 3: "card", 4: "card"}  # what is awaited, by word


@dataclass(frozen=True, slots=True)
class Happened:
    """That the application came into `state` on a day of the city's calendar."""

    state: State
    on: date


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one application stands. `name` is in the clear: whoever shows it masks it.

    `word` counts the resident's six words from 1; None for what ended otherwise. `promised` is the
    day that is promised next, None where nothing is (any more). `place` is where the card will be:
    the branch, the city's counter where that branch is no more, None for a card that is posted.
    """

    application_id: str
    number: str
    name: str
    state: State
    word: int | None
    since: date
    happened: tuple[Happened, ...]  # what a resident is told, the earliest first, at most five
    review_by: date
    card_by: date
    correct_by: date | None
    missed: bool  # a promise is over: the person is told so, and whom to ask
    delivery: str
    bank: str
    place: Branch | Counter | None
    holder_id: str
    holder_proven: bool
    in_line: Place | None  # how many are reviewed before; None where that would be a guess
    parcel: str  # the number of the parcel that is or was on its way; "" where none is known
    findings: tuple[Finding, ...] = ()  # what a returned one lacks
    refused_for: tuple[str, ...] = ()  # the codes of the reasons
    found_on: date | None = None  # the day that was found, or refused

    @property
    def tail(self) -> str:
        """The last four digits of the acceptance number: enough to tell one's own apart."""
        return tail(self.number)

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED

    @property
    def detail(self) -> str:
        """The key of the sentence on what goes on now and what comes next."""
        return f"progress.state.{self.state.value}"

    @property
    def promised(self) -> date | None:
        if self.state == State.RETURNED:
            return self.correct_by
        days = {"review": self.review_by, "card": self.card_by}
        return days.get(_PROMISED.get(self.word or 0, ""))


def tail(number: str) -> str:
    """The last four digits of an acceptance number."""
    return number[-4:]


def progress_of(
    records: Records, keys: Keyring, city: City, application: Application, now: datetime
) -> Progress:
    """The whole account of one application, as of `now` (aware)."""
    today = now.astimezone(city.tz).date()
    word = resident_word(application.state)
    events = events_of(records, application.id)
    return Progress(
        application_id=application.id,
        number=application.number,
        # As the application itself gives it, never the name known for the number: who merely
        # claims a number must not learn its holder's.
        name=open_answers(application, keys)["name"],
        state=State(application.state),
        word=word,
        since=application.state_since.astimezone(city.tz).date(),
        happened=_happened(events, city),
        review_by=application.promise_review_by,
        card_by=application.promise_card_by,
        correct_by=application.correct_by,
        missed=_missed(application, word, today),
        delivery=application.delivery,
        bank=application.bank,
        place=_place(application, city),
        holder_id=application.holder_id,
        holder_proven=application.holder_proven,
        parcel=parcel_of(events),
        in_line=place_in_queue(records, city, application.id, now) if word == 1 else None,
        **_wrong(records, application, events, city),
    )


class _Wrong(TypedDict, total=False):
    findings: tuple[Finding, ...]
    refused_for: tuple[str, ...]
    found_on: date


def _wrong(
    records: Records, application: Application, events: Sequence[ApplicationEvent], city: City
) -> _Wrong:
    """Why it came back, or was refused."""
    if application.state == State.RETURNED and (row := open_return(records, application.id)):
        on = row.at.astimezone(city.tz).date()
        return {"findings": tuple(row.found()), "found_on": on}
    refused = next((e for e in reversed(events) if e.to_state == State.REFUSED), None)
    if application.state == State.REFUSED and refused is not None:
        on = refused.at.astimezone(city.tz).date()
        return {"refused_for": tuple(refused.reason.replace(",", " ").split()), "found_on": on}
    return {}


def own_applications(records: Records, account: str) -> list[Application]:
    """What this account handed in, and what is proven to be of the person it is bound to.

    Newest first. What somebody else handed in under this person's number, without proof, is not
    told: it holds that somebody's address and phone.
    """
    person = person_of(records, account)
    found = applications_of(records, account=account, person_id=person.id if person else None)
    return [a for a in found if a.holder_proven or a.account_key == account]


def shown_first(found: Iterable[Application]) -> list[Application]:
    """The open ones; only where there is none, the latest that ended."""
    newest_first = list(found)
    return [a for a in newest_first if a.state not in CLOSED] or newest_first[:1]


def _happened(events: Iterable[ApplicationEvent], city: City) -> tuple[Happened, ...]:
    moves = [
        Happened(State(event.to_state), event.at.astimezone(city.tz).date())
        for event in events
        if event.kind == "moved" and event.to_state in _TOLD
    ]
    return tuple(moves[-_MOST_TOLD:])


def _missed(application: Application, word: int | None, today: date) -> bool:
    if application.state == State.RETURNED:
        return False
    if application.late_since is not None:  # the new day may not have come yet
        return True
    match _PROMISED.get(word or 0):
        case "review":
            return today > application.promise_review_by
        case "card":
            return today > application.promise_card_by
    return False


def _place(application: Application, city: City) -> Branch | Counter | None:
    if application.delivery == "post":
        return None
    found = (branch for branch in city.branches if branch.code == application.branch)
    return next(found, city.counters[0])
