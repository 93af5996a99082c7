"""What counts as an answer to a push: the forms that are seen in the field, and nothing else.

The signed one of the official demo, the bare one of the older demo, the word `success`. HTML, an
empty body and `null` are none. The activation has an answer of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.simulator.alipay.rsa import agrees, bare
from bot.simulator.strict_xml import BadXml, parse_xml

_SIGNED = re.compile(
    rb"\A<\?xml version=\"1\.0\" encoding=\"([\w-]+)\"\?>"
    rb"<alipay><response>(.*)</response><sign>([^<]*)</sign><sign_type>(\w+)</sign_type></alipay>\s*\Z",
    re.DOTALL,
)
_CODECS = {"gbk": "gb18030", "gb2312": "gb18030", "utf-8": "utf-8"}
Leaves = Mapping[str, str]


class NoAck(Exception):
    """An answer that the platform takes for none."""


def acknowledged(key: RSAPublicKey, body: bytes, *, app_id: str, strict: bool) -> Leaves:
    """What an acknowledgement says. Raises `NoAck`. `strict`: the signed form alone counts."""
    if _SIGNED.match(body):
        told = leaves(_inner(key, body), "XML")
    elif strict:
        raise NoAck("not the signed form")
    elif body.strip().lower() == b"success":
        return {}
    else:
        told = leaves(body, "XML")
    if told.get("MsgType") != "ack":
        raise NoAck("no MsgType ack")
    if told.get("AppId", app_id) != app_id:
        raise NoAck("the ack of another app")
    return told


def activated(key: RSAPublicKey, body: bytes) -> bool:
    """Whether an answer to `verifygw` turns the gateway on: signed, with the app's public key."""
    told = leaves(b"<r>" + _inner(key, body) + b"</r>", "r")
    return told.get("success") == "true" and told.get("biz_content") == bare(key)


def _inner(key: RSAPublicKey, body: bytes) -> bytes:
    """The bytes inside `<response>`, whose signature holds. Raises `NoAck`."""
    found = _SIGNED.match(body)
    if found is None:
        raise NoAck("not the signed form")
    codec, inner, proof, sign_type = found.groups()
    if codec.lower().decode() not in _CODECS:
        raise NoAck("an unknown charset")
    if not agrees(key, inner, proof.decode("ascii", "replace"), sign_type.decode()):
        raise NoAck("the signature does not hold")
    return inner


def leaves(text: bytes, root: str) -> dict[str, str]:
    """The texts inside the root of an XML document in either charset. Raises `NoAck`."""
    for codec in ("utf-8", "gb18030"):
        try:
            inside = parse_xml(text.decode(codec).encode(), root)
        except (UnicodeDecodeError, BadXml):
            continue
        return {name: str(value).strip() for name, value in inside.items()}
    raise NoAck("not the XML of an answer")
