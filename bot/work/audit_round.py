"""The audit's daily round in the worker: the log of the applications anchored, the chain walked.

The head of the chain goes to the log, which is kept elsewhere, and is asked for the next day: a
trail that was written anew has it no more. The figure goes through Redis: the site's processes,
which `/metrics` asks, are others.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.work.housekeeping import Chore
from models.anchors import anchor, broken_anchor
from models.audit_check import Chain, verify
from models.database import Database

KEY = "shebaoka:audit"
DAY = timedelta(days=1)
FIRST = timedelta(minutes=15)

log = structlog.get_logger(__name__)


def audit_chore(database: Database, redis: Any) -> Chore:
    """Walks the chain once a day, logs the head or the first broken row, and keeps the figure."""

    def do(now: datetime) -> str:
        anchor(database, now)
        before = json.loads(redis.get(KEY) or "{}").get("head", "")
        chain = verify(database, before)
        fault = chain.fault or broken_anchor(database)
        _tell(chain, fault)
        said = {"broken": int(bool(fault)), "at": now.timestamp(), "head": before or chain.head}
        if not fault:
            said["head"] = chain.head
        redis.set(KEY, json.dumps(said))
        return fault

    return Chore("audit chain", DAY, do, first=FIRST)


def last_audit_round(redis: Any) -> tuple[float, float] | None:
    """Whether the chain was broken (1) or whole (0) at the last round, and when that was (seconds
    of the epoch); None: there was none. Raises RedisError."""
    said = json.loads(redis.get(KEY) or "null")
    return (float(said["broken"]), float(said["at"])) if said else None


def _tell(chain: Chain, fault: str) -> None:
    if fault:
        log.error("audit chain broken", fault=fault, links=chain.links)
    else:
        log.info("audit chain whole", links=chain.links, head=chain.head)
