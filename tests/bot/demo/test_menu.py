"""The demo publishes the city's menu at its own simulator, and at nobody else's platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from bot.commands.simulator import simulator_config
from bot.demo.keys import drawn_app_key
from bot.demo.menu import is_simulated, publish_soon
from bot.simulator.alipay.keys import platform_public_key
from bot.simulator.server import RunningSimulator, start
from config.city import load_city
from config.settings import Settings
from tests.bot.commands.given import take_away
from tests.bot.simulator.patience import eventually
from tests.rig import rig_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch)


def database(folder: Path) -> str:
    """Named, never opened."""
    return f"sqlite:///{folder / 'records.db'}"


@pytest.fixture
def simulator(tmp_path: Path, redis_url: str) -> Iterator[RunningSimulator]:
    running = start(simulator_config(rig_settings(tmp_path, redis_url, database(tmp_path))))
    yield running
    running.stop()


def menu(simulator: RunningSimulator, account: str = "wechat") -> list[Any]:
    url = f"{simulator.url}/simulator/api/{account}/menu"
    buttons: list[Any] = requests.get(url, timeout=5).json()["button"]
    return buttons


def settings_for(simulator: RunningSimulator, folder: Path, redis_url: str) -> Settings:
    port = urlsplit(simulator.url).port
    address = {"wechat_api_base": simulator.url, "simulator_port": port}
    return rig_settings(folder, redis_url, database(folder), **address)


def test_the_menu_of_the_city_appears_on_the_phone(
    simulator: RunningSimulator, tmp_path: Path, redis_url: str
) -> None:
    assert menu(simulator) == []
    publish_soon(settings_for(simulator, tmp_path, redis_url))
    shown = eventually(lambda: menu(simulator))
    assert [button["name"] for button in shown] == [item.name for item in load_city().menu]


def test_it_appears_in_the_life_account_too(tmp_path: Path, redis_url: str) -> None:
    keys = {
        "alipay_app_id": "2021000000000001",
        "alipay_private_key": drawn_app_key(tmp_path),
        "alipay_public_key": platform_public_key(tmp_path / "simulator"),
    }
    settings = rig_settings(tmp_path, redis_url, database(tmp_path), **keys)
    simulator = start(simulator_config(settings))
    gateway = {"alipay_gateway": f"{simulator.url}/alipay/gateway.do"}
    port = urlsplit(simulator.url).port
    try:
        publish_soon(settings.model_copy(update={**gateway, "simulator_port": port}))
        shown = eventually(lambda: menu(simulator, "alipay"))
    finally:
        simulator.stop()
    assert [button["name"] for button in shown] == [item.name for item in load_city().menu]


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://127.0.0.1:8002", False),
        ("http://platform.example:8001", False),
        ("https://api.weixin.qq.com", False),
        ("https://127.0.0.1:8001", False),
    ],
)
def test_only_the_demos_own_simulator_is_meant(address: str, ours: bool) -> None:
    assert is_simulated(Settings(), address) is ours
