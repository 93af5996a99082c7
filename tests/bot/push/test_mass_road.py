"""群发 as a road of the sending: after all others of an account, before SMS, and never for one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.ports import SendError
from bot.push.mass import Masses
from bot.push.ports import Result
from models.push.campaigns import go, locked
from models.push.days import PushDay, PushMonth
from models.push.deliveries import MASS_ROAD
from models.push.masses import Mass
from models.push.stages import Stage
from tests.bot.push.mass_rig import Platform
from tests.bot.push.push_rig import (
    MESSAGE,
    book_of,
    campaign,
    counters,
    deliveries,
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
from tests.bot.turn.rig import NOON, Rig
from tests.bot.work.desk_rig import SmsDesk, at, tools

ALIKE = {**MESSAGE, "mass": True}
REFUSED = {"template": Result("account", "48001")}
USED_UP = SendError("quota", "45009")
PHONE = "13900001234"


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return push_rig(rig_on_both)


def platform(rig: Rig, *faults: SendError) -> Platform:
    return Platform(rig.folder / "masses.log", list(faults))


def call(rig: Rig, there: Platform) -> None:
    masses = Masses(tools(rig, SmsDesk(rig.folder / "sms.log")), there)
    while found := masses.claim():
        found()


def test_who_has_another_road_takes_that(rig: Rig) -> None:
    its, there = campaign(rig, people(rig, 3), first=0, message=ALIKE), platform(rig)
    work_and_close(lane(rig))
    call(rig, there)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 3})
    assert (there.taken, stage(rig, its)) == ({}, "done")


def test_whom_nothing_else_reaches_waits_for_the_batch_and_the_campaign_for_it(rig: Rig) -> None:
    its, there = campaign(rig, people(rig, 3), first=0, message=ALIKE), platform(rig)
    sending = lane(rig, {"wechat": road(rig, always=REFUSED)})
    work(sending)
    assert states(rig, its) == Counter({("waiting", MASS_ROAD): 3})
    assert stage(rig, its) == "running"
    assert [row.n for row in rig.rows(PushDay)] == [0, 0, 0]
    call(rig, there)
    work_and_close(sending)
    assert (states(rig, its), stage(rig, its)) == (Counter({("sent", MASS_ROAD): 3}), "done")
    assert [sorted(told) for told in there.taken.values()] == [
        ["wechat:wx1:user1", "wechat:wx1:user2", "wechat:wx1:user3"]
    ]
    assert counters(rig, its)["sent", MASS_ROAD, ""] == 3
    assert [row.n for row in rig.rows(PushDay)] == [1, 1, 1]
    assert [row.n for row in rig.rows(PushMonth)] == [1, 1, 1]


def test_the_first_wait_for_their_batch_before_somebody_looks(rig: Rig) -> None:
    its, there = campaign(rig, people(rig, 30), message={**ALIKE, "wording": ""}), platform(rig)
    sending = lane(rig)
    work(sending)
    assert (stage(rig, its), states(rig, its)["waiting", MASS_ROAD]) == ("first", 10)
    call(rig, there)
    work_and_close(sending)
    assert (stage(rig, its), states(rig, its)["sent", MASS_ROAD]) == ("look", 10)
    (mass,) = rig.rows(Mass)
    assert (mass.state, mass.count) == ("called", 10)


@pytest.mark.parametrize("faults", [[USED_UP], [SendError("unknown", "timeout"), USED_UP]])
def test_the_first_are_not_waited_for_while_their_batch_is_put_off_for_long(
    rig: Rig, faults: list[SendError]
) -> None:
    its = campaign(rig, people(rig, 30), message={**ALIKE, "wording": ""})
    there = platform(rig, *faults)
    sending = lane(rig)
    work(sending)
    call(rig, there)
    work(sending)
    if len(faults) > 1:  # a minute is waited for
        assert stage(rig, its) == "first"
        at(rig, 62)
        call(rig, there)
        work(sending)
    assert (stage(rig, its), states(rig, its)["calling", MASS_ROAD]) == ("look", 10)
    with rig.database.writing() as records:
        go(records, locked(records, its), Stage.RUNNING, "staff", NOON, by="staff:2")
    at(rig, 22 * 3600)  # the next morning
    call(rig, there)
    assert states(rig, its)["sent", MASS_ROAD] == 10
    work_and_close(sending)


def test_what_the_platform_refuses_goes_on_by_sms(rig: Rig) -> None:
    rig = push_rig(rig, sms_city())
    whom = people(rig, 2, phone=PHONE)
    message = {**ALIKE, "wording": "", "sms": "push"}
    its = campaign(rig, whom, first=0, message=message, cost_cap=100)
    sending = lane(rig, sms=True)
    work(sending)
    call(rig, platform(rig, SendError("account", "45028")))
    work_and_close(sending)
    assert states(rig, its) == Counter({("sent", "sms"): 2})
    assert {row.left for row in deliveries(rig, its).values()} == {f"{MASS_ROAD} account 45028"}
    assert book_of(rig, "sms").calls() == Counter({f"p{its}-{who}": 1 for who in whom})
    assert [row.n for row in rig.rows(PushDay)] == [1, 1]
    assert [row.n for row in rig.rows(PushMonth)] == [0, 0]


def test_one_alone_is_told_at_the_next_visit(rig: Rig) -> None:
    its = campaign(rig, people(rig, 1), first=0, message={**ALIKE, "wording": ""})
    sending, there = lane(rig), platform(rig)
    work(sending)
    call(rig, there)
    work_and_close(sending)
    assert states(rig, its) == Counter({("visit", "visit"): 1})
    assert there.taken == {}


def test_whoever_tries_it_on_themselves_gets_no_mass_send(rig: Rig) -> None:
    whom = people(rig, 1)
    its = campaign(rig, whom, kind="test", first=0, message={**ALIKE, "wording": ""})
    work_and_close(lane(rig))
    assert states(rig, its) == Counter({("visit", "visit"): 1})
    assert rig.rows(Mass) == []


def test_who_does_not_follow_is_in_no_batch(rig: Rig) -> None:
    rig.city = replace(rig.city, push=replace(rig.city.push, per_day=1))
    whom = [*people(rig, 2), *people(rig, 2, start=3, followed=False)]
    its = campaign(rig, whom, first=0, message={**ALIKE, "wording": ""})
    work_and_close(lane(rig))
    assert states(rig, its) == Counter({("waiting", MASS_ROAD): 2, ("visit", "visit"): 2})
