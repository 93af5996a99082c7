"""Elements of a push to an `Update`: what kind of thing it is, and its key against repeats."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import Fields
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Update

_PLAIN_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_SCENE = "qrscene_"
_SECONDS = re.compile(r"\d{1,10}", re.ASCII)  # inside what a date can hold, whoever wrote it

# What the platform pushes as a *text* in place of a sticker, a GIF or a red packet
# (reported in wechatpy issue 656 and WeiXinMPSDK issue 1087).
_STAND_INS = frozenset(
    {
        "收到不支持的消息类型，暂无法显示",
        "收到不支持的消息类型,暂时无法显示",
        "Unsupported Message",
    }
)


def to_update(fields: Fields, app_id: str, now: datetime) -> Update | None:
    """The update a push stands for; None for an event that nobody answers. Raises Unreadable."""
    account = _account(_text(fields, "FromUserName"), app_id)
    kind = _text(fields, "MsgType").lower()
    if not kind:
        raise Unreadable("type")
    at = _time(_text(fields, "CreateTime"), now)
    if kind == "event":
        return _event(fields, account, at)
    read = _MESSAGES.get(kind, _other)
    return Update(id=_message_id(fields), account=account, at=at, **read(fields))


def _account(openid: str, app_id: str) -> AccountKey:
    try:
        return AccountKey("wechat", app_id, openid)
    except ValueError:
        raise Unreadable("account") from None


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _time(seconds: str, now: datetime) -> datetime:
    if _SECONDS.fullmatch(seconds):
        return datetime.fromtimestamp(int(seconds), UTC)
    return now


# --- messages ---------------------------------------------------------------------------------


def _written(fields: Fields) -> dict[str, Any]:
    text = _text(fields, "Content")
    if text.strip().strip("[]【】") in _STAND_INS:
        return _other(fields)
    # A click in a choice of ours comes back as a text that names the choice.
    return {"kind": Kind.TEXT, "text": text, "key": _text(fields, "bizmsgmenuid")}


def _image(fields: Fields) -> dict[str, Any]:
    media = Media(_text(fields, "MediaId"), _text(fields, "PicUrl"))
    return {"kind": Kind.IMAGE, "media": media} if media.id else _other(fields)


def _voice(fields: Fields) -> dict[str, Any]:
    media = Media(_text(fields, "MediaId"), format=_text(fields, "Format"))
    return {"kind": Kind.VOICE, "text": _text(fields, "Recognition").strip(), "media": media}


def _video(fields: Fields) -> dict[str, Any]:
    return {"kind": Kind.VIDEO, "media": Media(_text(fields, "MediaId"))}


def _location(fields: Fields) -> dict[str, Any]:
    try:
        lat, lng = float(_text(fields, "Location_X")), float(_text(fields, "Location_Y"))
    except ValueError:
        return _other(fields)
    # Written so that "nan" fails too.
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return _other(fields)
    return {"kind": Kind.LOCATION, "place": Place(lat, lng, _text(fields, "Label"))}


def _link(_: Fields) -> dict[str, Any]:
    return {"kind": Kind.LINK}


def _other(_: Fields) -> dict[str, Any]:
    return {"kind": Kind.OTHER}


_MESSAGES: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "text": _written,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}


# --- events -----------------------------------------------------------------------------------

_EVENTS = {
    "subscribe": Kind.SUBSCRIBE,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "click": Kind.CLICK,
    "scan": Kind.SCAN,
}


def _event(fields: Fields, account: AccountKey, at: datetime) -> Update | None:
    kind = _EVENTS.get(_text(fields, "Event").lower())
    if kind is None:
        return None
    key = _text(fields, "EventKey")
    if kind is Kind.SUBSCRIBE:
        # Seen there too, without being a scene: last_trade_no_… of a payment.
        key = key.removeprefix(_SCENE) if key.startswith(_SCENE) else ""
    return Update(id=_event_id(fields), account=account, kind=kind, at=at, key=key)


# --- keys against repeats ---------------------------------------------------------------------


def _message_id(fields: Fields) -> str:
    """CreateTime and MsgId; the account, which belongs to it, stands in every key of the store."""
    seconds, message = _text(fields, "CreateTime"), _text(fields, "MsgId")
    if _PLAIN_ID.fullmatch(f"{seconds}-{message}") and message:
        return f"m-{seconds}-{message}"
    return "m-" + _digest({k: v for k, v in fields.items() if k != "ToUserName"})


def _event_id(fields: Fields) -> str:
    """The platform's own key, person and second, is too coarse: what happened belongs to it."""
    names = ("CreateTime", "EventKey", "MsgID", "MsgId", "trace_id", "Ticket")
    told: dict[str, Any] = {name: fields[name] for name in names if name in fields}
    told["Event"] = _text(fields, "Event").lower()
    told["nested"] = {k: v for k, v in fields.items() if not isinstance(v, str)}
    return "e-" + _digest(told)


def _digest(value: dict[str, Any]) -> str:
    raw = json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()[:40]
