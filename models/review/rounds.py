"""What was answered in each round: an application that is sent back keeps the answers that were
looked at, so that the next look begins at the difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.application_states import CLOSED
from models.applications import Application, open_answers
from models.records import ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring

_NO_ANSWERS = frozenset({"checks", "derived"})
_BATCH = 200


class AnswersOfRound(Record):
    """The sealed answers of one round, as they were when it was sent back."""

    __tablename__ = "answers_of_rounds"

    application_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("applications.id"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[bytes] = mapped_column(Sealed)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is another now. None: it was, or is, not there."""

    field: str
    before: Any
    now: Any


def keep_answers(records: Records, keys: Keyring, application: Application, now: datetime) -> None:
    """Keep what was looked at in this round, in the transaction that sends it back."""
    sealed = keys.seal(
        json_bytes(open_answers(application, keys)), _place(application.id, application.round)
    )
    row = AnswersOfRound(
        application_id=application.id, round=application.round, answers=sealed, at=now
    )
    records.merge(row)
    records.flush()


def answers_of_round(
    records: Records, keys: Keyring, application_id: str, round_: int
) -> dict[str, Any] | None:
    """The answers of an earlier round, or None where none were kept."""
    row = records.get(AnswersOfRound, (application_id, round_))
    if row is None:
        return None
    opened: dict[str, Any] = json.loads(keys.open(row.answers, _place(application_id, round_)))
    return opened


def difference(records: Records, keys: Keyring, application: Application) -> list[Change]:
    """What the person changed since the round before; empty in the first."""
    before = answers_of_round(records, keys, application.id, application.round - 1)
    return [] if before is None else changes(before, open_answers(application, keys))


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Field by field, in the order of the form; what the service itself notes is no answer."""
    fields = [name for name in {**before, **now} if name not in _NO_ANSWERS]
    return [
        Change(name, before.get(name), now.get(name))
        for name in fields
        if before.get(name) != now.get(name)
    ]


def forget_rounds(records: Records, before: datetime) -> int:
    """Delete earlier answers of applications that ended before `before`. Returns how many."""
    ended = (
        select(AnswersOfRound.application_id, AnswersOfRound.round)
        .join(Application, Application.id == AnswersOfRound.application_id)
        .where(Application.state.in_(CLOSED), Application.state_since < before)
        .limit(_BATCH)
    )
    count = 0
    for application_id, round_ in records.execute(ended).all():
        mine = (AnswersOfRound.application_id == application_id) & (AnswersOfRound.round == round_)
        records.execute(delete(AnswersOfRound).where(mine))
        count += 1
    return count


def _place(application_id: str, round_: int) -> str:
    return place("answers_of_rounds", "answers", application_id, str(round_))
