"""What is sent to a person, as the API's JSON: for calls one by one and for many at once.

Raises PlatformError(BUG) for what the platform would refuse, naming no value.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.values import sendable
from bot.ports import Filled

TEXT_BYTES = 2048
SENT_AS = re.compile(r"[\w-]{1,64}", re.ASCII)
"""An id of a message that events may name, and records hold."""

_encode = json.JSONEncoder(ensure_ascii=False).encode


def raw(body: dict[str, Any]) -> bytes:
    """As it goes over the wire: UTF-8, each character as itself (40033)."""
    return _encode(body).encode("utf-8", "replace")


def checked_text(text: str) -> str:
    """The text of one message. Raises PlatformError."""
    if not text:
        raise PlatformError(Kind.BUG, "an empty text")
    if len(text.encode("utf-8", "replace")) > TEXT_BYTES:
        raise PlatformError(Kind.BUG, f"a text of more than {TEXT_BYTES} bytes")
    return text


def text(openid: str, said: str) -> dict[str, Any]:
    """A text of at most 2,048 bytes. Raises PlatformError."""
    return {"touser": openid, "msgtype": "text", "text": {"content": checked_text(said)}}


def menu(openid: str, shown: dict[str, Any]) -> dict[str, Any]:
    """A text with options to tap."""
    return {"touser": openid, "msgtype": "msgmenu", "msgmenu": shown}


def template(openid: str, message: Filled, url: str, key: str) -> dict[str, Any]:
    """A template message. Raises PlatformError."""
    return _filled(openid, message, url=url, client_msg_id=key)


def subscription(openid: str, message: Filled, page: str) -> dict[str, Any]:
    """A message the person has subscribed to. Raises PlatformError."""
    told = {"touser": openid, "template_id": message.template, "data": fields(message)}
    return {**told, "page": page} if page else told


def mini_subscription(
    openid: str, message: Filled, page: str, state: str, locale: str
) -> dict[str, Any]:
    """The same in a mini program. Raises PlatformError."""
    language = {"miniprogram_state": state, "lang": "zh_CN" if locale == "zh_CN" else "en_US"}
    return _filled(openid, message, page=page, **language)


def fields(message: Filled) -> dict[str, dict[str, str]]:
    """The values of an approved wording. Raises PlatformError."""
    return {field: {"value": value} for field, value in sendable(message.values).items()}


def _filled(openid: str, message: Filled, **more: str) -> dict[str, Any]:
    given = {name: value for name, value in more.items() if value}
    return {"touser": openid, "template_id": message.template, **given, "data": fields(message)}


def message_id(told: Any) -> str:
    """As the platform reports of it later, in `MsgID`: a number longer than a float holds. "" for
    none, and for what no event can name: what the records cannot hold keeps them from being written
    for all calls beside it."""
    found = str(told.get("msgid") or "")
    return found if SENT_AS.fullmatch(found) else ""
