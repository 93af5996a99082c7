"""Applications: applicant and holder, sealed answers, state, and events that are only ever added.

Each state change is one row of `application_events`; triggers of the database refuse to change or
delete them. One open application per proven holder is a partial unique index, so that two submits
at the same moment cannot both pass.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    and_,
    false,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.application_states import CLOSED, Actor, State, may_move
from models.consents import keep_consents
from models.documents import keep_documents
from models.drafts import end_draft
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring

_OPEN_AND_PROVEN = text(
    "holder_proven AND state NOT IN ({})".format(", ".join(f"'{s}'" for s in sorted(CLOSED)))
)


class AlreadyOpen(Exception):
    """This proven holder has an open application; `application_id` names it."""

    def __init__(self, application_id: str) -> None:
        super().__init__(application_id)
        self.application_id = application_id


class NumberTaken(Exception):
    """Somebody else drew this acceptance number at the same moment: draw another."""


class ForbiddenMove(Exception):
    """The table of moves does not allow it, or the application has moved meanwhile."""


class Application(Record):
    """One application for a service. Only what is searched for is a column; the rest is sealed."""

    __tablename__ = "applications"
    __table_args__ = (
        Index(
            "uq_applications_open_holder",
            "holder_id",
            unique=True,
            sqlite_where=_OPEN_AND_PROVEN,
            postgresql_where=_OPEN_AND_PROVEN,
        ),
        Index("ix_applications_at_branch", "branch", "state", "state_since", "id"),
        Index("ix_applications_state_since", "state", "state_since"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    draft_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    form: Mapped[str] = mapped_column(String(64))
    form_version: Mapped[int]
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    applicant_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    holder_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    relation: Mapped[str] = mapped_column(String(32))  # of the applicant to the holder
    holder_proven: Mapped[bool]
    # An unproven duplicate, accepted for staff to decide.
    contested: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(32), index=True, default=State.SUBMITTED.value)
    # The card-management code (1 正常 …), and not_activated | activated | frozen; "" before.
    card_status: Mapped[str] = mapped_column(String(16), default="")
    bank_status: Mapped[str] = mapped_column(String(16), default="")
    round: Mapped[int] = mapped_column(default=1)  # 1, and one more at each re-submission
    answers: Mapped[bytes] = mapped_column(Sealed)
    district: Mapped[str] = mapped_column(String(32), default="")
    bank: Mapped[str] = mapped_column(String(16), default="")
    branch: Mapped[str] = mapped_column(String(32), default="")
    delivery: Mapped[str] = mapped_column(String(16), default="")
    submitted_at: Mapped[datetime]
    state_since: Mapped[datetime]
    promise_review_by: Mapped[date] = mapped_column(index=True)
    promise_card_by: Mapped[date] = mapped_column(index=True)
    correct_by: Mapped[date | None]
    # The promised day that went by, until what was promised then is done.
    late_since: Mapped[date | None] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class ApplicationEvent(Record):
    """One thing that happened to an application, by whom, why. Nothing personal in any column:
    `by` is an id (`staff:<id>`, `batch:<id>`, `reply:<file>`, `timer:<name>`, an account's key is
    none), `reason` a code or two, `detail` codes and figures."""

    __tablename__ = "application_events"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(32))  # moved | answers_replaced | …
    from_state: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


# --- submitting --------------------------------------------------------------------------------


class Columns(TypedDict):
    """What `submit` puts into columns as it is; see `Application`."""

    draft_id: str
    form: str
    form_version: int
    applicant_id: str
    holder_id: str
    relation: str
    holder_proven: bool
    contested: NotRequired[bool]
    district: NotRequired[str]
    bank: NotRequired[str]
    branch: NotRequired[str]
    delivery: NotRequired[str]
    promise_review_by: date
    promise_card_by: date


def submit(
    records: Records,
    keys: Keyring,
    *,
    application_id: str,
    number: str,
    account: str,
    answers: Mapping[str, Any],
    documents: Collection[str] | None = None,
    now: datetime,
    **columns: Unpack[Columns],
) -> Application:
    """Store a submitted application and its first event; its draft, documents, consents follow it.

    `documents` are the ids of those that `answers` name: the draft's others expire at once (None
    keeps all). A draft submitted twice gives the first application again. Raises AlreadyOpen for a
    proven holder with an open application, NumberTaken for a number that exists; the transaction
    goes on in either case.
    """
    draft_id = columns["draft_id"]
    if (again := _of_draft(records, draft_id)) is not None:
        return again
    application = Application(
        id=application_id,
        number=number,
        account_key=account,
        answers=keys.seal(json_bytes(answers), _place(application_id)),
        submitted_at=now,
        state_since=now,
        updated_at=now,
        **columns,
    )
    stored = _insert(records, application)
    if stored is application:
        _add_event(records, application, Actor.CITIZEN, "moved", State.DRAFT, State.SUBMITTED, now)
        end_draft(records, draft_id, "submitted", now)  # first: a photo that comes now expires
        keep_documents(records, draft_id, application_id, now, documents)
        keep_consents(records, draft_id, application_id)
    return stored


def _insert(records: Records, application: Application) -> Application:
    """The application itself, or the one that its draft became meanwhile."""
    try:
        with records.begin_nested():
            records.add(application)
    except IntegrityError as error:
        if (again := _of_draft(records, application.draft_id)) is not None:
            return again
        if find_application(records, application.number) is not None:
            raise NumberTaken(application.number) from error
        rival = open_application_of(records, application.holder_id)
        if rival is not None and application.holder_proven:
            raise AlreadyOpen(rival.id) from error
        raise
    return application


def _of_draft(records: Records, draft_id: str) -> Application | None:
    return records.scalar(select(Application).where(Application.draft_id == draft_id))


# --- moving ------------------------------------------------------------------------------------


def move(
    records: Records,
    application: Application,
    to: State,
    actor: Actor,
    now: datetime,
    *,
    by: str = "",
    reason: str = "",
    **detail: Any,
) -> ApplicationEvent:
    """Move an application on and note it; see `ApplicationEvent`. `models.lifecycle` is the door:
    it also does what follows from the move, and tells the person.

    Raises ForbiddenMove when the table does not allow it to this actor, or when somebody else
    moved the application since it was read.
    """
    start = application.state
    if not may_move(start, to, actor):
        raise ForbiddenMove(f"{start} to {to.value} by {actor.value}")
    step = int(to is State.RESUBMITTED and start == State.RETURNED)
    moved = (
        update(Application)
        .where(Application.id == application.id, Application.state == start)
        .values(state=to.value, state_since=now, updated_at=now, round=Application.round + step)
        .returning(Application.id)
        .execution_options(synchronize_session=False)
    )
    if records.scalar(moved) is None:
        raise ForbiddenMove(f"{start} has changed meanwhile")
    records.refresh(application)
    start_state = State(start)
    return _add_event(
        records, application, actor, "moved", start_state, to, now, detail, by=by, reason=reason
    )


def note(
    records: Records,
    application: Application,
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    by: str = "",
    reason: str = "",
    **detail: Any,
) -> ApplicationEvent:
    """Note something that happened to an application where it stands: a reminder, a new date."""
    state = State(application.state)
    return _add_event(
        records, application, actor, kind, state, state, now, detail, by=by, reason=reason
    )


def replace_answers(
    records: Records,
    keys: Keyring,
    application: Application,
    answers: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    by: str = "",
) -> None:
    """Put other answers in the place of the present ones, and note which fields changed."""
    before = open_answers(application, keys)
    fields = sorted(k for k in {*before, *answers} if before.get(k) != answers.get(k))
    application.answers = keys.seal(json_bytes(answers), _place(application.id))
    application.updated_at = now
    note(records, application, "answers_replaced", actor, now, by=by, fields=fields)


def _add_event(
    records: Records,
    application: Application,
    actor: Actor,
    kind: str,
    start: State,
    end: State,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    *,
    by: str = "",
    reason: str = "",
) -> ApplicationEvent:
    event = ApplicationEvent(
        application_id=application.id,
        at=now,
        actor=actor.value,
        by=by,
        reason=reason[:200],
        kind=kind,
        from_state=start.value,
        to_state=end.value,
        detail=dict(detail or {}),
    )
    records.add(event)
    records.flush()
    return event


# --- reading -----------------------------------------------------------------------------------


def open_answers(application: Application, keys: Keyring) -> dict[str, Any]:
    """The answers in the clear."""
    opened = keys.open(application.answers, _place(application.id))
    answers: dict[str, Any] = json.loads(opened)
    return answers


def open_decoy(keys: Keyring) -> None:
    """The work of `open_answers` where there is no application, so that time does not tell."""
    json.loads(keys.open(_decoy(keys), _place("decoy")))


@lru_cache(maxsize=4)
def _decoy(keys: Keyring) -> bytes:
    return keys.seal(json_bytes({"answers": ["usual"] * 150}), _place("decoy"))


def find_application(records: Records, number: str) -> Application | None:
    """The application with this acceptance number, or None."""
    return records.scalar(select(Application).where(Application.number == number))


def open_application_of(records: Records, holder_id: str) -> Application | None:
    """The one open application of a proven holder, or None."""
    mine = and_(Application.holder_id == holder_id, Application.holder_proven)
    return records.scalar(select(Application).where(mine, Application.state.not_in(CLOSED)))


def applications_of(
    records: Records, *, account: str | None = None, person_id: str | None = None
) -> list[Application]:
    """What an account handed in, or a person is applicant or holder of; the newest first."""
    by_account = Application.account_key == account if account else false()
    by_person = (
        or_(Application.applicant_id == person_id, Application.holder_id == person_id)
        if person_id
        else false()
    )
    mine = select(Application).where(or_(by_account, by_person))
    return list(records.scalars(mine.order_by(Application.submitted_at.desc())).all())


def events_of(records: Records, application_id: str) -> list[ApplicationEvent]:
    """What happened to an application, the earliest first."""
    mine = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    return list(records.scalars(mine.order_by(ApplicationEvent.id)).all())


def parcel_of(events: Iterable[ApplicationEvent]) -> str:
    """The number of the parcel that was sent last, as the bank's reply or staff gave it."""
    sent = [str(e.detail.get("parcel", "")) for e in events if e.to_state == State.MAILED]
    return next((number for number in reversed(sent) if number), "")


def _place(application_id: str) -> str:
    return place("applications", "answers", application_id)
