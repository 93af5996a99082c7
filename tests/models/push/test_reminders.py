"""Reminders as deliveries: noted and added in one, to today's campaign, true when they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import City, load_city
from config.locales import Texts
from config.templates import load_templates
from models.application_states import Actor, State
from models.applications import Application, events_of
from models.card_moves import CardMove
from models.collection_timers import do_due
from models.database import Database
from models.lifecycle import Lifecycle, known_of
from models.notices import Notice
from models.people import account_of, bind
from models.push.campaigns import Campaign, go, locked
from models.push.campaigns import events_of as events_of_campaign
from models.push.choices import stop_pushes
from models.push.deliveries import Delivery
from models.push.messages import Message, faults
from models.push.reminders import REMINDERS, day_of, holding, is_growing, name_of, remind
from models.push.stages import Stage
from models.push.taking import take_waiting
from models.told import told_to
from tests.models.making import (
    KEYS,
    NUMBER,
    OTHER_NUMBER,
    PHONE,
    make_application,
    make_person,
    new_id,
)

CITY = load_city()
TEXTS = Texts.load(CITY)
LIFE = Lifecycle(KEYS, CITY, TEXTS, new_id)
READY = datetime(2026, 11, 30, 15, 30, tzinfo=CITY.tz)
DUE = datetime(2026, 12, 15, 10, 0, tzinfo=CITY.tz)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACCOUNT = "wechat:wx1:oReminded"


def card(
    records: Records,
    account: str = ACCOUNT,
    state: State = State.READY_FOR_PICKUP,
    *,
    since: datetime = READY,
    known: bool = True,
    id_number: str = NUMBER,
) -> Application:
    """One handed in from an account that is known here, or not any more."""
    holder = make_person(records, id_number=id_number)
    if known:
        account_of(records, account, READY)
    made = make_application(
        records, holder, account=account, answers={"name": "陈国强", "phone": PHONE},
        branch="ABC-01", bank="ABC", holder_proven=False, now=since,
    )  # fmt: skip
    made.state, made.state_since = state.value, since
    records.flush()
    return made


def due(database: Database, now: datetime = DUE, life: Lifecycle = LIFE) -> int:
    """As the chore does it."""
    done = 0
    while True:
        with database.writing() as records:
            more = do_due(records, life, now)
        if not more:
            return done
        done += more


def told(database: Database) -> list[tuple[str, str, str]]:
    """Every delivery: of which campaign, about which application, where it stands."""
    with database.reading() as records:
        rows = records.execute(
            select(Campaign.name, Delivery.number, Delivery.state)
            .join(Delivery, Delivery.campaign_id == Campaign.id)
            .order_by(Campaign.id, Delivery.number)
        )
        return [(name, str(number), state) for name, number, state in rows]


def noted(database: Database, application_id: str) -> list[tuple[str, str]]:
    with database.reading() as records:
        return [(e.kind, e.reason) for e in events_of(records, application_id) if e.by]


def notices(database: Database) -> list[str]:
    with database.reading() as records:
        return [n.open_payload(KEYS)["name"] for n in records.scalars(select(Notice))]


def the_campaign(records: Records) -> Campaign:
    return records.scalars(select(Campaign)).one()


def test_who_falls_due_is_noted_and_added_to_todays_campaign_once(database: Database) -> None:
    with database.writing() as records:
        first = card(records)
        other = card(records, "alipay:2021:2088")
        numbers = sorted([first.number, other.number])
    assert [due(database), due(database), due(database, DUE + HOUR)] == [2, 0, 0]
    assert told(database) == [("领卡提醒 2026-12-15", number, "waiting") for number in numbers]
    assert noted(database, first.id) == [("collect_reminded", "15d")]
    assert notices(database) == []
    with database.reading() as records:
        made = the_campaign(records)
        assert (made.kind, made.purpose, made.stage) == ("reminder", "service", "running")
        assert (made.written_by, made.approved_by) == ("timer:collection", "timer:collection")
        assert (made.from_hour, made.until_hour, made.first, made.total) == (9, 20, 0, 2)
        assert made.expires_at == datetime(2026, 12, 16, 20, tzinfo=CITY.tz)
        assert made.cost_cap == 2 * CITY.push.sms_fen
        moves = [(e.to_stage, e.by) for e in events_of_campaign(records, made.id)]
    assert moves == [("approved", "timer:collection"), ("running", "clock")]


def test_what_is_not_committed_is_neither_noted_nor_told(database: Database) -> None:
    """A worker that dies in the middle: another does all of it."""
    with database.writing() as records:
        made = card(records)
    with pytest.raises(ZeroDivisionError), database.writing() as records:
        assert do_due(records, LIFE, DUE) == 1
        1 / 0  # noqa: B018
    assert (told(database), noted(database, made.id)) == ([], [])
    assert due(database) == 1
    assert len(told(database)) == len(noted(database, made.id)) == 1


def test_who_is_added_to_a_campaign_that_is_far_on_is_taken_all_the_same(
    database: Database,
) -> None:
    with database.writing() as records:
        card(records)
    due(database)
    with database.writing() as records:
        campaign = locked(records, the_campaign(records).id)
        (taken,) = take_waiting(records, campaign.id, DUE, 10)
        campaign.cursor = taken.recipient + 2**40
        records.get_one(Delivery, (campaign.id, taken.recipient)).state = "sent"
        late = card(records, "wechat:wx1:oLate").number
    assert due(database, DUE + HOUR) == 1
    with database.writing() as records:
        taken_now = take_waiting(records, the_campaign(records).id, DUE + HOUR, 10)
        assert [each.number for each in taken_now] == [late]


def test_a_second_card_of_one_person_has_a_campaign_of_its_own_and_a_third_its_day(
    database: Database,
) -> None:
    """Nobody gets more than their share of a day, and nothing is lost."""
    with database.writing() as records:
        numbers = [card(records).number for _ in range(5)]
        alone = card(records, "wechat:wx1:oOther").number
    assert [due(database, DUE + n * DAY) for n in range(4)] == [3, 2, 1, 0]
    found = told(database)
    assert sorted(number for _, number, _ in found) == sorted([*numbers, alone])
    assert [name for name, _, _ in found] == [
        "领卡提醒 2026-12-15", "领卡提醒 2026-12-15", "领卡提醒 2026-12-15（2）",
        "领卡提醒 2026-12-16", "领卡提醒 2026-12-16（2）", "领卡提醒 2026-12-17",
    ]  # fmt: skip


def test_two_accounts_of_one_person_have_one_share(database: Database) -> None:
    with database.writing() as records:
        holder = make_person(records)
        for number, account in enumerate((ACCOUNT, "alipay:2021:2088", "wechat:wx1:oThird")):
            card(records, account, id_number=OTHER_NUMBER if number else NUMBER)
            bind(records, account, holder.id, READY)
    assert [due(database, DUE + n * DAY) for n in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(("stage", "today"), [(Stage.PAUSED, 1), (Stage.STOPPED, 0)])
def test_to_what_staff_paused_they_are_added_and_where_it_was_stopped_they_stay_due(
    database: Database, stage: Stage, today: int
) -> None:
    with database.writing() as records:
        card(records)
    due(database)
    with database.writing() as records:
        campaign = locked(records, the_campaign(records).id)
        go(records, campaign, stage, "staff", DUE, by="staff:1", reason="暂时")
        late = card(records, "wechat:wx1:oLate")
    assert due(database, DUE + HOUR) == today
    assert due(database, DUE + DAY) == (0 if today else 2)  # nobody of the stopped one was told
    assert noted(database, late.id) == [("collect_reminded", "15d")]


def test_whom_no_campaign_may_tell_gets_a_single_notice(database: Database) -> None:
    with database.writing() as records:
        unknown = card(records, "web:site:gone", known=False)
        stopped = card(records, "wechat:wx1:oStopped")
        stop_pushes(records, "wechat:wx1:oStopped", READY)
    assert due(database) == 2
    assert (told(database), notices(database)) == ([], ["collect_due"] * 2)
    with database.reading() as records:
        dates = {n.open_payload(KEYS)["params"]["date"] for n in records.scalars(select(Notice))}
    assert dates == {"明年11月30日"}
    assert noted(database, unknown.id) == noted(database, stopped.id)


def holds(
    database: Database, application: Application, name: str = "collect_due", now: datetime = DUE
) -> bool:
    with database.reading() as records:
        its = [each for each in records.scalars(select(Campaign)) if name_of(each) == name]
        return holding(records, CITY, its[0], [application.number], now) == {application.number}


def changed(database: Database, application: Application, **values: object) -> None:
    with database.writing() as records:
        mine = records.get_one(Application, application.id)
        for name, value in values.items():
            setattr(mine, name, value)


def test_it_holds_as_long_as_the_card_is_where_it_was_by_the_same_stay(
    database: Database,
) -> None:
    with database.writing() as records:
        made = card(records)
    due(database)
    assert holds(database, made)
    with database.writing() as records:
        mine = records.get_one(Application, made.id)
        LIFE.advance(records, mine, State.COLLECTED, Actor.OFFICER, DUE + HOUR, by="staff:1")
    assert not holds(database, made)
    changed(database, made, state="READY_FOR_PICKUP", state_since=DUE + 2 * HOUR)
    assert not holds(database, made)  # it has come a second time


def test_a_card_that_goes_elsewhere_since_is_over(database: Database) -> None:
    with database.writing() as records:
        made = card(records)
    due(database)
    with database.writing() as records:
        records.add(
            CardMove(
                id=new_id(), application_id=made.id, from_branch="ABC-01",
                to_branch="ABC-02", asked_at=DUE, sent_at=None, ended="",
            )
        )  # fmt: skip
    assert not holds(database, made)


def test_a_later_reminder_takes_the_place_of_one_that_was_not_told(database: Database) -> None:
    with database.writing() as records:
        made = card(records)
    due(database)
    assert due(database, datetime(2027, 2, 28, 10, tzinfo=CITY.tz)) == 1
    assert not holds(database, made)
    with database.reading() as records:
        last = records.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
        assert last is not None
        assert holding(records, CITY, last, [made.number], DUE) == {made.number}


def test_a_campaign_grows_until_its_day_is_over(database: Database) -> None:
    with database.writing() as records:
        card(records)
    due(database)
    with database.reading() as records:
        campaign = the_campaign(records)
        evening = DUE.replace(hour=19, minute=59)
        assert [is_growing(campaign, evening + n * HOUR) for n in (0, 1)] == [True, False]


# --- a card expires ----------------------------------------------------------------------------

SWITCHED_ON = datetime(2026, 11, 30, 15, 30, tzinfo=CITY.tz)


def ten_years_on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=10, tzinfo=CITY.tz)


def without(city: City) -> Lifecycle:
    collection = replace(city.collection, expiry_months=())
    return Lifecycle(KEYS, replace(city, collection=collection), TEXTS, new_id)


def test_two_months_before_a_card_expires_it_is_told_once(database: Database) -> None:
    with database.writing() as records:
        made = card(records, state=State.ACTIVATED, since=SWITCHED_ON)
    happened = {
        day: due(database, ten_years_on(day))
        for day in ("2036-09-29", "2036-09-30", "2036-10-01", "2036-11-29", "2036-11-30")
    }
    assert [day for day, n in happened.items() if n] == ["2036-09-30"]
    assert told(database) == [("社保卡到期提醒 2036-09-30", made.number, "waiting")]
    with database.reading() as records:
        mine = records.get_one(Application, made.id)
        day = day_of(CITY, "expiry_due", mine)
        assert day == date(2036, 11, 30)
        known = known_of(CITY, TEXTS, mine, "zh_CN", date(2036, 9, 30), day)
    assert (known["date"], known["days"]) == ("11月30日", "61")


def test_of_a_card_that_has_expired_it_is_too_late_to_say_so(database: Database) -> None:
    with database.writing() as records:
        card(records, state=State.ACTIVATED, since=SWITCHED_ON)
    assert due(database, ten_years_on("2036-11-30")) == 0


def test_a_city_may_leave_it_out(database: Database) -> None:
    with database.writing() as records:
        card(records, state=State.ACTIVATED, since=SWITCHED_ON)
    assert due(database, ten_years_on("2036-09-30"), without(CITY)) == 0


def test_who_has_applied_for_another_is_not_reminded(database: Database) -> None:
    with database.writing() as records:
        made = card(records, state=State.ACTIVATED, since=SWITCHED_ON)
        again = card(records, state=State.UNDER_REVIEW, since=ten_years_on("2036-09-01"))
        again.holder_id = made.holder_id
    assert due(database, ten_years_on("2036-09-30")) == 0
    changed(database, again, state="CANCELLED")
    assert due(database, ten_years_on("2036-10-02")) == 1
    changed(database, again, state="UNDER_REVIEW")
    assert not holds(database, made, "expiry_due")


# --- what they say -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", REMINDERS)
def test_every_reminder_is_a_message_without_a_fault(database: Database, name: str) -> None:
    with database.writing() as records:
        made = card(records, state=REMINDERS[name].state)
        remind(records, LIFE, name, made, "", DUE, by="timer:collection")
        message = Message.read(the_campaign(records).message)
        assert faults(message, load_templates(CITY), of_applications=True) == []
        assert message.written() | {"link": ""} == message.written()
        day = day_of(CITY, name, made)
        for locale in ("zh_CN", "en"):
            known = known_of(CITY, TEXTS, made, locale, DUE.date(), day)
            text = message.fill(load_templates(CITY)).chat("push", locale, known)
            assert made.number[-4:] in text


def test_what_a_person_was_reminded_of_stands_in_their_time_line(database: Database) -> None:
    with database.writing() as records:
        made = card(records)
    due(database)
    with database.writing() as records:
        (row,) = records.scalars(select(Delivery))
        row.state, row.road, row.sent_at = "sent", "wechat:template", DUE
        campaign = row.campaign_id
    with database.reading() as records:
        (told_of,) = told_to(records, KEYS, made)
    assert told_of.wording == f"push {campaign} 领卡提醒 2026-12-15"
    assert (told_of.account, told_of.road, told_of.at) == (ACCOUNT, "wechat:template", DUE)
    assert told_of.params == {"number": f"***{made.number[-4:]}"}
