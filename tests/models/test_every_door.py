"""The whole way of an application as a model: officers with their second thoughts, batches, lines
of reply files in any order, clerks, the person and the clock. Whatever they do, only moves of the
table are made, and log, state, queue, decisions and batches agree."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import MOVES, Actor, State
from models.applications import Application, ForbiddenMove, events_of
from models.collection import (
    NotHandedOver,
    arrive,
    bank_switched_on,
    hand_over_by_id,
    switch_on,
)
from models.collection_timers import do_due
from models.database import Database
from models.handover.batches import BatchLine, Destination
from models.handover.replies import Told
from models.handover.stages import MEANINGS
from models.passes import Collector
from models.promises import own_up
from models.returns import Finding
from models.review.applying import apply_due
from models.review.arrivals import place_missing
from models.review.claims import NotHeld, end_claims, next_for, release
from models.review.decisions import Settled, can_be_undone, decide, decisions_of, undo
from models.review.items import Status, Task, find_item
from models.review.second import SamePerson, confirm, decline, waiting_for_second
from models.review.verdicts import Kind, Verdict, VerdictFault
from models.staff import Staff
from tests.models.handover.making import ANSWERS, ONLINE, cut, judge
from tests.models.making import KEYS, NOW
from tests.models.review.making import CITY, FINE, LIFE, REASONS, handed_in, officer

PEOPLE = st.integers(0, 1)
FINDINGS = {
    Kind.RETURN: (Finding("PHOTO_BG", "portrait"),),
    Kind.REFUSE: (Finding("DUPLICATE", "id_number"),),
}
REFUSALS = (NotHeld, VerdictFault, Settled, SamePerson, ForbiddenMove, NotHandedOver)
WITHDRAWN = (State.CANCELLED, State.CANCEL_REQUESTED)
CITIZENS = sorted({end for (_, end), move in MOVES.items() if Actor.CITIZEN in move.actors})
USUAL = {0: Kind.RETURN, 1: Kind.REFUSE, 2: Kind.HOLD}
LINES = {
    State.SENT_TO_PROVINCE: (("PROVINCE", "TAKEN"), ("PROVINCE", "OK")),
    State.PROVINCE_CHECKING: (("PROVINCE", "OK"), ("PROVINCE", "FAIL")),
    State.BANK_OPENING: (("BANK", "OK"), ("BANK", "FAIL")),
    State.IN_PRODUCTION: (("CENTRE", "OK"), ("FACTORY", "FAIL")),
    State.PRODUCED: (("BRANCH", "ARRIVED"), ("MAIL", "SENT")),
    State.MAILED: (("MAIL", "DELIVERED"), ("MAIL", "RETURNED")),
    State.MAIL_RETURNED: (("BRANCH", "ARRIVED"), ("MAIL", "SENT")),
}
"""What an office says next: as it should, and in trouble."""


class Doors(RuleBasedStateMachine):
    """One application; `file` is an empty database."""

    file: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(self.file, self.folder / "records.db")
        self.database = Database(f"sqlite:///{self.folder / 'records.db'}")
        self.now, self.lines = NOW, 0
        with self.database.writing() as records:
            columns: dict[str, Any] = {"bank": "CCB", "branch": "CCB-01", "delivery": "pickup"}
            self.id = handed_in(records, answers={**ANSWERS, **FINE}, **columns).id
            self.staff = [officer(records).id, officer(records).id]

    def _do(self, act: Callable[[Records, Application], object]) -> None:
        """One act in a transaction of its own; a refusal changes nothing."""
        with suppress(*REFUSALS), self.database.writing() as records:
            act(records, records.get_one(Application, self.id))

    def _person(self, records: Records, who: int) -> Staff:
        return records.get_one(Staff, self.staff[who])

    # --- officers -----------------------------------------------------------------------

    @rule(who=PEOPLE)
    def next_is_pressed(self, who: int) -> None:
        self._do(lambda records, _: next_for(records, LIFE, self._person(records, who), self.now))

    def _holder(self, who: int) -> int:
        """Who has claimed it; `who` where nobody has."""
        with self.database.reading() as records:
            item = find_item(records, self.id)
            records.expunge_all()
        known = item is not None and item.holder in self.staff
        return self.staff.index(str(item.holder)) if item is not None and known else who

    @rule(
        kind=st.sampled_from(Kind), who=PEOPLE, wrong_one=st.integers(0, 4), at_once=st.booleans()
    )
    def it_is_decided(self, kind: Kind, who: int, wrong_one: int, at_once: bool) -> None:
        who = self._holder(who) if wrong_one else 1 - self._holder(who)
        until = CITY.promise(self.now.date(), 2) if kind is Kind.HOLD else None
        verdict = Verdict(kind, FINDINGS.get(kind, ()), until)
        self._do(
            lambda records, _: decide(
                records, LIFE, REASONS, self._person(records, who), self.id, verdict, self.now
            )
        )
        if at_once:
            self._pass(timedelta(minutes=2))

    @rule(who=PEOPLE)
    def it_is_given_back(self, who: int) -> None:
        self._do(
            lambda records, _: release(records, LIFE, self._person(records, who), self.id, self.now)
        )

    @rule(who=PEOPLE)
    def it_is_undone(self, who: int) -> None:
        def act(records: Records, _: Application) -> None:
            staff = self._person(records, who)
            for decision in can_be_undone(records, staff, self.now):
                undo(records, LIFE, staff, decision.id, self.now)

        self._do(act)

    @rule(who=PEOPLE, agrees=st.booleans())
    def a_second_person_looks(self, who: int, agrees: bool) -> None:
        def act(records: Records, _: Application) -> None:
            staff = self._person(records, who)
            for decision in waiting_for_second(records, staff, "confirm"):
                (confirm if agrees else decline)(records, LIFE, staff, decision.id, self.now)

        self._do(act)

    # --- the offices outside ------------------------------------------------------------

    @rule(destination=st.sampled_from(("province", "bank")))
    def a_batch_is_cut(self, destination: Destination) -> None:
        self._do(lambda records, _: cut(records, destination, ONLINE, self.now))

    @rule(
        meant=st.sampled_from(sorted(MEANINGS)),
        minutes=st.integers(-300, 0),
        source=st.sampled_from(("province", "bank")),
    )
    def a_line_comes(self, meant: tuple[str, str], minutes: int, source: Destination) -> None:
        self.lines += 1
        fields = dict.fromkeys(("text", "account_tail", "card_tail", "outlet", "parcel"), "")
        at = self.now + timedelta(minutes=minutes)
        line = Told(self.id, *meant, "", **fields, at=at, line=self.lines)
        self._do(lambda records, _: judge(records, line, source=source, now=self.now))

    # --- the branch, the person, the clock ----------------------------------------------

    @rule(act=st.sampled_from((arrive, switch_on, bank_switched_on, hand_over_by_id)))
    def the_branch_acts(self, act: Any) -> None:
        given: dict[Any, tuple[Any, ...]] = {
            switch_on: (Actor.OFFICER,),
            hand_over_by_id: (Collector.SELF, "no_phone"),
        }
        self._do(
            lambda records, card: act(
                records, LIFE, card, *given.get(act, ()), self.now, by="staff:clerk"
            )
        )

    @rule(to=st.sampled_from(CITIZENS), means_it=st.integers(0, 5))
    def the_person_acts(self, to: State, means_it: int) -> None:
        """Who withdraws ends the run nearly always: most think better of it."""
        if to in WITHDRAWN and means_it:
            return
        self._do(
            lambda records, card: LIFE.advance(
                records, card, to, Actor.CITIZEN, self.now, by="", quiet=True
            )
        )

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self._pass(timedelta(hours=hours))

    @rule(who=PEOPLE, trouble=st.integers(0, 5))
    def it_goes_on(self, who: int, trouble: int) -> None:
        """As it should, or with the usual trouble: else hardly a run would come far."""
        with self.database.reading() as records:
            state = State(records.get_one(Application, self.id).state)
        match state:
            case State.SUBMITTED | State.RESUBMITTED:
                self.next_is_pressed(who)
            case State.UNDER_REVIEW:
                self.it_is_decided(USUAL.get(trouble, Kind.APPROVE), who, 1, at_once=True)
                self.a_second_person_looks(1 - self._holder(who), agrees=True)
            case State.BANK_FAILED | State.CANCEL_REQUESTED | State.PROVINCE_RETURNED:
                self.next_is_pressed(who)
                kind = {State.BANK_FAILED: Kind.REOPEN, State.CANCEL_REQUESTED: Kind.KEEP}
                self.it_is_decided(kind.get(state, Kind.RETURN), who, 1, at_once=True)
            case State.ON_HOLD:
                self._pass(timedelta(days=5))
            case State.RETURNED:
                self.the_person_acts(State.RESUBMITTED, 1)
            case State.APPROVED | State.PRODUCTION_FAILED:
                self.a_batch_is_cut("province")
                self.now += timedelta(minutes=10)
            case State.READY_FOR_PICKUP:
                self.the_branch_acts(hand_over_by_id)
            case State.COLLECTED:
                self.the_branch_acts(switch_on)
            case _ if state in LINES:
                self._an_office_answers(state, LINES[state][not trouble])

    def _an_office_answers(self, state: State, line: tuple[str, str]) -> None:
        bank = state is State.BANK_OPENING
        if bank:
            self.a_batch_is_cut("bank")
        self.a_line_comes(line, 0, "bank" if bank else "province")
        self.now += timedelta(minutes=10)

    def _pass(self, time: timedelta) -> None:
        self.now += time
        apply_due(self.database, LIFE, self.now)
        end_claims(self.database, LIFE, self.now)
        place_missing(self.database, KEYS, CITY, self.now)
        self._do(lambda records, _: do_due(records, LIFE, self.now))
        self._do(lambda records, _: own_up(records, LIFE, self.now))

    # --- what always holds --------------------------------------------------------------

    @invariant()
    def the_log_is_a_way_through_the_table_that_ends_where_it_stands(self) -> None:
        with self.database.reading() as records:
            moves = [e for e in events_of(records, self.id) if e.kind == "moved"]
            state = records.get_one(Application, self.id).state
        for before, event in zip([None, *moves], moves, strict=False):
            if before is not None:
                assert event.from_state == before.to_state
            allowed = MOVES[State(event.from_state), State(event.to_state)]
            assert Actor(event.actor) in allowed.actors
        assert moves[-1].to_state == state

    @invariant()
    def the_queue_knows_where_it_stands(self) -> None:
        with self.database.reading() as records:
            state = records.get_one(Application, self.id).state
            item = find_item(records, self.id)
            assert item is not None
            status = Status(item.status)
        if state == State.UNDER_REVIEW and status not in (Status.CLAIMED, Status.DECIDED):
            # What came from the province or the factory stays under review when it is given back.
            assert item.task in (Task.PROVINCE, Task.PRODUCTION)
            assert status in (Status.WAITING, Status.RESERVED)
        if state in (State.SUBMITTED, State.RESUBMITTED):
            assert status in (Status.WAITING, Status.RESERVED)
        if state in (State.READY_FOR_PICKUP, State.COLLECTED, State.RETURNED, State.REFUSED):
            assert status is Status.GONE

    @invariant()
    def nothing_is_decided_twice_and_every_decision_is_in_the_log(self) -> None:
        with self.database.reading() as records:
            applied = [d for d in decisions_of(records, self.id) if d.applied_at]
            noted = [e.detail.get("decision") for e in events_of(records, self.id)]
        assert max(Counter(d.stay for d in applied).values(), default=0) <= 1
        assert Counter(d.id for d in applied) == Counter(filter(None, noted))
        for decision in applied:
            assert decision.kind != Kind.REFUSE or decision.confirmed_by not in (None, decision.by)

    @invariant()
    def it_is_under_way_to_each_office_once_at_most(self) -> None:
        with self.database.reading() as records:
            mine = select(BatchLine.destination).where(
                BatchLine.application_id == self.id, BatchLine.open
            )
            assert max(Counter(records.scalars(mine)).values(), default=0) <= 1

    def teardown(self) -> None:
        self.database.dispose()
        shutil.rmtree(self.folder)


def test_whoever_does_whatever_the_records_agree(upgraded_sqlite: Path) -> None:
    machine: Any = type("OnThisFile", (Doors,), {"file": upgraded_sqlite})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
