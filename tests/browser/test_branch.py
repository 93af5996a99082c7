"""A clerk hands a card over and switches it on by keyboard alone, and the pages look right."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, expect

from bot.console.sessions import COOKIE
from config.city import load_city
from models.application_states import State
from models.applications import Application
from models.documents import FileObjects, add_document
from models.lifecycle import BANK_ACTIVATED, BANK_NOT_ACTIVATED
from models.passes import Collector, issue_pass
from tests.bot.simulator.browser import look_is_there, page_at, page_faults
from tests.end_to_end.clerk import signed_in
from tests.handlers.chat import NAME, NUMBER, PHONE
from tests.models.making import make_application, make_person, new_id
from tests.rig import PICTURES, Bot

BRANCH, DIGITS, PORTRAIT = "ABC-01", "482915", "d" * 32
PHOTO = PICTURES / "portrait_chen_guoqiang.jpg"


def waiting(bot: Bot) -> str:
    """A card with a pass, and a portrait to compare."""
    answers = {
        "name": NAME, "phone": PHONE, "id_number": NUMBER, "portrait": {"document": PORTRAIT},
    }  # fmt: skip
    objects, now = FileObjects(bot.settings.data_dir / "objects"), bot.clock()
    with bot.database.writing() as records:
        add_document(
            records, bot.keys, objects, document_id=PORTRAIT, kind="portrait",
            image=PHOTO.read_bytes(), media_type="image/jpeg", width=358, height=441,
            draft_id=None, expires_at=None, now=now,
        )  # fmt: skip
        made = make_application(
            records, make_person(records), answers=answers, branch=BRANCH, bank="ABC",
            delivery="pickup", now=now,
        )  # fmt: skip
        made.state, made.bank_status = State.READY_FOR_PICKUP.value, BANK_NOT_ACTIVATED
        issue_pass(
            records, bot.keys, made, Collector.SELF, rules=load_city().collection, now=now,
            draw=lambda: DIGITS, new_id=new_id,
        )  # fmt: skip
        return made.id


def test_six_digits_enter_and_a_function_key(bot: Bot, browser: Browser) -> None:
    application_id = waiting(bot)
    cookie = {"name": COOKIE, "value": signed_in(bot, BRANCH), "url": f"{bot.site}/console"}
    looks = os.environ.get("PICTURES_OF_PAGES")
    with page_at(browser, 1280, f"{bot.site}/") as page:
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(f"{bot.site}/console/branch")

        def looked(name: str) -> None:
            assert page_faults(page) == []
            if looks:
                page.screenshot(path=Path(looks) / f"{name}.png")

        looked("branch")
        page.keyboard.type(DIGITS)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("本人领取")
        expect(page.locator("main")).to_contain_text(NUMBER[-4:])
        portrait = look_is_there(page).locator(".person img")
        assert portrait.evaluate("image => image.naturalWidth") > 0
        looked("pass")
        page.keyboard.press("F8")
        expect(page.locator(".told")).to_contain_text("卡已交出")
        looked("given")
        page.keyboard.press("F4")
        expect(page.locator("table")).to_contain_text("已启用")
        looked("on")
        page.keyboard.press("F9")
        expect(page.locator("table")).to_contain_text("已激活")
        looked("both")
        page.keyboard.press("F2")
        expect(page.locator("#said")).to_be_focused()
    with bot.database.reading() as records:
        card = records.get_one(Application, application_id)
        assert (card.state, card.bank_status) == (State.ACTIVATED, BANK_ACTIVATED)
