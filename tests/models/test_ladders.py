"""A notice with several roads: each rung's reason kept, no call made twice, told at one visit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.ladders import (
    CALLING,
    add_notice,
    call_once,
    call_under_key,
    calling_since,
    end_parked,
    end_sent,
    end_unknown,
    left_rungs,
    parked_ladders,
    settle_ladders,
    tell_parked,
    try_again,
    try_next,
    undelivered,
    with_step,
)
from models.notices import Notice, claim_notices, find_notice, settle_unknown
from tests.models.making import ACCOUNT, KEYS, MINUTE, NOW, PHONE, SECOND, new_id

ME, OTHER_WORKER = "worker 1", "worker 2"
LATER = NOW + timedelta(seconds=30)
MATTER = "application:1"


def add(records: Records, name: str = "activated", **other: Any) -> str:
    usual: dict[str, Any] = {
        "account": ACCOUNT,
        "name": name,
        "params": {"number": "YZ2611230731"},
        "locale": "zh_CN",
        "now": NOW,
        "notice_id": new_id(),
        "matter": MATTER,
    }
    return add_notice(records, KEYS, **{**usual, **other})


def added(database: Database, **other: Any) -> str:
    with database.writing() as records:
        return add(records, **other)


def claimed(database: Database, now: datetime = NOW, owner: str = ME) -> Notice:
    with database.writing() as records:
        (notice,) = claim_notices(records, now, 30.0, 1, owner)
        return notice


def nothing_to_claim(database: Database, now: datetime) -> bool:
    with database.writing() as records:
        return claim_notices(records, now, 30.0, 1, ME) == []


def stored(database: Database, notice_id: str) -> Notice:
    with database.reading() as records:
        notice = find_notice(records, notice_id)
        assert notice is not None
        return notice


def calling(database: Database, notice: Notice, rung: str, *, once: bool = True) -> bool:
    notice.rung, notice.steps = rung, with_step(notice.steps, rung, CALLING, NOW)
    say = call_once if once else call_under_key
    with database.writing() as records:
        return say(records, notice, ME, LATER)


def test_a_notice_holds_its_name_and_parameters_sealed(database: Database) -> None:
    notice = stored(database, added(database, phone=PHONE, link="/progress"))
    assert notice.open_payload(KEYS) == {
        "name": "activated",
        "params": {"number": "YZ2611230731"},
        "locale": "zh_CN",
        "phone": PHONE,
        "link": "/progress",
    }
    assert PHONE.encode() not in notice.payload
    assert (notice.kind, notice.state, notice.steps) == ("ladder", "queued", [])


def test_what_nobody_has_worded_is_refused_at_once(database: Database) -> None:
    with database.writing() as records:
        with pytest.raises(KeyError):
            add(records, "unheard")
        with pytest.raises(ValueError, match="number"):
            add(records, params={})
        with pytest.raises(ValueError, match="number"):
            add(records, params={"number": "1", "day": "2"})


def test_undelivered_notices_of_a_matter_give_way_to_the_new_one(database: Database) -> None:
    first, elsewhere = added(database), added(database, matter="application:2")
    second = added(database)
    states = [stored(database, notice_id).state for notice_id in (first, elsewhere, second)]
    assert states == ["replaced", "queued", "queued"]


def test_a_call_is_on_record_before_it_is_made(database: Database) -> None:
    added(database)
    notice = claimed(database)
    assert calling(database, notice, "chat")
    found = stored(database, notice.id)
    assert (found.state, found.rung) == ("sending", "chat")
    assert calling_since(found) == ("chat", NOW)
    assert left_rungs(found) == []


def test_who_lost_the_claim_makes_no_call(database: Database) -> None:
    added(database)
    slow = claimed(database)
    claimed(database, NOW + MINUTE, OTHER_WORKER)
    assert not calling(database, slow, "chat")
    assert not calling(database, slow, "sms", once=False)


def test_a_rung_that_was_left_stays_in_the_steps_with_reason_and_time(database: Database) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "chat")
    notice.steps = with_step(notice.steps, "chat", "window 45015", NOW + SECOND)
    with database.writing() as records:
        assert try_next(records, notice, ME, NOW + SECOND)
    again = claimed(database, NOW + SECOND)
    assert again.steps == [["chat", "window 45015", (NOW + SECOND).isoformat()]]
    assert (left_rungs(again), again.attempts) == (["chat"], 1)


def test_what_is_put_off_comes_again_at_its_time_with_its_steps(database: Database) -> None:
    added(database)
    notice = claimed(database)
    notice.steps = with_step([], "chat", "left", NOW)
    with database.writing() as records:
        assert try_again(records, notice, ME, NOW + MINUTE, "transient")
    assert nothing_to_claim(database, NOW)
    assert claimed(database, NOW + MINUTE).steps == [["chat", "left", NOW.isoformat()]]


def test_a_sent_notice_keeps_the_platforms_id(database: Database) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "template", once=False)
    with database.writing() as records:
        assert end_sent(records, notice, LATER, "1234567890123456789")
    found = stored(database, notice.id)
    assert (found.state, found.rung, found.sent_as) == ("sent", "template", "1234567890123456789")
    assert (found.sent_at, found.steps, found.owner) == (LATER, [], None)
    with database.writing() as records:
        assert not end_sent(records, notice, LATER, "2")


def test_a_call_under_a_key_may_be_made_again_after_the_lease(database: Database) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "template", once=False)
    again = claimed(database, LATER, OTHER_WORKER)
    assert calling_since(again) == ("template", NOW)
    with database.writing() as records:
        assert not try_next(records, notice, ME, LATER)  # the first is too late to end it


@pytest.mark.parametrize(("double", "state"), [(True, "queued"), (False, "unknown")])
def test_a_call_that_nobody_heard_of_again_has_an_unknown_end(
    database: Database, double: bool, state: str
) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "chat")
    with database.writing() as records:
        assert settle_unknown(records, LATER) == []  # other rules hold for these
        assert settle_ladders(records, LATER - SECOND, lambda _: double) == []
        (settled,) = settle_ladders(records, LATER, lambda _: double)
    assert (settled.state, settled.owner) == (state, None)
    assert settled.steps == [["chat", "unknown", LATER.isoformat()]]
    assert nothing_to_claim(database, LATER) is not double


def test_who_wakes_after_its_end_was_settled_changes_nothing(database: Database) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "chat")
    with database.writing() as records:
        settle_ladders(records, LATER, lambda _: False)
        assert not end_sent(records, notice, LATER)
        assert not try_next(records, notice, ME, LATER)
        assert not end_parked(records, notice, ME)
        assert not end_unknown(records, notice, ME)
    assert stored(database, notice.id).state == "unknown"


def parked(database: Database, now: datetime = NOW, **other: Any) -> str:
    notice_id = added(database, **other)
    notice = claimed(database, now)
    notice.steps = with_step(notice.steps, "sms", "no phone", now)
    with database.writing() as records:
        assert end_parked(records, notice, ME)
    return notice_id


def waiting(database: Database) -> list[str]:
    with database.reading() as records:
        return [notice.id for notice in parked_ladders(records, ACCOUNT)]


def test_what_no_rung_held_waits_for_the_visit(database: Database) -> None:
    notice_id = parked(database)
    found = stored(database, notice_id)
    assert (found.state, found.rung, found.reason) == ("parked", "visit", "no phone")
    assert waiting(database) == [notice_id]


def test_at_the_visit_each_matter_is_told_once_by_its_latest(database: Database) -> None:
    with database.writing() as records:  # one is being sent while the next is written
        first = add(records)
    notice = claimed(database)
    second, other = added(database), added(database, matter="application:2")
    for held in (notice, None, None):
        held = held or claimed(database)
        with database.writing() as records:
            assert end_parked(records, held, ME)
    assert waiting(database) == [second, other]
    with database.writing() as records:
        tell_parked(records, parked_ladders(records, ACCOUNT), LATER)
    states = [stored(database, notice_id).state for notice_id in (first, second, other)]
    assert states == ["replaced", "sent", "sent"]
    assert waiting(database) == []


def test_notices_of_no_matter_are_each_told(database: Database) -> None:
    expected = [parked(database, matter="") for _ in range(2)]
    assert waiting(database) == expected


def sent(database: Database, **other: Any) -> Notice:
    added(database, **other)
    notice = claimed(database)
    calling(database, notice, "template", once=False)
    with database.writing() as records:
        end_sent(records, notice, NOW, "77")
    return stored(database, notice.id)


def test_what_did_not_arrive_goes_on_with_the_next_rung_once(database: Database) -> None:
    notice = sent(database)
    with database.writing() as records:
        assert undelivered(records, notice, "blocked", LATER)
        assert not undelivered(records, notice, "blocked", LATER)
    again = claimed(database, LATER)
    assert again.steps == [["template", "blocked", LATER.isoformat()]]
    assert (again.sent_as, again.sent_at) == (None, None)


def test_what_did_not_arrive_is_not_told_after_something_newer(database: Database) -> None:
    notice = sent(database)
    added(database)
    with database.writing() as records:
        assert not undelivered(records, notice, "blocked", LATER)
    assert stored(database, notice.id).state == "sent"


def test_an_unknown_end_stays_with_its_steps(database: Database) -> None:
    added(database)
    notice = claimed(database)
    calling(database, notice, "chat")
    notice.steps = with_step(notice.steps, "chat", "unknown", LATER)
    with database.writing() as records:
        assert end_unknown(records, notice, ME)
    found = stored(database, notice.id)
    assert (found.state, found.reason) == ("unknown", "unknown")
    assert found.steps == [["chat", "unknown", LATER.isoformat()]]
