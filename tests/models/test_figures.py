"""The figures: each counts what it says it counts."""

from __future__ import annotations

from datetime import date, timedelta

from models.application_states import State
from models.database import Database
from models.drafts import end_draft, reach, start_draft
from models.figures import LONGEST, Reached, funnel, queue_by_days_left, stages
from tests.models.making import ACCOUNT, DAY, NOW, make_application, make_person, new_id

TODAY = date(2026, 11, 27)


def test_the_queue_is_counted_by_the_days_left(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for days, district in ((-3, "119901"), (-1, "119901"), (0, "119902"), (40, "119901")):
            by = TODAY + timedelta(days=days)
            make_application(
                records, person, holder_proven=False, district=district, promise_review_by=by
            )
        done = make_application(records, person, holder_proven=False, promise_review_by=TODAY)
        done.state = State.APPROVED
        records.flush()
        left = queue_by_days_left(records, TODAY)
        assert {n: count for n, count in left.items() if count} == {-1: 2, 0: 1, LONGEST: 1}
        assert set(left) == set(range(-1, LONGEST + 1))
        assert queue_by_days_left(records, TODAY, ["119902"])[-1] == 0


def test_the_funnel_tells_who_went_on_who_stopped_and_who_is_still_there(
    database: Database,
) -> None:
    begun = ((3, "submitted"), (3, None), (2, "cancelled"), (2, None), (1, "expired"))
    with database.writing() as records:
        for section, how in (*begun, (1, "expired")):
            draft = new_id()
            start_draft(
                records, draft_id=draft, account=ACCOUNT, form="card", expires_at=NOW + DAY, now=NOW
            )
            reach(records, draft, section)
            if how:
                end_draft(records, draft, how, NOW)  # type: ignore[arg-type]
        assert list(funnel(records, "card", 3, NOW - DAY)) == [
            Reached(section=1, came_here=6, went_on=4, open=0, given_up=2),
            Reached(section=2, came_here=4, went_on=2, open=1, given_up=1),
            Reached(section=3, came_here=2, went_on=1, open=1, given_up=0),
        ]
        assert [line.came_here for line in funnel(records, "card", 3, NOW + DAY)] == [0, 0, 0]


def test_what_lies_on_the_way_is_told_with_the_oldest_of_it(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for days in (2, 9):
            application = make_application(records, person, holder_proven=False)
            application.state, application.state_since = State.BANK_OPENING, NOW - days * DAY
        records.flush()
        found = {stage.state: stage for stage in stages(records)}
        assert (found[State.BANK_OPENING].count, found[State.BANK_OPENING].days(NOW)) == (2, 9)
        assert (found[State.APPROVED].count, found[State.APPROVED].days(NOW)) == (0, None)
        assert all(stage.count == 0 for stage in stages(records, ["119904"]))
