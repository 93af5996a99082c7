"""The simulator's memory: one SQLite file, so that a restart keeps the chats."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users(
  openid TEXT PRIMARY KEY, followed INTEGER NOT NULL, since REAL NOT NULL);
CREATE TABLE IF NOT EXISTS messages(
  id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, sender TEXT NOT NULL,
  via TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, options TEXT NOT NULL,
  media TEXT NOT NULL, at TEXT NOT NULL, update_id TEXT NOT NULL,
  card TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS messages_of ON messages(openid, id);
CREATE TABLE IF NOT EXISTS sms(
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
  template TEXT NOT NULL, params TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS media(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, type TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens(
  token TEXT PRIMARY KEY, line TEXT NOT NULL, issued REAL NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS windows(
  openid TEXT NOT NULL, kind TEXT NOT NULL, left INTEGER NOT NULL, until REAL NOT NULL,
  PRIMARY KEY(openid, kind));
CREATE TABLE IF NOT EXISTS calls(
  day TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(day, name));
CREATE TABLE IF NOT EXISTS credits(
  openid TEXT NOT NULL, template TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(openid, template));
CREATE TABLE IF NOT EXISTS sends(
  id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, client_msg_id TEXT NOT NULL,
  at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sends_of ON sends(openid, client_msg_id);
CREATE TABLE IF NOT EXISTS masses(
  id INTEGER PRIMARY KEY AUTOINCREMENT, client_msg_id TEXT NOT NULL, at REAL NOT NULL,
  status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS masses_of ON masses(client_msg_id);
CREATE TABLE IF NOT EXISTS mass_months(
  month TEXT NOT NULL, openid TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(month, openid));
CREATE TABLE IF NOT EXISTS codes(
  code TEXT PRIMARY KEY, sort TEXT NOT NULL, openid TEXT NOT NULL, phone TEXT NOT NULL,
  at REAL NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tickets(
  ticket TEXT PRIMARY KEY, kind TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS desk(
  openid TEXT PRIMARY KEY, kf_account TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS pushes(
  id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, event TEXT NOT NULL,
  attempts INTEGER NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class StoreClosed(Exception):
    """The simulator is stopping; whoever still asks gets no answer."""


EVERYBODY = ""
NOBODY = None


class Store:
    """One connection under one lock, and a bell that rings at every change that somebody sees."""

    def __init__(self, path: Path, schema: str = _SCHEMA) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self.changes = 0
        self._last: dict[str, int] = {}  # change that one person sees, by person
        self._for_all = 0
        self._closed = False
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(schema)
        self._add_what_older_files_lack()

    def _add_what_older_files_lack(self) -> None:
        columns = {row["name"] for row in self._db.execute("PRAGMA table_info(messages)")}
        if columns and "card" not in columns:
            self._db.execute("ALTER TABLE messages ADD COLUMN card TEXT NOT NULL DEFAULT ''")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._run(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def write(self, sql: str, *values: Any, seen_by: str | None = EVERYBODY) -> int:
        """Run one statement. Returns the new row's id; rings the bell for who sees the change: a
        person's phone, everybody's, or `NOBODY`'s."""
        with self._changed:
            done = self._run(sql, values)
            if seen_by is not NOBODY:
                self._ring(seen_by)
            return done.lastrowid or 0

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row, all of them or none; rings everybody's bell."""
        with self.together():
            if self._closed:
                raise StoreClosed
            self._db.executemany(sql, rows)
            self._ring(EVERYBODY)

    def _ring(self, person: str) -> None:
        self.changes += 1
        if person == EVERYBODY:
            self._for_all = self.changes
        else:
            self._last[person] = self.changes
        self._changed.notify_all()

    def lock(self) -> threading.RLock:
        """Held by a caller whose reading and writing belong together."""
        return self._lock

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is kept as one, or not at all where something raises."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._run("BEGIN", ())
            try:
                yield
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()

    def wait(self, seen: int, seconds: float, person: str = EVERYBODY) -> int:
        """Wait until there was a change after `seen` that this person sees (`EVERYBODY`: any), or
        for so many seconds. Returns the number of the last one."""

        def last() -> int:
            if person == EVERYBODY:
                return self.changes
            return max(self._for_all, self._last.get(person, 0))

        with self._changed:
            self._changed.wait_for(lambda: self._closed or last() != seen, seconds)
            return last()

    def close(self) -> None:
        """Close the file. Who waits is woken; who asks from now on gets `StoreClosed`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._db.close()

    def _run(self, sql: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        if self._closed:
            raise StoreClosed
        return self._db.execute(sql, values)
