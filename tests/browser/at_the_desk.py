"""A reviewer at a keyboard, in a real browser: each wait is measured from the key until the next
page stands there with its pictures."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize
from werkzeug.serving import make_server

from bot.console.sessions import COOKIE
from bot.simulator.server import QuietHandler
from models.staff import Role, Staff
from tests.bot.console.cases import Cases
from tests.bot.console.staffed import Desk, Staffed
from tests.bot.simulator.browser import look_is_there, page_faults

SCREEN = ViewportSize(width=1280, height=720)
READY = """title => document.querySelector('h1').innerText !== title
    && [...document.querySelectorAll('main img[data-picture]')].every(
        image => image.complete && image.naturalWidth > 0)"""


class Office:
    """The console, served; cases to be reviewed; members of staff at their browsers."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.console = Staffed(folder, redis_url)
        self.cases = Cases(self.console.parts)
        self._server = make_server(
            "127.0.0.1", 0, self.console.app, threaded=True, request_handler=QuietHandler
        )
        self.site = f"http://127.0.0.1:{self._server.server_port}/console"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.console.close()

    def staff(self, desk: Desk) -> Staff:
        with self.console.parts.database.reading() as records:
            found = records.get_one(Staff, desk.staff_id)
            records.expunge_all()
            return found

    def reviewer(self, *roles: Role, districts: tuple[str, ...] = ()) -> Desk:
        return self.console.desk(*(roles or (Role.REVIEWER,)), districts=districts)

    def at(
        self, browser: Browser, desk: Desk, *, screen: ViewportSize = SCREEN, script: bool = True
    ) -> AbstractContextManager[Keys]:
        """See `at_the_console`."""
        return at_the_console(browser, desk, self.site, screen=screen, script=script)


@contextmanager
def at_the_console(
    browser: Browser,
    desk: Desk,
    site: str,
    *,
    screen: ViewportSize = SCREEN,
    script: bool = True,
) -> Iterator[Keys]:
    """A browser in which this person is signed in. Fails when anything was complained of."""
    cookie = desk.client.get_cookie(COOKIE, path="/console")
    assert cookie is not None
    context = browser.new_context(
        viewport=screen, reduced_motion="reduce", java_script_enabled=script
    )
    context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": site}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    yield Keys(page, site)
    context.close()
    faults = [fault for fault in faults if "409" not in fault and "422" not in fault]
    assert not faults, faults


class Keys:
    """Hands on a keyboard, and nothing else."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.waits: list[float] = []  # seconds, from a key to the next case
        self.pictures: list[str] = []  # that were asked for, by address
        page.on("request", lambda sent: self._note(sent.url))

    def _note(self, url: str) -> None:
        if "/pictures/" in url:
            self.pictures.append(url)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    @property
    def title(self) -> str:
        return self.page.locator("h1").inner_text()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def on(self, key: str) -> str:
        """Press what leads to another page, and wait until it stands there; its title."""
        before = self.title
        started = time.perf_counter()
        self.page.keyboard.press(key)
        self.page.wait_for_function(READY, arg=before, polling=5)
        self.waits.append(time.perf_counter() - started)
        look_is_there(self.page)
        return self.title

    def sees(self, *words: str) -> None:
        for word in words:
            self.page.get_by_text(word).first.wait_for()

    def faults(self) -> list[str]:
        """What is wrong with the page as it stands, in words."""
        return page_faults(self.page)
