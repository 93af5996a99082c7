"""Messages that the account sends by API: checked as the platform checks them, then shown.

Source: developers.weixin.qq.com, 客服消息 of service accounts and of mini programs, 全局返回码.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator.account import Account
from bot.simulator.chats import Said, choices_in
from bot.simulator.desk import STAFF
from bot.simulator.errcodes import ApiFault
from bot.simulator.reply import MAX_TEXT

_ESCAPED = re.compile(rb"\\u(?!00[0-7])[0-9a-fA-F]{4}")
MENU_OPTIONS = 10
"""The platform publishes no number; more than it has are refused with 45098."""

Part = dict[str, Any]


class CustomSends:
    """`message/custom/send` of one account."""

    def __init__(self, account: Account, mini_app_id: str) -> None:
        """`mini_app_id`: the mini program whose pages the account may send."""
        self._account, self._mini_app_id = account, mini_app_id
        both: dict[str, Callable[[Part], Said]] = {
            "text": self._text,
            "image": self._image,
            "miniprogrampage": self._mini_page,
        }
        official: dict[str, Callable[[Part], Said]] = {
            "voice": self._voice,
            "video": self._video,
            "music": self._music,
            "news": self._news,
            "mpnews": self._no_article,
            "mpnewsarticle": self._no_article,
            "msgmenu": self._menu,
            "wxcard": self._no_card,
        }
        self._readers = both | ({"link": self._link} if account.is_mini else official)

    def send(self, body: bytes) -> None:
        """Check one message and show it. Raises `ApiFault`, and then nothing is shown."""
        message = parse(body)
        openid, kind = person(self._account, message), message.get("msgtype")
        if kind not in self._readers or not isinstance(message.get(kind), dict):
            raise ApiFault(40008)
        said = self._readers[kind](message[kind])
        self._check_staff(message.get("customservice"))
        if not self._account.chats.follows(openid):
            raise ApiFault(45015)
        verdict = self._account.windows.take(openid)
        if verdict != "ok":
            raise ApiFault(45047 if verdict == "used_up" else 45015)
        self._account.chats.add(openid, said)
        self._account.sent.accepted(openid)

    def typing(self, body: bytes) -> None:
        """`message/custom/typing`. Raises `ApiFault`."""
        message = parse(body)
        person(self._account, message)
        if message.get("command") not in ("Typing", "CancelTyping"):
            raise ApiFault(47001)

    def _check_staff(self, asked: object) -> None:
        """In whose name the message is sent, where one is given."""
        if asked is None:
            return
        who = str(asked.get("kf_account", "")) if isinstance(asked, Mapping) else ""
        name, _, account = who.partition("@")
        if name not in STAFF or account != self._account.config.account:
            raise ApiFault(65401)

    # --- kinds ---

    def _text(self, part: Part) -> Said:
        text = _given(part, "content", 44004)
        if len(text.encode()) > MAX_TEXT:
            raise ApiFault(45002)
        return Said("bot", "text", text, "custom", choices_in(text))

    def _image(self, part: Part) -> Said:
        return Said("bot", "image", "", "custom", media=self._medium(part, "media_id", "image"))

    def _voice(self, part: Part) -> Said:
        return Said("bot", "voice", "", "custom", media=self._medium(part, "media_id", "voice"))

    def _video(self, part: Part) -> Said:
        media = self._medium(part, "media_id", "video")
        self._medium(part, "thumb_media_id", "thumb", "image")
        return Said("bot", "video", str(part.get("title", "")), "custom", media=media)

    def _music(self, part: Part) -> Said:
        self._medium(part, "thumb_media_id", "thumb", "image")
        url = _given(part, "musicurl", 47001)
        _given(part, "hqmusicurl", 47001)
        return Said("bot", "link", f"{part.get('title', '')}\n{url}", "custom")

    def _news(self, part: Part) -> Said:
        articles = part.get("articles")
        if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
            raise ApiFault(44003)
        if len(articles) > 1:
            raise ApiFault(45008)
        _given(articles[0], "title", 44003)
        return _link_card(articles[0], "picurl")

    def _link(self, part: Part) -> Said:
        """A mini program's card of a page on the web."""
        for name in ("title", "url"):
            _given(part, name, 47001)
        return _link_card(part, "thumb_url")

    def _no_article(self, _: Part) -> Said:
        """Articles are published in the console; this account has none."""
        raise ApiFault(40007)

    def _no_card(self, _: Part) -> Said:
        raise ApiFault(40073)

    def _menu(self, part: Part) -> Said:
        if not self._account.rights.has("msgmenu"):
            raise ApiFault(40200)
        rows = part.get("list")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ApiFault(47001)
        if not 1 <= len(rows) <= MENU_OPTIONS:
            raise ApiFault(45098)
        options = [(_given(row, "id", 47001), _given(row, "content", 47001)) for row in rows]
        parts = (part.get("head_content"), *(c for _, c in options), part.get("tail_content"))
        text = "\n".join(str(p) for p in parts if p)
        if len(text.encode()) > MAX_TEXT:
            raise ApiFault(45002)
        return Said("bot", "menu", text, "custom", options)

    def _mini_page(self, part: Part) -> Said:
        title, page = _given(part, "title", 47001), _given(part, "pagepath", 41030)
        app_id = part.get("appid", "" if not self._account.is_mini else self._mini_app_id)
        if not self._mini_app_id or app_id != self._mini_app_id:
            raise ApiFault(40013)
        thumb = self._medium(part, "thumb_media_id", "image", "thumb")
        card = {"title": title, "appid": app_id, "pagepath": page}
        return Said("bot", "miniprogram", title, "custom", media=thumb, card=card)

    def _medium(self, part: Part, name: str, *kinds: str) -> str:
        """The id of a medium of this account that is of one of these kinds."""
        media = str(part.get(name, ""))
        found = self._account.media.get(media)
        if found is None or found.kind not in kinds:
            raise ApiFault(40007)
        return media


def _link_card(article: Part, picture: str) -> Said:
    title, url = article["title"], article.get("url", "")
    card = {
        "title": title,
        "description": article.get("description", ""),
        "url": url,
        "picture": article.get(picture, ""),
    }
    return Said("bot", "link", f"{title}\n{url}", "custom", card=card)


def _given(part: Mapping[str, Any], name: str, errcode: int) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise ApiFault(errcode)
    return value


def person(account: Account, message: Mapping[str, Any]) -> str:
    """Whom a message is for. Raises `ApiFault`: 40003 for who is no user of this account, and
    what a script has set for this person."""
    openid = message.get("touser")
    if not isinstance(openid, str) or not account.chats.is_known(openid):
        raise ApiFault(40003)
    if openid in account.refusals:
        raise ApiFault(account.refusals[openid])
    return openid


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
