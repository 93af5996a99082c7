"""The site, for tests of its pages and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher

from models import passwords
from tests.bot.site import Site


@pytest.fixture
def site(tmp_path: Path, redis_url: str) -> Iterator[Site]:
    """What `shebaoka serve` serves, over an empty database."""
    made = Site(tmp_path, redis_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def quick_hashes() -> Iterator[None]:
    """Passwords are hashed as ever, in a thousandth of the time and memory."""
    with patch.object(passwords, "HASHER", PasswordHasher(1, 8, 1)):
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()
