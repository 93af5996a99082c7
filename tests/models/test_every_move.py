"""The states as a model: whatever anybody tries in whatever order, only what the table allows is
done, the log tells exactly that, and the person hears of exactly what the table says."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from models.application_states import MOVES, Actor, State, is_told, may_move
from models.applications import Application, ForbiddenMove, events_of
from models.database import Database
from models.lifecycle import BANK_ACTIVATED, BANK_NOT_ACTIVATED, matter_of
from models.notices import Notice
from tests.models.making import NOW
from tests.models.test_lifecycle import LIFE, made

TRIED = sorted({(end, actor) for (_, end), move in MOVES.items() for actor in move.actors})


class Moves(RuleBasedStateMachine):
    """One application, and everybody who may try to move it. `file` is an empty database."""

    file: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(self.file, self.folder / "records.db")
        self.database = Database(f"sqlite:///{self.folder / 'records.db'}")
        self.now, self.expected = NOW, [("DRAFT", "SUBMITTED", "citizen")]
        with self.database.writing() as records:
            self.id = made(records).id

    def _try(self, to: State, actor: Actor) -> None:
        with self.database.writing() as records:
            application = records.get_one(Application, self.id)
            start = application.state
            if may_move(start, to, actor):
                LIFE.advance(records, application, to, actor, self.now, by="x")
                self.expected.append((start, to.value, actor.value))
                return
            with pytest.raises(ForbiddenMove):
                LIFE.advance(records, application, to, actor, self.now, by="x")

    @rule(tried=st.sampled_from(TRIED))
    def somebody_moves_it(self, tried: tuple[State, Actor]) -> None:
        self._try(*tried)

    @rule(pick=st.integers(0, 1000))
    def it_goes_on(self, pick: int) -> None:
        """As the table allows: else most of a run would stand still."""
        here = self.expected[-1][1]
        ways = [
            (end, actor)
            for (start, end), move in MOVES.items()
            for actor in sorted(move.actors)
            if start == here
        ]
        if ways:
            self._try(*ways[pick % len(ways)])

    @rule(to=st.sampled_from(State), actor=st.sampled_from(Actor))
    def somebody_tries_anything(self, to: State, actor: Actor) -> None:
        self._try(to, actor)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def the_log_tells_what_was_done_and_nothing_else(self) -> None:
        with self.database.reading() as records:
            events = [e for e in events_of(records, self.id) if e.kind == "moved"]
            state = records.get_one(Application, self.id).state
        assert [(e.from_state, e.to_state, e.actor) for e in events] == self.expected
        assert state == self.expected[-1][1]

    @invariant()
    def who_is_told_is_told_once_for_each_move(self) -> None:
        told = [m for m in self.expected[1:] if is_told(m[0], m[1])]
        with self.database.reading() as records:
            application = records.get_one(Application, self.id)
            mine = select(func.count()).where(Notice.matter == matter_of(application))
            assert records.scalar(mine) == len(told)

    @invariant()
    def the_three_statuses_fit_each_other(self) -> None:
        passed = {to for _, to, _ in self.expected}
        with self.database.reading() as records:
            found = records.get_one(Application, self.id)
            assert (found.card_status == "1") is (found.state == State.ACTIVATED)
            assert (found.bank_status == "") is (State.IN_PRODUCTION not in passed)
            assert found.bank_status in ("", BANK_NOT_ACTIVATED, BANK_ACTIVATED)
            assert (found.correct_by is not None) is (found.state == State.RETURNED)

    def teardown(self) -> None:
        self.database.dispose()
        shutil.rmtree(self.folder)


def ways_to() -> dict[State, list[tuple[State, Actor]]]:
    """A shortest way from SUBMITTED to every state."""
    found: dict[State, list[tuple[State, Actor]]] = {State.SUBMITTED: []}
    for here in (queue := [State.SUBMITTED]):
        for (start, end), move in MOVES.items():
            if start is here and end not in found:
                found[end] = [*found[here], (end, min(move.actors))]
                queue.append(end)
    return found


def test_every_state_is_reached_through_the_door(sqlite_database: Database) -> None:
    ways = ways_to()
    assert set(ways) == set(State) - {State.DRAFT}
    with sqlite_database.writing() as records:
        for state, way in ways.items():
            application = made(records, holder_proven=False)
            for to, actor in way:
                LIFE.advance(records, application, to, actor, NOW, by="x")
            assert application.state == state


def test_only_what_the_table_allows_is_done_and_noted(upgraded_sqlite: Path) -> None:
    machine: Any = type("OnThisFile", (Moves,), {"file": upgraded_sqlite})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
