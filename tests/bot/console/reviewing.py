"""What the tests of the review's pages share: cases, a reviewer, and what they do."""

from __future__ import annotations

import re
from datetime import timedelta

from werkzeug.test import TestResponse

from models.audit import audit_of
from models.review.applying import apply_due
from models.staff import Staff
from tests.bot.console.cases import Cases
from tests.bot.console.staffed import Desk, Staffed

EAST, WEST = "119901", "119902"


def staff_of(console: Staffed, desk: Desk) -> Staff:
    with console.parts.database.reading() as records:
        found = records.get_one(Staff, desk.staff_id)
        records.expunge_all()
        return found


def claimed(desk: Desk, application_id: str) -> TestResponse:
    desk.post(f"/review/{application_id}/claim")
    return desk.get(f"/review/{application_id}")


def looks(console: Staffed, application_id: str) -> list[tuple[str, str, object]]:
    with console.parts.database.reading() as records:
        found = audit_of(records, f"application:{application_id}")
        return [(each.actor, each.act, each.detail.get("round")) for each in found]


def pictures(page: str) -> list[str]:
    found = re.findall(r'<img src="/console(/review/[^"]+)"', page)
    return list(dict.fromkeys(found))


def settled(console: Staffed, cases: Cases) -> None:
    """The minute in which decisions can be undone is over, and the worker has been there."""
    console.clock.shift(timedelta(seconds=61))
    apply_due(console.parts.database, cases.life, console.clock())
