"""Reading a passive reply as strictly as the platform; who gets a refused one sees a fault."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.simulator.crypto import BadEnvelope, PlatformCrypto
from bot.simulator.settings import Mode
from bot.simulator.strict_xml import BadXml, parse_xml

MAX_TEXT = 2048  # bytes of UTF-8, by measurement of many
_ENVELOPE = {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}


class BadReply(Exception):
    """An answer that the platform refuses. Carries the reason, never the answer's text."""


@dataclass(frozen=True, slots=True)
class PassiveReply:
    """What the person sees: `kind` is text, image, link or transfer."""

    kind: str
    text: str = ""
    media: str = ""


class ReplyReader:
    """Reads the answers of one account's webhook."""

    def __init__(self, crypto: PlatformCrypto, mode: Mode, account: str) -> None:
        self._crypto, self._mode, self._account = crypto, mode, account

    def read(self, body: bytes, openid: str) -> PassiveReply | None:
        """The reply, or None for `success` and an empty answer. Raises `BadReply`."""
        if body in (b"", b"success"):
            return None
        fields = _fields(body)
        if "Encrypt" in fields:
            fields = self._open(fields)
        elif self._mode == "safe":
            raise BadReply("a readable reply in safe mode")
        return self._checked(fields, openid)

    def _open(self, fields: dict[str, Any]) -> dict[str, Any]:
        if self._mode == "plain":
            raise BadReply("an encrypted reply in plain mode")
        if set(fields) != _ENVELOPE:
            raise BadReply("the envelope needs Encrypt, MsgSignature, TimeStamp and Nonce")
        sealed, stamp, nonce = (str(fields[name]) for name in ("Encrypt", "TimeStamp", "Nonce"))
        if not self._crypto.agrees(str(fields["MsgSignature"]), stamp, nonce, sealed):
            raise BadReply("MsgSignature does not agree")
        try:
            return _fields(self._crypto.decrypt(sealed))
        except BadEnvelope as error:
            raise BadReply(str(error)) from error

    def _checked(self, fields: dict[str, Any], openid: str) -> PassiveReply:
        if fields.get("ToUserName") != openid or fields.get("FromUserName") != self._account:
            raise BadReply("ToUserName or FromUserName are not swapped")
        if not str(fields.get("CreateTime", "")).isdigit():
            raise BadReply("CreateTime is not a number")
        kind = fields.get("MsgType")
        if kind not in _READERS:
            raise BadReply("an unknown MsgType")
        return _READERS[kind](fields)


def _fields(body: bytes) -> dict[str, Any]:
    if body.startswith(b"{"):
        return _json_fields(body)
    try:
        return parse_xml(body)
    except BadXml as error:
        raise BadReply(str(error)) from error


def _json_fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise BadReply("not JSON") from error
    if not isinstance(fields, dict):
        raise BadReply("not a JSON object")
    return fields


def _text(fields: dict[str, Any]) -> PassiveReply:
    text = fields.get("Content")
    if not isinstance(text, str) or not text:
        raise BadReply("a text without Content")
    if len(text.encode()) > MAX_TEXT:
        raise BadReply(f"a text over {MAX_TEXT} bytes")
    return PassiveReply("text", text)


def _image(fields: dict[str, Any]) -> PassiveReply:
    media = fields.get("Image", {})
    if not isinstance(media, dict) or not media.get("MediaId"):
        raise BadReply("an image without MediaId")
    return PassiveReply("image", media=str(media["MediaId"]))


def _news(fields: dict[str, Any]) -> PassiveReply:
    article = fields.get("Articles", {})
    article = article.get("item", {}) if isinstance(article, dict) else {}
    if str(fields.get("ArticleCount")) != "1" or not isinstance(article, dict):
        raise BadReply("news has exactly one article")
    if not article.get("Title") or not article.get("Url"):
        raise BadReply("an article without Title or Url")
    return PassiveReply("link", f"{article['Title']}\n{article['Url']}")


def _transfer(_: dict[str, Any]) -> PassiveReply:
    return PassiveReply("transfer")


_READERS = {
    "text": _text,
    "image": _image,
    "news": _news,
    "transfer_customer_service": _transfer,
}
