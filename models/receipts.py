"""What platforms report of sent messages, placed: single notices and pushes alike, many at once.

Reports overtake our own record of a send, come again, and come of what others sent with the same
account. Whatever is on its way is looked up before what is known: a send that ends in between is
found as known.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, select, tuple_
from sqlalchemy.orm import Session as Records

from models.deliveries import record_delivery
from models.notices import Notice
from models.people import Account
from models.push.aftermath import record_receipts
from models.push.deliveries import Delivery

MOST = 500  # of one call: what a statement may be given, on either database


@dataclass(frozen=True, slots=True)
class Report:
    """One message to `account` that the platform knows as `sent_as`, and what became of it."""

    account: str
    sent_as: str
    result: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Whose these are; `early`: nobody can say yet. The rest is of what others sent."""

    notices: Sequence[Report]
    pushes: Sequence[Report]
    early: Sequence[Report]


def place(records: Records, reports: Sequence[Report]) -> Placed:
    """Find what each of at most `MOST` is about."""
    calling = _calling(records, {report.account for report in reports})
    ids = {report.sent_as for report in reports}
    notices = _notices(records, reports)
    pushes = set(records.scalars(select(Delivery.sent_as).where(_SENT, Delivery.sent_as.in_(ids))))
    of_notices, of_pushes, early = list[Report](), list[Report](), list[Report]()
    for report in reports:
        if (report.account, report.sent_as) in notices:
            of_notices.append(report)
        elif report.sent_as in pushes:
            of_pushes.append(report)
        elif report.account in calling:
            early.append(report)
    return Placed(of_notices, of_pushes, early)


def record(records: Records, placed: Placed, now: datetime) -> None:
    """Note what became of ours: the platform's first word counts."""
    for report in sorted(placed.notices, key=lambda report: (report.account, report.sent_as)):
        record_delivery(records, report.account, report.sent_as, report.result, now)
    if placed.pushes:  # the first word of several in one batch, too
        first_last = reversed(placed.pushes)
        record_receipts(records, [(report.sent_as, report.result) for report in first_last])


_CALLING: ColumnElement[bool] = literal_column("push_deliveries.state = 'calling'")
_IN_DOUBT: ColumnElement[bool] = literal_column(
    "(push_deliveries.state = 'waiting' AND push_deliveries.called_at IS NOT NULL)"
)
_SENT: ColumnElement[bool] = literal_column("push_deliveries.sent_as IS NOT NULL")


def _calling(records: Records, accounts: Collection[str]) -> set[str]:
    """Of these accounts those for which something is on its way, or may have been taken under an id
    that we were not told: the answer was lost, and it will be called again."""
    on_its_way = (Notice.kind == "ladder") & Notice.state.in_(("claimed", "sending"))
    by_notice = select(Notice.account_key).where(Notice.account_key.in_(accounts), on_its_way)
    theirs = (
        select(Account.key)
        .join(Delivery, Delivery.recipient == Account.recipient)
        .where(Account.key.in_(accounts))
    )
    by_push = (theirs.where(which) for which in (_CALLING, _IN_DOUBT))
    return {
        *records.scalars(by_notice),
        *(key for each in by_push for key in records.scalars(each)),
    }


def _notices(records: Records, reports: Sequence[Report]) -> set[tuple[str, str]]:
    asked = [(report.sent_as, report.account) for report in reports]
    known = select(Notice.account_key, Notice.sent_as).where(
        tuple_(Notice.sent_as, Notice.account_key).in_(asked)
    )
    return {(account, str(sent_as)) for account, sent_as in records.execute(known)}
