"""What a call uses up: an allowed message, a quota, a place of the day, money; or gives back."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.push.ports import Result
from bot.push.threaded_road import THREADS
from models.people import find_account
from models.push.days import PushDay
from tests.bot.push.push_rig import (
    APPROVED,
    MESSAGE,
    NOON,
    book_of,
    campaign,
    changed,
    counters,
    deliveries,
    found,
    lane,
    people,
    push_rig,
    road,
    sms_city,
    stage,
    states,
    work,
    work_and_close,
)
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import at

DAY_SECONDS = 24 * 3600


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return push_rig(rig_on_both)


def test_a_message_that_was_allowed_is_used_up_and_given_back_when_it_did_not_go_out(
    rig: Rig,
) -> None:
    whom = people(rig, 2, subscription_credits={"S1": 1})
    its = campaign(rig, whom, message={**MESSAGE, "wording": "reminder"})
    answers = [Result("account", "48001"), Result("account", "48001")]
    sending = road(rig, answers={"template": answers})
    sending.answers["subscription"] = [Result("transient", "-1")]
    rig.city = changed(APPROVED, failed_share=1.0)
    running = lane(rig, {"wechat": sending})
    work(running)
    assert sorted(credit_of(rig, who) for who in whom) == [0, 1]
    assert states(rig, its)["waiting", "wechat:subscription"] == 1
    at(rig, 5)
    work_and_close(running)
    assert [credit_of(rig, who) for who in whom] == [0, 0]
    assert states(rig, its) == Counter({("sent", "wechat:subscription"): 2})


def credit_of(rig: Rig, recipient: int) -> int:
    with rig.database.reading() as records:
        account = find_account(records, f"wechat:wx1:user{recipient}")
        return int(account.subscription_credits.get("S1", 0)) if account else -1


def test_a_used_up_quota_waits_for_the_platforms_midnight_and_closes_the_road(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0)
    its, sending = campaign(rig, people(rig, 40)), road(rig)
    sending.always = {"template": Result("quota", "45009")}
    running = lane(rig, {"wechat": sending}, in_flight=4)
    work(running)
    assert states(rig, its) == Counter({("waiting", "wechat:template"): 8, ("waiting", ""): 32})
    midnight = NOON.replace(hour=16)  # in Beijing
    assert {row.due_at for row in deliveries(rig, its).values()} == {midnight}
    sending.always = {}
    at(rig, DAY_SECONDS)
    work_and_close(running)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 40})
    assert stage(rig, its) == "done"


def test_nobody_gets_more_on_a_day_than_the_city_allows(rig: Rig) -> None:
    whom, sending = people(rig, 3), lane(rig)
    ours = [campaign(rig, whom) for _ in range(3)]
    work(sending)
    assert len(book_of(rig).calls()) == 6
    last = deliveries(rig, ours[2])
    assert {(row.state, row.reason) for row in last.values()} == {("waiting", "cap")}
    assert {row.due_at for row in last.values()} == {NOON.replace(hour=16)}
    assert stage(rig, ours[2]) == "running"
    at(rig, DAY_SECONDS)
    work_and_close(sending)
    assert stage(rig, ours[2]) == "done"
    assert len(book_of(rig).calls()) == 9


def test_what_did_not_go_out_takes_no_place_of_the_day(rig: Rig) -> None:
    its = campaign(rig, people(rig, 1))
    work_and_close(lane(rig, {"wechat": road(rig, always={"template": Result("permanent")})}))
    assert states(rig, its) == Counter({("visit", "visit"): 1})
    assert [row.n for row in rig.rows(PushDay)] == [0]


def test_an_sms_goes_out_while_the_cap_on_cost_has_room(rig: Rig) -> None:
    rig.city = sms_city()
    rig = push_rig(rig, rig.city)
    whom = people(rig, 5, channel="web", phone="13900001234")
    its = campaign(rig, whom, message={**MESSAGE, "sms": "push"}, cost_cap=17)
    work_and_close(lane(rig, sms=True))
    assert states(rig, its) == Counter({("sent", "sms"): 3, ("visit", "visit"): 2})
    assert found(rig, its).cost == 15
    assert counters(rig, its)["left", "sms", "no_room"] == 2


def test_no_more_sms_are_called_at_once_than_there_are_threads(rig: Rig) -> None:
    rig = push_rig(rig, changed(sms_city(), first_share=1.0))
    whom = people(rig, 40, channel="web", phone="13900001234")
    its = campaign(rig, whom, message={**MESSAGE, "sms": "push"}, cost_cap=1000)
    slow = road(rig, "sms", seconds=0.02)
    work_and_close(lane(rig, {"sms": slow}))
    assert states(rig, its) == Counter({("sent", "sms"): 40})
    assert slow.most_at_once == THREADS


def test_an_sms_that_did_not_go_out_costs_nothing(rig: Rig) -> None:
    rig = push_rig(rig, sms_city())
    its = campaign(
        rig,
        people(rig, 2, channel="web", phone="13900001234"),
        message={**MESSAGE, "sms": "push"},
        cost_cap=50,
    )
    refusing = road(rig, "sms", always={"sms": Result("permanent", "refused")})
    work_and_close(lane(rig, {"sms": refusing}))
    assert (states(rig, its), found(rig, its).cost) == (Counter({("visit", "visit"): 2}), 0)
