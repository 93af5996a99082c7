"""A simulator in a thread and a webhook for it, both over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator, start
from bot.simulator.settings import SimulatorConfig
from tests.bot.simulator.webhook import AES_KEY, APP_ID, TOKEN, Webhook, listen

SECRET, OFFICE_KEY = "the-secret-of-the-tests", "the-office-key-of-the-tests"
CODE_TEXT = "【云州人社】验证码{code}，{minutes}分钟内有效。"


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Later, by a timedelta's arguments."""
        self.now += timedelta(**by)


@dataclass
class Phone:
    """One person's phone, driven by the scripts' JSON."""

    simulator: RunningSimulator
    openid: str = "o_test_user_1"

    @property
    def url(self) -> str:
        return f"{self.simulator.url}/simulator/api/wechat/users/{self.openid}/messages"

    def send(self, **message: Any) -> dict[str, Any]:
        """Send a message; the outcome as a script sees it."""
        answer = requests.post(self.url, json=message, timeout=20)
        assert answer.status_code == 200, answer.text
        outcome: dict[str, Any] = answer.json()
        return outcome

    def say(self, text: str) -> dict[str, Any]:
        """Send a text."""
        return self.send(type="text", text=text)

    def read(self) -> list[dict[str, Any]]:
        """The whole chat."""
        messages: list[dict[str, Any]] = requests.get(self.url, timeout=5).json()["messages"]
        return messages


@pytest.fixture
def clock() -> Clock:
    """The simulator's clock, at the machine's time."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def run(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., RunningSimulator]]:
    """Starts simulators: `run(webhook, **settings)`."""
    with ExitStack() as stack:

        def start_one(hook: Webhook | None = None, **settings: Any) -> RunningSimulator:
            config = SimulatorConfig(
                **{
                    "webhook": hook.url if hook else "http://127.0.0.1:9",
                    "app_id": APP_ID,
                    "app_secret": SECRET,
                    "token": TOKEN,
                    "aes_key": AES_KEY,
                    "office_key": OFFICE_KEY,
                    "folder": tmp_path / "simulator",
                    "mode": hook.mode if hook else "safe",
                    "sms_templates": {"SMS_1": CODE_TEXT},
                    "clock": clock,
                    "linger_seconds": 0.0,
                    "delivery_seconds": 0.5,
                    **settings,
                }
            )
            simulator = start(config)
            stack.callback(simulator.stop)
            return simulator

        yield start_one


@pytest.fixture(params=["safe", "compatible", "plain"])
def any_mode(request: pytest.FixtureRequest) -> Iterator[Webhook]:
    """A webhook, in each of the three modes."""
    webhook = Webhook(mode=request.param)
    stop = listen(webhook)
    yield webhook
    stop()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook in safe mode."""
    webhook = Webhook()
    stop = listen(webhook)
    yield webhook
    stop()


@pytest.fixture
def phone(run: Callable[..., RunningSimulator], webhook: Webhook) -> Phone:
    """A phone whose account is served by `webhook`."""
    return Phone(run(webhook))
