"""The site of the service with a real Redis and database, for one request after another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from bot.app import create_app
from bot.assembly import Assembly
from tests.fresh_records import make_records
from tests.rig import Clock, rig_settings, sources


class Site:
    """The application, its parts, its clock, and a client without a browser."""

    def __init__(self, folder: Path, redis_url: str, **settings: Any) -> None:
        self.clock = Clock()
        given = rig_settings(folder, redis_url, f"sqlite:///{folder / 'records.db'}", **settings)
        make_records(given.database)
        self.app: Flask = create_app(given, sources(self.clock))
        self.parts: Assembly = self.app.extensions["shebaoka"]
        self.client = self.app.test_client()

    def close(self) -> None:
        self.parts.close()
