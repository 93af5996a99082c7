"""What a demo is made of: given settings win, keys are drawn once, files are ours alone."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.commands.simulator_alipay import alipay_config
from bot.demo.keys import FILE, drawn_keys, write_file
from bot.demo.plan import free_port, is_free, make_plan
from bot.simulator.alipay import rsa
from config.city import load_city
from config.settings import Settings, load_settings, production_faults
from tests.bot.commands.given import take_away


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch)


def test_keys_are_random_and_outlive_the_run(tmp_path: Path) -> None:
    first, other = drawn_keys(tmp_path), drawn_keys(tmp_path)
    assert all(first[name] != other[name] for name in first)
    write_file(tmp_path, first)
    assert drawn_keys(tmp_path) == first


def test_the_file_is_ours_alone_and_holds_usable_settings(tmp_path: Path) -> None:
    plan = make_plan(Settings(port=8123), tmp_path, tmp_path / "sockets")
    write_file(tmp_path, plan.public)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    settings = load_settings(tmp_path / FILE)
    assert settings.port == 8123
    assert settings.identity_url == f"{plan.simulator_url}/offices/identity"
    assert not [fault for fault in production_faults(settings) if "missing" in fault]


def test_the_demos_app_at_alipay_outlives_the_run_and_knows_the_platforms_key(
    tmp_path: Path,
) -> None:
    plan = make_plan(Settings(port=8123), tmp_path, tmp_path / "sockets")
    write_file(tmp_path, plan.public)
    settings = load_settings(tmp_path / FILE)
    assert settings.has_alipay
    assert settings.alipay_gateway == f"{plan.simulator_url}/alipay/gateway.do"
    folder = tmp_path / "simulator"
    other_end = alipay_config(settings, load_city(), folder, "alipay")
    assert other_end
    assert rsa.bare(other_end.platform_key.public_key()) == settings.alipay_public_key
    assert (folder / "alipay_platform.pem").stat().st_mode & 0o777 == 0o600
    again = make_plan(Settings(port=8123), tmp_path, tmp_path / "sockets")
    assert again.values["alipay_private_key"] == settings.alipay_private_key
    assert [fault for fault in production_faults(settings) if "ALIPAY_APP_ID" in fault]


def test_a_given_setting_wins_over_a_drawn_key_and_an_own_address(tmp_path: Path) -> None:
    given = Settings(wechat_token="mytoken", wechat_api_base="http://platform.example")
    plan = make_plan(given, tmp_path, tmp_path)
    assert "wechat_token" not in plan.values
    assert "wechat_api_base" not in plan.values
    assert plan.values["sms_url"].startswith(plan.simulator_url)


def test_a_given_key_is_not_written_into_the_demos_file(tmp_path: Path) -> None:
    write_file(tmp_path, make_plan(Settings(wechat_token="mytoken"), tmp_path, tmp_path).public)
    assert "mytoken" not in (tmp_path / FILE).read_text("utf-8")


def test_without_ports_the_two_known_ones_are_used(tmp_path: Path) -> None:
    plan = make_plan(Settings(), tmp_path, tmp_path)
    assert (plan.port, plan.simulator_port) == (8000, 8001)


def test_with_only_the_services_port_the_simulator_takes_a_free_one(tmp_path: Path) -> None:
    plan = make_plan(Settings(port=8123), tmp_path, tmp_path)
    assert plan.simulator_port not in {8001, 8123, 0}
    assert is_free("127.0.0.1", plan.simulator_port)


def test_the_simulator_stays_on_this_machine_without_a_token(tmp_path: Path) -> None:
    plan = make_plan(Settings(host="0.0.0.0"), tmp_path, tmp_path)  # noqa: S104
    assert plan.simulator_url == "http://127.0.0.1:8001"
    assert plan.url == "http://127.0.0.1:8000"


def test_no_child_is_a_command_that_refuses_the_demos_keys(tmp_path: Path) -> None:
    programs = {
        part.name: part.program[3:] for part in make_plan(Settings(), tmp_path, tmp_path).parts()
    }
    assert programs["web"] == ["bot.demo.web"]
    assert programs["worker"] == ["bot.demo.worker"]


def test_a_port_somebody_listens_at_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free("127.0.0.1", taken.getsockname()[1])
    assert is_free("127.0.0.1", free_port("127.0.0.1"))
