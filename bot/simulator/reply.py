"""Reading a passive reply as strictly as the platform; who gets a refused one sees a fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.crypto import BadEnvelope, PlatformCrypto
from bot.simulator.settings import Format, Mode
from bot.simulator.strict_xml import BadXml, parse_xml

MAX_TEXT = 2048  # bytes of UTF-8, by measurement of many
_ENVELOPE = {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}


class BadReply(Exception):
    """An answer that the platform refuses. Carries the reason, never the answer's text."""


@dataclass(frozen=True, slots=True)
class PassiveReply:
    """What the person sees: `kind` is text, image, voice, video, link or transfer."""

    kind: str
    text: str = ""
    media: str = ""
    staff: str = ""  # of a transfer: to whom, "" for anybody
    card: Mapping[str, Any] | None = field(default=None, compare=False)


Reader = Callable[[dict[str, Any]], PassiveReply]


class ReplyReader:
    """Reads the answers of one account's webhook."""

    def __init__(
        self,
        crypto: PlatformCrypto,
        mode: Mode,
        account: str,
        *,
        mini: bool = False,
        form: Format | None = None,
    ) -> None:
        """`mini`: people there are answered by API alone. `form`: the one that the account has
        chosen for its pushes, in which it answers; None takes either."""
        self._crypto, self._mode, self._account = crypto, mode, account
        self._form = form
        self._readers = {"transfer_customer_service": _transfer} if mini else _READERS

    def read(self, body: bytes, openid: str) -> PassiveReply | None:
        """The reply, or None for `success` and an empty answer. Raises `BadReply`."""
        if body in (b"", b"success"):
            return None
        fields = self._fields(body)
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
            return self._fields(self._crypto.decrypt(sealed))
        except BadEnvelope as error:
            raise BadReply(str(error)) from error

    def _checked(self, fields: dict[str, Any], openid: str) -> PassiveReply:
        if fields.get("ToUserName") != openid or fields.get("FromUserName") != self._account:
            raise BadReply("ToUserName or FromUserName are not swapped")
        if not str(fields.get("CreateTime", "")).isdigit():
            raise BadReply("CreateTime is not a number")
        kind = fields.get("MsgType")
        if not isinstance(kind, str) or kind not in self._readers:
            raise BadReply("a MsgType that is unknown here")
        return self._readers[kind](fields)

    def _fields(self, body: bytes) -> dict[str, Any]:
        form = "json" if body.startswith(b"{") else "xml"
        if self._form not in (None, form):
            raise BadReply(f"{form} from an account that has chosen {self._form}")
        return _json_fields(body) if form == "json" else _xml_fields(body)


def _xml_fields(body: bytes) -> dict[str, Any]:
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


def _medium(kind: str, element: str) -> Reader:
    """A reply that is a stored file: `<Image><MediaId>`."""

    def read(fields: dict[str, Any]) -> PassiveReply:
        part = fields.get(element, {})
        if not isinstance(part, dict) or not part.get("MediaId"):
            raise BadReply(f"{kind} without MediaId")
        return PassiveReply(kind, str(part.get("Title", "")), str(part["MediaId"]))

    return read


def _music(fields: dict[str, Any]) -> PassiveReply:
    music = fields.get("Music", {})
    if not isinstance(music, dict) or not music.get("ThumbMediaId"):
        raise BadReply("music without ThumbMediaId")
    text = f"{music.get('Title', '')}\n{music.get('MusicUrl', '')}"
    return PassiveReply("link", text, str(music["ThumbMediaId"]))


def _news(fields: dict[str, Any]) -> PassiveReply:
    article = fields.get("Articles", {})
    article = article.get("item", {}) if isinstance(article, dict) else {}
    if str(fields.get("ArticleCount")) != "1" or not isinstance(article, dict):
        raise BadReply("news has exactly one article")
    if not article.get("Title") or not article.get("Url"):
        raise BadReply("an article without Title or Url")
    card = {
        "title": article["Title"],
        "description": article.get("Description", ""),
        "url": article["Url"],
        "picture": article.get("PicUrl", ""),
    }
    return PassiveReply("link", f"{article['Title']}\n{article['Url']}", card=card)


def _transfer(fields: dict[str, Any]) -> PassiveReply:
    to = fields.get("TransInfo", {})
    who = to.get("KfAccount", "") if isinstance(to, dict) else ""
    return PassiveReply("transfer", staff=str(who).partition("@")[0])


_READERS: dict[str, Reader] = {
    "text": _text,
    "image": _medium("image", "Image"),
    "voice": _medium("voice", "Voice"),
    "video": _medium("video", "Video"),
    "music": _music,
    "news": _news,
    "transfer_customer_service": _transfer,
}
