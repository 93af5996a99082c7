"""The inbound codec: only its own faults, nothing without a signature, nobody else's name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from benchmarks.fuzz.choosing import Chooser, text_of
from benchmarks.fuzz.target import Target
from bot.channels.wechat.codec import Inbound, Mode, WeChatCodec
from bot.channels.wechat.crypto import MessageCipher
from bot.channels.wechat.faults import BadSignature, TooLarge, Unreadable
from bot.channels.wechat.parsing import parse
from bot.channels.wechat.replies import LIMIT
from bot.dialogue.messages import Update

TOKEN, APP_ID = "fuzztoken", "wx00000000000000f1"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SERVICE, OPENID = "gh_0123456789ab", "oFuzz00000000000000000000001"
NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
MODES: tuple[Mode, ...] = ("plain", "safe", "compatible")
_CIPHER = MessageCipher(AES_KEY, APP_ID, random_bytes=bytes)
_ID = re.compile(r"m-[\w-]{1,160}|e-[0-9a-f]{40}", re.ASCII)


def _codec(mode: Mode, kind: type[WeChatCodec] = WeChatCodec) -> WeChatCodec:
    return kind(TOKEN, APP_ID, clock=lambda: NOW, mode=mode, aes_key=AES_KEY, random_bytes=bytes)


CODECS = {mode: _codec(mode) for mode in MODES}


def sha1(*parts: str) -> str:
    """The platform's signature, not by our own code."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


def _signed_body(mode: Mode, message: bytes, as_json: bool) -> tuple[bytes, Mapping[str, str]]:
    args = {"timestamp": SECONDS, "nonce": "77"}
    if mode == "plain":
        return message, {**args, "signature": sha1(TOKEN, SECONDS, "77")}
    sealed = _CIPHER.seal(message)
    body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    if as_json:
        body = json.dumps({"Encrypt": sealed}).encode()
    return body, {**args, "msg_signature": sha1(TOKEN, SECONDS, "77", sealed)}


def webhook_property(codecs: Mapping[Mode, WeChatCodec]) -> Callable[[bytes], None]:
    """The property over these codecs; the negative control hands in a weakened one."""

    def check(data: bytes) -> None:
        choose = Chooser(data)
        mode, as_json = choose.one_of(MODES), bool(choose.number(2))
        message = choose.rest()
        _nothing_without_signature(codecs[mode], message)
        body, args = _signed_body(mode, message, as_json)
        inbound = _opened(codecs[mode], body, args)
        if inbound is not None:
            _sound(codecs[mode], inbound)

    return check


def _nothing_without_signature(codec: WeChatCodec, body: bytes) -> None:
    wrong = "0" * 40
    for args in ({}, {"signature": wrong, "msg_signature": wrong, "timestamp": SECONDS}):
        for call in (lambda: codec.open(body, args), lambda: codec.echo({**args, "echostr": "1"})):  # noqa: B023
            try:
                call()
            except (BadSignature, TooLarge):
                continue
            raise AssertionError("opened without a signature")


def _opened(codec: WeChatCodec, body: bytes, args: Mapping[str, str]) -> Inbound | None:
    try:
        return codec.open(body, args)
    except (Unreadable, TooLarge) as fault:
        assert re.fullmatch("[a-z]+", fault.reason)
        return None


def _sound(codec: WeChatCodec, inbound: Inbound) -> None:
    """What was opened is clean, becomes an update that survives storing, and can be answered."""
    _clean(inbound.fields)
    again, _ = parse(json.dumps(inbound.fields).encode())
    assert again == inbound.fields, "what was read reads as the same again"
    try:
        update = codec.update(inbound)
    except Unreadable:
        return
    if update is not None:
        assert Update.from_json(update.to_json()) == update
        assert _ID.fullmatch(update.id), update.id
        assert update.account.user == inbound.fields["FromUserName"]
        assert codec.update(inbound) == update
    _answer(codec, inbound, update.text if update else "好")


def _clean(value: Any, levels: int = 20) -> None:
    assert levels, "nested too deep"
    if isinstance(value, dict):
        for inner in value.values():
            _clean(inner, levels - 1)
    elif isinstance(value, list):
        for inner in value:
            _clean(inner, levels - 1)
    else:
        assert isinstance(value, str)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", value)


def _answer(codec: WeChatCodec, inbound: Inbound, said: str) -> None:
    """What the person wrote, said back, stays inside its own element."""
    answer = codec.render(inbound, said)
    told = _elements(answer, inbound.as_json)
    if "Encrypt" in told:
        assert set(told) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
        told = _elements(_CIPHER.open(told["Encrypt"]), inbound.as_json)
    assert set(told) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
    assert len(told["Content"].encode()) <= LIMIT
    if len(said.encode()) <= LIMIT:
        # Ends of lines are one to XML.
        assert _lines(told["Content"]) == _lines(said)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _elements(answer: bytes, as_json: bool) -> dict[str, str]:
    if as_json:
        return {name: str(value) for name, value in json.loads(answer).items()}
    root = ElementTree.fromstring(answer)  # noqa: S314 - our own answer
    assert root.tag == "xml"
    assert not any(len(element) for element in root), "an element inside a text"
    told = {element.tag: element.text or "" for element in root}
    assert len(told) == len(root)
    return told


# --- a text that people type, as the platform writes it ---


def push(content: str) -> bytes:
    """A text push: the platform splits nothing in it."""
    return (
        f"<xml><ToUserName><![CDATA[{SERVICE}]]></ToUserName>"
        f"<FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>{SECONDS}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>25189203450123456</MsgId></xml>"
    ).encode("utf-8", "ignore")


def _content(data: bytes) -> None:
    """No text can name another sender, another kind or another message."""
    body, args = _signed_body("plain", push(text_of(data)), False)
    inbound = _opened(CODECS["plain"], body, args)
    if inbound is None:
        return
    update = CODECS["plain"].update(inbound)
    assert update is not None
    assert (update.account.user, inbound.fields["MsgType"]) == (OPENID, "text")
    assert update.id == f"m-{SECONDS}-25189203450123456"


def _cipher(data: bytes) -> None:
    """Any text is opened or refused by one fault; what is sealed is opened again."""
    try:
        _CIPHER.open(text_of(data))
    except Unreadable as fault:
        assert fault.reason == "cipher"
    assert _CIPHER.open(_CIPHER.seal(data)) == data


def _seeds() -> list[bytes]:
    from benchmarks.fuzz.bodies.messages import MESSAGES

    heads = [bytes((mode, as_json)) for mode in range(len(MODES)) for as_json in range(2)]
    each = [head + message for head in heads for message in MESSAGES]
    return [*each, b"\0\0", b'\0\1{"a":[[[[1]]]]}', b"\1\1" + b'{"a":' * 10]


CODEC = Target(
    "codec", webhook_property(CODECS), _seeds,
    (b'{"a":[', b"<CreateTime>", b'"CreateTime":', b"<A><B>", b"1" * 100), longest=65_536,
)  # fmt: skip
CONTENT = Target(
    "content", _content,
    lambda: ["你好".encode(), b"]]></Content><FromUserName>a</FromUserName><Content><![CDATA["],
    (b"<MsgId>1</MsgId>", b"<MsgType>event</MsgType>", b"</Content>"), longest=65_536,
)  # fmt: skip
CIPHER = Target(
    "cipher", _cipher, lambda: [_CIPHER.seal(b"<xml/>").encode(), _CIPHER.seal(b"").encode()]
)
