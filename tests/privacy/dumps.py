"""Everything that a service of ours has put somewhere, as one heap of bytes each."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_py
from psycopg.sql import SQL, Identifier


def files_of(folder: Path, without: str = "simulator") -> bytes:
    """Every file as it lies on the disk, the database's pages and its log too."""
    return b"\n".join(
        path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and without not in path.relative_to(folder).parts
    )


def sqlite_of(path: Path) -> bytes:
    """The SQL text that would make the database again."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()).encode("utf-8", "surrogateescape")


def postgres_of(url: str) -> bytes:
    """Every table of our schema, as text and as the bytes that are stored."""
    heap = b""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            for form in ("text", "binary"):
                order = SQL("COPY {} TO STDOUT (FORMAT {})").format(Identifier(table), SQL(form))
                with connection.cursor().copy(order) as rows:
                    heap += b"".join(bytes(row) for row in rows)
    return heap


def redis_of(client: redis_py.Redis) -> bytes:
    """Every key with its value. (DUMP would compress what is long.)"""
    return b"\n".join(key + b"\n" + _value(client, key) for key in client.scan_iter())


def _value(client: Any, key: bytes) -> bytes:
    match client.type(key):
        case b"string":
            parts = [client.get(key)]
        case b"hash":
            parts = [part for pair in client.hgetall(key).items() for part in pair]
        case b"list":
            parts = client.lrange(key, 0, -1)
        case b"set":
            parts = list(client.smembers(key))
        case b"zset":
            parts = client.zrange(key, 0, -1)
        case b"stream":
            parts = [str(client.xrange(key)).encode()]
        case other:
            raise AssertionError(f"nobody looks into a {other!r}")
    return b"\n".join(part for part in parts if part is not None)


class Everything(logging.Handler):
    """All log records of all libraries at every level, but those of the test's own thread."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []
        self._own = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._own:
            self.lines.append(self.format(record))

    def heap(self) -> bytes:
        return "\n".join(self.lines).encode("utf-8", "surrogateescape")
