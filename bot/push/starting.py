"""What the clock does to campaigns: begins, ends, lapses. Each step is one transaction that looks
again under the lock, so that several workers may take it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session as Records

from bot.push.flush import hours_of
from bot.push.roads import VISIT, repeatable
from bot.work.desk import Tools
from config.city import City
from models.push.audience import Segment, size
from models.push.campaigns import (
    UNPUBLISHED,
    Campaign,
    go,
    is_outgrown,
    is_published,
    lay_again,
    locked,
)
from models.push.deliveries import first_are_told, is_ready, is_worked_off
from models.push.ending import End, drop_deliveries, end
from models.push.expansion import Chosen, expand, expanding, note_how_many
from models.push.lapsing import lapse
from models.push.reminders import is_growing
from models.push.stages import SENDING, Stage
from models.push.taking import Taken, take_lost

Step = Literal["begin", "send", "look", "finish", "lapse", ""]

_STRAGGLERS = timedelta(minutes=15)
"""Who of the first waits for longer (a quota, tomorrow) does not keep anybody from looking."""
_MANY = 1000
"""People of whom PostgreSQL is told when they have become rows."""
_LAPSED_AT_ONCE = 1000
_LOST_AT_ONCE = 500


def step_of(records: Records, campaign: Campaign, city: City, now: datetime) -> Step:
    """What there is to be done with a campaign just now; "" for nothing."""
    opens = hours_of(campaign, city).opens(now)
    if opens is None:
        return "lapse"
    if campaign.at is Stage.APPROVED:
        return "begin" if opens == now else ""
    if campaign.at not in SENDING:
        return ""
    if opens == now and is_ready(records, campaign, now):
        return "send"
    if is_worked_off(records, campaign):
        return "" if is_growing(campaign, now) else "finish"
    first = campaign.at is Stage.FIRST
    return "look" if first and first_are_told(records, campaign, now + _STRAGGLERS) else ""


class Starting:
    """Takes the steps. `keyed` tells whether the receiver of a road knows a call by its key."""

    def __init__(self, tools: Tools, keyed: Callable[[str], bool]) -> None:
        self._tools, self._keyed = tools, keyed

    def take(self, campaign_id: int, step: Step) -> bool:
        """Take a step that is due by `step_of`. False where it is not (any more), or where nothing
        can be done about it yet."""
        now, city = self._tools.sources.clock(), self._tools.city
        if step == "begin":
            return self._begin(campaign_id, now)
        with self._tools.database.writing() as records:
            campaign = locked(records, campaign_id)
            if step_of(records, campaign, city, now) != step:
                return False
            match step:
                case "look":
                    go(records, campaign, Stage.LOOK, "clock", now, by="clock")
                case "finish":
                    go(records, campaign, Stage.DONE, "clock", now, by="clock")
                case "lapse":
                    return self._lapse(records, campaign, now)
        return True

    def settle(self, campaign_id: int) -> bool:
        """Move the calls of a campaign that sends no more to their end, where their worker was not
        heard of again. What may be made again waits for that, where it may go on."""
        now = self._tools.sources.clock()
        with self._tools.database.writing() as records:
            campaign = locked(records, campaign_id)
            if campaign.at in SENDING:
                return False
            lost = take_lost(records, campaign_id, now, _LOST_AT_ONCE)
            end(records, campaign_id, [self._settled(each, now) for each in lost], now)
        return bool(lost)

    def _begin(self, campaign_id: int, now: datetime) -> bool:
        """Choose its people, where that is done before."""
        today = now.astimezone(self._tools.city.tz).date()
        with expanding(self._tools.database, campaign_id, now, today) as (records, chosen):
            campaign = locked(records, campaign_id)
            if step_of(records, campaign, self._tools.city, now) != "begin":
                return False
            self._expand(records, campaign, now, chosen)
        if campaign.total >= _MANY:
            note_how_many(self._tools.database)
        return True

    def _expand(
        self, records: Records, campaign: Campaign, now: datetime, chosen: Chosen | None
    ) -> None:
        """Make its rows, and go: to the first of its people alone, where it has that many."""
        if not is_published(records, campaign):
            lay_again(records, campaign, now, UNPUBLISHED)
            return
        if "list" in campaign.audience:
            campaign.total = size(records, campaign.id)
        else:
            today = now.astimezone(self._tools.city.tz).date()
            expand(records, campaign, Segment.read(campaign.audience), now, today, chosen)
        tried = campaign.kind == "test"
        if not tried and is_outgrown(campaign, self._tools.city.push.alone_below):
            if "list" not in campaign.audience:  # its people are chosen anew when it begins
                drop_deliveries(records, campaign.id)
            lay_again(records, campaign, now)
            return
        campaign.first = 0 if tried else self._tools.city.push.first_of(campaign.total)
        to = Stage.FIRST if campaign.first else Stage.RUNNING
        go(records, campaign, to, "clock", now, by="clock")

    def _lapse(self, records: Records, campaign: Campaign, now: datetime) -> bool:
        if lapse(records, campaign, now, _LAPSED_AT_ONCE):
            return True
        if not is_worked_off(records, campaign):  # some are still being called
            return False
        go(records, campaign, Stage.EXPIRED, "clock", now, by="clock")
        return True

    def _settled(self, each: Taken, now: datetime) -> End:
        first_call = each.called_at or now
        again = each.road == VISIT or repeatable(each.road, self._keyed(each.road), first_call, now)
        called_at = None if each.road == VISIT else first_call
        if again:
            return End(
                each.recipient, "waiting", each.road, "lost", each.left, each.attempts,
                now, called_at,
            )  # fmt: skip
        return End(each.recipient, "unknown", each.road, "lost", each.left, each.attempts)
