"""The phone page in a real browser: by clicking, by keyboard alone, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.simulator.server import RunningSimulator
from bot.simulator.settings import HERE
from tests.bot.simulator.browser import chromium, page_at
from tests.bot.simulator.office import ask
from tests.bot.simulator.webhook import Webhook, say

Run = Callable[..., RunningSimulator]
PICTURE = HERE / "pictures" / "landscape.jpg"
WIDTHS = [360, 1280]
MENU = "您好：\n1 办卡（首次）\n2 查进度\n不同意，回复“窗口”或“家人”。\n0 返回 · 9 人工"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def echo(message: Any) -> str | bytes:
    """Answers a text 你好 with the menu, everything else with what it was."""
    if message.type == "event":
        return "success"
    heard = {"text": "content", "location": "label", "voice": "recognition"}.get(message.type)
    said = getattr(message, heard) if heard else ""
    answer = say(MENU if said == "你好" else f"收到{message.type}：{said}")(message)
    assert isinstance(answer, str)
    return answer


@pytest.fixture
def simulator(run: Run, webhook: Webhook) -> RunningSimulator:
    webhook.answer = echo
    return run(webhook)


@pytest.fixture(params=WIDTHS)
def page(
    request: pytest.FixtureRequest, browser: Browser, simulator: RunningSimulator
) -> Iterator[Page]:
    with page_at(browser, request.param, f"{simulator.url}/simulator?user=u1") as page:
        yield page


def is_wide(page: Page) -> bool:
    return bool(page.viewport_size and page.viewport_size["width"] >= 720)


def heard(page: Page, text: str) -> None:
    expect(page.locator(".message.bot:not(.waiting)").last).to_contain_text(text)


def send_sms(simulator: RunningSimulator) -> None:
    params = {"code": "482915", "minutes": "10"}
    sms = {"phone": "13900001234", "template": "SMS_1", "params": params, "key": "k"}
    assert ask(simulator.url, "/offices/sms/v1/send", **sms).status_code == 200


def test_everything_can_be_sent_by_clicking(page: Page, simulator: RunningSimulator) -> None:
    def panel(tool: str) -> None:
        if not is_wide(page):
            page.click("#more")
            page.click(f"[data-tool={tool}]")

    page.click(".chip[data-text=你好]")
    heard(page, "办卡")
    page.click(".chip[data-text='1']")
    heard(page, "收到text：1")
    panel("photos")
    page.click("[data-file='chen_guoqiang_front.jpg']")
    heard(page, "收到image")
    panel("places")
    page.click("#places button >> nth=0")
    heard(page, "收到location：云州市城东区和平路18号")
    panel("voice")
    page.fill("#heard", "我要办卡")
    page.click("#voice button")
    heard(page, "收到voice：我要办卡")
    page.click("#more")
    page.click("[data-tool=sticker]")
    heard(page, "收到unknown")
    panel("people")
    page.click("#people .copy >> nth=0")
    expect(page.locator("#say")).to_have_value("陈国强 119999199003070019")
    page.click("#send")
    heard(page, "收到text：陈国强 119999199003070019")
    send_sms(simulator)
    page.click("#banner .use")
    heard(page, "收到text：482915")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_can_be_sent_by_keyboard_alone(page: Page, simulator: RunningSimulator) -> None:
    keys = page.keyboard

    def go(selector: str, key: str = "Tab") -> None:
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            keys.press(key)
        raise AssertionError(f"{selector} is not reached by {key}")

    def panel(tool: str) -> None:
        go("#more")
        keys.press("Enter")
        go(f"[data-tool={tool}]")
        keys.press("Enter")

    keys.press("Tab")
    keys.press("Enter")
    go("#say")
    keys.type("你好")
    keys.press("Enter")
    heard(page, "办卡")
    go(".chip[data-text='1']", "Shift+Tab")
    keys.press("Enter")
    heard(page, "收到text：1")
    panel("photos")
    go("[data-file='chen_guoqiang_back.jpg']")
    keys.press("Enter")
    heard(page, "收到image")
    panel("places")
    go("#places button")
    keys.press("Enter")
    heard(page, "收到location")
    panel("sms")
    keys.press("Escape")
    go("#say")
    send_sms(simulator)
    go("#banner .use", "Shift+Tab")
    keys.press("Enter")
    heard(page, "收到text：482915")


def test_quick_replies_are_choices_asked_words_and_the_footer(page: Page) -> None:
    page.click(".chip[data-text=你好]")
    expect(page.locator(".chip")).to_have_text(
        ["1 办卡", "2 查进度", "窗口", "家人", "0 返回", "9 人工"]
    )


def test_shift_enter_makes_a_line_and_enter_sends(page: Page) -> None:
    page.focus("#say")
    page.keyboard.type("一")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二")
    page.keyboard.press("Enter")
    heard(page, "收到text：一\n二")


def test_a_text_is_never_markup_but_links_are_links(page: Page, webhook: Webhook) -> None:
    evil = '<img src=x onerror=alert(1)> <a href="javascript:alert(1)">一</a>'
    menu = '<a href="weixin://bizmsgmenu?msgmenucontent=办卡&msgmenuid=7">二</a>'
    webhook.answer = say(f'{evil} {menu} <a href="http://127.0.0.1:9/privacy">三</a>')
    page.click(".chip[data-text=你好]")
    heard(page, "<img src=x onerror=alert(1)> 一 二 三")
    answer = page.locator(".message.bot:not(.waiting)").last  # also to following the account
    expect(answer.locator("a")).to_have_text(["三"])
    webhook.answer = echo
    page.click(".bubble .inline >> nth=-1")
    heard(page, "收到text：办卡")
    assert b"bizmsgmenuid" not in webhook.bodies[-1]
    assert webhook.pushes[-1]._data["bizmsgmenuid"] == "7"


def test_an_account_out_of_order_is_shown_as_such(page: Page, webhook: Webhook) -> None:
    webhook.answer = lambda message: b"<xml>"
    page.click(".chip[data-text=你好]")
    heard(page, "该公众号提供的服务出现故障，请稍后再试")


def test_two_windows_show_one_chat_and_users_have_chats_of_their_own(
    page: Page, simulator: RunningSimulator
) -> None:
    page.click(".chip[data-text=你好]")
    heard(page, "办卡")
    other = page.context.new_page()
    other.goto(f"{simulator.url}/simulator?user=u1")
    heard(other, "办卡")
    other.click(".chip[data-text='2']")
    heard(page, "收到text：2")
    other.click("#new-user")
    expect(other.locator(".message")).to_have_count(0)
    other.select_option("#user", "u1")
    heard(other, "收到text：2")
    other.close()


def test_a_chat_is_saved_as_a_golden_dialogue(page: Page) -> None:
    page.click(".chip[data-text=你好]")
    heard(page, "办卡")
    page.click("#more")
    page.click("[data-tool=sticker]")
    heard(page, "收到unknown")
    page.click("#more")
    with page.expect_download() as saved:
        page.click("[data-tool=save]")
    header, *dialogue = Path(saved.value.path()).read_text("utf-8").split("\n\n")
    assert header.startswith("# clock: 20")
    answered = "\n".join(f"< {line}" for line in MENU.split("\n"))
    assert dialogue == [
        "> 你好",
        answered,
        "> [表情]",
        "< 收到unknown：\n",
    ]


def test_a_picture_of_ones_own_can_be_sent_and_looked_at(page: Page) -> None:
    shown = page.locator(".message.user .shot img")
    page.set_input_files(
        "#upload", {"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": PICTURE.read_bytes()}
    )
    expect(shown).to_have_attribute("alt", "mine.jpg")
    page.click(".message.user .shot")
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
