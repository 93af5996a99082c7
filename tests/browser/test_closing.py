"""A branch closes, in a real browser: one form, the page of who has not chosen, at a phone too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from models.application_states import State
from models.push.drafts import latest_campaigns
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import Pushes
from tests.browser.at_the_desk import Keys, Office
from tests.browser.test_push import PHONE, WIDE, looked


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("closing"), redis_url)
    yield office
    office.close()


def begun(keys: Keys) -> None:
    """From the list of branches to both drafts."""
    keys.open("/content/branches")
    keys.page.click("a[aria-label='停办 ABC-01']")
    looked(keys, "closing-form")
    keys.page.get_by_label("从哪天起不办").fill("2027-01-31")
    keys.page.get_by_label("由哪个网点接着办").select_option("ABC-02")
    keys.page.click("text=提交内容，起草推送")


def test_one_form_begins_both_and_the_page_lists_who_has_not_chosen(
    office: Office, browser: Browser
) -> None:
    editor = office.reviewer(Role.CONTENT_EDITOR, Role.PUSH_EDITOR)
    pushes = Pushes(office.console)
    numbers = [pushes.person(state=State.IN_PRODUCTION) for _ in range(3)]
    with office.at(browser, editor, screen=WIDE) as keys:
        begun(keys)
        expect(keys.page.locator("main")).to_contain_text("等人发布，发布以后推送才能批准")
        with office.console.parts.database.reading() as records:
            number = latest_campaigns(records, 1)[0].id
        pushes.expand(number)
        with office.console.parts.database.writing() as records:
            latest_campaigns(records, 1)[0].stage = Stage.RUNNING.value
        pushes.ended(number, sent=3)
        keys.page.reload()
        for acceptance in numbers:
            expect(keys.page.locator("main")).to_contain_text(acceptance)
        looked(keys, "closing")
    with office.at(browser, editor, screen=PHONE) as keys:
        keys.open(f"/push/{number}/closing")
        looked(keys, "closing")
