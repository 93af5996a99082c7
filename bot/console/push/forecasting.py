"""What a campaign would do just now, in words: before somebody proposes or approves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session as Records

from bot.console.push.progress import hours_of
from bot.console.push.pushing import Pushing, is_listed
from bot.console.push.words import lasting, reason_name, road_name, yuan
from models.push.campaigns import Campaign, is_published
from models.push.forecast import forecast


@dataclass(frozen=True, slots=True)
class Outlook:
    """`roads` and `never`: how many by which road, how many not at all and why. `stops` says why
    it cannot be proposed; nothing: it can."""

    total: int
    roads: Sequence[tuple[str, int]]
    never: Sequence[tuple[str, int]]
    cost: str
    cap: str
    lasts: str
    first: int
    is_alone: bool
    stops: Sequence[str]


def outlook_of(pushing: Pushing, records: Records, campaign: Campaign) -> Outlook:
    """Of a campaign whose message can be sent as it is."""
    console = pushing.console
    city, now = console.city, console.now()
    found = forecast(records, city, console.templates, campaign, now, console.rungs)
    needed = (found.roads.get("sms", 0) + found.over_cap) * city.push.sms_fen
    stops = []
    if not found.total:
        stops.append("名单里没有人。" if is_listed(campaign) else "没有选到人。")
    if found.over_cap:
        stops.append(
            f"短信要 {yuan(needed)} 元，超过费用上限 {yuan(campaign.cost_cap)} 元。"
            "请调高上限，或者不用短信。"
        )
    if unworded := found.never.get("unworded"):
        stops.append(f"内容里有只有申请才有的项，有 {unworded} 人没有申请。")
    if campaign.expires_at <= now:
        stops.append("截止时间已经过了。")
    elif hours_of(city, campaign).opens(now) is None:
        stops.append("到截止时间为止都不在可以发的时段里。")
    return Outlook(
        total=found.total,
        roads=[(road_name(road), n) for road, n in found.roads.items()],
        never=[(reason_name(reason), n) for reason, n in found.never.items()],
        cost=yuan(found.cost_fen),
        cap=yuan(campaign.cost_cap),
        lasts=lasting(found.seconds),
        first=city.push.first_of(found.total),
        is_alone=found.total < city.push.alone_below and is_published(records, campaign),
        stops=stops,
    )
