"""The real demo on a Redis and a PostgreSQL that were given to it: up in time, gone in order."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import redis as redis_py
from sqlalchemy import select

from models.consents import Consent
from models.database import Database
from tests.bot.demo.lasting_player import player_of
from tests.bot.demo.running import RunningDemo, get
from tests.end_to_end.platform_api import PlatformApi

COMMAND = (str(Path(sys.executable).parent / "shebaoka"), "demo")
SECONDS = 8.0  # from the command to the site and the simulator's page, once installed


def consents(url: str) -> list[str]:
    database = Database(url)
    with database.reading() as records:
        kinds = list(records.scalars(select(Consent.kind)))
    database.dispose()
    return kinds


def pages_answer(demo: RunningDemo) -> bool:
    simulator = f"http://127.0.0.1:{demo.simulator_port}/"
    return bool(get(f"{demo.url}/readyz")) and bool(get(simulator))


def test_what_was_given_is_used_and_left_alone(
    tmp_path: Path, redis: redis_py.Redis, redis_url: str, postgres_url: str
) -> None:
    api = PlatformApi()
    given = {"REDIS_URL": redis_url, "DATABASE_URL": postgres_url, "WECHAT_API_BASE": api.url}
    demo = RunningDemo(tmp_path, COMMAND, **given)
    try:
        assert demo.in_time(SECONDS, lambda: pages_answer(demo)), demo.logs()
        player = player_of(demo, api, "oGiven0000000000000000000001")
        player.say("办卡")
        assert "第2步/共6步" in player.say("同意")
        assert consents(postgres_url) == ["general"]
        assert any(b"oGiven" in key for key in redis.scan_iter())
        assert not (tmp_path / "shebaoka.db").exists()
        assert not any("redis-server" in line for line in demo.family().values())
        os.killpg(demo.process.pid, signal.SIGINT)
        assert "stopped" in demo.output()
        assert demo.in_time(2, lambda: demo.family() == {}), demo.family()
        assert redis.ping() and consents(postgres_url) == ["general"]
    finally:
        demo.close()
        api.close()
