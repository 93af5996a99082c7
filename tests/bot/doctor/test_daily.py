"""The doctor's daily round: an error per fault, a figure that the site shows to the alarm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis as redis_py
from structlog.testing import capture_logs

from bot.app import create_worker
from bot.doctor.daily import DAY, FIRST, doctor_chore
from bot.doctor.findings import Check, Finding
from bot.work.housekeeping import Housekeeping
from tests.bot.commands.healthy import world
from tests.bot.site import Site
from tests.fresh_records import make_records
from tests.reading import reader
from tests.rig import Clock, rig_settings, sources

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
_FOUND = [
    Finding("ok", "well"),
    Finding("warning", "soon", "do it"),
    Finding("fault", "no token", "draw a new secret"),
    Finding("fault", "no callback", "start it"),
]


def _breaks() -> list[Finding]:
    raise RuntimeError("redis://:password@host")


def _figure(site: Site, name: str) -> str:
    lines = site.client.get("/metrics").text.splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name} "))
    return line.split()[1]


def test_each_fault_is_an_error_and_the_site_shows_how_many(
    site: Site, redis: redis_py.Redis
) -> None:
    assert _figure(site, "shebaoka_doctor_faults") == "NaN"
    checks = [Check("account", lambda: _FOUND), Check("stores", _breaks)]
    with capture_logs() as logs:
        assert doctor_chore(lambda: checks, redis).do(NOON) == 3
    told = [(line["log_level"], line["told"]) for line in logs]
    assert told == [
        ("warning", "soon"),
        ("error", "no token"),
        ("error", "no callback"),
        ("error", "stores: RuntimeError"),
    ]
    assert _figure(site, "shebaoka_doctor_faults") == "3.0"
    assert float(_figure(site, "shebaoka_doctor_at_seconds")) == NOON.timestamp()
    doctor_chore(list, redis).do(NOON)
    assert _figure(site, "shebaoka_doctor_faults") == "0.0"


def test_the_figures_are_served_without_redis_too(tmp_path: Path) -> None:
    site = Site(tmp_path, "redis://127.0.0.1:1")
    assert _figure(site, "shebaoka_doctor_faults") == "NaN"
    site.close()


def test_it_is_done_ten_minutes_after_the_start_and_then_daily(redis: redis_py.Redis) -> None:
    now, done = [NOON], []
    chore = doctor_chore(lambda: done.append(now[0]) or [], redis)  # type: ignore[func-returns-value]
    keeping = Housekeeping([chore], lambda: now[0])

    def pass_by(time: timedelta) -> None:
        now[0] += time
        if work := keeping.claim():
            work()

    for step in (FIRST - timedelta(seconds=1), timedelta(seconds=2), DAY / 2, DAY):
        pass_by(step)
    start = NOON + FIRST + timedelta(seconds=1)
    assert done == [start, start + DAY * 1.5]


@pytest.mark.parametrize("path", ["/cgi-bin/stable_token", "/wechat"])
def test_a_worker_does_it_by_itself(
    path: str, tmp_path: Path, redis: redis_py.Redis, redis_url: str
) -> None:
    with world() as platform:
        platform.says(path, {"errcode": 40125})
        clock = Clock()
        settings = rig_settings(
            tmp_path,
            redis_url,
            f"sqlite:///{tmp_path / 'records.db'}",
            public_url=platform.address,
            wechat_api_base=platform.address,
        )
        make_records(settings.database)
        worker = create_worker(settings, sources(clock), reader=reader())
        clock.shift(FIRST + timedelta(minutes=1))
        with capture_logs() as logs:
            worker.settle()
        worker.start()
        worker.stop()
    faults = [line for line in logs if line["event"] == "doctor: fault"]
    assert any("40125" in line["told"] or "/wechat" in line["told"] for line in faults)
    assert all(line["log_level"] == "error" for line in faults)
