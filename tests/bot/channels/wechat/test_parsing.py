"""Bodies: what the platform writes, and what chat users have been seen to make of it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.characters import legal
from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import _Elements, _flat, parse
from tests.bot.channels.wechat.pushes import OPENID, Markup, fields, text_push, xml


def _content(body: bytes) -> object:
    return parse(body)[0]["Content"]


def _reason(body: bytes) -> str:
    with pytest.raises(Unreadable) as fault:
        parse(body)
    return fault.value.reason


# --- the ordinary ---


def test_xml_and_json_are_told_apart_by_their_first_character() -> None:
    told = fields("text", Content="你好")
    assert parse(xml(told)) == (told, False)
    assert parse(b" \n" + json.dumps(told).encode()) == (told, True)
    assert parse(b"\xef\xbb\xbf" + xml(told))[0] == told


def test_numbers_of_json_become_text_to_the_last_digit() -> None:
    told, _ = parse(
        b'{"MsgId": 25189203450123457, "CreateTime": 1714037059, "X": 23.10, "N": null}'
    )
    assert told == {
        "MsgId": "25189203450123457",
        "CreateTime": "1714037059",
        "X": "23.10",
        "N": "",
    }


def test_keys_with_blanks_around_them_are_understood() -> None:
    assert parse(b'{" OpenID": "o"}')[0] == {"OpenID": "o"}


_TEXTS = st.text(alphabet=st.sampled_from("ab中 <>&]\r\n![CDATA/x\t'\""), max_size=12)
_NAMES = st.sampled_from(["Content", "MsgId", "A", "xml", "B-1", "中"])


@given(st.lists(st.tuples(_NAMES, _TEXTS, st.booleans()), max_size=4), st.text(" \n", max_size=2))
def test_the_short_way_reads_nothing_otherwise_than_the_parser(
    elements: list[tuple[str, str, bool]], between: str
) -> None:
    sealed = "<{0}><![CDATA[{1}]]></{0}>"
    written = (
        (sealed if cdata else "<{0}>{1}</{0}>", name, text) for name, text, cdata in elements
    )
    body = between.join(form.format(name, text) for form, name, text in written)
    whole = f"<xml>{between}{body}</xml>{between}"
    short = _flat(whole)
    if short is not None:
        assert short == _Elements().read(whole)


@pytest.mark.parametrize(
    "body",
    [
        "<xml><A><![CDATA[" + "x" * 250_000,
        "<xml>" + "<A>x</A>" * 30_000 + "<B",
        "<xml><A>x</A>" + " " * 250_000 + "<",
        "<xml>" + "<A><![CDATA[</A>]]></A>" * 11_000 + "]",
        "<xml><" + "a" * 250_000,
    ],
    ids=["open section", "broken end", "blanks", "tags in sections", "long name"],
)
def test_the_short_way_gives_up_in_time_that_grows_with_the_length_alone(body: str) -> None:
    started = time.thread_time()
    assert _flat(body) is None
    assert time.thread_time() - started < 0.5


def test_an_ordinary_push_is_read_the_short_way() -> None:
    told = fields("text", Content="你好 <b>，1 < 2 & 3\n！")
    assert _flat(xml(told).decode()) == told


def test_nested_elements_become_mappings_and_lists() -> None:
    body = xml({"A": Markup("<B>1</B><L>x</L><L>y</L><L>z</L>")})
    assert parse(body)[0] == {"A": {"B": "1", "L": ["x", "y", "z"]}}


def test_blanks_in_a_text_are_kept() -> None:
    assert _content(text_push("  两 行\n第二行 ")) == "  两 行\n第二行 "


def test_another_declared_encoding_changes_nothing() -> None:
    body = b'<?xml version="1.0" encoding="GBK"?>' + text_push("你好")
    assert _content(body) == "你好"


# --- what users have sent ---


@pytest.mark.parametrize("mark", ["\x02", "\x10", "\x1d", "\x00", "\ufffe", "\uffff"])
def test_control_characters_are_deleted(mark: str) -> None:
    assert _content(text_push(f"a{mark}b")) == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "]]>",
        "a]]>b",
        "a]]><b>",
        "]]></Content>",
        "]]></Content><b>",
        "x]]><y/><![CDATA[z",
        "x]]><y>1</y><![CDATA[z",
        "]]></Content><!--",
        "]]></Content></xml>",
        "]]></Content></xml><xml><Content><![CDATA[",
        "]]><!DOCTYPE x>",
        "]]>&#2;",
        "]]>&amp;&unknown;",
        "<![CDATA[",
        "<a href='x'>链接</a> & 3 < 4",
    ],
)
def test_a_text_that_breaks_the_markup_is_taken_as_it_was_typed(text: str) -> None:
    told, _ = parse(text_push(text))
    assert told["Content"] == text
    assert told["FromUserName"] == OPENID
    assert told["MsgId"] == fields()["MsgId"]


def test_a_forged_sender_is_refused() -> None:
    forged = "x]]></Content><FromUserName>evil</FromUserName><Content>y<![CDATA["
    assert _reason(text_push(forged)) == "duplicate"


@given(st.text(max_size=60), st.lists(st.sampled_from(["]]>", "<Content>", "</Content>",
    "<![CDATA[", "<FromUserName>evil</FromUserName>", "<Event>x</Event>", "</xml>", "<!--", "-->",
    "<?x", "?>", "<x", "/>", "&lt;"]), max_size=9))  # fmt: skip
def test_no_text_can_name_another_sender_or_kind(text: str, marks: list[str]) -> None:
    typed = text + "".join(marks)
    try:
        told, _ = parse(text_push(typed))
    except Unreadable:
        return
    assert told["FromUserName"] == OPENID
    assert told["MsgType"] == "text"
    assert told["MsgId"] == fields()["MsgId"]
    assert set(told) == set(fields(Content="")), "nor add an element"


# --- what is refused ---


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "format"),
        (b"hello", "format"),
        (b"[1]", "format"),
        ("<xml><Content>你好</Content></xml>".encode("gbk"), "encoding"),
        (b"<!DOCTYPE xml><xml/>", "doctype"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xml/>', "doctype"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', "doctype"),
        (b"<html/>", "root"),
        (b"<xml>", "xml"),
        (b"<xml><A>1</B></xml>", "xml"),
        (b"<xml>&unknown;</xml>", "xml"),
        (b"<xml/><xml/>", "xml"),
        (b"<xml><A><Content><![CDATA[x]]></Content></xml>", "xml"),
        (b"<xml><A>1</A><A>2</A></xml>", "duplicate"),
        (b"<xml>" + b"<A>" * 20 + b"</A>" * 20 + b"</xml>", "depth"),
        (b"{", "json"),
        (b'{"a": 1} {"b": 2}', "json"),
        (b'{"a": 1, "a": 2}', "duplicate"),
        (b'{"a": 1, " a": 2}', "duplicate"),
        (b'{"a":' + b"[" * 100_000, "json"),
        (b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", "depth"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "depth"),
    ],
)
def test_what_the_platform_does_not_write_is_refused(body: bytes, reason: str) -> None:
    assert _reason(body) == reason


@pytest.mark.parametrize(
    "body",
    [b"<xml>" + b"<A>" * 60_000, b"{" + b'"a":{' * 50_000, b"<xml>" + b"<A/>" * 60_000 + b"</xml>"],
)
def test_a_hostile_body_costs_little(body: bytes) -> None:
    """Its own processor time: what others do meanwhile is not its cost."""
    started = time.thread_time()
    _reason(body)
    assert time.thread_time() - started < 0.5


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    for raw in (body, b"<" + body, b"<xml>" + body + b"</xml>", b"{" + body):
        try:
            parse(raw)
        except Unreadable:
            continue


def test_lone_surrogates_hidden_in_escapes_are_deleted() -> None:
    assert _content(b'{"Content": "a\\ud800b\\u0002c"}') == "abc"
    assert legal("𠮷䶮·") == "𠮷䶮·"
