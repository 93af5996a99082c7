"""A database with many applications, filled in bulk: of one in so many everything is real, of the
others everything but what only its own key could open.

Those asked for are spread evenly over all: their names, numbers and answers are sealed for them.
The others carry sealed values of the same size, and ids and indexes as scattered as real ones.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import text

from models.application_states import State
from models.database import Database
from models.id_numbers import IdKind
from models.people import id_index, phone_index
from models.records import place
from models.sealing import Keyring

BEGUN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
WAY = (State.SUBMITTED, State.UNDER_REVIEW, State.APPROVED)
BATCH = 20_000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_SEALING = 47  # bytes by which a sealed value is longer
_ANSWERS = {"sex": "male", "birth_date": "1990-03-07", "ethnicity": "汉", "status": "employed",
            "id_address": "江岭省石桥县柳湾乡五组", "lives_at": "云州市城东区和平路18号",
            "employer": "华云建筑劳务公司", "portrait": {"document": "d" * 32}}  # fmt: skip
_SAME_SIZE = json.dumps({**_ANSWERS, "name": "陈国强", "phone": "13900001234"}, ensure_ascii=False)


Row = dict[str, Any]
Maker = Callable[[Keyring, int, bool], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Known:
    """One of those that are asked for."""

    account: str
    number: str
    name: str
    id_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A database and whom to ask for in it."""

    database: Database
    count: int
    known: Sequence[Known]


def fill(
    database: Database,
    keys: Keyring,
    count: int,
    asked: int,
    instead: Mapping[str, Maker] | None = None,
) -> Filled:
    """Store `count` applications of as many people, each handed in from an account of its own and
    bound to it, with three events; and the notices and codes of the last days. `instead` makes the
    rows of a table otherwise, or those of another."""
    every = max(1, count // asked)
    makers = {
        "people": _people, "accounts": _accounts, "applications": applications,
        "application_events": _events, "notices": _notices, "codes": _codes, **(instead or {}),
    }  # fmt: skip
    for start in range(0, count, BATCH):
        numbers = range(start, min(count, start + BATCH))
        rows = {
            table: [row for n in numbers for row in make(keys, n, n % every == 0)]
            for table, make in makers.items()
        }
        _store(database, rows)
    _settle(database)
    return Filled(database, count, [known(n) for n in range(0, count, every)])


@lru_cache(maxsize=BATCH)
def known(n: int) -> Known:
    """The n-th person, as they know themselves."""
    return Known(
        account=f"wechat:wx0000000000000001:o{_id('user', n)[:27]}",
        number=f"YZ{BEGUN + timedelta(minutes=n // 4):%y%m%d}{n:08d}",
        name=f"陈{chr(0x4E00 + n % 20_000)}{chr(0x4E00 + n // 20_000)}",
        id_number=_id_number(n),
        phone=f"1390000{int(_id('mobile', n), 16) % 10_000:04d}",
    )


def _id(kind: str, n: int) -> str:
    return hashlib.md5(f"{kind}{n}".encode(), usedforsecurity=False).hexdigest()


def _id_number(n: int) -> str:
    """Of the region that does not exist, born on one of 20,000 days."""
    born = date(1950, 1, 1) + timedelta(days=n % 20_000)
    first = f"119999{born:%Y%m%d}{n // 20_000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first, strict=True))
    return first + "10X98765432"[total % 11]


def _at(n: int) -> datetime:
    return BEGUN + timedelta(minutes=n // 4)


def _sealed(keys: Keyring, value: str, where: str, is_real: bool) -> bytes:
    """What is sealed for its row; for one that nobody asks for a blob of the same size."""
    return keys.seal(value.encode(), where) if is_real else bytes(len(value.encode()) + _SEALING)


# --- rows, one maker a table ------------------------------------------------------------------


def _people(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    person, who = _id("person", n), known(n)
    yield {
        "id": person,
        "name": _sealed(keys, who.name, place("people", "name", person), is_real),
        "id_number": _sealed(keys, who.id_number, place("people", "id_number", person), is_real),
        "id_index": id_index(keys, who.id_number) if is_real else _id("index", n) * 2,
        "id_kind": IdKind.RESIDENT_ID.value,
        "phone": _sealed(keys, who.phone, place("people", "phone", person), is_real),
        "phone_index": phone_index(keys, who.phone) if is_real else _id("phone", n) * 2,
        "phone_proven": 2,
        "created_at": _at(n),
    }


def _accounts(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    key = known(n).account
    channel, app, user = key.split(":")
    yield {
        "id": _id("account", n), "channel": channel, "app": app, "user": user,
        "user_kind": "openid", "person_id": _id("person", n), "bound_at": _at(n),
        "locale": "zh_CN", "followed": True, "subscription_credits": "{}", "created_at": _at(n),
        "key": key, "recipient": n + 1,
    }  # fmt: skip


def applications(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    application, who, at = _id("application", n), known(n), _at(n)
    named = {**_ANSWERS, "name": who.name, "phone": who.phone}
    answers = json.dumps(named, ensure_ascii=False) if is_real else _SAME_SIZE
    where = place("applications", "answers", application)
    yield {
        "id": application, "number": who.number, "draft_id": _id("draft", n), "form": "card",
        "form_version": 1, "account_key": who.account, "applicant_id": _id("person", n),
        "holder_id": _id("person", n), "relation": "self", "holder_proven": True,
        "contested": False, "state": State.APPROVED.value, "card_status": "", "bank_status": "",
        "round": 1, "answers": _sealed(keys, answers, where, is_real), "district": "119901",
        "bank": "CCB", "branch": "CCB-01", "delivery": "pickup", "submitted_at": at,
        "state_since": at, "promise_review_by": (at + timedelta(days=7)).date(),
        "promise_card_by": (at + timedelta(days=30)).date(), "updated_at": at,
    }  # fmt: skip


def _events(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    for start, end in zip((State.DRAFT, *WAY), WAY, strict=False):
        yield {
            "application_id": _id("application", n), "at": _at(n), "actor": "officer",
            "kind": "moved", "from_state": start.value, "to_state": end.value, "detail": "{}",
        }  # fmt: skip


def _notices(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    """Those of the last month: of one in ten."""
    if n % 10:
        return
    at = _at(n)
    yield {
        "id": _id("notice", n), "account_key": known(n).account, "kind": "ladder",
        "matter": f"application:{_id('application', n)}", "payload": bytes(200), "state": "sent",
        "attempts": 1, "due_at": at, "reason": "", "rung": "chat", "steps": "[]", "delivery": "",
        "phone_index": _id("phone", n) * 2, "created_at": at, "sent_at": at,
    }  # fmt: skip


def _codes(keys: Keyring, n: int, is_real: bool) -> Iterator[Row]:
    """Those of the last two days: of one in a hundred."""
    if n % 100:
        return
    at = _at(n)
    yield {
        "id": _id("code", n), "account_key": known(n).account, "purpose": "progress",
        "phone_index": _id("phone", n) * 2, "code_hash": _id("hash", n) * 2,
        "expires_at": at + timedelta(minutes=10), "tries": 0, "sent_at": at, "used_at": at,
    }  # fmt: skip


# --- storing ----------------------------------------------------------------------------------


def _store(database: Database, rows: dict[str, list[Row]]) -> None:
    if database.is_sqlite:
        _store_in_sqlite(str(database.url.database), rows)
    else:
        _store_in_postgres(database, rows)


def _store_in_sqlite(path: str, rows: dict[str, list[Row]]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    with connection:
        for table, given in rows.items():
            if given:
                names = ", ".join(f'"{name}"' for name in given[0])
                marks = ", ".join("?" * len(given[0]))
                insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
                connection.executemany(insert, (tuple(map(_as_text, r.values())) for r in given))
    connection.close()


def _as_text(value: Any) -> Any:
    """As SQLAlchemy writes moments and days into SQLite."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _store_in_postgres(database: Database, rows: dict[str, list[Row]]) -> None:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        for table, given in rows.items():
            if given:
                names = ", ".join(f'"{name}"' for name in given[0])
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
                    for row in given:
                        copy.write_row(tuple(row.values()))


def _settle(database: Database) -> None:
    """As after a night: what the planner knows of the tables is up to date."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        connection.execute(text("VACUUM ANALYZE"))
