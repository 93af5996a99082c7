"""No reminder is lost with its campaign, none is told too late, and adding waits for sending in one
order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application
from models.collection_timers import do_due
from models.database import Database
from models.push.campaigns import Campaign, go, locked
from models.push.deliveries import Delivery
from models.push.ending import End, end
from models.push.lapsing import lapse
from models.push.reminders import holding, remind
from models.push.stages import Actor as StageActor
from models.push.stages import Stage
from models.push.taking import take_waiting
from tests.models.push.test_reminders import (
    CITY,
    DAY,
    DUE,
    HOUR,
    LIFE,
    READY,
    SWITCHED_ON,
    card,
    due,
    holds,
    noted,
    ten_years_on,
    the_campaign,
    told,
)
from tests.models.rivals import Rival


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.EXPIRED])
def test_whom_a_campaign_that_ended_did_not_tell_is_due_again(
    database: Database, stage: Stage
) -> None:
    """Not whom it told, nor whom it may have told."""
    with database.writing() as records:
        accounts = [f"wechat:wx1:o{n}" for n in range(4)]
        cards = [card(records, account) for account in accounts]
    assert due(database) == 4
    with database.writing() as records:
        campaign, morning = locked(records, the_campaign(records).id), DUE + DAY
        told_one, in_doubt, unknown, untold = (
            records.scalars(select(Delivery).where(Delivery.number == each.number)).one()
            for each in cards
        )
        told_one.state = "sent"
        in_doubt.called_at = DUE
        unknown.state = "unknown"
        if stage is Stage.EXPIRED:
            while lapse(records, campaign, morning, 10):
                pass
            records.refresh(untold)
            assert (untold.state, untold.reason) == ("skipped", "expired")
        by: StageActor = "clock" if stage is Stage.EXPIRED else "staff"
        go(records, campaign, stage, by, morning, by="staff:1", reason="网点写错了")
    assert [due(database, DUE + n * DAY) for n in (1, 2)] == [1, 0]
    assert noted(database, cards[3].id) == [("collect_reminded", "15d")] * 2
    assert [len(noted(database, each.id)) for each in cards[:3]] == [1, 1, 1]
    with database.reading() as records:
        first, second = records.scalars(select(Campaign).order_by(Campaign.id))
        number = cards[3].number
        assert holding(records, CITY, first, [number], DUE + DAY) == set()
        assert holding(records, CITY, second, [number], DUE + DAY) == {number}


def test_nobody_is_added_to_a_campaign_that_is_done(database: Database) -> None:
    """The chore began before its day was over, and is still at work when it is."""
    with database.writing() as records:
        card(records)
    due(database)
    with database.writing() as records:
        campaign = locked(records, the_campaign(records).id)
        go(records, campaign, Stage.DONE, "clock", DUE + 10 * HOUR, by="clock")
        late = card(records, "wechat:wx1:oLate").number
    assert due(database, DUE.replace(hour=19, minute=59)) == 1
    assert told(database)[1] == ("领卡提醒 2026-12-15（2）", late, "waiting")
    with database.reading() as records:
        stages = records.scalars(select(Campaign.stage).order_by(Campaign.id)).all()
    assert stages == ["done", "running"]


def test_a_card_that_is_put_away_today_is_not_waited_for(database: Database) -> None:
    """Whoever comes in the morning, before it is put away, hears of no day that is over."""
    with database.writing() as records:
        made = card(records)
    due(database)
    days = [datetime(2027, 11, day, 7, tzinfo=CITY.tz) for day in (29, 30)]
    assert [holds(database, made, now=day) for day in days] == [True, False]


def test_what_is_added_in_one_transaction_is_of_one_kind_and_no_more_than_asked_for(
    database: Database,
) -> None:
    """For as long as it takes, the sending waits for its campaign."""
    with database.writing() as records:
        for n, since in enumerate((DUE - 15 * DAY, READY - 100 * DAY) * 2):
            card(records, f"wechat:wx1:o{n}", since=since)
        card(records, "wechat:wx1:oOn", State.COLLECTED)
    done = list[int]()
    while not done or done[-1]:
        with database.writing() as records:
            done.append(do_due(records, LIFE, DUE, most=3))
    assert done == [3, 1, 1, 0]


@pytest.mark.parametrize("first", ["adding", "sending"])
def test_adding_and_sending_wait_for_each_other_in_one_order(
    postgres_database: Database, first: str
) -> None:
    """Both take the campaign; whoever holds an application then, by its row or by what refers to
    it, is waited for by nobody who sends."""
    database = postgres_database
    with database.writing() as records:
        card(records)
    due(database)
    with database.writing() as records:
        late, also = (card(records, f"wechat:wx1:oLate{n}") for n in range(2))

    def adding(records: Records) -> Iterator[None]:
        mine = records.get_one(Application, late.id)
        mine.updated_at = DUE + HOUR  # as one that is put away in the same transaction
        records.flush()
        remind(records, LIFE, "collect_due", mine, "15d", DUE + HOUR, by="timer:collection")
        yield
        again = records.get_one(Application, also.id)
        remind(records, LIFE, "collect_due", again, "15d", DUE + HOUR, by="timer:collection")

    def sending(records: Records) -> Iterator[None]:
        campaign = locked(records, the_campaign(records).id)
        yield
        taken = take_waiting(records, campaign.id, DUE + HOUR, 10)
        numbers = [str(each.number) for each in taken]
        assert holding(records, CITY, campaign, numbers, DUE + HOUR) == set(numbers)
        where = Application.number.in_([*numbers, late.number, also.number])
        assert len(records.scalars(select(Application).where(where)).all()) == 3
        end(records, campaign.id, [End(e.recipient, "sent", "sms") for e in taken], DUE + HOUR)

    work = {"adding": adding, "sending": sending}
    other = work["sending" if first == "adding" else "adding"]

    def rival(records: Records) -> None:
        for _ in other(records):
            pass

    with database.writing() as records:
        steps = work[first](records)
        next(steps)
        waiting = Rival(database, rival)
        waiting.waits()
        assert list(steps) == []
    waiting.ends()
    states = {"waiting": 2, "sent": 1} if first == "sending" else {"sent": 3}
    assert Counter(state for _, _, state in told(database)) == states


def test_at_a_visit_nobody_hears_of_a_card_that_has_expired_meanwhile(database: Database) -> None:
    with database.writing() as records:
        made = card(records, state=State.ACTIVATED, since=SWITCHED_ON)
    due(database, ten_years_on("2036-09-30"))
    days = [ten_years_on(day) for day in ("2036-11-29", "2036-11-30", "2037-05-01")]
    assert [holds(database, made, "expiry_due", day) for day in days] == [True, False, False]
