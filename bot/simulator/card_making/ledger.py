"""What the offices that make cards know: batches, works, what is planned to fail, reply files.

A file of its own, so that a restart goes on where it was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.simulator.card_making.road import ROAD
from bot.simulator.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS batches(
  desk TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, count INTEGER NOT NULL,
  at TEXT NOT NULL, PRIMARY KEY(desk, id));
CREATE TABLE IF NOT EXISTS works(
  id INTEGER PRIMARY KEY AUTOINCREMENT, application TEXT NOT NULL, batch TEXT NOT NULL,
  name TEXT NOT NULL, bank TEXT NOT NULL, outlet TEXT NOT NULL, mailed INTEGER NOT NULL,
  step TEXT NOT NULL, left INTEGER NOT NULL, word TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '', card TEXT NOT NULL DEFAULT '', ems TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS works_of ON works(application, id);
CREATE TABLE IF NOT EXISTS made(
  application TEXT PRIMARY KEY, cards INTEGER NOT NULL DEFAULT 0,
  accounts INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS plans(
  id INTEGER PRIMARY KEY AUTOINCREMENT, application TEXT NOT NULL, step TEXT NOT NULL,
  code TEXT NOT NULL, text TEXT NOT NULL, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lines(
  id INTEGER PRIMARY KEY AUTOINCREMENT, desk TEXT NOT NULL, stage TEXT NOT NULL,
  line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replies(
  id INTEGER PRIMARY KEY AUTOINCREMENT, desk TEXT NOT NULL, name TEXT NOT NULL UNIQUE,
  lines INTEGER NOT NULL, text BLOB NOT NULL, size INTEGER NOT NULL, cut TEXT NOT NULL,
  held INTEGER NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reports(
  id INTEGER PRIMARY KEY AUTOINCREMENT, desk TEXT NOT NULL, name TEXT NOT NULL,
  faults TEXT NOT NULL, at TEXT NOT NULL, UNIQUE(desk, name, faults));
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One card being made: as many as lines were taken, so that a line taken twice shows.

    `step` is where it is or failed, `left` the days it still stays, `word` what the last reply
    line said; see `road`.
    """

    id: int
    application: str
    batch: str
    name: str = ""
    bank: str = ""
    outlet: str = ""
    mailed: bool = False
    step: str = ""
    left: int = 0
    word: str = ""
    account: str = ""
    card: str = ""
    ems: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A failure that is to come at a step, so many `times`."""

    application: str
    step: str
    code: str
    text: str
    times: int = 1


class Ledger:
    """Reads and writes; `changing` holds together what belongs together."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path, SCHEMA)

    def close(self) -> None:
        self._store.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All of it or nothing; one at a time."""
        with self._store.lock():
            self._store.write("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._store.write("ROLLBACK")
                raise
            self._store.write("COMMIT")

    # --- batches and works --------------------------------------------------------------

    def batch(self, desk: str, batch: str) -> sqlite3.Row | None:
        return self._store.row("SELECT * FROM batches WHERE desk = ? AND id = ?", desk, batch)

    def add_batch(self, desk: str, batch: str, digest: str, count: int, at: str) -> None:
        values = (desk, batch, digest, count, at)
        self._store.write("INSERT INTO batches VALUES(?, ?, ?, ?, ?)", *values)

    def batches(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._store.rows("SELECT * FROM batches ORDER BY rowid")]

    def add_work(self, work: Mapping[str, Any]) -> None:
        """A new work, by the columns of `Work` without its id."""
        self._insert("works", work)

    def change_work(self, work: Work, **values: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE works SET {names} WHERE id = ?"  # noqa: S608 - our own names
        self._store.write(sql, *values.values(), work.id)

    def works(self, where: str = "1", *values: Any) -> list[Work]:
        """Works in the order of their coming."""
        sql = f"SELECT * FROM works WHERE {where} ORDER BY id"  # noqa: S608 - our own words
        rows = self._store.rows(sql, *values)
        return [Work(**{**dict(row), "mailed": bool(row["mailed"])}) for row in rows]

    def under_way(self, most_days: int = 1_000_000) -> list[Work]:
        """Works that a step is busy with, for at most so many days still."""
        return self.works("word = '' AND left <= ?", most_days)

    def newest(self, application: str) -> Work | None:
        """The last work for an application."""
        found = self.works("application = ?", application)
        return found[-1] if found else None

    # --- what was made ------------------------------------------------------------------

    def count(self, application: str, kind: str) -> None:
        """One more of `cards` or `accounts` for an application."""
        self._store.write("INSERT OR IGNORE INTO made(application) VALUES(?)", application)
        sql = f"UPDATE made SET {kind} = {kind} + 1 WHERE application = ?"  # noqa: S608
        self._store.write(sql, application)

    def made(self) -> dict[str, dict[str, int]]:
        """How many cards and accounts there are for each application."""
        rows = self._store.rows("SELECT * FROM made")
        return {r["application"]: {"cards": r["cards"], "accounts": r["accounts"]} for r in rows}

    # --- what is to fail ----------------------------------------------------------------

    def plan(self, plan: Plan) -> None:
        """Have a failure come; one of the same step that has not come yet is replaced."""
        where = (plan.application, plan.step)
        self._store.write("DELETE FROM plans WHERE application = ? AND step = ?", *where)
        sql = "INSERT INTO plans(application, step, code, text, times) VALUES(?, ?, ?, ?, ?)"
        self._store.write(sql, *where, plan.code, plan.text, plan.times)

    def plan_step(self, application: str, step: str, times: int) -> None:
        """Have a step fail in its usual way."""
        self.plan(Plan(application, step, ROAD[step].code, ROAD[step].text, times))

    def take_plan(self, application: str, step: str) -> Plan | None:
        """The failure that comes now, once less from now on."""
        sql = "SELECT * FROM plans WHERE application = ? AND step = ? AND times > 0"
        row = self._store.row(sql, application, step)
        if row is None:
            return None
        self._store.write("UPDATE plans SET times = times - 1 WHERE id = ?", row["id"])
        return Plan(**{name: row[name] for name in Plan.__dataclass_fields__})

    # --- lines, and the files they go into ----------------------------------------------

    def add_line(self, desk: str, stage: str, line: str) -> None:
        self._store.write("INSERT INTO lines(desk, stage, line) VALUES(?, ?, ?)", desk, stage, line)

    def take_lines(self) -> list[tuple[str, str, list[str]]]:
        """What is to be told and in no file yet: desk, stage, lines; then it is forgotten."""
        told: dict[tuple[str, str], list[str]] = {}
        for row in self._store.rows("SELECT * FROM lines ORDER BY id"):
            told.setdefault((row["desk"], row["stage"]), []).append(row["line"])
        self._store.write("DELETE FROM lines")
        return [(desk, stage, lines) for (desk, stage), lines in told.items()]

    def add_reply(self, **row: Any) -> None:
        """A file, by the columns of `replies` without its id."""
        self._insert("replies", row)

    def replies(self, desk: str, after: int = 0) -> list[sqlite3.Row]:
        """The files of a desk that may be fetched, a hundred at most."""
        sql = (
            "SELECT id, name, size FROM replies "
            "WHERE desk = ? AND id > ? AND NOT held ORDER BY id LIMIT 100"
        )
        return self._store.rows(sql, desk, after)

    def mend(self, name: str) -> None:
        """The next who fetches the file gets all of it."""
        self._store.write("UPDATE replies SET cut = '' WHERE name = ?", name)

    def reply(self, name: str) -> sqlite3.Row | None:
        return self._store.row("SELECT * FROM replies WHERE name = ?", name)

    def all_replies(self) -> list[dict[str, Any]]:
        sql = "SELECT id, desk, name, lines, size, cut, held, at FROM replies ORDER BY id"
        return [dict(row) for row in self._store.rows(sql)]

    def release(self) -> None:
        """Give out what was held, the last first: a later file has the smaller number."""
        held = self._store.rows("SELECT id FROM replies WHERE held ORDER BY id DESC")
        for row in held:
            top = self._store.row("SELECT max(id) AS top FROM replies")
            place = (top["top"] if top else 0) + 1
            sql = "UPDATE replies SET held = 0, id = ? WHERE id = ?"
            self._store.write(sql, place, row["id"])

    def add_report(self, desk: str, name: str, faults: Sequence[Any], at: str) -> None:
        """What the service found wrong in a file of ours; the same report twice is one."""
        sql = "INSERT OR IGNORE INTO reports(desk, name, faults, at) VALUES(?, ?, ?, ?)"
        self._store.write(sql, desk, name, json.dumps(faults, ensure_ascii=False), at)

    def reports(self) -> list[dict[str, Any]]:
        rows = self._store.rows("SELECT * FROM reports ORDER BY id")
        return [{**dict(row), "faults": json.loads(row["faults"])} for row in rows]

    # --- what is set --------------------------------------------------------------------

    def fact(self, name: str, otherwise: Any) -> Any:
        row = self._store.row("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(row["value"]) if row else otherwise

    def set_fact(self, name: str, value: Any) -> None:
        self._store.write("INSERT OR REPLACE INTO facts VALUES(?, ?)", name, json.dumps(value))

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        names, places = ", ".join(row), ", ".join("?" * len(row))
        sql = f"INSERT INTO {table}({names}) VALUES({places})"
        self._store.write(sql, *row.values())
