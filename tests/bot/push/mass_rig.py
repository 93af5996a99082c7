"""A campaign whose people wait for a batch of 群发, and a platform that takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.dialogue.messages import AccountKey, Reply
from bot.ports import SendError
from bot.push.mass import Masses
from bot.push.ports import MassState
from models.database import Database
from models.people import Account, account_of
from models.push.campaigns import Campaign
from models.push.choices import want_announcements
from models.push.days import PushDay, PushMonth
from models.push.deliveries import MASS_ROAD, Delivery
from models.push.ending import End, end
from models.push.masses import Mass, gather
from models.push.taking import take_new
from tests.bot.turn.rig import NOON, Rig
from tests.bot.work.desk_rig import SmsDesk, at, tools

WORDS = {"zh_CN": "城西网点明日停机。", "en": "The west branch is closed tomorrow."}
DAY = timedelta(days=1)


@dataclass
class Platform:
    """Takes calls by their key, in a file that processes share; or refuses them, one by one."""

    path: Path
    faults: list[SendError] = field(default_factory=list)
    carries_out: bool = True  # what it answers with `unknown`
    became: MassState = "sent"
    asked: list[str] = field(default_factory=list)

    def send(self, people: Sequence[AccountKey], reply: Reply, key: str, timeout: float) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or (fault.reason == "unknown" and self.carries_out):
            with self.path.open("a") as book:
                said = "\n".join([reply.text, *(link.label for link in reply.links)])
                told = [key, [str(each) for each in people], said]
                book.write(json.dumps(told, ensure_ascii=False) + "\n")
        if fault:
            raise fault
        return f"at-{key}"

    def state(self, sent_as: str, timeout: float) -> MassState:
        self.asked.append(sent_as)
        if self.faults:
            raise self.faults.pop(0)
        return self.became

    @property
    def taken(self) -> dict[str, list[str]]:
        """Who was told, by key: the same key again is the same call."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        found: dict[str, list[str]] = {}
        for key, people, _ in map(json.loads, lines):
            found.setdefault(key, people)
        return found

    @property
    def texts(self) -> list[str]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [json.loads(line)[2] for line in lines]


class Dies(BaseException):
    """The worker's process."""


@dataclass
class Room:
    """One campaign of four followers, who wait for its batch."""

    rig: Rig
    platform: Platform
    campaign: int = 0

    def lane(self, hook: Callable[[str], None] = lambda point: None) -> Masses:
        given = tools(self.rig, SmsDesk(self.rig.folder / "sms.log"))
        return Masses(given, self.platform, hook)

    def work(self) -> int:
        """All there is to do now; how much that was."""
        lane, done = self.lane(), 0
        while work := lane.claim():
            work()
            done += 1
        return done

    def dies(self, point: str) -> None:
        def die(passed: str) -> None:
            if passed == point:
                raise Dies

        work = self.lane(die).claim()
        assert work
        with pytest.raises(Dies):
            work()

    def after(self, by: timedelta) -> None:
        at(self.rig, by.total_seconds())

    def join(self, people: int = 4, now: datetime = NOON) -> None:
        """They wait, as the sending has them wait."""
        with self.rig.database.writing() as records:
            campaign = records.get_one(Campaign, self.campaign)
            taken = take_new(records, campaign, people)
            places = gather(records, campaign, "wx1", "zh_CN", len(taken), now)
            waits = [
                End(t.recipient, "waiting", MASS_ROAD, due_at=p.due_at, sent_as=p.sent_as)
                for t, p in zip(taken, places, strict=True)
            ]
            end(records, campaign.id, waits, now)

    def change(self, **values: Any) -> None:
        with self.rig.database.writing() as records:
            campaign = records.get_one(Campaign, self.campaign)
            for name, value in values.items():
                setattr(campaign, name, value)

    @property
    def mass(self) -> Mass:
        (found,) = self.rig.rows(Mass)
        assert isinstance(found, Mass)
        return found

    @property
    def states(self) -> list[str]:
        """What became of the four."""
        return [
            f"{d.state} {d.reason}".strip() if d.state != "waiting" else f"waiting {d.left}".strip()
            for d in self.rig.rows(Delivery)
        ]

    def counted(self) -> tuple[list[int], list[int]]:
        """By day and by month."""
        return [row.n for row in self.rig.rows(PushDay)], [
            row.n for row in self.rig.rows(PushMonth)
        ]


def user(number: int) -> str:
    return f"wechat:wx1:o{number}"


@contextmanager
def four_followers(redis_url: str, database: Database, folder: Path) -> Iterator[Room]:
    """A campaign for four people who follow the account and want to hear of it."""
    rig = Rig(redis_url, database.url.render_as_string(hide_password=False), folder)
    found = Room(rig, Platform(folder / "masses.log"))
    with rig.database.writing() as records:
        for number in range(4):
            account_of(records, user(number), NOON)
            want_announcements(records, user(number), NOON)
        campaign = Campaign(
            name="停机公告",
            kind="message",
            purpose="announcement",
            stage="running",
            message={"chat": WORDS, "mass": True},
            audience={},
            expires_at=NOON + 7 * DAY,
            from_hour=0,
            until_hour=0,
            total=4,
            written_by="staff:1",
            written_at=NOON,
        )
        records.add(campaign)
        records.flush()
        found.campaign = campaign.id
        for account in records.scalars(select(Account).order_by(Account.user)):
            records.add(Delivery(campaign_id=campaign.id, recipient=account.recipient))
    yield found
    rig.close()


def of(room: Room, number: int) -> str:
    """What became of one of the four."""
    with room.rig.database.reading() as records:
        recipient = select(Account.recipient).where(Account.key == user(number))
        row = records.scalars(
            select(Delivery).where(Delivery.recipient == recipient.scalar_subquery())
        )
        found = row.one()
        return f"{found.state} {found.reason or found.left}".strip()


def recipient_of(room: Room, number: int) -> int:
    with room.rig.database.reading() as records:
        return records.scalars(select(Account.recipient).where(Account.key == user(number))).one()
