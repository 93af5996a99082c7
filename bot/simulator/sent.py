"""What a person can send: a script's request as the platform's fields and as a shown message."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.simulator.account import Account
from bot.simulator.event_values import BadEvent, number, text
from bot.simulator.events import OF_THE_PLATFORM, PLATFORM, event_fields, more_fields
from bot.simulator.media import MAX_BYTES, picture_type
from bot.simulator.push import Fields
from bot.simulator.result_events import popup

_KIND = re.compile(r"[A-Za-z_]{1,32}", re.ASCII)
_EVENT = re.compile(r"\w{1,64}", re.ASCII)
_STATES = {
    "subscribe": "关注了公众号",
    "unsubscribe": "取消了关注",
    "user_enter_tempsession": "打开了客服会话",
    "kf_create_session": "人工客服接入",
    "kf_close_session": "人工客服已结束",
    "kf_switch_session": "人工客服已转接",
}
MINI_KINDS = ("text", "image", "miniprogrampage", "event", "subscription")
"""What a mini program's chat lets people send."""

_THUMB = b"\xff\xd8\xff\xe0"  # a card's picture: nothing but the magic bytes
_VOICE = b"#!AMR\n"  # a voice message's file: nothing but the magic bytes


class BadMessage(ValueError):
    """A request that nobody could send from a phone."""


Choices = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message or event: its fields on the wire, and how the chat shows it."""

    fields: Fields
    kind: str
    text: str
    media: str = ""
    event: str = ""  # of an event: its name as the platform writes it
    choices: Choices = ()  # of a subscription: template ids, and whether they are wanted
    sender: str = ""  # who sends it when it is not the person


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that came with the request."""

    body: bytes
    name: str


class Composer:
    """Turns requests into messages to one account."""

    def __init__(self, account: Account) -> None:
        self._account, self._media = account, account.media
        self._kinds: dict[str, Callable[[Mapping[str, Any]], Sent]] = {
            "text": _text,
            "voice": self._voice,
            "location": _location,
            "event": self._event,
            "link": _link,
            "video": self._video,
            "shortvideo": self._video,
            "sticker": _sticker,
            "miniprogrampage": self._mini_page,
            "subscription": self._subscription,
        }

    def compose(self, asked: Mapping[str, Any], openid: str) -> Sent:
        """A message of the type that `asked` names. Raises `BadMessage`.

        An unknown type is sent as it is, without content: the platform invents new ones too.
        """
        try:
            sent = self._composed(text(asked, "type", "text"), {"openid": openid, **asked})
            return replace(sent, fields={**sent.fields, **more_fields(asked)})
        except BadEvent as error:
            raise BadMessage(str(error)) from error

    def _composed(self, kind: str, asked: Mapping[str, Any]) -> Sent:
        if self._account.is_mini and kind not in MINI_KINDS:
            raise BadMessage(f"in a mini program's chat people send {', '.join(MINI_KINDS)}")
        if reader := self._kinds.get(kind):
            return reader(asked)
        if not _KIND.fullmatch(kind):
            raise BadMessage("type is a word")
        return Sent({"MsgType": kind}, kind, f"[{kind}]")

    def picture(self, upload: Upload, link: Callable[[str], str], label: str) -> Sent:
        """An image message; `link` gives the address of a stored picture."""
        if not upload.body or len(upload.body) > MAX_BYTES:
            raise BadMessage("a picture has 1 byte to 10 MB")
        kind = picture_type(upload.body) or "application/octet-stream"
        media_id, _ = self._media.put(upload.body, "image", kind)
        fields = {"MsgType": "image", "PicUrl": link(media_id), "MediaId": media_id}
        return Sent(fields, "image", label or upload.name, media_id)

    def _voice(self, asked: Mapping[str, Any]) -> Sent:
        media_id, _ = self._media.put(_VOICE, "voice", "audio/amr")
        fields: Fields = {"MsgType": "voice", "MediaId": media_id, "Format": "amr"}
        heard = asked.get("recognition")
        if heard is not None:
            fields["Recognition"] = text(asked, "recognition")
        return Sent(fields, "voice", text(asked, "recognition") if heard else "")

    def _video(self, asked: Mapping[str, Any]) -> Sent:
        media_id, _ = self._media.put(b"\x00", "video", "video/mp4")
        kind = text(asked, "type")
        fields = {"MsgType": kind, "MediaId": media_id, "ThumbMediaId": media_id}
        return Sent(fields, kind, "")

    def _event(self, asked: Mapping[str, Any]) -> Sent:
        event, key = text(asked, "event"), text(asked, "key")
        if not _EVENT.fullmatch(event):
            raise BadMessage("event is a word")
        if event == "LOCATION" and not self._account.rights.has("location"):
            raise BadMessage("this account is not told where people are")
        config = self._account.config
        return Sent(
            event_fields(event, asked, config.app_id, config.account),
            "event",
            _STATES.get(event, f"{event} {key}".strip()),
            event=event,
            choices=_choices(event, asked),
            sender=PLATFORM if event in OF_THE_PLATFORM else "",
        )

    def _subscription(self, asked: Mapping[str, Any]) -> Sent:
        """The pop-up that asks for subscriptions, and what the person answered."""
        choices = _answers(asked)
        if not all(self._account.templates.has_subscription(id) for id, _ in choices):
            raise BadMessage("the account has no such template to subscribe to")
        if not self._account.rights.has("subscription"):
            raise BadMessage("the account may not ask for subscriptions")
        scene = "0" if self._account.is_mini else "1"
        fields = popup(choices, text(asked, "scene", scene))
        shown = "允许发送订阅消息" if any(accepted for _, accepted in choices) else "拒绝了订阅消息"
        return Sent(fields, "event", shown, event="subscribe_msg_popup_event", choices=choices)

    def _mini_page(self, asked: Mapping[str, Any]) -> Sent:
        """A mini program's page, sent as a card."""
        thumb, _ = self._media.put(_THUMB, "image", "image/jpeg")
        title = text(asked, "title", "小程序")
        fields = {
            "MsgType": "miniprogrampage",
            "Title": title,
            "AppId": text(asked, "app_id", self._account.config.app_id),
            "PagePath": text(asked, "page", "pages/index/index"),
            "ThumbUrl": text(asked, "thumb_url"),
            "ThumbMediaId": thumb,
        }
        return Sent(fields, "miniprogram", title)


def _answers(asked: Mapping[str, Any]) -> Choices:
    """One `template` with `accept`, or several in `templates`."""
    several = asked.get("templates")
    if several is None:
        return ((text(asked, "template"), asked.get("accept") is True),)
    if not isinstance(several, dict) or not 1 <= len(several) <= 3:
        raise BadMessage("templates is an object of one to three template ids")
    return tuple((id, accepted is True) for id, accepted in several.items())


def _choices(event: str, asked: Mapping[str, Any]) -> Choices:
    """What an event changes in a person's subscriptions; it was read once, so it is sound."""
    if event == "subscribe_msg_popup_event":
        return tuple((id, bool(accepted)) for id, accepted in asked["templates"].items())
    if event == "subscribe_msg_change_event":
        return tuple((id, False) for id in asked["templates"])
    return ()


def _text(asked: Mapping[str, Any]) -> Sent:
    said = text(asked, "text")
    if not said.strip():
        raise BadMessage("text is empty")
    fields: Fields = {"MsgType": "text", "Content": said}
    if menu := text(asked, "menu_id"):
        fields["bizmsgmenuid"] = menu
    return Sent(fields, "text", said)


def _location(asked: Mapping[str, Any]) -> Sent:
    lat, lng = (float(number(asked, name, math.nan)) for name in ("lat", "lng"))
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise BadMessage("lat and lng are degrees")
    label = text(asked, "label")
    fields: Fields = {"MsgType": "location", "Location_X": lat, "Location_Y": lng}
    return Sent({**fields, "Scale": 15, "Label": label}, "location", label or f"{lat},{lng}")


def _link(asked: Mapping[str, Any]) -> Sent:
    title, url = text(asked, "title", "链接"), text(asked, "url")
    fields = {"MsgType": "link", "Title": title, "Description": "", "Url": url}
    return Sent(fields, "link", f"{title}\n{url}".strip())


def _sticker(_: Mapping[str, Any]) -> Sent:
    return Sent({"MsgType": "sticker"}, "sticker", "")
