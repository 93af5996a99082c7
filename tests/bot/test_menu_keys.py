"""Every button of the shipped menu is acted on by the bot; a key that nobody answers is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.content import content_faults
from bot.dialogue.messages import AccountKey, Kind, Update
from config.city import SHIPPED, load_city
from config.city_menu import menu_keys
from config.settings import load_settings
from tests.bot.commands.given import give
from tests.bot.site import Site


def _clicked(site: Site, key: str) -> str:
    account = AccountKey("wechat", "wx1", f"clicked-{key}")
    at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    reply = site.parts.turns.take(
        Update(id=f"e-{key}", account=account, kind=Kind.CLICK, at=at, key=key)
    )
    assert reply is not None
    return reply.plain()


@pytest.mark.parametrize("key", menu_keys(load_city().menu))
def test_a_button_is_acted_on(site: Site, key: str) -> None:
    assert _clicked(site, key) != _clicked(site, "no-such-intent")


def test_a_key_that_nobody_answers_keeps_the_service_from_starting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    assert content_faults(load_settings()) == []
    city = tmp_path / "city.toml"
    text = SHIPPED.read_text("utf-8").replace('key = "pickup"', 'key = "pick_up"')
    city.write_text(text, "utf-8")
    give(monkeypatch, tmp_path, CITY=str(city))
    assert content_faults(load_settings()) == ["menu: nobody answers the key pick_up"]
