"""wechatpy's crypto and parser as the oracle over generated messages.

Where we differ on purpose, the test says why.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers.expat import ExpatError

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.events import EVENT_TYPES
from wechatpy.fields import Base64DecodeField, BaseField, DateTimeField, FloatField, IntegerField
from wechatpy.messages import MESSAGE_TYPES, UnknownMessage

from bot.channels.characters import legal
from bot.channels.wechat.crypto import MessageCipher, signature
from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import parse
from bot.channels.wechat.updates import name_of, to_update
from bot.dialogue.messages import Kind, Update
from tests.bot.channels.wechat.push_rows import json_body
from tests.bot.channels.wechat.push_rows import xml as written
from tests.bot.channels.wechat.pushes import (
    AES_KEY,
    APP_ID,
    NONCE,
    NOW,
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


# --- every kind it knows --------------------------------------------------------------------------

_SHORT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and "]]>" not in text and legal(text) == text
)
_NUMBERS = st.integers(0, 2**53).map(str)
_NESTED: dict[str, st.SearchStrategy[Any]] = {
    "ScanCodeInfo": st.fixed_dictionaries({"ScanType": _SHORT, "ScanResult": _SHORT}),
    "SendPicsInfo": st.fixed_dictionaries(
        {
            "Count": _NUMBERS,
            "PicList": st.fixed_dictionaries(
                {"item": st.lists(st.fixed_dictionaries({"PicMd5Sum": _SHORT}), min_size=2)}
            ),
        }
    ),
    "SendLocationInfo": st.fixed_dictionaries(
        {"Location_X": _NUMBERS, "Location_Y": _NUMBERS, "Label": _SHORT}
    ),
    "ChosenBeacon": st.fixed_dictionaries({"Uuid": _SHORT, "Major": _NUMBERS}),
    "AroundBeacons": st.fixed_dictionaries(
        {"AroundBeacon": st.lists(st.fixed_dictionaries({"Uuid": _SHORT}), min_size=2)}
    ),
}
_COMMON = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Event")
# Names that stand for a push in its disguise: the platform sends these as `subscribe`.
_DISGUISED = {"subscribe_scan": "qrscene_", "subscribe_scan_product": "scanbarcode|"}


def _values(field: BaseField) -> st.SearchStrategy[Any]:
    if field.name in _NESTED:
        return _NESTED[field.name]
    if isinstance(field, Base64DecodeField):
        return st.binary(min_size=1, max_size=20).map(lambda raw: b64encode(raw).decode())
    if isinstance(field, IntegerField | DateTimeField):
        return st.integers(0, 2**31).map(str)
    if isinstance(field, FloatField) or field.name in ("Location_X", "Location_Y"):
        return st.floats(-89, 89).map(lambda number: f"{number:.6f}")
    return _SHORT


def _push(kind: str, name: str, known: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Pushes of one class of its own, with a value in each element that the class names."""
    own = {f.name: _values(f) for f in known._fields.values() if f.name not in _COMMON}
    event = {"Event": st.just(name)} if name else {}
    return st.fixed_dictionaries({**event, **own}).map(lambda told: {**fields(kind), **told})


def _kinds() -> Iterator[tuple[str, st.SearchStrategy[dict[str, Any]]]]:
    for kind, known in MESSAGE_TYPES.items():
        yield kind, _push(kind, "", known)
    for name, known in EVENT_TYPES.items():
        if name in _DISGUISED:
            continue
        if name.startswith("device_"):
            kind = "device_text" if name == "device_text" else "device_event"
            yield f"event {name}", _push(kind, name.removeprefix("device_"), known)
        else:
            yield f"event {name}", _push("event", name, known)


KINDS = dict(_kinds())


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
@settings(max_examples=25)
def test_the_parsers_agree_about_every_kind_it_knows(name: str, data: st.DataObject) -> None:
    told = data.draw(KINDS[name])
    theirs, ours = parse_message(written(told).decode()), parse(written(told))[0]
    assert not isinstance(theirs, UnknownMessage)
    assert dict(theirs._data) == dict(ours)
    assert theirs.source == ours["FromUserName"]
    update = to_update(ours, APP_ID, NOW)
    if update is not None:
        assert update.account.user == theirs.source
        assert update.at == theirs.create_time


_AGREED: dict[str, Callable[[Any, Update], tuple[Any, Any]]] = {
    "text": lambda its, our: (its.content, our.text),
    "image": lambda its, our: ((its.media_id, its.image), _media(our)),
    "voice": lambda its, our: ((its.media_id, its.recognition), (_media(our)[0], our.text)),
    "video": lambda its, our: (its.media_id, _media(our)[0]),
    "shortvideo": lambda its, our: (its.media_id, _media(our)[0]),
    "location": lambda its, our: (
        (*map(float, its.location), its.label),
        (our.place.lat, our.place.lng, our.place.label) if our.place else None,
    ),
    "event click": lambda its, our: (its.key, our.key),
    "event scan": lambda its, our: (its.scene_id, our.key),
    "event scancode_waitmsg": lambda its, our: ((its.key, its.scan_result), (our.key, our.text)),
    "event user_enter_tempsession": lambda its, our: (its.session_from, our.key),
    "event templatesendjobfinish": lambda its, our: (
        (str(its.id), its.status),
        (our.key, our.data["code"]),
    ),
    "event wxa_media_check": lambda its, our: (its.trace_id[:100], our.key),
}
"""What it reads of a push, and what we do."""


def _media(update: Update) -> tuple[str, str]:
    assert update.media is not None
    return update.media.id, update.media.url


@pytest.mark.parametrize("name", _AGREED)
@given(data=st.data())
@settings(max_examples=25)
def test_we_read_in_a_push_what_it_reads(name: str, data: st.DataObject) -> None:
    told = data.draw(KINDS[name])
    if name == "event templatesendjobfinish":
        told["MsgID"] = str(data.draw(st.integers(1, 2**62)))  # a text there, a number for it
    theirs = parse_message(written(told).decode())
    update = to_update(parse(written(told))[0], APP_ID, NOW)
    assert update is not None
    if update.kind is Kind.OTHER:
        assert name in ("location", "text"), "a place that is nowhere, a sticker's stand-in"
        return
    its, our = _AGREED[name](theirs, update)
    assert its == our


@given(_NAMES)
def test_we_agree_about_the_scene_of_a_new_follower(scene: str) -> None:
    body = xml(fields("event", Event="subscribe", EventKey=f"qrscene_{scene}", Ticket="t"))
    update = to_update(parse(body)[0], APP_ID, NOW)
    assert update is not None
    assert update.key == parse_message(body.decode()).scene_id


# --- where we differ on purpose ------------------------------------------------------------------


def test_it_takes_a_payments_number_for_a_scene_and_we_do_not() -> None:
    """Nobody scanned anything: a conversation must not be opened by it."""
    body = xml(fields("event", Event="subscribe", EventKey="last_trade_no_4200001"))
    assert parse_message(body.decode()).key == "last_trade_no_4200001"
    update = to_update(parse(body)[0], APP_ID, NOW)
    assert update is not None
    assert update.key == ""


def test_it_cannot_read_json_and_we_can() -> None:
    """A mini program's console offers both, and an official account's documents show both."""
    told = fields("event", Event="CLICK", EventKey="apply")
    with pytest.raises(ExpatError):
        parse_message(json_body(told).decode())
    assert parse(json_body(told)) == (told, True)


@pytest.mark.parametrize(
    "name",
    [
        "user_authorization_revoke",
        "user_authorization_cancellation",
        "user_info_modified",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
    ],
)
def test_it_does_not_know_some_events_and_we_do(name: str) -> None:
    """Some are a legal duty, others tell what may be sent and what arrived."""
    told = fields("event", Event=name)
    assert isinstance(parse_message(xml(told).decode()), UnknownMessage)
    assert name_of(told) == name


def test_it_strips_what_a_person_typed_and_we_do_not() -> None:
    body = text_push("  两个空格  ")
    assert parse_message(body.decode()).content == "两个空格"
    assert parse(body)[0]["Content"] == "  两个空格  "


def test_it_stops_at_a_document_type_with_an_error_of_the_parsers_and_we_with_ours() -> None:
    """Ours is acknowledged; theirs, which is no exception of its own, would be a 500."""
    body = b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><MsgType>text</MsgType></xml>'
    with pytest.raises(ValueError, match="entities"):
        parse_message(body.decode())
    with pytest.raises(Unreadable, match="doctype"):
        parse(body)


def test_it_takes_a_broken_padding_for_a_fault_of_the_program_and_we_for_an_unreadable_push() -> (
    None
):
    key = b64decode(AES_KEY + "=")
    work = Cipher(AES(key), CBC(key[:16])).encryptor()
    plain = (b"r" * 16 + (3).to_bytes(4, "big") + b"abc" + APP_ID.encode()).ljust(64, b"\xc8")
    sealed = b64encode(work.update(plain) + work.finalize()).decode()
    crypto, stamp = WeChatCrypto(TOKEN, AES_KEY, APP_ID), str(SECONDS)
    with pytest.raises(Exception) as fault:
        crypto.decrypt_message({"Encrypt": sealed}, sign(TOKEN, stamp, NONCE, sealed), stamp, NONCE)
    assert not isinstance(fault.value, Unreadable)
    with pytest.raises(Unreadable, match="cipher"):
        MessageCipher(AES_KEY, APP_ID).open(sealed)


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
