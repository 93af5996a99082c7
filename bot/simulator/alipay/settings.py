"""What the simulated Alipay knows of an app: `AlipayConfig`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from bot.simulator.alipay.certificates import Certificates

Charset = Literal["GBK", "UTF-8"]
SignType = Literal["RSA2", "RSA"]
Ids = Literal["user_id", "open_id", "both"]
Name = Literal["alipay", "alipay_mini"]
"""The app of the life account, and that of a mini program which is an app of its own."""

TemplateSort = Literal["single", "mini"]
PATH = "/alipay"


@dataclass(frozen=True, slots=True)
class AlipayTemplate:
    """A template that the app has: of the life account (`single`) or of the mini program (`mini`).

    `keywords` are (key, label), such as ("keyword1", "受理编号").
    """

    id: str
    title: str
    keywords: tuple[tuple[str, str], ...]
    sort: TemplateSort = "mini"


@dataclass(frozen=True, slots=True)
class AlipayConfig:
    """The app, its keys as its people put them into the console, and the platform's own key."""

    app_id: str
    app_key: RSAPublicKey = field(repr=False)
    platform_key: RSAPrivateKey = field(repr=False)
    aes_key: bytes = field(default=b"", repr=False)  # 16 bytes; none: nothing may be encrypted
    certificates: Certificates | None = None  # certificate mode
    templates: Sequence[AlipayTemplate] = ()
    title: str = "云州社保卡"  # the life account's name on the phone
    name: Name = "alipay"  # what scripts call it, in addresses
    path: str = PATH  # pushes go to {webhook}{path}
    charset: Charset = "GBK"  # of pushes, until a script says otherwise
    ids: Ids = "user_id"  # by what pushes name people, until a script says otherwise
    patience_seconds: float = 3.0  # what a script waits for the first answer
