"""One console for a module's tests, and what stands before its reviewers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.staff import Role
from tests.bot.console.cases import Cases
from tests.bot.console.reviewing import EAST
from tests.bot.console.staffed import Desk, Staffed


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Staffed]:
    staffed = Staffed(tmp_path_factory.mktemp("console"), redis_url)
    yield staffed
    staffed.close()


@pytest.fixture(scope="module")
def cases(console: Staffed) -> Cases:
    return Cases(console.parts)


@pytest.fixture
def reviewer(console: Staffed) -> Desk:
    return console.desk(Role.REVIEWER, districts=(EAST,))
