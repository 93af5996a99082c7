"""Each call of the API: what goes over the wire, what comes back, and that it has an end."""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.login import log_in, phone_number
from bot.ports import Filled, SendError
from tests.bot.channels.wechat import calls
from tests.bot.channels.wechat.accounts import APP_ID, PERSON, SECRET
from tests.bot.channels.wechat.calls import CUSTOM, TEMPLATE, WHO, Call
from tests.bot.channels.wechat.platform import (
    Answer,
    Platform,
    drip,
    hang,
    hang_up,
    page,
    status,
)

_TOKEN = "/cgi-bin/stable_token"
MASS = "/cgi-bin/message/mass/send"
_EVERY = [pytest.param(*call, id=name) for name, call in calls.EVERY.items()]
_WITH_TOKEN = [pytest.param(*call, id=name) for name, call in calls.WITH_TOKEN.items()]
_SENDS = [pytest.param(*call, id=name) for name, call in calls.SENDS.items()]


@pytest.fixture
def willing(platform: Platform) -> Platform:
    """A platform that does everything it is asked."""
    for path, answer in calls.ANSWERS.items():
        platform.says(path, answer)
    return platform


def sent(platform: Platform, path: str = CUSTOM) -> dict[str, Any]:
    """The JSON of the last call of this path."""
    return [call for call in platform.calls if call.path == path][-1].json


# --- what goes out ---


@pytest.mark.parametrize(("path", "call"), _EVERY)
def test_a_call_goes_to_its_path_once(
    client: PlatformClient, willing: Platform, path: str, call: Call
) -> None:
    call(client)
    paths = [asked.path for asked in willing.calls if asked.path != _TOKEN or path == _TOKEN]
    assert paths == [path]


def test_a_mass_send_names_its_people_and_its_key(
    client: PlatformClient, willing: Platform
) -> None:
    assert client.send_mass([WHO, "o2"], "停机公告", "m1-1") == "1000001625"
    assert sent(willing, MASS) == {
        "touser": [WHO, "o2"],
        "msgtype": "text",
        "text": {"content": "停机公告"},
        "clientmsgid": "m1-1",
    }
    assert client.mass_status("1000001625") == "SEND_SUCCESS"


@pytest.mark.parametrize("name", ["msg_id", "msg_id    "])
def test_what_was_taken_before_under_the_same_key_is_taken(
    client: PlatformClient, platform: Platform, name: str
) -> None:
    told = {"errcode": 45065, "errmsg": "clientmsgid exist", name: 1000001625}
    platform.says(MASS, told)
    assert client.send_mass([WHO, "o2"], "停机公告", "m1-1") == "1000001625"
    platform.says(MASS, {"errcode": 45066, "errmsg": "retry too fast"})
    with pytest.raises(PlatformError) as fault:
        client.send_mass([WHO, "o2"], "停机公告", "m1-1")
    assert fault.value.as_send_error().wait == 60


def test_an_article_is_sent_alone(client: PlatformClient, platform: Platform) -> None:
    client.send_article(WHO, "办理进度", "已提交", "https://card.example/progress")
    (article,) = sent(platform)["news"]["articles"]
    assert article == {
        "title": "办理进度",
        "description": "已提交",
        "url": "https://card.example/progress",
        "picurl": "",
    }


def test_choices_carry_their_ids(client: PlatformClient, platform: Platform) -> None:
    client.send_choices(WHO, "办哪样？", [("a", "办卡"), ("b", "进度")], "回复数字也行")
    assert sent(platform) == {
        "touser": WHO,
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "办哪样？",
            "list": [{"id": "a", "content": "办卡"}, {"id": "b", "content": "进度"}],
            "tail_content": "回复数字也行",
        },
    }


def test_a_card_of_the_mini_program_names_its_page(
    client: PlatformClient, platform: Platform
) -> None:
    client.send_mini_page(WHO, "社保卡", "wx9", "pages/index", "media-1")
    told = sent(platform)
    assert told["msgtype"] == "miniprogrampage"
    assert told["miniprogrampage"] == {
        "title": "社保卡",
        "appid": "wx9",
        "pagepath": "pages/index",
        "thumb_media_id": "media-1",
    }


@pytest.mark.parametrize(("on", "command"), [(True, "Typing"), (False, "CancelTyping")])
def test_typing_is_shown_and_ended(
    client: PlatformClient, platform: Platform, on: bool, command: str
) -> None:
    client.show_typing(WHO, on)
    assert sent(platform, "/cgi-bin/message/custom/typing") == {"touser": WHO, "command": command}


def test_a_template_carries_the_key_against_doubles(
    client: PlatformClient, willing: Platform
) -> None:
    sent_as = client.send_template(WHO, TEMPLATE, "https://card.example/", "notice-1")
    assert sent_as == "4151712637460643841", "a number that no float holds"
    assert sent(willing, "/cgi-bin/message/template/send") == {
        "touser": WHO,
        "template_id": "T1",
        "url": "https://card.example/",
        "client_msg_id": "notice-1",
        "data": {
            "character_string1": {"value": "YZ2611230001"},
            "thing2": {"value": "审核"},
        },
    }


@pytest.mark.parametrize(("locale", "language"), [("zh_CN", "zh_CN"), ("en", "en_US")])
def test_a_mini_programs_message_says_which_version_it_opens(
    client: PlatformClient, platform: Platform, locale: str, language: str
) -> None:
    message = Filled("subscription", "S1", {"thing2": "审核"})
    client.send_mini_subscription(WHO, message, "pages/p", state="trial", locale=locale)
    told = sent(platform, "/cgi-bin/message/subscribe/send")
    assert (told["miniprogram_state"], told["lang"], told["page"]) == ("trial", language, "pages/p")


def test_a_value_that_would_be_refused_is_not_sent(
    channel: WeChatChannel, platform: Platform
) -> None:
    wrong = Filled("template", "T1", {"phrase1": "审核通过已经六字"})
    with pytest.raises(SendError, match=r"data\.phrase1\.value") as fault:
        channel.send_filled(PERSON, wrong, "key", 1.0)
    assert fault.value.reason == "bug"
    assert platform.calls == []


@pytest.mark.parametrize("text", ["", "长" * 683])
def test_a_text_that_would_be_refused_is_not_sent(
    client: PlatformClient, platform: Platform, text: str
) -> None:
    with pytest.raises(PlatformError) as fault:
        client.send_text(WHO, text)
    assert fault.value.kind is Kind.BUG
    assert platform.calls == []


def test_choices_without_an_option_are_not_sent(client: PlatformClient, platform: Platform) -> None:
    with pytest.raises(PlatformError):
        client.send_choices(WHO, "办哪样？", [])
    assert platform.calls == []


def test_half_a_character_breaks_no_call(client: PlatformClient, platform: Platform) -> None:
    client.send_text(WHO, "你\ud83d好")
    assert sent(platform)["text"]["content"] == "你?好"


def test_a_picture_the_platform_has_lost_is_uploaded_once_more(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(CUSTOM, {"errcode": 40007}, {"errcode": 0})
    channel.send_picture(PERSON, calls.PICTURE, "key", 2.0)
    assert (platform.counted()["media/upload"], platform.counted()["message/custom/send"]) == (2, 2)
    platform.says(CUSTOM, {"errcode": 40007})
    with pytest.raises(SendError) as fault:
        channel.send_picture(PERSON, calls.PICTURE, "key", 2.0)
    assert fault.value.reason == "permanent"
    assert platform.counted()["message/custom/send"] == 4, "and not again and again"


# --- what comes back ---


def test_lists_come_back_as_lists(client: PlatformClient, willing: Platform) -> None:
    assert client.templates() == [{"template_id": "T1"}]
    assert client.subscriptions() == [{"priTmplId": "S1"}]
    assert client.callback_addresses() == ["192.0.2.1", "192.0.2.0/26"]
    assert client.api_addresses() == ["192.0.2.2"]
    assert client.token_life() == 7200


def test_where_no_menu_was_published_there_is_none(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says("/cgi-bin/menu/get", {"errcode": 46003, "errmsg": "menu no exist"})
    assert client.published_menu() is None


_CUT = b'{"errcode": 0, "errm'
_NO_ANSWERS: dict[str, Answer] = {
    "html": page,
    "cut": _CUT,
    "empty": b"",
    "list": b"[1]",
    "infinite": b'{"errcode": 1e999}',
    "deep": b"[" * 100_000,
    "404": status(404),
    "502": status(502),
}
_FILE = {"list", "deep"}  # what is no JSON object is a file, where one was asked for
_MISTAKEN = [
    pytest.param(path, call, answer, id=f"{name}-{what}")
    for name, (path, call) in calls.EVERY.items()
    for what, answer in _NO_ANSWERS.items()
    if not (name == "download" and what in _FILE)
]


@pytest.mark.parametrize(("path", "call", "answer"), _MISTAKEN)
def test_what_is_no_answer_is_never_taken_for_success(
    client: PlatformClient, platform: Platform, path: str, call: Call, answer: Answer
) -> None:
    platform.says(path, answer)
    with pytest.raises(PlatformError):
        call(client)


@pytest.mark.parametrize(("path", "call"), _SENDS)
@pytest.mark.parametrize("trouble", [page, _CUT, b"", hang_up, status(504)])
def test_a_send_that_was_not_answered_is_unknown_and_not_repeated(
    client: PlatformClient, platform: Platform, path: str, call: Call, trouble: Answer
) -> None:
    platform.says(path, trouble)
    with pytest.raises(PlatformError) as fault:
        call(client)
    assert fault.value.as_send_error().reason == "unknown"
    assert [asked.path for asked in platform.calls].count(path) == 1


def test_the_platforms_clock_is_that_of_the_last_call_and_of_no_other(
    client: PlatformClient, willing: Platform
) -> None:
    assert client.platform_time is None
    client.token_life()
    told = client.platform_time
    assert told is not None
    assert abs((datetime.now(UTC) - told).total_seconds()) < 30
    willing.says(_TOKEN, hang_up)
    with pytest.raises(PlatformError):
        client.token_life()
    assert client.platform_time is None, "no older answer is taken for this one's"


@pytest.mark.parametrize(
    "life",
    ["soon", None, {}, 0, -1, 10**400, b"1e999", b"NaN", 10**9],
    ids=lambda life: str(life)[:9],
)
def test_a_token_without_a_life_is_none(
    client: PlatformClient, platform: Platform, life: Any
) -> None:
    written = life if isinstance(life, bytes) else json.dumps(life).encode()
    platform.says(_TOKEN, b'{"access_token": "token-1", "expires_in": ' + written + b"}")
    with pytest.raises(PlatformError) as fault:
        client.send_text(WHO, "你好")
    assert fault.value.as_send_error().reason == "transient"
    assert platform.counted() == {"stable_token": 1}


# --- the token in every call ---


@pytest.mark.parametrize(("path", "call"), _WITH_TOKEN)
def test_a_token_that_is_refused_for_ever_costs_two_calls_and_one_refresh(
    client: PlatformClient, platform: Platform, path: str, call: Call
) -> None:
    platform.same_token = True
    platform.says(path, {"errcode": 40001})
    with pytest.raises(PlatformError) as fault:
        call(client)
    assert fault.value.kind is Kind.TOKEN
    asked = [asked.path for asked in platform.calls]
    assert asked.count(path) == 2
    # The first token, then one refresh: asked plainly, and forced since the same came back.
    forced = [c.json["force_refresh"] for c in platform.calls if c.path == _TOKEN]
    assert forced == [False, False, True]


@pytest.mark.parametrize("stuck", ["the call", "the token"])
@pytest.mark.parametrize("trouble", [hang, drip])
def test_no_call_takes_longer_than_half_a_second_where_it_was_given_so_much(
    client: PlatformClient, platform: Platform, stuck: str, trouble: Answer
) -> None:
    """Six at a time, each in a thread of its own."""
    paths = {_TOKEN} if stuck == "the token" else {path for path, _ in calls.EVERY.values()}
    if stuck == "the call":
        client.access_token  # noqa: B018 - obtained before the trouble begins
    for path in paths:
        platform.says(path, trouble)
    client._time.seconds = 0.5

    def timed(call: Call) -> float:
        started = time.monotonic()
        with pytest.raises(PlatformError):
            call(client)
        return time.monotonic() - started

    listed = {n: c for n, c in calls.EVERY.items() if c[0] in paths or n != "login"}
    with ThreadPoolExecutor(6) as threads:
        took = dict(zip(listed, threads.map(timed, (c for _, c in listed.values())), strict=True))
    assert {name: seconds for name, seconds in took.items() if seconds > 0.9} == {}


# --- who a visitor is ---


def test_a_visitors_code_becomes_an_openid_without_a_token(
    client: PlatformClient, willing: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    login = log_in(client, "code-of-a-visitor")
    assert (login.openid, login.session_key, login.union_id) == (WHO, "c2Vzc2lvbg==", "u-1")
    (call,) = willing.calls
    assert call.query == {
        "appid": APP_ID,
        "secret": SECRET,
        "js_code": "code-of-a-visitor",
        "grant_type": "authorization_code",
    }
    assert "jscode2session" in caplog.text, "urllib3 does log, so this test can fail"
    for secret in (SECRET, "code-of-a-visitor", WHO, "c2Vzc2lvbg=="):
        assert secret not in caplog.text + repr(login)


def test_a_failed_login_tells_neither_secret_nor_code(
    client: PlatformClient, platform: Platform
) -> None:
    for answer in (hang_up, page, status(500), {"errcode": 40029, "errmsg": "invalid code"}):
        platform.says("/sns/jscode2session", answer)
        with pytest.raises(PlatformError) as fault:
            log_in(client, "code-of-a-visitor")
        told = repr(fault.getrepr(style="long", chain=True)) + str(fault.value)
        assert SECRET not in told
        assert not fault.value.unknown, "a code is never tried twice, so nothing is in doubt"


def test_a_phone_number_comes_without_its_countrys_code(
    client: PlatformClient, willing: Platform
) -> None:
    known = phone_number(client, "code-1", WHO)
    assert (known.number, known.country) == ("13900000001", "86")
    assert "13900000001" not in repr(known)
    assert willing.calls[-1].json == {"code": "code-1", "openid": WHO}


@pytest.mark.parametrize("mark", [{"appid": "wx-another"}, {}, None, "x"])
def test_a_phone_number_of_another_app_is_refused(
    client: PlatformClient, platform: Platform, mark: Any
) -> None:
    info = {"purePhoneNumber": "13900000001", "countryCode": "86", "watermark": mark}
    answer = {"errcode": 0, "phone_info": info}
    platform.says("/wxa/business/getuserphonenumber", json.loads(json.dumps(answer)))
    with pytest.raises(PlatformError) as fault:
        phone_number(client, "code-1")
    assert fault.value.kind is Kind.LOGIN
