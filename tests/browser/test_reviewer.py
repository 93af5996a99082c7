"""A reviewer's hour by keyboard alone, in a real browser: every kind of decision, and no wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize

from models.review.applying import apply_due
from models.review.decisions import decisions_of
from models.staff import Role
from tests.bot.console.cases import FITS, UNFIT
from tests.bot.simulator.browser import look_is_there
from tests.browser.at_the_desk import Keys, Office
from tests.browser.hands import without_a_mouse

USUAL, BOUND = 1.0, 4.0
"""Seconds of half the waits and of the longest, on a machine crowded with other tests. What is
promised, 0.3 seconds, is measured by `python -m benchmarks.reviewer` on one that does only this."""
NARROW = ViewportSize(width=390, height=720)
OFFICE_SCREENS = (ViewportSize(width=1280, height=720), ViewportSize(width=1366, height=650))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), redis_url)
    yield office
    office.close()


def violations(keys: Keys) -> list[str]:
    """What axe finds on the page."""
    found: list[dict[str, Any]] = Axe().run(look_is_there(keys.page)).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


def case_of(keys: Keys) -> str:
    """The id of the case on the screen."""
    return keys.page.url.split("/review/")[1].split("/")[0].split("?")[0]


def settled(office: Office) -> None:
    office.console.clock.shift(timedelta(seconds=61))
    apply_due(office.console.parts.database, office.cases.life, office.console.clock())


def test_an_hour_of_decisions_by_keyboard_alone(office: Office, browser: Browser) -> None:
    desk = office.reviewer(districts=("119901",))
    again = office.cases.second_round(office.staff(desk))
    for _ in range(7):
        office.cases.add(own_photo="portrait_wang_yan", measures=[FITS, UNFIT])
    for _ in range(3):
        office.cases.add(promised=date(2026, 12, 30))
    with office.at(browser, desk) as keys:
        keys.open("/review")
        with without_a_mouse(keys.page):
            keys.on("F2")
            assert case_of(keys) == again
            keys.sees("这一轮改了什么", "（上一轮）")
            returned = _returns_with_a_rectangle(keys)
            approved = case_of(keys)
            keys.on("1")
            keys.on("0")
            assert case_of(keys) == approved
            keys.on("1")
            refused = case_of(keys)
            keys.on("3")
            keys.press("3", "2")
            keys.sees("申请人会看到", "一人只能有一张")
            keys.on("Enter")
            held = case_of(keys)
            keys.on("4")
            keys.on("2")
            keys.on("5")
            for _ in range(3):
                keys.on("1")
        settled(office)
        assert [office.cases.state(each) for each in (again, approved, refused, held)] == [
            "RETURNED", "APPROVED", "UNDER_REVIEW", "ON_HOLD",
        ]  # fmt: skip
        # What was loaded ahead, or is on the screen already, is not asked for again.
        assert len(keys.pictures) == len(set(keys.pictures))
        waits = sorted(keys.waits)
        assert waits[len(waits) // 2] < USUAL, waits
        assert waits[-1] < BOUND, waits
    assert returned == again
    with office.console.parts.database.reading() as records:
        (finding,) = decisions_of(records, again)[-1].found()
    assert finding.code == "PHOTO_QUALITY"
    assert finding.rectangle == pytest.approx((0.3, 0.28, 0.4, 0.4), abs=0.01)


def _returns_with_a_rectangle(keys: Keys) -> str:
    """Chooses a reason, frames the fault by the arrow keys, reads what the person will read."""
    case = case_of(keys)
    keys.on("2")
    keys.press("1", "2", "ArrowRight", "ArrowUp", "8", "7")
    keys.sees("正在框：照片模糊、反光、过暗或翻拍", "照片不够清楚")
    keys.press("0", "ArrowLeft", "ArrowUp")
    keys.on("Enter")
    return case


def test_a_batch_is_looked_through_and_approved_by_keyboard(
    office: Office, browser: Browser
) -> None:
    desk = office.reviewer(districts=("119904",))
    some = [office.cases.add(district="119904") for _ in range(2)]
    with office.at(browser, desk) as keys:
        keys.open("/batch")
        keys.press("F2")
        keys.sees("已打开 1 张，共 6 张")
        keys.press("1")
        keys.sees("还有图片没有打开，一件都没有通过")
        keys.sees("已打开 2 张，共 6 张")  # the first that was missing stands there
        for count in range(3, 7):
            keys.press("9")
            keys.sees(f"已打开 {count} 张，共 6 张")
        assert not keys.faults()
        assert not violations(keys)
        keys.press("1")
        keys.sees("2 件一起：通过，已记下")
    settled(office)
    with office.console.parts.database.reading() as records:
        made = [decisions_of(records, each)[0] for each in some]
    assert [(each.kind, each.batch is not None) for each in made] == [("approve", True)] * 2


def test_another_agrees_to_a_refusal_by_keyboard(office: Office, browser: Browser) -> None:
    first, second = (office.reviewer(districts=("119903",)) for _ in range(2))
    application = office.cases.add(district="119903")
    first.post("/review/next")
    first.post(f"/review/{application}/refuse", finding="DUPLICATE:id_number")
    with office.at(browser, second) as keys:
        keys.open("/second")
        keys.on("F2")
        keys.sees("李工：不予受理", "已有社保卡")
        assert not keys.faults()
        assert not violations(keys)
        keys.on("1")
        keys.sees("没有等您确认或复看的")
    settled(office)
    assert office.cases.state(application) == "REFUSED"


def test_pictures_turn_grow_and_follow_by_key(office: Office, browser: Browser) -> None:
    desk = office.reviewer(districts=("119902",))
    office.cases.add(district="119902", own_photo="portrait_wang_yan", measures=[UNFIT])
    with office.at(browser, desk) as keys:
        keys.open("/review")
        keys.on("F2")
        stage = keys.page.locator(".stage")
        keys.press("7", "7", "8")
        assert set(str(stage.get_attribute("class")).split()) == {"stage", "turn-2", "zoom"}
        keys.press("9")
        assert stage.get_attribute("class") == "stage"
        assert keys.page.locator(".view:visible figcaption").inner_text() == "证件国徽面"
        keys.press("Numpad9", "9")
        assert keys.page.locator(".view:visible figcaption").inner_text() == "证件人像面"


@pytest.mark.parametrize("screen", OFFICE_SCREENS, ids=["1280x720", "1366x650"])
def test_the_main_decision_needs_no_scrolling_and_the_page_no_mouse(
    office: Office, browser: Browser, screen: ViewportSize
) -> None:
    desk = office.reviewer(districts=("119902",))
    office.cases.add(district="119902", own_photo="portrait_wang_yan", measures=[UNFIT])
    with office.at(browser, desk, screen=screen) as keys:
        keys.open("/review")
        keys.on("F2")
        for part in (".stage", "img.face", ".answers tbody tr:first-child", ".bar [data-key='1']"):
            box = keys.page.locator(part).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= screen["height"], part
        for path in ("", "/return", "/refuse", "/hold"):
            keys.open(f"/review/{case_of(keys)}{path}")
            assert not keys.faults(), path
            assert not violations(keys), path
        keys.open(f"/review/{case_of(keys)}")
        keys.press("5")


def test_on_a_narrow_screen_nothing_is_cut_off(office: Office, browser: Browser) -> None:
    desk = office.reviewer(Role.REVIEWER, Role.SUPERVISOR, districts=("119902",))
    office.cases.add(district="119902")
    with office.at(browser, desk, screen=NARROW) as keys:
        for path in ("/review", "/queue", "/batch", "/second"):
            keys.open(path)
            assert not keys.faults(), path
            assert not violations(keys), path


def test_without_a_script_a_case_is_returned_by_tab_and_enter(
    office: Office, browser: Browser
) -> None:
    desk = office.reviewer(districts=("119902",))
    office.cases.add(district="119902")
    with office.at(browser, desk, script=False) as keys:
        keys.open("/review")
        keys.page.get_by_role("button", name="下一件").press("Enter")
        application = case_of(keys)
        keys.page.get_by_role("link", name="下一张").press("Enter")
        assert keys.page.locator(".view:visible figcaption").inner_text() == "证件国徽面"
        keys.page.get_by_role("link", name="退回修改").press("Enter")
        keys.page.get_by_label("证件照片不清").press("Space")
        keys.page.get_by_role("button", name="看预览").press("Enter")
        keys.sees("身份证照片看不清")
        keys.page.get_by_role("button", name="退回，请申请人修改").press("Enter")
        keys.sees("退回修改，已记下")
    settled(office)
    assert office.cases.state(application) == "RETURNED"
