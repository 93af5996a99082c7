"""One console for a module's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.console.staffed import Staffed


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Staffed]:
    staffed = Staffed(tmp_path_factory.mktemp("console"), redis_url)
    yield staffed
    staffed.close()
