"""A campaign over the simulator's HTTP, its worker a real process that is killed: everybody is
reached or accounted for, nobody twice. The full count is a part of `make soak`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from benchmarks.soak.push.stage import BOTH, GROUP, MINI_WORDING, STOPS, TEMPLATE, Plan, PushStage
from benchmarks.soak.push.stage import openid as openid_of
from bot.simulator.server import RunningSimulator, start
from bot.simulator.settings import MINI_ACCOUNT, MINI_PATH, AccountConfig, SimulatorConfig
from bot.simulator.wordings import account_templates
from config.city import City, load_city
from tests.fresh_records import make_records
from tests.rig import AES_KEY, APP_ID, MINI, OFFICE_KEY, SECRET, TOKEN

PLAN = Plan(people=240, rate=120, kills=2, flushes=1, seconds=150)
ERRORS = {"delay_ms": 50, "mix": {"-1": 0.01, "43004": 0.005, "http_500": 0.005}, "seed": 7}


def config(folder: Path, city: City) -> SimulatorConfig:
    mini = AccountConfig(
        "mini", MINI_PATH, MINI_ACCOUNT, **MINI, templates=account_templates(city, "mini")
    )
    (folder / "simulator").mkdir()
    return SimulatorConfig(
        webhook="http://127.0.0.1:1",
        app_id=APP_ID,
        app_secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        office_key=OFFICE_KEY,
        folder=folder / "simulator",
        templates=account_templates(city, "official"),
        mini=mini,
    )


@contextmanager
def simulated(folder: Path, city: City) -> Iterator[RunningSimulator]:
    simulator = start(config(folder, city))
    official, mini = (platform.account for platform in simulator._running.platforms)
    for number in range(PLAN.people):
        group = number % GROUP
        if group in TEMPLATE or group in BOTH or group == STOPS:
            official.chats.set_following(openid_of(number), True)
        mini.chats.set_following(openid_of(number), True)
        mini.credits.add(openid_of(number), MINI_WORDING)
    try:
        yield simulator
    finally:
        simulator.stop()


def test_everybody_is_reached_once_or_accounted_for_though_workers_die(
    tmp_path: Path, redis_url: str, redis: object
) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    make_records(url)
    stage = PushStage(PLAN, tmp_path, url, redis_url, "", lambda: 0)
    with simulated(tmp_path, load_city(stage.city)) as simulator:
        stage.platform = simulator.url
        api = f"{simulator.url}/simulator/api"
        faults = {"wechat": ERRORS, "wechat_mini": ERRORS}
        requests.put(f"{api}/faults", json=faults, timeout=5).raise_for_status()
        try:
            stage.fill()
            stage.play()
            sends = {
                name: requests.get(f"{api}/{name}/sends?people=1", timeout=5).json()
                for name in ("wechat", "wechat_mini")
            }
            got = {
                who: sum(each["by_person"].get(who, 0) for each in sends.values())
                for each in sends.values()
                for who in each["by_person"]
            }
            fullest = {name: each["most_in_a_second"] for name, each in sends.items()}
            told = stage.audit(got, 0, fullest)
        finally:
            stage.close()
    assert told["findings"] == []
    assert len(told["marked at the kills"]) == PLAN.kills
    assert told["ends"]["sent wechat:template"] > 100
    assert told["unknown"] <= sum(told["marked at the kills"])
