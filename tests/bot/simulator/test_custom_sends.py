"""Customer-service messages of every kind, their media, and in whose name they are sent."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.bot.simulator.account import JPEG, Account
from tests.bot.simulator.conftest import Clock, Phone
from tests.bot.simulator.webhook import MINI_APP_ID, Webhook

AMR, MP3, MP4 = b"#!AMR\n sound", b"ID3 sound", b"\0\0\0\x18ftypmp42 film"
PNG, GIF = b"\x89PNG\r\n\x1a\n", b"GIF89a"
MB = 1024 * 1024
OPTION = {"id": "a", "content": "满意"}


@pytest.fixture
def media(account: Account, phone: Phone) -> dict[str, str]:
    """One medium of each kind, by kind."""
    phone.say("你好")
    bodies = {"image": JPEG, "voice": AMR, "video": MP4, "thumb": JPEG}
    told = {kind: account.upload(body, kind) for kind, body in bodies.items()}
    return {kind: one.get("media_id") or one["thumb_media_id"] for kind, one in told.items()}


def test_every_kind_of_an_official_account_is_shown(
    account: Account, phone: Phone, media: dict[str, str]
) -> None:
    music = {"musicurl": "u", "hqmusicurl": "h", "title": "曲", "thumb_media_id": media["thumb"]}
    page = {
        "title": "办卡",
        "appid": MINI_APP_ID,
        "pagepath": "pages/apply",
        "thumb_media_id": media["image"],
    }
    film = {"media_id": media["video"], "thumb_media_id": media["thumb"], "title": "片"}
    article = {"title": "题", "description": "文", "url": "https://a.example/", "picurl": "p"}
    assert account.send(phone.openid, voice={"media_id": media["voice"]}) == 0
    assert account.send(phone.openid, video=film) == 0
    assert account.send(phone.openid, music=music) == 0
    assert account.send(phone.openid, miniprogrampage=page) == 0
    assert account.send(phone.openid, news={"articles": [article]}) == 0
    voice, video, song, card, link = phone.read()[-5:]
    assert [m["kind"] for m in (voice, video, song, card, link)] == [
        "voice",
        "video",
        "link",
        "miniprogram",
        "link",
    ]
    assert card["card"] == {"title": "办卡", "appid": MINI_APP_ID, "pagepath": "pages/apply"}
    assert link["card"]["description"] == "文"


@pytest.mark.parametrize(
    ("message", "errcode"),
    [
        ({"voice": {"media_id": "none"}}, 40007),
        ({"video": {"media_id": "none"}}, 40007),
        ({"music": {"musicurl": "u"}}, 40007),
        ({"mpnews": {"media_id": "m"}}, 40007),
        ({"mpnewsarticle": {"article_id": "a"}}, 40007),
        ({"wxcard": {"card_id": "c"}}, 40073),
        ({"link": {"title": "t"}}, 40008),
        ({"news": {"articles": [{"url": "u"}]}}, 44003),
        ({"miniprogrampage": {"title": "t", "pagepath": "p"}}, 40013),
        ({"miniprogrampage": {"title": "t", "pagepath": "p", "appid": "wx-another"}}, 40013),
        ({"miniprogrampage": {"title": "t", "pagepath": "p", "appid": MINI_APP_ID}}, 40007),
        ({"miniprogrampage": {"title": "t", "appid": MINI_APP_ID}}, 41030),
        ({"msgmenu": {"list": [OPTION] * 11}}, 45098),
        ({"msgmenu": {"list": [{"id": 1, "content": "满意"}]}}, 47001),
        ({"msgmenu": {"list": [{"id": "a"}]}}, 47001),
        ({"msgmenu": {"head_content": "好" * 683, "list": [OPTION]}}, 45002),
    ],
)
def test_a_kind_that_does_not_hold_is_refused_and_costs_nothing(
    account: Account, phone: Phone, message: dict[str, Any], errcode: int
) -> None:
    phone.say("你好")
    assert account.send(phone.openid, **message) == errcode
    assert [account.text(phone.openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_a_medium_is_sent_as_what_it_was_uploaded_as(
    account: Account, phone: Phone, media: dict[str, str]
) -> None:
    assert account.send(phone.openid, image={"media_id": media["voice"]}) == 40007
    assert account.send(phone.openid, voice={"media_id": media["image"]}) == 40007


def test_the_largest_menu_of_options_comes_back_as_a_click(
    account: Account, phone: Phone, clock: Clock
) -> None:
    """A click opens the window of a menu click: three messages, one minute."""
    phone.say("你好")
    clock.forward(hours=49)
    phone.event("CLICK", key="k")
    account.renew()
    options = [{"id": f"id-{n}", "content": f"选项{n}"} for n in range(10)]
    assert account.send(phone.openid, msgmenu={"head_content": "选", "list": options}) == 0
    clock.forward(minutes=2)
    assert account.text(phone.openid) == 45015
    phone.send(type="text", text="选项3", menu_id="id-3")
    assert [account.text(phone.openid) for _ in range(4)] == [0, 0, 0, 45047]


def test_a_message_may_be_sent_in_the_name_of_the_desks_people(
    account: Account, phone: Phone
) -> None:
    phone.say("你好")
    message = {"text": {"content": "您好"}}
    named = {"customservice": {"kf_account": "desk1@gh_a1b2c3d4e5f6"}}
    stranger = {"customservice": {"kf_account": "desk9@gh_a1b2c3d4e5f6"}}
    assert account.send(phone.openid, **message, **named) == 0
    assert account.send(phone.openid, **message, **stranger) == 65401
    assert account.send(phone.openid, **message, customservice="desk1") == 65401


@pytest.mark.parametrize(
    ("kind", "body", "errcode"),
    [
        ("image", PNG, 0),
        ("image", GIF, 0),
        ("image", AMR, 40004),
        ("image", JPEG + b"0" * (10 * MB), 40009),
        ("voice", MP3, 0),
        ("voice", JPEG, 40004),
        ("voice", AMR + b"0" * (2 * MB), 40010),
        ("video", MP4, 0),
        ("video", MP3, 40004),
        ("video", MP4 + b"0" * (10 * MB), 40011),
        ("thumb", JPEG, 0),
        ("thumb", PNG, 40004),
        ("thumb", JPEG + b"0" * (64 * 1024), 40012),
    ],
)
def test_media_have_their_types_and_sizes(
    account: Account, kind: str, body: bytes, errcode: int
) -> None:
    told = account.upload(body, kind)
    assert told.get("errcode", 0) == errcode
    if not errcode:
        assert told["type"] == kind
        assert told["thumb_media_id" if kind == "thumb" else "media_id"]


@pytest.mark.parametrize(("body", "kind"), [(JPEG, "image"), (GIF, "fault")])
def test_a_passive_picture_is_one_of_the_accounts_and_no_gif(
    account: Account, phone: Phone, webhook: Webhook, body: bytes, kind: str
) -> None:
    """That a GIF is refused is what users report; the manual is silent."""
    phone.say("你好")
    media_id = account.upload(body)["media_id"]
    webhook.answer = lambda m: (
        f"<xml><ToUserName>{m.source}</ToUserName><FromUserName>{m.target}</FromUserName>"
        "<CreateTime>5</CreateTime><MsgType>image</MsgType>"
        f"<Image><MediaId>{media_id}</MediaId></Image></xml>"
    )
    assert [m["kind"] for m in phone.say("照片")["messages"]] == [kind]
    media_id = "none"
    assert [m["kind"] for m in phone.say("照片")["messages"]] == ["fault"]


def test_a_film_is_fetched_as_an_address(
    account: Account, phone: Phone, media: dict[str, str]
) -> None:
    told = account.get("media/get", media_id=media["video"])
    assert told["video_url"].startswith("http")


def test_a_medium_belongs_to_the_account_that_has_it(
    account: Account, mini: Account, media: dict[str, str]
) -> None:
    assert mini.get("media/get", media_id=media["image"])["errcode"] == 40007
    dead = {"access_token": "dead", "media_id": media["image"]}
    answer = requests.get(account.address("media/get"), params=dead, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["errcode"] == 40001
