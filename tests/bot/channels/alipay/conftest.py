"""A gateway on loopback, and our client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.alipay.gateway import Gateway, gateway_of
from tests.bot.channels.alipay.answers import PATH
from tests.bot.channels.alipay.applications import application
from tests.bot.channels.wechat.platform import Platform, running


@pytest.fixture
def server() -> Iterator[Platform]:
    with running() as made:
        yield made


@pytest.fixture
def gateway(server: Platform) -> Iterator[Gateway]:
    made = gateway_of(application(), f"{server.address}{PATH}")
    yield made
    made.close()
