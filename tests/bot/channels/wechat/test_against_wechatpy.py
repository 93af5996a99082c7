"""wechatpy's crypto and parser as the oracle over generated messages.

Where we differ on purpose, the test says why.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat.crypto import MessageCipher, signature
from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import legal, parse
from tests.bot.channels.wechat.pushes import (
    AES_KEY,
    APP_ID,
    NONCE,
    SECONDS,
    TOKEN,
    codec,
    fields,
    seal,
    sign,
    text_push,
    unseal,
    xml,
)

_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
_WORDS = _LINES.filter(lambda text: "]]>" not in text and legal(text) == text)
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40)


@given(st.lists(_LINES, min_size=1, max_size=5))
def test_signatures_agree(parts: list[str]) -> None:
    assert signature(*parts) == sign(*parts)


@given(_WORDS)
def test_we_open_what_it_seals(text: str) -> None:
    inbound = codec().open(*seal(text_push(text)))
    assert inbound.fields["Content"] == text


@given(_WORDS)
def test_it_opens_what_we_seal(text: str) -> None:
    inbound = codec().open(*seal(text_push()))
    short = text[:500]
    assert f"<Content><![CDATA[{short}]]></Content>" in unseal(codec().render(inbound, short))


@given(st.binary(max_size=300).map(bytes.hex))
def test_the_framing_agrees_at_every_length(text: str) -> None:
    sealed = MessageCipher(AES_KEY, APP_ID).seal(text.encode())
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    told = {"Encrypt": sealed}
    signed = sign(TOKEN, str(SECONDS), NONCE, sealed)
    assert crypto.decrypt_message(told, signed, str(SECONDS), NONCE) == text


@given(_WORDS, _NAMES, st.integers(1, 2**63))
def test_the_parsers_agree_about_texts(text: str, sender: str, number: int) -> None:
    body = text_push(text, FromUserName=sender, MsgId=str(number))
    theirs, ours = parse_message(body.decode()), parse(body)[0]
    # xmltodict strips a text and gives None for nothing; a person's blanks are theirs to us.
    assert (theirs.content or "") == str(ours["Content"]).strip()
    assert theirs.source == ours["FromUserName"]
    assert theirs.id == int(str(ours["MsgId"]))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("image", {"PicUrl": "http://mmbiz.example/a", "MediaId": "m-1"}),
        ("voice", {"MediaId": "m-1", "Format": "amr", "Recognition": "你好"}),
        ("location", {"Location_X": "23.1", "Location_Y": "113.3", "Label": "和平路"}),
        ("link", {"Title": "标题", "Description": "说明", "Url": "http://x.example"}),
        ("event", {"Event": "CLICK", "EventKey": "MENU"}),
        ("event", {"Event": "SCAN", "EventKey": "12", "Ticket": "t"}),
    ],
)
def test_the_parsers_agree_about_the_other_kinds(kind: str, more: dict[str, str]) -> None:
    told = fields(kind, **more)
    theirs = parse_message(xml(told).decode())
    assert dict(theirs._data) == dict(parse(xml(told))[0])


def test_it_stops_at_control_characters_and_we_delete_them() -> None:
    body = text_push("a\x1db")
    with pytest.raises(Exception, match="not well-formed"):
        parse_message(body.decode())
    assert parse(body)[0]["Content"] == "ab"


def test_it_lets_a_user_name_two_senders_and_we_refuse() -> None:
    body = text_push("x]]></Content><FromUserName>evil</FromUserName><Content>y<![CDATA[")
    assert "evil" in parse_message(body.decode()).source
    with pytest.raises(Unreadable, match="duplicate"):
        parse(body)
