"""What pushes need done by the clock."""

from __future__ import annotations

from datetime import timedelta

from bot.work.housekeeping import Chore
from models.births import fill_birth_years
from models.database import Database
from models.sealing import Keyring


def birth_years(database: Database, keys: Keyring) -> Chore:
    """The chore that writes years of birth beside older identity numbers."""
    return Chore("birth years", timedelta(days=1), lambda now: fill_birth_years(database, keys))
