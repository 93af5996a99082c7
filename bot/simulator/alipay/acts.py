"""What a person can do at Alipay: a script's request as the platform's fields and as it is shown.

Source: docs.open.alipay.com/197/105240. The wrapper of an image's leaves and events that are not
listed there are of captured messages or unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.wire import in_json
from bot.simulator.event_values import BadEvent, text
from bot.simulator.media import MAX_BYTES, picture_type
from bot.simulator.sent import BadMessage, Upload

_WORD = re.compile(r"[A-Za-z_][\w.]{0,63}", re.ASCII)
_SHOWN = {"follow": "关注了生活号", "unfollow": "取消了关注", "enter": "进入了生活号"}
_FORMATS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
KINDS = ("text", "image", "event", "subscription")


@dataclass(frozen=True, slots=True)
class Act:
    """One message or event. Without `fields` nothing is pushed."""

    fields: Mapping[str, Any]
    kind: str
    text: str
    media: str = ""
    event: str = ""
    choices: tuple[tuple[str, bool], ...] = ()


def compose(account: AlipayAccount, asked: Mapping[str, Any]) -> Act:
    """What `asked` says that the person does. Raises `BadMessage`."""
    try:
        act = _composed(account, asked)
        return replace(act, fields={**act.fields, **_more(asked)})
    except BadEvent as error:
        raise BadMessage(str(error)) from error


def picture(account: AlipayAccount, upload: Upload, label: str) -> Act:
    """An image message. Raises `BadMessage`."""
    if account.is_mini:
        raise BadMessage("a mini program has no chat")
    if not upload.body or len(upload.body) > MAX_BYTES:
        raise BadMessage("a picture has 1 byte to 10 MB")
    kind = picture_type(upload.body) or "application/octet-stream"
    media_id, _ = account.media.put(upload.body, "image", kind)
    leaves = {"MediaId": media_id, "Format": _FORMATS.get(kind, "bin")}
    return Act({"MsgType": "image", "Image": leaves}, "image", label or upload.name, media_id)


def followed(scene: str = "") -> Act:
    """Following the life account, as a code's scene says where from."""
    return _event({"event": "follow", "key": scene})


def _composed(account: AlipayAccount, asked: Mapping[str, Any]) -> Act:
    kind = text(asked, "type", "text")
    if account.is_mini and kind != "subscription":
        raise BadMessage("a mini program has no chat: people answer its pop-up, subscription")
    if kind == "text":
        return _text(asked)
    if kind == "event":
        return _event(asked)
    if kind == "subscription":
        return _subscription(account, asked)
    if kind in KINDS or not _WORD.fullmatch(kind):
        raise BadMessage(f"type is one of {', '.join(KINDS)}, or a word the platform may invent")
    return Act({"MsgType": kind}, kind, f"[{kind}]")


def _text(asked: Mapping[str, Any]) -> Act:
    said = text(asked, "text")
    if not said.strip():
        raise BadMessage("text is empty")
    return Act({"MsgType": "text", "Text": {"Content": said}}, "text", said)


def _event(asked: Mapping[str, Any]) -> Act:
    event, key = text(asked, "event"), text(asked, "key")
    if not _WORD.fullmatch(event):
        raise BadMessage("event is a word")
    fields = {
        "MsgType": "event",
        "EventType": event,
        "ActionParam": _scene(key) if event in ("follow", "enter") and key else key,
        "AgreementId": "",
        "AccountNo": "",
    }
    return Act(fields, "event", _SHOWN.get(event, f"{event} {key}".strip()), event=event)


def _scene(key: str) -> str:
    """A code's scene stands in JSON; what a script writes in JSON stays as it is."""
    return key if key.startswith("{") else in_json({"scene": {"sceneId": key}})


def _subscription(account: AlipayAccount, asked: Mapping[str, Any]) -> Act:
    """The mini program's pop-up, of which the platform tells nobody but the page."""
    several = asked.get("templates") or {text(asked, "template"): asked.get("accept") is True}
    if not isinstance(several, dict) or not 1 <= len(several) <= 3:
        raise BadMessage("templates is an object of one to three template ids")
    if not all(account.template(id, "mini") for id in several):
        raise BadMessage("the app has no such template to subscribe to")
    choices = tuple((id, accepted is True) for id, accepted in several.items())
    shown = "允许发送订阅消息" if any(accepted for _, accepted in choices) else "拒绝了订阅消息"
    return Act({}, "event", shown, choices=choices)


def _more(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Elements that a script wants as it writes them."""
    fields = asked.get("fields", {})
    if not isinstance(fields, dict) or not all(_WORD.fullmatch(name) for name in fields):
        raise BadMessage("fields is an object of names and values")
    return fields
