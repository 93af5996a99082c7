"""群发: one call of the platform for up to ten thousand followers, when all other roads of theirs
give nothing.

It is for what is the same for everybody, never for one person's matter. Who shall get one waits as
a delivery with the road `MASS_ROAD`, whose `sent_as` names its batch (`mass:<id>`). The batch is
`calling`, committed, before the call is made; where nobody knows its end it is made again under the
same key, by which the platform knows it for a day. No platform says of one person what became of
it: the result event tells numbers. Source: developers.weixin.qq.com, 根据OpenID列表群发, 事件推送
群发结果.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Integer,
    String,
    Update,
    case,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.push.campaigns import Campaign
from models.push.counts import Key, add_counts
from models.push.deliveries import MASS_ROAD, Delivery, is_any_elsewhere, is_any_new
from models.push.stages import Stage
from models.records import Record

MOST, LEAST = 10_000, 2
"""People of one call. Source: developers.weixin.qq.com, 根据OpenID列表群发."""

GATHERED = timedelta(minutes=10)
"""How long a batch waits for more people while others of its campaign are still open."""


class Mass(Record):
    """One batch, of one campaign, one app and one language.

    `state`: gathering · calling (committed before the call; from `due_at` on it may be made again)
    · called (the platform has it as `sent_as`; `due_at`: when to ask what became of it) · done ·
    refused (its people took their next road) · unknown · dropped (nobody was left to call).
    `count` people are in it; of those `filter_count` were left after the platform's filter of who
    had their four or wants none, and `sent_count` got it; None: not told yet.
    """

    __tablename__ = "push_masses"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    campaign_id: Mapped[int] = mapped_column(BigInteger, index=True)
    app: Mapped[str] = mapped_column(String(128))
    locale: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(String(64), default="")
    sent_as: Mapped[str | None] = mapped_column(String(64), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)
    filter_count: Mapped[int | None]
    sent_count: Mapped[int | None]
    error_count: Mapped[int | None]
    called_at: Mapped[datetime | None]  # the first call
    due_at: Mapped[datetime]

    @property
    def name(self) -> str:
        """As its deliveries name it."""
        return f"mass:{self.id}"

    @property
    def key(self) -> str:
        """By what the platform knows a second call for the first."""
        return f"m{self.campaign_id}-{self.id}"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a delivery that joined a batch waits with."""

    sent_as: str
    due_at: datetime


# --- gathering ---------------------------------------------------------------------------------


def gather(
    records: Records, campaign: Campaign, app: str, locale: str, people: int, now: datetime
) -> list[Gathered]:
    """A place for each of so many people in this campaign's batches that still gather; the campaign
    is `locked`. Their deliveries are to wait with it: road `MASS_ROAD`, `sent_as`, `due_at`."""
    its = (Mass.campaign_id == campaign.id, Mass.app == app, Mass.locale == locale)
    open_one = select(Mass).where(*its, Mass.state == "gathering").order_by(Mass.id.desc()).limit(1)
    mass = records.scalar(open_one)
    found: list[Gathered] = []
    while len(found) < people:
        if mass is None or mass.count >= MOST:
            mass = Mass(campaign_id=campaign.id, app=app, locale=locale, state="gathering", count=0)
            mass.due_at = now + GATHERED
            records.add(mass)
            records.flush()
        taken = min(people - len(found), MOST - mass.count)
        mass.count += taken
        found += [Gathered(mass.name, mass.due_at)] * taken
    records.flush()
    return found


def is_ready(records: Records, campaign: Campaign, mass: Mass, now: datetime) -> bool:
    """Whether a batch that gathers is to be called: it is full, has waited long enough, or nobody
    is left who might join it."""
    if mass.count >= MOST or mass.due_at <= now:
        return True
    if is_any_elsewhere(records, campaign, mass.due_at):
        return False
    held_back = campaign.at is Stage.FIRST and campaign.taken >= campaign.first
    return held_back or not is_any_new(records, campaign)


# --- the call ----------------------------------------------------------------------------------


def open_masses(records: Records) -> list[tuple[int, int]]:
    """The batches that something is still to be done with, as (campaign, batch), the earliest
    first."""
    states = ("gathering", "calling", "called")
    still = select(Mass.campaign_id, Mass.id).where(Mass.state.in_(states))
    found = records.execute(still.order_by(Mass.due_at, Mass.id))
    return [(campaign_id, mass_id) for campaign_id, mass_id in found]


def locked_mass(records: Records, mass_id: int) -> Mass:
    """The batch as it stands now, ours alone until the transaction ends. Raises KeyError."""
    mine = select(Mass).where(Mass.id == mass_id).with_for_update()
    found = records.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise KeyError(mass_id)
    return found


def members(records: Records, mass: Mass) -> list[int]:
    """The recipients of a batch whose end is not known."""
    mine = select(Delivery.recipient).where(*_of(mass), Delivery.state.in_(_OPEN))
    return list(records.scalars(mine.order_by(Delivery.recipient)))


def skip(records: Records, mass: Mass, recipients: Collection[int], reason: str) -> None:
    """These must not be told, see `models.push.reaching.SKIPPED`."""
    _settle(records, mass, recipients, "skipped", reason)


def doubt(records: Records, mass: Mass, recipients: Collection[int], reason: str) -> None:
    """These are not called again, and nobody knows whether the call before reached them."""
    _settle(records, mass, recipients, "unknown", reason)


def put_off(records: Records, mass: Mass, recipients: Collection[int], due_at: datetime) -> None:
    """These choose their road anew, from then on."""
    _change(records, mass, recipients, **_FREE, due_at=due_at)


def leave(
    records: Records, mass: Mass, recipients: Collection[int], reason: str, now: datetime
) -> None:
    """These take the road after 群发, at once."""
    why = f"{MASS_ROAD} {reason}"
    left = case((Delivery.left == "", why), else_=Delivery.left + f"; {why}")
    _change(records, mass, recipients, **_FREE, left=func.substr(left, 1, 400), due_at=now)


_ITS_BATCHS = datetime(9999, 1, 1, tzinfo=UTC)
"""No worker's lease: the batch says when it may be called again."""


def begin_call(records: Records, mass: Mass, people: int, now: datetime, until: datetime) -> None:
    """Say, before the call, that it is made now, to so many; after `until` it may be made again."""
    waiting = update(Delivery).where(*_of(mass), Delivery.state == "waiting")
    held = waiting.values(state="calling", due_at=None, called_at=now, lease_until=_ITS_BATCHS)
    _done(records, held)
    if mass.attempts:
        _of_called(records, mass, due_at=None)
    mass.state, mass.count, mass.due_at = "calling", people, until
    mass.attempts += 1
    mass.called_at = mass.called_at or now
    records.flush()


def call_later(records: Records, mass: Mass, due_at: datetime) -> None:
    """It may be made again from then on, and its people are waited for until then."""
    _of_called(records, mass, due_at=due_at)
    mass.due_at = due_at
    records.flush()


def end_called(records: Records, mass: Mass, sent_as: str, now: datetime, ask_at: datetime) -> None:
    """The platform has taken it, under this id."""
    told = _of_called(records, mass, state="sent", reason="", due_at=None, sent_at=now)
    add_counts(records, mass.campaign_id, Counter({("sent", MASS_ROAD, ""): told}))
    mass.state, mass.sent_as, mass.due_at, mass.reason = "called", sent_as, ask_at, ""
    records.flush()


def end_unknown(records: Records, mass: Mass, reason: str) -> None:
    """Nobody will ever say whether it was carried out."""
    lost = _of_called(records, mass, state="unknown", reason=reason[:64], due_at=None)
    add_counts(records, mass.campaign_id, Counter({("unknown", MASS_ROAD, reason[:64]): lost}))
    mass.state, mass.reason = "unknown", reason[:64]
    records.flush()


def end_refused(records: Records, mass: Mass, reason: str, now: datetime) -> list[int]:
    """It was surely not carried out: its people take their next road. Returns them."""
    whom = members(records, mass)
    leave(records, mass, whom, reason, now)
    mass.state, mass.reason = "refused", reason[:64]
    records.flush()
    return whom


def end_failed(records: Records, mass: Mass) -> None:
    """Nobody got what the platform had taken, for its `reason`: those deliveries failed."""
    its = update(Delivery).where(*_of(mass), Delivery.state == "sent")
    n = _done(records, its.values(state="failed", reason=mass.reason, sent_at=None))
    changes: Counter[Key] = Counter({("failed", MASS_ROAD, mass.reason): n})
    changes["sent", MASS_ROAD, ""] -= n
    add_counts(records, mass.campaign_id, changes)


def masses_of(records: Records, campaign_id: int) -> list[Mass]:
    """The batches of a campaign, the earliest first."""
    its = select(Mass).where(Mass.campaign_id == campaign_id)
    return list(records.scalars(its.order_by(Mass.id)))


_OPEN = ("waiting", "calling")
_FREE: Mapping[str, Any] = {
    "state": "waiting",
    "road": "",
    "reason": "",
    "sent_as": None,
    "called_at": None,
    "attempts": 0,
}
_AT_ONCE = 500  # recipients named in one statement


def _of(mass: Mass) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (Delivery.campaign_id == mass.campaign_id, Delivery.sent_as == mass.name)


def _settle(
    records: Records, mass: Mass, recipients: Collection[int], state: str, reason: str
) -> None:
    n = _change(records, mass, recipients, state=state, reason=reason, due_at=None)
    add_counts(records, mass.campaign_id, Counter({(state, MASS_ROAD, reason): n}))


def _change(records: Records, mass: Mass, recipients: Collection[int], **values: Any) -> int:
    """Of the open ones of a batch those of these recipients. Returns how many."""
    wanted, n = sorted(recipients), 0
    for start in range(0, len(wanted), _AT_ONCE):
        some = Delivery.recipient.in_(wanted[start : start + _AT_ONCE])
        its = update(Delivery).where(*_of(mass), Delivery.state.in_(_OPEN), some)
        n += _done(records, its.values(**values))
    return n


def _of_called(records: Records, mass: Mass, **values: Any) -> int:
    """Change those of a batch that is being called. Returns how many."""
    its = update(Delivery).where(*_of(mass), Delivery.state == "calling")
    return _done(records, its.values(**values))


def _done(records: Records, statement: Update) -> int:
    """Run it. Returns how many rows it changed."""
    result = records.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
