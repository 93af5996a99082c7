"""The one transaction of the sending: what calls came to is written, who is called next is marked.

So a call is committed before it is made, a stop holds from the next flush on, and what is marked
is never more than what is on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session as Records

from bot.dialogue.outside import mark_of
from bot.push.choosing import Choosing
from bot.push.outcomes import Call, Ended
from bot.push.roads import Rungs, Ways, Wording
from bot.work.desk import Tools
from config.city import City
from config.city_parts import Quiet
from models.push.bounds import Figures, passed
from models.push.campaigns import Campaign, go, locked
from models.push.counts import Key, add_counts, counts_of
from models.push.days import give_back
from models.push.ending import Calling, end, mark_calling
from models.push.hours import Hours
from models.push.messages import Message
from models.push.stages import SENDING, ForbiddenStage, Stage
from models.push.taking import take_new, take_waiting
from models.subscriptions import add_credits, drop_credits


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one transaction came to: the calls to make now, and whether there may be more to take
    at once. `written`: those ends that held."""

    calls: Sequence[Call] = ()
    more: bool = False
    written: Sequence[Ended] = ()


def hours_of(campaign: Campaign, city: City) -> Hours:
    """When a campaign may send. A try on oneself may at any hour."""
    tried = campaign.kind == "test"
    return Hours(
        city.tz,
        Quiet(0, 0) if tried else city.quiet,
        0 if tried else campaign.from_hour,
        0 if tried else campaign.until_hour,
        campaign.starts_at,
        campaign.expires_at,
    )


def is_open(campaign: Campaign, city: City, now: datetime) -> bool:
    """Whether it may send at this moment, as far as its hours go."""
    return hours_of(campaign, city).opens(now) == now


class Flusher:
    """Writes and marks for all campaigns of one worker. `keyed` tells whether the receiver of a
    road knows a call by its key; `hook` is for crash tests."""

    def __init__(
        self,
        tools: Tools,
        rungs: Rungs,
        keyed: Callable[[str], bool],
        hook: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._tools, self._rungs, self.keyed, self._hook = tools, rungs, keyed, hook
        self._messages: dict[tuple[int, int], tuple[Ways, Wording]] = {}
        self._closed: dict[tuple[str, str], datetime] = {}

    def flush(self, campaign_id: int, ends: Sequence[Ended], limit: int) -> Flushed:
        """Write the ends, and mark up to `limit` calls where the campaign may send. Whatever
        raises, nothing was changed: the same ends may be given once more."""
        now = self._tools.sources.clock()
        with self._tools.database.writing() as records:
            campaign = locked(records, campaign_id)
            written = self._settle(records, campaign, ends, now)
            self._bound(records, campaign, now)
            calls, more = self._take(records, campaign, now, limit)
        self._hook("push recorded" if ends else "push marked")
        if calls:
            self._hook("push taken")
        for each in written:
            if each.end.reason == "quota" and each.end.due_at is not None:
                self._closed[each.call.credential, each.call.road] = each.end.due_at
        return Flushed(calls, more, written)

    def pause(self, campaign_id: int, reason: str) -> None:
        """A bound was passed that is not counted in the records."""
        with self._tools.database.writing() as records:
            campaign = locked(records, campaign_id)
            if campaign.at in SENDING:
                self._pause(records, campaign, self._tools.sources.clock(), reason)

    # --- what calls came to -------------------------------------------------------------

    def _settle(
        self, records: Records, campaign: Campaign, ends: Sequence[Ended], now: datetime
    ) -> list[Ended]:
        held = end(records, campaign.id, [each.end for each in ends], now)
        mine = [each for each in ends if held.get(each.call.recipient) == each.end.lease_until]
        days: dict[date, list[int]] = {}
        left: Counter[Key] = Counter()
        for each in mine:
            if each.back.day is not None:
                days.setdefault(each.back.day, []).append(each.call.recipient)
            if each.leaves:
                left["left", each.call.road, each.leaves] += 1
            campaign.cost -= each.back.fen
            self._repay(records, each, now)
        for day, recipients in sorted(days.items()):
            give_back(records, day, recipients)
        add_counts(records, campaign.id, left)
        return mine

    def _repay(self, records: Records, each: Ended, now: datetime) -> None:
        """The message that an account allowed surely did not go out; or none of its kind will."""
        if each.back.credit is None:
            return
        account, template = each.back.credit
        if each.void:
            drop_credits(records, account, [template])
        else:
            add_credits(records, account, {template: 1}, now)

    def _bound(self, records: Records, campaign: Campaign, now: datetime) -> None:
        if campaign.at not in SENDING or campaign.kind == "test":
            return
        figures = Figures.of(counts_of(records, campaign.id))
        if campaign.bound_from is None:
            campaign.bound_from = figures.written()
        if why := passed(figures.since(campaign.bound_from), self._tools.city.push):
            self._pause(records, campaign, now, why)

    def _pause(self, records: Records, campaign: Campaign, now: datetime, reason: str) -> None:
        try:
            go(records, campaign, Stage.PAUSED, "bound", now, by="bound", reason=reason)
        except ForbiddenStage:  # somebody was faster
            return

    # --- who is called next -------------------------------------------------------------

    def _take(
        self, records: Records, campaign: Campaign, now: datetime, limit: int
    ) -> tuple[Sequence[Call], bool]:
        if limit < 1 or campaign.at not in SENDING or not is_open(campaign, self._tools.city, now):
            return (), False
        taken = take_waiting(records, campaign.id, now, limit)
        taken += take_new(records, campaign, limit - len(taken))
        if not taken:
            return (), False
        ways, wording = self._message(campaign)
        choosing = Choosing(
            self._tools, records, campaign, ways, wording, self.keyed, self._closed, now
        )
        chosen = choosing.choose(taken)
        end(records, campaign.id, chosen.ends, now)
        add_counts(records, campaign.id, chosen.left)
        marked = [
            Calling(c.recipient, c.road, c.left, c.attempts, c.called_at) for c in chosen.calls
        ]
        for lease in {call.lease_until for call in chosen.calls}:
            mark_calling(records, campaign.id, marked, lease)
        return chosen.calls, len(taken) == limit

    def _message(self, campaign: Campaign) -> tuple[Ways, Wording]:
        """What it says, read once."""
        key = (campaign.id, campaign.revision)
        if key not in self._messages:
            message = Message.read(campaign.message)
            ways = Ways(message, message.fill(self._tools.templates), self._rungs)
            self._messages[key] = (ways, Wording(ways, self._tools.texts, mark_of(campaign.id)))
        return self._messages[key]
