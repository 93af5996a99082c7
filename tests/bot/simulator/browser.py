"""A real browser: Debian's chromium, else playwright's own.

A page may have its words before its styles and pictures. So whoever pressed what leads to another
page waits until its words can be seen, and then by `look_is_there` before anything is measured.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

AUDIT = (Path(__file__).parents[2] / "browser" / "audit.js").read_text("utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser process. Skips the tests where there is none, but never on a server's build."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        if not (path or Path(playwright.chromium.executable_path).exists()):
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing("no browser here: `make system-packages` installs chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def page_at(
    browser: Browser, width: int, url: str, *, height: int = 780, zoom: float = 1, **more: Any
) -> Iterator[Page]:
    """A page in a window of this size, in screen pixels, with nothing moving by itself.

    `zoom` is the browser's own, as by Ctrl and +; `more` goes to Playwright's `new_context`. Fails
    at its end when anything was complained of in its console.
    """
    size = ViewportSize(width=round(width / zoom), height=round(height / zoom))
    context = browser.new_context(
        viewport=size, device_scale_factor=zoom, reduced_motion="reduce", **more
    )
    page = context.new_page()
    page.set_default_timeout(8000)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert not faults, faults


def look_is_there(page: Page) -> Page:
    """The same page, when it has its styles and pictures."""
    page.wait_for_load_state("load")
    return page


def page_faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in words; that it scrolls sideways as well."""
    look_is_there(page).evaluate(AUDIT)
    faults: list[str] = page.evaluate("audit.page()")
    return faults


def messages(page: Page) -> list[str]:
    """The texts of all bubbles on the screen."""
    page.locator(".message.bot.waiting").wait_for(state="detached")
    return page.locator(".message .bubble").all_inner_texts()
