"""One simulator with an app at Alipay for each module of tests, and a service for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
import requests

from bot.simulator.server import RunningSimulator, start
from bot.simulator.settings import SimulatorConfig
from tests.bot.simulator.alipay.service import (
    APP_ID,
    Service,
    beijing,
    config,
    keys,
    serving,
    signed,
    signed_ack,
)
from tests.bot.simulator.conftest import OFFICE_KEY, Clock, Phone
from tests.bot.simulator.webhook import AES_KEY

QUERY = "alipay.open.public.menu.query"
Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def served() -> Iterator[Service]:
    with serving(Service()) as service:
        yield service


@pytest.fixture
def service(served: Service) -> Service:
    """The service, as if nothing had been pushed to it."""
    served.answer = signed_ack
    served.pushes.clear()
    return served


@pytest.fixture(scope="module")
def moved_clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def clock(moved_clock: Clock) -> Clock:
    """The simulator's clock, at the machine's time."""
    moved_clock.now = datetime.now(UTC)
    return moved_clock


@pytest.fixture(scope="module")
def running(
    served: Service, moved_clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSimulator]:
    simulator = start(
        SimulatorConfig(
            webhook=served.url,
            app_id="wx0123456789abcdef",
            app_secret="unused",
            token="unused",
            aes_key=AES_KEY,
            office_key=OFFICE_KEY,
            folder=tmp_path_factory.mktemp("simulator"),
            clock=moved_clock,
            linger_seconds=0.0,
            delivery_seconds=3.0,
            alipay=config(),
        )
    )
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(running: RunningSimulator, service: Service, clock: Clock) -> RunningSimulator:
    """The simulator without faults, menu or anything that a script has set."""
    for address in ("faults", "alipay/account"):
        answer = requests.put(f"{running.url}/simulator/api/{address}", json={}, timeout=5)
        assert answer.ok, answer.text
    running._running.alipay[0].account.store.write("DELETE FROM facts WHERE name = 'menu'")
    return running


@pytest.fixture
def phone(simulator: RunningSimulator) -> Phone:
    """A new person's phone; the openid is a user id of 16 digits."""
    return Phone(simulator, f"2088{uuid4().int % 10**12:012d}", "alipay")


@pytest.fixture
def beijing_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The SDK tells the machine's local time; the platform wants Beijing's."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def call(simulator: RunningSimulator, clock: Clock) -> Call:
    """A call by hand, content in the body: `call(method, biz, name=value)`; None leaves out."""

    def one(
        method: str | None = QUERY,
        biz: Any = None,
        sign_with: Any = None,
        path: str = "gateway.do",
        **change: Any,
    ) -> requests.Response:
        params: dict[str, Any] = {
            "app_id": APP_ID,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": beijing(clock),
            "version": "1.0",
            **change,
        }
        content = biz if isinstance(biz, str) else json.dumps(biz or {}, ensure_ascii=False)
        params = {"biz_content": content, **{k: v for k, v in params.items() if v is not None}}
        codec = params.get("charset", "utf-8")
        raw = {name: str(value).encode(codec, "replace") for name, value in params.items()}
        text = b"&".join(k.encode() + b"=" + v for k, v in sorted(raw.items()) if v)
        raw.setdefault("sign", signed(text, sign_with or keys()[0]).encode())
        body = f"biz_content={quote_plus(raw.pop('biz_content'))}"
        query = "&".join(f"{k}={quote_plus(v)}" for k, v in raw.items())
        return requests.post(
            f"{simulator.url}/alipay/{path}?{query}",
            body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            timeout=5,
            allow_redirects=False,
        )

    return one


def node(answer: requests.Response) -> dict[str, Any]:
    """The one node of an answer."""
    found: dict[str, Any] = next(v for k, v in answer.json().items() if k.endswith("_response"))
    return found


def sub_code(answer: requests.Response) -> str:
    return str(node(answer)["sub_code"])
