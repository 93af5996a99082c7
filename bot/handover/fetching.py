"""Reply files: fetched and kept whole, judged by line, and what was wrong told to the sender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.handover.destinations import Reached
from bot.handover.incoming import FileFault, open_file, read_lines
from bot.handover.roads import Offered
from bot.ports import OfficeError
from models.database import Database
from models.handover.files import (
    end_report,
    is_wanted,
    judge_file,
    keep_file,
    last_cursor,
    note_broken,
    put_off,
)
from models.handover.replies import FileState, LineFault, ReplyFile, faults_of
from models.lifecycle import Lifecycle

_LATER = timedelta(minutes=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fetching:
    """Does the steps of a file; each may be done again."""

    database: Database
    life: Lifecycle
    clock: Callable[[], datetime]
    hook: Callable[[str], None]

    def fetch(self, reached: Reached) -> int:
        """Everything that lies ready at a destination. Returns how many files were taken."""
        taken = 0
        with self.database.reading() as records:
            after = last_cursor(records, reached.name)
        try:
            while True:
                offered = list(reached.road.replies(after))
                taken += sum(self._take(reached, one) for one in offered)
                if not offered or offered[-1].cursor == after:
                    return taken
                after = offered[-1].cursor
        except OfficeError as error:
            log.warning("replies not fetched", source=reached.name, reason=error.reason)
            return taken

    def _take(self, reached: Reached, offered: Offered) -> bool:
        now, source = self.clock(), reached.name
        with self.database.reading() as records:
            row = records.get(ReplyFile, (source, offered.name))
        if not is_wanted(row, now):
            if row is not None and row.state == FileState.DONE:
                self._end(reached, offered.name)  # again, should a crash have come between
            return False
        try:
            content = reached.road.fetch(offered)
            self.hook("reply fetched")
            whole = open_file(content, offered.name, source, reached.keys)
        except OfficeError as error:
            if error.retry:
                raise
            self._broken(reached, offered, "envelope")  # it must not keep those behind it away
            return False
        except FileFault as fault:
            self._broken(reached, offered, fault.code)
            return False
        _, faults = read_lines(whole.lines, reached.way.stages)
        with self.database.writing() as records:
            keep_file(
                records,
                self.life.keys,
                source,
                offered.name,
                cursor=offered.cursor,
                digest=whole.digest,
                lines=whole.lines,
                count=whole.count,
                faults=faults,
                now=now,
            )
        self.hook("reply kept")
        log.info("reply taken", source=source, file=offered.name, lines=whole.count)
        return True

    def _broken(self, reached: Reached, offered: Offered, code: str) -> None:
        log.error("reply broken", source=reached.name, file=offered.name, fault=code)
        now = self.clock()
        with self.database.writing() as records:
            note_broken(
                records, reached.name, offered.name, cursor=offered.cursor, fault=code, now=now
            )
        try:
            reached.road.report(offered.name, [asdict(LineFault(0, code))])
        except OfficeError as error:  # it is told at the next try
            log.warning(
                "faults not told", source=reached.name, file=offered.name, reason=error.reason
            )

    def judge(self, reached: Reached, name: str) -> None:
        """The lines of a file that is kept."""
        with self.database.reading() as records:
            row = records.get(ReplyFile, (reached.name, name))
            lines = row.lines(self.life.keys) if row else b""
        told, _ = read_lines(lines, reached.way.stages)
        now = self.clock()
        part = partial(self.hook, "lines judged")
        faults = judge_file(self.database, self.life, reached.name, name, told, now, part)
        self.hook("reply judged")
        log.info("reply judged", source=reached.name, file=name, lines=len(told), faults=faults)
        if not faults:
            self._end(reached, name)

    def report(self, reached: Reached, name: str) -> None:
        """What was wrong in a file; it is done with once the sender has heard."""
        with self.database.reading() as records:
            faults = faults_of(records, reached.name, name)
        try:
            reached.road.report(name, [asdict(fault) for fault in faults])
        except OfficeError as error:
            log.warning("faults not told", source=reached.name, file=name, reason=error.reason)
            with self.database.writing() as records:
                put_off(records, reached.name, name, self.clock() + _LATER)
            return
        self.hook("reply reported")
        with self.database.writing() as records:
            end_report(records, reached.name, name)
        self._end(reached, name)

    def _end(self, reached: Reached, name: str) -> None:
        try:
            reached.road.end(name)
        except OfficeError as error:
            log.warning("reply not put aside", file=name, reason=error.reason)
