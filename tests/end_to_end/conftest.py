"""One running service per test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.service import Service, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service"), redis_url) as running:
        yield running
