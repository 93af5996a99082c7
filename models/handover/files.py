"""Taking a reply file: kept whole first, then judged some lines at a time, then reported about.

Each step is a transaction of its own, and may be done again after a crash: what is known is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.handover.batches import Destination
from models.handover.judging import Judging
from models.handover.replies import FaultRow, FileState, LineFault, ReplyFile, Told, add_faults
from models.lifecycle import Lifecycle
from models.sealing import Keyring

AT_ONCE = 25  # applications in one transaction: others wait for their rows no longer than that
BROKEN_TRIES = 5
_PAUSE = timedelta(minutes=15)


def last_cursor(records: Records, source: Destination) -> str:
    """Behind which files are asked for: the last one taken before the first that could not be."""
    mine = select(ReplyFile).where(ReplyFile.source == source)
    rows = records.scalars(mine.order_by(ReplyFile.came_at, ReplyFile.name)).all()
    cursor = ""
    for row in rows:
        if row.state == FileState.BROKEN and row.attempts < BROKEN_TRIES:
            break
        cursor = row.cursor or cursor
    return cursor


def is_wanted(row: ReplyFile | None, now: datetime) -> bool:
    """Whether a file is to be fetched: unknown, or broken and due again."""
    if row is None:
        return True
    return row.state == FileState.BROKEN and row.attempts < BROKEN_TRIES and row.due_at <= now


def keep_file(
    records: Records,
    keys: Keyring,
    source: Destination,
    name: str,
    *,
    cursor: str,
    digest: str,
    lines: bytes,
    count: int,
    faults: Sequence[LineFault],
    now: datetime,
) -> None:
    """Keep a whole file, with those of its lines that could not be read."""
    row = records.get(ReplyFile, (source, name)) or ReplyFile(source=source, name=name)
    if row.state not in (None, FileState.BROKEN.value):
        return  # another worker was faster
    row.state, row.cursor, row.digest, row.count = FileState.TAKEN.value, cursor, digest, count
    row.due_at, row.came_at = now, row.came_at or now
    row.keep(keys, lines)
    if not _stored(records, row):
        return
    records.execute(
        delete(FaultRow).where(FaultRow.source == source, FaultRow.file == name)
    )  # of the times when it could not be taken
    add_faults(records, row, faults, now)


def note_broken(
    records: Records,
    source: Destination,
    name: str,
    *,
    cursor: str,
    fault: str,
    now: datetime,
) -> None:
    """A file that could not be taken is asked for again, some times."""
    row = records.get(ReplyFile, (source, name)) or ReplyFile(source=source, name=name)
    if row.state not in (None, FileState.BROKEN.value):
        return
    row.state, row.cursor, row.attempts = FileState.BROKEN.value, cursor, (row.attempts or 0) + 1
    row.due_at, row.came_at = now + _PAUSE, row.came_at or now
    if not _stored(records, row):
        return
    add_faults(records, row, [LineFault(0, fault)], now)


def claim_file(
    records: Records,
    sources: Collection[str],
    state: FileState,
    now: datetime,
    lease: timedelta,
) -> ReplyFile | None:
    """The file that waits longest for its next step; nobody else takes it for as long as `lease`,
    and a step that is done twice all the same does nothing."""
    due = (
        select(ReplyFile)
        .where(
            ReplyFile.source.in_(sources),
            ReplyFile.state == state.value,
            ReplyFile.due_at <= now,
        )
        .order_by(ReplyFile.came_at, ReplyFile.name)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = records.scalars(due).first()
    if row is not None:
        row.due_at = now + lease
        records.flush()
    return row


def has_steps(records: Records, sources: Collection[str], now: datetime) -> bool:
    """Whether any file waits for a step, without a lock."""
    states = (FileState.TAKEN.value, FileState.JUDGED.value)
    due = ReplyFile.source.in_(sources) & ReplyFile.state.in_(states) & (ReplyFile.due_at <= now)
    return records.scalar(select(ReplyFile.name).where(due).limit(1)) is not None


def judge_file(
    database: Database,
    life: Lifecycle,
    source: Destination,
    name: str,
    lines: Sequence[Told],
    now: datetime,
    between: Callable[[], None] = lambda: None,
) -> int:
    """Judge all lines of a file that is kept. Safe to repeat, and to do twice at once. Returns how
    many could not be taken. `between`: called after each transaction."""
    judging = Judging(life, source, name)
    for some in _by_application(lines):
        with database.writing() as records:
            row = _row(records, source, name)
            add_faults(records, row, judging.judge(records, some, now), now)
        between()
    with database.writing() as records:
        row = _row(records, source, name)
        faulty = (FaultRow.source == source) & (FaultRow.file == name)
        count = records.scalar(select(func.count()).select_from(FaultRow).where(faulty)) or 0
        if row.state == FileState.TAKEN:
            row.keep(life.keys, None)
            row.state, row.due_at = (FileState.JUDGED if count else FileState.DONE).value, now
    return count


def end_report(records: Records, source: Destination, name: str) -> None:
    """The sender knows what was wrong."""
    _row(records, source, name).state = FileState.DONE.value


def put_off(records: Records, source: Destination, name: str, until: datetime) -> None:
    """The next step of a file is tried again later."""
    _row(records, source, name).due_at = until


def _stored(records: Records, row: ReplyFile) -> bool:
    """False when another worker has put the file there at the same moment."""
    try:
        with records.begin_nested():
            records.add(row)
    except IntegrityError:
        return False
    return True


def _row(records: Records, source: Destination, name: str) -> ReplyFile:
    row = records.get(ReplyFile, (source, name))
    if row is None:
        raise KeyError(name)
    return row


def _by_application(lines: Sequence[Told]) -> Iterator[list[Told]]:
    """All lines of an application together, and not too many applications."""
    told: dict[str, list[Told]] = defaultdict(list)
    for line in lines:
        told[line.application].append(line)
    ids = sorted(told)
    for begin in range(0, len(ids), AT_ONCE):
        yield [line for one in ids[begin : begin + AT_ONCE] for line in told[one]]
