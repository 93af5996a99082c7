"""The demo's city has the ids of the simulator's account, without a word of it written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.plan import make_plan
from bot.demo.profile import FILE, write_profile
from bot.simulator.alipay.wordings import alipay_templates
from bot.simulator.wordings import account_templates
from config.city import SHIPPED, City, load_city
from config.settings import Settings
from tests.bot.commands.given import take_away


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch)


def ids(city: City) -> set[str]:
    """All ids that a profile names."""
    wechat = city.wechat
    tables = (wechat.templates, wechat.subscriptions, wechat.mini_subscriptions)
    return {id for table in tables for id in table.values()}


def of_accounts(city: City) -> set[str]:
    """All ids that the simulator's accounts have."""
    return {t.id for sort in ("official", "mini") for t in account_templates(city, sort)}


def test_the_simulators_accounts_have_what_the_demos_profile_names(tmp_path: Path) -> None:
    city = load_city(write_profile(None, tmp_path))
    assert ids(city) == of_accounts(city) == of_accounts(load_city())
    assert len(ids(city)) == 9
    assert "SIM_template_progress" in ids(city)
    assert city.name == load_city().name


def test_the_demos_children_are_told_of_the_profile(tmp_path: Path) -> None:
    plan = make_plan(Settings(), tmp_path, tmp_path)
    assert plan.environment["SHEBAOKA_CITY"] == str(tmp_path / FILE)
    assert plan.environment["SHEBAOKA_WECHAT_MINI_API_BASE"] == plan.simulator_url
    assert plan.environment["SHEBAOKA_WECHAT_MINI_APP_ID"].startswith("wxdemo")


def test_the_sites_codes_lead_to_the_phones_where_no_chat_is_named(tmp_path: Path) -> None:
    plan = make_plan(Settings(), tmp_path, tmp_path)
    website = load_city(tmp_path / FILE).website
    phones = f"{plan.simulator_url}/simulator"
    assert (website.wechat_code, website.alipay_code) == (phones, phones)
    own = tmp_path / "own.toml"
    text = SHIPPED.read_text("utf-8")
    own.write_text(text.replace('wechat_code = ""', 'wechat_code = "https://own.example/chat"'))
    website = load_city(write_profile(own, tmp_path, phones)).website
    assert (website.wechat_code, website.alipay_code) == ("https://own.example/chat", phones)


def test_a_given_profile_keeps_its_own_ids(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = SHIPPED.read_text("utf-8")
    own.write_text(text.replace("[wechat.templates]", '[wechat.templates]\nprogress = "T-OWN"'))
    city = load_city(make_city(own, tmp_path))
    assert city.wechat.templates["progress"] == "T-OWN"
    assert city.wechat.templates["action"] == "SIM_template_action"
    assert of_accounts(city) == ids(city)


def test_the_app_at_alipay_has_what_the_demos_profile_names_too(tmp_path: Path) -> None:
    city = load_city(write_profile(None, tmp_path))
    named = {*city.alipay.single_templates.values(), *city.alipay.mini_templates.values()}
    assert named == {template.id for template in alipay_templates(city)}
    assert named == {template.id for template in alipay_templates(load_city())}
    assert city.alipay.mini_templates["progress"] == "SIM_alipay_mini_progress"
    assert city.alipay.subscribe_page.startswith("alipays://")


def make_city(given: Path, folder: Path) -> Path:
    return Path(make_plan(Settings(city=given), folder, folder).values["city"])


def test_a_profile_without_the_tables_gets_them(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = SHIPPED.read_text("utf-8")
    for table in ("templates", "subscriptions", "mini_subscriptions"):
        text = text.replace(f"[wechat.{table}]\n", "")
    own.write_text(text)
    assert len(ids(load_city(make_city(own, tmp_path)))) == 9


@pytest.mark.parametrize("text", ["name = ", "name = '\\", None])
def test_a_profile_that_cannot_be_read_is_left_to_who_loads_it(
    tmp_path: Path, text: str | None
) -> None:
    own = tmp_path / "own.toml"
    if text is not None:
        own.write_text(text)
    assert make_city(own, tmp_path) == own
