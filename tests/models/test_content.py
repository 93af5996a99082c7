"""Editions of what residents are told: two persons, a day, a history, and nothing lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Records

from models.content import (
    PUBLISHED,
    AlreadyDecided,
    Edition,
    NotTheirs,
    Outdated,
    TooEarly,
    changes,
    draft_of,
    drop_draft,
    history,
    keep_draft,
    last_published,
    propose,
    publish,
    refuse,
    waiting,
)
from models.database import Database
from tests.models.making import DAY, NOW

TODAY = date(2026, 11, 23)


def begun(records: Records, value: object, *, by: str = "staff:1", part: str = "fees") -> Edition:
    last = last_published(records, part)
    return keep_draft(records, part, value, by=by, now=NOW, rests_on=last)


def proposed(
    records: Records, fee: int, *, by: str = "staff:1", valid_from: date = TODAY, part: str = "fees"
) -> Edition:
    draft = begun(records, {"first": fee}, by=by, part=part)
    propose(records, draft, note="", valid_from=valid_from, today=TODAY, now=NOW)
    return draft


def test_a_draft_is_its_authors_alone_and_holds_nowhere(database: Database) -> None:
    with database.writing() as records:
        begun(records, {"first": 1})
        begun(records, {"first": 2})
        mine = draft_of(records, "fees", "staff:1")
        assert mine is not None and mine.value == {"first": 2}
        assert draft_of(records, "fees", "staff:2") is None
        assert (list(waiting(records)), list(history(records, "fees"))) == ([], [])
        assert changes(records, TODAY) == {}
        drop_draft(records, "fees", "staff:1")
        assert draft_of(records, "fees", "staff:1") is None


def test_a_second_person_publishes_and_never_the_first(database: Database) -> None:
    with database.writing() as records:
        edition = proposed(records, 5)
        assert list(waiting(records)) == [edition]
        with pytest.raises(NotTheirs):
            publish(records, edition.id, by="staff:1", now=NOW)
        publish(records, edition.id, by="staff:2", now=NOW)
        assert changes(records, TODAY) == {"fees": {"first": 5}}
        assert (edition.state, edition.decided_by) == (PUBLISHED, "staff:2")
        with pytest.raises(AlreadyDecided):
            refuse(records, edition.id, by="staff:3", now=NOW)


def test_it_holds_from_its_day_on(database: Database) -> None:
    later = TODAY + timedelta(days=3)
    with database.writing() as records:
        publish(records, proposed(records, 5).id, by="staff:2", now=NOW)
        publish(records, proposed(records, 7, valid_from=later).id, by="staff:2", now=NOW + DAY)
        assert changes(records, later - timedelta(days=1)) == {"fees": {"first": 5}}
        assert changes(records, later) == {"fees": {"first": 7}}
        with pytest.raises(ValueError, match="yesterday"):
            proposed(records, 9, valid_from=TODAY - timedelta(days=1))


def test_days_go_only_forward(database: Database) -> None:
    later = TODAY + timedelta(days=3)
    with database.writing() as records:
        first = proposed(records, 7, valid_from=later)
        waits = proposed(records, 6)
        publish(records, first.id, by="staff:2", now=NOW)
        assert last_published(records, "fees") == first  # though its day is still to come
        with pytest.raises(TooEarly):
            proposed(records, 9, valid_from=later - timedelta(days=1))
        waits.rests_on = first.id  # begun again meanwhile: its day alone is in the way
        with pytest.raises(TooEarly):
            publish(records, waits.id, by="staff:2", now=NOW)
        drop_draft(records, "fees", "staff:1")
        publish(records, proposed(records, 9, valid_from=later).id, by="staff:2", now=NOW + DAY)
        assert changes(records, later) == {"fees": {"first": 9}}


def test_words_are_kept_on_what_was_published_when_they_were_read(database: Database) -> None:
    with database.writing() as records:
        read = last_published(records, "fees")
        publish(records, proposed(records, 5).id, by="staff:2", now=NOW)
        late = keep_draft(records, "fees", {"first": 7}, by="staff:3", now=NOW, rests_on=read)
        propose(records, late, note="", valid_from=TODAY, today=TODAY, now=NOW)
        with pytest.raises(Outdated):
            publish(records, late.id, by="staff:2", now=NOW)


def test_of_two_published_at_once_one_holds(postgres_database: Database) -> None:
    database = postgres_database  # writers of SQLite queue from their beginning
    with database.writing() as records:
        both = [proposed(records, fee, by=by).id for fee, by in ((5, "staff:1"), (7, "staff:2"))]
    with database.writing() as first:
        publish(first, both[1], by="staff:3", now=NOW)
        with pytest.raises(OperationalError, match="lock timeout"), database.writing() as second:
            second.execute(text("SET LOCAL lock_timeout = '10ms'"))
            publish(second, both[0], by="staff:3", now=NOW)
    with database.writing() as second, pytest.raises(Outdated):
        publish(second, both[0], by="staff:3", now=NOW)


def test_what_was_refused_holds_never(database: Database) -> None:
    with database.writing() as records:
        refuse(records, proposed(records, 5).id, by="staff:2", now=NOW)
        assert changes(records, TODAY) == {}
        assert [edition.state for edition in history(records, "fees")] == ["refused"]


def test_words_that_were_begun_before_others_were_published_do_not_undo_them(
    database: Database,
) -> None:
    with database.writing() as records:
        first = proposed(records, 5, by="staff:1")
        second = proposed(records, 7, by="staff:2")
        publish(records, first.id, by="staff:3", now=NOW)
        with pytest.raises(Outdated):
            publish(records, second.id, by="staff:3", now=NOW)
        publish(records, proposed(records, 1, part="days").id, by="staff:3", now=NOW)
        assert changes(records, TODAY) == {"fees": {"first": 5}, "days": {"first": 1}}


def test_going_back_is_a_new_edition_with_old_words(database: Database) -> None:
    with database.writing() as records:
        old = proposed(records, 5)
        publish(records, old.id, by="staff:2", now=NOW)
        publish(records, proposed(records, 7).id, by="staff:2", now=NOW + DAY)
        back = begun(records, old.value, by="staff:2")
        propose(records, back, note="", valid_from=TODAY, today=TODAY, now=NOW)
        publish(records, back.id, by="staff:1", now=NOW + 2 * DAY)
        assert changes(records, TODAY) == {"fees": {"first": 5}}
        assert [edition.value["first"] for edition in history(records, "fees")] == [5, 7, 5]


def test_nobody_publishes_what_is_not_there_or_still_a_draft(database: Database) -> None:
    with database.writing() as records:
        draft = begun(records, {})
        for unknown in (draft.id, 999):
            with pytest.raises(KeyError):
                publish(records, unknown, by="staff:2", now=NOW)
