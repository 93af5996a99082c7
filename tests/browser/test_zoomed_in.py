"""The phone page with the browser's zoom at 200 and 400 percent: it can still be used."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.bot.simulator.browser import page_at, page_faults
from tests.browser.hands import Mouse, answered
from tests.rig import Bot

# Width, height, zoom. 1280 by 1024 at 400 percent is WCAG 2.2's measure (1.4.10, reflow).
ZOOMED = [(360, 780, 2.0), (1280, 800, 2.0), (1280, 1024, 4.0)]
LEAST_SEEN = 90  # CSS pixels of the chat that stay in sight: three lines


def is_in_sight(page: Page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    size = page.viewport_size
    assert box and size
    inside = box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    return inside and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_zoomed_in_it_can_still_be_used(browser: Browser, bot: Bot) -> None:
    for width, height, zoom in ZOOMED:
        url = f"{bot.simulator.url}/simulator?user=oZoom{width}x{zoom:.0f}"
        with page_at(browser, width, url, height=height, zoom=zoom) as page:
            hands = Mouse(page)
            hands.say("你好", button=".chip[data-text=你好]")
            answered(page, "5 查社保记录")
            hands.press(".chip[data-text='1']")
            answered(page, "第1步/共6步")
            assert page_faults(page) == []
            assert page.evaluate("log.clientHeight") >= LEAST_SEEN, (width, zoom)
            assert all(is_in_sight(page, at) for at in ("#say", "#more", "#send")), (width, zoom)
            page.click("#more")
            page.click("[data-tool=photos]")
            assert page.locator("[data-file='chen_guoqiang_front.jpg']").is_visible()
            assert page_faults(page) == []


def test_what_the_plus_opens_is_as_it_should_be(browser: Browser, bot: Bot) -> None:
    with page_at(browser, 360, f"{bot.simulator.url}/simulator?user=oPlus") as page:
        for tool in ("sms", "photos", "places", "people"):
            page.click("#more")
            page.click(f"[data-tool={tool}]")
            assert page_faults(page) == []
            page.keyboard.press("Escape")
            assert page.evaluate("document.activeElement.id") == "say"
