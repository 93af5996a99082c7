"""Whether each application was decided once, and log, state, notices and decisions say the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import select

from models.application_states import State, is_told
from models.applications import Application, ApplicationEvent
from models.database import Database
from models.notices import Notice
from models.review.decisions import Decision
from models.review.verdicts import ENDS, Kind

Finding = dict[str, Any]


class Told(Protocol):
    """What a reviewer was told is done."""

    decided: list[str]
    undone: list[str]


def audit_review(database: Database, journals: Sequence[Told]) -> list[Finding]:
    """Every fault, with the application or decision it is about."""
    with database.reading() as records:
        applications = {a.id: a for a in records.scalars(select(Application))}
        decisions = list(records.scalars(select(Decision)))
        events: dict[str, list[ApplicationEvent]] = defaultdict(list)
        for event in records.scalars(select(ApplicationEvent).order_by(ApplicationEvent.id)):
            events[event.application_id].append(event)
        notices = Counter(str(matter) for matter in records.scalars(select(Notice.matter)))
    return [
        *_journals(decisions, journals),
        *_once(applications, decisions),
        *_log(decisions, events),
        *_states(applications, decisions, events),
        *_notices(events, notices),
    ]


def _journals(decisions: Sequence[Decision], journals: Sequence[Told]) -> Iterator[Finding]:
    """What a person was told is done is there, and nothing of theirs beside it."""
    decided = Counter(one for journal in journals for one in journal.decided)
    undone = {one for journal in journals for one in journal.undone}
    stored = {decision.id: decision for decision in decisions}
    for one in decided.keys() - stored.keys():
        yield {"kind": "lost", "decision": one}
    for one in stored.keys() - decided.keys():
        yield {"kind": "nobody decided it", "decision": one}
    for one, decision in stored.items():
        if (decision.dropped_at is not None) != (one in undone):
            yield {"kind": "undone otherwise than told", "decision": one}


def _once(applications: dict[str, Application], decisions: Sequence[Decision]) -> Iterator[Finding]:
    standing = Counter(d.application_id for d in decisions if d.dropped_at is None)
    for one in applications:
        if standing[one] != 1:
            yield {"kind": "decided not once", "application": one, "times": standing[one]}


def _log(
    decisions: Sequence[Decision], events: dict[str, list[ApplicationEvent]]
) -> Iterator[Finding]:
    """A decision that stands moved its application once, where it says; another one never."""
    moved: dict[str, list[str]] = defaultdict(list)
    for of_one in events.values():
        for event in of_one:
            if "decision" in event.detail:
                moved[event.detail["decision"]].append(event.to_state)
    for decision in decisions:
        ends = [] if decision.dropped_at else [ENDS[Kind(decision.kind)].value]
        if moved[decision.id] != ends or (decision.applied_at is None) != (not ends):
            yield {"kind": "applied not once", "decision": decision.id}


def _states(
    applications: dict[str, Application],
    decisions: Sequence[Decision],
    events: dict[str, list[ApplicationEvent]],
) -> Iterator[Finding]:
    """Each move begins where the one before it ended, and the state is where the last one did."""
    last = {d.application_id: d for d in decisions if d.dropped_at is None}
    for one, application in applications.items():
        state = State.DRAFT.value
        for event in events[one]:
            if event.from_state != state:
                yield {"kind": "the log has a gap", "application": one}
            state = event.to_state
        ends = ENDS[Kind(last[one].kind)] if one in last else state
        if not state == application.state == ends:
            yield {"kind": "log and state disagree", "application": one}


def _notices(events: dict[str, list[ApplicationEvent]], notices: Counter[str]) -> Iterator[Finding]:
    for one, of_one in events.items():
        told = sum(
            is_told(event.from_state, event.to_state) and event.from_state != State.DRAFT
            for event in of_one
        )
        if notices[f"application:{one}"] != told:
            yield {"kind": "told not once", "application": one}
