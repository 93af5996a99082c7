"""A script that plays WeChat: it pushes to the webhook as the platform does, by its own crypto.

Written from the platform's documents alone: nothing of the service's codec or of the simulator is
used, so that a fault which those two share shows here.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.end_to_end.platform_api import PlatformApi

ACCOUNT = "gh_player000001"
SECONDS = 5.0  # that the platform waits for an answer
LONGEST_REPLY = 2048  # bytes of a passive text that the platform shows
WAIT_WORDS = ("正在处理，请稍候", "I'm working on it")

_CLICKABLE = re.compile(r'<a href="weixin://bizmsgmenu\?[^"]*">([^<]*)</a>')

_message_ids = count(23_000_000_000_000_000)


@dataclass(frozen=True)
class Webhook:
    """Where the service listens, and what it shares with the platform."""

    url: str
    app_id: str
    token: str
    aes_key: str
    mode: Literal["plain", "safe"]
    clock: Callable[[], datetime]


class Player:
    """One person's WeChat. Each sending method gives the bot's answer as text, "" for silence."""

    def __init__(self, webhook: Webhook, api: PlatformApi, openid: str) -> None:
        self.webhook, self.api, self.openid = webhook, api, openid
        self.answers = 0  # messages of the person, counted
        self._http = threading.local()
        self._cipher = _MessageCipher(webhook.aes_key, webhook.app_id)

    # --- what a person can send -----------------------------------------------------------

    def say(self, text: str) -> str:
        return self.deliver(self.message("text", Content=text))

    def photo(self, picture: Path | bytes) -> str:
        return self.deliver(self.picture(picture))

    def voice(self, recognised: str | None = None) -> str:
        more = {} if recognised is None else {"Recognition": recognised}
        return self.deliver(self.message("voice", MediaId="v", Format="amr", **more))

    def place(
        self, label: str = "云州市城东区和平路18号", lat: float = 32.05, lng: float = 123.12
    ) -> str:
        return self.deliver(
            self.message(
                "location", Location_X=str(lat), Location_Y=str(lng), Scale="16", Label=label
            )
        )

    def event(self, name: str, key: str = "") -> str:
        return self.deliver(self._addressed("event", Event=name, EventKey=key))

    def message(self, kind: str, **fields: str) -> dict[str, str]:
        """A message of any kind, not yet sent; delivered again it keeps its MsgId."""
        return self._addressed(kind, **fields, MsgId=str(next(_message_ids)))

    def picture(self, picture: Path | bytes) -> dict[str, str]:
        image = picture.read_bytes() if isinstance(picture, Path) else picture
        media_id = f"media-{secrets.token_hex(8)}"
        self.api.media[media_id] = image
        url = f"http://mmbiz.qpic.cn/{media_id}/0"
        return self.message("image", PicUrl=url, MediaId=media_id)

    def _addressed(self, kind: str, **fields: str) -> dict[str, str]:
        return {
            "ToUserName": ACCOUNT,
            "FromUserName": self.openid,
            "CreateTime": str(int(self.webhook.clock().timestamp())),
            "MsgType": kind,
            **fields,
        }

    # --- the wire -------------------------------------------------------------------------

    def deliver(self, message: dict[str, str]) -> str:
        """Push a message and hear the bot out: where it asks to wait, what comes by API."""
        self.answers += 1
        before = len(self.api.sent.get(self.openid, []))
        said = self.push(message)
        if not said.startswith(WAIT_WORDS):
            return said
        late = self.api.wait_for_message(self.openid, before, 20.0)
        if late and late[-1]["msgtype"] == "image":  # the words that go with it come next
            late = self.api.wait_for_message(self.openid, before + len(late), 20.0)
        return "\n".join(seen(m["text"]["content"]) for m in late if m["msgtype"] == "text")

    def push(self, message: dict[str, str]) -> str:
        """One delivery, and the passive answer to it."""
        body = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in message.items())
        query, sent = self._wrapped(f"<xml>{body}</xml>")
        answer = self._session.post(
            f"{self.webhook.url}/wechat", params=query, data=sent, timeout=SECONDS
        )
        assert answer.status_code == 200, f"status {answer.status_code}"
        return "" if answer.content == b"success" else self._opened(answer.content)

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._http, "session"):
            self._http.session = requests.Session()
        session: requests.Session = self._http.session
        return session

    def _wrapped(self, message: str) -> tuple[dict[str, str], bytes]:
        stamp = str(int(self.webhook.clock().timestamp()))
        nonce = str(secrets.randbelow(10**10))
        query = {
            "signature": self._signature(stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": self.openid,
        }
        if self.webhook.mode == "plain":
            return query, message.encode()
        sealed = self._cipher.seal(message.encode())
        query |= {"encrypt_type": "aes", "msg_signature": self._signature(stamp, nonce, sealed)}
        envelope = f"<xml><ToUserName>{_cdata(ACCOUNT)}</ToUserName><Encrypt>{_cdata(sealed)}"
        return query, f"{envelope}</Encrypt></xml>".encode()

    def _signature(self, *parts: str) -> str:
        joined = "".join(sorted([self.webhook.token, *parts]))
        return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's choice

    def _opened(self, body: bytes) -> str:
        """The text of an answer that the platform would show; anything else is a fault."""
        reply = _elements(body)
        if self.webhook.mode == "safe":
            sealed = reply["Encrypt"]
            right = self._signature(reply["TimeStamp"], reply["Nonce"], sealed)
            assert reply["MsgSignature"] == right, "the answer's signature is wrong"
            reply = _elements(self._cipher.open(sealed))
        assert (reply["ToUserName"], reply["FromUserName"]) == (self.openid, ACCOUNT)
        assert reply["MsgType"] == "text", reply["MsgType"]
        assert 0 < len(reply["Content"].encode()) <= LONGEST_REPLY
        return seen(reply["Content"])


def seen(text: str) -> str:
    """The text as a person reads it: an option that can be clicked is its words."""
    return _CLICKABLE.sub(r"\1", text)


class _MessageCipher:
    """AES-256-CBC, the key's first half as the start, padded to whole 32 bytes."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._app_id = app_id.encode()

    def seal(self, message: bytes) -> str:
        plain = os.urandom(16) + struct.pack("!I", len(message)) + message + self._app_id
        padding = 32 - len(plain) % 32
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([padding] * padding)) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> bytes:
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        assert plain[-plain[-1] :] == bytes([plain[-1]] * plain[-1]), "the padding is wrong"
        plain = plain[: -plain[-1]]
        length = int.from_bytes(plain[16:20], "big")
        assert plain[20 + length :] == self._app_id, "another account's answer"
        return plain[20 : 20 + length]


def _elements(body: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(body)  # noqa: S314 - the service's own answer
    assert root.tag == "xml"
    return {child.tag: child.text or "" for child in root}


def _cdata(value: str) -> str:
    return value if value.isdigit() else f"<![CDATA[{value}]]>"
