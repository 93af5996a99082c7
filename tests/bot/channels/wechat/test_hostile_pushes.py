"""Bodies seen in the field that break other services, and replays, over HTTP with a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis as redis_py

from bot.sessions.store import REPLY_LIFE
from models.people import find_account
from tests.bot.channels.wechat.caller import Caller
from tests.bot.channels.wechat.push_rows import event, json_body, xml
from tests.bot.channels.wechat.pushes import fields, text_push
from tests.bot.site import Site


@pytest.fixture(params=["plain", "compatible", "safe"])
def caller(
    request: pytest.FixtureRequest, tmp_path: Path, redis: redis_py.Redis, redis_url: str
) -> Iterator[Caller]:
    """A site in one of the modes; `push` sends as that mode does."""
    site = Site(tmp_path, redis_url, wechat_mode=request.param)
    yield Caller(site)
    site.close()


def push(caller: Caller, body: bytes, nonce: str = "", seconds: int = 0) -> tuple[int, str]:
    match caller.site.parts.settings.wechat_mode:
        case "plain":
            answer = caller.plain(body, nonce, seconds)
        case "compatible":
            answer = caller.doubled(body, nonce, seconds)
        case _:
            answer = caller.sealed(body, nonce, seconds)
    return answer.status, answer.said


def a_text(caller: Caller, content: str, user: str, **more: str) -> bytes:
    return text_push(content, FromUserName=user, **{"MsgId": caller.number(), **more})


# --- hostile bodies ---------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["\x02", "\x10", "\x1d", "\x00", "\uffff"])
def test_a_character_that_no_xml_may_hold_costs_nobody_an_answer(
    caller: Caller, character: str
) -> None:
    status, said = push(caller, a_text(caller, f"办{character}卡", "oControl"))
    assert status == 200
    assert "办社保卡" in said or "第1步" in said, "read as 办卡"


def test_a_text_that_ends_its_section_is_read_as_a_text(caller: Caller) -> None:
    status, said = push(caller, a_text(caller, "你好]]>", "oSection"))
    assert status == 200
    assert said


def test_a_text_that_names_another_sender_changes_nothing_of_either(caller: Caller) -> None:
    forged = "x]]></Content><FromUserName>oVictim</FromUserName><Content>y<![CDATA["
    status, said = push(caller, a_text(caller, forged, "oForger"))
    assert (status, said) == (200, "")
    with caller.site.parts.database.reading() as records:
        for user in ("oVictim", "oForger"):
            account = f"wechat:{caller.app_id}:{user}"
            assert find_account(records, account) is None
            assert not caller.site.parts.redis.exists(f"{{{account}}}")


def test_a_text_that_looks_like_what_is_sealed_is_still_a_text(caller: Caller) -> None:
    """In compatible mode it stands, readable, before the real one."""
    posed = "]]></Content><Encrypt><![CDATA[QUFBQQ==]]></Encrypt><Content><![CDATA["
    status, said = push(caller, a_text(caller, posed, "oPoser"))
    assert (status, said) == (200, "")


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><MsgType>text</MsgType><Content>&e;</Content></xml>',
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x"><xml><MsgType>text</MsgType></xml>',
        b"<xml>" + b"<a>" * 2000 + b"</a>" * 2000 + b"</xml>",
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"<xml><MsgType>text</MsgType>",
        b"[]",
        b"null",
        b"<xml/>",
        b"{}",
        b'{"MsgType": {"a": 1}}',
        b"<xml><MsgType>event</MsgType></xml>",
    ],
)
def test_what_makes_no_sense_is_acknowledged(caller: Caller, body: bytes) -> None:
    assert push(caller, body) == (200, "")


def test_a_body_larger_than_any_push_is_refused(caller: Caller) -> None:
    body = b"<xml>" + b"x" * 300_000
    assert caller.plain(body).status == 413


@pytest.mark.parametrize(
    "body", [b'{"action":"CheckContainerPath"}', b"<xml><action>CheckContainerPath</action></xml>"]
)
def test_a_check_of_the_hosting_is_answered(caller: Caller, body: bytes) -> None:
    assert push(caller, body) == (200, "")


# --- replays ----------------------------------------------------------------------------------


def _version(caller: Caller, user: str) -> int:
    """How many turns the conversation has seen."""
    tag = f"{{wechat:{caller.app_id}:{user}}}"
    return int(caller.site.parts.redis.hget(tag, "version") or 0)


def test_the_same_request_again_changes_nothing_and_gets_the_same_answer(caller: Caller) -> None:
    body, user = a_text(caller, "办卡", "oReplay"), "oReplay"
    first = push(caller, body, nonce="77")
    seen = _version(caller, user)
    assert seen > 0
    for _ in range(3):
        assert push(caller, body, nonce="77") == first
    assert _version(caller, user) == seen


def test_the_platforms_repeat_under_a_new_nonce_gets_the_same_answer(caller: Caller) -> None:
    body, user = a_text(caller, "办卡", "oRepeat"), "oRepeat"
    first = push(caller, body)
    seen = _version(caller, user)
    assert push(caller, body, seconds=caller.seconds() + 5) == first
    assert _version(caller, user) == seen


def test_another_body_under_a_captured_signature_changes_nothing(caller: Caller) -> None:
    user = "oCaptured"
    if caller.site.parts.settings.wechat_mode == "plain":
        caller.plain(a_text(caller, "办卡", user), nonce="78", seconds=caller.seconds())
        seen, at = _version(caller, user), caller.seconds()
        caller.plain(a_text(caller, "办卡", user), nonce="79", seconds=at)
        seen = _version(caller, user)
        forged = caller.plain(a_text(caller, "取消", user), nonce="79", seconds=at)
        assert forged.is_success
    else:
        body, args = caller.captured(a_text(caller, "办卡", user))
        assert caller.post(body, args).status == 200
        seen = _version(caller, user)
        other, _ = caller.captured(a_text(caller, "取消", user))
        assert caller.post(other, args).status == 403
    assert _version(caller, user) == seen


def test_a_replay_after_the_freshness_window_is_acknowledged_and_does_nothing(
    caller: Caller,
) -> None:
    body, at, user = a_text(caller, "办卡", "oStale"), caller.seconds(), "oStale"
    assert push(caller, body, nonce="80", seconds=at)[1]
    seen = _version(caller, user)
    caller.site.clock.shift(timedelta(seconds=601))
    assert push(caller, body, nonce="80", seconds=at) == (200, "")
    assert _version(caller, user) == seen


def test_what_is_still_fresh_is_still_known() -> None:
    """A push is fresh ten minutes on either side of our clock; its answer is kept longer."""
    freshness = timedelta(seconds=600)
    assert 2 * freshness + timedelta(seconds=60) <= REPLY_LIFE


def test_a_repeated_event_is_recorded_once(caller: Caller) -> None:
    told = event(
        "subscribe_msg_popup_event", List=[{"TemplateId": "t1", "SubscribeStatusString": "accept"}]
    )["told"]
    body = json_body({**fields("event", FromUserName="oPopup"), **told})
    for _ in range(3):
        assert push(caller, body) == (200, "")
    with caller.site.parts.database.reading() as records:
        account = find_account(records, f"wechat:{caller.app_id}:oPopup")
        assert account is not None
        assert account.subscription_credits == {"t1": 1}


def test_xml_and_json_of_one_event_say_the_same(caller: Caller) -> None:
    told = {**fields("event", FromUserName="oClick"), "Event": "CLICK", "EventKey": "apply"}
    assert push(caller, xml(told))[1] == push(caller, json_body(told))[1] != ""
