"""Messages that the account sends by API: checked as the platform checks them, then shown.

Errcodes: developers.weixin.qq.com, 全局返回码.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from bot.simulator.chats import Chats, Said, choices_in
from bot.simulator.media import MediaBox
from bot.simulator.reply import MAX_TEXT
from bot.simulator.windows import Windows

_ESCAPED = re.compile(rb"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_MENU_OPTIONS = 10


class ApiFault(Exception):
    """A call that is refused with this errcode."""

    def __init__(self, errcode: int) -> None:
        super().__init__(str(errcode))
        self.errcode = errcode


class CustomSends:
    """`/cgi-bin/message/custom/send`."""

    def __init__(self, chats: Chats, windows: Windows, media: MediaBox) -> None:
        self._chats, self._windows, self._media = chats, windows, media
        self._readers: dict[str, Callable[[dict[str, Any]], Said]] = {
            "text": self._text,
            "image": self._image,
            "news": self._news,
            "msgmenu": self._menu,
        }

    def send(self, body: bytes) -> None:
        """Check one message and show it. Raises `ApiFault`, and then nothing is shown."""
        message = parse(body)
        openid, kind = message.get("touser"), message.get("msgtype")
        if not isinstance(openid, str) or not self._chats.is_known(openid):
            raise ApiFault(40003)
        if kind not in self._readers or not isinstance(message.get(kind), dict):
            raise ApiFault(40008)
        said = self._readers[kind](message[kind])
        if not self._chats.follows(openid):
            raise ApiFault(45015)
        verdict = self._windows.take(openid)
        if verdict != "ok":
            raise ApiFault(45047 if verdict == "used_up" else 45015)
        self._chats.add(openid, said)

    def _text(self, part: dict[str, Any]) -> Said:
        text = part.get("content")
        if not isinstance(text, str) or not text:
            raise ApiFault(44004)
        if len(text.encode()) > MAX_TEXT:
            raise ApiFault(45002)
        return Said("bot", "text", text, "custom", choices_in(text))

    def _image(self, part: dict[str, Any]) -> Said:
        media = str(part.get("media_id", ""))
        if self._media.get(media) is None:
            raise ApiFault(40007)
        return Said("bot", "image", "", "custom", media=media)

    def _news(self, part: dict[str, Any]) -> Said:
        articles = part.get("articles")
        if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
            raise ApiFault(44003)
        if len(articles) > 1:
            raise ApiFault(45008)
        return Said(
            "bot", "link", f"{articles[0].get('title')}\n{articles[0].get('url')}", "custom"
        )

    def _menu(self, part: dict[str, Any]) -> Said:
        rows = part.get("list")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ApiFault(47001)
        if not 1 <= len(rows) <= _MENU_OPTIONS:
            raise ApiFault(45098)
        options = [(str(row.get("id", "")), str(row.get("content", ""))) for row in rows]
        parts = (part.get("head_content"), *(c for _, c in options), part.get("tail_content"))
        return Said("bot", "menu", "\n".join(str(p) for p in parts if p), "custom", options)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON of a call: raw UTF-8, never \\uXXXX. Raises `ApiFault`."""
    if not body:
        raise ApiFault(44002)
    if _ESCAPED.search(body):
        raise ApiFault(40033)
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise ApiFault(47001) from error
    if not isinstance(fields, dict):
        raise ApiFault(47001)
    return fields
