"""How sessions begin and end, and what two writers at once may do, on both databases."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session as Records

from models import sqlite_line
from models.consents import Consent, give_consent
from models.database import Database
from models.turns import TurnRow, add_turn
from tests.models.making import ACCOUNT, NOW, new_id


def test_a_writing_session_is_committed_at_its_end(database: Database) -> None:
    with database.writing() as records:
        add_turn(records, ACCOUNT, "1", b"x", NOW)
    with database.reading() as records:
        assert records.scalar(select(TurnRow.update_id)) == "1"


def test_a_writing_session_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as records:
        add_turn(records, ACCOUNT, "1", b"x", NOW)
        raise RuntimeError
    with database.reading() as records:
        assert records.scalar(select(TurnRow.update_id)) is None


def test_a_session_closed_without_commit_leaves_nothing(database: Database) -> None:
    records = database.begin_writing()
    add_turn(records, ACCOUNT, "1", b"x", NOW)
    records.close()
    with database.reading() as look:
        assert look.scalar(select(TurnRow.update_id)) is None


def test_objects_stay_readable_after_their_session(database: Database) -> None:
    with database.writing() as records:
        consent = _consent(new_id(), records)
    assert consent.given_at == NOW


def test_moments_come_back_aware_and_equal(database: Database) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    with database.writing() as records:
        add_turn(records, ACCOUNT, "1", b"x", beijing)
    with database.reading() as records:
        at = records.scalars(select(TurnRow.at)).one()
    assert at == NOW
    assert at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="time zone"), database.writing() as records:
        add_turn(records, ACCOUNT, "1", b"x", datetime(2026, 11, 23))


def test_an_error_names_no_value(database: Database) -> None:
    """Errors are logged, and values may be somebody's secret."""
    with pytest.raises(DBAPIError) as raised, database.writing() as records:
        records.execute(text("SELECT :token FROM nowhere"), {"token": "a-secret"})
    assert "a-secret" not in str(raised.value)


def test_many_writers_at_once_all_succeed(database: Database) -> None:
    """Without BEGIN IMMEDIATE most of these fail with `database is locked`."""

    def write(number: int) -> None:
        with database.writing() as records:
            seen = records.scalars(select(TurnRow.update_id)).all()
            add_turn(records, ACCOUNT, f"{number}", f"{len(seen)}".encode(), NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(60)))
    with database.reading() as records:
        assert len(records.scalars(select(TurnRow.update_id)).all()) == 60


def test_no_writer_is_passed_by_others_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the bench: twelve that write without a pause, and some waited for seconds."""
    monkeypatch.setattr("models.database.PATIENCE_SECONDS", 1.0)
    database = Database(f"sqlite:///{tmp_path}/r.db")
    database.upgrade()
    ends = time.monotonic() + 3.0

    def write(number: int) -> int:
        written = 0
        while time.monotonic() < ends:
            with database.writing() as records:
                add_turn(records, ACCOUNT, f"{number}-{written}", b"x", NOW)
            written += 1
        return written

    with ThreadPoolExecutor(12) as threads:
        assert min(threads.map(write, range(12))) > 1
    database.dispose()


def test_who_could_not_write_holds_nobody_up(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has the lock; it is another engine here."""
    monkeypatch.setattr("models.database.PATIENCE_SECONDS", 0.2)
    ours, theirs = Database(str(sqlite_database.url)), sqlite_database.begin_writing()
    add_turn(theirs, ACCOUNT, "1", b"x", NOW)
    for _ in range(2):
        with pytest.raises(OperationalError, match="locked"), ours.writing() as records:
            add_turn(records, ACCOUNT, "2", b"x", NOW)
    with ours.reading() as records:  # by the same connection, which has its patience back
        assert records.scalar(text("PRAGMA busy_timeout")) == 200
    theirs.rollback()
    theirs.close()
    with ours.writing() as records:
        add_turn(records, ACCOUNT, "2", b"x", NOW)
    ours.dispose()


def test_transactions_of_one_connection_write_one_after_the_other(database: Database) -> None:
    with database.on_one_connection() as line:
        for number in ("1", "2"):
            with line.writing() as records:
                add_turn(records, ACCOUNT, number, b"x", NOW)
    with database.writing() as records:
        assert records.scalars(select(TurnRow.update_id)).all() == ["1", "2"]


def test_who_waits_for_another_process_looks_again_every_millisecond(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 100:  # SQLite itself would look for the hundredth time after nine seconds
            other.execute("COMMIT")

    monkeypatch.setattr(sqlite_line, "sleep", pause)
    with sqlite_database.writing() as records:
        records.execute(text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("PRAGMA busy_timeout=0").connection.execute("BEGIN IMMEDIATE")
    assert pauses == [0.001] * 100
    other.close()


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    writer = database.begin_writing()
    add_turn(writer, ACCOUNT, "1", b"x", NOW)
    with database.reading() as records:
        assert records.scalar(select(TurnRow.update_id)) is None
    writer.commit()
    writer.close()


def test_who_waits_too_long_for_a_lock_is_told_before_the_platform_gives_up(
    database: Database,
) -> None:
    holder = database.begin_writing()
    add_turn(holder, ACCOUNT, "1", b"x", NOW)
    waiting = threading.Event()
    failed: list[type[BaseException]] = []

    def wait() -> None:
        waiting.set()
        try:
            with database.writing() as records:
                add_turn(records, ACCOUNT, "1", b"y", NOW)
        except DBAPIError as error:
            failed.append(type(error))

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(1)
    thread.join(4.9)
    assert not thread.is_alive()
    assert failed
    holder.rollback()
    holder.close()


@pytest.mark.parametrize(("patient", "limit"), [(False, "2s"), (True, "0")])
def test_only_maintenance_may_take_its_time(postgres_url: str, patient: bool, limit: str) -> None:
    database = Database(postgres_url, patient=patient)
    with database.reading() as records:
        assert records.execute(text("SHOW statement_timeout")).scalar_one() == limit
        assert records.execute(text("SHOW lock_timeout")).scalar_one() == limit
    database.dispose()


def test_a_reading_session_cannot_write_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.upgrade()
    with pytest.raises(DBAPIError, match="read-only"), database.reading() as records:
        records.execute(text("DELETE FROM turns"))
    database.dispose()


def test_foreign_keys_are_enforced(database: Database) -> None:
    orphan = text("INSERT INTO holders VALUES ('a', 'b', 'self', '2026-11-23 00:00:00')")
    with pytest.raises(DBAPIError), database.writing() as records:
        records.execute(orphan)


def test_sqlite_waits_syncs_and_logs_ahead(sqlite_database: Database) -> None:
    with sqlite_database.reading() as records:
        pragmas = {
            name: records.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 2000}
    assert pragmas == expected


def test_a_file_that_stays_locked_is_told_and_not_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DBAPIError, match="locked"), database.reading() as records:
        records.execute(text("SELECT 1"))
    other.close()
    database.dispose()


def test_the_file_of_sqlite_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'records.db'}")
    database.upgrade()
    modes = [stat.S_IMODE(os.stat(file).st_mode) for file in (tmp_path / "new").iterdir()]
    assert set(modes) == {0o600}
    database.dispose()


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://h/d"],
)
def test_a_database_that_cannot_be_shared_or_is_unknown_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Database(url)


def test_a_restarted_postgresql_costs_no_turn(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.upgrade()
    with database.reading() as records:
        ours = records.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(postgres_url)
    with other.writing() as records:
        records.execute(text(f"SELECT pg_terminate_backend({ours})"))
    other.dispose()
    with database.reading() as records:
        assert records.execute(text("SELECT pg_backend_pid()")).scalar_one() != ours
    database.dispose()


def _consent(consent_id: str, records: Records) -> Consent:
    return give_consent(
        records,
        consent_id=consent_id,
        account=ACCOUNT,
        draft_id="d",
        kind="general",
        text_version="1",
        text="同意",
        locale="zh_CN",
        now=NOW,
    )
