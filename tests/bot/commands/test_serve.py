"""Production refuses, with all reasons at once, what must not serve residents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands import serve as serving
from bot.commands.simulator import simulator_config
from bot.demo.keys import FILE, drawn_keys, write_file
from bot.simulator.server import RunningSimulator, start
from config.settings import load_settings
from tests.bot.commands.given import give, take_away


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was served, instead of serving it."""
    calls: list[str] = []
    monkeypatch.setattr(serving, "serve", lambda factory, *_, **__: calls.append(factory))
    return calls


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunningSimulator]:
    give(monkeypatch, tmp_path)
    running = start(simulator_config(load_settings()))
    yield running
    running.stop()


def test_real_settings_are_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[str]
) -> None:
    give(monkeypatch, tmp_path)
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 0, result.output
    assert started == ["bot.app:production"]


def test_everything_missing_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, started: list[str]
) -> None:
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_WECHAT_TOKN", "x")
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    for name in ("REDIS_URL", "SECRET_KEY", "DATA_KEYS", "WECHAT_AES_KEY", "SMS_URL"):
        assert f"SHEBAOKA_{name}: missing" in result.output
    assert "SHEBAOKA_WECHAT_TOKEN?" in result.output
    assert started == []


def test_the_demos_own_keys_are_refused_one_by_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[str]
) -> None:
    drawn = drawn_keys(tmp_path)
    give(monkeypatch, tmp_path, **{name.upper(): value for name, value in drawn.items()})
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    for name, value in drawn.items():
        assert f"SHEBAOKA_{name.upper()}: a key of the demo" in result.output
        assert value not in result.output
    assert started == []


def test_the_demos_file_beside_it_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[str]
) -> None:
    write_file(tmp_path, drawn_keys(tmp_path))
    assert (tmp_path / FILE).exists()
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["serve"])
    assert "SHEBAOKA_SECRET_KEY: missing" in result.output


@pytest.mark.parametrize("name", ["WECHAT_API_BASE", "IDENTITY_URL", "SMS_URL"])
def test_an_address_of_a_simulator_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    started: list[str],
    simulator: RunningSimulator,
    name: str,
) -> None:
    give(monkeypatch, tmp_path, **{name: f"{simulator.url}/some/path"})
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert f"SHEBAOKA_{name}: is a simulator" in result.output
    assert result.output.count("is a simulator") == 1
    assert started == []


def test_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give(monkeypatch, tmp_path, PORT="x", INDEX_KEY="x")
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "SHEBAOKA_PORT" in result.output
    assert "SHEBAOKA_INDEX_KEY" in result.output
