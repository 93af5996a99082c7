"""Subscribing to notices as a person does: the link in the chat, WeChat's browser, its pop-up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from playwright.sync_api import Browser, FrameLocator, Page, expect

from bot.demo.profile import write_profile
from models.people import find_account
from tests.bot.simulator.browser import page_at, page_faults
from tests.end_to_end.test_transcripts import FOLDER
from tests.end_to_end.transcript import load, play
from tests.rig import APP_ID, Bot, Clock, running, wait_for

TYPED = load(FOLDER / "card_typed.txt")
WIDTHS = [360, 1280]


@pytest.fixture
def handed_in(tmp_path: Path, redis: redis_py.Redis, redis_url: str) -> Iterator[Bot]:
    """The service of a city with subscriptions, and somebody who has just handed in."""
    with running(
        tmp_path,
        redis_url,
        clock=Clock(TYPED.clock),
        codes=TYPED.codes(),
        serials=TYPED.serials(),
        user=TYPED.header["user"],
        linger=0.05,
        profile=write_profile(None, tmp_path),
    ) as bot:
        play(TYPED, bot)
        yield bot


def opened(page: Page) -> FrameLocator:
    """Tap the link of the last message: the page inside WeChat's browser."""
    page.locator(".message.bot").last.get_by_text("点这里订阅", exact=True).click()
    frame = page.frame_locator("#web-page")
    expect(frame.locator("h1")).to_have_text("在微信里收通知")
    expect(page.locator("#web-title")).to_have_text("在微信里收通知")
    return frame


def credits(bot: Bot) -> dict[str, int]:
    """How many messages of each wording the person allowed, by the record."""
    with bot.database.reading() as records:
        account = find_account(records, f"wechat:{APP_ID}:{bot.user}")
        return dict(account.subscription_credits) if account else {}


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_ticked_in_the_pop_up_may_be_sent(
    browser: Browser, handed_in: Bot, width: int
) -> None:
    address = f"{handed_in.simulator.url}/simulator?user={handed_in.user}"
    with page_at(browser, width, address) as page:
        frame = opened(page)
        button = frame.get_by_role("button", name="同意接收")
        button.click()
        expect(page.locator("#ask")).to_be_visible()
        rows = page.locator(".ask-row")
        expect(rows).to_have_text(["业务办理进度提醒", "业务待办提醒", "未完成申请提醒"])
        assert page_faults(page) == []
        rows.nth(2).click()
        page.get_by_role("button", name="允许").click()
        expect(frame.get_by_text("好了，有消息就发给您。")).to_be_visible()
        expect(button).to_be_hidden()
        page.click("#web-close")
        expect(page.locator(".system").last).to_have_text("您允许发送订阅消息")
    allowed = {"SIM_subscription_progress": 1, "SIM_subscription_action": 1}
    wait_for(lambda: credits(handed_in) == allowed or None)


def test_who_refuses_may_change_their_mind_by_keyboard(browser: Browser, handed_in: Bot) -> None:
    address = f"{handed_in.simulator.url}/simulator?user={handed_in.user}"
    with page_at(browser, 1280, address) as page:
        frame = opened(page)
        button = frame.get_by_role("button", name="同意接收")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#ask")).to_be_visible()
        page.get_by_role("button", name="拒绝").click()
        expect(frame.get_by_text("没有同意，我们不发这些通知。")).to_be_visible()
        button.press("Enter")
        page.get_by_role("button", name="允许").press("Enter")
        expect(frame.get_by_text("好了，有消息就发给您。")).to_be_visible()
    wait_for(lambda: sum(credits(handed_in).values()) == 3 or None)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_outside_wechat_the_page_can_be_read_and_says_where_to_open_it(
    browser: Browser, handed_in: Bot, width: int, language: str
) -> None:
    words = {"zh": "请在微信里打开这一页", "en": "Please open this page in WeChat"}[language]
    for scripts in (True, False):
        address = f"{handed_in.site}/notices?lang={language}"
        with page_at(browser, width, address, java_script_enabled=scripts) as page:
            expect(page.get_by_text(words)).to_be_visible()
            expect(page.locator("wx-open-subscribe")).to_be_hidden()
            assert not scripts or page_faults(page) == []


def test_a_signature_that_wechat_refuses_shows_no_button(browser: Browser, handed_in: Bot) -> None:
    """By a ticket that has ended at the platform, while the service still trusts it."""
    address = f"{handed_in.simulator.url}/simulator?user={handed_in.user}"
    with page_at(browser, 360, address) as page:
        frame = opened(page)
        expect(frame.get_by_role("button", name="同意接收")).to_be_visible()
        page.click("#web-close")
        later = f"{handed_in.simulator.url}/simulator/api/clock"
        assert handed_in.http.put(later, json={"shift_seconds": 3 * 3600}, timeout=5).ok
        frame = opened(page)
        expect(frame.get_by_text("现在没能连上微信")).to_be_visible()
        expect(frame.get_by_role("button", name="同意接收")).to_be_hidden()
