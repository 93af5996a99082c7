"""The page of the offices that make cards."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from tests.bot.simulator.browser import chromium, page_at, page_faults
from tests.bot.simulator.card_making.city import City, person
from tests.bot.simulator.card_making.conftest import Making


def test_the_page_shows_what_is_where_and_a_day_can_be_added(city: City, making: Making) -> None:
    page = f"{making.url}/simulator/cards"
    assert "还没有批次来过" in requests.get(page, timeout=5).text
    city.send("province", person(name='<b>"强'))
    shown = requests.get(page, timeout=5).text
    assert "省厅校验，还要1天" in shown
    assert "<b>" not in shown
    after = requests.post(f"{page}/days", data={"days": "1"}, timeout=5)
    assert after.url == page
    assert "省厅已通过，等银行开户批次" in after.text
    assert "已推进1天" in after.text


def test_a_failure_is_asked_for_by_its_button(city: City, making: Making) -> None:
    city.send("province", person())
    page = f"{making.url}/simulator/cards"
    requests.post(f"{page}/{1:032x}/failure", data={"step": "province"}, timeout=5)
    shown = requests.post(f"{page}/days", data={"days": "1"}, timeout=5).text
    assert "省厅校验失败，等重新上报" in shown


def test_what_cannot_be_done_is_said_on_the_page(making: Making) -> None:
    answer = requests.post(f"{making.url}/simulator/cards/days", data={"days": "9999"}, timeout=5)
    assert answer.status_code == 400
    assert "天数要是1到400之间的整数" in answer.text


def test_another_sites_form_cannot_add_a_day(making: Making) -> None:
    foreign = {"Origin": "http://elsewhere.example"}
    page = f"{making.url}/simulator/cards/days"
    assert requests.post(page, data={"days": "1"}, headers=foreign, timeout=5).status_code == 403


@pytest.mark.parametrize("width", [360, 1280])
def test_a_browser_adds_a_day_and_the_page_can_be_read_in_it(
    city: City, making: Making, width: int
) -> None:
    """A browser names where a form comes from only if the page lets it. Long words are broken."""
    city.send("province", person())
    faults = [{"line": 1, "code": "NO_SUCH_LINE_IN_THE_BATCH_" * 4}]
    city.ask("province", "replies/report", name="SBK_119900_20261126_0001_ANS" * 3, faults=faults)
    with (
        chromium() as browser,
        page_at(browser, width, f"{making.url}/simulator/cards") as page,
    ):
        page.get_by_role("button", name="推进一天").click()
        expect(page.get_by_text("省厅已通过，等银行开户批次")).to_be_visible()
        assert page_faults(page) == []
