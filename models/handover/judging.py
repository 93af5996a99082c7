"""What the lines of a reply file do to the applications: the same end, in whatever order they come.

Two rules make it so. A success carries an application over everything before it, so that what
comes late is *passed*: kept, and moves nothing. And a failure counts only if nothing that was told
of the same office, or of a later stage, happened after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State, is_told
from models.applications import Application, ApplicationEvent, ForbiddenMove, note
from models.handover.batches import BatchLine, Destination, close_lines
from models.handover.replies import LineFault, Reply, Told, add_reply, replies_of
from models.handover.stages import MEANINGS, RANK, Meaning, road
from models.lifecycle import BANK_ACTIVATED, Lifecycle

MOVED, NOTED, PASSED = "moved", "noted", "passed"
CONFLICT, UNKNOWN, NOT_HANDED_OVER = "conflict", "unknown_application", "not_handed_over"
SKEW = timedelta(minutes=5)  # of the sender's clock against ours
_ORDERED: dict[str, Destination] = {"province": "province", "bank": "bank", "making": "province"}
"""Whose batch an office works on."""


@dataclass(slots=True)
class _Case:
    """One application, what is known of it, and what was told in this file."""

    application: Application
    known: list[Reply]
    orders: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    heard: bool = False  # something new

    @property
    def state(self) -> State:
        return State(self.application.state)

    def of(self, office: str, *, fails: bool) -> Iterator[Reply]:
        for reply in self.known:
            meaning = MEANINGS[reply.stage, reply.result]
            if meaning.office == office and meaning.fails == fails:
                yield reply

    def is_of_an_earlier_order(self, told: Told, meaning: Meaning) -> bool:
        """Told of a batch that another has replaced meanwhile, or is about to: the bank was changed
        and the new one has not been asked."""
        orders = self.orders.get(_ORDERED.get(meaning.office, ""), [])
        opening = meaning.office == "bank" and self.state is State.BANK_OPENING
        if opening and orders and max(orders) < self.application.state_since:
            return True
        return len(orders) > 1 and told.at < max(orders) - SKEW

    def is_overtaken(self, told: Told, meaning: Meaning) -> bool:
        """Whether something that was told happened after this failure."""
        for reply in self.known:
            other = MEANINGS[reply.stage, reply.result]
            if other.fails or other.target is None:
                continue
            same = reply.stage == told.stage and other.rank >= meaning.rank
            if same and reply.at >= told.at:
                return True
            later = other.office == meaning.office or other.rank > meaning.rank
            if later and reply.at > told.at:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Judging:
    """Takes the lines of one file, some at a time, each time in the caller's transaction."""

    life: Lifecycle
    source: Destination
    file: str

    def judge(self, records: Records, lines: Sequence[Told], now: datetime) -> list[LineFault]:
        """Take these lines; all lines of an application that the file has must be among them.
        Returns what could not be taken."""
        told: dict[str, list[Told]] = defaultdict(list)
        for line in lines:
            told[line.application].append(line)
        cases = _cases(records, sorted(told))
        faults = [
            LineFault(line.line, UNKNOWN)
            for one, theirs in told.items()
            if one not in cases
            for line in theirs
        ]
        for one, case in cases.items():
            faults += self._one(records, case, told[one], now)
        _close(records, [case for case in cases.values() if case.heard])
        records.flush()
        return sorted(faults, key=lambda fault: fault.line)

    def _one(
        self, records: Records, case: _Case, lines: Sequence[Told], now: datetime
    ) -> list[LineFault]:
        """All or nothing of one application: what cannot be done to it holds up no other."""
        try:
            with records.begin_nested():
                return list(self._case(records, case, lines, now))
        except ForbiddenMove:
            return [LineFault(line.line, CONFLICT) for line in lines]

    def _case(
        self, records: Records, case: _Case, lines: Sequence[Told], now: datetime
    ) -> Iterator[LineFault]:
        keys = {reply.id for reply in case.known}
        new = {line.key: line for line in lines if line.key not in keys}
        for line in _in_order(list(new.values())):
            outcome = self._line(records, case, line, now)
            if outcome not in (MOVED, NOTED, PASSED):
                yield from (LineFault(one.line, outcome) for one in lines if one.key == line.key)
                continue
            kept = add_reply(records, self.life.keys, self.source, self.file, line, outcome, now)
            case.known.append(kept)
            case.heard = True
            self._count_failures(records, case, line, outcome, now)

    def _line(self, records: Records, case: _Case, line: Told, now: datetime) -> str:
        meaning = MEANINGS[line.stage, line.result]
        if not case.orders.get(self.source):
            return NOT_HANDED_OVER
        if case.state not in RANK:
            latest = max((reply.at for reply in case.known), default=None)
            overtaken = latest is not None and line.at <= latest
            return PASSED if overtaken else CONFLICT
        if case.is_of_an_earlier_order(line, meaning):
            return PASSED
        if meaning.target is None:
            return self._activated(records, case, now)
        judged = self._failure if meaning.fails else self._success
        return judged(records, case, line, meaning, now)

    def _activated(self, records: Records, case: _Case, now: datetime) -> str:
        if case.application.bank_status == BANK_ACTIVATED:
            return PASSED
        self.life.bank_activated(records, case.application, Actor.REPLY, now, by=self._by)
        return NOTED

    def _success(
        self, records: Records, case: _Case, line: Told, meaning: Meaning, now: datetime
    ) -> str:
        target, rank = meaning.target, RANK[case.state]
        assert target is not None  # noqa: S101 (`_line` has seen to it)
        if case.state is target or meaning.rank < rank:
            return PASSED
        failures = [reply.at for reply in case.of(meaning.office, fails=True)]
        if meaning.rank == rank:
            # The same stage in another way: mended, or sent by another road, if it came after.
            others = [r.at for r in case.of(meaning.office, fails=False)] + failures
            mends = any(case.of(meaning.office, fails=True)) or meaning.office == "out"
            if not mends or (others and line.at <= max(others)):
                return PASSED
        way = road(case.state, target, by_post=_by_post(case.application, line))
        if way is None:
            return PASSED if failures and line.at <= max(failures) else CONFLICT
        return self._go(records, case, way, line, now)

    def _failure(
        self, records: Records, case: _Case, line: Told, meaning: Meaning, now: datetime
    ) -> str:
        target = meaning.target
        assert target is not None  # noqa: S101 (see `_success`)
        if case.is_overtaken(line, meaning):
            return PASSED
        if case.state is target:
            return NOTED
        if RANK[case.state] > meaning.rank:
            return CONFLICT
        way = road(case.state, target, by_post=_by_post(case.application, line))
        return CONFLICT if way is None else self._go(records, case, way, line, now)

    def _go(
        self, records: Records, case: _Case, way: Sequence[State], line: Told, now: datetime
    ) -> str:
        """Move along; of all that a person would be told, they hear the last alone."""
        states = [case.state, *way]
        told = [is_told(a, b) for a, b in zip(states, way, strict=False)]
        last = max((n for n, is_one in enumerate(told) if is_one), default=-1)
        for number, state in enumerate(way):
            self.life.advance(
                records,
                case.application,
                state,
                Actor.REPLY,
                now,
                by=self._by,
                reason=line.code if number == len(way) - 1 else "",
                quiet=number != last,
                **_parcel(state, line),
            )
        return MOVED

    def _count_failures(
        self, records: Records, case: _Case, line: Told, outcome: str, now: datetime
    ) -> None:
        """The person hears of the second failure to make the card; staff look at the third."""
        meaning = MEANINGS[line.stage, line.result]
        if meaning.target is not State.PRODUCTION_FAILED or outcome == PASSED:
            return
        style = self.life.city.handover
        sent_at = _last_sent(records, case.application.id)
        failed = [r for r in case.of("making", fails=True) if r.outcome != PASSED]
        count = sum(sent_at is None or reply.at >= sent_at - SKEW for reply in failed)
        if count == style.tellable_failures:
            self.life.tell(records, case.application, "production_failed", now)
        if count >= style.failures:
            self.life.advance(
                records, case.application, State.ON_HOLD, Actor.REPLY, now,
                by=self._by, reason=line.code,
            )  # fmt: skip
        elif outcome == NOTED:
            note(records, case.application, "production_failed", Actor.REPLY, now, by=self._by)

    @property
    def _by(self) -> str:
        return f"reply:{self.file}"


def _parcel(state: State, line: Told) -> dict[str, str]:
    """The number of the parcel, which the person is told, stands in the log of the move."""
    return {"parcel": line.parcel} if state is State.MAILED and line.parcel else {}


def _cases(records: Records, ids: Sequence[str]) -> dict[str, _Case]:
    """The applications, held until the transaction ends, with what is known of them."""
    mine = select(Application).where(Application.id.in_(ids)).order_by(Application.id)
    held = mine.with_for_update(of=Application).execution_options(populate_existing=True)
    found = {application.id: application for application in records.scalars(held)}
    known = replies_of(records, list(found))
    cases = {one: _Case(application, known[one]) for one, application in found.items()}
    orders = select(BatchLine.application_id, BatchLine.destination, BatchLine.cut_at)
    orders = orders.where(BatchLine.application_id.in_(list(found))).order_by(BatchLine.cut_at)
    for one, destination, cut_at in records.execute(orders):
        cases[one].orders[destination].append(cut_at)
    return cases


def _last_sent(records: Records, application_id: str) -> datetime | None:
    """When it was last handed over after a review."""
    sent = select(func.max(ApplicationEvent.at)).where(
        ApplicationEvent.application_id == application_id,
        ApplicationEvent.to_state == State.SENT_TO_PROVINCE.value,
    )
    return records.scalar(sent)


def _in_order(lines: Sequence[Told]) -> list[Told]:
    """First what leads farthest, then the others as they happened: as if it had come alone, and
    they late."""

    def rank(line: Told) -> int:
        meaning = MEANINGS[line.stage, line.result]
        return 0 if meaning.fails or meaning.target is None else meaning.rank

    first = max(lines, key=lambda line: (rank(line), line.at), default=None)
    rest = sorted(lines, key=lambda line: (line.at, rank(line)))
    if first is None or not rank(first):
        return rest
    return [first, *(line for line in rest if line is not first)]


def _by_post(application: Application, line: Told) -> bool:
    return line.stage == "MAIL" or (line.result == "ACTIVATED" and application.delivery == "post")


def _close(records: Records, cases: Collection[_Case]) -> None:
    """The orders that have been answered. While a card is being made, what comes late is of an
    earlier order than one that never went, or was refused: that one still waits."""
    waiting = (State.SENT_TO_PROVINCE, State.PROVINCE_CHECKING)
    making = (State.IN_PRODUCTION, State.PRODUCTION_FAILED)
    answered = [case for case in cases if case.state not in waiting]
    for is_made in (True, False):
        ids = [case.application.id for case in answered if (case.state in making) == is_made]
        close_lines(records, ids, "province", sent=is_made)
    passed = [case.application.id for case in cases if case.state is not State.BANK_OPENING]
    close_lines(records, passed, "bank")
