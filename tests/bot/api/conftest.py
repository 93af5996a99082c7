"""One running service per test module: site, worker and simulator, with a mini program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.api.service import Service
from tests.end_to_end.walks import BACK, FRONT, picture_read_before
from tests.rig import running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Service]:
    picture_read_before(FRONT, BACK)
    with running(tmp_path_factory.mktemp("api"), redis_url, mini=True, linger=0.05) as bot:
        yield Service(bot)
