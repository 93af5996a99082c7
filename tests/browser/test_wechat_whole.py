"""The phone page with the whole service behind it: menu, taps, late answers, desk, mini program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from playwright.sync_api import Browser, Page, expect

from bot.demo.profile import write_profile
from bot.upkeep import publish_city_menu
from tests.bot.simulator.browser import page_at, page_faults
from tests.browser.hands import PATIENCE, answered
from tests.rig import Bot, running

WIDTHS = [360, 1280]
NAME_AND_NUMBER = "陈国强 119999199003070019"


@pytest.fixture
def whole(tmp_path: Path, redis: redis_py.Redis, redis_url: str) -> Iterator[Bot]:
    """A city with a menu, a desk and a mini program."""
    profile = write_profile(None, tmp_path)
    text = profile.read_text("utf-8")
    assert "\ndesk = false" in text
    profile.write_text(text.replace("\ndesk = false", "\ndesk = true"), "utf-8")
    with running(tmp_path, redis_url, profile=profile, mini=True) as bot:
        yield bot


def account_panel(page: Page) -> None:
    if not page.locator("#panel-account").is_visible():
        page.click("#account-open")
    expect(page.locator("#panel-account")).to_be_visible()


def bubble(page: Page) -> str:
    """What the bot said last."""
    return page.locator(".message.bot:not(.waiting) .bubble").last.inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_day_on_the_phone(browser: Browser, whole: Bot, width: int) -> None:
    with page_at(browser, width, f"{whole.simulator.url}/simulator?user=oDay{width}") as page:
        _by_the_menu(page, whole)
        _by_tapping(page)
        _waiting(page, whole)
        _at_the_desk(page)
        _by_a_code(page)
        _in_the_mini_program(page)


def _by_the_menu(page: Page, bot: Bot) -> None:
    """The city's menu, as `shebaoka menu publish` publishes it."""
    assert publish_city_menu(bot.settings, dry_run=False).published
    page.click(".menu-top >> text=查询")
    assert page_faults(page) == []
    page.click(".menu-list >> text=办到哪一步")
    answered(page, "查进度先要确认是您本人")
    page.click(".menu-top >> text=办卡")
    answered(page, "第1步/共6步")


def _by_tapping(page: Page) -> None:
    """An option of an older message does not answer the question that is open now."""
    page.click("#to-keyboard")
    say(page, "取消")
    answered(page, "确定不办了吗")
    first = page.locator(".bubble .inline", has_text="2 接着办").last
    first.click()
    answered(page, "给自己办，请回复")
    expect(page.locator(".message.user .bubble").last).to_have_text("接着办")
    say(page, "同意")
    answered(page, "第2步/共6步")
    first.click()
    answered(page, "第2步/共6步")
    assert page_faults(page) == []


def _waiting(page: Page, bot: Bot) -> None:
    """An office that takes long: 请稍候 at once, the answer by itself."""
    say(page, "手输")
    answered(page, "请发姓名和身份证号")
    bot.faults(identity={"delay_ms": 5500})
    say(page, NAME_AND_NUMBER)
    answered(page, "请稍候")
    late = page.locator(".message.bot[data-via=custom]").last
    expect(late).to_be_visible(timeout=PATIENCE)
    expect(late).to_have_class("message bot arrived")
    assert "请稍候" not in bubble(page)
    bot.faults()


def _at_the_desk(page: Page) -> None:
    """A person takes over, and the bot is silent until that person leaves."""
    say(page, "9")
    expect(page.locator(".system").last).to_have_text("已转接人工客服", timeout=PATIENCE)
    account_panel(page)
    page.fill("#desk-text", "您好，请问有什么事？")
    page.keyboard.press("Enter")
    expect(page.locator(".message.desk").last).to_contain_text("请问有什么事")
    page.keyboard.press("Escape")
    said = page.locator(".message.bot:not(.waiting)").count()
    say(page, "我的卡什么时候好")
    expect(page.locator(".message.waiting")).to_have_count(0)
    assert page.locator(".message.bot:not(.waiting)").count() == said, "the bot is silent"
    account_panel(page)
    page.click("#desk-close")
    account_panel(page)
    expect(page.locator("#desk-state")).to_contain_text("没有人在接待", timeout=PATIENCE)
    page.keyboard.press("Escape")
    say(page, "菜单")
    answered(page, "1 办卡")


def _by_a_code(page: Page) -> None:
    """The code on a branch's door opens what belongs there."""
    account_panel(page)
    page.click("[data-scene=branch-CCB-01]")
    answered(page, "建设银行城东支行")


def _in_the_mini_program(page: Page) -> None:
    """Its chat is one of its own, and is answered by customer-service messages."""
    page.click("#chats-open")
    page.click(".chat-entry[data-account=wechat_mini]")
    expect(page.locator("#chat-title")).to_have_text("云州社保卡小程序")
    greeting = page.locator(".message.bot:not(.waiting)").last
    expect(greeting).to_contain_text("1 办卡", timeout=PATIENCE)
    expect(greeting).to_have_attribute("data-via", "custom")
    expect(greeting.locator(".inline")).to_have_count(0)
    say(page, "办卡")
    answered(page, "第1步/共6步")
    assert page_faults(page) == []


def say(page: Page, text: str) -> None:
    page.fill("#say", text)
    page.keyboard.press("Enter")
