"""Alipay as it calls an application's gateway: its own signatures, its own bodies.

Nothing of the product is used: what both understood wrongly would otherwise pass.
"""

from __future__ import annotations

import base64
import itertools
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote_from_bytes

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.rig_alipay import alipay_keys

APP_ID = "2021000000000001"
USER = "2088000000000001"
OPEN_ID = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
LIFE, CHECK = "alipay.mobile.public.message.notify", "alipay.service.check"
Fields = dict[str, bytes]


@cache
def _strangers() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key_of(whose: str) -> rsa.RSAPrivateKey:
    """A key pair of this test process: `ours` and `alipays`, as the rig knows them, `strangers`."""
    ours, alipays = alipay_keys()
    return {"ours": ours, "alipays": alipays}.get(whose) or _strangers()


def private_pem(whose: str) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key_of(whose).private_bytes(encoding, form, serialization.NoEncryption()).decode()


def public_line(whose: str) -> str:
    """Base64 of the public key, as the console shows it."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key_of(whose).public_key().public_bytes(encoding, form)).decode()


def rsa_sign(whose: str, text: bytes, sign_type: str = "RSA2") -> str:
    digest: Any = hashes.SHA1() if sign_type == "RSA" else hashes.SHA256()  # noqa: S303
    return base64.b64encode(key_of(whose).sign(text, padding.PKCS1v15(), digest)).decode()


def rsa_holds(whose: str, text: bytes, signature: str, sign_type: str = "RSA2") -> bool:
    digest: Any = hashes.SHA1() if sign_type == "RSA" else hashes.SHA256()  # noqa: S303
    raw = base64.b64decode(signature)
    key_of(whose).public_key().verify(raw, text, padding.PKCS1v15(), digest)
    return True


def string_to_sign(fields: Mapping[str, bytes], *, with_type: bool) -> bytes:
    out = {"sign"} if with_type else {"sign", "sign_type"}
    names = sorted(name for name, value in fields.items() if value and name not in out)
    return b"&".join(name.encode() + b"=" + fields[name] for name in names)


def signed(fields: Fields, *, with_type: bool, whose: str = "alipays") -> Fields:
    text = string_to_sign(fields, with_type=with_type)
    signature = rsa_sign(whose, text, fields.get("sign_type", b"RSA2").decode())
    return {**fields, "sign": signature.encode()}


def body_of(fields: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """As a browser would write it: a blank is a plus."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return "&".join(
        f"{n}={quote_from_bytes(v, safe=' ').replace(' ', '+')}" for n, v in pairs
    ).encode()


def cdata(**leaves: str) -> str:
    return "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in leaves.items())


@dataclass
class Sender:
    """Writes messages. Times are the clock's, in milliseconds and never the same twice."""

    clock: Callable[[], datetime] = lambda: datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
    user: str = USER
    app_id: str = APP_ID
    charset: str = "GBK"
    numbers: Any = field(default_factory=lambda: itertools.count(random.randrange(10**8)))

    def number(self) -> int:
        return int(next(self.numbers))

    def now(self) -> int:
        return int(self.clock().timestamp()) * 1000 + self.number() % 1000

    def xml(self, inner: str = "", **leaves: str) -> str:
        """The leaves that every message has, these, and what is nested."""
        told = {
            "AppId": self.app_id,
            "FromUserId": "2088003708000000000000000016403",
            "FromAlipayUserId": self.user,
            "CreateTime": str(self.now()),
            **leaves,
        }
        return f"<XML>{cdata(**told)}{inner}</XML>"

    def event(self, name: str, action: str = "", **leaves: str) -> str:
        return self.xml(MsgType="event", EventType=name, ActionParam=action, **leaves)

    def text(self, said: str, **leaves: str) -> str:
        inner = f"<Text><Content><![CDATA[{said}]]></Content></Text>"
        number = f"{self.number():024d}"
        return self.xml(inner, **{"MsgType": "text", "MsgId": number, **leaves})

    def image(self, media: str, form: str = "jpg", **leaves: str) -> str:
        inner = f"<Image>{cdata(MediaId=media, Format=form)}</Image>"
        return self.xml(inner, **{"MsgType": "image", "MsgId": f"{self.number():024d}", **leaves})

    def fields(self, xml: str, service: str = LIFE, sign_type: str = "RSA2") -> Fields:
        """Of a life account's message, not signed yet."""
        return {
            "service": service.encode(),
            "charset": self.charset.encode(),
            "sign_type": sign_type.encode(),
            "biz_content": xml.encode("gb18030" if self.charset == "GBK" else "utf-8"),
        }

    def life(self, xml: str, service: str = LIFE, sign_type: str = "RSA2") -> bytes:
        """The body of a life account's message: `sign_type` is signed with it."""
        return body_of(signed(self.fields(xml, service, sign_type), with_type=True))

    def ant_fields(self, method: str, content: str, **more: str) -> Fields:
        told = {
            "notify_id": f"{self.number():032d}",
            "utc_timestamp": str(self.now()),
            "msg_method": method,
            "app_id": self.app_id,
            "version": "1.1",
            "biz_content": content,
            "charset": "UTF-8",
            "sign_type": "RSA2",
            **more,
        }
        return {name: value.encode() for name, value in told.items() if value}

    def ant(self, method: str, content: str, **more: str) -> bytes:
        """The body of a From-Ant message: `sign_type` is not signed."""
        return body_of(signed(self.ant_fields(method, content, **more), with_type=False))
