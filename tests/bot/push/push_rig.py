"""A push to try: people in the records, a campaign that is approved, roads whose calls are lines of
a file, so that processes share it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from bot.ports import Rung
from bot.push.lane import PushLane
from bot.push.ports import Bucket, Grant, Outgoing, Result, Road
from config.city import City, SmsTemplate, WeChat
from config.city_push import Push
from models.people import Account, Proof, keep_person
from models.push.campaigns import Campaign
from models.push.counts import Key, counts_of
from models.push.deliveries import Delivery
from models.push.stages import Stage
from tests.bot.turn.rig import CITY, KEYS, NOON, Rig
from tests.bot.work.desk_rig import SmsDesk, tools
from tests.bot.work.ladder_rig import with_city

APPROVED = replace(
    CITY,
    wechat=WeChat(templates={"reminder": "T1"}, subscriptions={"reminder": "S1"}),
    push=Push(first_least=10, failed_least=20),
)
MESSAGE = {
    "chat": {"zh_CN": "您好", "en": "Hello"},
    "status": {"zh_CN": "通知", "en": "Notice"},
    "note": {"zh_CN": "请看", "en": "Please look"},
    "wording": "reminder",
}
LONG = timedelta(days=3)


@dataclass
class BookRoad:
    """What it took is in a file, by key; `answers` are given in their order before it takes
    anything, by rung. A platform that knows a call by its key takes it once."""

    path: Path
    name: str = "wechat"
    answers: dict[str, list[Result]] = field(default_factory=dict)
    always: dict[str, Result] = field(default_factory=dict)
    seconds: float = 0.0
    on_send: Callable[[Outgoing], None] = lambda call: None
    at_once: int = 0
    most_at_once: int = 0

    async def send(self, call: Outgoing) -> Result:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            if self.seconds:
                await asyncio.sleep(self.seconds)
            return self._taken(call)
        finally:
            self.at_once -= 1

    def keyed(self, rung: Rung) -> bool:
        return rung in ("template", "sms")

    def _taken(self, call: Outgoing) -> Result:
        if waiting := self.answers.get(call.rung):
            return waiting.pop(0)
        if call.rung in self.always:
            return self.always[call.rung]
        self.on_send(call)
        with self.path.open("a") as book:
            book.write(json.dumps([call.key, call.rung]) + "\n")
        return Result(sent_as=f"at-{call.key}" if call.rung == "template" else "")


@dataclass
class Book:
    """What a road's file says."""

    path: Path

    def calls(self) -> Counter[str]:
        """How often each key was taken."""
        return Counter(key for key, _ in self._lines())

    def rungs(self) -> Counter[str]:
        """How many keys came by which rung."""
        return Counter(rung for _, rung in {(key, rung) for key, rung in self._lines()})

    def _lines(self) -> list[list[str]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class OpenBucket:
    """Everybody may go at once."""

    async def take(
        self, credential: str, most: int, *, campaign: int = 0, rate: float = 0.0
    ) -> Grant:
        return Grant((asyncio.get_running_loop().time(),) * most, 1.0)


def push_rig(rig: Rig, city: City = APPROVED) -> Rig:
    return with_city(rig, city)


def book_of(rig: Rig, name: str = "wechat") -> Book:
    return Book(rig.folder / f"{name}-push.log")


def road(rig: Rig, name: str = "wechat", **options: Any) -> BookRoad:
    return BookRoad(rig.folder / f"{name}-push.log", name, **options)


def changed(city: City, **values: Any) -> City:
    """The same with other settings of pushes."""
    return replace(city, push=replace(city.push, **values))


def people(
    rig: Rig,
    n: int,
    *,
    start: int = 1,
    inbound: datetime | None = None,
    phone: str = "",
    **values: Any,
) -> list[int]:
    """So many accounts of as many people. Returns their recipients."""
    if phone:
        values["person_id"] = _person(rig, phone)
    rows = [
        {
            "id": f"{number:032}",
            "channel": "wechat",
            "app": "wx1",
            "user": f"user{number}",
            "user_kind": "openid",
            "locale": "zh_CN",
            "followed": True,
            "subscription_credits": {},
            "created_at": NOON,
            "last_inbound_at": inbound,
            "recipient": number,
            "announcements_since": NOON,
            **values,
        }
        for number in range(start, start + n)
    ]
    with rig.database.writing() as records:
        records.execute(insert(Account), rows)
    return [row["recipient"] for row in rows]


def _person(rig: Rig, phone: str) -> str:
    with rig.database.writing() as records:
        keep_person(
            records,
            KEYS,
            person_id="f" * 32,
            name="赵小云",
            id_number="830000199201300022",
            phone=phone,
            proof=Proof.ON_FILE,
            now=NOON,
        )
    return "f" * 32


def campaign(rig: Rig, recipients: Iterable[int], **values: Any) -> int:
    """One that is approved, for a list of people. Returns its number."""
    whom = sorted(recipients)
    row = Campaign(
        **{
            "name": "试",
            "kind": "message",
            "purpose": "announcement",
            "stage": Stage.APPROVED.value,
            "message": MESSAGE,
            "audience": {"list": len(whom)},
            "expires_at": NOON + LONG,
            "from_hour": 8,
            "until_hour": 21,
            "written_by": "staff:1",
            "written_at": NOON,
            "total": len(whom),
            **values,
        }
    )
    with rig.database.writing() as records:
        records.add(row)
        records.flush()
        made = [
            {"campaign_id": row.id, "recipient": each, "number": None, "state": "new"}
            for each in whom
        ]
        if made:
            records.execute(insert(Delivery), made)
    return row.id


def lane(
    rig: Rig,
    roads: Mapping[str, Road] | None = None,
    *,
    bucket: Bucket | None = None,
    sms: bool = False,
    **options: Any,
) -> PushLane:
    given: dict[str, Road] = dict(roads or {"wechat": road(rig)})
    if sms:
        given.setdefault("sms", road(rig, "sms"))
    desk = tools(rig, SmsDesk(rig.folder / "sms.log"))
    options.setdefault("slice_seconds", 0.3)
    return PushLane(desk, given, bucket or OpenBucket(), rig.client, "one", **options)


def work(lane: PushLane) -> None:
    """All there is to do just now."""
    while (claimed := lane.claim()) is not None:
        claimed()


def work_and_close(lane: PushLane) -> None:
    try:
        work(lane)
    finally:
        lane.close()


def stage(rig: Rig, campaign_id: int) -> str:
    return found(rig, campaign_id).stage


def found(rig: Rig, campaign_id: int) -> Campaign:
    with rig.database.reading() as records:
        row = records.get(Campaign, campaign_id)
        assert row is not None
        return row


def deliveries(rig: Rig, campaign_id: int) -> dict[int, Delivery]:
    with rig.database.reading() as records:
        its = select(Delivery).where(Delivery.campaign_id == campaign_id)
        return {row.recipient: row for row in records.scalars(its)}


def states(rig: Rig, campaign_id: int) -> Counter[tuple[str, str]]:
    """How many deliveries stand how, by state and road."""
    return Counter((row.state, row.road) for row in deliveries(rig, campaign_id).values())


def counters(rig: Rig, campaign_id: int) -> Counter[Key]:
    with rig.database.reading() as records:
        return +counts_of(records, campaign_id)


def sms_city(city: City = APPROVED) -> City:
    return replace(city, sms={**city.sms, "push": SmsTemplate(id="SMS_1", text="请看", params=())})


__all__ = [
    "APPROVED",
    "MESSAGE",
    "NOON",
    "OpenBucket",
    "Stage",
    "book_of",
    "campaign",
    "changed",
    "counters",
    "deliveries",
    "found",
    "lane",
    "people",
    "push_rig",
    "road",
    "sms_city",
    "stage",
    "states",
    "work",
    "work_and_close",
]
