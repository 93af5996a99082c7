"""Production refuses, with all reasons at once, what must not serve residents: site and worker."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import bot.app
import config.faq
import config.locales
from bot.cli import app
from bot.commands import serve as serving
from bot.commands import worker as working
from bot.commands.simulator import simulator_config
from bot.demo.keys import FILE, drawn_keys, write_file
from bot.simulator.server import RunningSimulator, start
from config.city import SHIPPED
from config.settings import load_settings
from tests.bot.commands.given import give, take_away

BOTH = pytest.mark.parametrize("command", ["serve", "worker"])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was started, instead of starting it."""
    calls: list[Any] = []

    def serve(factory: str, *_: Any, threads: int, **__: Any) -> None:
        calls.append((factory, threads))

    monkeypatch.setattr(serving, "serve", serve)
    monkeypatch.setattr(working, "work_until_told", lambda make: calls.append("worker"))
    return calls


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunningSimulator]:
    give(monkeypatch, tmp_path)
    running = start(simulator_config(load_settings()))
    yield running
    running.stop()


def refused(command: str, started: list[Any]) -> str:
    """The sentences with which the command refused to start."""
    result = CliRunner().invoke(app, [command])
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert started == []
    return result.output


def test_real_settings_are_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any]
) -> None:
    give(monkeypatch, tmp_path)
    result = CliRunner().invoke(app, ["serve", "--threads", "6"])
    assert result.exit_code == 0, result.output
    assert started == [("bot.app:production", 6)]
    assert CliRunner().invoke(app, ["worker"]).exit_code == 0
    assert started[1:] == ["worker"]


@BOTH
def test_everything_missing_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, started: list[Any], command: str
) -> None:
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_WECHAT_TOKN", "x")
    said = refused(command, started)
    for name in ("REDIS_URL", "SECRET_KEY", "DATA_KEYS", "WECHAT_AES_KEY", "SMS_URL"):
        assert f"SHEBAOKA_{name}: missing" in said
    assert "SHEBAOKA_WECHAT_TOKEN?" in said


@BOTH
def test_the_demos_own_keys_are_refused_one_by_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any], command: str
) -> None:
    drawn = drawn_keys(tmp_path)
    give(monkeypatch, tmp_path, **{name.upper(): value for name, value in drawn.items()})
    said = refused(command, started)
    for name, value in drawn.items():
        assert f"SHEBAOKA_{name.upper()}: a key of the demo" in said
        assert value not in said


@BOTH
def test_the_demos_file_beside_it_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any], command: str
) -> None:
    write_file(tmp_path, drawn_keys(tmp_path))
    assert (tmp_path / FILE).exists()
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_DATA_DIR", str(tmp_path))
    assert "SHEBAOKA_SECRET_KEY: missing" in refused(command, started)


@BOTH
@pytest.mark.parametrize("name", ["WECHAT_API_BASE", "ALIPAY_GATEWAY", "IDENTITY_URL", "SMS_URL"])
def test_an_address_of_a_simulator_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    started: list[Any],
    simulator: RunningSimulator,
    name: str,
    command: str,
) -> None:
    give(monkeypatch, tmp_path, **{name: f"{simulator.url}/some/path"})
    said = refused(command, started)
    assert f"SHEBAOKA_{name}: is a simulator" in said
    assert said.count("is a simulator") == 1


@BOTH
def test_wrong_values_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any], command: str
) -> None:
    give(monkeypatch, tmp_path, PORT="x", INDEX_KEY="x")
    said = refused(command, started)
    assert "SHEBAOKA_PORT" in said
    assert "SHEBAOKA_INDEX_KEY" in said


@BOTH
def test_a_city_that_is_not_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any], command: str
) -> None:
    give(monkeypatch, tmp_path, CITY="/nonexist", SMS_URL="")
    said = refused(command, started)
    assert "SHEBAOKA_CITY: No such file or directory: /nonexist" in said
    assert "SHEBAOKA_SMS_URL: missing" in said


def test_a_worker_without_settings_ends_in_sentences_as_a_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take_away(monkeypatch)
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli", "worker"], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 2
    assert "SHEBAOKA_REDIS_URL: missing" in ran.stderr
    assert "Traceback" not in ran.stderr


def edited(folder: Path, edit: Callable[[str], str]) -> str:
    """The shipped city with a change, as a file: its path."""
    path = folder / "city.toml"
    path.write_text(edit(SHIPPED.read_text("utf-8")), "utf-8")
    return str(path)


def without(key: str) -> Callable[[str, Sequence[Traversable]], dict[str, str]]:
    read = config.locales._read

    def incomplete(locale: str, more: Sequence[Traversable]) -> dict[str, str]:
        texts = read(locale, more)
        if locale == "en":
            del texts[key]
        return texts

    return incomplete


def test_faults_of_city_texts_and_faq_are_told_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any]
) -> None:
    city = edited(tmp_path, lambda text: text.replace("[fees]", "[fee]", 1))
    give(monkeypatch, tmp_path, CITY=city)
    monkeypatch.setattr(config.locales, "_read", without("card.phone.ask"))
    monkeypatch.setitem(config.faq._LONGEST, "zh_CN", 20)
    said = refused("serve", started)
    assert "SHEBAOKA_CITY: fee" in said
    assert "texts: en: no text card.phone.ask" in said
    assert re.search(r"FAQ: zh_CN: \w+ has \d+ characters", said)


def test_a_citys_long_names_break_the_form_before_anybody_is_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any]
) -> None:
    long = "城东" * 120 + "支行"
    city = edited(tmp_path, lambda text: text.replace("建设银行城东支行", f"建设银行{long}", 1))
    give(monkeypatch, tmp_path, CITY=city)
    said = refused("serve", started)
    assert "form card (filled from SHEBAOKA_CITY): " in said
    assert "a prompt of" in said
    shown = CliRunner().invoke(app, ["form", "show", "card"])
    assert shown.exit_code == 2
    assert "form card (filled from SHEBAOKA_CITY): " in shown.output


def test_a_notice_without_a_wording_is_told_before_anybody_is_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any]
) -> None:
    city = edited(tmp_path, lambda text: text.replace("[sms.progress_en]", "[sms.progres_en]", 1))
    give(monkeypatch, tmp_path, CITY=city)
    said = refused("serve", started)
    assert "notices (filled from SHEBAOKA_CITY): notice.mailed: the city's profile has no" in said
    assert "sms.progress_en" in said


def test_a_form_of_a_city_that_is_not_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path, CITY="/nonexist")
    shown = CliRunner().invoke(app, ["form", "show", "card"])
    assert shown.exit_code == 2
    assert "SHEBAOKA_CITY: No such file or directory: /nonexist" in shown.output


def test_the_threads_that_serve_are_those_that_take_turns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    assert bot.app.production(6).extensions["shebaoka"].threads == 6


@BOTH
def test_a_city_whose_privacy_notice_is_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, started: list[Any], command: str
) -> None:
    profile = tmp_path / "city.toml"
    written = SHIPPED.read_text("utf-8")
    profile.write_text(written.replace('"2026-11"', '"2099-01"', 1), "utf-8")
    give(monkeypatch, tmp_path, CITY=str(profile))
    said = refused(command, started)
    assert "privacy notice: no privacy notice of the present version 2099-01" in said
