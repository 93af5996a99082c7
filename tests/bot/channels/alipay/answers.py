"""Answers of a gateway, signed by hand: nothing of ours is used to make them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.bot.channels.alipay.issuing import key_of

PATH = "/gateway.do"
Answer = Callable[[Any], None]


def signature(text: bytes, key: rsa.RSAPrivateKey | None = None) -> str:
    """Alipay's, unless another key is given."""
    signer = key or key_of("alipay")
    return base64.b64encode(signer.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def raw(body: bytes) -> Answer:
    """As the gateway sends it: status 200, and called HTML."""
    return lambda handler: handler.write(body, "text/html;charset=utf-8")


def signed(
    method: str,
    node: str | dict[str, Any],
    *,
    key: rsa.RSAPrivateKey | None = None,
    charset: str = "utf-8",
    name: str = "",
    cert_sn: str = "",
    unsigned: bool = False,
) -> Answer:
    """The node under its name (or another), with its signature beside it."""
    text = node if isinstance(node, str) else json.dumps(node, ensure_ascii=False)
    value = text.encode(charset)
    parts = [f'"{name or node_of(method)}":'.encode() + value]
    parts += [f'"alipay_cert_sn":"{cert_sn}"'.encode()] if cert_sn else []
    parts += [] if unsigned else [f'"sign":"{signature(value, key)}"'.encode()]
    return raw(b"{" + b",".join(parts) + b"}")


def node_of(method: str) -> str:
    return method.replace(".", "_") + "_response"


def fault(code: str, sub_code: str = "", **more: Any) -> dict[str, Any]:
    """An error's node, with a text that nobody may repeat."""
    told = {"code": code, "msg": "Business Failed", "sub_msg": "陈国强 13900000001", **more}
    return told | ({"sub_code": sub_code} if sub_code else {})
