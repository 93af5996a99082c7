"""A card at its branch: what waits there, who may take it, when it is switched on.

Every change goes through `Lifecycle`; a card is handed over for a pass, or by the original ID card
alone with a reason. Who works at another branch finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import (
    Application,
    ApplicationEvent,
    ForbiddenMove,
    applications_of,
    find_application,
    note,
    open_answers,
    replace_answers,
)
from models.card_moves import CardMove, open_move
from models.id_numbers import IdNumberFault, age_on, parse_id_number
from models.lifecycle import BANK_ACTIVATED, Lifecycle
from models.passes import Collector, Pass, end_passes, use_pass
from models.people import find_person
from models.sealing import Keyring

COMING = (State.PRODUCED, State.MAIL_RETURNED)
ON_THE_WAY = (
    State.SENT_TO_PROVINCE,
    State.PROVINCE_CHECKING,
    State.BANK_OPENING,
    State.IN_PRODUCTION,
    State.PRODUCTION_FAILED,
    State.PRODUCED,
)
"""Ordered for a branch, and not there yet."""
AT_BRANCH = (*COMING, State.READY_FOR_PICKUP, State.COLLECTED, State.ACTIVATED)
"""States in which a branch has to do with a card: it comes, waits, is switched on."""

WITHOUT_PASS = ("no_phone", "phone_lost", "no_code")
"""Why a card is handed over without a pass: the person has no phone, lost it, gets no code."""

Refused = Literal["pass", "moving", "state"]


class NotHandedOver(Exception):
    """The card stays where it is: the pass does not hold any more, the card is to go to another
    branch, or somebody was faster."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why)
        self.why = why


# --- finding -----------------------------------------------------------------------------------


def card_at(records: Records, branch: str, application_id: str) -> Application | None:
    """A card that this branch has to do with, or None, whatever there is elsewhere."""
    found = records.get(Application, application_id)
    return found if found is not None and _is_at(found, branch) else None


def find_card(
    records: Records, keys: Keyring, branch: str, said: str, today: date
) -> Application | None:
    """The card of an acceptance number or an ID number at this branch, or None."""
    by_number = find_application(records, said.upper())
    if by_number is not None:
        return by_number if _is_at(by_number, branch) else None
    try:
        person = find_person(records, keys, parse_id_number(said, today).value)
    except IdNumberFault:
        return None
    theirs = applications_of(records, person_id=person.id) if person else []
    mine = (a for a in theirs if person and a.holder_id == person.id and _is_at(a, branch))
    return next(mine, None)


def cards_at(
    records: Records,
    branch: str,
    states: Sequence[State],
    most: int,
    after: Application | None = None,
) -> list[Application]:
    """The branch's cards in these states, the longest there first: `most` behind `after`."""
    found = select(Application).where(
        Application.branch == branch,
        Application.state.in_(states),
        Application.delivery != "post",
    )
    if after is not None:
        place = tuple_(Application.state_since, Application.id)
        found = found.where(place > (after.state_since, after.id))
    rows = found.order_by(Application.state_since, Application.id).limit(most)
    return list(records.scalars(rows).all())


def _is_at(application: Application, branch: str) -> bool:
    return (
        application.branch == branch
        and application.delivery != "post"
        and application.state in AT_BRANCH
    )


def is_child(application: Application, keys: Keyring, below: int, today: date) -> bool:
    """Whether the holder is younger than `below` years: a guardian collects."""
    try:
        known = parse_id_number(open_answers(application, keys).get("id_number", ""), today)
    except IdNumberFault:
        return False
    return age_on(known.birth, today) < below


# --- handing over ------------------------------------------------------------------------------


def arrive(
    records: Records, life: Lifecycle, application: Application, now: datetime, *, by: str
) -> ApplicationEvent:
    """The branch has signed for the card. Raises ForbiddenMove."""
    return life.advance(
        records, application, State.READY_FOR_PICKUP, Actor.OFFICER, now, by=by, reason="arrived"
    )


def hand_over(
    records: Records,
    life: Lifecycle,
    application: Application,
    shown: Pass,
    now: datetime,
    *,
    by: str,
) -> ApplicationEvent:
    """The card is given to who came with the pass. Raises NotHandedOver."""
    if not use_pass(records, shown, now):
        raise NotHandedOver("pass")
    return _given(records, life, application, Collector(shown.collector), now, by, "pass")


def hand_over_by_id(
    records: Records,
    life: Lifecycle,
    application: Application,
    collector: Collector,
    why: str,
    now: datetime,
    *,
    by: str,
) -> ApplicationEvent:
    """The card is given to who has shown the original ID card; `why` without a pass is one of
    `WITHOUT_PASS`. Raises NotHandedOver, ValueError."""
    if why not in WITHOUT_PASS or not life.city.collection.without_pass:
        raise ValueError("a card is not handed over so")
    return _given(records, life, application, collector, now, by, why)


def _given(
    records: Records,
    life: Lifecycle,
    application: Application,
    collector: Collector,
    now: datetime,
    by: str,
    why: str,
) -> ApplicationEvent:
    if application.state != State.READY_FOR_PICKUP:
        raise NotHandedOver("state")
    moving = open_move(records, application.id)
    if moving is not None and moving.sent_at is not None:
        raise NotHandedOver("moving")
    if moving is not None:
        moving.ended_at, moving.ended = now, "dropped"
    end_passes(records, application.id, "revoked", now)
    kind, officer = collector.value, Actor.OFFICER
    try:
        return life.advance(
            records, application, State.COLLECTED, officer, now, by=by, reason=why, collector=kind
        )
    except ForbiddenMove:
        raise NotHandedOver("state") from None  # somebody was faster


# --- switching on ------------------------------------------------------------------------------


def switch_on(
    records: Records,
    life: Lifecycle,
    application: Application,
    actor: Actor,
    now: datetime,
    *,
    by: str,
    quiet: bool = False,
) -> ApplicationEvent:
    """The social security side works. Raises ForbiddenMove."""
    return life.advance(
        records, application, State.ACTIVATED, actor, now, by=by, reason="enabled", quiet=quiet
    )


def bank_switched_on(
    records: Records, life: Lifecycle, application: Application, now: datetime, *, by: str
) -> bool:
    """The bank's side works, as its clerk says: once. False when it did already, or the card has
    not been collected."""
    collected = application.state in (State.COLLECTED, State.ACTIVATED)
    if not collected or application.bank_status == BANK_ACTIVATED:
        return False
    life.bank_activated(records, application, Actor.OFFICER, now, by=by)
    return True


# --- to another branch -------------------------------------------------------------------------


def ask_move(
    records: Records, application: Application, to_branch: str, now: datetime, *, move_id: str
) -> CardMove:
    """The person wants to collect at another branch of the same bank: who has the card is to send
    it there, or who gets it. No pass holds any more. A move that was asked for before is changed,
    while the card has not left. Raises NotHandedOver."""
    move = open_move(records, application.id)
    if application.state not in (*ON_THE_WAY, State.READY_FOR_PICKUP):
        raise NotHandedOver("state")
    if move is not None and move.sent_at is not None:
        raise NotHandedOver("moving")
    if move is None:
        move = CardMove(
            id=move_id,
            application_id=application.id,
            from_branch=application.branch,
            to_branch=to_branch,
            asked_at=now,
            ended="",
        )
        records.add(move)
    move.to_branch = to_branch
    end_passes(records, application.id, "moved", now)
    note(records, application, "move_asked", Actor.CITIZEN, now, to=to_branch)
    return move


def drop_move(records: Records, application: Application, now: datetime) -> bool:
    """The person collects where the card is after all. False when it has left already."""
    move = open_move(records, application.id)
    if move is None or move.sent_at is not None:
        return False
    move.ended_at, move.ended = now, "dropped"
    note(records, application, "move_dropped", Actor.CITIZEN, now, to=move.to_branch)
    return True


def send_move(
    records: Records, application: Application, move: CardMove, now: datetime, *, by: str
) -> bool:
    """The branch that had the card has sent it off. False when it has, or the card is gone."""
    if move.sent_at is not None or application.state != State.READY_FOR_PICKUP:
        return False
    move.sent_at = now
    note(records, application, "move_sent", Actor.OFFICER, now, by=by, to=move.to_branch)
    return True


def end_move(
    records: Records,
    life: Lifecycle,
    application: Application,
    move: CardMove,
    now: datetime,
    *,
    by: str,
) -> bool:
    """The card has come to its new branch, which is told. False when it has not been sent."""
    if move.sent_at is None or move.ended_at is not None:
        return False
    move.ended_at, move.ended = now, "arrived"
    put_at(records, life.keys, application, move.to_branch, Actor.OFFICER, now, by=by)
    note(records, application, "move_arrived", Actor.OFFICER, now, by=by, to=move.to_branch)
    life.tell(records, application, "ready", now)
    return True


def put_at(
    records: Records,
    keys: Keyring,
    application: Application,
    branch: str,
    actor: Actor,
    now: datetime,
    *,
    by: str = "",
) -> None:
    """The card belongs to another branch, in the columns and in the answers alike."""
    answers = {**open_answers(application, keys), "branch": branch, "delivery": "pickup"}
    replace_answers(records, keys, application, answers, actor, now, by=by)
    application.branch, application.delivery = branch, "pickup"
    records.flush()
