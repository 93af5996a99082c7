"""The platform's side of the webhook, with wechatpy's cipher and not ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.wechat.codec import Mode, WeChatCodec

TOKEN = "a-token-of-the-tests"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx0123456789abcdef"
OPENID = "oTest_openid-0000000000000001"
SERVICE = "gh_0123456789ab"
NONCE = "486452656"
NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def codec(
    mode: Mode = "safe", now: Callable[[], datetime] = lambda: NOW, **more: Any
) -> WeChatCodec:
    return WeChatCodec(TOKEN, APP_ID, clock=now, mode=mode, aes_key=AES_KEY, **more)


def live_codec(mode: Mode = "safe") -> WeChatCodec:
    return codec(mode, now=lambda: datetime.fromtimestamp(time.time(), UTC))


def fields(kind: str = "text", **more: str) -> dict[str, str]:
    """The elements of one push, in the platform's order."""
    told = {
        "ToUserName": SERVICE,
        "FromUserName": OPENID,
        "CreateTime": str(SECONDS),
        "MsgType": kind,
        **more,
    }
    if kind != "event":
        told.setdefault("MsgId", "25189203450123456")
    return told


class Markup(str):
    """An element's value that is elements itself."""

    __slots__ = ()


def xml(told: Mapping[str, str]) -> bytes:
    """As the platform writes it: texts in CDATA, in which it splits nothing."""
    parts = (
        f"<{k}>{v}</{k}>" if v.isdigit() or isinstance(v, Markup) else f"<{k}><![CDATA[{v}]]></{k}>"
        for k, v in told.items()
    )
    return f"<xml>{''.join(parts)}</xml>".encode()


def text_push(content: str = "你好", **more: str) -> bytes:
    return xml(fields("text", Content=content, **more))


def sign(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def plain_args(nonce: str = NONCE, seconds: int = SECONDS) -> dict[str, str]:
    signature = sign(TOKEN, str(seconds), nonce)
    return {"signature": signature, "timestamp": str(seconds), "nonce": nonce}


def seal(
    message: bytes, nonce: str = NONCE, seconds: int = SECONDS, app_id: str = APP_ID
) -> tuple[bytes, dict[str, str]]:
    """Body and query of a push in safe mode."""
    envelope = WeChatCrypto(TOKEN, AES_KEY, app_id).encrypt_message(
        message.decode(), nonce, str(seconds)
    )
    sealed = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    return safe_body(sealed), safe_args(sealed, nonce, seconds)


def safe_body(sealed: str) -> bytes:
    return xml({"ToUserName": SERVICE, "Encrypt": sealed})


def safe_args(sealed: str, nonce: str = NONCE, seconds: int = SECONDS) -> dict[str, str]:
    return {
        **plain_args(nonce, seconds),
        "encrypt_type": "aes",
        "msg_signature": sign(TOKEN, str(seconds), nonce, sealed),
    }


def unseal(answer: bytes) -> str:
    """The message inside an enciphered answer, its signature checked."""
    root = ElementTree.fromstring(answer)  # noqa: S314 - our own answer
    told = {element.tag: element.text or "" for element in root}
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    signature, seconds, nonce = told["MsgSignature"], told["TimeStamp"], told["Nonce"]
    return str(crypto.decrypt_message(answer.decode(), signature, seconds, nonce))
