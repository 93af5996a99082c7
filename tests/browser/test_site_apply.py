"""The card applied for on the site, in a real browser: by finger, by keyboard, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select

from bot.offices.card_look import side_by_look
from bot.ports import CardRead
from models.applications import Application, open_answers
from tests.bot.simulator.browser import look_is_there, page_at
from tests.browser.site_hands import (
    CHEN,
    CHINESE,
    ENGLISH,
    SUN,
    WANG,
    ZHAO,
    Hands,
    Keys,
    Looking,
    by_typing,
    site_faults,
    to_the_end,
)
from tests.rig import Bot, running

FRONT = {"name": CHEN.name, "id_number": CHEN.number, "ethnicity": "汉", "sex": "男"}
BACK = {"valid_until": "2038-05-12"}


@dataclass(frozen=True)
class QuickReader:
    """Looks as the real one does, and knows what the simulator's sample card says."""

    def side(self, image: bytes) -> Literal["front", "back", "unknown"]:
        return side_by_look(image)

    def read(self, image: bytes) -> CardRead:
        side = self.side(image)
        fields = {**FRONT, "id_address": "江岭省石桥县柳湾乡五组"} if side == "front" else BACK
        return CardRead(side, fields)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("site")
    with running(folder, redis_url, card_reader=QuickReader()) as bot:
        yield bot


def answers(bot: Bot, number: str) -> dict[str, str]:
    """What was handed in under a number."""
    with bot.database.reading() as records:
        found = records.scalars(select(Application).where(Application.number == number)).one()
        assert found.account_key.startswith("web:site:")
        return dict(open_answers(found, bot.keys))


def test_the_card_with_photos_on_a_narrow_screen(browser: Browser, bot: Bot) -> None:
    with page_at(browser, 360, f"{bot.site}/apply", locale="zh-CN") as page:
        hands = Hands(page, bot, Looking())
        hands.press("同意")
        hands.hears("第2步/共6步 身份证")
        hands.photo("chen_guoqiang_front")
        hands.hears("国徽面")
        hands.photo("chen_guoqiang_back")
        hands.hears("姓名：陈国强", "2038年5月12日")
        hands.press("都对")
        hands.hears("第3步/共6步 手机")
        to_the_end(hands, CHEN, CHINESE)
        number = hands.number()
        page.goto(f"{bot.site}/account")
        expect(page.get_by_text("陈*强，身份证号 119***********0019")).to_be_visible()
        assert site_faults(page) == []
    found = answers(bot, number)
    assert (found["name"], found["id_number"], found["phone"]) == (
        CHEN.name,
        CHEN.number,
        CHEN.phone,
    )


def test_the_card_by_keyboard_alone_in_english(browser: Browser, bot: Bot) -> None:
    with page_at(browser, 1280, f"{bot.site}/apply", locale="en-GB") as page:
        page.evaluate("addEventListener('pointerdown', () => { throw Error('a pointer'); })")
        hands = Keys(page, bot, Looking())
        by_typing(hands, ZHAO, words=ENGLISH)
        number = hands.number()
        assert page.locator("html").get_attribute("lang") == "en"
    assert answers(bot, number)["name"] == ZHAO.name


def test_the_card_without_scripts(browser: Browser, bot: Bot) -> None:
    address = f"{bot.site}/apply"
    with page_at(browser, 360, address, locale="zh-CN", java_script_enabled=False) as page:
        hands = Hands(page, bot, lambda page: None)
        by_typing(hands, WANG, words=CHINESE)
        number = hands.number()
    assert answers(bot, number)["id_number"] == WANG.number


def test_the_language_is_switched_in_the_middle_and_the_question_with_it(
    browser: Browser, bot: Bot
) -> None:
    with page_at(browser, 360, f"{bot.site}/apply", locale="zh-CN") as page:
        hands = Hands(page, bot, Looking())
        hands.press("同意")
        hands.press("English")
        hands.hears("Please send a photo of your ID card")
        expect(page.locator(".position")).to_contain_text("Step 2 of 6")
        expect(page.locator("h1")).to_have_text("Apply for a social security card")
        hands.press("中文")
        hands.hears("请发身份证人像面的照片")
        page.goto(f"{bot.site}/")
        expect(page.locator("h1")).to_have_text("办社保卡")


def test_after_each_answer_the_newest_message_has_the_focus_and_can_be_seen(
    browser: Browser, bot: Bot
) -> None:
    with page_at(browser, 360, f"{bot.site}/apply", locale="zh-CN") as page:
        Hands(page, bot, Looking()).press("同意")
        expect(page.locator("#new")).to_be_focused()
        expect(page.locator("#new")).to_be_in_viewport()
        expect(page).to_have_title("第2步/共6步 身份证 · 办社保卡 · 云州市社保卡")


def test_what_comes_late_appears_by_itself_and_is_read_out(browser: Browser, bot: Bot) -> None:
    """The identity office takes longer than a page waits."""
    with page_at(browser, 360, f"{bot.site}/apply", locale="zh-CN") as page:
        hands = Hands(page, bot, Looking())
        hands.press("同意")
        hands.type("手输")
        hands.hears("请发姓名和身份证号")
        bot.faults(identity={"delay_ms": 2400}, portraits={"delay_ms": 2000})
        hands.type(f"{SUN.name} {SUN.number}")
        log = page.locator("#log")
        expect(log).to_have_attribute("role", "log")
        hands.hears("民族")
        bot.faults()
        assert log.get_by_text("请发身份证上的民族").count() == 1


PAGES = ["/", "/apply", "/account", "/privacy", "/photos", "/notices"]


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_has_a_fault(browser: Browser, bot: Bot, width: int, locale: str) -> None:
    with page_at(browser, width, f"{bot.site}/", locale=locale) as page:
        for path in PAGES:
            for size in ("normal", "large"):
                page.goto(f"{bot.site}{path}?size={size}")
                assert site_faults(page) == [], (path, size)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_a_form_that_failed_has_none_either(
    browser: Browser, bot: Bot, width: int
) -> None:
    size = ViewportSize(width=width, height=780)
    page = browser.new_page(viewport=size, locale="zh-CN")  # its console tells of the 409
    page.goto(f"{bot.site}/apply")
    page.locator(".say input[name=once]").first.evaluate("field => { field.value = 'x'; }")
    page.locator("#text").fill("我想问一下")
    page.locator("#text").press("Enter")
    expect(page.locator("h1")).to_have_text("这一页放得太久了")
    assert site_faults(page) == []
    page.get_by_role("button", name="再发一次").click()
    expect(page.locator("#log .bubble.me").last).to_contain_text("我想问一下")
    page.close()


def test_large_type_is_a_link_and_is_remembered_without_scripts(browser: Browser, bot: Bot) -> None:
    def height(page: Page) -> float:
        box = look_is_there(page).locator("h1").bounding_box()
        assert box
        return box["height"]

    with page_at(browser, 1280, bot.site, locale="zh-CN", java_script_enabled=False) as page:
        before = height(page)
        large, usual = (page.get_by_role("link", name=name) for name in ("大字版", "标准字号"))
        large.click()
        expect(usual).to_be_visible()
        assert height(page) > before * 1.2
        page.goto(f"{bot.site}/privacy")
        expect(usual).to_be_visible()
        usual.click()
        expect(large).to_be_visible()
        page.goto(f"{bot.site}/")
        assert height(page) == before
