"""The site, for tests of its pages and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.site import Site


@pytest.fixture
def site(tmp_path: Path, redis_url: str) -> Iterator[Site]:
    """What `shebaoka serve` serves, over an empty database."""
    made = Site(tmp_path, redis_url)
    yield made
    made.close()
