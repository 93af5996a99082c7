"""The lane of 群发: who is called, what is called again, what becomes of who is not reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import redis as redis_py

from bot.ports import SendError
from bot.push.mass import ASK_AFTER, ATTEMPTS, LEASE, REMEMBERED
from models.database import Database
from models.push.campaigns import Campaign
from models.push.choices import stop_pushes
from models.push.counts import counts_of
from models.push.days import take_month, take_place
from models.push.deliveries import MASS_ROAD, Delivery
from models.push.lapsing import lapse
from models.push.masses import GATHERED
from models.subscriptions import leave
from tests.bot.push.mass_rig import DAY, WORDS, Room, four_followers, of, recipient_of, user
from tests.bot.turn.rig import NOON


@pytest.fixture
def room(
    redis: redis_py.Redis, redis_url: str, database: Database, tmp_path: Path
) -> Iterator[Room]:
    with four_followers(redis_url, database, tmp_path) as found:
        yield found


# --- one call ----------------------------------------------------------------------------------


def test_all_who_wait_are_told_in_one_call(room: Room) -> None:
    room.join()
    assert room.work() == 1
    assert {key: sorted(told) for key, told in room.platform.taken.items()} == {
        room.mass.key: [user(number) for number in range(4)]
    }
    assert room.platform.texts == ["城西网点明日停机。"]
    assert (room.mass.state, room.mass.sent_as) == ("called", f"at-{room.mass.key}")
    assert room.states == ["sent"] * 4
    assert room.counted() == ([1] * 4, [1] * 4)
    assert room.work() == 0


@pytest.mark.parametrize("answers", [True, False])
def test_those_told_are_marked_where_answers_are_expected(room: Room, answers: bool) -> None:
    room.change(message={"chat": WORDS, "mass": True, "answers": answers})
    room.join()
    assert room.work() == 1
    found = [room.rig.client.hexists(f"{{{user(number)}}}", "parked") for number in range(4)]
    assert found == [answers] * 4


def test_a_batch_waits_for_those_who_may_still_join(room: Room) -> None:
    room.join(2)
    assert room.work() == 0
    room.join(2)
    assert room.work() == 1
    assert len(room.platform.taken[room.mass.key]) == 4


def test_it_waits_for_nobody_longer_than_ten_minutes(room: Room) -> None:
    room.join(2)
    room.after(GATHERED)
    assert room.work() == 1
    assert len(room.platform.taken[room.mass.key]) == 2


@pytest.mark.parametrize("stage", ["paused", "look"])
def test_nothing_leaves_while_the_campaign_does_not_send(room: Room, stage: str) -> None:
    room.join()
    room.change(stage=stage)
    assert room.work() == 0
    room.change(stage="running")
    assert room.work() == 1


def test_nothing_leaves_outside_its_hours(room: Room) -> None:
    room.join()
    room.change(from_hour=14, until_hour=18)  # noon in the city is no hour of it
    assert room.work() == 0
    room.after(timedelta(hours=2))
    assert room.work() == 1


def test_what_was_stopped_leaves_nothing(room: Room) -> None:
    room.join()
    room.change(stage="stopped")
    assert room.work() == 1
    assert (room.mass.state, room.mass.reason) == ("dropped", "stopped")
    assert room.states == ["waiting"] * 4
    assert room.platform.taken == {}


def test_whose_last_hour_came_lapse(room: Room) -> None:
    room.join()
    room.after(8 * DAY)
    with room.rig.database.writing() as records:
        campaign = records.get_one(Campaign, room.campaign)
        while lapse(records, campaign, NOON + 8 * DAY, 100):
            pass
    assert room.states == ["skipped expired"] * 4
    assert room.work() == 1
    assert room.mass.state == "dropped"


# --- who is called -----------------------------------------------------------------------------


def test_who_said_no_or_left_since_is_not_called(room: Room) -> None:
    room.join()
    with room.rig.database.writing() as records:
        stop_pushes(records, user(0), NOON)
        leave(records, user(1), NOON)
    room.work()
    assert [sorted(told) for told in room.platform.taken.values()] == [[user(2), user(3)]]
    assert of(room, 0) == "skipped stopped"
    assert of(room, 1) == "waiting wechat:mass left"
    assert room.counted() == ([1] * 2, [1] * 2)


def test_who_had_four_this_month_takes_the_next_road(room: Room) -> None:
    room.join()
    with room.rig.database.writing() as records:
        for _ in range(4):
            take_month(records, NOON.date().replace(day=1), [recipient_of(room, 0)], 4)
    room.work()
    assert of(room, 0) == "waiting wechat:mass month"
    assert len(room.platform.taken[room.mass.key]) == 3


def test_who_had_their_share_of_the_day_waits_for_the_next_one(room: Room) -> None:
    room.join()
    with room.rig.database.writing() as records:
        for _ in range(2):
            take_place(records, NOON.date(), [recipient_of(room, 0)], 2)
    room.work()
    assert of(room, 0) == "waiting"
    assert len(room.platform.taken[room.mass.key]) == 3
    (row,) = [d for d in room.rig.rows(Delivery) if d.recipient == recipient_of(room, 0)]
    assert row.due_at == datetime(2026, 11, 23, 16, tzinfo=NOON.tzinfo)  # midnight in the city
    assert (row.road, row.sent_as) == ("", None)
    assert sorted(room.counted()[1]) == [0, 1, 1, 1]


def test_one_alone_is_never_told_by_it(room: Room) -> None:
    room.join()
    with room.rig.database.writing() as records:
        for number in range(3):
            leave(records, user(number), NOON)
    room.work()
    assert room.platform.taken == {}
    assert of(room, 3) == "waiting wechat:mass alone"
    assert (room.mass.state, room.mass.reason) == ("dropped", "nobody")
    assert room.counted() == ([0], [0])


# --- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["mass calling", "mass called"])
def test_a_call_whose_worker_died_is_made_again_under_the_same_key(room: Room, point: str) -> None:
    room.join()
    room.dies(point)
    assert room.mass.state == "calling"
    assert room.work() == 0, "its worker may still live"
    room.after(LEASE)
    assert room.work() == 1
    assert list(room.platform.taken) == [room.mass.key]
    assert (room.states, room.mass.attempts) == (["sent"] * 4, 2)
    assert room.counted() == ([1] * 4, [1] * 4)


def test_who_said_no_after_a_call_in_doubt_is_not_called_again(room: Room) -> None:
    room.join()
    room.dies("mass calling")
    with room.rig.database.writing() as records:
        stop_pushes(records, user(0), NOON)
    room.after(LEASE)
    room.work()
    assert of(room, 0) == "unknown stopped"
    assert sorted(room.platform.taken[room.mass.key]) == [user(1), user(2), user(3)]


def test_a_call_in_doubt_that_the_platform_has_forgotten_stays_unknown(room: Room) -> None:
    room.join()
    room.dies("mass called")
    room.after(REMEMBERED)
    assert room.work() == 1
    assert room.mass.state == "unknown"
    assert room.states == ["unknown not heard of"] * 4
    assert len(room.platform.texts) == 1


def test_a_call_in_doubt_of_a_stopped_campaign_is_not_made_again(room: Room) -> None:
    room.join()
    room.dies("mass called")
    room.change(stage="stopped")
    room.after(LEASE)
    room.work()
    assert room.states == ["unknown not heard of"] * 4
    assert len(room.platform.texts) == 1


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_answer_that_did_not_come_is_asked_for_under_the_same_key(
    room: Room, carried_out: bool
) -> None:
    room.platform.faults, room.platform.carries_out = [SendError("unknown", "timeout")], carried_out
    room.join()
    room.work()
    assert (room.mass.state, room.mass.reason) == ("calling", "unknown")
    room.after(timedelta(seconds=62))
    room.work()
    assert list(room.platform.taken) == [room.mass.key]
    assert room.states == ["sent"] * 4


def test_a_busy_platform_is_tried_again_and_given_up_at_last(room: Room) -> None:
    room.platform.faults = [SendError("transient", "-1")] * ATTEMPTS
    room.join()
    for attempt in range(1, ATTEMPTS + 1):
        assert room.work() == 1
        assert room.mass.attempts == attempt
        room.after(timedelta(hours=attempt))
    assert (room.mass.state, room.mass.reason) == ("refused", "transient -1")
    assert room.states == ["waiting wechat:mass transient -1"] * 4
    assert room.counted() == ([0] * 4, [0] * 4)


def test_who_may_not_send_lets_its_people_take_the_next_road(room: Room) -> None:
    room.platform.faults = [SendError("account", "45028")]
    room.join()
    room.work()
    assert room.mass.state == "refused"
    assert room.states == ["waiting wechat:mass account 45028"] * 4
    assert room.counted() == ([0] * 4, [0] * 4)


def test_a_used_up_day_is_waited_for(room: Room) -> None:
    room.platform.faults = [SendError("quota", "45009")]
    room.join()
    room.work()
    assert room.mass.due_at == datetime(2026, 11, 23, 16, tzinfo=NOON.tzinfo)
    room.after(timedelta(hours=20))  # eight in the city's morning
    assert room.work() == 1
    assert room.states == ["sent"] * 4


def test_a_refusal_after_a_call_in_doubt_leaves_it_unknown(room: Room) -> None:
    room.join()
    room.dies("mass called")
    room.platform.faults = [SendError("account", "48001")]
    room.after(LEASE)
    room.work()
    assert room.mass.state == "unknown"
    assert {state.split()[0] for state in room.states} == {"unknown"}


# --- its result --------------------------------------------------------------------------------


def test_a_result_that_nobody_pushed_is_asked_for(room: Room) -> None:
    room.join()
    room.work()
    room.platform.became = "sending"
    room.after(ASK_AFTER)
    assert room.work() == 1
    assert room.mass.state == "called"
    room.platform.became = "sent"
    room.after(2 * ASK_AFTER)
    room.work()
    assert (room.mass.state, room.mass.reason, room.mass.sent_count) == ("done", "", None)
    assert room.platform.asked == [f"at-{room.mass.key}"] * 2


def test_what_the_platform_did_not_send_after_all_has_failed(room: Room) -> None:
    room.join()
    room.work()
    room.platform.became = "failed"
    room.after(ASK_AFTER)
    room.work()
    assert room.states == ["failed send fail"] * 4
    with room.rig.database.reading() as records:
        counts = counts_of(records, room.campaign)
    assert counts["failed", MASS_ROAD, "send fail"] == 4
    assert counts["sent", MASS_ROAD, ""] == 0


def test_a_result_that_never_comes_is_waited_for_two_days(room: Room) -> None:
    room.join()
    room.work()
    room.platform.faults = [SendError("transient", "-1")] * 2
    room.after(ASK_AFTER)
    room.work()
    assert room.mass.state == "called"
    room.after(2 * DAY)
    room.work()
    assert (room.mass.state, room.states) == ("done", ["sent"] * 4)


def test_two_workers_call_once(room: Room) -> None:
    room.join()
    first, second = room.lane().claim(), room.lane().claim()
    assert first
    assert second
    first()
    second()
    assert len(room.platform.texts) == 1


def test_a_link_of_ours_is_told_with_it(room: Room) -> None:
    room.change(message={"chat": WORDS, "mass": True, "link": "/"})
    room.join()
    room.work()
    assert room.platform.texts == ["城西网点明日停机。\n[zh_CN notice_link]"]


def test_the_city_says_how_many_a_month(room: Room) -> None:
    room.rig.city = replace(room.rig.city, push=replace(room.rig.city.push, mass_a_month=1))
    with room.rig.database.writing() as records:
        take_month(records, NOON.date().replace(day=1), [recipient_of(room, 0)], 4)
    room.join()
    room.work()
    assert of(room, 0) == "waiting wechat:mass month"
