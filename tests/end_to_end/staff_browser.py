"""A member of staff at a browser without scripts: pages and their forms over HTTP, signed in with
password and phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from html import unescape

import requests
from pyotp import TOTP

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_SECRET = re.compile(r"<code>([A-Z2-7]{32})</code>")
_TAG = re.compile(r"<[^>]*>")
OWN_PASSWORD = "Wunderlich-7-Kraniche"
PATIENCE = 30.0


class StaffBrowser:
    """`page` is what was answered last. Codes are those of `clock`, which `wait` moves on: each is
    good once."""

    def __init__(
        self,
        site: str,
        login: str,
        password: str,
        clock: Callable[[], datetime],
        wait: Callable[[timedelta], None],
    ) -> None:
        self._url, self._login, self._password = f"{site}/console", login, password
        self._clock, self._wait = clock, wait
        self._http, self._secret = requests.Session(), ""
        self.page = ""

    def sign_in(self) -> None:
        """The first time the phone is set up and the password changed."""
        self.post("/sign-in", login=self._login, password=self._password, before="/sign-in")
        if self._secret:
            self.post("/sign-in/code", code=self._code(), before="/sign-in/code")
            return
        found = _SECRET.search(self.get("/sign-in/set-up"))
        assert found, self.text
        self._secret = found[1]
        self.post("/sign-in/set-up", code=self._code())
        old, self._password = self._password, OWN_PASSWORD
        self.post("/me/password", old=old, new=OWN_PASSWORD, again=OWN_PASSWORD, before="/me")

    def get(self, path: str) -> str:
        """A page; who was signed out meanwhile signs in again."""
        answer = self._http.get(self._url + path, timeout=PATIENCE)
        if answer.url.endswith("/sign-in") and path != "/sign-in":
            self.sign_in()
            answer = self._http.get(self._url + path, timeout=PATIENCE)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page = answer.text
        return self.page

    def post(self, path: str, *, before: str = "", expect: int = 200, **form: str) -> str:
        """A form of the page that is open, or of `before`; where it leads to."""
        if before:
            self.get(before)
        found = _TOKEN.search(self.page)
        assert found, self.text
        data: Mapping[str, str] = {**form, "csrf_token": unescape(found[1])}
        answer = self._http.post(self._url + path, data=data, timeout=PATIENCE)
        assert answer.status_code == expect, (path, answer.status_code, read(answer.text))
        self.page = answer.text
        return self.page

    def action(self, end: str) -> str:
        """Where the form of this page leads whose address ends so."""
        found = re.search(rf'action="/console([^"]*/{end})"', self.page)
        assert found, self.text
        return unescape(found[1])

    @property
    def text(self) -> str:
        """What is read of the page."""
        return read(self.page)

    def _code(self) -> str:
        self._wait(timedelta(seconds=31))
        return TOTP(self._secret).at(self._clock())


def read(page: str) -> str:
    """A page without its marks."""
    return re.sub(r"\s+", " ", unescape(_TAG.sub(" ", page))).strip()
