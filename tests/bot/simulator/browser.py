"""A real browser for the phone page: Debian's chromium, else playwright's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser process."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def page_at(browser: Browser, width: int, url: str) -> Iterator[Page]:
    """A page of this width. Fails at its end when anything was complained of in its console."""
    context = browser.new_context(viewport={"width": width, "height": 780})
    page = context.new_page()
    page.set_default_timeout(8000)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert faults == []


def messages(page: Page) -> list[str]:
    """The texts of all bubbles on the screen."""
    page.locator(".message.bot.waiting").wait_for(state="detached")
    return page.locator(".message .bubble").all_inner_texts()
