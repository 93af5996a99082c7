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
from bot.simulator.settings import MINI_ACCOUNT, MINI_PATH, AccountConfig, SimulatorConfig
from bot.simulator.templates import Template
from tests.bot.simulator.account import SECRET, Account
from tests.bot.simulator.webhook import (
    AES_KEY,
    APP_ID,
    MINI_AES_KEY,
    MINI_APP_ID,
    MINI_TOKEN,
    TOKEN,
    Webhook,
    listen,
)

OFFICE_KEY = "the-office-key-of-the-tests"
MINI_SECRET = "the-mini-secret-of-the-tests"
FIELDS = (("character_string1", "受理编号"), ("thing2", "进度"), ("phrase3", "状态"))
TEMPLATES = (
    Template("T-PROGRESS", "社保卡办理进度通知", FIELDS),
    Template("S-PROGRESS", "社保卡办理进度通知", FIELDS, "subscription"),
    Template("S-READY", "领卡通知", FIELDS[:2], "subscription"),
)


def mini_config(**change: Any) -> AccountConfig:
    """The mini program of the tests."""
    given: dict[str, Any] = {
        "sort": "mini",
        "path": MINI_PATH,
        "account": MINI_ACCOUNT,
        "app_id": MINI_APP_ID,
        "app_secret": MINI_SECRET,
        "token": MINI_TOKEN,
        "aes_key": MINI_AES_KEY,
        "templates": (Template("M-PROGRESS", "办理进度", FIELDS, "subscription"),),
    }
    return AccountConfig(**{**given, **change})


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
    account: str = "wechat"

    @property
    def api(self) -> str:
        """The scripts' address of the account."""
        return f"{self.simulator.url}/simulator/api/{self.account}"

    @property
    def url(self) -> str:
        return f"{self.api}/users/{self.openid}/messages"

    def event(self, event: str, **more: Any) -> dict[str, Any]:
        """Have the platform tell of something."""
        return self.send(type="event", event=event, **more)

    def change(self, **state: Any) -> None:
        """Change what the account may do."""
        answer = requests.put(f"{self.api}/account", json=state, timeout=5)
        assert answer.status_code == 200, answer.text

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
                    "templates": TEMPLATES,
                    "mini": mini_config(mode=hook.mode if hook else "safe"),
                    "sms_templates": {"SMS_1": CODE_TEXT},
                    "clock": clock,
                    "linger_seconds": 0.0,
                    "delivery_seconds": 3.0,
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


@pytest.fixture
def account(phone: Phone) -> Account:
    """The official account, with a token."""
    account = Account(phone.simulator.url)
    account.renew()
    return account


@pytest.fixture
def mini(phone: Phone) -> Account:
    """The mini program, with a token."""
    account = Account(phone.simulator.url, app_id=MINI_APP_ID, secret=MINI_SECRET)
    account.renew()
    return account


@pytest.fixture
def mini_phone(phone: Phone) -> Phone:
    """A phone in the mini program's chat."""
    return Phone(phone.simulator, "o_mini_user_1", "wechat_mini")
