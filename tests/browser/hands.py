"""Two ways to use the phone page: a mouse alone, and a keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from playwright.sync_api import Page, expect

from tests.bot.simulator.browser import AUDIT, look_is_there

PATIENCE = 60_000  # milliseconds for an answer: reading a photo on a busy machine takes its time
FURTHEST = 90  # presses of Tab that nothing on the page is away


class Hands(Protocol):
    """What a person does on the page. Each act waits for nothing; `answered` does."""

    def press(self, selector: str, tool: str = "") -> None:
        """Use the button that `selector` names; `tool` is behind the + where it is not in sight."""

    def say(self, text: str, *, button: str) -> None:
        """Send `text`, by a `button` that holds it or by typing."""


def answered(page: Page, *words: str) -> None:
    """Wait until the bot's last message holds these words, and nothing is on its way."""
    last = page.locator(".message.bot:not(.waiting)").last
    for word in words:
        expect(last).to_contain_text(word, timeout=PATIENCE)
    expect(page.locator(".message.waiting")).to_have_count(0)


class Mouse:
    """Clicks, and nothing else: no key is pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str, tool: str = "") -> None:
        if tool and not self.page.locator(f"#panel-{tool}").is_visible():
            self.page.click("#more")
            self.page.click(f"[data-tool={tool}]")
        self.page.click(selector)

    def say(self, text: str, *, button: str) -> None:
        self.press(button, "people" if button.startswith("#people") else "")
        if button.startswith("#people"):
            expect(self.page.locator("#say")).to_have_value(text)
            self.page.click("#send")


class Keyboard:
    """Tab, Shift+Tab, Enter and letters. At each step the focus must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        look_is_there(page).evaluate(AUDIT)

    def press(self, selector: str, tool: str = "") -> None:
        if tool:
            self._go("#more")
            self.page.keyboard.press("Enter")
            self._go(f"[data-tool={tool}]")
            self.page.keyboard.press("Enter")
        self._go(selector, "Tab" if tool else "Shift+Tab")
        self.page.keyboard.press("Enter")

    def say(self, text: str, *, button: str) -> None:
        self._go("#say")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def _go(self, selector: str, key: str = "Tab") -> None:
        for _ in range(FURTHEST):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press(key)
            faults = self.page.evaluate("audit.focus()")
            assert not faults, (selector, faults)
        raise AssertionError(f"{selector} is not reached by {key}")


@contextmanager
def without_a_mouse(page: Page) -> Iterator[None]:
    """Fails when anything was clicked by a pointer: the page counts."""
    page.evaluate(
        "['pointerdown', 'mousedown'].forEach((kind) =>"
        " addEventListener(kind, () => { window.pointed = true; }, true))"
    )
    yield
    assert not page.evaluate("window.pointed")
