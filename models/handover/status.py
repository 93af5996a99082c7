"""What is where, since when, and what is stuck: for who runs the hand-over, page and command."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as Records

from config.city_handover import Handover
from models.application_states import State
from models.applications import Application
from models.handover.batches import DESTINATIONS, Batch, BatchLine, BatchState, Block
from models.handover.cutting import WANTED
from models.handover.replies import FaultRow, FileState, ReplyFile

ROWS = 200  # of each list: what waits longer than these is behind them
FAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch that nobody has answered whole. `open`: lines without an answer; `stuck`: for longer
    than the profile says, or it waits for staff."""

    batch: Batch
    open: int
    stuck: bool

    @property
    def waits_for_staff(self) -> bool:
        return self.batch.state in (BatchState.REFUSED, BatchState.CONFLICT)


@dataclass(frozen=True, slots=True)
class Blocked:
    """An application that cannot be handed over as it is."""

    application: Application
    block: Block

    @property
    def may_be_reviewed(self) -> bool:
        return self.application.state == State.APPROVED


@dataclass(frozen=True, slots=True)
class Faults:
    """So many lines of one file could not be taken, for one reason."""

    source: str
    file: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is not as it should end."""

    batches: Sequence[BatchStatus]
    blocked: Sequence[Blocked]
    files: Sequence[ReplyFile]  # not done with: broken, or their faults not told yet
    faults: Sequence[Faults]

    @property
    def stuck(self) -> int:
        """Lines of stuck batches, and applications that cannot go."""
        return sum(one.open for one in self.batches if one.stuck) + len(self.blocked)


def status_of(
    records: Records, style: Handover, now: datetime, districts: Collection[str] = ()
) -> Status:
    """As of now. The blocked ones of these districts; none: of all."""
    return Status(
        _batches(records, style, now),
        _blocked(records, districts),
        _files(records),
        _faults(records, now),
    )


def _batches(records: Records, style: Handover, now: datetime) -> list[BatchStatus]:
    """The oldest first."""
    left = (
        select(BatchLine.batch_id, func.count().label("open"))
        .where(BatchLine.open)
        .group_by(BatchLine.batch_id)
        .subquery()
    )
    unanswered = (
        select(Batch, func.coalesce(left.c.open, 0))
        .outerjoin(left, left.c.batch_id == Batch.id)
        .where(or_(Batch.state.in_(_ON_THEIR_WAY), left.c.open > 0))
        .order_by(Batch.cut_at, Batch.id)
        .limit(ROWS)
    )
    before = {d: now - timedelta(days=style.way(d).stuck_days) for d in DESTINATIONS}
    found = []
    for batch, count in records.execute(unanswered):
        old = any(batch.destination == d and batch.cut_at < when for d, when in before.items())
        found.append(BatchStatus(batch, count, old or batch.state in _ENDED))
    return found


_ON_THEIR_WAY = (BatchState.CUT.value, BatchState.SENDING.value)
_ENDED = (BatchState.REFUSED.value, BatchState.CONFLICT.value)


def _blocked(records: Records, districts: Collection[str]) -> list[Blocked]:
    """Those that can still go. Who withdrew, or is reviewed again, holds nothing up."""
    can_go = or_(
        *((Block.destination == d) & Application.state.in_(WANTED[d]) for d in DESTINATIONS)
    )
    mine = select(Application, Block).join(Block, Block.application_id == Application.id)
    mine = mine.where(can_go)
    if districts:
        mine = mine.where(Application.district.in_(districts))
    rows = records.execute(mine.order_by(Block.at).limit(ROWS))
    return [Blocked(application, block) for application, block in rows]


def _files(records: Records) -> list[ReplyFile]:
    open_ones = select(ReplyFile).where(ReplyFile.state != FileState.DONE.value)
    return list(records.scalars(open_ones.order_by(ReplyFile.came_at).limit(ROWS)))


def _faults(records: Records, now: datetime) -> list[Faults]:
    of = (FaultRow.source, FaultRow.file, FaultRow.code)
    counted = (
        select(*of, func.count())
        .where(FaultRow.at > now - timedelta(days=FAULT_DAYS))
        .group_by(*of)
        .order_by(FaultRow.file.desc(), FaultRow.code)
        .limit(ROWS)
    )
    return [Faults(*row) for row in records.execute(counted)]
