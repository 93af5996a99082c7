"""One site for all tests of a module: they are about visitors, who know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.site import Site
from tests.bot.website.guest import Guest


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Site]:
    """What `shebaoka serve` serves, its clock moved on by some tests."""
    made = Site(tmp_path_factory.mktemp("site"), redis_url)
    yield made
    made.close()


@pytest.fixture
def guest(site: Site) -> Guest:
    """A newcomer who looks at the first question."""
    made = Guest(site)
    made.get("/apply")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a site of a test's own keeps what it keeps."""
    return tmp_path


@pytest.fixture
def fresh_site(folder: Path, redis_url: str) -> Iterator[Site]:
    """A site that knows nobody."""
    made = Site(folder, redis_url)
    yield made
    made.close()
