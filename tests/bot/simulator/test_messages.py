"""Every message of a person goes over the wire in the form that the platform gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Response

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.account import JPEG
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import APP_ID, Webhook, listen

Run = Callable[..., RunningSimulator]
MEDIUM = "M" * 43  # stands for the id of any medium

# What a script asks for, and the elements from MsgType to MsgId.
MESSAGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"text": "你好"}, {"MsgType": "text", "Content": "你好"}),
    (
        {"text": "办卡", "menu_id": "q1-1"},
        {"MsgType": "text", "Content": "办卡", "bizmsgmenuid": "q1-1"},
    ),
    (
        {"text": "你好", "fields": {"MsgDataId": 2247483650, "Idx": 1}},
        {"MsgType": "text", "Content": "你好", "MsgDataId": 2247483650, "Idx": 1},
    ),
    (
        {"type": "voice", "recognition": "办卡"},
        {"MsgType": "voice", "MediaId": MEDIUM, "Format": "amr", "Recognition": "办卡"},
    ),
    (
        {"type": "voice", "fields": {"MediaId16K": "m", "Format": "speex"}},
        {"MsgType": "voice", "MediaId": MEDIUM, "Format": "speex", "MediaId16K": "m"},
    ),
    ({"type": "video"}, {"MsgType": "video", "MediaId": MEDIUM, "ThumbMediaId": MEDIUM}),
    ({"type": "shortvideo"}, {"MsgType": "shortvideo", "MediaId": MEDIUM, "ThumbMediaId": MEDIUM}),
    (
        {"type": "location", "lat": 32.05, "lng": 123.12, "label": "和平路"},
        {
            "MsgType": "location",
            "Location_X": 32.05,
            "Location_Y": 123.12,
            "Scale": 15,
            "Label": "和平路",
        },
    ),
    (
        {"type": "link", "title": "题", "url": "https://a.example/"},
        {"MsgType": "link", "Title": "题", "Description": "", "Url": "https://a.example/"},
    ),
    (
        {"type": "miniprogrampage", "title": "题", "page": "pages/a"},
        {
            "MsgType": "miniprogrampage",
            "Title": "题",
            "AppId": APP_ID,
            "PagePath": "pages/a",
            "ThumbUrl": "",
            "ThumbMediaId": MEDIUM,
        },
    ),
    *[
        ({"type": kind}, {"MsgType": kind})
        for kind in ("file", "wxcard", "music", "hardware", "device_text", "sticker")
    ],
]
NAMES = [f"{place}-{asked.get('type', 'text')}" for place, (asked, _) in enumerate(MESSAGES)]


@pytest.fixture
def plain() -> Iterator[Webhook]:
    webhook = Webhook(mode="plain")
    stop = listen(webhook)
    yield webhook
    stop()


def alike(text: str) -> str:
    """With one and the same id for every medium, and no time."""
    text = re.sub(r"(MediaId\W+(?:CDATA\[)?)[\w-]{43}", rf"\g<1>{MEDIUM}", text)
    return re.sub(r'(CreateTime"?\W)\d+', r"\g<1>0", text)


def element(name: str, value: Any) -> str:
    return f"<{name}>{value if not isinstance(value, str) else f'<![CDATA[{value}]]>'}</{name}>"


@pytest.mark.parametrize(("asked", "fields"), MESSAGES, ids=NAMES)
def test_a_message_in_xml_has_its_id_as_a_bare_number(
    run: Run, plain: Webhook, asked: dict[str, Any], fields: dict[str, Any]
) -> None:
    outcome = Phone(run(plain)).send(**asked)
    head = {"ToUserName": "gh_a1b2c3d4e5f6", "FromUserName": "o_test_user_1", "CreateTime": 0}
    whole = {**head, **fields, "MsgId": int(outcome["update_id"])}
    expected = "".join(element(name, value) for name, value in whole.items())
    assert alike(plain.opened[-1]) == f"<xml>{expected}</xml>"


@pytest.mark.parametrize(("asked", "fields"), MESSAGES, ids=NAMES)
def test_a_message_in_json_has_its_id_as_a_number_too_long_for_a_float(
    run: Run, webhook: Webhook, asked: dict[str, Any], fields: dict[str, Any]
) -> None:
    outcome = Phone(run(webhook, push_format="json")).send(**asked)
    told = json.loads(alike(webhook.opened[-1]))
    number = told.pop("MsgId")
    assert (isinstance(number, int), str(number)) == (True, outcome["update_id"])
    assert number > 2**53
    head = {"ToUserName": "gh_a1b2c3d4e5f6", "FromUserName": "o_test_user_1", "CreateTime": 0}
    assert told == {**head, **fields}


def test_a_picture_has_an_address_and_a_medium(run: Run, plain: Webhook) -> None:
    phone = Phone(run(plain))
    requests.post(phone.url, files={"file": ("a.jpg", JPEG)}, timeout=5)
    found = re.search(
        r"<MsgType><!\[CDATA\[image\]\]></MsgType><PicUrl><!\[CDATA\[(.*)\]\]></PicUrl>"
        r"<MediaId><!\[CDATA\[(.*)\]\]></MediaId><MsgId>\d+</MsgId>",
        plain.opened[-1],
    )
    assert found
    assert requests.get(found[1], timeout=5).content == JPEG
    assert found[1].endswith(found[2])


@pytest.mark.parametrize("alike", [True, False])
def test_deliveries_are_repeated_bit_by_bit_or_signed_anew(
    phone: Phone, webhook: Webhook, alike: bool
) -> None:
    phone.say("你好")
    phone.change(repeats_alike=alike)
    webhook.queries.clear()
    webhook.bodies.clear()
    webhook.answer = lambda message: Response(status=500)
    assert phone.say("在吗")["attempts"] == 3
    assert len({query["nonce"] for query in webhook.queries}) == (1 if alike else 3)
    assert len(set(webhook.bodies)) == (1 if alike else 3)
