"""What the platform sends, built before the clock runs; and what it makes of the answers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree

from benchmarks.speed.dialogue import SAID
from benchmarks.speed.order import order
from bot.simulator.crypto import PlatformCrypto

PATH = "/wechat"
_ACCOUNT = "gh_speed"
_CLICKABLE = re.compile(r'<a href="weixin://bizmsgmenu[^"]*">([^<]*)</a>')  # an option to tap


@dataclass(frozen=True, slots=True)
class Secrets:
    """The account as the platform's console shows it; drawn for each run."""

    token: str
    aes_key: str
    app_id: str = "wx0000000000bench1"

    @classmethod
    def drawn(cls) -> Secrets:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        # The last character holds four bits of key and two zeros: "A" keeps decoders strict.
        key = "".join(secrets.choice(letters) for _ in range(42)) + "A"
        return cls(secrets.token_hex(16), key)


class Platform:
    """One official account: signed, sealed pushes out, sealed replies opened."""

    def __init__(self, account: Secrets) -> None:
        self._crypto = PlatformCrypto(account.token, account.aes_key, account.app_id)
        self._ids = count(time.time_ns() // 1000)

    def dialogues(self, people: Sequence[str]) -> Iterator[bytes]:
        """A request for each message of each person, in the order of `order.order`."""
        for message, person in order(len(people), len(SAID)):
            yield self.request(people[person], SAID[message])

    def request(self, person: str, said: str) -> bytes:
        """One HTTP request with a fresh signature over a sealed body."""
        seconds, nonce = str(int(time.time())), secrets.token_hex(5)
        sealed = self._crypto.encrypt(self._message(person, said, seconds))
        query = {
            "signature": self._crypto.signature(seconds, nonce),
            "timestamp": seconds,
            "nonce": nonce,
            "openid": person,
            "encrypt_type": "aes",
            "msg_signature": self._crypto.signature(seconds, nonce, sealed),
        }
        body = (
            f"<xml><ToUserName><![CDATA[{_ACCOUNT}]]></ToUserName>"
            f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        ).encode()
        head = (
            f"POST {PATH}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _message(self, person: str, said: str, seconds: str) -> bytes:
        return (
            f"<xml><ToUserName><![CDATA[{_ACCOUNT}]]></ToUserName>"
            f"<FromUserName><![CDATA[{person}]]></FromUserName>"
            f"<CreateTime>{seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{said}]]></Content><MsgId>{next(self._ids)}</MsgId></xml>"
        ).encode()

    def opened(self, body: bytes) -> str:
        """A reply as a person sees it, its signature checked. Raises when it is none."""
        outer = {child.tag: child.text or "" for child in ElementTree.fromstring(body)}  # noqa: S314
        stamped = (outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        if not self._crypto.agrees(outer["MsgSignature"], *stamped):
            raise ValueError("a reply with a bad signature")
        inner = ElementTree.fromstring(self._crypto.decrypt(outer["Encrypt"]))  # noqa: S314
        return _CLICKABLE.sub(r"\1", inner.findtext("Content") or "")


def status_and_body(response: bytes) -> tuple[int, bytes]:
    """Of one HTTP response."""
    head, _, body = response.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.1 (\d{3})", head)
    return int(found.group(1)) if found else 0, body
