"""The one place where everything is put together: what it offers, and what it refuses to start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pytest

import config.locales
from bot.app import create_app, forms, longest_message, retention
from bot.assembly import Assembly
from bot.dialogue.form import Form
from bot.dialogue.form_checks import MOST_CHARACTERS, FormFault
from bot.dialogue.steps import Text
from bot.simulator.app import create_simulator
from bot.simulator.settings import SimulatorConfig
from config.city import SHIPPED, CityFault
from config.locales import LocaleFault
from handlers.card.form import CARD
from models.people import bind, person_of
from models.subscriptions import leave
from tests.bot.channels.wechat.caller import MINI
from tests.bot.site import Site
from tests.models.making import make_person
from tests.rig import AES_KEY, APP_ID, OFFICE_KEY, SECRET, TOKEN, rig_settings

ROUTES = {
    "GET /",
    "GET /account",
    "GET /apply",
    "GET /apply/picture/<key>",
    "GET /check",
    "GET /healthz",
    "GET /looks",
    "GET /metrics",
    "GET /notices",
    "GET /photos",
    "GET /picture/<token>",
    "GET /privacy",
    "GET /privacy/<version>",
    "GET /progress",
    "GET /qr/<channel>.svg",
    "GET /readyz",
    "GET /static/<path:name>",
    "GET /wechat",
    "POST /account/leave",
    "POST /account/unbind",
    "POST /apply",
    "POST /check",
    "POST /progress/<any(ask, code, remember, pass):form>",
    "POST /progress/again",
    "POST /wechat",
}
"""Every address of the site. A new one is added here together with its tests."""


def routes(app: Any) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_the_site_has_these_addresses_and_no_others(site: Site) -> None:
    assert routes(site.app) == ROUTES


def test_a_mini_program_has_an_address_of_its_own(tmp_path: Path, redis_url: str) -> None:
    site = Site(tmp_path, redis_url, **MINI)
    assert routes(site.app) == ROUTES | {"GET /wechat/mini", "POST /wechat/mini"}
    assert set(site.parts.channels) == {"wechat", "wechat_mini", "mini_wechat", "web"}
    site.close()


@pytest.mark.parametrize("missing", MINI)
def test_half_a_mini_program_is_none(tmp_path: Path, redis_url: str, missing: str) -> None:
    given = {name: value for name, value in MINI.items() if name != missing}
    site = Site(tmp_path, redis_url, **given)
    assert routes(site.app) == ROUTES
    assert set(site.parts.channels) == {"wechat", "web"}
    site.close()


def test_no_address_of_the_simulator_is_served(site: Site, tmp_path: Path) -> None:
    simulator = create_simulator(
        SimulatorConfig(
            webhook="http://127.0.0.1:1", app_id=APP_ID, app_secret=SECRET, token=TOKEN,
            aes_key=AES_KEY, office_key=OFFICE_KEY, folder=tmp_path,
        )
    )  # fmt: skip
    theirs = routes(simulator) - {"GET /", "GET /static/<path:filename>"}
    assert len(theirs) > 15
    for method, rule in (route.split(" ", 1) for route in theirs):
        path = re.sub(r"<[^>]*>", "x", rule)
        assert site.client.open(path, method=method).status_code == 404, rule


def test_a_chore_forgets_who_left_longer_ago_than_the_city_says(site: Site) -> None:
    parts, now = site.parts, site.clock()
    days = timedelta(days=parts.city.days.left)
    with parts.database.writing() as records:
        for user, left in (("oLong", now - days), ("oLate", now - days + timedelta(minutes=1))):
            bind(records, f"wechat:wx1:{user}", make_person(records).id, now)
            leave(records, f"wechat:wx1:{user}", left)
    assert retention(parts).do(now) == 1
    with parts.database.reading() as records:
        assert person_of(records, "wechat:wx1:oLong") is None
        assert person_of(records, "wechat:wx1:oLate") is not None


def test_an_unknown_address_is_not_found(site: Site) -> None:
    assert site.client.get("/nowhere").status_code == 404
    assert site.client.post("/").status_code == 405


def create(folder: Path, assembly: type[Assembly] = Assembly, **settings: Any) -> None:
    """Try to start; nothing is connected yet, so that no server is needed."""
    database = f"sqlite:///{folder}/r.db"
    create_app(rig_settings(folder, "redis://127.0.0.1:1", database, **settings), assembly=assembly)


def test_it_does_not_start_with_a_broken_form(tmp_path: Path) -> None:
    steps = [*CARD.steps[:3], Text(name="shoe_size", section="id"), *CARD.steps[3:]]

    class WithShoeSize(Assembly):
        @property
        def forms(self) -> Mapping[str, Form]:
            return {"card": replace(CARD, steps=steps)}

    with pytest.raises(FormFault, match=r"no text card\.shoe_size\.ask"):
        create(tmp_path, WithShoeSize)


def test_it_does_not_start_with_an_incomplete_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = config.locales._read

    def incomplete(locale: str, more: Sequence[Traversable]) -> dict[str, str]:
        texts = read(locale, more)
        if locale == "en":
            del texts["card.phone.ask"]
            texts["card.phone.code"] = texts["card.phone.code"].replace("{phone}", "")
        return texts

    monkeypatch.setattr(config.locales, "_read", incomplete)
    profile = tmp_path / "city.toml"  # a process reads each profile's texts once
    profile.write_bytes(SHIPPED.read_bytes())
    with pytest.raises(LocaleFault) as fault:
        create(tmp_path, city=profile)
    assert "en: no text card.phone.ask" in str(fault.value)
    assert "en: card.phone.code has other placeholders" in str(fault.value)


def test_it_does_not_start_with_a_broken_city(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text('name = "云州市"\n', "utf-8")
    with pytest.raises(CityFault, match="fault"):
        create(tmp_path, city=tmp_path / "city.toml")


def test_the_forms_are_known_by_name_with_their_longest_message(tmp_path: Path) -> None:
    settings = rig_settings(tmp_path, "redis://127.0.0.1:1", f"sqlite:///{tmp_path}/r.db")
    assert list(forms(settings)) == ["card", "returned"]
    for locale, most in MOST_CHARACTERS.items():
        step, message = longest_message(CARD, settings, locale)
        assert step in {step.name for step in CARD.steps}
        assert most / 3 < len(message) <= most
