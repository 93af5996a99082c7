"""Which of the six words of progress is shown to a person, wherever they look."""

from __future__ import annotations

import re
from html import unescape

import requests

from tests.end_to_end.every_channel import Player

Stage = tuple[int, str]
"""The number and the word: (4, "制卡")."""
PATIENCE = 30.0
_SHOWN = re.compile(r"进度(\d)/6，([^：\s]+)")
_ONCE = re.compile(r'name="once" value="([^"]+)"')


def stage_in(text: str) -> Stage:
    """What a text says."""
    found = _SHOWN.search(text)
    assert found, text
    return int(found[1]), found[2]


def stage_of(player: Player) -> Stage:
    """What a chat says to 进度."""
    said = "\n".join("\n".join(message.lines) for message in player.say("进度"))
    return stage_in(said)


class ProgressPage:
    """A browser at `/progress`."""

    def __init__(self, site: str) -> None:
        self._url, self._http, self._page = f"{site}/progress", requests.Session(), ""

    def ask(self, number: str) -> None:
        """Whose application; a code leaves."""
        self._open()
        self._send("ask", number=number)

    def prove(self, code: str) -> None:
        """The code, and to be remembered."""
        self._send("code", code=code)
        self._send("remember")

    @property
    def stage(self) -> Stage:
        """Where the application stands by the page, now."""
        return stage_in(self.text)

    @property
    def text(self) -> str:
        """What is read of the page now."""
        self._open()
        return re.sub(r"<[^>]*>", "", unescape(self._page))

    def _open(self) -> None:
        self._page = self._http.get(self._url, timeout=PATIENCE).text

    def _send(self, form: str, **fields: str) -> None:
        once = _ONCE.search(self._page[self._page.index("<main") :])
        assert once, self._page
        data = {"once": unescape(once[1]), **fields}
        answer = self._http.post(f"{self._url}/{form}", data=data, timeout=PATIENCE)
        assert answer.status_code == 200, answer.status_code
        self._page = answer.text
