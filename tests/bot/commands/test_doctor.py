"""`shebaoka doctor`: a plain sentence and a remedy for each thing that may be wrong outside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.bot.channels.wechat.platform import Platform, hang_up, page
from tests.bot.commands.given import give, take_away
from tests.bot.commands.healthy import dated, world
from tests.fresh_records import make_records

_TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis: Redis, redis_url: str
) -> Iterator[Platform]:
    """With a Redis that holds no token yet."""
    with world() as made:
        give(
            monkeypatch,
            tmp_path,
            REDIS_URL=redis_url,
            PUBLIC_URL=made.address,
            WECHAT_API_BASE=made.address,
        )
        make_records(f"sqlite:///{tmp_path / 'shebaoka.db'}")
        yield made


def _looked() -> Result:
    return CliRunner().invoke(app, ["doctor"])


def test_where_nothing_is_wrong_the_doctor_says_so(platform: Platform) -> None:
    told = _looked()
    assert told.exit_code == 0, told.output
    for sentence in (
        "access token obtained, for 120 minutes",
        "our clock agrees",
        "this machine may call",
        "answers the platform's echo",
        "database up to date",
    ):
        assert sentence in told.output
    assert "✗" not in told.output


@pytest.mark.parametrize(
    ("path", "answer", "sentence", "remedy"),
    [
        (_TOKEN, {"errcode": 40125}, "no access token: 40125", "draw a new AppSecret"),
        (_TOKEN, {"errcode": 40013}, "no access token: 40013", "compare the AppID"),
        (_TOKEN, {"errcode": 40243}, "no access token: 40243", "unfreeze"),
        (_TOKEN, {"errcode": 89503}, "no access token: 89503", "administrator must confirm"),
        (
            _TOKEN,
            {"errcode": 40164, "errmsg": "invalid ip 192.0.2.9 ipv6 ::1, not in whitelist"},
            "invalid ip 192.0.2.9",
            "to the IP list",
        ),
        (_TOKEN, page, "no access token: not an answer", "reaches the API's address"),
        (_TOKEN, hang_up, "no access token", "reaches the API's address"),
        (
            "/cgi-bin/getcallbackip",
            {"errcode": 48001},
            "no list of addresses: 48001",
            "verify it in the console",
        ),
        ("/wechat", page, "answers 200 and not the echo", "let the proxy pass"),
        ("/wechat", hang_up, "ConnectionError", "start `shebaoka serve`"),
        (
            _TOKEN,
            dated(time.time() - 600, access_token="token-1", expires_in=7200),
            "seconds ahead of the platform's",
            "NTP",
        ),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(
    platform: Platform, path: str, answer: Any, sentence: str, remedy: str
) -> None:
    platform.tokens = 1
    platform.says(path, answer)
    told = _looked()
    assert told.exit_code == 1, told.output
    assert sentence in told.output
    assert remedy in told.output
    assert "secret" not in told.output.replace("AppSecret", "")


def test_looking_changes_nothing_at_the_platform(platform: Platform) -> None:
    _looked()
    forced = [call.json["force_refresh"] for call in platform.calls if call.path == _TOKEN]
    assert set(forced) == {False}
    paths = {call.path for call in platform.calls}
    assert not paths & {"/cgi-bin/menu/create", "/cgi-bin/message/custom/send"}


def test_what_is_not_set_is_a_warning_and_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_DATA_DIR", str(tmp_path))
    told = _looked()
    assert told.exit_code == 0, told.output
    assert "SHEBAOKA_WECHAT_APP_ID" in told.output
    assert "wechat is not looked at" in told.output
    assert "SHEBAOKA_PUBLIC_URL: missing" in told.output


def test_the_mini_program_is_looked_at_where_there_is_one(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "APP_ID": "wx9999999999999999",
        "APP_SECRET": "mini-secret",
        "TOKEN": "token123",
        "API_BASE": platform.address,
    }.items():
        monkeypatch.setenv(f"SHEBAOKA_WECHAT_MINI_{name}", value)
    told = _looked()
    assert "wechat_mini: access token obtained" in told.output
    assert "/wechat/mini answers 200 and not the echo" in told.output
    assert told.exit_code == 1, "this site has no webhook for it"
