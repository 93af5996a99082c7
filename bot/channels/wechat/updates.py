"""Elements of a push to an `Update`: who sent it, what kind of thing it is, what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channels.wechat.elements import name_in, text_of
from bot.channels.wechat.events import ACKNOWLEDGED, READERS
from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import Fields
from bot.channels.wechat.repeats import event_id, message_id
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Update

_SECONDS = re.compile(r"\d{1,10}", re.ASCII)  # inside what a date can hold, whoever wrote it
_DEVICE = "device_"  # what a thing in somebody's home reports: no message of a person

# What the platform pushes as a *text* in place of a sticker, a GIF or a red packet
# (reported in wechatpy issue 656 and WeiXinMPSDK issue 1087).
_STAND_INS = frozenset(
    {
        "收到不支持的消息类型，暂无法显示",
        "收到不支持的消息类型,暂时无法显示",
        "Unsupported Message",
    }
)


def to_update(fields: Fields, app_id: str, now: datetime, channel: str = "wechat") -> Update | None:
    """The update a push stands for; None for what is only acknowledged. Raises Unreadable."""
    kind = name_in(fields, "MsgType")
    if not kind:
        raise Unreadable("type")
    if kind == "event":
        reader = READERS.get(name_in(fields, "Event"))
        read, key = (reader(fields) if reader else None), event_id
    else:
        read, key = _message(kind, fields), message_id
    if read is None:
        return None
    user = read.pop("user", text_of(fields, "FromUserName"))
    account = _account(channel, app_id, user)
    return Update(id=key(fields), account=account, at=_time(fields, now), **read)


def name_of(fields: Fields) -> str:
    """The push's kind, as the platform calls it; `other` for what it is not known to send."""
    kind = name_in(fields, "MsgType")
    name = name_in(fields, "Event") if kind == "event" else kind
    known = name in (READERS.keys() | ACKNOWLEDGED if kind == "event" else _KNOWN_MESSAGES)
    return name if known else "other"


def _account(channel: str, app_id: str, openid: str) -> AccountKey:
    try:
        return AccountKey(channel, app_id, openid)
    except ValueError:
        raise Unreadable("account") from None


def _time(fields: Fields, now: datetime) -> datetime:
    seconds = text_of(fields, "CreateTime")
    if _SECONDS.fullmatch(seconds):
        return datetime.fromtimestamp(int(seconds), UTC)
    return now


# --- messages ---------------------------------------------------------------------------------


def _message(kind: str, fields: Fields) -> dict[str, Any] | None:
    return None if kind.startswith(_DEVICE) else _MESSAGES.get(kind, _other)(fields)


def _written(fields: Fields) -> dict[str, Any]:
    text = text_of(fields, "Content")
    if text.strip().strip("[]【】") in _STAND_INS:
        return _other(fields)
    # A click in a choice of ours comes back as a text that names the choice.
    return {"kind": Kind.TEXT, "text": text, "key": text_of(fields, "bizmsgmenuid")}


def _image(fields: Fields) -> dict[str, Any]:
    media = Media(text_of(fields, "MediaId"), text_of(fields, "PicUrl"))
    return {"kind": Kind.IMAGE, "media": media} if media.id else _other(fields)


def _voice(fields: Fields) -> dict[str, Any]:
    media = Media(text_of(fields, "MediaId"), format=text_of(fields, "Format"))
    return {"kind": Kind.VOICE, "text": text_of(fields, "Recognition").strip(), "media": media}


def _video(fields: Fields) -> dict[str, Any]:
    return {"kind": Kind.VIDEO, "media": Media(text_of(fields, "MediaId"))}


def _location(fields: Fields) -> dict[str, Any]:
    try:
        lat, lng = float(text_of(fields, "Location_X")), float(text_of(fields, "Location_Y"))
    except ValueError:
        return _other(fields)
    # Written so that "nan" fails too.
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return _other(fields)
    return {"kind": Kind.LOCATION, "place": Place(lat, lng, text_of(fields, "Label"))}


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
    "miniprogrampage": _other,  # a page of a mini program, sent as a card: nothing to read in it
}
_KNOWN_MESSAGES = _MESSAGES.keys() | {
    "file", "wxcard", "music", "hardware", "sticker", "device_event", "device_text",
}  # fmt: skip
