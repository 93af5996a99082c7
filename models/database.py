"""The SQL database: how sessions begin and end on SQLite and on PostgreSQL, and the migrations."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.orm import Session as Records
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool

from models.sqlite_line import WRITE, WritersInLine

PATIENCE_SECONDS = 2  # for a lock, a statement, a connection; a turn has 3 in all
_IDLE_MS = 30_000  # a transaction whose process froze must not hold its locks for ever
_MIGRATION_LOCK = 0x5EBA0CA
_POOL: dict[str, Any] = {"pool_size": 16, "max_overflow": 48, "pool_timeout": PATIENCE_SECONDS}

_QUIET = {"hide_parameters": True}  # an error's text names the statement, never its values


class Database:
    """One database by its URL: `sqlite:///path` (one machine only) or `postgresql://…`.

    SQLite runs in WAL with `synchronous=FULL`, and every writing session starts with BEGIN
    IMMEDIATE: upgrading a read transaction later would fail at once when somebody else writes.
    Objects stay readable after their session has ended. Statements and locks have two seconds;
    with `patient`, for maintenance over whole tables, as long as they need. Raises ValueError for
    an in-memory SQLite and for any other kind of database.
    """

    def __init__(self, url: str, *, patient: bool = False) -> None:
        self.url = _checked(make_url(url))
        self.engine = _engine(self.url, patient=patient)
        writer = self.engine.execution_options(begin=WRITE)
        reader = self.engine.execution_options(begin="BEGIN", postgresql_readonly=True)
        self._writer = sessionmaker(writer, expire_on_commit=False)
        self._reader = sessionmaker(reader, expire_on_commit=False, autoflush=False)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Records]:
        """A write transaction: committed at the end, rolled back when the block raises."""
        with self._writer.begin() as records:
            yield records

    @contextmanager
    def reading(self) -> Iterator[Records]:
        """A short read-only look at one state of the data; closed at the end, nothing is kept."""
        with self._reader() as records:
            yield records

    @contextmanager
    def on_one_connection(self) -> Iterator[OneConnection]:
        """For transactions that follow each other: what the first keeps in a temporary table is
        there in the next."""
        with self.engine.connect() as connection:
            yield OneConnection(connection)

    def begin_writing(self) -> Records:
        """A write session whose caller commits or rolls back, and closes. Begins at first use."""
        return self._writer()

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to `revision`. Safe when several processes start at once."""
        self._migrate("upgrade", revision)

    def downgrade(self, revision: str) -> None:
        """Take the schema back to `revision`; `base` empties the database."""
        self._migrate("downgrade", revision)

    def dispose(self, *, close: bool = True) -> None:
        """Close all connections. A forked child passes `close=False`: they are its parent's."""
        self.engine.dispose(close=close)

    def _migrate(self, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
        # Imported here: it takes as long as everything else of a start together.
        from alembic import command
        from alembic.config import Config

        engine = _engine(self.url, patient=True).execution_options(begin=WRITE)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with engine.begin() as connection:
                if not self.is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
                config.attributes["connection"] = connection
                getattr(command, direction)(config, revision)
        finally:
            engine.dispose()


class OneConnection:
    """Transactions on one connection, one after the other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def writing(self) -> Iterator[Records]:
        """As `Database.writing`; until the connection is given back no other thread writes."""
        with self._begun(WRITE) as records:
            yield records

    @contextmanager
    def reading(self) -> Iterator[Records]:
        """One state of the data; temporary tables may be written, and are kept at its end."""
        with self._begun("BEGIN") as records:
            yield records

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Records]:
        self._connection.execution_options(begin=begin)
        with Records(self._connection, expire_on_commit=False) as records, records.begin():
            yield records


def _checked(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:") or "memory" in str(url.query.get("mode", "")):
            raise ValueError(
                "an in-memory SQLite is not supported: several processes share the data"
            )
        return url
    if backend != "postgresql":
        raise ValueError("the database must be SQLite or PostgreSQL")
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL, *, patient: bool) -> Engine:
    """An engine; the patient one has no pool: maintenance and migrations need one connection."""
    pool: dict[str, Any] = {"poolclass": NullPool} if patient else _POOL
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool, 60 if patient else PATIENCE_SECONDS)
    options = [str(url.query.get("options", "")), "-c timezone=UTC"]
    if not patient:
        limit = PATIENCE_SECONDS * 1000
        options += [f"-c statement_timeout={limit}", f"-c lock_timeout={limit}"]
        options += [f"-c idle_in_transaction_session_timeout={_IDLE_MS}"]
    connect = {"connect_timeout": PATIENCE_SECONDS, "options": " ".join(options).strip()}
    return create_engine(url, connect_args=connect, pool_pre_ping=not patient, **_QUIET, **pool)


def _sqlite_engine(url: URL, pool: dict[str, Any], patience: int) -> Engine:
    _make_private(Path(str(url.database)))
    connect = {"timeout": patience, "isolation_level": None}
    engine = create_engine(url, connect_args=connect, **_QUIET, **pool)
    event.listen(engine, "connect", _set_pragmas)
    WritersInLine(engine, patience)
    return engine


def _make_private(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its journal files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_pragmas(connection: Any, _: object) -> None:
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _write_ahead(connection: Any) -> None:
    # A new file is switched to WAL once; of several that try at that moment all but one are
    # refused at once, busy time-out or not.
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


@contextmanager
def patience(records: Records, seconds: int) -> Iterator[None]:
    """Let the statements of the block take so long, where others have two seconds. SQLite sets no
    time to a statement: there it makes others wait, and should be short."""
    limited = records.get_bind().dialect.name == "postgresql"
    if limited:
        records.execute(text(f"SET LOCAL statement_timeout = {int(seconds) * 1000}"))
    yield
    if limited:
        records.execute(text("SET LOCAL statement_timeout TO DEFAULT"))


def one_worker_at_a_time(records: Records, chore: str) -> None:
    """Wait until no other transaction does this chore; until this one ends none begins it."""
    if records.get_bind().dialect.name == "postgresql":  # SQLite has one writer in any case
        records.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(chore, 0))))
