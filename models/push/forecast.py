"""What a campaign would do just now: how many people by which road, how many not at all, the cost.

The first road that each would take, by the same rules as the sending (`bot.push.roads`), told by
two statements of SQL. Some things are estimates. Whose application it is about counts as having a
phone, since the form asks everybody for one: the answers stay sealed. And what happens until they
are called is not known: a chat that closes, a road that refuses and leads on to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    exists,
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
from models.push.audience import PATIENCE_SECONDS, Segment, chosen, chosen_alone, purpose_of
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
    if campaign.kind == "test":  # 群发 is never for one person
        rungs = {name: [rung for rung in each if rung != MASS] for name, each in rungs.items()}
    road = _Roads(message, message.fill(templates), rungs, now).first()
    whom = _Whom(campaign, road, now, now.astimezone(city.tz).date())
    ends: Counter[str] = Counter()
    with patience(records, PATIENCE_SECONDS):
        for each in (whom.alone(), whom.with_several()):
            ends.update(dict(records.execute(_ends(each, campaign, message)).all()))
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


class _Whom:
    """The people of a campaign, in two parts that are counted apart: nearly all have one account,
    and a look at it suffices; of a few with several the road of one is weighed against another's.
    """

    def __init__(self, campaign: Campaign, road: ColumnElement[Any], now: datetime, today: date):
        self._campaign, self._now, self._today = campaign, now, today
        self._columns = {
            "road": road,
            "stopped": _bit(Account.stopped_at.is_not(None)),
            "agreed": _bit(Account.announcements_since.is_not(None)),
        }
        theirs = select(Account.recipient).group_by(Account.recipient).having(func.count() > 1)
        self._several = theirs.subquery("several")

    def alone(self) -> Subquery:
        """Recipient, number, road, stopped, agreed of those with one account or, of a list, with
        none any more, whose recipient is NULL."""
        if self._listed is None:
            segment, purpose = Segment.read(self._campaign.audience), purpose_of(self._campaign)
            found = chosen_alone(segment, purpose, self._now, self._today, self._columns)
            whose = Account.recipient
        else:
            columns = (each.label(name) for name, each in self._columns.items())
            found = select(Account.recipient, Delivery.number, *columns).select_from(Delivery)
            found = found.outerjoin(Account, Account.recipient == Delivery.recipient)
            found = found.where(self._listed)
            whose = Delivery.recipient
        several = self._several.c.recipient
        return found.outerjoin(self._several, several == whose).where(several.is_(None)).subquery()

    def with_several(self) -> Subquery:
        """The same of the others: the road that the account used last has."""
        if self._listed is None:
            segment, purpose = Segment.read(self._campaign.audience), purpose_of(self._campaign)
            people = chosen(segment, purpose, self._now, self._today)
            people = people.where(Account.recipient.in_(select(self._several.c.recipient)))
        else:
            people = select(Delivery.recipient, Delivery.number).where(self._listed)
            people = people.where(Delivery.recipient.in_(select(self._several.c.recipient)))
        theirs = people.subquery("theirs")
        each = self._placed(select(theirs.c.recipient))
        return (
            select(
                theirs.c.recipient,
                theirs.c.number,
                func.max(case((each.c.place == 1, each.c.road))).label("road"),
                func.max(each.c.stopped).label("stopped"),
                func.max(each.c.agreed).label("agreed"),
            )
            .join(each, each.c.recipient == theirs.c.recipient)
            .group_by(theirs.c.recipient, theirs.c.number)
            .subquery()
        )

    def _placed(self, whom: Select[Any]) -> Subquery:
        """Their accounts: those with a road first, of these the one used last."""
        best = (
            _bit(self._columns["road"].is_(None)),
            Account.last_inbound_at.desc().nulls_last(),
            Account.created_at,
            Account.id,
        )
        place = func.row_number().over(partition_by=Account.recipient, order_by=best)
        columns = (each.label(name) for name, each in self._columns.items())
        found = select(Account.recipient, *columns, place.label("place"))
        return found.where(Account.recipient.in_(whom)).subquery("each")

    @property
    def _listed(self) -> ColumnElement[bool] | None:
        return (
            Delivery.campaign_id == self._campaign.id if "list" in self._campaign.audience else None
        )


def _ends(each: Subquery, campaign: Campaign, message: Message) -> Select[str, int]:
    """What becomes of how many: a road, or `-` and why not."""
    whys = [
        (each.c.recipient.is_(None), "-gone"),
        (each.c.stopped == 1, "-stopped"),
        *([(each.c.agreed == 0, "-not_agreed")] if _asks_for_a_yes(campaign) else []),
        *([(each.c.number.is_(None), "-unworded")] if _is_of_applications(message) else []),
    ]
    sms = [(or_(each.c.number.is_not(None), _has_phone(each)), "sms")] if message.sms else []
    end: ColumnElement[str] = case(
        *whys, (each.c.road.is_not(None), each.c.road), *sms, else_="visit"
    )
    return select(end.label("what"), func.count()).select_from(each).group_by("what")


def _asks_for_a_yes(campaign: Campaign) -> bool:
    return campaign.purpose == "announcement" and campaign.kind != "test"


def _is_of_applications(message: Message) -> bool:
    """Whether it wants to say what only an application has."""
    return bool(message.params() & OF_AN_APPLICATION)


def _has_phone(each: Subquery) -> ColumnElement[bool]:
    """Looked up for those alone whom no better road takes."""
    bound = Person.id == Account.person_id
    its = (Account.recipient == each.c.recipient, bound, Person.phone_index.is_not(None))
    return exists().where(*its)


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
