"""Every kind of push, and its key against repeats."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import parse
from bot.channels.wechat.updates import to_update
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Update
from tests.bot.channels.wechat.pushes import APP_ID, NOW, OPENID, SECONDS, fields, xml

_OTHER_TIME = datetime(2027, 1, 1, tzinfo=UTC)


def _message(kind: str, **more: str) -> Update:
    update = to_update(fields(kind, **more), APP_ID, _OTHER_TIME)
    assert update is not None
    return update


def _event(name: str, **more: Any) -> Update | None:
    return to_update({**fields("event", Event=name), **more}, APP_ID, _OTHER_TIME)


# --- messages ---


def test_a_text() -> None:
    update = _message("text", Content="我要办卡")
    assert (update.kind, update.text, update.key) == (Kind.TEXT, "我要办卡", "")
    assert update.account == AccountKey("wechat", APP_ID, OPENID)
    assert update.at == NOW


def test_a_click_in_a_choice_of_ours_names_the_choice() -> None:
    update = _message("text", Content="都对", bizmsgmenuid="1")
    assert (update.kind, update.text, update.key) == (Kind.TEXT, "都对", "1")


def test_an_image() -> None:
    update = _message("image", PicUrl="http://mmbiz.example/p", MediaId="m-1")
    assert update.kind is Kind.IMAGE
    assert update.media == Media("m-1", "http://mmbiz.example/p")


def test_a_voice_with_what_was_recognised() -> None:
    update = _message("voice", MediaId="m-1", Format="amr", Recognition="我要办卡。")
    assert (update.kind, update.text) == (Kind.VOICE, "我要办卡。")
    assert update.media == Media("m-1", format="amr")


@pytest.mark.parametrize("more", [{}, {"Recognition": ""}, {"Recognition": "  "}])
def test_a_voice_without_words(more: dict[str, str]) -> None:
    update = _message("voice", MediaId="m-1", Format="speex", **more)
    assert (update.kind, update.text) == (Kind.VOICE, "")


@pytest.mark.parametrize("kind", ["video", "shortvideo"])
def test_a_video(kind: str) -> None:
    assert _message(kind, MediaId="m-1", ThumbMediaId="t-1").kind is Kind.VIDEO


def test_a_location() -> None:
    update = _message(
        "location", Location_X="23.134521", Location_Y="113.358803", Scale="20", Label="和平路18号"
    )
    assert update.kind is Kind.LOCATION
    assert update.place == Place(23.134521, 113.358803, "和平路18号")


@pytest.mark.parametrize("lat", ["", "nan", "inf", "91", "abc"])
def test_a_location_that_is_nowhere_is_a_thing_we_do_not_read(lat: str) -> None:
    assert _message("location", Location_X=lat, Location_Y="113").kind is Kind.OTHER


def test_a_link() -> None:
    assert _message("link", Title="t", Description="d", Url="http://x").kind is Kind.LINK


@pytest.mark.parametrize(
    "kind", ["sticker", "file", "wxcard", "music", "hardware", "miniprogrampage", "brand_new"]
)
def test_a_message_of_another_kind_is_still_a_message(kind: str) -> None:
    assert _message(kind, Title="x").kind is Kind.OTHER


@pytest.mark.parametrize(
    "stand_in",
    [
        "【收到不支持的消息类型，暂无法显示】",
        "[收到不支持的消息类型,暂时无法显示]",
        "[Unsupported Message]",
    ],
)
def test_the_text_that_stands_for_a_sticker_is_not_read_as_words(stand_in: str) -> None:
    assert _message("text", Content=stand_in).kind is Kind.OTHER


def test_kinds_and_events_are_read_in_any_case() -> None:
    assert _message("TEXT", Content="x").kind is Kind.TEXT
    told = {**fields("Event"), "Event": "Click", "EventKey": "MENU_CARD"}
    update = to_update(told, APP_ID, NOW)
    assert update is not None
    assert (update.kind, update.key) == (Kind.CLICK, "MENU_CARD")


@pytest.mark.parametrize(
    ("kind", "missing"), [("text", "Content"), ("image", "MediaId"), ("location", "Location_X")]
)
def test_a_missing_element_is_no_error(kind: str, missing: str) -> None:
    told = fields(kind, Content="x", MediaId="m", Location_X="1", Location_Y="1")
    del told[missing]
    assert to_update(told, APP_ID, NOW) is not None


# --- events ---


@pytest.mark.parametrize(
    ("event_key", "scene"),
    [("", ""), ("qrscene_branch-12", "branch-12"), ("last_trade_no_4200001", "")],
)
def test_a_new_follower_brings_the_scene_of_the_code(event_key: str, scene: str) -> None:
    update = _event("subscribe", EventKey=event_key)
    assert update is not None
    assert (update.kind, update.key) == (Kind.SUBSCRIBE, scene)


def test_a_follower_who_scans_brings_the_scene() -> None:
    update = _event("SCAN", EventKey="branch-12", Ticket="t")
    assert update is not None
    assert (update.kind, update.key) == (Kind.SCAN, "branch-12")


def test_who_leaves_is_told_of() -> None:
    update = _event("unsubscribe", EventKey="")
    assert update is not None
    assert update.kind is Kind.UNSUBSCRIBE


@pytest.mark.parametrize(
    "name",
    ["VIEW", "view_miniprogram", "LOCATION", "TEMPLATESENDJOBFINISH", "debug_demo", "new_one", ""],
)
def test_other_events_are_acknowledged(name: str) -> None:
    assert _event(name) is None


# --- who and what must be known ---


@pytest.mark.parametrize("openid", ["", "with:colon", "with space", "中文", "{x}", "o" * 200])
def test_a_sender_that_no_platform_names_is_refused(openid: str) -> None:
    with pytest.raises(Unreadable):
        to_update({**fields(), "FromUserName": openid}, APP_ID, NOW)


def test_a_push_without_a_kind_is_refused() -> None:
    with pytest.raises(Unreadable):
        to_update({**fields(), "MsgType": ""}, APP_ID, NOW)


@pytest.mark.parametrize("value", [["a", "b"], {"x": "y"}])
def test_a_nested_sender_is_refused(value: object) -> None:
    with pytest.raises(Unreadable):
        to_update({**fields(), "FromUserName": value}, APP_ID, NOW)


@pytest.mark.parametrize("seconds", ["", "abc", "-1", "9" * 11, "9" * 5000, "١٢"])
def test_a_senseless_time_is_taken_as_now(seconds: str) -> None:
    update = to_update({**fields(), "CreateTime": seconds}, APP_ID, _OTHER_TIME)
    assert update is not None
    assert update.at == _OTHER_TIME


# --- keys against repeats ---


def test_a_repeated_message_has_the_same_key_in_any_order_and_format() -> None:
    told = fields("text", Content="x")
    turned = dict(reversed(told.items()))
    keys = {
        update.id
        for source in (xml(told), xml(turned), xml({**told, "New": "1"}))
        if (update := to_update(parse(source)[0], APP_ID, NOW))
    }
    assert keys == {f"m-{SECONDS}-25189203450123456"}


def test_another_message_has_another_key() -> None:
    first = _message("text", Content="x")
    assert _message("text", Content="x", MsgId="2").id != first.id
    told = {**fields("text", Content="x"), "CreateTime": str(SECONDS + 1)}
    later = to_update(told, APP_ID, NOW)
    assert later is not None
    assert later.id != first.id


def test_messages_without_an_id_are_told_apart_by_what_they_hold() -> None:
    told = fields("text", Content="x")
    del told["MsgId"]
    first, again = to_update(told, APP_ID, NOW), to_update(dict(told), APP_ID, NOW)
    other = to_update({**told, "Content": "y"}, APP_ID, NOW)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.id == again.id != other.id


def test_two_events_of_one_second_have_two_keys() -> None:
    seen = {
        update.id
        for name, key in [("CLICK", "A"), ("CLICK", "B"), ("SCAN", "A"), ("subscribe", "")]
        if (update := _event(name, EventKey=key))
    }
    assert len(seen) == 4


@pytest.mark.parametrize("message_id", ["{x}", "a b", "编号", "x" * 300, "a:b", "-", ""])
def test_a_key_is_always_fit_for_the_store(message_id: str) -> None:
    key = _message("text", Content="x", MsgId=message_id).id
    assert key.isascii()
    assert len(key) < 100
    assert key.replace("-", "").replace("_", "").isalnum()
