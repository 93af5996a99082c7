"""The doctor's daily round in the worker: an error in the log per fault, a figure for the alarm.

The figure goes through Redis: the site's processes, which `/metrics` asks, are others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.doctor.findings import Check, examine
from bot.work.housekeeping import Chore

KEY = "shebaoka:doctor"
DAY = timedelta(days=1)
FIRST = timedelta(minutes=10)
"""After the worker's start: by then the site has started as well."""
KEPT = timedelta(days=3)

log = structlog.get_logger(__name__)


def doctor_chore(checks: Callable[[], Iterable[Check]], redis: Any) -> Chore:
    """Looks at everything once a day, logs what is wrong and keeps how much that is."""

    def do(now: datetime) -> int:
        findings = examine(checks())
        for finding in findings:
            if finding.level == "fault":
                log.error("doctor: fault", told=finding.told, remedy=finding.remedy)
            elif finding.level == "warning":
                log.warning("doctor: warning", told=finding.told, remedy=finding.remedy)
        faults = sum(finding.level == "fault" for finding in findings)
        said = json.dumps({"faults": faults, "at": now.timestamp()})
        redis.set(KEY, said, ex=int(KEPT.total_seconds()))
        return faults

    return Chore("doctor", DAY, do, first=FIRST)


def last_round(redis: Any) -> tuple[float, float] | None:
    """Faults and time (seconds of the epoch) of the last round; None: none for days. Raises
    RedisError."""
    said = json.loads(redis.get(KEY) or "null")
    return (float(said["faults"]), float(said["at"])) if said else None
