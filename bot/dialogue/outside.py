"""Questions that were put outside of the conversation: by a message that was sent to many.

The session remembers which are open, until when, and whether their numbers were shown; a tap says
by its mark which of them it answers. Who asks, and what becomes of an answer, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.state import Session

NOTE = "outside"
MOST = 5  # the latest are remembered
_TAP = re.compile(r"ca([0-9a-f]{8})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """One that was put: its number there, the last moment of an answer, and whether its options
    were shown with their numbers."""

    number: int
    until: datetime
    numbered: bool = False


def mark_of(number: int) -> str:
    """The mark of this question's options: as long as those of `clicks`, and never one of a
    conversation that is not asked for first."""
    return f"ca{number:08x}"


def tapped(key: str) -> tuple[int, str] | None:
    """Which question a tap answers with which of its options; None for a tap on another's."""
    found = _TAP.fullmatch(key)
    return (int(found.group(1), 16), found.group(2)) if found else None


def remember(session: Session, questions: Iterable[Question], *, fresh: bool = True) -> None:
    """These are open, the latest first, beside those known before. What is new among them came
    after whatever the conversation has said, if it is `fresh`."""
    known = {question.number: question for question in _noted(session)}
    given = {question.number: question for question in questions}
    kept = list({**given, **{n: q for n, q in known.items() if n not in given}}.values())[:MOST]
    if kept:
        new = fresh and any(number not in known for number in given)
        listed = [[q.number, q.until.isoformat(), q.numbered] for q in kept]
        session.notes[NOTE] = {"open": listed, "fresh": new}


def not_fresh(session: Session) -> None:
    """The conversation has said something since they were put."""
    if NOTE in session.notes:
        session.notes[NOTE]["fresh"] = False


def open_questions(session: Session, now: datetime) -> list[Question]:
    """Those that may still be answered, the latest first."""
    return [question for question in _noted(session) if now < question.until]


def may_be_numbered(session: Session) -> bool:
    """Whether a bare number can mean one of theirs: nothing has shown numbers since."""
    return bool(session.notes.get(NOTE, {}).get("fresh")) or not session.asked


def forget(session: Session, now: datetime) -> None:
    """What may not be answered any more is not remembered."""
    if NOTE in session.notes and not open_questions(session, now):
        del session.notes[NOTE]


def _noted(session: Session) -> list[Question]:
    listed = session.notes.get(NOTE, {}).get("open", [])
    return [Question(n, datetime.fromisoformat(until), shown) for n, until, shown in listed]
