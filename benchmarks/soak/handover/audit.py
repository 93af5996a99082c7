"""What must be so when the smoke has gone: nothing lost, nothing made or told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application, events_of
from models.database import Database
from models.handover.batches import Batch, BatchLine
from models.notices import Notice
from tests.models.making import KEYS

TOLD = Counter(["approved", "sent_to_province", "in_production", "ready"])


def audit(database: Database, ids: Sequence[str], there: Mapping[str, Any]) -> list[dict[str, str]]:
    """Findings about these applications; `there` is what the simulator's offices hold."""
    with database.reading() as records:
        found = [finding for one in ids for finding in _application(records, one, there)]
        return [*found, *_batches(records, there)]


def _application(records: Records, one: str, there: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    application = records.get(Application, one)
    state = application.state if application else "none"
    if state != State.READY_FOR_PICKUP:
        yield _found("lost", one, state)
    moves = [event for event in events_of(records, one) if event.kind == "moved"]
    for before, after in pairwise(moves):
        if before.to_state != after.from_state:
            yield _found("log", one, f"{before.to_state} then {after.from_state}")
    for state, count in Counter(event.to_state for event in moves).items():
        if count > 1:
            yield _found("doubled", one, f"{state} {count} times")
    told = _told(records, one)
    if told != TOLD:
        yield _found("told", one, str(dict(told - TOLD) or dict(TOLD - told)))
    works = [card for card in there["cards"] if card["application"] == one]
    made = [(card["cards"], card["accounts"]) for card in works]
    if made != [(1, 1)]:
        yield _found("doubled" if made else "lost", one, f"made {made}")
    open_lines = select(BatchLine).where(BatchLine.application_id == one, BatchLine.open)
    if records.scalars(open_lines).first() is not None:
        yield _found("open", one, "a line waits for an answer")


def _told(records: Records, one: str) -> Counter[str]:
    mine = select(Notice).where(Notice.matter == f"application:{one}")
    return Counter(notice.open_payload(KEYS)["name"] for notice in records.scalars(mine))


def _batches(records: Records, there: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    ours = {b.id: (b.state, b.digest, b.count) for b in records.scalars(select(Batch))}
    theirs = {b["id"]: ("taken", b["digest"], b["count"]) for b in there["batches"]}
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield _found("batch", name, f"{ours.get(name)} here, {theirs.get(name)} there")


def _found(kind: str, where: str, what: str) -> dict[str, str]:
    return {"kind": kind, "where": where, "what": what}
