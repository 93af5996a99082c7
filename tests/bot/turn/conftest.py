"""The rig on SQLite, or on both databases, with every script sent twice now and then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

import models.database
from models.database import Database
from tests.bot.turn import processes
from tests.bot.turn.rig import Rig


def _rig(redis_url: str, database: Database, folder: Path) -> Rig:
    url = database.url.render_as_string(hide_password=False)
    return Rig(redis_url, url, folder)


@pytest.fixture
def rig(
    redis: redis_py.Redis, redis_url: str, sqlite_database: Database, tmp_path: Path
) -> Iterator[Rig]:
    """For what does not depend on the kind of database."""
    rig = _rig(redis_url, sqlite_database, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def rig_on_both(
    redis: redis_py.Redis, redis_url: str, database: Database, tmp_path: Path
) -> Iterator[Rig]:
    """Each test runs on SQLite and on PostgreSQL."""
    rig = _rig(redis_url, database, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For locks that will not be had, one second instead of two."""
    monkeypatch.setattr(models.database, "PATIENCE_SECONDS", 1)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """A frozen process would hold its locks, and the test run's output, for ever."""
    yield
    for child in processes.born:
        child.bury()
    processes.born.clear()
