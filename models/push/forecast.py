"""What a campaign would do just now: how many people by which road, how many not at all, the cost.

The first road that each would take, by the same rules as the sending (`bot.push.roads`), told by
one statement of SQL. Some things are estimates. Whose application it is about counts as having a
phone, since the form asks everybody for one: the answers stay sealed. And what happens until they
are called is not known: a chat that closes, a road that refuses and leads on to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session as Records

from config.city import City
from config.template_book import WORDING_OF
from config.templates import Templates
from models.database import patience
from models.people import Account, Person
from models.push.audience import PATIENCE_SECONDS, Segment, chosen, purpose_of
from models.push.campaigns import Campaign
from models.push.deliveries import Delivery
from models.push.messages import OF_AN_APPLICATION, PUSH, Message

WINDOW = timedelta(hours=48)
"""In which a platform lets us answer who wrote. Source: developers.weixin.qq.com, 客服消息;
opendocs.alipay.com, 生活号."""
MASS = "mass"

Rungs = Mapping[str, Sequence[str]]
"""The rungs of each channel, the best first, as `Channel.rungs` has them."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of `total` people so many by each road (`channel:rung`, sms, visit), so many never and why
    (`models.push.reaching.SKIPPED`; unworded: it speaks of an application, and of none of theirs).
    `over_cap` of those at the next visit would have an SMS if the cap on cost had room. `seconds`
    is the time of the calls alone, without quiet hours."""

    total: int
    roads: Mapping[str, int]
    never: Mapping[str, int]
    cost_fen: int
    seconds: float
    over_cap: int = 0


def forecast(
    records: Records,
    city: City,
    templates: Templates,
    campaign: Campaign,
    now: datetime,
    rungs: Rungs,
) -> Forecast:
    """Of everybody whom the campaign is for just now: of its segment, or of its list."""
    message = Message.read(campaign.message)
    people = _people(campaign, now, now.astimezone(city.tz).date())
    if campaign.kind == "test":  # 群发 is never for one person
        rungs = {name: [rung for rung in each if rung != MASS] for name, each in rungs.items()}
    open_roads = _Roads(message, message.fill(templates), rungs, now)
    with patience(records, PATIENCE_SECONDS):
        counted = records.execute(_ends(people, campaign, message, open_roads))
        ends: dict[str, int] = dict(counted.all())
    never = {what[1:]: n for what, n in sorted(ends.items()) if what.startswith("-")}
    roads = {what: n for what, n in sorted(ends.items()) if not what.startswith("-")}
    over = _over_cap(roads, campaign, city)
    return Forecast(
        total=sum(ends.values()),
        roads=roads,
        never=never,
        cost_fen=roads.get("sms", 0) * city.push.sms_fen,
        seconds=_seconds(roads, campaign, city),
        over_cap=over,
    )


def pace_of(city: City, channel: str) -> float:
    """How many messages of campaigns one account of a channel sends in a second."""
    alipay = channel in ("alipay", "mini_alipay")
    all_of_it = float(city.alipay.sends_per_second if alipay else city.wechat.sends_per_second)
    return all_of_it * city.push.bulk_share


class _Roads:
    """The road of one account, in SQL."""

    def __init__(self, message: Message, templates: Templates, rungs: Rungs, now: datetime) -> None:
        self._message, self._templates, self._rungs = message, templates, rungs
        self._inbound_after = now - WINDOW

    def first(self) -> ColumnElement[Any]:
        """`channel:rung` of the best that is open, NULL where none is."""
        whens = [
            (and_(Account.followed, Account.channel == channel, held), f"{channel}:{rung}")
            for channel, rungs in sorted(self._rungs.items())
            for rung in rungs
            for held in self._open(channel, rung)
        ]
        return case(*whens, else_=null()) if whens else null()

    def _open(self, channel: str, rung: str) -> Iterator[ColumnElement[bool]]:
        """When it is; nothing where it never is."""
        if rung == "chat":
            yield Account.last_inbound_at > self._inbound_after
            return
        if rung == MASS:
            if self._message.mass:
                yield true()
            return
        wording = WORDING_OF.get((channel, rung))
        if not self._message.wording or wording is None:
            return
        approved = self._templates.approved(wording, PUSH)
        if approved is None:
            return
        credits_left = Account.subscription_credits[approved].as_integer()
        yield func.coalesce(credits_left, 0) > 0 if rung == "subscription" else true()


def _people(campaign: Campaign, now: datetime, today: Any) -> Subquery:
    if "list" in campaign.audience:
        listed = select(Delivery.recipient, Delivery.number)
        return listed.where(Delivery.campaign_id == campaign.id).subquery("people")
    segment = Segment.read(campaign.audience)
    return chosen(segment, purpose_of(campaign), now, today).subquery("people")


def _ends(
    people: Subquery, campaign: Campaign, message: Message, roads: _Roads
) -> Select[str, int]:
    """What becomes of how many: a road, or `-` and why not."""
    theirs = _by_recipient(people, roads)
    phone = or_(people.c.number.is_not(None), theirs.c.phone == 1)
    whys = [
        (theirs.c.recipient.is_(None), "-gone"),
        (theirs.c.stopped == 1, "-stopped"),
        *([(theirs.c.agreed == 0, "-not_agreed")] if _asks_for_a_yes(campaign) else []),
        *([(people.c.number.is_(None), "-unworded")] if _is_of_applications(message) else []),
    ]
    sms = [(phone, "sms")] if message.sms else []
    end: ColumnElement[str] = case(
        *whys, (theirs.c.road.is_not(None), theirs.c.road), *sms, else_="visit"
    )
    found = people.outerjoin(theirs, theirs.c.recipient == people.c.recipient)
    counted = select(end.label("what"), func.count()).select_from(found)
    return counted.group_by("what")


def _asks_for_a_yes(campaign: Campaign) -> bool:
    return campaign.purpose == "announcement" and campaign.kind != "test"


def _is_of_applications(message: Message) -> bool:
    """Whether it wants to say what only an application has."""
    return bool(message.params() & OF_AN_APPLICATION)


def _by_recipient(people: Subquery, roads: _Roads) -> Subquery:
    """The road of each, and what else holds of any of their accounts."""
    road = roads.first()
    each = (
        select(
            Account.recipient,
            road.label("road"),
            _bit(Account.stopped_at.is_not(None)).label("stopped"),
            _bit(Account.announcements_since.is_not(None)).label("agreed"),
            _bit(Person.phone_index.is_not(None)).label("phone"),
            func.row_number()
            .over(
                partition_by=Account.recipient,
                order_by=(
                    _bit(road.is_(None)),
                    Account.last_inbound_at.desc().nulls_last(),
                    Account.created_at,
                    Account.id,
                ),
            )
            .label("place"),
        )
        .outerjoin(Person, Person.id == Account.person_id)
        .where(Account.recipient.in_(select(people.c.recipient)))
        .subquery("each")
    )
    return (
        select(
            each.c.recipient,
            func.max(case((each.c.place == 1, each.c.road))).label("road"),
            *(func.max(each.c[name]).label(name) for name in ("stopped", "agreed", "phone")),
        )
        .group_by(each.c.recipient)
        .subquery("theirs")
    )


def _bit(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return case((holds, literal(1, Integer)), else_=literal(0, Integer))


def _over_cap(roads: dict[str, int], campaign: Campaign, city: City) -> int:
    """Take the SMS that the cap has no room for to the next visit. Returns how many."""
    wanted, each = roads.get("sms", 0), city.push.sms_fen
    room = max(campaign.cost_cap - campaign.cost, 0) // each if each else wanted
    over = max(wanted - room, 0)
    if over:
        roads["sms"] = wanted - over
        roads["visit"] = roads.get("visit", 0) + over
    return over


def _seconds(roads: Mapping[str, int], campaign: Campaign, city: City) -> float:
    """Accounts of several channels send side by side; the campaign's own rate bounds them all."""
    calls: dict[str, int] = {}
    for road, n in roads.items():
        channel, _, rung = road.partition(":")
        if rung and rung != MASS:
            calls[channel] = calls.get(channel, 0) + n
    slowest = max((n / pace_of(city, channel) for channel, n in calls.items()), default=0.0)
    own = sum(calls.values()) / campaign.rate if campaign.rate else 0.0
    return max(slowest, own)
