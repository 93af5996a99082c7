"""Campaigns: one message to many people, written by one member of staff, approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.content import last_published
from models.push.stages import SENDING, Actor, ForbiddenStage, Stage, may_go
from models.records import Record

GROWN, UNPUBLISHED = "grown", "unpublished"
"""Why the approval of a campaign was taken back: it is for more people than its writer alone may
tell; the content that was published last does not say any more what it tells."""


class SamePerson(Exception):
    """Whoever wrote a campaign does not approve it."""


class Changed(Exception):
    """Somebody changed it since it was looked at: what was approved would be something else."""


class NotPublished(ForbiddenStage):
    """It tells of what residents are not told yet: the branch closes in no edition of the content
    that was published."""


class Campaign(Record):
    """One campaign. Nothing personal in any column: `message` is a `models.push.messages.Message`
    as JSON, `audience` a `models.push.audience.Segment` or {"list": n}, with "reminder" which of
    `models.push.reminders` it is, where the clock adds to it; `by`s are `staff:<id>`,
    `system:<name>` or `timer:<name>`.

    `revision` grows with every change of what will be sent, and is what an approval names.
    `cursor` is the last recipient that was taken of those not tried yet, `first` how many are told
    before somebody looks (0: nobody looks), `taken` how many were taken so far. `cost` and
    `cost_cap` are in fen. `bound_from` is what was counted when it last began to send: a bound
    counts from there (`models.push.bounds`). `about` is which branch closes, of that kind
    (`models.push.closing`).
    """

    __tablename__ = "push_campaigns"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(
        String(16)
    )  # message | closing | reminder | test (to its author alone, at any hour)
    purpose: Mapped[str] = mapped_column(String(16))  # service | announcement
    stage: Mapped[str] = mapped_column(String(16), index=True)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1)
    priority: Mapped[int] = mapped_column(default=0)  # of several the highest leaves first
    rate: Mapped[int] = mapped_column(default=0)  # messages a second at most; 0: the city's
    starts_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    from_hour: Mapped[int]  # told only from this hour of the city's day
    until_hour: Mapped[int]
    first: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[int] = mapped_column(default=0)
    cost_cap: Mapped[int] = mapped_column(default=0)
    bound_from: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(String(200), default="")  # of a pause, a stop, a refusal
    written_by: Mapped[str] = mapped_column(String(100))
    written_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(String(100), default="")
    approved_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def at(self) -> Stage:
        """Where it stands."""
        return Stage(self.stage)


class CampaignEvent(Record):
    """One thing that happened to a campaign; only ever added."""

    __tablename__ = "push_events"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    campaign_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(100))
    from_stage: Mapped[str] = mapped_column(String(16))
    to_stage: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(200), default="")


def locked(records: Records, campaign_id: int) -> Campaign:
    """The campaign as it stands now, ours alone until the transaction ends. Raises KeyError."""
    mine = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    found = records.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise KeyError(campaign_id)
    return found


def go(
    records: Records,
    campaign: Campaign,
    to: Stage,
    actor: Actor,
    now: datetime,
    *,
    by: str,
    reason: str = "",
) -> None:
    """Move a campaign that is `locked`, and write that into its events. Raises ForbiddenStage,
    NotPublished."""
    start = campaign.at
    if not may_go(start, to, actor):
        raise ForbiddenStage(start, to)
    if to is Stage.APPROVED and not is_published(records, campaign):
        raise NotPublished(start, to)
    campaign.stage, campaign.reason = to.value, reason[:200]
    if to in SENDING:
        campaign.began_at, campaign.bound_from = campaign.began_at or now, None
    campaign.ended_at = now if to in (Stage.DONE, Stage.STOPPED, Stage.EXPIRED) else None
    records.add(
        CampaignEvent(
            campaign_id=campaign.id,
            at=now,
            by=by,
            from_stage=start.value,
            to_stage=to.value,
            reason=reason[:200],
        )
    )
    records.flush()


def propose(
    records: Records, campaign: Campaign, now: datetime, *, by: str, alone_below: int
) -> None:
    """Lay it before a second person; one for fewer than `alone_below` people needs none, unless it
    tells of what is not published yet. Raises ForbiddenStage."""
    small = campaign.total < alone_below and is_published(records, campaign)
    go(records, campaign, Stage.APPROVED if small else Stage.PROPOSED, "writer", now, by=by)
    if small:
        campaign.approved_by, campaign.approved_at = by, now


def approve(records: Records, campaign_id: int, revision: int, now: datetime, *, by: str) -> None:
    """The second person has seen this revision. Raises SamePerson, Changed, ForbiddenStage,
    NotPublished, KeyError."""
    campaign = locked(records, campaign_id)
    if campaign.written_by == by:
        raise SamePerson(by)
    if campaign.revision != revision:
        raise Changed(campaign_id)
    go(records, campaign, Stage.APPROVED, "approver", now, by=by)
    campaign.approved_by, campaign.approved_at = by, now


def is_outgrown(campaign: Campaign, alone_below: int) -> bool:
    """Whether it needs a second person by now: its writer alone let it go for fewer people."""
    return campaign.approved_by == campaign.written_by and campaign.total >= alone_below


def lay_again(records: Records, campaign: Campaign, now: datetime, reason: str = GROWN) -> None:
    """Take back the approval of one that has outgrown it, or that tells of what is published no
    more (`UNPUBLISHED`): a second person looks. Raises ForbiddenStage."""
    go(records, campaign, Stage.PROPOSED, "clock", now, by="clock", reason=reason)
    campaign.approved_by, campaign.approved_at = "", None
    records.flush()


def resume(records: Records, campaign: Campaign, now: datetime, *, by: str) -> None:
    """Go on where a pause or a look left off. Raises ForbiddenStage."""
    if campaign.at is Stage.PAUSED and campaign.began_at is None:
        to = Stage.APPROVED
    elif campaign.at is Stage.PAUSED and campaign.first > campaign.taken:
        to = Stage.FIRST
    else:
        to = Stage.RUNNING
    go(records, campaign, to, "staff", now, by=by)


def is_published(records: Records, campaign: Campaign) -> bool:
    """Whether what it is about stands so in the edition that was published last: the branch, its
    day, its successor. True for a campaign about nothing of the kind."""
    about = campaign.about
    if about is None:
        return True
    edition = last_published(records, "branches")
    branches = edition.value if edition else []
    its = (branch for branch in branches if branch["code"] == about["branch"])
    named = ("closes_on", "successor")
    return any(all(branch.get(name) == about[name] for name in named) for branch in its)


def events_of(records: Records, campaign_id: int) -> list[CampaignEvent]:
    """What happened to it, the earliest first."""
    its = select(CampaignEvent).where(CampaignEvent.campaign_id == campaign_id)
    return list(records.scalars(its.order_by(CampaignEvent.id)))


def change(records: Records, campaign: Campaign, values: Mapping[str, Any]) -> None:
    """Write a draft anew: another revision. Raises ForbiddenStage for what is no draft."""
    if campaign.at is not Stage.DRAFT:
        raise ForbiddenStage(campaign.at, Stage.DRAFT)
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.revision += 1
    records.flush()
