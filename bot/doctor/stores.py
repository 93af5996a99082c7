"""The database and Redis: they answer, and they keep what they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.doctor.findings import Finding
from bot.redis_client import connect_redis, node_infos
from config.settings import Settings
from models import migrations
from models.database import Database

MIGRATIONS = str(Path(migrations.__file__).parent)


def records(settings: Settings) -> Iterator[Finding]:
    """The database answers and its schema is the newest."""
    path = Path(settings.database.removeprefix("sqlite:///"))
    if not settings.database_url and not path.exists():
        yield Finding("warning", "no database yet: shebaoka db upgrade makes it")
    elif _schema(settings.database) == ScriptDirectory(MIGRATIONS).get_current_head():
        yield Finding("ok", "database up to date")
    else:
        yield Finding("fault", "database: run shebaoka db upgrade")


def _schema(address: str) -> str | None:
    """The revision of the database's schema; None when it is empty."""
    database = Database(address)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        database.dispose()


def conversations(settings: Settings) -> Iterator[Finding]:
    """Redis answers, never evicts, and keeps what it was told."""
    if not settings.redis_url:
        told = "no SHEBAOKA_REDIS_URL: the demo runs its own, serve needs one"
        yield Finding("warning", told)
        return
    client = connect_redis(settings.redis_url)
    try:
        yield from _nodes(list(node_infos(client)))
    finally:
        client.close()


def _nodes(infos: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What concerns any node is said once: one that forgets is enough."""
    policies = sorted({str(info["maxmemory_policy"]) for info in infos} - {"noeviction"})
    versions = ", ".join(sorted({str(info["redis_version"]) for info in infos}))
    where = f"Redis {versions} ({len(infos)} nodes)" if len(infos) > 1 else f"Redis {versions}"
    if policies:
        told = ", ".join(policies)
        yield Finding(
            "fault", f"{where} evicts ({told}): conversations would vanish; set noeviction"
        )
    else:
        yield Finding("ok", f"{where}, evicts nothing")
    if not all(info["aof_enabled"] for info in infos):
        told = "Redis writes no append-only file: a power cut loses conversations"
        yield Finding("warning", told, "set appendonly yes and appendfsync always")
