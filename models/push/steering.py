"""What is done with a campaign by a system or at the command line; every act is audited.

Whoever wrote a campaign lays it before somebody else, and may pause and stop it. A system goes on
only with what it paused itself: after a look, a bound or a person's pause a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import City
from config.templates import Templates
from models.audit import audit
from models.push.audience import extend_listed, purpose_of
from models.push.campaigns import Campaign, events_of, go, locked, propose, resume
from models.push.deliveries import Delivery
from models.push.forecast import Forecast, Rungs, forecast
from models.push.hours import Hours
from models.push.listed import Matched, Typed, match
from models.push.orders import Order, Unfit, place_order
from models.push.stages import SENDING, Actor, ForbiddenStage, Stage
from models.sealing import Keyring

MOST_NUMBERS = 1000
"""Of one call."""


class NoSuchCampaign(Exception):
    """There is none, or it is another's."""


class PersonDecides(Exception):
    """A system does not go on with what it did not pause."""


@dataclass(frozen=True, slots=True)
class Added:
    """What a list became: how many were added, how many it held before, and the rows that add
    nobody."""

    added: int
    held: int
    matched: Matched


@dataclass(frozen=True, slots=True)
class Steering:
    """`by` steers: `staff:<id>`, `cli:<user>` or `system:<name>`; `via`, where it is another, types
    it for them. `rungs` are those of each channel."""

    city: City
    templates: Templates
    keys: Keyring
    rungs: Rungs
    by: str
    via: str = ""

    @property
    def is_system(self) -> bool:
        return self.by.startswith("system:")

    def place(self, records: Records, order: Order, now: datetime, key: str = "") -> Campaign:
        """A draft of an order, or what was made of this key before. Raises Unfit, KeyReused."""
        campaign, is_new = place_order(
            records, self.city, self.templates, order, now, by=self.by, key=key
        )
        if is_new:
            detail = {"template": order.template, "purpose": order.purpose}
            self._note(records, campaign, "push.begin", order.name, now, **detail)
        return campaign

    def own(self, records: Records, campaign_id: int) -> Campaign:
        """A campaign that a system wrote itself; a person's may be anybody's. Raises
        NoSuchCampaign."""
        campaign = records.get(Campaign, campaign_id)
        if campaign is None or (self.is_system and campaign.written_by != self.by):
            raise NoSuchCampaign(campaign_id)
        return campaign

    def held(self, records: Records, campaign_id: int) -> Campaign:
        """The same, `locked`."""
        self.own(records, campaign_id)
        return locked(records, campaign_id)

    def add_numbers(
        self, records: Records, campaign: Campaign, numbers: Sequence[str], now: datetime
    ) -> Added:
        """Add people to the list of a draft by their acceptance numbers, rows counted from 1.
        Raises ForbiddenStage, Unfit."""
        rows = [Typed(row, text, "number") for row, text in enumerate(numbers, 1)]
        return self.add_rows(records, campaign, rows, now)

    def add_rows(
        self, records: Records, campaign: Campaign, rows: Sequence[Typed], now: datetime
    ) -> Added:
        """Add people to the list of a draft. Raises ForbiddenStage, Unfit."""
        if campaign.at is not Stage.DRAFT:
            raise ForbiddenStage(campaign.at, Stage.DRAFT)
        if "list" not in campaign.audience:
            raise Unfit(["numbers: it is for a segment"])
        prefix, purpose = self.city.acceptance_prefix, purpose_of(campaign)
        matched = match(records, self.keys, rows, purpose=purpose, prefix=prefix)
        new = extend_listed(records, campaign, matched.people)
        if new:
            numbered = campaign.audience["numbered"] and all(matched.people[each] for each in new)
            campaign.audience = {"list": campaign.total, "numbered": numbered}
            campaign.revision += 1
            records.flush()
        counted = {"added": len(new), "left": len(matched.left)}
        self._note(records, campaign, "push.list", campaign.name, now, **counted)
        return Added(len(new), len(matched.people) - len(new), matched)

    def forecast(self, records: Records, campaign: Campaign, now: datetime) -> Forecast:
        """What it would do just now."""
        return forecast(records, self.city, self.templates, campaign, now, self.rungs)

    def check(self, found: Forecast, campaign: Campaign, now: datetime) -> None:
        """Whether it can be proposed as it is. Raises Unfit."""
        wrong = []
        if not found.total:
            wrong.append("audience: nobody")
        if found.never.get("unworded"):
            wrong.append("template: it speaks of an application, which not everybody listed has")
        if found.over_cap:
            wrong.append("cost_cap: too low for the SMS that it would send")
        if campaign.expires_at <= now:
            wrong.append("expires_at: over before it begins")
        elif self._hours(campaign).opens(now) is None:
            wrong.append("expires_at: before that nothing may be sent")
        if wrong:
            raise Unfit(wrong)

    def propose(self, records: Records, campaign: Campaign, total: int, now: datetime) -> None:
        """Lay a draft for `total` people before somebody else. Raises ForbiddenStage."""
        campaign.total = total
        alone = self.city.push.alone_below
        propose(records, campaign, now, by=self.by, alone_below=alone)
        self._note(records, campaign, "push.propose", campaign.name, now, total=total)

    def pause(self, records: Records, campaign: Campaign, reason: str, now: datetime) -> None:
        """Nothing leaves until it goes on. Raises ForbiddenStage."""
        if campaign.at is Stage.PAUSED:
            return
        go(records, campaign, Stage.PAUSED, "staff", now, by=self.by, reason=reason)
        self._note(records, campaign, "push.pause", reason, now)

    def resume(self, records: Records, campaign: Campaign, reason: str, now: datetime) -> None:
        """Go on. Raises ForbiddenStage, PersonDecides."""
        if campaign.at in (*SENDING, Stage.APPROVED):
            return
        if campaign.at is Stage.DONE:
            raise ForbiddenStage(campaign.at, Stage.RUNNING)
        halted = campaign.at in (Stage.LOOK, Stage.PAUSED)
        if self.is_system and halted and not self._paused_it(records, campaign):
            raise PersonDecides
        resume(records, campaign, now, by=self.by)
        self._note(records, campaign, "push.resume", reason, now)

    def stop(self, records: Records, campaign: Campaign, reason: str, now: datetime) -> None:
        """End it for good. Raises ForbiddenStage."""
        if campaign.at is Stage.STOPPED:
            return
        if campaign.at is Stage.PROPOSED:
            go(records, campaign, Stage.DRAFT, "writer", now, by=self.by, reason=reason)
        actor: Actor = "writer" if campaign.at is Stage.DRAFT else "staff"
        go(records, campaign, Stage.STOPPED, actor, now, by=self.by, reason=reason)
        self._note(records, campaign, "push.stop", reason, now)

    def note_export(self, records: Records, campaign: Campaign, now: datetime) -> None:
        """What became of each person is about to be told."""
        self._note(records, campaign, "push.export", campaign.name, now)

    def _paused_it(self, records: Records, campaign: Campaign) -> bool:
        last = events_of(records, campaign.id)[-1:]
        return campaign.at is Stage.PAUSED and any(event.by == self.by for event in last)

    def _hours(self, campaign: Campaign) -> Hours:
        return Hours(
            self.city.tz,
            self.city.quiet,
            campaign.from_hour,
            campaign.until_hour,
            campaign.starts_at,
            campaign.expires_at,
        )

    def _note(
        self,
        records: Records,
        campaign: Campaign,
        act: str,
        reason: str,
        now: datetime,
        **detail: object,
    ) -> None:
        subject = f"push:{campaign.id}"
        if self.via not in ("", self.by):
            detail["via"] = self.via
        audit(
            records, actor=self.by, act=act, subject=subject, reason=reason, now=now, detail=detail
        )


def deliveries_after(records: Records, campaign_id: int, after: int, limit: int) -> list[Delivery]:
    """Those of a campaign that are about an application, in their order, behind a recipient."""
    its = (
        Delivery.campaign_id == campaign_id,
        Delivery.recipient > after,
        Delivery.number.is_not(None),
    )
    page = select(Delivery).where(*its).order_by(Delivery.recipient).limit(limit)
    return list(records.scalars(page))


def campaigns_of(records: Records, by: str, limit: int, before: int = 0) -> list[Campaign]:
    """What somebody wrote, the latest first, older than `before` where it is given."""
    theirs = select(Campaign).where(Campaign.written_by == by)
    if before:
        theirs = theirs.where(Campaign.id < before)
    return list(records.scalars(theirs.order_by(Campaign.id.desc()).limit(limit)))
