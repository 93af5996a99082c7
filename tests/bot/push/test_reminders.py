"""A reminder from the chore that finds it due to the call: once, in its hours, as long as it is
true, whoever dies in between."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.push.ports import Outgoing, Result
from bot.work.collection_chores import collection_chores
from config.city import WeChat
from config.locales import Texts
from models.application_states import State
from models.applications import Application, events_of
from models.collection_timers import do_due
from models.lifecycle import Lifecycle
from models.people import Account, account_of
from models.push.campaigns import Campaign
from models.push.days import take_place
from models.records import json_bytes, place
from tests.bot.push.push_rig import (
    APPROVED,
    NOON,
    book_of,
    counters,
    deliveries,
    lane,
    push_rig,
    road,
    stage,
    states,
    work,
    work_and_close,
)
from tests.bot.turn.processes import disaster, forked
from tests.bot.turn.rig import KEYS, Rig
from tests.bot.work.desk_rig import at
from tests.models.making import NUMBER, OTHER_NUMBER, PHONE, make_application, make_person, new_id

CITY = replace(APPROVED, wechat=WeChat(templates={"action": "T1"}))
HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return push_rig(rig_on_both, CITY)


def life(rig: Rig) -> Lifecycle:
    return Lifecycle(KEYS, rig.city, Texts.load(rig.city), new_id)


def card(rig: Rig, user: str = "alice", *, id_number: str = NUMBER, **account: Any) -> Application:
    """One that has waited at the branch for fifteen days."""
    since = NOON - timedelta(days=15)
    with rig.database.writing() as records:
        row = account_of(records, f"wechat:wx1:{user}", since)
        for name, value in account.items():
            setattr(row, name, value)
        made = make_application(
            records, make_person(records, id_number=id_number), account=row.key,
            branch="ABC-01", bank="ABC", holder_proven=False, now=since,
        )  # fmt: skip
        made.answers = KEYS.seal(
            json_bytes({"phone": PHONE}), place("applications", "answers", made.id)
        )
        made.state, made.state_since = "READY_FOR_PICKUP", since
        records.flush()
        records.expunge_all()
    return made


def chore(rig: Rig, now: datetime | None = None) -> None:
    """Of cards, as housekeeping does it."""
    (due,) = [c for c in collection_chores(rig.database, life(rig)) if c.name == "collection"]
    due.do(now or rig.sources.clock())


def the_campaign(rig: Rig) -> int:
    with rig.database.reading() as records:
        return records.scalars(select(Campaign.id)).one()


def only(rig: Rig) -> tuple[str, str]:
    """How the one delivery stands, and why."""
    (row,) = deliveries(rig, the_campaign(rig)).values()
    return row.state, row.reason


def collected(rig: Rig, application: Application) -> None:
    with rig.database.writing() as records:
        mine = records.get_one(Application, application.id)
        mine.state, mine.state_since = State.COLLECTED.value, rig.sources.clock()


def test_it_arrives_once_however_often_the_worker_starts(rig: Rig) -> None:
    made, calls = card(rig), list[Outgoing]()
    for _ in range(3):
        chore(rig)
        work_and_close(lane(rig, {"wechat": road(rig, on_send=calls.append)}))
    (call,) = calls
    assert call.filled is not None
    assert call.filled.values == {
        "character_string1": made.number,
        "thing2": "卡还没有领",
        "thing3": "2027-11-08前没领会封存",
    }
    its = the_campaign(rig)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 1})
    assert counters(rig, its) == Counter({("sent", "wechat:template", ""): 1})


def test_its_campaign_is_over_with_its_day(rig: Rig) -> None:
    card(rig)
    chore(rig)
    sending = lane(rig)
    work(sending)
    its = the_campaign(rig)
    assert stage(rig, its) == "running"
    at(rig, HOUR)
    card(rig, "bob", id_number=OTHER_NUMBER)
    chore(rig)
    work(sending)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 2})
    at(rig, 8 * HOUR - 1)
    work(sending)
    assert stage(rig, its) == "running"
    at(rig, 8 * HOUR)  # it is eight in the evening
    work_and_close(sending)
    assert stage(rig, its) == "done"


def test_nobody_is_reminded_of_a_card_collected_an_hour_ago(rig: Rig) -> None:
    made = card(rig)
    chore(rig)
    collected(rig, made)
    at(rig, HOUR)
    work_and_close(lane(rig))
    assert (only(rig), book_of(rig).calls()) == (("skipped", "over"), Counter())
    assert counters(rig, the_campaign(rig)) == Counter({("skipped", "", "over"): 1})


def test_a_call_in_doubt_is_not_made_again_for_a_card_that_was_collected(rig: Rig) -> None:
    made = card(rig)
    chore(rig)
    lost = {"template": [Result("unknown")]}
    sending = lane(rig, {"wechat": road(rig, answers=lost)})
    work(sending)
    assert only(rig) == ("waiting", "unknown")
    collected(rig, made)
    at(rig, 60)
    work_and_close(sending)
    assert (only(rig), book_of(rig).calls()) == (("unknown", "lost"), Counter())


def test_at_night_nobody_is_told_and_in_the_morning_the_days_are_right(rig: Rig) -> None:
    """The worker that sends stood still from the evening on."""
    card(rig)
    at(rig, 8 * HOUR - 1)
    chore(rig)
    calls = list[Outgoing]()
    sending = lane(rig, {"wechat": road(rig, on_send=calls.append)})
    for hours in (8, 12, 20.9):
        at(rig, hours * HOUR)
        work(sending)
    assert (calls, only(rig)) == ([], ("waiting", ""))
    at(rig, 21 * HOUR)  # nine in the morning
    work_and_close(sending)
    assert len(calls) == 1
    assert (only(rig), stage(rig, the_campaign(rig))) == (("sent", ""), "done")


def test_who_had_their_share_of_the_day_is_told_the_next(rig: Rig) -> None:
    card(rig)
    chore(rig)
    with rig.database.writing() as records:
        (who,) = records.scalars(select(Account.recipient))
        for _ in range(CITY.push.per_day):
            assert take_place(records, NOON.date(), [who], CITY.push.per_day)
    sending = lane(rig)
    work(sending)
    assert (only(rig), book_of(rig).calls()) == (("waiting", "cap"), Counter())
    at(rig, DAY)
    work_and_close(sending)
    assert only(rig) == ("sent", "")
    assert book_of(rig).calls().total() == 1


def test_of_a_day_that_is_long_over_nobody_is_told(rig: Rig) -> None:
    card(rig)
    chore(rig)
    at(rig, DAY + 8 * HOUR)
    work_and_close(lane(rig))
    assert (only(rig), stage(rig, the_campaign(rig))) == (("skipped", "expired"), "expired")
    assert book_of(rig).calls() == Counter()


@pytest.mark.parametrize("point", ["due", "push taken", "push call", "push answered"])
def test_whoever_dies_between_noting_and_sending_loses_and_doubles_nothing(
    rig: Rig, point: str
) -> None:
    """What is noted is added in the same transaction; what is added is sent under one key."""
    made = card(rig)

    def dies() -> None:
        own = push_rig(rig.again(), rig.city)
        if point == "due":
            with own.database.writing() as records:
                assert do_due(records, life(own), NOON) == 1
                os.kill(os.getpid(), signal.SIGKILL)
        chore(own)
        work_and_close(lane(own, hook=disaster(point)))

    assert forked(dies).answer() is None
    with rig.database.reading() as records:
        noted = [e.kind for e in events_of(records, made.id) if e.kind == "collect_reminded"]
        added = records.scalars(select(Campaign.total)).all()
    assert (len(noted), sum(added)) == ((0, 0) if point == "due" else (1, 1))
    at(rig, 60)
    chore(rig)
    work_and_close(lane(rig))
    its = the_campaign(rig)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 1})
    assert list(book_of(rig).calls()) == [row.key for row in deliveries(rig, its).values()]
    with rig.database.reading() as records:
        assert [e.kind for e in events_of(records, made.id)].count("collect_reminded") == 1


def test_who_has_no_other_road_gets_an_sms_to_the_phone_of_the_application(rig: Rig) -> None:
    """One whose answers nobody can open holds up no other."""
    for user, id_number in (("alice", NUMBER), ("bob", OTHER_NUMBER)):
        made = card(rig, user, id_number=id_number, followed=False)
    with rig.database.writing() as records:
        records.get_one(Application, made.id).answers = b"unreadable"
    chore(rig)
    calls = list[Outgoing]()
    roads = {"wechat": road(rig), "sms": road(rig, "sms", on_send=calls.append)}
    work_and_close(lane(rig, roads))
    assert [call.phone for call in calls] == [PHONE]
    its = the_campaign(rig)
    assert states(rig, its) == Counter({("sent", "sms"): 1, ("visit", "visit"): 1})
    assert counters(rig, its)["left", "sms", "bug unreadable"] == 1


def test_a_correction_on_its_last_day_goes_before_cards_that_can_wait(rig: Rig) -> None:
    """All are the same person's, who gets no more than two in a day."""
    cards = [card(rig).number for _ in range(2)]
    back = card(rig, id_number=OTHER_NUMBER)
    with rig.database.writing() as records:
        mine = records.get_one(Application, back.id)
        mine.state, mine.correct_by = State.RETURNED.value, NOON.date()
    chore(rig)
    calls = list[Outgoing]()
    work_and_close(lane(rig, {"wechat": road(rig, on_send=calls.append)}))
    first, second = (call.filled.values for call in calls if call.filled)
    assert (first["character_string1"], first["thing3"]) == (back.number, "今天是最后一天")
    assert second["character_string1"] in cards
