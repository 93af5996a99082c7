"""Alipay's gateway: only its own faults, nothing without a signature, nobody else's name."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote_from_bytes
from xml.etree import ElementTree

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from benchmarks.fuzz.choosing import Chooser, text_of
from benchmarks.fuzz.target import Target
from bot.channels.alipay.ant import WITHDRAWN
from bot.channels.alipay.codec import AlipayCodec, App
from bot.channels.alipay.faults import BadSignature, TooLarge, Unreadable
from bot.channels.alipay.keys import AppKeys
from bot.channels.alipay.replies import Answers
from bot.channels.alipay.verification import Verifier
from bot.dialogue.messages import AccountKey, Update
from models.platform_ids import PlatformName

APP_ID, USER = "2021000000000001", "2088000000000001"
NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
MILLISECONDS = int(NOW.timestamp() * 1000)
_ID = re.compile(r"m-[\w-]{1,64}|[emn]-[0-9a-f]{40}|n-[\w-]{1,64}", re.ASCII)
_CHARSETS = (b"GBK", b"UTF-8", b"gb2312")


@cache
def alipays_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@cache
def codec(kind: type[Verifier] = Verifier) -> AlipayCodec:
    verifier = kind(alipays_key().public_key())
    return AlipayCodec(
        APP_ID, {APP_ID: App(verifier)}, lambda: NOW, id_leaves=("OpenId", "open_id")
    )


def account(names: Sequence[PlatformName]) -> AccountKey:
    if not names:
        raise ValueError
    return AccountKey("alipay", APP_ID, names[0].value)


def signed_body(fields: dict[bytes, bytes], left_out: bytes = b"") -> bytes:
    """As the platform would send it, not by our own code."""
    names = sorted(name for name, value in fields.items() if value and name != left_out)
    text = b"&".join(name + b"=" + fields[name] for name in names)
    signature = alipays_key().sign(text, PKCS1v15(), hashes.SHA256())
    pairs = {**fields, b"sign": base64.b64encode(signature)}
    written = (f"{name.decode()}={quote_from_bytes(value)}" for name, value in pairs.items())
    return "&".join(written).encode()


def life_body(xml: bytes, charset: bytes) -> bytes:
    return signed_body(
        {
            b"service": b"alipay.mobile.public.message.notify",
            b"charset": charset,
            b"sign_type": b"RSA2",
            b"biz_content": xml,
        }
    )


def ant_body(content: bytes) -> bytes:
    return signed_body(
        {
            b"msg_method": WITHDRAWN.encode(),
            b"notify_id": b"1",
            b"app_id": APP_ID.encode(),
            b"utc_timestamp": str(MILLISECONDS).encode(),
            b"charset": b"UTF-8",
            b"sign_type": b"RSA2",
            b"biz_content": content,
        },
        b"sign_type",
    )


def gateway_property(checked_by: AlipayCodec) -> Callable[[bytes], None]:
    """The property over this codec; the negative control hands in a weakened one."""

    def check(data: bytes) -> None:
        choose = Chooser(data)
        charset = choose.one_of(_CHARSETS)
        message = choose.rest()
        _nothing_without_signature(checked_by, message)
        _nothing_without_signature(checked_by, b"service=x&sign_type=RSA2&sign=AAAA&" + message)
        with suppress(TooLarge):
            _life(checked_by, life_body(message, charset))
            _ant(checked_by, ant_body(message))

    return check


def _nothing_without_signature(checked_by: AlipayCodec, body: bytes) -> None:
    try:
        checked_by.check(checked_by.open(body))
    except (BadSignature, TooLarge):
        return
    raise AssertionError("opened without a signature")


def _life(checked_by: AlipayCodec, body: bytes) -> None:
    """What was signed is read or refused by one fault, and acknowledged in either case."""
    inbound = checked_by.open(body)
    checked_by.check(inbound)
    try:
        leaves = checked_by.leaves(inbound, APP_ID)
    except Unreadable as fault:
        assert re.fullmatch("[a-z]+", fault.reason)
        return
    for text in leaves.values():
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text)
    _acknowledged(checked_by.sender(leaves), inbound.charset)
    with suppress(Unreadable):
        update = checked_by.update(leaves, account)
        if update is not None:
            assert Update.from_json(update.to_json()) == update
            assert _ID.fullmatch(update.id), update.id
            assert checked_by.update(leaves, account) == update


def _ant(checked_by: AlipayCodec, body: bytes) -> None:
    inbound = checked_by.open(body)
    checked_by.check(inbound)
    with suppress(Unreadable):
        message = checked_by.ant(inbound, APP_ID)
        assert _ID.fullmatch(message.id)
        assert all(isinstance(name.value, str) and name.value for name in message.names)


@cache
def _answers() -> Answers:
    key = generate_private_key(65537, 2048)
    return Answers(AppKeys(key, alipays_key().public_key()), APP_ID)


def _acknowledged(sender: str, charset: str) -> None:
    answer = _answers().acknowledged(sender, NOW, charset).body
    root = ElementTree.fromstring(answer.decode(charset))  # noqa: S314 - our own answer
    assert [element.text or "" for element in root.iter("ToUserId")] == [sender]


# --- a text that people type, as a platform that splits nothing would write it ---


NESTED, DIRECT = "<Content><![CDATA[{}]]></Content>", "<![CDATA[{}]]>"
"""The two forms in which texts were seen."""


def push(content: str, form: str = NESTED) -> bytes:
    written = form.replace("{}", content)
    return (
        f"<XML><AppId><![CDATA[{APP_ID}]]></AppId><FromAlipayUserId><![CDATA[{USER}]]>"
        f"</FromAlipayUserId><CreateTime>{MILLISECONDS}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Text>{written}</Text>"
        "<MsgId>25189203450123456</MsgId></XML>"
    ).encode("gb18030", "ignore")


def _content(data: bytes) -> None:
    """No text can name another sender, another kind or another message."""
    checked_by = codec()
    for form in (NESTED, DIRECT):
        body = life_body(push(text_of(data), form), b"GBK")
        with suppress(Unreadable, TooLarge):
            leaves = checked_by.leaves(checked_by.open(body), APP_ID)
            update = checked_by.update(leaves, account)
            assert update is not None
            assert (update.account.user, leaves["MsgType"]) == (USER, "text")
            assert update.id == "m-25189203450123456"
            assert not leaves.keys() & {"OpenId", "open_id", "FromUserId", "ActionParam"}


_TOKENS = (
    b"<XML>", b"</XML>", b"<CreateTime>", b"<OpenId>2088</OpenId>", b"</Content></Text>",
    b"<Text><Content><![CDATA[", b"<UserInfo>", b"<FromUserId>a</FromUserId>", b"&sign=", b"%",
    b'"user_id":"2088"', b"<MsgType>event</MsgType>",
)  # fmt: skip


def _seeds() -> list[bytes]:
    event = push("").replace(b"text", b"event")
    bodies = (push("你好"), push("]]>a"), event, b'{"user_id":"2088000000000001"}')
    return [bytes((charset,)) + body for charset in range(3) for body in bodies]


ALIPAY = Target(
    "alipay",
    lambda data: gateway_property(codec())(data),
    _seeds,
    _TOKENS,
    longest=65_536,
)
ALIPAY_CONTENT = Target(
    "alipay_content",
    _content,
    lambda: ["你好".encode(), b"]]></Content></Text><OpenId>a</OpenId><Text><Content><![CDATA["],
    _TOKENS,
    longest=65_536,
)
