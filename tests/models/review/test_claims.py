"""Who looks at what: the oldest promise of one's districts, one person each, for one shift."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, events_of
from models.database import Database
from models.lifecycle import Lifecycle
from models.review import claims
from models.review.arrivals import lease_end, reserved_until
from models.review.claims import (
    Held,
    NotHeld,
    NotQueued,
    claim,
    claims_of,
    end_claims,
    first_free,
    hand_over,
    held_by,
    next_for,
    peek,
    release,
    take_away,
)
from models.review.items import Lane, ReviewItem, Status
from models.staff import Staff
from tests.models.making import DAY, NOW, SECOND
from tests.models.review.making import EAST, LIFE, WEST, handed_in, officer, pressed

FIRST, SECOND_DAY = date(2026, 11, 27), date(2026, 11, 28)


def _next(records: Records, staff: Staff) -> str | None:
    item = next_for(records, LIFE, staff, NOW)
    return item.application_id if item else None


def test_next_is_the_oldest_promise_of_ones_districts(database: Database) -> None:
    with database.writing() as records:
        late = handed_in(records, promised=SECOND_DAY).id
        early = handed_in(records, promised=FIRST, at=NOW + SECOND).id
        elsewhere = handed_in(records, promised=FIRST, district=WEST).id
        east, both = officer(records, EAST), officer(records)
        assert peek(records, east) == early
        assert [_next(records, east) for _ in range(3)] == [early, late, None]
        assert [_next(records, both) for _ in range(2)] == [elsewhere, None]


def test_of_one_promise_who_came_first_is_next_whatever_the_lane(database: Database) -> None:
    with database.writing() as records:
        later = handed_in(records, at=NOW + SECOND).id
        difficult = handed_in(records, answers={"name": "䶮"}).id
        staff = officer(records, EAST)
        assert [_next(records, staff) for _ in range(2)] == [difficult, later]


def test_one_lane_alone_can_be_asked_for(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        handed_in(records, answers={"name": "䶮"})
        agreeing = handed_in(records, at=NOW + SECOND).id
        staff = officer(records)
        item = next_for(records, LIFE, staff, NOW, lane=Lane.AGREES)
        assert item and item.application_id == agreeing


def test_what_is_claimed_is_under_review_by_one_person(database: Database) -> None:
    with database.writing() as records:
        application = handed_in(records)
        mine, other = officer(records), officer(records)
        claim(records, LIFE, mine, application.id, NOW)
        assert (application.state, _next(records, other)) == (State.UNDER_REVIEW, None)
        assert [item.application_id for item in claims_of(records, mine)] == [application.id]
        with pytest.raises(Held) as held:
            claim(records, LIFE, other, application.id, NOW)
        assert (held.value.by, held.value.status) == (mine.id, Status.CLAIMED)
        claim(records, LIFE, mine, application.id, NOW)
        event = events_of(records, application.id)[-1]
        assert (event.to_state, event.by, event.actor) == ("UNDER_REVIEW", mine.by, "officer")


def test_what_is_of_another_district_is_not_there(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records, district=WEST)
        with pytest.raises(NotQueued):
            claim(records, LIFE, officer(records, EAST), application.id, NOW)
        with pytest.raises(NotQueued):
            claim(records, LIFE, officer(records, EAST), "0" * 32, NOW)


def test_what_one_had_in_a_district_of_before_is_not_theirs(database: Database) -> None:
    with database.writing() as records:
        claimed, kept, here = (handed_in(records, district=each) for each in (EAST, EAST, WEST))
        staff = officer(records)
        for application in (claimed, here):
            claim(records, LIFE, staff, application.id, NOW)
        hand_over(records, LIFE, officer(records), kept.id, staff, NOW)
        staff.districts = [WEST]
        assert [item.application_id for item in claims_of(records, staff)] == [here.id]
        assert peek(records, staff) is None and first_free(records, staff) is None
        assert next_for(records, LIFE, staff, NOW) is None
        with pytest.raises(NotHeld):
            held_by(records, staff, claimed.id)
    assert end_claims(database, LIFE, reserved_until(LIFE.city, NOW)) == 3
    with database.writing() as records:
        other = officer(records, EAST)
        assert {_next(records, other) for _ in range(2)} == {claimed.id, kept.id}


def test_what_was_put_aside_waits_for_everybody_where_who_did_so_sees_it_no_more(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        ids = [handed_in(records).id for _ in range(2)]
        staff, moved = officer(records, EAST), officer(records, EAST)
        for application_id, each in zip(ids, (staff, moved), strict=True):
            item = claim(records, LIFE, each, application_id, NOW)
            item.status = Status.HELD.value
        moved.districts = [WEST]
    assert end_claims(sqlite_database, LIFE, lease_end(LIFE.city, NOW)) == 2
    with sqlite_database.reading() as records:
        items = [records.get_one(ReviewItem, each) for each in ids]
        assert [(item.status, item.holder) for item in items] == [
            (Status.RESERVED, staff.id),
            (Status.WAITING, None),
        ]


def test_what_is_given_back_waits_at_its_old_place(database: Database) -> None:
    with database.writing() as records:
        application, later = handed_in(records), handed_in(records, at=NOW + SECOND)
        staff, other = officer(records), officer(records)
        assert _next(records, staff) == application.id
        with pytest.raises(NotHeld):
            release(records, LIFE, other, application.id, NOW)
        release(records, LIFE, staff, application.id, NOW)
        assert application.state == State.SUBMITTED
        assert [_next(records, other) for _ in range(2)] == [application.id, later.id]


def test_a_claim_ends_with_the_shift(database: Database) -> None:
    with database.writing() as records:
        application_id = handed_in(records).id
        staff = officer(records)
        assert _next(records, staff) == application_id
    until = lease_end(LIFE.city, NOW)
    assert until.astimezone(LIFE.city.tz).time() == LIFE.city.review.shift_ends
    assert end_claims(database, LIFE, until - SECOND) == 0
    assert end_claims(database, LIFE, until) == 1
    assert end_claims(database, LIFE, until) == 0
    with database.writing() as records:
        application = records.get_one(Application, application_id)
        event = events_of(records, application_id)[-1]
        assert (application.state, event.actor) == (State.SUBMITTED, Actor.TIMER)
        assert _next(records, officer(records)) == application_id


def test_one_claim_that_cannot_end_holds_up_no_other(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.writing() as records:
        bad, good = handed_in(records).id, handed_in(records).id
        for application_id in (bad, good):
            claim(records, LIFE, officer(records), application_id, NOW)
    ends = claims._end

    def end(database: Database, life: Lifecycle, application_id: str, now: datetime) -> bool:
        if application_id == bad:
            raise ValueError
        return ends(database, life, application_id, now)

    monkeypatch.setattr(claims, "_end", end)
    assert end_claims(sqlite_database, LIFE, lease_end(LIFE.city, NOW)) == 1


def test_who_works_late_has_an_hour(database: Database) -> None:
    evening = NOW.replace(hour=12)  # 20:00 in the city
    minutes = timedelta(minutes=LIFE.city.review.lease_minutes)
    assert lease_end(LIFE.city, evening) == evening + minutes


def test_a_supervisor_gives_what_one_has_to_another(database: Database) -> None:
    with database.writing() as records:
        application = handed_in(records)
        absent, present = officer(records), officer(records, EAST)
        chief = officer(records)
        claim(records, LIFE, absent, application.id, NOW)
        hand_over(records, LIFE, chief, application.id, present, NOW)
        assert _next(records, absent) is None
        with pytest.raises(Held):
            claim(records, LIFE, absent, application.id, NOW)
        assert _next(records, present) == application.id
        take_away(records, LIFE, chief, application.id, NOW)
        assert _next(records, absent) == application.id
        kinds = [(e.kind, e.by) for e in events_of(records, application.id)]
        assert kinds.count(("handed_over", chief.by)) == 2
        with pytest.raises(NotQueued):
            hand_over(records, LIFE, chief, application.id, officer(records, WEST), NOW)


def test_what_nobody_fetches_in_its_day_is_everybodys(database: Database) -> None:
    with database.writing() as records:
        application_id = handed_in(records).id
        one = officer(records)
        hand_over(records, LIFE, one, application_id, one, NOW)
        assert _next(records, officer(records)) is None
        item = records.get_one(ReviewItem, application_id)
        assert item.until is not None
        until = item.until
    assert until - NOW < 2 * DAY
    assert end_claims(database, LIFE, until) == 1
    with database.writing() as records:
        assert _next(records, officer(records)) == application_id


def test_what_the_person_withdraws_is_not_next(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records)
        LIFE.advance(records, application, State.CANCELLED, Actor.CITIZEN, NOW, by="")
        assert _next(records, officer(records)) is None
        with pytest.raises(NotQueued):
            claim(records, LIFE, officer(records), application.id, NOW)


def test_what_was_approved_is_not_taken_back_by_a_row_that_stayed(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records)
        application.state = State.APPROVED.value
        records.flush()
        assert _next(records, officer(records)) is None
        assert application.state == State.APPROVED
        assert records.get_one(ReviewItem, application.id).status == Status.GONE


def test_twenty_at_once_never_get_the_same_one(database: Database) -> None:
    with database.writing() as records:
        waiting = {handed_in(records).id for _ in range(40)}
        people = [officer(records, EAST).id for _ in range(20)]

    def work(staff_id: str) -> list[str | None]:
        got = []
        for _ in range(3):
            got.append(pressed(database, lambda r: _next(r, r.get_one(Staff, staff_id))))
        return got

    with ThreadPoolExecutor(20) as threads:
        got = [one for taken in threads.map(work, people) for one in taken]
    claimed = [one for one in got if one is not None]
    assert len(claimed) == len(set(claimed)) == 40
    assert set(claimed) == waiting
