"""Who may call, in which mode, and what is written back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import get_args
from xml.etree import ElementTree

import pytest

from bot.channels.wechat.codec import Inbound, Mode, WeChatCodec
from bot.channels.wechat.faults import BadSignature, TooLarge, Unreadable
from tests.bot.channels.wechat.pushes import (
    AES_KEY,
    APP_ID,
    NONCE,
    NOW,
    OPENID,
    SECONDS,
    SERVICE,
    TOKEN,
    codec,
    fields,
    plain_args,
    safe_args,
    safe_body,
    seal,
    sign,
    text_push,
    unseal,
    xml,
)


def _sealed_text(body: bytes) -> str:
    return body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]


def _plain(content: str = "你好") -> Inbound:
    return codec("plain").open(text_push(content), plain_args())


def _elements(answer: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(answer)  # noqa: S314 - our own answer
    return {element.tag: element.text or "" for element in root}


# --- start ---


@pytest.mark.parametrize("mode", get_args(Mode))
def test_an_empty_token_is_refused_at_start(mode: Mode) -> None:
    with pytest.raises(ValueError, match="token"):
        WeChatCodec("", APP_ID, clock=lambda: NOW, mode=mode, aes_key=AES_KEY)


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_a_sealed_mode_without_its_key_is_refused_at_start(mode: Mode) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        WeChatCodec(TOKEN, APP_ID, clock=lambda: NOW, mode=mode)


# --- who calls ---


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_every_part_of_a_plain_signature_is_needed(missing: str) -> None:
    args = plain_args()
    del args[missing]
    with pytest.raises(BadSignature):
        codec("plain").open(text_push(), args)
    with pytest.raises(BadSignature):
        codec("plain").echo({**args, "echostr": "1"})


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_every_part_of_a_sealed_signature_is_needed(missing: str) -> None:
    body, args = seal(text_push())
    del args[missing]
    with pytest.raises(BadSignature):
        codec().open(body, args)


def test_the_other_signature_does_not_serve_in_safe_mode() -> None:
    body, args = seal(text_push())
    with pytest.raises(BadSignature):
        codec().open(body, {**args, "msg_signature": args["signature"]})


def test_the_other_signature_is_not_needed_in_safe_mode() -> None:
    body, args = seal(text_push())
    assert codec().open(body, {**args, "signature": "x"}).fields["Content"] == "你好"


@pytest.mark.parametrize("mode", ["safe", "compatible"])
@pytest.mark.parametrize("body", [text_push(), b'{"MsgType":"text"}', xml({"Encrypt": ""})])
def test_a_plain_body_is_refused_in_a_sealed_mode(mode: Mode, body: bytes) -> None:
    args = {**plain_args(), "msg_signature": sign(TOKEN, str(SECONDS), NONCE, "")}
    with pytest.raises(BadSignature):
        codec(mode).open(body, args)


def test_a_changed_body_is_refused_in_safe_mode() -> None:
    _, args = seal(text_push())
    other, _ = seal(text_push("取消"))
    with pytest.raises(BadSignature):
        codec().open(other, args)


def test_a_message_for_another_account_is_refused() -> None:
    with pytest.raises(Unreadable):
        codec().open(*seal(text_push(), app_id="wx-another"))


@pytest.mark.parametrize("mode", ["safe", "plain"])
@pytest.mark.parametrize("age", [-601, 601])
def test_a_push_from_another_time_is_refused(mode: Mode, age: int) -> None:
    seconds = SECONDS + age
    pushed = seal(text_push(), seconds=seconds)
    if mode == "plain":
        pushed = text_push(), plain_args(seconds=seconds)
    with pytest.raises(Unreadable, match="stale"):
        codec(mode).open(*pushed)
    near = codec(mode, now=lambda: NOW + timedelta(seconds=age))
    assert near.open(*pushed).fields["Content"] == "你好"


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "9" * 40, "x"])
def test_a_signed_stamp_that_is_no_time_is_refused(stamp: str) -> None:
    args = {"timestamp": stamp, "nonce": "1", "signature": sign(TOKEN, stamp, "1")}
    with pytest.raises(Unreadable):
        codec("plain").open(text_push(), args)


def test_the_size_is_looked_at_first() -> None:
    with pytest.raises(TooLarge):
        codec(max_bytes=100).open(b"x" * 101, {})


# --- compatible mode ---


def _compatible(readable: bytes, sealed: str) -> bytes:
    return readable.replace(b"</xml>", f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode())


def test_the_readable_half_is_not_believed() -> None:
    body, args = seal(text_push("真的"))
    forged = _compatible(text_push("假的", FromUserName="evil"), _sealed_text(body))
    inbound = codec("compatible").open(forged, args)
    assert inbound.fields["Content"] == "真的"
    assert inbound.fields["FromUserName"] == OPENID


@pytest.mark.parametrize("text", ["]]></Content><b>", "]]></Content><Content><![CDATA[", "\x02"])
def test_a_text_that_breaks_the_readable_half_does_no_harm(text: str) -> None:
    body, args = seal(text_push("好"))
    mixed = _compatible(text_push(text), _sealed_text(body))
    assert codec("compatible").open(mixed, args).fields["Content"] == "好"


def test_a_text_that_poses_as_what_is_sealed_does_no_harm() -> None:
    body, args = seal(text_push("好"))
    posed = "]]></Content><Encrypt><![CDATA[QUFBQQ==]]></Encrypt><Content><![CDATA["
    mixed = _compatible(text_push(posed), _sealed_text(body))
    assert codec("compatible").open(mixed, args).fields["Content"] == "好"


def test_recognised_words_that_break_the_readable_half_do_no_harm() -> None:
    body, args = seal(text_push("好"))
    voice = xml(fields("voice", MediaId="m", Recognition="]]></Recognition><b>"))
    mixed = _compatible(voice, _sealed_text(body))
    assert codec("compatible").open(mixed, args).fields["Content"] == "好"


@pytest.mark.parametrize(
    "envelope",
    [
        "<!DOCTYPE xml><xml><Encrypt>{0}</Encrypt></xml>",
        "<xml><Encrypt>{0}</Encrypt><Encrypt>{0}</Encrypt></xml>",
        "<xml><Encrypt><A>{0}</A></Encrypt></xml>",
        '{{"Encrypt": "{0}", "Encrypt": "{0}"}}',
        '{{"Encrypt": ["{0}"]}}',
    ],
)
def test_an_odd_envelope_is_refused(envelope: str) -> None:
    body, args = seal(text_push())
    with pytest.raises(BadSignature):
        codec().open(envelope.format(_sealed_text(body)).encode(), args)


def test_a_deeply_nested_body_of_anybody_is_a_bad_signature() -> None:
    """Between json's own limit and ours lay depths that ended in a RecursionError: a 500."""
    for depth in (17, 500, 900, 990, 5000):
        with pytest.raises(BadSignature):
            codec().open(b'{"Encrypt":' + b"[" * depth + b"]" * depth + b"}", {})


def test_a_sealed_push_in_json_is_answered_in_json() -> None:
    told = {**fields("text", Content="你好"), "MsgId": 25189203450123457}
    body, _ = seal(json.dumps(told).encode())
    sealed = _sealed_text(body)
    wire = json.dumps({"ToUserName": SERVICE, "Encrypt": sealed}).encode()
    inbound = codec().open(wire, safe_args(sealed))
    assert inbound.fields["MsgId"] == "25189203450123457"
    answer = json.loads(codec().render(inbound, "好"))
    assert answer["TimeStamp"] == SECONDS
    assert answer["Nonce"] == NONCE
    parts = (TOKEN, str(SECONDS), NONCE, answer["Encrypt"])
    assert answer["MsgSignature"] == sign(*parts)
    opened = codec().open(safe_body(answer["Encrypt"]), safe_args(answer["Encrypt"]))
    assert opened.fields["Content"] == "好"
    assert opened.fields["ToUserName"] == OPENID


# --- what is written back ---


def test_an_answer_turns_sender_and_receiver_round() -> None:
    assert _elements(codec("plain").render(_plain(), "好")) == {
        "ToUserName": OPENID,
        "FromUserName": SERVICE,
        "CreateTime": str(SECONDS),
        "MsgType": "text",
        "Content": "好",
    }


def test_a_plain_answer_in_json_has_a_number_for_its_time() -> None:
    told = json.dumps(fields("text", Content="x")).encode()
    inbound = codec("plain").open(told, plain_args())
    answer = json.loads(codec("plain").render(inbound, "“好”\n"))
    assert (answer["CreateTime"], answer["Content"]) == (SECONDS, "“好”\n")


@pytest.mark.parametrize("text", ["]]>", "a]]>b]]>", "]]]>", "]]]]>>", "]]&gt;", "<b>&"])
def test_a_text_cannot_end_its_section(text: str) -> None:
    assert _elements(codec("plain").render(_plain(), text))["Content"] == text


def test_a_senders_name_cannot_end_its_section() -> None:
    body = text_push().replace(SERVICE.encode(), b"gh]]]]><![CDATA[>x")
    inbound = codec("plain").open(body, plain_args())
    assert _elements(codec("plain").render(inbound, "x"))["FromUserName"] == "gh]]>x"


def test_what_xml_forbids_is_not_written() -> None:
    answer = codec("plain").render(_plain(), "a\x00b\ud800c\x1d")
    assert _elements(answer)["Content"] == "abc"


def test_a_text_is_cut_to_the_limit_on_a_whole_character() -> None:
    content = _elements(codec("plain").render(_plain(), "好" * 700))["Content"]
    assert len(content.encode()) <= 2048
    assert content == "好" * 681 + "…"
    whole = "好" * 682
    assert _elements(codec("plain").render(_plain(), whole))["Content"] == whole


def test_a_sealed_answer_echoes_the_nonce() -> None:
    inbound = codec().open(*seal(text_push(), nonce="77"))
    answer = codec().render(inbound, "好")
    assert _elements(answer)["Nonce"] == "77"
    assert "<Content><![CDATA[好]]></Content>" in unseal(answer)


def test_the_chat_can_be_handed_to_the_desk() -> None:
    told = _elements(codec("plain").render_transfer(_plain()))
    assert told["MsgType"] == "transfer_customer_service"
    assert "Content" not in told


@pytest.mark.parametrize(
    "body", [b'{"action":"CheckContainerPath"}', b"<xml><action>CheckContainerPath</action></xml>"]
)
def test_the_check_of_a_cloud_container_is_acknowledged(body: bytes) -> None:
    assert codec("plain").update(codec("plain").open(body, plain_args())) is None
