"""The commands that take lines: `understand`, and `chat` against a simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.lines import LineFault, read_line
from bot.commands.simulator import simulator_config
from bot.demo.keys import drawn_app_key
from bot.simulator.server import start
from config.settings import load_settings
from tests.bot.commands.given import give, take_away

ROOT = Path(__file__).parents[3]


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


def test_the_simulator_names_what_is_wrong_with_the_city(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "city.toml"
    broken.write_text('name = "云州市"\n', "utf-8")
    monkeypatch.setenv("SHEBAOKA_CITY", str(broken))
    result = CliRunner().invoke(app, ["simulator"])
    assert result.exit_code == 2
    assert "city.toml has" in result.output


def test_a_chat_in_the_terminal_is_a_dialogue_and_nothing_else(tmp_path: Path) -> None:
    """Without settings, as a process: what it logs or leaves behind at its end would be seen."""
    said = "你好\n/photo nosuch\n/photo chen_guoqiang_front\n办卡\n"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAOKA_")}
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "bot.cli", "chat"],
        input=said,
        capture_output=True,
        text=True,
        timeout=90,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert "社保卡小助手" in ran.stdout
    assert "[no such file: nosuch]" in ran.stdout
    assert "请回复“同意”" in ran.stdout


def test_pictures_places_and_voices_are_sent_over_a_simulator_too() -> None:
    simulator = start(replace(simulator_config(load_settings()), delivery_seconds=0.2))
    lines = "/photo chen_guoqiang_front\n/photo nosuch\n/place 云州市城东区人民路1号\n/voice 办卡\n"
    try:
        result = CliRunner().invoke(app, ["chat", "--url", simulator.url], input=lines)
        address = f"{simulator.url}/simulator/api/wechat/users/terminal/messages"
        kept = requests.get(address, timeout=10).json()["messages"]
    finally:
        simulator.stop()
    assert result.exit_code == 0, result.output
    assert "[no such file: nosuch]" in result.output
    sent = [(m["kind"], m["text"]) for m in kept if m["from"] == "user" and m["kind"] != "event"]
    assert sent == [
        ("image", "chen_guoqiang_front.jpg"),
        ("location", "云州市城东区人民路1号"),
        ("voice", "办卡"),
    ]


def test_one_talks_in_alipay_too(tmp_path: Path) -> None:
    settings = load_settings().model_copy(
        update={"alipay_app_id": "2021000000000001", "alipay_private_key": drawn_app_key(tmp_path)}
    )
    simulator = start(replace(simulator_config(settings), delivery_seconds=0.2))
    words = ["chat", "--url", simulator.url, "--channel", "alipay"]
    try:
        result = CliRunner().invoke(app, words, input="进度\n")
        address = f"{simulator.url}/simulator/api/alipay/users/terminal/messages"
        kept = requests.get(address, timeout=10).json()["messages"]
    finally:
        simulator.stop()
    assert result.exit_code == 0, result.output
    assert [m["text"] for m in kept] == ["关注了生活号", "进度"]


@pytest.mark.parametrize(
    "words", [["--channel", "alipay"], ["--url", "http://127.0.0.1:9", "--channel", "sms"]]
)
def test_a_channel_is_one_of_the_simulators(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["chat", *words], input="你好\n")
    assert result.exit_code == 2
    assert "--channel is one of wechat, wechat_mini, alipay" in result.output


def test_a_file_of_this_machine_is_a_photo_and_a_place_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "card.jpg").write_bytes(b"x")
    assert read_line(f"/photo {tmp_path / 'card.jpg'}").photo == tmp_path / "card.jpg"
    with pytest.raises(LineFault, match="no such file"):
        read_line("/photo")
    with pytest.raises(LineFault, match="no such file"):
        read_line(f"/photo {tmp_path}")
    place = read_line("/place")
    assert (place.label, place.lat) == ("云州市城东区和平路18号", 32.05)
    assert read_line("/help me").text == "/help me"
