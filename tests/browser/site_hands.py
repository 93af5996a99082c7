"""Somebody who applies for a card on the site: what they press, type and send, and then see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.bot.simulator.browser import AUDIT, look_is_there, page_faults
from tests.browser.hands import FURTHEST
from tests.rig import PICTURES, Bot

PATIENCE = 20_000  # milliseconds: work in the background, on a busy machine


@dataclass(frozen=True)
class Person:
    """Somebody of the simulated register."""

    name: str
    number: str
    phone: str


CHEN = Person("陈国强", "119999199003070019", "13900001234")
ZHAO = Person("赵小云", "119999199208190022", "13900002201")
WANG = Person("王䶮", "11999919780911005X", "13900002203")
SUN = Person("孙志强", "119999198711080117", "13900002207")


def site_faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, by our own checks and by axe's."""
    found = Axe().run(look_is_there(page)).response["violations"]
    return [*page_faults(page), *(f"{each['id']}: {each['help']}" for each in found)]


class Looking:
    """Looks at a page as it stands: ours at each look, axe's where there are other fields than
    before, for it takes a second."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, page: Page) -> None:
        faults = page_faults(page)
        assert not faults, faults
        fields: str = page.locator("#answer").evaluate(FIELDS)
        if fields not in self._seen:
            self._seen.add(fields)
            found = site_faults(page)
            assert not found, found


FIELDS = """(answer) => [...new Set([...answer.querySelectorAll("input, button, p")]
    .map((node) => `${node.localName} ${node.type} ${node.className}`))].sort().join()"""


class Hands:
    """With a mouse or a finger. Every act waits for the page that answers it."""

    def __init__(self, page: Page, bot: Bot, look: Callable[[Page], None]) -> None:
        """`look` is called at each answer."""
        self.page, self.bot, self.look = page, bot, look

    def press(self, label: str) -> None:
        """The button that says so."""
        self.page.get_by_role("button", name=label, exact=True).click()

    def type(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def photo(self, name: str) -> None:
        self.page.locator("#photo").set_input_files(PICTURES / f"{name}.jpg")
        self.page.locator(".say button:near(#photo)").first.click()

    def code(self, person: Person) -> None:
        """The code of the last text message."""
        self.type(self.bot.code(person.phone))

    def hears(self, *words: str) -> None:
        """The last message holds these words."""
        last = self.page.locator("#log .bubble.bot").last
        for word in words:
            expect(last).to_contain_text(word, timeout=PATIENCE)
        self.look(self.page)

    def number(self) -> str:
        """The acceptance number of the last message."""
        found = re.search(r"YZ\d{10,}", self.page.locator("#log .bubble.bot").last.inner_text())
        assert found
        return found[0]


class Keys(Hands):
    """Tab, Enter and letters alone; at each step the focus must be seen."""

    def press(self, label: str) -> None:
        self._go(f"button:text-is('{label}')")
        self.page.keyboard.press("Enter")

    def type(self, text: str) -> None:
        self._go("#text")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def _go(self, selector: str) -> None:
        wanted = self.page.locator(selector).first
        expect(wanted).to_be_visible(timeout=PATIENCE)
        look_is_there(self.page).evaluate(AUDIT)
        for _ in range(FURTHEST):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            assert self.page.evaluate("audit.focus()") == []
        raise AssertionError(f"{selector} is not reached by Tab")


def by_typing(hands: Hands, person: Person, *, words: dict[str, str]) -> None:
    """The card, from the first question to the acceptance number, without photos of the card."""
    hands.press(words["agree"])
    hands.hears(words["step2"])
    hands.type(words["by hand"])
    hands.hears(words["name and number"])
    hands.type(f"{person.name} {person.number}")
    hands.hears(words["ethnicity"])
    hands.type("汉")
    hands.hears(words["valid until"])
    hands.type("2038-05-12")
    hands.hears(words["phone"])
    to_the_end(hands, person, words)


def to_the_end(hands: Hands, person: Person, words: dict[str, str]) -> None:
    """From the phone on."""
    hands.type(person.phone)
    hands.hears(words["code"])
    hands.code(person)
    hands.hears(words["address"])
    hands.type("城东区和平路18号")
    hands.hears(words["work"])
    hands.press(words["retired"])
    hands.hears(words["branches"])
    hands.press(words["branch"])
    hands.hears(words["portrait"])
    expect(hands.page.locator("#log img")).to_be_visible()
    hands.press(words["use it"])
    hands.hears(words["check"])
    hands.press(words["confirm"])
    hands.hears(words["done"])


CHINESE = {
    "agree": "同意",
    "step2": "第2步/共6步 身份证",
    "by hand": "手输",
    "name and number": "请发姓名和身份证号",
    "ethnicity": "民族",
    "valid until": "有效期的最后一天",
    "phone": "第3步/共6步 手机",
    "code": "验证码已发到",
    "address": "第4步/共6步",
    "work": "您现在的工作情况是？",
    "retired": "已退休",
    "branches": "领卡网点",
    "branch": "建设银行城东支行",
    "portrait": "公安登记照",
    "use it": "用这张",
    "check": "最后看一遍",
    "confirm": "确认",
    "done": "已提交，受理号",
}
ENGLISH = {
    "agree": "agree",
    "step2": "Step 2 of 6",
    "by hand": "by hand",
    "name and number": "your name and your ID number",
    "ethnicity": "ethnicity on your ID card",
    "valid until": "last day your ID card is valid",
    "phone": "Step 3 of 6",
    "code": "6 digits",
    "address": "Step 4 of 6",
    "work": "What is your work at present?",
    "retired": "Retired",
    "branches": "where you can collect the card",
    "branch": "CCB Chengdong Branch",
    "portrait": "ID photo on file",
    "use it": "Use this one",
    "check": "One last look",
    "confirm": "confirm",
    "done": "acceptance number",
}
