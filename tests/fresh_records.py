"""Databases with all tables and no rows: the migrations run once per test process, each database
file after that is a copy."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from models.database import Database


def make_records(url: str) -> None:
    """All tables in the database at `url`: a file that is not there yet is copied, anything else
    is upgraded as ever."""
    parts = make_url(url)
    path = Path(parts.database or "")
    if parts.get_backend_name() == "sqlite" and parts.database and not path.exists():
        path.write_bytes(_upgraded())
        return
    upgrade(url)


def upgrade(url: str) -> None:
    """Run the migrations."""
    database = Database(url)
    database.upgrade()
    database.dispose()


@cache
def _upgraded() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()
