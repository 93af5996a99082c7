"""The demo's clock, which everything of the demo shares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.simulator import simulator_config
from bot.demo.clock import FILE, DemoClock
from bot.demo.sources import demo_sources
from tests.rig import rig_settings

DAY = timedelta(days=1)


def ahead(now: datetime) -> timedelta:
    return now - datetime.now(UTC)


def test_a_day_at_the_simulator_is_a_day_for_site_and_worker_and_after_a_restart(
    tmp_path: Path,
) -> None:
    settings = rig_settings(tmp_path, "redis://x", f"sqlite:///{tmp_path}/records.db")
    simulator, service = simulator_config(settings), demo_sources(settings)
    assert simulator.pass_time is not None
    for days in (1, 2):
        simulator.pass_time(DAY)
        for clock in (simulator.clock, service.clock, DemoClock(tmp_path)):
            assert abs(ahead(clock()) - days * DAY) < timedelta(seconds=5)


@pytest.mark.parametrize("written", ["", "soon", "-86400", "nan", "1e300"])
def test_a_shift_that_cannot_be_is_none_or_the_longest(tmp_path: Path, written: str) -> None:
    (tmp_path / FILE).write_text(written)
    assert timedelta(0) <= DemoClock(tmp_path).shift <= timedelta(days=3650)


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path)
    clock.pass_time(DAY)
    clock.pass_time(-DAY)
    assert clock.shift == DAY
