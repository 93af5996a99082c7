"""The platform calling the whole site, in any mode and format, with wechatpy's cipher."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from wechatpy.crypto import WeChatCrypto

from tests.bot.channels.wechat.pushes import sign
from tests.bot.site import Site
from tests.rig import AES_KEY, APP_ID, TOKEN

MINI = {
    "wechat_mini_app_id": "wxmini0000000000001",
    "wechat_mini_app_secret": "mini-app-secret",
    "wechat_mini_token": "minitoken",
    "wechat_mini_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
"""Settings of a mini program beside the account of the rig."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the body as sent, and what it says once opened."""

    status: int
    body: bytes
    said: str

    @property
    def is_success(self) -> bool:
        return (self.status, self.body) == (200, b"success")


@dataclass
class Caller:
    """Calls one webhook of a site. Numbers of messages and nonces never repeat by themselves."""

    site: Site
    path: str = "/wechat"
    token: str = TOKEN
    app_id: str = APP_ID
    aes_key: str = AES_KEY
    numbers: Any = field(default_factory=lambda: itertools.count(random.getrandbits(40)))

    @classmethod
    def of_mini(cls, site: Site) -> Caller:
        return cls(
            site,
            "/wechat/mini",
            MINI["wechat_mini_token"],
            MINI["wechat_mini_app_id"],
            MINI["wechat_mini_aes_key"],
        )

    def number(self) -> str:
        return str(next(self.numbers))

    def seconds(self) -> int:
        return int(self.site.clock().timestamp())

    def plain(self, body: bytes, nonce: str = "", seconds: int = 0) -> Answer:
        """Signed, readable."""
        stamp, nonce = str(seconds or self.seconds()), nonce or self.number()
        args = {
            "signature": sign(self.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
        }
        return self.post(body, args)

    def sealed(
        self, message: bytes, nonce: str = "", seconds: int = 0, *, as_json: bool = False
    ) -> Answer:
        """Signed and enciphered."""
        return self.post(*self.captured(message, nonce, seconds, as_json=as_json))

    def captured(
        self, message: bytes, nonce: str = "", seconds: int = 0, *, as_json: bool = False
    ) -> tuple[bytes, dict[str, str]]:
        """Body and query of a sealed push, to be sent as often as a test likes."""
        stamp, nonce = str(seconds or self.seconds()), nonce or self.number()
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        envelope = crypto.encrypt_message(message.decode(), nonce, stamp)
        sealed = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        args = {
            "signature": sign(self.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": sign(self.token, stamp, nonce, sealed),
        }
        return _envelope(sealed, as_json), args

    def doubled(self, message: bytes, nonce: str = "", seconds: int = 0) -> Answer:
        """In compatible mode: readable and enciphered side by side."""
        sealed, args = self.captured(message, nonce, seconds)
        encrypt = sealed[sealed.index(b"<Encrypt>") : sealed.index(b"</xml>")]
        whole = b"</xml>" in message
        readable = message.replace(b"</xml>", encrypt + b"</xml>") if whole else sealed
        return self.post(readable, args)

    def post(self, body: bytes, args: Mapping[str, str]) -> Answer:
        answer = self.site.client.post(
            self.path, data=body, query_string=dict(args), content_type="text/xml"
        )
        return Answer(answer.status_code, answer.data, self._opened(answer.data))

    def _opened(self, body: bytes) -> str:
        """The text of a passive answer, or the kind of one without text."""
        if body in (b"", b"success"):
            return ""
        told = _told(body)
        if "Encrypt" in told:
            crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
            message = crypto.decrypt_message(
                {"Encrypt": told["Encrypt"]},
                told["MsgSignature"],
                str(told["TimeStamp"]),
                told["Nonce"],
            )
            told = _told(message.encode())
        return str(told.get("Content") or told["MsgType"])


def _envelope(sealed: str, as_json: bool) -> bytes:
    if as_json:
        return json.dumps({"ToUserName": "gh_0", "Encrypt": sealed}).encode()
    return (
        f"<xml><ToUserName>gh_0</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    )


def _told(body: bytes) -> dict[str, Any]:
    if body.startswith(b"{"):
        return dict(json.loads(body))
    root = ElementTree.fromstring(body)  # noqa: S314 - our own answer
    return {element.tag: element.text or "" for element in root}
