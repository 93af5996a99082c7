"""A chat for the tests of conversations."""

from __future__ import annotations

from datetime import datetime

import pytest

from models.database import Database
from tests.handlers.chat import Chat


@pytest.fixture
def chat(sqlite_database: Database) -> Chat:
    """Somebody who has never written before."""
    return Chat(sqlite_database)


@pytest.fixture
def evening(chat: Chat) -> None:
    """A Friday three weeks after an application came back."""
    chat.now = datetime(2026, 12, 18, 19, 40, tzinfo=chat.city.tz)
