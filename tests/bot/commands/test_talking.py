"""The commands that take lines: `understand`, and `chat` against a simulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.simulator import simulator_config
from bot.simulator.server import start
from config.settings import load_settings
from tests.bot.commands.given import give, take_away


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give(monkeypatch, tmp_path, PORT="9")


def test_each_line_is_understood_on_a_line() -> None:
    result = CliRunner().invoke(app, ["understand"], input="我要办社保卡\n\n进度\n")
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    intents = [line.split("\t")[0] for line in lines]
    assert intents[1] == "other"
    assert all(0 <= float(line.split("\t")[1]) <= 1 for line in lines)
    assert "other" not in (intents[0], intents[2])


def test_a_chat_over_the_simulator_shows_what_the_phone_would() -> None:
    """Nobody answers at the webhook, so the phone shows the platform's own fault."""
    simulator = start(replace(simulator_config(load_settings()), delivery_seconds=0.2))
    try:
        result = CliRunner().invoke(app, ["chat", "--url", simulator.url], input="你好\n")
    finally:
        simulator.stop()
    assert result.exit_code == 0, result.output
    assert "该公众号提供的服务出现故障" in result.stdout


def test_a_chat_without_a_simulator_says_so() -> None:
    result = CliRunner().invoke(app, ["chat", "--url", "http://127.0.0.1:9"], input="你好\n")
    assert result.exit_code == 2
    assert "does not answer" in result.output


def test_the_simulator_names_what_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["simulator"])
    assert result.exit_code == 2
    assert "SHEBAOKA_WECHAT_TOKEN: missing" in result.output
