"""What the platform tells of a call of 群发: numbers, once, of none of its people.

Its event names the call by the platform's own id, never by the key that we gave it. Where the
answer that would have told us the id was lost, or is still on its way, the event is kept until the
batch has its id: at the repeated call the platform names it. Source: developers.weixin.qq.com,
事件推送群发结果, 使用 clientmsgid 参数避免重复推送.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.push.counts import Key, add_counts, insert_of
from models.push.deliveries import MASS_ROAD
from models.push.masses import Mass, end_failed
from models.records import Record

RECEIPTS = ("delivered", "failed", "limited")
"""As `push_counts` names what the result event tells; limited: by frequency or by the person."""

KEPT = timedelta(days=2)
"""No batch is in doubt for so long: the platform knows its key for a day."""


class MassHeard(Record):
    """A result of something that we do not know by this id yet: it may be a batch's of ours."""

    __tablename__ = "push_masses_heard"

    app: Mapped[str] = mapped_column(String(128), primary_key=True)
    sent_as: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed: Mapped[str] = mapped_column(String(64))
    filter_count: Mapped[int | None]
    sent_count: Mapped[int | None]
    error_count: Mapped[int | None]
    heard_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class MassResult:
    """What the platform tells of a call. `failed` is "" or why nobody got it; the numbers are those
    of `Mass`, None where they are not told."""

    failed: str = ""
    filter_count: int | None = None
    sent_count: int | None = None
    error_count: int | None = None


def may_be_ours(records: Records, app: str, sent_as: str) -> bool:
    """Whether the platform has a batch of ours as this, or one of this app is on its way or in
    doubt, whose id is not written down. What is on its way is looked up first: a call that ends in
    between is found as known."""
    calling = select(Mass.id).where(Mass.state == "calling", Mass.app == app)
    known = select(Mass.id).where(Mass.sent_as == sent_as)
    return any(records.scalar(which.limit(1)) is not None for which in (calling, known))


def hear(records: Records, app: str, sent_as: str, result: MassResult, now: datetime) -> None:
    """Close the batch that the platform knows by this id, or keep the result for the batch that may
    have it. Its first word counts."""
    if record_mass_result(records, sent_as, result):
        return
    # Who writes down the end of a call holds its batch: either they find what is kept, or we find
    # the id that they wrote.
    calling = select(Mass.id).where(Mass.state == "calling", Mass.app == app).order_by(Mass.id)
    is_any = records.execute(calling.with_for_update()).all()
    if record_mass_result(records, sent_as, result) or not is_any:
        return
    records.execute(delete(MassHeard).where(MassHeard.heard_at < now - KEPT))
    row = {
        "app": app,
        "sent_as": sent_as,
        "failed": result.failed[:64],
        "filter_count": result.filter_count,
        "sent_count": result.sent_count,
        "error_count": result.error_count,
        "heard_at": now,
    }
    records.connection().execute(insert_of(records)(MassHeard).on_conflict_do_nothing(), row)


def record_heard(records: Records, mass: Mass) -> None:
    """Close this batch, whose id was just written down, if its result came before."""
    heard = records.get(MassHeard, (mass.app, mass.sent_as or ""))
    if heard is None:
        return
    numbers = (heard.filter_count, heard.sent_count, heard.error_count)
    record_mass_result(records, heard.sent_as, MassResult(heard.failed, *numbers))
    records.delete(heard)
    records.flush()


def record_mass_result(records: Records, sent_as: str, result: MassResult) -> bool:
    """Close the batch that the platform knows by this id; its first word counts. False where there
    is none such."""
    mine = select(Mass).where(Mass.sent_as == sent_as).with_for_update()
    mass = records.scalar(mine.execution_options(populate_existing=True))
    if mass is None:
        return False
    if mass.state != "called":
        return True
    mass.state, mass.reason = "done", result.failed[:64]
    mass.filter_count, mass.sent_count = result.filter_count, result.sent_count
    mass.error_count = result.error_count
    records.flush()
    if result.failed:
        end_failed(records, mass)
    else:
        add_counts(records, mass.campaign_id, _receipts(mass))
    return True


def _receipts(mass: Mass) -> Counter[Key]:
    filtered = mass.count - mass.filter_count if mass.filter_count is not None else 0
    numbers = (mass.sent_count or 0, mass.error_count or 0, max(filtered, 0))
    return Counter(
        {("receipt", MASS_ROAD, what): n for what, n in zip(RECEIPTS, numbers, strict=True) if n}
    )
