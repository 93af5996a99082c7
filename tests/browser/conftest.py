"""A browser per test module, a whole service per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from playwright.sync_api import Browser

from tests.bot.simulator.browser import chromium
from tests.rig import Bot, running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def bot(tmp_path: Path, redis: redis_py.Redis, redis_url: str) -> Iterator[Bot]:
    with running(tmp_path, redis_url) as bot:
        yield bot
