"""`shebaoka doctor`: whether everything this service stands on is there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from rich.console import Console
from rich.markup import escape

from bot.commands.settings import local_settings
from bot.redis_client import connect_redis, node_infos
from config.settings import Settings, production_faults
from models import migrations
from models.database import Database

MIGRATIONS = str(Path(migrations.__file__).parent)

OK, WARNING, FAULT = "[green]✓[/]", "[yellow]![/]", "[red]✗[/]"
Finding = tuple[str, str]
Check = Callable[[Settings], Iterator[Finding]]


def run() -> int:
    """Print a line for everything checked. Exit status 1 when something does not work."""
    settings = local_settings()
    console = Console(highlight=False, soft_wrap=True)
    faults = 0
    for check in (python, content, records, conversations, reader, production):
        for mark, sentence in _safely(check, settings):
            faults += mark == FAULT
            console.print(mark, escape(sentence))
    return 1 if faults else 0


def _safely(check: Check, settings: Settings) -> list[Finding]:
    try:
        return list(check(settings))
    except Exception as fault:  # whatever breaks is what a doctor reports
        return [(FAULT, f"{check.__name__}: {type(fault).__name__}")]


def python(settings: Settings) -> Iterator[Finding]:
    """The interpreter."""
    yield OK, f"Python {sys.version.split()[0]}"


def content(settings: Settings) -> Iterator[Finding]:
    """The city's profile, its texts, its FAQ and the forms fit each other."""
    from bot.commands.content import examine

    for part in examine(settings):
        for fault in part.faults:
            yield FAULT, fault
        if not part.faults:
            yield OK, part.found


def records(settings: Settings) -> Iterator[Finding]:
    """The database answers and its schema is the newest."""
    path = Path(settings.database.removeprefix("sqlite:///"))
    if not settings.database_url and not path.exists():
        yield WARNING, "no database yet: shebaoka db upgrade makes it"
        return
    newest = _schema(settings.database) == ScriptDirectory(MIGRATIONS).get_current_head()
    yield (OK, "database up to date") if newest else (FAULT, "database: run shebaoka db upgrade")


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
        yield WARNING, "no SHEBAOKA_REDIS_URL: the demo runs its own, serve needs one"
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
        yield FAULT, f"{where} evicts ({told}): conversations would vanish; set noeviction"
    else:
        yield OK, f"{where}, evicts nothing"
    if not all(info["aof_enabled"] for info in infos):
        yield WARNING, "Redis writes no append-only file: a power cut loses conversations"


def reader(settings: Settings) -> Iterator[Finding]:
    """The extra that reads ID photos."""
    if find_spec("rapidocr"):
        yield OK, "ID photos are read on this machine"
    else:
        yield WARNING, "extra `ocr` is not installed: people type what their ID card says"


def production(settings: Settings) -> Iterator[Finding]:
    """What `serve` would refuse. No fault of a machine that only runs the demo."""
    for fault in production_faults(settings):
        yield WARNING, f"serve would refuse: {fault}"
