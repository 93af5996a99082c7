"""How far a campaign is, read from its counters alone, as the page shows it and its script asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session as Records

from bot.console.push.words import (
    LOCALES,
    MASSES,
    OUTCOMES,
    RECEIPTS,
    STAGES,
    lasting,
    reason_name,
    road_name,
    yuan,
)
from config.city import City
from models.push.campaigns import Campaign, CampaignEvent, events_of
from models.push.counts import FINAL, Key, counts_of
from models.push.hours import Hours
from models.push.masses import Mass, masses_of
from models.push.stages import SENDING, Stage

SOON = 1500  # milliseconds until the script asks again, while something is being sent
LATER = 5000  # where only others, or receipts, change it
LIVE = frozenset(
    {Stage.PROPOSED, Stage.APPROVED, Stage.FIRST, Stage.LOOK, Stage.RUNNING, Stage.PAUSED,
     Stage.DONE}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """What is shown. `rows` are outcome, road, reason and how many; `left_roads` those that did not
    hold, whatever became of their people by the next; `receipts` likewise. Of each batch of 群发
    `masses` has language, state, people; how many of them were left after the platform's filter,
    reached, not reached. `rate` is in messages a second over the time in which it was sending;
    `again` in milliseconds, 0: nothing changes any more."""

    stage: str
    stage_word: str
    why: str
    total: int
    ended: int
    open: int
    percent: float
    rate: float
    left: str
    waits: str
    rows: Sequence[tuple[str, str, str, int]]
    left_roads: Sequence[tuple[str, str, int]]
    receipts: Sequence[tuple[str, int]]
    masses: Sequence[tuple[str, str, int, str, str, str]]
    unsubscribed: int
    answers: int
    cost: str
    again: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def progress_of(records: Records, city: City, campaign: Campaign, now: datetime) -> Progress:
    """As it stands now."""
    counts = counts_of(records, campaign.id)
    rows = _rows(counts)
    ended = sum(n for (what, _, _), n in counts.items() if what in FINAL)
    remaining = max(campaign.total - ended, 0)
    rate = _rate(events_of(records, campaign.id), ended, now)
    answers = {r: n for (what, _, r), n in counts.items() if what == "answer"}
    return Progress(
        stage=campaign.stage,
        stage_word=STAGES[campaign.stage],
        why=campaign.reason,
        total=campaign.total,
        ended=ended,
        open=remaining,
        percent=round(100 * ended / campaign.total, 1) if campaign.total else 0.0,
        rate=round(rate, 1),
        left=lasting(remaining / rate) if rate and remaining and _sends(campaign) else "",
        waits=_waits(city, campaign, now),
        rows=rows,
        left_roads=[
            (road_name(road), reason_name(why), n)
            for (what, road, why), n in sorted(counts.items())
            if what == "left" and n
        ],
        receipts=_receipts(counts),
        masses=[_mass(mass) for mass in masses_of(records, campaign.id)],
        unsubscribed=answers.get("stop", 0),
        answers=sum(answers.values()) - answers.get("stop", 0),
        cost=yuan(campaign.cost),
        again=_again(campaign),
    )


def _rows(counts: dict[Key, int]) -> list[tuple[str, str, str, int]]:
    order = list(OUTCOMES)
    found = sorted(
        (order.index(what), road, reason, n)
        for (what, road, reason), n in counts.items()
        if what in OUTCOMES and n
    )
    return [
        (OUTCOMES[order[at]], road_name(road), reason_name(why), n) for at, road, why, n in found
    ]


def _receipts(counts: dict[Key, int]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for (what, road, result), n in counts.items():
        if what == "receipt":
            name = f"{road_name(road)}：{RECEIPTS.get(result, result)}"
            found[name] = found.get(name, 0) + n
    return sorted(found.items())


def _mass(mass: Mass) -> tuple[str, str, int, str, str, str]:
    state = MASSES.get(mass.state, mass.state)
    if mass.state == "done" and mass.reason:
        state = f"没发成（{mass.reason}）"
    told = (mass.filter_count, mass.sent_count, mass.error_count)
    left, sent, failed = ("—" if n is None else str(n) for n in told)
    return LOCALES.get(mass.locale, mass.locale), state, mass.count, left, sent, failed


def _rate(events: Sequence[CampaignEvent], ended: int, now: datetime) -> float:
    """Over the time since it first began that it was not halted."""
    spent, since = timedelta(0), None
    for event in events:
        if since is not None:
            spent += event.at - since
        since = event.at if Stage(event.to_stage) in SENDING else None
    if since is not None:
        spent += now - since
    return ended / spent.total_seconds() if spent > timedelta(0) else 0.0


def _sends(campaign: Campaign) -> bool:
    return campaign.at in SENDING


def hours_of(city: City, campaign: Campaign) -> Hours:
    """When it may send."""
    return Hours(
        city.tz,
        city.quiet,
        campaign.from_hour,
        campaign.until_hour,
        campaign.starts_at,
        campaign.expires_at,
    )


def _waits(city: City, campaign: Campaign, now: datetime) -> str:
    """Until when nothing leaves although it could; "" where it does."""
    if campaign.at not in {Stage.APPROVED, *SENDING} or campaign.kind == "test":
        return ""
    opens = hours_of(city, campaign).opens(now)
    if opens is None:
        return "到截止时间为止都不在可以发的时段里，不会再发。"
    if opens <= now:
        return ""
    local = opens.astimezone(city.tz)
    return f"现在不在可以发的时段，{local.month}月{local.day}日 {local:%H:%M} 起发。"


def _again(campaign: Campaign) -> int:
    if campaign.at not in LIVE:
        return 0
    return SOON if _sends(campaign) else LATER
