"""Every call that the service makes of the platform's API, with the path it goes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.login import log_in, phone_number
from bot.ports import Filled
from tests.bot.channels.wechat.accounts import PERSON

Call = Callable[[PlatformClient], Any]

WHO = PERSON.user
PICTURE = b"\xff\xd8\xff" + b"p" * 3000
TEMPLATE = Filled("template", "T1", {"character_string1": "YZ2611230001", "thing2": "审核"})
SUBSCRIBED = Filled("subscription", "S1", {"thing2": "审核"})
SITE = "https://card.example"
CUSTOM = "/cgi-bin/message/custom/send"

SENDS: dict[str, tuple[str, Call]] = {
    "text": (CUSTOM, lambda c: c.send_text(WHO, "你好")),
    "image": (CUSTOM, lambda c: c.send_image(WHO, "media-1")),
    "article": (CUSTOM, lambda c: c.send_article(WHO, "进度", "看看", "https://card.example/")),
    "choices": (CUSTOM, lambda c: c.send_choices(WHO, "办哪样？", [("1", "办卡")])),
    "mini page": (CUSTOM, lambda c: c.send_mini_page(WHO, "社保卡", "wx9", "pages/i", "media-1")),
    "link": (CUSTOM, lambda c: c.send_link(WHO, "进度", "看看", SITE)),
    "typing": ("/cgi-bin/message/custom/typing", lambda c: c.show_typing(WHO)),
    "template": (
        "/cgi-bin/message/template/send",
        lambda c: c.send_template(WHO, TEMPLATE, "https://card.example/", "notice-1"),
    ),
    "subscription": (
        "/cgi-bin/message/subscribe/bizsend",
        lambda c: c.send_subscription(WHO, SUBSCRIBED, "https://card.example/"),
    ),
    "mass": ("/cgi-bin/message/mass/send", lambda c: c.send_mass([WHO, "o2"], "停机公告", "m1-1")),
    "mini subscription": (
        "/cgi-bin/message/subscribe/send",
        lambda c: c.send_mini_subscription(WHO, SUBSCRIBED, "pages/progress"),
    ),
}
"""What reaches a person: never repeated by itself, and unknown when no answer comes."""

OTHERS: dict[str, tuple[str, Call]] = {
    "mass status": ("/cgi-bin/message/mass/get", lambda c: c.mass_status("1000001625")),
    "upload": ("/cgi-bin/media/upload", lambda c: c.upload_picture(PICTURE)),
    "download": ("/cgi-bin/media/get", lambda c: c.fetch_media("media-1", 10_000)),
    "menu": ("/cgi-bin/menu/get", lambda c: c.published_menu()),
    "menu publish": ("/cgi-bin/menu/create", lambda c: c.publish_menu({"button": []})),
    "menu delete": ("/cgi-bin/menu/delete", lambda c: c.delete_menu()),
    "templates": ("/cgi-bin/template/get_all_private_template", lambda c: c.templates()),
    "subscriptions": ("/wxaapi/newtmpl/gettemplate", lambda c: c.subscriptions()),
    "callback addresses": ("/cgi-bin/getcallbackip", lambda c: c.callback_addresses()),
    "api addresses": ("/cgi-bin/get_api_domain_ip", lambda c: c.api_addresses()),
    "ticket": ("/cgi-bin/ticket/getticket", lambda c: c.page_ticket()),
    "phone": ("/wxa/business/getuserphonenumber", lambda c: phone_number(c, "code-1")),
}
WITHOUT_TOKEN: dict[str, tuple[str, Call]] = {
    "login": ("/sns/jscode2session", lambda c: log_in(c, "code-1")),
    "token": ("/cgi-bin/stable_token", lambda c: c.token_life()),
}
WITH_TOKEN = {**SENDS, **OTHERS}
EVERY = {**WITH_TOKEN, **WITHOUT_TOKEN}

ANSWERS: dict[str, dict[str, Any] | bytes] = {
    "/cgi-bin/message/template/send": {"errcode": 0, "msgid": 4151712637460643841},
    "/cgi-bin/message/mass/send": {"errcode": 0, "msg_id": 1000001625, "msg_data_id": 206227730},
    "/cgi-bin/message/mass/get": {"msg_id": 1000001625, "msg_status": "SEND_SUCCESS"},
    "/cgi-bin/media/get": PICTURE,
    "/cgi-bin/menu/get": {"menu": {"button": []}},
    "/cgi-bin/template/get_all_private_template": {"template_list": [{"template_id": "T1"}]},
    "/wxaapi/newtmpl/gettemplate": {"errcode": 0, "data": [{"priTmplId": "S1"}]},
    "/cgi-bin/getcallbackip": {"ip_list": ["192.0.2.1", "192.0.2.0/26"]},
    "/cgi-bin/get_api_domain_ip": {"ip_list": ["192.0.2.2"]},
    "/cgi-bin/ticket/getticket": {"errcode": 0, "ticket": "ticket-1", "expires_in": 7200},
    "/sns/jscode2session": {"openid": WHO, "session_key": "c2Vzc2lvbg==", "unionid": "u-1"},
    "/wxa/business/getuserphonenumber": {
        "errcode": 0,
        "phone_info": {
            "phoneNumber": "+8613900000001",
            "purePhoneNumber": "13900000001",
            "countryCode": "86",
            "watermark": {"timestamp": 1, "appid": PERSON.app},
        },
    },
}
"""What the platform says to them when all goes well; to the others, that they went well."""
