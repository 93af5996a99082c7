"""What the platform posts: XML in a signed form for the life account, JSON in one for From-Ant.

Source: docs.open.alipay.com/197/105240 and captured messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.simulator.alipay.rsa import sign, to_sign
from bot.simulator.alipay.settings import Charset
from bot.simulator.push import Push

CODECS: dict[Charset, str] = {"GBK": "gbk", "UTF-8": "utf-8"}
CHECK, NOTIFY = "alipay.service.check", "alipay.mobile.public.message.notify"
Fields = Mapping[str, Any]


class Wire:
    """Writes signed forms with the platform's key."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key

    def message(self, service: str, fields: Fields, charset: Charset, sign_type: str) -> Push:
        """A message of the life account: `sign_type` is part of what is signed (V2)."""
        form = {
            "biz_content": in_xml(fields, charset),
            "charset": charset,
            "service": service,
            "sign_type": sign_type,
        }
        return self._signed(form, CODECS[charset], ("sign",))

    def ant(self, form: Mapping[str, str], rule: str) -> Push:
        """A message of the open platform: `sign_type` is left out of it (V1), as a rule."""
        left_out = ("sign", "sign_type") if rule == "V1" else ("sign",)
        return self._signed(form, "utf-8", left_out)

    def _signed(self, form: Mapping[str, str], codec: str, left_out: Sequence[str]) -> Push:
        """What a charset lacks is a question mark, as Java writes it."""
        raw = {name: value.encode(codec, "replace") for name, value in form.items()}
        proof = sign(self._key, to_sign(raw.items(), left_out), form["sign_type"])
        whole = sorted({**raw, "sign": proof.encode()}.items())
        body = "&".join(f"{name}={quote_plus(value)}" for name, value in whole)
        shown = "GBK" if codec == "gbk" else "UTF-8"
        kind = f"application/x-www-form-urlencoded; charset={shown}"
        return Push("", body.encode(), kind)


def in_xml(fields: Fields, charset: Charset) -> str:
    """The platform's XML: every leaf in CDATA. A `]]>` that people write is parted in two."""
    return f'<?xml version="1.0" encoding="{charset.lower()}"?><XML>{_elements(fields)}</XML>'


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def in_json(value: Any) -> str:
    """JSON text as it stands inside a field."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
