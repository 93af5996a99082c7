"""One simulator with a province and a bank for a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.card_making.city import City
from tests.rig_making import the_makers


@dataclass
class Making:
    """The scripts' side."""

    url: str

    def days(self, days: int = 1) -> None:
        self.set("days", "post", days=days)

    def set(self, path: str, method: str = "put", **asked: Any) -> requests.Response:
        answer = requests.request(
            method, f"{self.url}/simulator/api/{path}", json=asked, timeout=20
        )
        assert answer.ok, answer.text
        return answer

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{self.url}/simulator/api/cards", timeout=10).json()
        return told

    def card(self, number: int = 1) -> dict[str, Any]:
        """The last work for an application."""
        cards: list[dict[str, Any]] = self.told()["cards"]
        return [card for card in cards if card["application"] == f"{number:032x}"][-1]


@pytest.fixture
def simulator(run: Callable[..., RunningSimulator]) -> RunningSimulator:
    return run(card_making=the_makers())


@pytest.fixture
def city(simulator: RunningSimulator) -> City:
    return City(simulator.url)


@pytest.fixture
def making(simulator: RunningSimulator) -> Making:
    return Making(simulator.url)
