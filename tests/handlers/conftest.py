"""A chat for the tests of conversations."""

from __future__ import annotations

import pytest

from models.database import Database
from tests.handlers.chat import Chat


@pytest.fixture
def chat(sqlite_database: Database) -> Chat:
    """Somebody who has never written before."""
    return Chat(sqlite_database)
