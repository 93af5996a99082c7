"""`shebaoka menu publish` against a platform over HTTP: once, with a dry run, and refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from bot.cli import app
from config.city import SHIPPED
from tests.bot.channels.wechat.platform import Platform, running
from tests.bot.commands.given import NOWHERE, give, take_away

_GET = "/cgi-bin/menu/get"
_NONE = {"errcode": 46003, "errmsg": "menu no exist"}


@pytest.fixture
def platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis: Redis, redis_url: str
) -> Iterator[Platform]:
    """With a Redis that holds no token yet."""
    with running() as server:
        server.says(_GET, _NONE)
        give(monkeypatch, tmp_path, REDIS_URL=redis_url, WECHAT_API_BASE=server.address)
        yield server


def _publish(*options: str) -> Result:
    return CliRunner().invoke(app, ["menu", "publish", *options])


def test_the_citys_menu_is_published_and_then_unchanged(platform: Platform) -> None:
    first = _publish()
    assert (first.exit_code, "published" in first.output) == (0, True), first.output
    (sent,) = [call.json for call in platform.calls if call.path == "/cgi-bin/menu/create"]
    assert sent["button"][0] == {"type": "click", "name": "办卡", "key": "apply"}
    assert sent["button"][2]["sub_button"][3]["url"] == f"{NOWHERE}/"
    platform.says(_GET, {"menu": sent})
    again = _publish()
    assert (again.exit_code, again.output.strip()) == (0, "unchanged")
    assert platform.counted()["menu/create"] == 1


def test_a_dry_run_prints_the_menu_and_the_difference(platform: Platform) -> None:
    told = _publish("--dry-run")
    assert told.exit_code == 0
    assert '"key": "progress"' in told.output
    assert '+      "key": "apply",' in told.output
    assert "not published" in told.output
    assert platform.counted()["menu/create"] == 0


def test_a_refusal_says_what_to_do(platform: Platform) -> None:
    platform.says("/cgi-bin/menu/create", {"errcode": 48001, "errmsg": "api unauthorized"})
    told = _publish()
    assert told.exit_code == 1
    assert "refused: 48001" in told.output
    assert "verify it in the console" in told.output


def test_a_city_without_a_menu_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: Platform, redis_url: str
) -> None:
    text = SHIPPED.read_text("utf-8")
    city = tmp_path / "city.toml"
    city.write_text(text[: text.index("[[menu]]")] + text[text.index("[calendar]") :], "utf-8")
    give(monkeypatch, tmp_path, CITY=str(city), REDIS_URL=redis_url)
    told = _publish()
    assert (told.exit_code, "no [[menu]]" in told.output) == (2, True)
    assert platform.calls == []


def test_a_button_that_nobody_answers_is_not_published(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: Platform, redis_url: str
) -> None:
    city = tmp_path / "city.toml"
    text = SHIPPED.read_text("utf-8").replace('key = "pickup"', 'key = "pick_up"')
    city.write_text(text, "utf-8")
    give(monkeypatch, tmp_path, CITY=str(city), REDIS_URL=redis_url)
    told = _publish()
    assert (told.exit_code, "nobody answers the key pick_up" in told.output) == (2, True)
    assert platform.calls == []


def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    take_away(monkeypatch)
    monkeypatch.setenv("SHEBAOKA_DATA_DIR", str(tmp_path))
    told = _publish()
    assert told.exit_code == 2
    for name in ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "PUBLIC_URL"):
        assert f"SHEBAOKA_{name}: missing" in told.output


def test_without_redis_the_menu_is_published_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: Platform
) -> None:
    give(monkeypatch, tmp_path, WECHAT_API_BASE=platform.address)
    told = _publish()
    assert told.exit_code == 0, told.output
    assert platform.counted()["menu/create"] == 1
