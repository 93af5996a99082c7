"""Nothing in the audit trail is changed, dropped or slipped in unseen, whoever writes at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from models import audit_chain, audit_check
from models.audit import AuditEvent, audit
from models.audit_chain import AuditLink
from models.audit_check import verify
from models.database import Database
from models.looks import looks_at
from models.sign_in_tries import SignInTries
from tests.models.making import ACCOUNT, NOW

SECOND = timedelta(seconds=1)
_ROW = r"(SELECT event_id FROM audit_links WHERE seq = \1)"  # the row of a link


def note(database: Database, *reasons: str) -> None:
    """These acts, in one transaction."""
    with database.writing() as records:
        for reason in reasons:
            audit(records, actor="staff:1", act="x.view", subject="application:1", reason=reason,
                  now=NOW + SECOND / 7, detail={"名": [1, 0.5, None], "b": {"a": ()}})  # fmt: skip


def tamper(database: Database, *statements: str) -> None:
    """As somebody with the database's own password can: without triggers and references."""
    with database.engine.connect() as connection:
        for statement in (*_off(database), *statements, "COMMIT"):
            connection.exec_driver_sql(re.sub(r"ROW(\d)", _ROW, statement))


def _off(database: Database) -> list[str]:
    if not database.is_sqlite:
        return ["SET LOCAL session_replication_role = replica"]
    tables = ("audit_events", "audit_links")
    triggers = [f"DROP TRIGGER {name}_no_{act}" for name in tables for act in ("update", "delete")]
    return ["COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN", *triggers]


def test_each_act_has_a_link_in_the_order_of_the_commits(database: Database) -> None:
    for reasons in (("a", "b"), ("c",)):
        note(database, *reasons)
    chain = verify(database)
    assert (chain.links, chain.fault) == (3, "")
    linked = select(AuditLink.seq, AuditEvent.reason).join(AuditEvent).order_by(AuditLink.seq)
    with database.reading() as records:
        rows = records.execute(linked).all()
    assert [tuple(row) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]


def test_an_empty_trail_is_whole(database: Database) -> None:
    assert verify(database) == audit_check.Chain(0, "")


TAMPERINGS: list[tuple[str, str]] = [
    ("UPDATE audit_events SET reason = 'z' WHERE id = ROW2", "link 2: row . was chang"),
    ("UPDATE audit_events SET actor = 'z' WHERE id = ROW3", "link 3: row . was chang"),
    ("UPDATE audit_events SET detail = '1' WHERE id = ROW1", "link 1: row . was chang"),
    ("DELETE FROM audit_events WHERE id = ROW1", "link 1: its row . is missing"),
    ("UPDATE audit_links SET hash = 'md5:1' WHERE seq = 2", "link 2: row . was changed"),
    ("DELETE FROM audit_links WHERE seq = 2", "link 2 is missing"),
    ("DELETE FROM audit_links WHERE seq = 4", "row . stands in no link"),
    (
        (
            "INSERT INTO audit_events (at, actor, act, subject, reason, detail) "
            "SELECT at, actor, act, subject, reason, detail FROM audit_events WHERE id = ROW1"
        ),
        "row . stands in no link",
    ),
]


@pytest.mark.parametrize(("statement", "fault"), TAMPERINGS)
def test_tampering_is_found_and_the_first_broken_row_named(
    database: Database, statement: str, fault: str
) -> None:
    note(database, "a", "b", "c", "d")
    tamper(database, statement)
    assert re.match(fault.replace(".", r"\d+"), verify(database).fault)


def test_a_tail_that_was_cut_off_is_found_by_the_head_that_was_told(database: Database) -> None:
    note(database, "a", "b", "c")
    told = verify(database).head
    note(database, "d")
    assert verify(database, told).fault == ""
    tail = "DELETE FROM audit_events WHERE id > ROW2"
    tamper(database, tail, "DELETE FROM audit_links WHERE seq > 2")
    assert verify(database).fault == ""  # whole in itself
    assert verify(database, told).fault == "the head that was told stands in it no more"


def test_links_are_neither_changed_nor_deleted(database: Database) -> None:
    note(database, "a")
    for statement in ("UPDATE audit_links SET hash = 'x'", "DELETE FROM audit_links"):
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.execute(text(statement))


def test_what_is_rolled_back_leaves_neither_row_nor_link(database: Database) -> None:
    with database.writing() as records:
        audit(records, actor="a", act="x", subject="s", reason="kept", now=NOW)
        nested = records.begin_nested()
        audit(records, actor="a", act="x", subject="s", reason="lost", now=NOW)
        nested.rollback()
    with pytest.raises(RuntimeError), database.writing() as records:
        audit(records, actor="a", act="x", subject="s", reason="lost", now=NOW)
        raise RuntimeError
    assert (verify(database).links, verify(database).fault) == (1, "")
    with database.reading() as records:
        assert records.scalars(select(AuditEvent.reason)).all() == ["kept"]


def test_many_writers_make_one_chain_without_gaps(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: note(database, f"{n}a", f"{n}b"), range(40)))
    chain = verify(database)
    assert (chain.links, chain.fault) == (80, "")


def test_two_who_audit_first_and_then_want_each_others_rows_do_not_stand_in_each_others_way(
    postgres_database: Database,
) -> None:
    """The lock is taken at the end: audit, then a row, must not deadlock with a row, then audit.
    SQLite has one writer in any case."""
    database = postgres_database
    tries = SignInTries(key="k", failures=0, last_at=NOW, locked_until=None)
    with database.writing() as records:
        records.add(tries)
    counted = update(SignInTries).values(failures=SignInTries.failures + 1)
    with database.writing() as first:
        audit(first, actor="a", act="x", subject="s", reason="first", now=NOW)
        with database.writing() as second:
            second.execute(counted)
            audit(second, actor="a", act="x", subject="s", reason="second", now=NOW)
        first.execute(counted)
    assert (verify(database).links, verify(database).fault) == (2, "")


def test_a_chain_goes_on_with_another_digest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(database, "a")
    monkeypatch.setattr(audit_chain.hash_of_event, "__defaults__", ("sm3",))
    note(database, "b")
    chain = verify(database)
    assert (chain.links, chain.fault, chain.head[:4]) == (2, "", "sm3:")


def test_a_long_chain_is_walked_in_pieces(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(database, *"abcdefg")
    monkeypatch.setattr(audit_check, "BATCH", 3)
    assert (verify(database).links, verify(database).fault) == (7, "")


def test_what_was_written_before_there_was_a_chain_is_linked_by_the_migration(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'older.db'}")
    database.upgrade("0013")
    with database.engine.begin() as connection:
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO audit_events (at, actor, act, subject, reason, detail) VALUES "
                    "('2026-11-23 02:04:00.000000', 'cli:root', 'x.view', :subject, 'y', '{}')"
                ),
                {"subject": f"s:{number}"},
            )
    database.upgrade()
    note(database, "after")
    assert (verify(database).links, verify(database).fault) == (3, "")
    with database.reading() as records:
        assert looks_at(records, ACCOUNT) == []
    database.dispose()
