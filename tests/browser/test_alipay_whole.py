"""The Alipay phone with the whole service behind it: proof, progress, leave to send, the way to the
site. Every answer comes by a call to the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo.profile import write_profile
from models.application_states import Actor, State
from models.applications import Application, move
from tests.bot.simulator.browser import page_at, page_faults
from tests.browser.hands import PATIENCE, answered
from tests.models.making import make_application, make_person
from tests.rig import Bot, running, wait_for

NAME, NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    """A city as the demo has it, with an app at Alipay."""
    folder: Path = tmp_path_factory.mktemp("alipay")
    profile = write_profile(None, folder)
    with running(folder, redis_url, profile=profile, alipay=True) as bot:
        yield bot


@pytest.fixture(scope="module")
def applied(whole: Bot) -> Application:
    """Handed in in WeChat, and being looked at."""
    with whole.database.writing() as records:
        holder = make_person(records, name=NAME, id_number=NUMBER, phone=PHONE)
        application = make_application(
            records,
            holder,
            account=f"wechat:{whole.settings.wechat_app_id}:{whole.user}",
            answers={"name": NAME, "phone": PHONE},
            now=whole.clock(),
        )
        move(records, application, State.UNDER_REVIEW, Actor.OFFICER, whole.clock())
        records.flush()
        records.expunge_all()
    return application


def say(page: Page, text: str) -> None:
    page.fill("#say", text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [360, 1280])
def test_progress_and_the_way_to_the_site(
    browser: Browser, whole: Bot, applied: Application, width: int
) -> None:
    whole.clock.shift(timedelta(hours=2))  # a phone gets no two codes within a minute
    end = applied.number[-4:]
    address = f"{whole.simulator.url}/simulator?account=alipay&user=20880000000{width:05d}"
    with page_at(browser, width, address) as page:
        _by_a_code(page)
        _proved(page, end, whole)
        _allowed(page)
        _to_the_site(page, whole)


def _by_a_code(page: Page) -> None:
    """A code makes a follower, who is asked at once for what the code is about."""
    page.click("#account-open")
    page.click("[data-scene=progress]")
    answered(page, "查进度先要确认是您本人")
    expect(page.locator(".system").first).to_have_text("您关注了生活号")
    assert page_faults(page) == []


def _proved(page: Page, end: str, bot: Bot) -> None:
    """The code is read where it lies: the banner over the phone may be gone before the answer."""
    before = len(bot.sms(PHONE))
    say(page, f"{NAME} {NUMBER}")
    answered(page, "收到。若与申请一致")
    sent = wait_for(lambda: bot.sms(PHONE)[before:] or None, 20.0)
    say(page, str(sent[-1]["code"]))
    answered(page, f"**强的社保卡（受理号尾号{end}）进度2/6")
    assert NUMBER not in page.locator(".message.bot .bubble").last.inner_text()


def _allowed(page: Page) -> None:
    """A link opens the mini program, which asks whether it may send messages."""
    say(page, "1")
    answered(page, "记住了")
    page.locator(".message.bot .bubble a[href^=alipays]").last.click()
    expect(page.locator("#ask")).to_be_visible()
    page.click(".ask-buttons .allow")
    expect(page.locator(".system").last).to_have_text("您允许发送订阅消息")


def _to_the_site(page: Page, bot: Bot) -> None:
    """A form is filled in on the site, which opens inside the phone."""
    say(page, "办卡")
    answered(page, "/apply")
    page.locator(".message.bot .bubble a").last.click()
    expect(page.locator("#web")).to_be_visible()
    expect(page.frame_locator("#web-page").locator("h1").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    assert page_faults(page) == []
