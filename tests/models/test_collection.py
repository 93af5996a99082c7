"""A card at its branch with several clerks and workers at once: handed over, reminded of, once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.city import load_city
from config.locales import Texts
from models.application_states import State
from models.applications import Application, ForbiddenMove, events_of
from models.card_moves import open_move
from models.collection import (
    NotHandedOver,
    ask_move,
    drop_move,
    hand_over,
    hand_over_by_id,
    send_move,
)
from models.collection_timers import do_due
from models.database import Database
from models.lifecycle import Lifecycle
from models.notices import Notice
from models.passes import Collector, Pass, issue_pass, live_passes
from tests.models.making import (
    DAY,
    KEYS,
    NOW,
    PHONE,
    make_application,
    make_person,
    new_id,
)

CITY = load_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
AT_ONCE = 4


def ready(database: Database) -> tuple[str, str]:
    """A card with a pass: (application, pass)."""
    answers = {"name": "陈国强", "phone": PHONE}
    with database.writing() as records:
        card = make_application(
            records, make_person(records), answers=answers, branch="ABC-01", bank="ABC",
            delivery="pickup",
        )  # fmt: skip
        card.state = State.READY_FOR_PICKUP.value
        held, _ = issue_pass(
            records, KEYS, card, Collector.SELF, rules=CITY.collection, now=NOW,
            draw=lambda: "482915", new_id=new_id,
        )  # fmt: skip
        return card.id, held.id


def test_clerks_at_once_hand_a_card_over_once(database: Database) -> None:
    application_id, pass_id = ready(database)

    def clerk(number: int) -> str:
        try:
            with database.writing() as records:
                card, held = records.get_one(Application, application_id), None
                if number % 2:
                    held = records.get_one(Pass, pass_id)
                    hand_over(records, LIFE, card, held, NOW, by=f"staff:{number}")
                else:
                    kind, by = Collector.SELF, f"staff:{number}"
                    hand_over_by_id(records, LIFE, card, kind, "no_phone", NOW, by=by)
        except (NotHandedOver, ForbiddenMove):
            return "kept"
        return "given"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        ends = Counter(threads.map(clerk, range(AT_ONCE)))
    assert ends == {"given": 1, "kept": AT_ONCE - 1}
    with database.reading() as records:
        collected = [e for e in events_of(records, application_id) if e.to_state == "COLLECTED"]
        assert len(collected) == 1
        assert live_passes(records, application_id, NOW) == []


def test_workers_at_once_remind_once(database: Database) -> None:
    ready(database)
    day = (NOW + 20 * DAY).astimezone(CITY.tz).replace(hour=10)

    def worker(number: int) -> int:
        with database.writing() as records:
            return do_due(records, LIFE, day)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sorted(threads.map(worker, range(AT_ONCE))) == [0] * (AT_ONCE - 1) + [1]
    with database.reading() as records:
        assert len(records.scalars(select(Notice)).all()) == 1


def test_a_pass_that_failed_to_hand_over_still_holds(database: Database) -> None:
    application_id, pass_id = ready(database)
    with database.writing() as records:
        records.get_one(Application, application_id).state = State.SEALED.value
    with pytest.raises(NotHandedOver, match="state"), database.writing() as records:
        card = records.get_one(Application, application_id)
        hand_over(records, LIFE, card, records.get_one(Pass, pass_id), NOW, by="staff:1")
    with database.reading() as records:
        assert records.get_one(Pass, pass_id).ended_at is None


def test_a_move_is_changed_until_the_card_has_left_and_then_waited_for(database: Database) -> None:
    application_id, _ = ready(database)
    with database.writing() as records:
        card = records.get_one(Application, application_id)
        first = ask_move(records, card, "ABC-02", NOW, move_id=new_id())
        assert ask_move(records, card, "ABC-03", NOW, move_id=new_id()) is first
        assert live_passes(records, application_id, NOW) == []
        assert drop_move(records, card, NOW) and not drop_move(records, card, NOW)
        again = ask_move(records, card, "ABC-02", NOW, move_id=new_id())
        assert send_move(records, card, again, NOW, by="staff:1")
        assert not send_move(records, card, again, NOW, by="staff:1")
        assert not drop_move(records, card, NOW)
        with pytest.raises(NotHandedOver, match="moving"):
            ask_move(records, card, "ABC-03", NOW, move_id=new_id())
        with pytest.raises(NotHandedOver, match="moving"):
            hand_over_by_id(records, LIFE, card, Collector.SELF, "no_phone", NOW, by="staff:1")


def test_who_comes_before_the_card_has_left_collects_it_and_the_move_is_over(
    database: Database,
) -> None:
    application_id, _ = ready(database)
    with database.writing() as records:
        card = records.get_one(Application, application_id)
        ask_move(records, card, "ABC-02", NOW, move_id=new_id())
        now = NOW + timedelta(hours=1)
        hand_over_by_id(records, LIFE, card, Collector.SELF, "no_code", now, by="staff:1")
        assert card.state == State.COLLECTED
        assert open_move(records, application_id) is None


@pytest.mark.parametrize("why", ["", "because", "pass"])
def test_no_other_reason_hands_a_card_over(database: Database, why: str) -> None:
    application_id, _ = ready(database)
    with pytest.raises(ValueError, match="not handed over"), database.writing() as records:
        card = records.get_one(Application, application_id)
        hand_over_by_id(records, LIFE, card, Collector.SELF, why, NOW, by="staff:1")
