"""The card, from 你好 to the acceptance number, on the phone page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from models.applications import Application, open_answers
from tests.bot.simulator.browser import page_at, page_faults
from tests.browser.hands import Hands, Keyboard, Mouse, answered, without_a_mouse
from tests.rig import Bot

WIDTHS = [360, 1280]
FACE, EMBLEM = "chen_guoqiang_front", "chen_guoqiang_back"
PHONE = "13900001234"


def chip(text: str) -> str:
    return f".chip[data-text='{text}']"


def walk(page: Page, hands: Hands, work: str) -> str:
    """Apply for the card; the acceptance number. The page is looked at after every answer."""

    def heard(*words: str) -> None:
        answered(page, *words)
        assert page_faults(page) == []

    hands.say("你好", button=chip("你好"))
    heard("1 办卡")
    hands.say("1", button=chip("1"))
    heard("第1步/共6步")
    hands.press(chip("同意"))
    heard("第2步/共6步", "人像面")
    hands.press(f"[data-file='{FACE}.jpg']", "photos")
    heard("国徽面")
    hands.press(f"[data-file='{EMBLEM}.jpg']", "photos")
    heard("姓名：陈国强", "2038年5月12日")
    hands.press(chip("1"))
    heard("第3步/共6步 手机")
    hands.say(PHONE, button="#people .copy >> text=" + PHONE)
    heard("验证码已发到 139****1234")
    hands.press("#banner .use")
    heard("第4步/共6步")
    hands.press("#places button:first-child", "places")
    heard("和平路18号", "您现在的工作情况是？")
    hands.say(work, button=chip(work))
    heard("建设银行城东支行", "600米")
    hands.press(chip("1"))
    heard("第6步/共6步", "公安登记照")
    hands.press(chip("1"))
    heard("身份：陈国强", "139****1234", "确认")
    hands.press(chip("确认"))
    heard("已提交，受理号")
    found = re.search(r"受理号 (YZ\d{10,})", page.locator(".message.bot").last.inner_text())
    assert found
    return found[1]


def the_record(bot: Bot) -> tuple[str, dict[str, str]]:
    """The one application in SQL: its number and its answers."""
    with bot.database.reading() as records:
        application = records.scalars(select(Application)).one()
        return application.number, open_answers(application, bot.keys)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_card_by_clicking(browser: Browser, bot: Bot, width: int) -> None:
    with page_at(browser, width, f"{bot.simulator.url}/simulator?user=oClick{width}") as page:
        number = walk(page, Mouse(page), work="2")
    kept, answers = the_record(bot)
    assert kept == number
    assert (answers["name"], answers["phone"]) == ("陈国强", PHONE)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_card_by_keyboard_alone(browser: Browser, bot: Bot, width: int) -> None:
    with (
        page_at(browser, width, f"{bot.simulator.url}/simulator?user=oKeys{width}") as page,
        without_a_mouse(page),
    ):
        number = walk(page, Keyboard(page), work="1 华云建筑劳务公司")
    kept, answers = the_record(bot)
    assert kept == number
    assert answers["employer"] == "华云建筑劳务公司"
