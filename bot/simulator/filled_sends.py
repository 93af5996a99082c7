"""Template and subscription messages: checked as the platform does, shown, and reported later.

Source: developers.weixin.qq.com, 发送模板消息, 发送订阅通知 (bizsend), 发送订阅消息.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator.account import Account
from bot.simulator.chats import Said
from bot.simulator.errcodes import ApiFault
from bot.simulator.push import Fields
from bot.simulator.result_events import subscription_result, template_result
from bot.simulator.sends import parse, person
from bot.simulator.store import NOBODY
from bot.simulator.templates import Sort, Template

ONCE_SECONDS = 600.0  # so long a client_msg_id is remembered
STATES = ("developer", "trial", "formal")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")
DELIVERED = "success"
_CODES = {DELIVERED: 0, "failed:user block": 43101}

Tell = Callable[[str, Fields], None]
Link = Mapping[str, Any]


class FilledSends:
    """The calls of one account. `tell` pushes to its webhook after the answer."""

    def __init__(self, account: Account, mini_app_id: str, tell: Tell) -> None:
        self._account, self._mini_app_id, self._tell = account, mini_app_id, tell

    def template(self, body: bytes, result: str) -> dict[str, Any]:
        """`message/template/send`; `result` is what becomes of it, success as a rule."""
        message = parse(body)
        openid = person(self._account, message)
        found, values = self._filled(message, "template")
        link = {"url": _page(message, "url"), **self._mini_link(message)}
        if not self._account.chats.follows(openid):
            raise ApiFault(43004)
        key = message.get("client_msg_id", "")
        if not isinstance(key, str):
            raise ApiFault(47001)
        with self._account.store.together():
            msgid, again = self._numbered(openid, key)
            if not again:
                self._show(openid, found, values, link, result)
        if again:
            self._account.sent.repeated(key)
        else:
            self._account.sent.accepted(openid)
            self._tell(openid, template_result(msgid, result))
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def subscription(self, body: bytes, result: str) -> dict[str, Any]:
        """`message/subscribe/bizsend`, or `message/subscribe/send` of a mini program."""
        message = parse(body)
        openid = person(self._account, message)
        found, values = self._filled(message, "subscription")
        if self._account.is_mini:
            _check_edition(message)
        link = {"url": _page(message, "page"), **self._mini_link(message)}
        with self._account.store.together():
            if not self._account.credits.take(openid, found.id):
                raise ApiFault(43101)
            msgid, _ = self._numbered(openid, "")
            self._show(openid, found, values, link, result)
        self._account.sent.accepted(openid)
        code = _CODES.get(result, -1)
        self._tell(openid, subscription_result(found.id, msgid, code, result))
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def _filled(
        self, message: Mapping[str, Any], sort: Sort
    ) -> tuple[Template, list[tuple[str, str]]]:
        found = self._account.templates.get(message.get("template_id"), sort)
        return found, found.fill(message.get("data"))

    def _mini_link(self, message: Mapping[str, Any]) -> Link:
        """The mini program that the card opens. Raises `ApiFault` 40013 for one not linked."""
        asked = message.get("miniprogram")
        if not asked:
            return {}
        app_id = asked.get("appid") if isinstance(asked, Mapping) else None
        if not self._mini_app_id or app_id != self._mini_app_id:
            raise ApiFault(40013)
        return {"appid": app_id, "pagepath": str(asked.get("pagepath", ""))}

    def _numbered(self, openid: str, key: str) -> tuple[int, bool]:
        """The message's id, and whether it was sent before under the same client_msg_id."""
        store, now = self._account.store, self._account.clock.seconds()
        with store.lock():
            row = key and store.row(
                "SELECT id FROM sends WHERE openid = ? AND client_msg_id = ? AND at > ?",
                openid,
                key,
                now - ONCE_SECONDS,
            )
            if row:
                return self._account.chats.message_id(row["id"]), True
            new = store.write(
                "INSERT INTO sends(openid, client_msg_id, at) VALUES(?, ?, ?)",
                openid,
                key,
                now,
                seen_by=NOBODY,
            )
        return self._account.chats.message_id(new), False

    def _show(
        self,
        openid: str,
        template: Template,
        values: list[tuple[str, str]],
        link: Link,
        result: str,
    ) -> None:
        """Put the card into the chat, unless the message never arrives."""
        if result != DELIVERED:
            return
        via = "template" if template.sort == "template" else "subscribe"
        lines = [f"{label}：{value}" for label, value in values]
        rows = [{"label": label, "value": value} for label, value in values]
        card = {"title": template.title, "fields": rows, **link}
        self._account.chats.add(
            openid, Said("bot", "text", "\n".join([template.title, *lines]), via, card=card)
        )


def _page(message: Mapping[str, Any], name: str) -> str:
    page = message.get(name, "")
    if not isinstance(page, str) or len(page.encode()) > 1024:
        raise ApiFault(41030)
    return page


def _check_edition(message: Mapping[str, Any]) -> None:
    if message.get("miniprogram_state", "formal") not in STATES:
        raise ApiFault(40097)
    if message.get("lang", "zh_CN") not in LANGUAGES:
        raise ApiFault(40097)
