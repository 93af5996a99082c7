"""`shebaoka db upgrade`."""

from __future__ import annotations

from bot.commands.settings import local_settings
from models.database import Database


def run() -> int:
    """Bring the schema up to date."""
    settings = local_settings()
    if not settings.database_url:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database)
    database.upgrade()
    database.dispose()
    return 0
