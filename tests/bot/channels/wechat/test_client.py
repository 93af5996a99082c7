"""The API client against a platform that misbehaves: over HTTP, with a real Redis."""

from __future__ import annotations

import io
import logging
import time

import pytest
from redis import Redis

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import CODES, Kind, PlatformError
from bot.channels.wechat.tokens import AccessTokens
from bot.dialogue.messages import Link, Media, Option, Reply
from bot.ports import SendError
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, PERSON, SECRET
from tests.bot.channels.wechat.platform import (
    Answer,
    Platform,
    drip,
    hang,
    hang_up,
    page,
    redirect,
    status,
)

_SEND, _GET, _UPLOAD = "/cgi-bin/message/custom/send", "/cgi-bin/media/get", "/cgi-bin/media/upload"
_TOKEN = "/cgi-bin/stable_token"
_NAME = "陈国强"
_PICTURE = b"\xff\xd8\xff" + b"p" * 3000


def _send(channel: WeChatChannel, text: str = "你好", timeout: float = 2.0) -> None:
    channel.send(PERSON, Reply(text), "key-1", timeout)


def _refused(channel: WeChatChannel, platform: Platform, answer: Answer) -> str:
    platform.says(_SEND, answer)
    with pytest.raises(SendError) as fault:
        _send(channel, timeout=0.4)
    return str(fault.value.reason)


# --- what goes out ---


def test_a_text_leaves_as_raw_utf8(channel: WeChatChannel, platform: Platform) -> None:
    channel.send(PERSON, Reply("买买提·吐尔逊", links=(Link("/progress", "进度"),)), "k", 2.0)
    call = platform.calls[-1]
    assert call.path == _SEND
    assert "买买提·吐尔逊".encode() in call.body
    assert call.json == {
        "touser": PERSON.user,
        "msgtype": "text",
        "text": {
            "content": '买买提·吐尔逊\n<a href="https://card.example/progress">进度</a>',
        },
    }


def test_a_long_text_is_cut_to_what_one_message_holds(
    channel: WeChatChannel, platform: Platform
) -> None:
    _send(channel, "长" * 3000)
    assert len(platform.calls[-1].json["text"]["content"].encode()) <= 2048


_QUESTION = Reply(
    "读好了。", (Option("1", "都对"),), after="看仔细。", footer="0 返回", mark="0123456789"
)


def test_options_of_a_late_answer_can_be_clicked(
    client: PlatformClient, platform: Platform
) -> None:
    WeChatChannel(client, "", clickable=True).send(PERSON, _QUESTION, "k", 2.0)
    content = platform.calls[-1].json["text"]["content"]
    assert "weixin://bizmsgmenu?msgmenucontent=%E9%83%BD%E5%AF%B9&msgmenuid=0123456789-1" in content


def test_options_of_a_late_answer_are_a_menu_where_the_account_may(
    client: PlatformClient, platform: Platform
) -> None:
    WeChatChannel(client, "", clickable=True, menus=True).send(PERSON, _QUESTION, "k", 2.0)
    assert platform.calls[-1].json == {
        "touser": PERSON.user,
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "读好了。",
            "list": [{"id": "0123456789-1", "content": "1 都对"}],
            "tail_content": "看仔细。\n0 返回",
        },
    }


@pytest.mark.parametrize("code", [40200, 48001, 45098])
def test_a_menu_the_account_may_not_send_is_sent_as_a_text(
    client: PlatformClient, platform: Platform, code: int
) -> None:
    platform.says(_SEND, {"errcode": code, "errmsg": "no"}, {"errcode": 0, "errmsg": "ok"})
    WeChatChannel(client, "", menus=True).send(PERSON, _QUESTION, "k", 2.0)
    assert platform.calls[-1].json["text"]["content"] == "读好了。\n1 都对\n看仔细。\n0 返回"


def test_a_menu_of_which_nothing_was_heard_is_not_sent_once_more(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_SEND, hang_up)
    with pytest.raises(SendError) as fault:
        WeChatChannel(client, "", menus=True).send(PERSON, _QUESTION, "k", 1.0)
    assert fault.value.reason == "unknown"
    assert platform.counted()["message/custom/send"] == 1


def test_a_picture_is_uploaded_and_sent(channel: WeChatChannel, platform: Platform) -> None:
    channel.send_picture(PERSON, _PICTURE, "key-1", 2.0)
    upload, send = platform.calls[-2:]
    assert _PICTURE in upload.body
    assert b'filename="picture.jpeg"' in upload.body
    assert upload.query["type"] == "image"
    assert send.json["image"] == {"media_id": "media-1"}


def test_a_picture_the_person_sent_is_fetched_by_its_id(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_GET, _PICTURE)
    media = Media("media-7", "http://169.254.169.254/latest")
    assert channel.fetch(media, 10_000, 2.0) == _PICTURE
    assert platform.calls[-1].query["media_id"] == "media-7"


def test_a_picture_that_cannot_be_uploaded_leaves_nothing_unknown(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_UPLOAD, hang_up)
    with pytest.raises(SendError) as fault:
        channel.send_picture(PERSON, _PICTURE, "key-1", 1.0)
    assert fault.value.reason == "transient"
    assert platform.counted()["message/custom/send"] == 0


def test_mail_and_reply_are_joined_for_one_message(channel: WeChatChannel) -> None:
    joined, taken = channel.fit(Reply("问"), [Reply("信")])
    assert joined == Reply("信\n\n问")
    assert taken == 1


# --- every address, every call ---


def test_a_call_without_time_is_not_made(client: PlatformClient, platform: Platform) -> None:
    with client.within(0.0), pytest.raises(PlatformError, match="no time left"):
        client.message.send_text(PERSON.user, "x")
    assert platform.calls == []


def test_a_call_outside_of_a_turn_has_an_end_too(
    client: PlatformClient, platform: Platform
) -> None:
    client._time.seconds = 0.2
    platform.says(_TOKEN, hang)
    started = time.monotonic()
    with pytest.raises(PlatformError):
        client.media.upload("image", ("a.png", io.BytesIO(b"x"), "image/png"))
    assert time.monotonic() - started < 0.6


def test_there_is_no_other_road_to_a_token(client: PlatformClient, platform: Platform) -> None:
    with pytest.raises(PlatformError):
        client.fetch_access_token()
    assert platform.calls == []


def test_hard_coded_addresses_go_to_the_base_too(
    client: PlatformClient, platform: Platform
) -> None:
    client.wxa.send_subscribe_message("o" * 28, "template", {"thing1": {"value": "x"}}, "page")
    platform.says("/cgi-bin/customservice/getkflist", {"kf_list": []})
    assert client.customservice.get_accounts() == []
    assert {"/cgi-bin/message/subscribe/send", "/cgi-bin/customservice/getkflist"} <= {
        call.path for call in platform.calls
    }


def test_an_answer_to_another_question_is_an_error(client: PlatformClient) -> None:
    with pytest.raises(PlatformError):
        client.customservice.get_accounts()


def test_an_address_that_is_not_the_platforms_is_never_called(client: PlatformClient) -> None:
    with pytest.raises(PlatformError) as fault:
        client.get("https://elsewhere.example/cgi-bin/token")
    assert fault.value.kind is Kind.BUG


@pytest.mark.parametrize("path", [_TOKEN, _SEND])
@pytest.mark.parametrize("trouble", [hang, drip])
def test_no_call_takes_longer_than_it_was_given(
    channel: WeChatChannel, platform: Platform, path: str, trouble: Answer
) -> None:
    platform.says(path, trouble)
    started = time.monotonic()
    with pytest.raises(SendError):
        _send(channel, timeout=0.3)
    assert time.monotonic() - started < 0.7


def test_upload_and_send_share_their_time(channel: WeChatChannel, platform: Platform) -> None:
    def late(handler: object) -> None:
        time.sleep(0.3)
        handler.write(b'{"media_id": "media-1"}', "application/json")  # type: ignore[attr-defined]

    platform.says(_UPLOAD, late)
    platform.says(_SEND, hang)
    started = time.monotonic()
    with pytest.raises(SendError):
        channel.send_picture(PERSON, _PICTURE, "key-1", 0.5)
    assert time.monotonic() - started < 0.8


# --- what comes back ---


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (hang, "unknown"),
        (drip, "unknown"),
        (hang_up, "unknown"),
        (page, "unknown"),
        (b"\xff\xd8 not an answer", "unknown"),
        (status(504), "unknown"),
        (status(500), "transient"),
        (status(404), "account"),
        (redirect, "account"),
        ({"errcode": "45015", "errmsg": "out of time rid: 9-9"}, "window"),
        ({"errcode": 43004, "errmsg": "require subscribe"}, "permanent"),
        ({"errcode": 48001}, "account"),
        ({"errcode": -1}, "transient"),
        ({"errcode": 45002}, "bug"),
        ({"errcode": 99999}, "transient"),
    ],
)
def test_every_sort_of_refusal_has_its_reason(
    channel: WeChatChannel, platform: Platform, answer: Answer, reason: str
) -> None:
    assert _refused(channel, platform, answer) == reason
    assert platform.counted()["message/custom/send"] == 1, "never repeated by itself"
    assert platform.counted()["elsewhere"] == 0


def test_a_dead_platform_has_received_nothing(redis: Redis) -> None:
    tokens = AccessTokens(redis, APP_ID, KEYS)
    tokens.current(lambda force: ("token-1", 7200), 1.0)
    client = PlatformClient(APP_ID, SECRET, tokens, api_base="http://127.0.0.1:9")
    with pytest.raises(SendError) as fault:
        _send(WeChatChannel(client, ""))
    assert fault.value.reason == "transient"


def test_a_token_that_does_not_come_leaves_nothing_unknown(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_TOKEN, hang)
    with pytest.raises(SendError) as fault:
        _send(channel, timeout=0.2)
    assert fault.value.reason == "transient"


def test_the_platforms_request_id_is_kept(channel: WeChatChannel, platform: Platform) -> None:
    platform.says(_SEND, {"errcode": 45047, "errmsg": "out of limit hint: [x] rid: 66-7a-b"})
    with pytest.raises(SendError, match="45047 rid 66-7a-b"):
        _send(channel)


@pytest.mark.parametrize(
    "answer",
    [{"errcode": 40007, "errmsg": "invalid media_id"}, {"video_url": "http://x"}, b"", page],
)
def test_an_error_is_never_taken_for_a_picture(
    channel: WeChatChannel, platform: Platform, answer: Answer
) -> None:
    platform.says(_GET, answer)
    with pytest.raises(SendError):
        channel.fetch(Media("media-7"), 10_000, 2.0)


def test_a_picture_larger_than_the_limit_is_not_read_to_its_end(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_GET, b"\xff\xd8" + b"p" * 5_000_000)
    with pytest.raises(SendError) as fault:
        channel.fetch(Media("media-7"), 1000, 2.0)
    assert fault.value.reason == "permanent"
    platform.says(_GET, _PICTURE)
    assert channel.fetch(Media("media-7"), 10_000, 2.0) == _PICTURE, "the next call is not hurt"


def test_no_code_stands_in_two_kinds() -> None:
    listed = [code for codes in CODES.values() for code in codes]
    assert len(listed) == len(set(listed))


# --- the token in a call ---


def test_a_refused_token_is_renewed_once_and_the_call_repeated(
    channel: WeChatChannel, platform: Platform
) -> None:
    _send(channel)
    platform.tokens += 1  # the old token died early
    _send(channel)
    assert platform.counted() == {"stable_token": 2, "message/custom/send": 3}


def test_a_platform_that_refuses_for_ever_is_asked_twice(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.same_token = True
    assert _refused(channel, platform, {"errcode": 40001}) == "transient"
    assert platform.counted() == {"stable_token": 3, "message/custom/send": 2}
    assert _refused(channel, platform, {"errcode": 40001}) == "transient"
    assert platform.counted() == {"stable_token": 3, "message/custom/send": 3}


def test_an_upload_repeated_after_a_refused_token_is_whole(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_UPLOAD, {"errcode": 42001}, {"media_id": "media-2"})
    client.media.upload("image", io.BytesIO(_PICTURE))
    first, second = (call for call in platform.calls if call.path == _UPLOAD)
    assert _PICTURE in first.body
    assert _PICTURE in second.body


def test_wrong_settings_are_not_tried_again_and_again(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_TOKEN, {"errcode": 40125, "errmsg": "invalid appsecret"})
    for _ in range(5):
        with pytest.raises(SendError) as fault:
            _send(channel)
        assert fault.value.reason == "account"
    assert platform.counted() == {"stable_token": 1}


# --- what must not be told ---


def test_neither_token_nor_secret_nor_text_stands_in_logs_or_errors(
    channel: WeChatChannel, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # which the service, started in this process, quiets
    _send(channel, _NAME)
    told = [caplog.text]
    for answer in (hang, hang_up, page, status(500), {"errcode": 45015, "errmsg": "x"}):
        platform.says(_SEND, answer)
        with pytest.raises(SendError) as fault:
            _send(channel, _NAME, timeout=0.3)
        told.append(repr(fault.getrepr(style="long", chain=True)))
        assert fault.value.__suppress_context__
    told.append(caplog.text)
    assert "custom/send" in caplog.text, "urllib3 does log, so this test can fail"
    everything = "".join(told)
    assert "token-" not in everything.replace("token-of", "")
    assert SECRET not in everything
    assert _NAME not in everything
