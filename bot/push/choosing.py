"""Who is called now, and by which road: within the transaction that marks the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey
from bot.push.outcomes import ATTEMPTS, Call, Held, left_roads, with_left
from bot.push.ports import Outgoing
from bot.push.roads import AT_VISIT, SMS, VISIT, Way, Ways, Wording, repeatable
from bot.work.desk import Tools
from models.applications import Application, open_answers
from models.lifecycle import known_of
from models.people import Account, Person
from models.push.campaigns import Campaign
from models.push.counts import Key
from models.push.days import give_back, take_place
from models.push.deliveries import Outcome
from models.push.ending import End
from models.push.hours import next_morning
from models.push.masses import gather
from models.push.reaching import Reach, accounts_of, came_since, refusal
from models.push.reminders import day_of, holding, name_of
from models.push.taking import Taken
from models.sealing import SealError
from models.subscriptions import hold_credits, use_credit

LEASE = timedelta(seconds=15)

Closed = Mapping[tuple[str, str], datetime]
"""Roads of a credential whose quota is used up, and until when."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The calls to make, and the ends of those who are not called."""

    calls: list[Call] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    left: Counter[Key] = field(default_factory=Counter)  # roads that could not even be tried


@dataclass(slots=True)
class Choosing:
    """One transaction's. `keyed` tells whether the receiver of a road knows a call by its key."""

    tools: Tools
    records: Records
    campaign: Campaign
    ways: Ways
    wording: Wording
    keyed: Callable[[str], bool]
    closed: Closed
    now: datetime
    today: date = field(init=False)
    _id: int = field(init=False)  # the campaign's
    _is_test: bool = field(init=False)
    _purpose: str = field(init=False)
    chosen: Chosen = field(default_factory=Chosen, init=False)
    _applications: Mapping[str, Application] = field(default_factory=dict, init=False)
    _over: set[str] = field(default_factory=set, init=False)
    _held: Mapping[str, Account] = field(default_factory=dict, init=False)
    _gathering: list[tuple[int, Way, str]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.today = self.now.astimezone(self.tools.city.tz).date()
        self._id, self._is_test = self.campaign.id, self.campaign.kind == "test"
        self._purpose = "service" if self._is_test else self.campaign.purpose

    def choose(self, taken: Sequence[Taken]) -> Chosen:
        """What becomes of each of those that were taken."""
        accounts = accounts_of(self.records, [each.recipient for each in taken])
        self._applications = self._about(taken)
        numbers = self._applications.keys()
        self._over = numbers - holding(
            self.records, self.tools.city, self.campaign, numbers, self.now
        )
        called: list[tuple[Taken, list[Reach], list[Way]]] = []
        for each in taken:
            theirs = accounts.get(each.recipient, [])
            if each.called_at is not None and each.road != VISIT:
                self._in_doubt(each, theirs)
            elif ways := self._ways(each, theirs):
                called.append((each, theirs, ways))
        room = self._rooms(called)
        self._held = hold_credits(self.records, _subscribed(called))
        for each, theirs, ways in called:
            if each.recipient in room or not ways[0].is_call:
                self._call(each, theirs, ways)
            else:
                self._later(each, next_morning(self.now, self.tools.city.tz), "cap")
        self._gather()
        return self.chosen

    # --- each of them -------------------------------------------------------------------

    def _in_doubt(self, each: Taken, theirs: Sequence[Reach]) -> None:
        """One whose call may have been carried out: made again, or it stays unknown."""
        assert each.called_at is not None  # noqa: S101 - or nothing is in doubt
        way = self.ways.again(each.road, theirs)
        again = repeatable(each.road, self.keyed(each.road), each.called_at, self.now)
        refused = self._refusal(each, theirs) or not self._can_be_worded(each)
        if way and way.account and came_since(self.records, way.account, each.called_at):
            way = None  # another account of theirs was called
        if way is None or not again or refused or each.attempts >= ATTEMPTS:
            self.chosen.ends.append(_ended(each, "unknown", each.road, "lost"))
            return
        outgoing = self._outgoing(each, theirs, way)
        if isinstance(outgoing, str):
            self.chosen.ends.append(_ended(each, "unknown", each.road, "lost"))
            return
        call = self._marked(each, theirs, way, outgoing, each.left, Held())
        self.chosen.calls.append(call._replace(called_at=each.called_at, doubted=True))

    def _ways(self, each: Taken, theirs: Sequence[Reach]) -> list[Way]:
        """The roads that are not left; none for who is not called now."""
        if refused := self._refusal(each, theirs):
            self.chosen.ends.append(_ended(each, "skipped", "", refused))
            return []
        if not self._can_be_worded(each):
            self.chosen.ends.append(_ended(each, "failed", "", "unworded"))
            return []
        left = left_roads(each.left)
        ways = [way for way in self.ways.of(theirs, self.now) if way.road not in left]
        if self._is_test:
            ways = [way for way in ways if way.rung != "mass"]  # never for one person
        until = self.closed.get((ways[0].credential, ways[0].road))
        if until is not None and until > self.now:
            self._later(each, until, "quota")
            return []
        return ways

    def _rooms(self, called: Sequence[tuple[Taken, list[Reach], list[Way]]]) -> set[int]:
        """Who may be sent one more today. Whoever tries a message on themselves asked for it."""
        calls = {each.recipient for each, _, ways in called if ways[0].is_call}
        if self._is_test:
            return calls
        return take_place(self.records, self.today, calls, self.tools.city.push.per_day)

    def _call(self, each: Taken, theirs: Sequence[Reach], ways: Sequence[Way]) -> None:
        left = each.left
        day = self.today if ways[0].is_call and not self._is_test else None
        for way in ways:
            if not way.is_call and day is not None:
                give_back(self.records, day, [each.recipient])
                day = None
            if way.rung == "mass":  # which takes its place of a day when it is called
                self._gathering.append((each.recipient, way, left))
                return
            outgoing = None if way is AT_VISIT else self._outgoing(each, theirs, way)
            lacks = outgoing if isinstance(outgoing, str) else ""
            held = None if lacks else self._pay(way, Held(day=day))
            if held is None or isinstance(outgoing, str):
                why = lacks or "no_room"
                left = with_left(left, way.road, why)
                self.chosen.left["left", way.road, why] += 1
                continue
            self.chosen.calls.append(self._marked(each, theirs, way, outgoing, left, held))
            return

    def _gather(self) -> None:
        """Those who wait for their batch, see `bot.push.mass`."""
        alike: dict[tuple[str, str], list[tuple[int, Way, str]]] = {}
        for recipient, way, left in self._gathering:
            locale = way.account.locale if way.account else ""
            alike.setdefault((way.credential, locale), []).append((recipient, way, left))
        for (credential, locale), people in alike.items():
            app = credential.partition(":")[2]
            places = gather(self.records, self.campaign, app, locale, len(people), self.now)
            self.chosen.ends.extend(
                End(who, "waiting", way.road, "", left, 0, place.due_at, sent_as=place.sent_as)
                for (who, way, left), place in zip(people, places, strict=True)
            )

    def _outgoing(self, each: Taken, theirs: Sequence[Reach], way: Way) -> Outgoing | str:
        """What goes out by this road, or why nothing can."""
        try:
            phone = self._phone(each, theirs) if way.road == SMS else ""
        except SealError:
            return "bug unreadable"
        if way.road == SMS and not phone:
            return "no_phone"
        locale, key = (way.account or theirs[0]).locale, each.key(self._id)
        try:
            return self.wording.outgoing(way, key, locale, self._params(each, locale), phone)
        except (KeyError, IndexError):  # it wants what only an application has
            return "bug unworded"

    def _pay(self, way: Way, held: Held) -> Held | None:
        """What the call uses up beside a place of the day; None where there is not enough."""
        if way.rung == "subscription" and way.account is not None:
            credit = (way.account.key, way.template)
            return held._replace(credit=credit) if self._takes(*credit) else None
        if way.road == SMS:
            fen = self.tools.city.push.sms_fen
            if self.campaign.cost + fen > self.campaign.cost_cap:
                return None
            self.campaign.cost += fen
            return held._replace(fen=fen)
        return held

    def _takes(self, account: str, template: str) -> bool:
        held = self._held.get(account)
        return held is not None and use_credit(held, template)

    def _marked(
        self,
        each: Taken,
        theirs: Sequence[Reach],
        way: Way,
        outgoing: Outgoing | None,
        left: str,
        held: Held,
    ) -> Call:
        return Call(
            self._id,
            each.recipient,
            way.road,
            way.rung,
            way.credential,
            outgoing,
            left,
            each.attempts + 1 if each.road == way.road else 1,
            self.now,
            self.now + LEASE,
            held,
            marks=tuple(AccountKey.parse(reach.key) for reach in theirs)
            if outgoing is None or self.ways.message.expects_answers
            else (),
        )

    # --- small parts --------------------------------------------------------------------

    def _refusal(self, each: Taken, theirs: Sequence[Reach]) -> str:
        return refusal(theirs, self._purpose) or ("over" if each.number in self._over else "")

    def _later(self, each: Taken, due_at: datetime, reason: str) -> None:
        self.chosen.ends.append(
            End(each.recipient, "waiting", each.road, reason, each.left, each.attempts, due_at)
        )

    def _about(self, taken: Sequence[Taken]) -> Mapping[str, Application]:
        """The applications that they are told of, where anybody asks."""
        numbers = {each.number for each in taken if each.number}
        if not numbers or not (self.wording.wants or self.ways.message.sms):
            return {}
        found = select(Application).where(Application.number.in_(numbers))
        return {application.number: application for application in self.records.scalars(found)}

    def _can_be_worded(self, each: Taken) -> bool:
        return not self.wording.chat_wants or each.number in self._applications

    def _params(self, each: Taken, locale: str) -> dict[str, str]:
        application = self._applications.get(each.number or "")
        if application is None:
            return {}
        city, texts = self.tools.city, self.tools.texts
        day = day_of(city, name_of(self.campaign), application)
        return known_of(city, texts, application, locale, self.today, day)

    def _phone(self, each: Taken, theirs: Sequence[Reach]) -> str:
        """The one given with the application that it is about, else the person's."""
        application = self._applications.get(each.number or "")
        if application is not None:
            return str(open_answers(application, self.tools.keys).get("phone") or "")
        for account in theirs:
            person = self.records.get(Person, account.person_id) if account.person_id else None
            if person is not None and person.phone is not None:
                return person.open_phone(self.tools.keys) or ""
        return ""


def _subscribed(called: Sequence[tuple[Taken, list[Reach], list[Way]]]) -> set[str]:
    """The accounts of which a message that they allowed may be used."""
    return {
        way.account.key
        for _, _, ways in called
        for way in ways
        if way.rung == "subscription" and way.account is not None
    }


def _ended(each: Taken, state: Outcome, road: str, reason: str) -> End:
    """What ends without a call."""
    return End(each.recipient, state, road, reason, each.left, each.attempts)
