"""Two members of staff and a campaign, in a real browser: written by one, approved by another,
looked at after its first people, halted, gone on with, stopped; without a load of the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize, expect

from bot.console.sessions import COOKIE
from models.push.campaigns import locked
from models.push.mass_results import MassResult, record_mass_result
from models.push.masses import gather, masses_of
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import Pushes, number_in
from tests.bot.simulator.browser import look_is_there, page_at
from tests.browser.at_the_desk import Keys, Office
from tests.end_to_end.clerk import signed_in
from tests.rig import Bot, wait_for

WIDE, PHONE = ViewportSize(width=1280, height=760), ViewportSize(width=360, height=760)
CUT_OFF = """() => [...document.querySelectorAll('.wide, select')].filter(each =>
  each.scrollWidth > each.clientWidth + 1 && each.matches('.wide')
  || each.getBoundingClientRect().right > innerWidth - 16
  ).map(each => each.outerHTML.slice(0, 60))"""
"""What a phone shows only in part."""
LINES = """each => {
  const words = document.createRange();
  words.selectNodeContents(each);
  return new Set([...words.getClientRects()].map(line => line.top)).size;
}"""
"""In how many lines the words of a cell stand."""
DISTRICT, PEOPLE = "119904", 120


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("push"), redis_url)
    yield office
    office.close()


@pytest.fixture(scope="module")
def pushes(office: Office) -> Pushes:
    made = Pushes(office.console)
    for _ in range(PEOPLE):
        made.person(district=DISTRICT)
    return made


def looked(keys: Keys, name: str) -> None:
    """Nothing is wrong with the page, by our audit and by axe; a picture for who wants one."""
    assert keys.faults() == [], name
    found: list[dict[str, Any]] = Axe().run(look_is_there(keys.page)).response["violations"]
    assert [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found] == [], name
    if folder := os.environ.get("PICTURES_OF_PAGES"):
        size = keys.page.viewport_size
        assert size
        keys.page.screenshot(path=Path(folder) / f"push-{name}-{size['width']}.png", full_page=True)


def test_a_campaign_is_written_proposed_and_approved_by_another(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor, approver = office.reviewer(Role.PUSH_EDITOR), office.reviewer(Role.PUSH_APPROVER)
    with office.at(browser, editor, screen=WIDE) as keys:
        page = keys.page
        keys.open("/push")
        page.click("text=写一条推送")
        looked(keys, "new")
        page.click("button:text-is('某网点公告')")
        number = number_in(page.url)
        # The preview follows what is typed, before anything is kept.
        page.get_by_label("中文", exact=False).first.fill("卡到了，请来{branch}领。")
        expect(page.locator("#preview")).to_contain_text("卡到了，请来")
        expect(page.locator("[data-count='chat.zh_CN']")).to_have_text("，已写 16")
        page.get_by_label("说明（中文）").fill("请本人带身份证原件到领卡网点的柜台上来领取")
        page.select_option("#sms", "")
        page.click("text=存草稿，去选人")
        expect(page.locator("#wrong-note-zh_CN")).to_have_text("平台最多 20 个字")
        looked(keys, "wrong")
        page.get_by_label("说明（中文）").fill("请本人带身份证来领")
        page.click("text=存草稿，去选人")
        # The count follows what is chosen.
        expect(page.locator("h1")).to_contain_text("人群")
        for state in ("待领卡", "制好，配送中"):
            page.get_by_label(state).uncheck()
        page.get_by_label("云湖县").check()
        page.get_by_label("在这一步满（天）").fill("")
        expect(page.locator("#count")).to_contain_text(str(PEOPLE))
        looked(keys, "audience")
        page.click("text=存下，去定时间")
        looked(keys, "schedule")
        page.click("text=存下，去试算")
        expect(page.locator("main")).to_contain_text(f"共 {PEOPLE} 人")
        looked(keys, "draft")
        page.click("text=提交，请另一个人批准")
        expect(page.locator("main")).to_contain_text("自己起草的，要由另一个人批准")
    with office.at(browser, approver, screen=WIDE) as keys:
        keys.open("/push")
        keys.page.click("text=某网点公告")
        expect(keys.page.locator("main")).to_contain_text("卡到了，请来")
        looked(keys, "proposed")
        keys.page.click("button:text-is('批准')")
        expect(keys.page.locator(".stage")).to_have_text("已批准，等开始")
    approved = pushes.campaign(number)
    assert (approved.stage, approved.approved_by) == ("approved", f"staff:{approver.staff_id}")


def test_a_campaign_is_watched_halted_and_stopped_without_a_load_of_the_page(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor = office.reviewer(Role.PUSH_EDITOR)
    number = pushes.at(editor, Stage.FIRST, districts=(DISTRICT,))
    pushes.expand(number, first=50)
    with office.at(browser, editor, screen=WIDE) as keys:
        page = keys.page
        keys.open(f"/push/{number}")
        page.evaluate("window.loaded = 'once'")
        expect(page.locator(".stage")).to_have_text("先发一小批")
        pushes.ended(number, sent=44, failed_account=6)
        expect(page.locator("[data-say=ended]")).to_have_text("50")
        expect(page.locator("[data-rows=rows]")).to_contain_text("我们的账号不能发")
        pushes.move(number, Stage.LOOK)
        expect(page.locator("main")).to_contain_text("先发的 50 人发完了，请看一下")
        expect(page.locator("main")).to_contain_text("退订 0 人")
        assert page.evaluate("window.loaded") == "once"
        looked(keys, "look")
        page.click("button:text-is('继续发其余的')")
        expect(page.locator(".stage")).to_have_text("发送中")
        page.get_by_label("暂停的原因").fill("先看看")
        page.click("button:text-is('暂停')")
        expect(page.locator(".stage")).to_have_text("暂停：先看看")
        page.click("button:text-is('继续')")
        expect(page.locator(".stage")).to_have_text("发送中")
        pushes.ended(number, sent=20, skipped_stopped=2)
        expect(page.locator("[data-say=ended]")).to_have_text("72")
        looked(keys, "running")
        # Somebody else halts it while a reason is being typed: what is typed stays.
        page.get_by_label("停止的原因").fill("发错了")
        pushes.move(number, Stage.PAUSED)
        expect(page.locator("#live")).to_have_attribute("data-moved", "paused")
        expect(page.get_by_label("停止的原因")).to_have_value("发错了")
        page.click("button:text-is('停止')")
        expect(page.locator(".stage")).to_have_text("已停止：发错了")
        looked(keys, "stopped")
    assert pushes.campaign(number).stage == Stage.STOPPED


def test_the_batches_of_mass_sends_are_watched(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor = office.reviewer(Role.PUSH_EDITOR)
    message = {"chat": {"zh_CN": "城西网点明日停机。", "en": "Closed tomorrow."}, "mass": True}
    number = pushes.at(editor, Stage.RUNNING, message=message)
    database, now = office.console.parts.database, office.console.clock()
    with office.at(browser, editor, screen=PHONE) as keys:
        keys.open(f"/push/{number}")
        expect(keys.page.locator("[data-rows=masses]")).to_contain_text("没有")
        with database.writing() as records:
            gather(records, locked(records, number), "wx1", "zh_CN", 4321, now)
            (mass,) = masses_of(records, number)
            mass.state, mass.sent_as = "called", f"at-{number}"
        expect(keys.page.locator("[data-rows=masses]")).to_contain_text("等结果")
        with database.writing() as records:
            record_mass_result(records, f"at-{number}", MassResult("", 4300, 4290, 10))
        expect(keys.page.locator("[data-rows=masses]")).to_contain_text("4290")
        looked(keys, "masses")


def test_a_list_says_what_is_wrong_with_each_row(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor = office.reviewer(Role.PUSH_EDITOR)
    good = pushes.person(district=DISTRICT)
    number = pushes.draft(editor, districts=())
    rows = f"受理编号\n{good}\nYZ2611230000\n{good}\nx\n".encode("gb18030")
    with office.at(browser, editor, screen=PHONE) as keys:
        page = keys.page
        keys.open(f"/push/{number}/audience")
        page.set_input_files("#file", {"name": "名单.csv", "mimeType": "text/csv", "buffer": rows})
        page.click("text=读入名单")
        expect(page.locator("#taken")).to_contain_text("文件有 4 行，找到 1 人")
        for words in ("没有这个受理号", "和第 2 行重复", "格式不对"):
            expect(page.locator("#taken tbody")).to_contain_text(words)
        looked(keys, "list")
        with page.expect_download() as taken:
            page.click("text=把没有用上的行存为 CSV")
        assert "和第 2 行重复" in Path(taken.value.path()).read_text("utf-8-sig")
    assert pushes.campaign(number).audience["list"] == 1


def test_every_page_fits_a_phone_and_works_without_a_script(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor = office.reviewer(Role.PUSH_EDITOR)
    draft = pushes.draft(editor, districts=(DISTRICT,))
    running = pushes.at(editor, Stage.RUNNING, districts=(DISTRICT,))
    pushes.expand(running)
    pushes.ended(running, sent=30, failed_permanent=2)
    editor.post(f"/push/{draft}/keep", template="领卡")
    pages = {
        "reminder": f"/push/{pushes.reminder()}",
        "list": "/push", "new": "/push/new", "message": f"/push/{draft}/message",
        "schedule": f"/push/{draft}/schedule", "draft": f"/push/{draft}",
        "running": f"/push/{running}", "answers": f"/push/{running}/answers",
        "templates": "/push/templates", "template": "/push/templates/领卡", "link": "/push/link",
    }  # fmt: skip
    with office.at(browser, editor, screen=PHONE) as keys:
        for name, path in pages.items():
            keys.open(path)
            looked(keys, f"{name}-page")
            assert keys.page.evaluate(CUT_OFF) == [], name
        keys.page.click("text=取一个绑定码")
        expect(keys.page.locator(".code")).to_contain_text("绑定工作号")
        looked(keys, "code")
    with office.at(browser, editor, screen=WIDE, script=False) as keys:
        page = keys.page
        keys.open(f"/push/{draft}/message")
        page.locator("[id='chat.zh_CN']").fill("没有脚本也行。")
        page.click("text=看手机上的样子")
        assert "没有脚本也行。" in page.locator("#preview").inner_text()
        keys.open(f"/push/{draft}/audience")
        page.click("text=数一下有多少人")
        assert page.locator("#count").inner_text().startswith("现在选中")
        keys.open(f"/push/{running}")
        pushes.ended(running, sent=8)
        page.reload()
        assert page.locator("[data-say=ended]").inner_text() == "40"


def test_answers_are_opened_for_a_purpose_on_a_phone_and_on_a_desk(
    office: Office, browser: Browser, pushes: Pushes
) -> None:
    editor = office.reviewer(Role.PUSH_EDITOR)
    said = "我下周二上午带孩子去新网点取，原来的网点太远了，谢谢。" * 2
    number, one, _ = pushes.answered(editor, said)
    for screen in (PHONE, WIDE):
        with office.at(browser, editor, screen=screen) as keys:
            page = keys.page
            keys.open(f"/push/{number}/answers")
            expect(page.locator("main")).to_contain_text("有文字，没有打开")
            looked(keys, "answers-closed")
            form = page.locator("form", has_text="打开文字回答")
            form.get_by_label("用途").select_option("complaint")
            form.get_by_label("原因").fill("有人投诉")
            form.get_by_role("button").click()
            expect(page.locator("td.words", has_text=said)).to_be_visible()
            assert page.locator("td", has_text=one).first.evaluate(LINES) == 1
            looked(keys, "answers-opened")


def test_a_trial_arrives_in_ones_own_wechat(bot: Bot, browser: Browser) -> None:
    """By the whole service: the code is typed in the chat, the worker sends."""
    cookie = {
        "name": COOKIE, "value": signed_in(bot, "", Role.PUSH_EDITOR), "url": f"{bot.site}/console",
    }  # fmt: skip
    with page_at(browser, 1280, f"{bot.site}/") as page:
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(f"{bot.site}/console/push/link")
        page.click("text=取一个绑定码")
        said = page.locator(".code").inner_text()
        bot.say(said)
        page.goto(f"{bot.site}/console/push/link")
        expect(page.locator("main")).to_contain_text("现在绑定的是您的微信公众号")
        page.goto(f"{bot.site}/console/push/new")
        page.click("button:text-is('某网点公告')")
        page.locator("[id='chat.zh_CN']").fill("您的卡（受理号尾号{tail}）在{branch}等您了。")
        page.select_option("#sms", "")
        page.click("text=存草稿，去选人")
        page.click("text=4 试算和提交")
        page.click("text=试发给自己")
        expect(page.locator("h1")).to_have_text("试发：某网点公告")
        expect(page.locator(".stage")).to_have_text("发完", timeout=20_000)
        expect(page.locator("[data-rows=rows]")).to_contain_text("微信公众号会话消息")
    told = wait_for(lambda: next((m for m in bot.history() if "等您了" in m["text"]), None))
    assert "受理号尾号0731" in told["text"]  # they never applied: a sample
