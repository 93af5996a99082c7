"""Progress, looks, the check of a message and the privacy notice, in a real browser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.ports import CardRead
from models.application_states import Actor, State
from models.applications import Application, move, submit
from models.audit import audit
from models.people import Proof, keep_person
from tests.bot.simulator.browser import page_at
from tests.browser.site_hands import site_faults
from tests.models.making import new_id
from tests.rig import Bot, running

FAKE = "【云州人社】您的社保卡已停用，请点 http://yz-sb.top 输入银行卡密码恢复"
WAY = (
    (State.UNDER_REVIEW, Actor.OFFICER), (State.APPROVED, Actor.OFFICER),
    (State.SENT_TO_PROVINCE, Actor.BATCH), (State.PROVINCE_CHECKING, Actor.REPLY),
    (State.BANK_OPENING, Actor.REPLY), (State.IN_PRODUCTION, Actor.REPLY),
)  # fmt: skip
Person = tuple[str, str, str]  # name, ID number, phone
PEOPLE: list[Person] = [
    ("陈国强", "119999199003070019", "13900001234"),
    ("赵小云", "119999199208190022", "13900002201"),
    ("王䶮", "11999919780911005X", "13900002203"),
    ("孙志强", "119999198711080117", "13900002207"),
    ("刘桂芳", "119999196906250121", "13900002209"),
]
_numbers = itertools.count(1)


class NoReader:
    def side(self, image: bytes) -> Any:
        return "unknown"

    def read(self, image: bytes) -> CardRead:
        return CardRead("unknown", {})


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    with running(tmp_path_factory.mktemp("site"), redis_url, card_reader=NoReader()) as bot:
        yield bot


def applied(bot: Bot, person: Person) -> Application:
    """Handed in by somebody in WeChat, and by now in production; seen once by an officer."""
    name, id_number, phone = person
    now, keys = bot.clock(), bot.keys
    with bot.database.writing() as records:
        holder = keep_person(records, keys, person_id=new_id(), name=name, id_number=id_number,
                             phone=phone, proof=Proof.ON_FILE, now=now)  # fmt: skip
        application = submit(
            records, keys, application_id=new_id(), number=f"YZ2611239{next(_numbers):04d}",
            account="wechat:wx1:oElsewhere", answers={"name": name, "phone": phone}, now=now,
            draft_id=new_id(), form="card", form_version=1, applicant_id=holder.id,
            holder_id=holder.id, relation="self", holder_proven=True, delivery="pickup",
            bank="CCB", branch="CCB-01", promise_review_by=date(2026, 11, 30),
            promise_card_by=date(2026, 12, 21),
        )  # fmt: skip
        for state, actor in WAY:
            move(records, application, state, actor, now)
        audit(records, actor="staff:li.na", act="console.view", now=now, reason="a call",
              subject=f"application:{application.id}",
              detail={"role": "officer", "purpose": "review"})  # fmt: skip
    return application


def sees(page: Page, *words: str) -> None:
    for word in words:
        expect(page.locator("main")).to_contain_text(word)


def test_progress_without_scripts_on_a_narrow_screen(browser: Browser, bot: Bot) -> None:
    person = PEOPLE[0]
    application, address = applied(bot, person), f"{bot.site}/progress"
    with page_at(browser, 360, address, locale="zh-CN", java_script_enabled=False) as page:
        page.get_by_label("受理号").fill(application.number)
        page.get_by_role("button", name="发验证码").click()
        sees(page, "若与申请一致，验证码已发到办卡时留的手机")
        page.get_by_label("短信里的6位数字").fill(bot.code(person[2]))
        page.get_by_role("button", name="看进度").click()
        sees(page, "陈*强的社保卡", "进度4/6", "预计12月21日前", "建设银行城东支行")
        assert page.url.partition("#")[0] == address
        expect(page.locator("li[aria-current=step]")).to_contain_text("制卡")
        page.get_by_text("领卡带什么").click()
        expect(page.get_by_text("带身份证原件到")).to_be_visible()
        page.get_by_role("button", name="记住这个浏览器").click()
        sees(page, "记住了", "进度4/6")
        page.locator("main").get_by_role("link", name="谁看过我的资料").click()
        sees(page, "市人社局审核人员", "审核申请")
        page.goto(f"{bot.site}/check")
        page.get_by_label("收到的消息").fill(FAKE)
        page.get_by_role("button", name="对一对").click()
        sees(page, "不是我们通知的写法", "yz-sb.top", "都不是我们")


WORDS = {
    "zh-CN": ("姓名", "证件号码", "发验证码", "短信里的6位数字", "看进度", "记住这个浏览器",
              "收到的消息", "对一对", "重新开始"),
    "en-GB": ("Name", "ID number", "Send a code", "The 6 digits", "Show progress",
              "Remember this browser", "The message", "Check it", "Start again"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("width", "locale", "person"), [(360, "zh-CN", PEOPLE[1]), (1280, "en-GB", PEOPLE[2])]
)
def test_no_page_has_a_fault_in_any_of_its_states(
    browser: Browser,
    bot: Bot,
    width: int,
    locale: str,
    person: Person,
    tmp_path: Path,
) -> None:
    applied(bot, person)
    name, id_number, send, code, show, remember, message, check, again = WORDS[locale]
    with page_at(browser, width, f"{bot.site}/progress", locale=locale) as page:

        def looks_right(shot: str) -> None:
            assert site_faults(page) == [], shot
            page.screenshot(path=tmp_path / f"{shot}.png", full_page=True)

        looks_right("progress-ask")
        page.get_by_label(name, exact=True).fill(person[0])
        page.get_by_label(id_number).fill("119999")
        page.get_by_role("button", name=send).click()
        expect(page.get_by_role("status")).to_be_visible()
        expect(page.get_by_label(id_number)).to_have_value("119999")
        looks_right("progress-problem")
        page.get_by_label(id_number).fill(person[1])
        page.get_by_role("button", name=send).click()
        expect(page.get_by_label(code)).to_be_visible()
        looks_right("progress-code")
        page.get_by_label(code).fill("000000")
        page.get_by_role("button", name=show).click()
        expect(page.get_by_role("button", name=again)).to_be_visible()
        page.get_by_label(code).fill(bot.code(person[2]))
        page.get_by_role("button", name=show).click()
        expect(page.locator("li[aria-current=step]")).to_be_visible()
        looks_right("progress-shown")
        page.get_by_role("button", name=remember).click()
        expect(page.get_by_role("status")).to_be_visible()
        looks_right("progress-remembered")
        for path in ("looks", "privacy", "check"):
            page.goto(f"{bot.site}/{path}")
            looks_right(path)
        page.get_by_label(message).fill(FAKE)
        page.get_by_role("button", name=check).click()
        expect(page.get_by_role("status")).to_be_visible()
        looks_right("check-answered")


def test_the_collection_code_is_shown_and_its_picture_can_be_read(
    browser: Browser, bot: Bot, tmp_path: Path
) -> None:
    person = PEOPLE[4]
    application, shot = applied(bot, person), tmp_path / "pass.png"
    with bot.database.writing() as records:
        ready = records.get_one(Application, application.id)
        ready.state = State.READY_FOR_PICKUP.value
    with page_at(browser, 360, f"{bot.site}/progress", locale="zh-CN") as page:
        page.get_by_label("受理号").fill(application.number)
        page.get_by_role("button", name="发验证码").click()
        page.get_by_label("短信里的6位数字").fill(bot.code(person[2]))
        page.get_by_role("button", name="看进度").click()
        page.get_by_role("button", name="取领卡码").click()
        sees(page, "只能用一次", "建设银行城东支行")
        digits = re.search(r"领卡码：(\d{3}) (\d{3})", page.locator("main").inner_text())
        assert digits
        assert site_faults(page) == []
        page.screenshot(path=shot, full_page=True)
    picture = cv2.imread(str(shot))
    assert picture is not None
    read, *_ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == "".join(digits.groups())


def test_progress_by_keyboard_alone(browser: Browser, bot: Bot) -> None:
    person = PEOPLE[3]
    application = applied(bot, person)
    with page_at(browser, 800, f"{bot.site}/progress", locale="zh-CN") as page:
        page.locator("#number").focus()
        page.keyboard.type(application.number)
        page.keyboard.press("Enter")
        expect(page.locator("#code")).to_be_visible()
        for _ in range(30):
            if page.evaluate("document.activeElement.id") == "code":
                break
            page.keyboard.press("Tab")
        page.keyboard.type(bot.code(person[2]))
        page.keyboard.press("Enter")
        sees(page, "孙*强的社保卡", "进度4/6")
