"""An answer's signed part is found to the byte, whatever stands in its strings."""

from __future__ import annotations

import base64
import json

import pytest

from bot.channels.alipay.envelope import Malformed, unfold

NODE = "alipay_trade_create_response"
SIGN = base64.b64encode(bytes(range(256))).decode()

# The shapes of the table in Alipay's own AlipaySignatureTest, written anew.
SHAPES: dict[str, str] = {
    "plain": '{"code":"10000","msg":"Success"}',
    "nested object": '{"code":"10000","nested":{"a":1,"b":"2"}}',
    "nested array": '{"nested":{"array":["1","2",[3,{"x":[]}]]},"n":-1.5e3,"t":true,"z":null}',
    "paired braces in a value": '{"no":"201{5}032{}"}',
    "paired braces in a key": '{"out_{trade}_{no}":"1"}',
    "unpaired brace in a value": '{"code":"100}00","list":["{1","2]"]}',
    "unpaired brace in a key": '{"co{de":"1","ms}g":"2","a[b":"3"}',
    "escaped quotation marks": r'{"msg":"Suc\"}cess","{no}":"20\"1\"9}"}',
    "even backslashes": r'{"code":"10000\\","\\no\\":"\\\\2015\\\\\\"}',
    "escaped slashes and letters": r'{"url":"https:\/\/x.example\/\u4e2d","msg":"\u007d"}',
    "spaces": '{"code": "10000",         "msg" : "Success"     }',
    "the names again": '{"sign":"no","alipay_trade_create_response":"{","error_response":"}"}',
    "sealed": '"eyJjb2RlIjoiMTAwMDAi+/x=="',
    "empty": "{}",
}
FRAMES = (
    '{"%(name)s":%(node)s,"sign":"%(sign)s"}',
    '{"sign":"%(sign)s","%(name)s":%(node)s}',
    '{ "%(name)s"   :   %(node)s ,\r\n "alipay_cert_sn" : "ab12" , "sign" : "%(sign)s" } \n',
    '{"other":"\\"%(name)s\\":{","%(name)s":%(node)s,"sign":"%(sign)s","more":[1,{"a":"}"}]}',
)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_signed_part_is_cut_out_to_the_byte(shape: str, frame: str) -> None:
    body = frame % {"name": NODE, "node": SHAPES[shape], "sign": SIGN.replace("/", "\\/")}
    found = unfold(body.encode(), NODE)
    assert found.node == SHAPES[shape].encode()
    assert found.sign == SIGN
    assert not found.error
    assert found.cert_sn == ("ab12" if "cert_sn" in body else "")


def gbk_that_ends_in(last: int) -> str:
    """A character whose second byte in GBK is this one."""
    for first in range(0x81, 0xFF):
        try:
            return bytes((first, last)).decode("gbk")
        except UnicodeDecodeError:
            continue
    raise AssertionError(last)


@pytest.mark.parametrize("mark", "{}[]\\|@")
def test_a_gbk_character_that_ends_in_a_mark_ends_nothing(mark: str) -> None:
    text = gbk_that_ends_in(ord(mark))
    node = f'{{"code":"20000","sub_msg":"系统繁忙{text}"}}'.encode("gb18030")
    body = b'{"error_response":' + node + b',"sign":"' + SIGN.encode() + b'"}'
    found = unfold(body, NODE)
    assert (found.charset, found.error) == ("gb18030", True)
    assert found.node == node
    assert json.loads(found.node.decode(found.charset))["sub_msg"].endswith(text)


def test_four_bytes_of_gb18030_are_one_character() -> None:
    node = '{"m":"𠮷{😀","n":"系"}'.encode("gb18030")
    found = unfold(b'{"error_response":' + node + b"}", NODE)
    assert found.node == node
    assert found.sign == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>gateway</html>",
        b'{"sign":"x"}',
        b'{"alipay_trade_create_response":{"code":"10000"}',
        b'{"alipay_trade_create_response":{"code":"100',
        b'{"alipay_trade_create_response":{"code":"10000"}} trailing',
        b'{"alipay_trade_create_response":{"a":1},"alipay_trade_create_response":{"a":2}}',
        b'{"alipay_trade_create_response":{"a":1},"sign":1}',
        b'{"alipay_trade_create_response":,"sign":"x"}',
        b'{"alipay_trade_create_response"',
        b"{" * 5000,
        b"\xff\xfe{",
    ],
)
def test_what_is_no_answer_of_the_gateway_says_so(body: bytes) -> None:
    with pytest.raises(Malformed):
        unfold(body, NODE)


def test_a_long_answer_is_read_in_one_pass() -> None:
    """No pattern may go back and forth over a megabyte."""
    node = b'{"a":"' + b"\\\\" * 250_000 + b'","b":"' + "字".encode() * 100_000 + b'"}'
    body = b'{"alipay_trade_create_response":' + node + b',"sign":"x"}'
    assert unfold(body, NODE).node == node
    with pytest.raises(Malformed):
        unfold(body[:-20], NODE)
