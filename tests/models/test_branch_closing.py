"""Cards that go to a branch that closes: by the person's word, by the clock, never lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.handover.outgoing import fault_of
from config.locales import Texts
from models.application_states import CLOSED, Actor, State
from models.applications import Application, events_of, open_answers
from models.branch_closing import GOING, NOT_ORDERED, follow, move_to
from models.card_moves import CardMove, open_move
from models.collection import ON_THE_WAY, arrive, end_move
from models.database import Database
from models.handover.batches import close_lines, lines_of
from models.handover.cutting import Cutting
from models.lifecycle import Lifecycle
from models.notices import Notice
from models.passes import Collector, issue_pass, live_passes
from tests.closing import CLOSES, CODE, SUCCESSOR, closing_city
from tests.models.handover.making import AT_ONCE, approved
from tests.models.making import KEYS, NOW, PHONE, make_application, make_person, new_id

CITY = closing_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
BEFORE = datetime(2026, 12, 30, 23, 55, tzinfo=CITY.tz)
CLOSED_DAY = datetime(2026, 12, 31, 0, 5, tzinfo=CITY.tz)


def card(records: Records, state: State, branch: str = CODE, **more: str) -> Application:
    answers = {"name": "陈国强", "phone": PHONE, "branch": branch, "delivery": "pickup"}
    place = {"branch": branch, "bank": "ABC", "delivery": "pickup", **more}
    person = make_person(records)
    made = make_application(records, person, answers=answers, holder_proven=False, **place)
    made.state, made.state_since = state.value, NOW
    return made


def told(records: Records, application: Application) -> list[tuple[str, str]]:
    mine = select(Notice).order_by(Notice.seq)
    known = [n.open_payload(KEYS) for n in records.scalars(mine)]
    of_it = [p for p in known if p["params"]["number"] == application.number]
    return [(p["name"], p["params"].get("branch", "")) for p in of_it]


# --- as somebody says --------------------------------------------------------------------------


@pytest.mark.parametrize("state", NOT_ORDERED)
def test_what_is_not_ordered_yet_will_be_ordered_for_there(
    database: Database, state: State
) -> None:
    with database.writing() as records:
        one = card(records, state)
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "changed"
        assert (one.branch, open_answers(one, KEYS)["branch"]) == (SUCCESSOR, SUCCESSOR)
        last = events_of(records, one.id)[-1]
        assert (last.kind, last.actor, last.detail) == (
            "answers_replaced", "citizen", {"fields": ["branch"]},
        )  # fmt: skip
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "elsewhere", "tapped twice"


@pytest.mark.parametrize("state", [*ON_THE_WAY, State.READY_FOR_PICKUP])
def test_a_card_that_is_ordered_is_sent_on_from_where_it_comes(
    database: Database, state: State
) -> None:
    with database.writing() as records:
        one = card(records, state)
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "asked"
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "asked", "tapped twice"
        move = records.scalars(select(CardMove)).one()
        assert (move.from_branch, move.to_branch, move.sent_at) == (CODE, SUCCESSOR, None)
        assert one.branch == CODE
        move.sent_at = NOW
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "sent"


def test_nobody_is_called_to_a_branch_from_which_the_card_goes_on(database: Database) -> None:
    with database.writing() as records:
        one = card(records, State.PRODUCED)
        move_to(records, LIFE, one, CODE, SUCCESSOR, NOW)
        arrive(records, LIFE, one, NOW, by="staff:1")
        assert told(records, one) == []
        move = open_move(records, one.id)
        assert move is not None
        move.sent_at = NOW
        assert end_move(records, LIFE, one, move, NOW, by="staff:2")
        assert told(records, one) == [("ready", CITY.branch(SUCCESSOR).name)]


def test_a_card_that_will_not_be_made_is_sent_nowhere(database: Database) -> None:
    with database.writing() as records:
        one = card(records, State.PRODUCTION_FAILED)
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "asked"
        for state in (State.ON_HOLD, State.UNDER_REVIEW, State.REFUSED):
            actor = Actor.REPLY if state is State.ON_HOLD else Actor.OFFICER
            LIFE.advance(records, one, state, actor, NOW, by="staff:1", quiet=True)
        assert open_move(records, one.id) is None
        assert records.scalars(select(CardMove)).one().ended == "dropped"


@pytest.mark.parametrize("state", [*sorted(CLOSED), State.MAILED, State.MAIL_RETURNED])
def test_what_is_over_or_posted_stays_as_it_is(database: Database, state: State) -> None:
    with database.writing() as records:
        one = card(records, state)
        assert move_to(records, LIFE, one, CODE, SUCCESSOR, NOW) == "over"
        assert follow(records, LIFE, CLOSED_DAY) == 0
        assert one.branch == CODE


def test_every_state_is_of_one_sort() -> None:
    others = {State.DRAFT, State.MAILED, State.MAIL_RETURNED, *CLOSED}
    assert set(GOING) | others == set(State) and not set(GOING) & others


# --- by the clock ------------------------------------------------------------------------------


def test_whoever_did_not_answer_is_moved_on_the_day_and_told_once(database: Database) -> None:
    with database.writing() as records:
        one, other = card(records, State.APPROVED), card(records, State.IN_PRODUCTION)
        elsewhere = card(records, State.APPROVED, "ABC-03")
        assert follow(records, LIFE, BEFORE) == 0
        assert follow(records, LIFE, CLOSED_DAY, most=1) == 1
        assert follow(records, LIFE, CLOSED_DAY) == 1
        assert follow(records, LIFE, CLOSED_DAY) == 0
        for each in (one, other):
            assert (each.branch, open_answers(each, KEYS)["branch"]) == (SUCCESSOR, SUCCESSOR)
            *_, replaced, moved = events_of(records, each.id)
            assert (replaced.kind, replaced.by) == ("answers_replaced", "timer:closing")
            assert (moved.kind, moved.actor, moved.by, moved.reason, moved.detail) == (
                "branch_closed", "timer", "timer:closing", CODE, {"to": SUCCESSOR},
            )  # fmt: skip
            assert told(records, each) == [("branch_closed", CITY.branch(SUCCESSOR).name)]
        assert elsewhere.branch == "ABC-03" and told(records, elsewhere) == []


def test_a_card_that_waits_there_is_carried_to_the_successor(database: Database) -> None:
    with database.writing() as records:
        one = card(records, State.READY_FOR_PICKUP)
        issue_pass(
            records, KEYS, one, Collector.SELF, rules=CITY.collection, now=CLOSED_DAY,
            draw=lambda: "482915", new_id=new_id,
        )  # fmt: skip
        assert follow(records, LIFE, CLOSED_DAY) == 1
        assert follow(records, LIFE, CLOSED_DAY) == 0
        move = open_move(records, one.id)
        assert move is not None and (move.to_branch, move.sent_at) == (SUCCESSOR, CLOSED_DAY)
        assert live_passes(records, one.id, CLOSED_DAY) == []
        name = CITY.branch(SUCCESSOR).name
        assert told(records, one) == [("branch_closed", name)]
        assert end_move(records, LIFE, one, move, CLOSED_DAY, by="staff:2")
        assert one.branch == SUCCESSOR and told(records, one)[-1] == ("ready", name)


def test_where_somebody_asked_for_another_branch_it_goes_there(database: Database) -> None:
    with database.writing() as records:
        ready, coming = card(records, State.READY_FOR_PICKUP), card(records, State.PRODUCED)
        done = card(records, State.PRODUCED)
        for each, to in ((ready, "ABC-03"), (coming, "ABC-03"), (done, SUCCESSOR)):
            move_to(records, LIFE, each, CODE, to, NOW)
        assert follow(records, LIFE, CLOSED_DAY) == 3
        assert told(records, ready) == [("branch_closed", CITY.branch("ABC-03").name)]
        move = open_move(records, coming.id)
        assert move is not None, "it comes to the successor and is sent on from there"
        assert (coming.branch, move.from_branch, move.to_branch) == (SUCCESSOR, SUCCESSOR, "ABC-03")
        assert done.branch == SUCCESSOR and open_move(records, done.id) is None


# --- handing over ------------------------------------------------------------------------------


def cut(records: Records, now: datetime) -> list[str]:
    """The branches that the next batch names."""
    batch = Cutting(LIFE, AT_ONCE, "province", fault_of).cut(records, now)
    lines = lines_of(records, batch.id) if batch else []
    return [line.items(KEYS)["outlet"] for line in lines]


def test_no_order_names_a_branch_that_is_closed_when_the_card_comes(database: Database) -> None:
    with database.writing() as records:
        place = {"branch": CODE, "bank": "ABC"}
        early = approved(records, **place)
        assert cut(records, NOW) == [CODE], "the card comes before"
        late = approved(records, **place)
        near = datetime(2026, 12, 28, 12, tzinfo=CITY.tz)
        assert CITY.promise(near.date(), CITY.days.making) >= CLOSES > near.date()
        assert cut(records, near) == [SUCCESSOR]
        assert (early.branch, late.branch) == (CODE, SUCCESSOR)
        assert ("branch_closed", CITY.branch(SUCCESSOR).name) in told(records, late)


def test_what_was_asked_for_while_an_order_failed_stands_in_the_next_one(
    database: Database,
) -> None:
    with database.writing() as records:
        one = approved(records, branch=CODE, bank="ABC")
        assert cut(records, NOW) == [CODE]
        for state in (State.PROVINCE_CHECKING, State.BANK_OPENING, State.IN_PRODUCTION):
            LIFE.advance(records, one, state, Actor.REPLY, NOW, by="reply:1")
        assert move_to(records, LIFE, one, CODE, "ABC-03", NOW) == "asked"
        LIFE.advance(records, one, State.PRODUCTION_FAILED, Actor.REPLY, NOW, by="reply:2")
        close_lines(records, [one.id], "province")
        assert cut(records, NOW + timedelta(days=1)) == ["ABC-03"]
        assert open_move(records, one.id) is None
