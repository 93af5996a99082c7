"""A queue of any length: the applications of `benchmarks.progress`, all of them open, spread over
the city's districts, lanes and promised days; a few are in one person's hands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from benchmarks.progress.filling import Row, applications, fill
from config.city import load_city
from models.database import Database
from models.sealing import Keyring

HOLDER = "h" * 32
_HELD = 20
_LANES = ("agrees", "agrees", "agrees", "look", "look", "difficult")
_DISTRICTS = [district.code for district in load_city().districts]
_FIRST, _DAYS = date(2026, 11, 20), 10  # over which the promises lie
_LATE = datetime(2099, 1, 1, tzinfo=UTC)


def fill_queue(database: Database, keys: Keyring, count: int) -> None:
    """`count` open applications, with what belongs to them; the planner knows of them."""
    fill(database, keys, count, 100, {"applications": _submitted, "review_items": _items})


def _submitted(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    promised = _FIRST + timedelta(days=n // 7 % _DAYS)
    for row in applications(keys, n, is_real):
        district = _DISTRICTS[n % len(_DISTRICTS)]
        state = "UNDER_REVIEW" if n < _HELD else "SUBMITTED"
        yield {**row, "state": state, "district": district, "promise_review_by": promised}


def _items(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    for row in _submitted(keys, n, False):
        yield {
            "application_id": row["id"], "stay": 1, "round": 1, "task": "review",
            "status": "claimed" if n < _HELD else "waiting", "district": row["district"],
            "lane": _LANES[n // 3 % len(_LANES)], "reasons": json.dumps(["identity_match"]),
            "promised": row["promise_review_by"], "arrived_at": row["submitted_at"],
            "holder": HOLDER if n < _HELD else None, "until": _LATE if n < _HELD else None,
        }  # fmt: skip
