"""The XML of a message as leaves by name."""

from __future__ import annotations

import pytest

from bot.channels.alipay.faults import Unreadable
from bot.channels.alipay.leaves import Leaves, read_leaves


def leaves(xml: str, charset: str = "GBK", *more: str) -> Leaves:
    return read_leaves(xml.encode("gb18030" if charset != "UTF-8" else "utf-8"), charset, more)


def fault(xml: str | bytes, charset: str = "GBK", *more: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read_leaves(xml if isinstance(xml, bytes) else xml.encode("gb18030"), charset, more)
    return refused.value.reason


@pytest.mark.parametrize("charset", ["GBK", "gbk", "GB2312", "GB18030", "", "UTF-8"])
def test_a_text_is_read_in_the_charset_that_the_form_names(charset: str) -> None:
    assert leaves("<XML><Content>你好，镕😀</Content></XML>", charset)["Content"] == "你好，镕😀"


def test_the_declared_encoding_is_overruled() -> None:
    told = '<?xml version="1.0" encoding="gbk"?><XML><AppId>1</AppId></XML>'
    assert leaves(told, "UTF-8") == leaves(told) == {"AppId": "1"}


def test_leaves_are_found_at_any_depth() -> None:
    flat = "<XML><MsgType>text</MsgType><Content>好</Content></XML>"
    deep = (
        "<xml> <A>\n<MsgType><![CDATA[text]]></MsgType></A><Text><Content>好</Content></Text></xml>"
    )
    assert leaves(flat) == leaves(deep) == {"MsgType": "text", "Content": "好"}


def test_empty_leaves_are_left_out() -> None:
    assert leaves("<XML><ActionParam><![CDATA[]]></ActionParam><AppId/><MsgId>1</MsgId></XML>") == {
        "MsgId": "1"
    }


@pytest.mark.parametrize(
    "xml",
    [
        "<XML><FromUserId>a</FromUserId><FromUserId>b</FromUserId></XML>",
        "<XML><FromUserId>a</FromUserId><A><FromUserId>b</FromUserId></A></XML>",
        "<XML><AppId/><AppId>b</AppId></XML>",
        "<XML><Text><Content>a</Content></Text><Text>b</Text></XML>",
    ],
)
def test_a_name_that_is_read_stands_once(xml: str) -> None:
    assert fault(xml) == "duplicate"


def test_the_names_of_an_open_id_stand_once_too() -> None:
    assert fault("<XML><OpenId>a</OpenId><OpenId>b</OpenId></XML>", "GBK", "OpenId") == "duplicate"


def test_other_names_may_be_repeated() -> None:
    assert leaves("<XML><Item>a</Item><Item>b</Item></XML>") == {"Item": "a"}


def test_a_doctype_is_refused() -> None:
    bomb = '<!DOCTYPE XML [<!ENTITY a "aaaa">]><XML><Content>&a;</Content></XML>'
    assert fault(bomb) == "doctype"
    assert fault('<!DOCTYPE XML SYSTEM "http://127.0.0.1/x"><XML/>') == "doctype"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "xml"),
        ("no xml", "xml"),
        ("<XML><a></XML>", "xml"),
        ("<XML>&unknown;</XML>", "xml"),
        ("<html></html>", "root"),
        ("<XML>" + "<a>" * 20 + "</a>" * 20 + "</XML>", "depth"),
        ("<XML>text<a/></XML>", "xml"),
        ("<XML>text</XML>", "xml"),
    ],
)
def test_what_is_no_message_is_refused(xml: str, reason: str) -> None:
    assert fault(xml) == reason


def test_bytes_of_another_charset_are_refused() -> None:
    assert fault("<XML><Content>你好</Content></XML>".encode("gbk"), "UTF-8") == "encoding"
    assert fault(b"<XML/>", "UTF-16") == "charset"


TYPED = (
    "<Content><![CDATA[x]]></Content>",
    "<Text><![CDATA[x]]></Text>",
    "a]]>b",
    "]]><b>x</b>",
    "]]></Content",
    "<![CDATA[",
    "]]>",
    "&<>",
)


@pytest.mark.parametrize("said", TYPED)
def test_what_a_person_writes_is_read_as_it_was_written(said: str) -> None:
    head, number = "<XML><MsgType>text</MsgType>", "<MsgId>7</MsgId></XML>"
    nested = f"{head}<Text><Content><![CDATA[{said}]]></Content></Text>{number}"
    assert leaves(nested) == {"MsgType": "text", "Content": said, "MsgId": "7"}
    direct = f"{head}<Text><![CDATA[{said}]]></Text>{number}"
    assert leaves(direct) == {"MsgType": "text", "Text": said, "MsgId": "7"}


FORGED = (
    "]]></Content><FromUserId>2088victim</FromUserId><Content><![CDATA[",
    "]]></Content></Text><FromAlipayUserId>2088victim</FromAlipayUserId><Text><Content><![CDATA[",
    "]]></Content></Text><OpenId>victim</OpenId><Text><Content><![CDATA[",
    "]]></Content></Text></XML><!-- ",
    "]]></Content></Text><OpenId>victim</OpenId></XML>",
)


@pytest.mark.parametrize("said", FORGED)
def test_no_text_of_a_person_names_another_sender(said: str) -> None:
    push = (
        "<XML><FromUserId>me</FromUserId><MsgType>text</MsgType>"
        f"<Text><Content><![CDATA[{said}]]></Content></Text><MsgId>7</MsgId></XML>"
    )
    try:
        read = leaves(push, "GBK", "OpenId")
    except Unreadable:
        return
    assert read == {"FromUserId": "me", "MsgType": "text", "Content": said, "MsgId": "7"}


def test_what_xml_forbids_is_taken_out() -> None:
    assert leaves("<XML><Content>a\x0bb\x00</Content></XML>") == {"Content": "ab"}
