"""Campaigns at the console, and people for them; what the sending would do is written by the
models' own functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from models.application_states import State
from models.applications import find_application
from models.lifecycle import Lifecycle
from models.people import account_of, bind
from models.push.answers import take_answer
from models.push.audience import Segment, add_listed
from models.push.campaigns import Campaign, go, locked
from models.push.counts import add_counts
from models.push.deliveries import Delivery
from models.push.drafts import Begun, new_draft
from models.push.ending import End, end
from models.push.expansion import expand
from models.push.reminders import remind
from models.push.stages import Stage
from models.push.taking import take_new
from tests.bot.console.cases import id_number
from tests.bot.console.staffed import Desk, Staffed
from tests.models.making import KEYS, make_application, make_person, new_id

EAST, ANSWERING = "119901", "119903"
NAME = "卡在等您"
MESSAGE = {
    "chat": {
        "zh_CN": "您的社保卡（受理号尾号{tail}）已经在{branch}等您了。",
        "en": "Your card (number ending in {tail}) is waiting for you at {branch}.",
    },
    "status": {"zh_CN": "社保卡等您领取", "en": "Card is ready"},
    "note": {"zh_CN": "请本人带身份证到网点领", "en": "Bring your ID card"},
    "wording": "action",
    "link": "/progress",
}
_people = count(500)


class Pushes:
    """What stands before the editors of one console."""

    def __init__(self, console: Staffed) -> None:
        self.console = console

    def person(
        self,
        *,
        district: str = EAST,
        state: State = State.READY_FOR_PICKUP,
        phone: str = "",
        silent_days: int = 0,
    ) -> str:
        """Somebody who applied and may be told of it; the acceptance number."""
        n, now = next(_people), self.console.clock()
        account = f"wechat:wx1:oPush{n}"
        with self.console.parts.database.writing() as records:
            given = phone or f"139000{n:05d}"
            holder = make_person(records, name="陈国强", id_number=id_number(n), phone=given)
            account_of(records, account, now)
            bound = bind(records, account, holder.id, now)
            bound.last_inbound_at = now - timedelta(days=silent_days)
            made = make_application(
                records, holder, account=account, district=district, bank="ABC", branch="ABC-01",
                delivery="pickup", now=now,
            )  # fmt: skip
            made.state, made.state_since = state.value, now
            return made.number

    def reminder(self, *, days: int = 0, **person: Any) -> int:
        """Of somebody's card that waits to be collected, so many days ahead; the campaign."""
        number, parts = self.person(**person), self.console.parts
        now = self.console.clock() + timedelta(days=days)
        with parts.database.writing() as records:
            made = find_application(records, number)
            assert made is not None
            life = Lifecycle(KEYS, parts.city, parts.texts, new_id)
            remind(records, life, "collect_due", made, "15d", now, by="timer:collection")
            return max(records.scalars(select(Campaign.id)))

    def draft(
        self,
        desk: Desk,
        *,
        districts: Sequence[str] = (EAST,),
        **columns: Any,
    ) -> int:
        """A whole campaign of this writer, ready to be proposed, without SMS."""
        audience: dict[str, Any] = {"districts": list(districts)} if districts else {}
        with self.console.parts.database.writing() as records:
            made = new_draft(
                records,
                self.console.parts.city,
                Begun(NAME, "service", MESSAGE, audience),
                self.console.clock(),
                by=f"staff:{desk.staff_id}",
            )
            for name, value in columns.items():
                setattr(made, name, value)
            return made.id

    def at(self, desk: Desk, stage: Stage, **columns: Any) -> int:
        """One of this writer's that was moved on to a stage."""
        number = self.draft(desk, **columns)
        if stage is not Stage.DRAFT:
            self.move(number, *_WAYS[stage])
        return number

    def move(self, number: int, *stages: Stage) -> None:
        """Move it as those who may would have."""
        for stage in stages:
            with self.console.parts.database.writing() as records:
                campaign = locked(records, number)
                actor: Any = _ACTORS.get(stage, "clock")
                go(records, campaign, stage, actor, self.console.clock(), by="clock")

    def expand(self, number: int, *, first: int = 0) -> int:
        """Make its rows, as the worker does when it begins."""
        now = self.console.clock()
        with self.console.parts.database.writing() as records:
            campaign = locked(records, number)
            campaign.first = first
            today = now.astimezone(self.console.parts.city.tz).date()
            return expand(records, campaign, Segment.read(campaign.audience), now, today)

    def listed(self, number: int, people: int) -> None:
        """Give it so many people who are nobody's accounts."""
        with self.console.parts.database.writing() as records:
            campaign = locked(records, number)
            add_listed(records, campaign, dict.fromkeys(range(1, people + 1)))

    def answered(self, desk: Desk, text: str) -> tuple[int, str, str]:
        """A campaign to two people, of whom one chose an option and said something; and their
        numbers."""
        parts = self.console.parts
        one, other = (self.person(district=ANSWERING) for _ in range(2))
        option = {"label": {"zh_CN": "换网点", "en": "Another"}, "act": "branches"}
        number = self.at(desk, Stage.RUNNING, districts=(ANSWERING,))
        with parts.database.writing() as records:
            campaign = locked(records, number)
            campaign.message = {**campaign.message, "options": [option], "answers": True}
        self.expand(number)
        with parts.database.writing() as records:
            add_counts(records, number, Counter({("sent", "wechat:chat", ""): 2}))
            for row in records.scalars(select(Delivery).where(Delivery.campaign_id == number)):
                row.state = "sent" if row.number in (one, other) else "failed"
                for chosen, said in (("1", ""), ("", text)) if row.number == one else ():
                    take_answer(
                        records, parts.keys, campaign_id=number, recipient=row.recipient,
                        option=chosen, text=said, now=self.console.clock(),
                    )  # fmt: skip
        return number, one, other

    def ended(self, number: int, **ends: int) -> None:
        """So many of them come to an end: `sent=3`, or an outcome with its reason,
        `failed_account=2`."""
        with self.console.parts.database.writing() as records:
            campaign = locked(records, number)
            for name, n in ends.items():
                state, _, reason = name.partition("_")
                taken = take_new(records, campaign, n)
                assert len(taken) == n
                road = "wechat:template" if state != "skipped" else ""
                done: Any = [End(each.recipient, state, road, reason) for each in taken]  # type: ignore[arg-type]
                end(records, number, done, self.console.clock())

    def campaign(self, number: int) -> Campaign:
        with self.console.parts.database.reading() as records:
            found = records.get_one(Campaign, number)
            records.expunge_all()
            return found

    def deliveries(self, number: int) -> Counter[str]:
        with self.console.parts.database.reading() as records:
            states = select(Delivery.state).where(Delivery.campaign_id == number)
            return Counter(records.scalars(states))


_ACTORS = {
    Stage.PROPOSED: "writer", Stage.APPROVED: "approver", Stage.REFUSED: "approver",
    Stage.PAUSED: "staff", Stage.STOPPED: "staff",
}  # fmt: skip
_ON = (Stage.PROPOSED, Stage.APPROVED)
_WAYS: dict[Stage, tuple[Stage, ...]] = {
    Stage.PROPOSED: _ON[:1],
    Stage.APPROVED: _ON,
    Stage.FIRST: (*_ON, Stage.FIRST),
    Stage.LOOK: (*_ON, Stage.FIRST, Stage.LOOK),
    Stage.RUNNING: (*_ON, Stage.RUNNING),
    Stage.PAUSED: (*_ON, Stage.RUNNING, Stage.PAUSED),
    Stage.DONE: (*_ON, Stage.RUNNING, Stage.DONE),
    Stage.STOPPED: (*_ON, Stage.STOPPED),
    Stage.EXPIRED: (*_ON, Stage.RUNNING, Stage.EXPIRED),
    Stage.REFUSED: (Stage.PROPOSED, Stage.REFUSED),
}


def number_in(location: str) -> int:
    """The campaign that an answer leads to."""
    found = re.search(r"/push/(\d+)", location)
    assert found, location
    return int(found[1])
