"""What a person can send: a script's request as the platform's fields and as a shown message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.simulator.media import MAX_BYTES, MediaBox, picture_type
from bot.simulator.push import Fields

_KIND = re.compile(r"[A-Za-z_]{1,32}", re.ASCII)
_STATES = {"subscribe": "关注了公众号", "unsubscribe": "取消了关注"}
_VOICE = b"#!AMR\n"  # a voice message's file: nothing but the magic bytes


class BadMessage(ValueError):
    """A request that nobody could send from a phone."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message or event: its fields on the wire, and how the chat shows it."""

    fields: Fields
    kind: str
    text: str
    media: str = ""
    event: str = ""  # of an event: its name as the platform writes it


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that came with the request."""

    body: bytes
    name: str


class Composer:
    """Turns requests into messages."""

    def __init__(self, media: MediaBox) -> None:
        self._media = media
        self._kinds: dict[str, Callable[[Mapping[str, Any]], Sent]] = {
            "text": _text,
            "voice": self._voice,
            "location": _location,
            "event": _event,
            "link": _link,
            "video": self._video,
            "shortvideo": self._video,
            "sticker": _sticker,
        }

    def compose(self, asked: Mapping[str, Any]) -> Sent:
        """A message of the type that `asked` names. Raises `BadMessage`.

        An unknown type is sent as it is, without content: the platform invents new ones too.
        """
        kind = _string(asked, "type", "text")
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
            fields["Recognition"] = _string(asked, "recognition")
        return Sent(fields, "voice", _string(asked, "recognition", "") if heard else "")

    def _video(self, asked: Mapping[str, Any]) -> Sent:
        media_id, _ = self._media.put(b"\x00", "video", "video/mp4")
        kind = _string(asked, "type")
        fields = {"MsgType": kind, "MediaId": media_id, "ThumbMediaId": media_id}
        return Sent(fields, kind, "")


def _text(asked: Mapping[str, Any]) -> Sent:
    text = _string(asked, "text")
    if not text.strip():
        raise BadMessage("text is empty")
    fields: Fields = {"MsgType": "text", "Content": text}
    if menu := _string(asked, "menu_id", ""):
        fields["bizmsgmenuid"] = menu
    return Sent(fields, "text", text)


def _location(asked: Mapping[str, Any]) -> Sent:
    try:
        lat, lng = float(asked["lat"]), float(asked["lng"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadMessage("lat and lng are numbers") from error
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise BadMessage("lat and lng are degrees")
    label = _string(asked, "label", "")
    fields: Fields = {"MsgType": "location", "Location_X": lat, "Location_Y": lng}
    return Sent({**fields, "Scale": 15, "Label": label}, "location", label or f"{lat},{lng}")


def _event(asked: Mapping[str, Any]) -> Sent:
    event, key = _string(asked, "event"), _string(asked, "key", "")
    if not _KIND.fullmatch(event):
        raise BadMessage("event is a word")
    if event == "subscribe" and key and not key.startswith("qrscene_"):
        key = f"qrscene_{key}"
    shown = _STATES.get(event, f"{event} {key}".strip())
    fields = {"MsgType": "event", "Event": event, "EventKey": key}
    return Sent(fields, "event", shown, event=event)


def _link(asked: Mapping[str, Any]) -> Sent:
    title, url = _string(asked, "title", "链接"), _string(asked, "url", "")
    fields = {"MsgType": "link", "Title": title, "Description": "", "Url": url}
    return Sent(fields, "link", f"{title}\n{url}".strip())


def _sticker(_: Mapping[str, Any]) -> Sent:
    return Sent({"MsgType": "sticker"}, "sticker", "")


def _string(asked: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = asked.get(name, default)
    if not isinstance(value, str):
        raise BadMessage(f"{name} is a text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadMessage(f"{name} holds half a character") from error
    return value
