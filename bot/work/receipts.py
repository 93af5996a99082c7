"""The lane `receipts`: what platforms reported of sent messages goes into the records, by the
hundred."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import structlog

from bot.sessions import Receipt, Receipts
from bot.work.desk import Tools
from bot.work.lane import Work
from models.receipts import MOST, Report, place, record

PATIENCE = 600.0  # seconds that one waits for our own record of the send; no call takes as long

log = structlog.get_logger(__name__)


class ReceiptsLane:
    """Takes reports in batches. A batch whose worker dies is taken again, by whoever comes."""

    def __init__(self, tools: Tools, receipts: Receipts) -> None:
        self._tools, self._receipts = tools, receipts

    def claim(self) -> Work | None:
        """The oldest that wait, as work to do."""
        found = self._receipts.take(MOST)
        return partial(self._do, found) if found else None

    def _do(self, found: Sequence[Receipt]) -> None:
        reports = {each.entry: Report(each.account, each.sent_as, each.result) for each in found}
        with self._tools.database.reading() as records:
            placed = place(records, list(reports.values()))
        if placed.notices or placed.pushes:
            with self._tools.database.writing() as records:
                record(records, placed, self._tools.sources.clock())
        early = set(placed.early)
        waits = [e for e in found if reports[e.entry] in early and e.seconds < PATIENCE]
        if given_up := sum(report in early for report in reports.values()) - len(waits):
            log.warning("reports of messages that nobody sent", count=given_up)
        kept = {each.entry for each in waits}
        self._receipts.done([each for each in found if each.entry not in kept])
