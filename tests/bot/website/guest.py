"""Somebody at a browser without scripts: reads pages, fills in their forms, keeps cookies."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

from werkzeug.test import Client, TestResponse

from bot.dialogue.messages import AccountKey
from models.access_tokens import account_of_token
from tests.bot.site import Site

COOKIE = "visitor"
_ONCE = re.compile(r'name="once" value="([^"]+)"')
_MAIN = re.compile(r"<main.*</main>", re.DOTALL)


class Guest:
    """`guest.get("/apply")`, then `guest.send(word="同意")`; `guest.text` is what is read."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site, self.headers = site, headers
        self.client: Client = site.app.test_client()
        self.page = ""
        self.status = 0

    def get(self, path: str) -> str:
        """Open a page. Returns what is read of its content."""
        self._read(self.client.get(path, headers=self.headers))
        return self.text

    def send(self, path: str = "/apply", *, once: str = "", **fields: Any) -> str:
        """Send a form of the page that is open, and follow to where it leads."""
        answer = self.post(path, once=once, **fields)
        if answer.status_code == 303:
            return self.get(answer.headers["Location"])
        self._read(answer)
        return self.text

    def post(self, path: str = "/apply", *, once: str = "", **fields: Any) -> TestResponse:
        """Send a form without following."""
        data = {"once": once or self.once(), **{k: _field(v) for k, v in fields.items()}}
        return self.client.post(path, data=data, headers=self.headers)

    def once(self) -> str:
        """The hidden field of the form in the page's content."""
        found = _ONCE.search(self._main()) or _ONCE.search(self.page)
        assert found, self.page
        return unescape(found[1])

    @property
    def text(self) -> str:
        """What is read of the page's content."""
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", self._main()))).strip()

    def choice(self, label: str) -> str:
        """The value of the button that says this."""
        found = re.search(rf'name="choice" value="([^"]+)">{re.escape(label)}<', self.page)
        assert found, self.text
        return found[1]

    def cookie(self, name: str = COOKIE) -> str | None:
        held = self.client.get_cookie(name)
        return held.value if held else None

    def account(self) -> AccountKey:
        """Who this is to the service; for who has sent something."""
        parts = self.site.parts
        with parts.database.reading() as records:
            found = account_of_token(records, self.cookie() or "", "web", self.site.clock())
        assert found
        return AccountKey.parse(found)

    def _main(self) -> str:
        found = _MAIN.search(self.page)
        return found[0] if found else ""

    def _read(self, answer: TestResponse) -> None:
        self.status, self.page = answer.status_code, answer.text


def _field(value: Any) -> Any:
    return (io.BytesIO(value), "photo.jpg") if isinstance(value, bytes) else value
