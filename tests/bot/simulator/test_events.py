"""Every event of the platform goes over the wire in the form that the platform gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import APP_ID, Webhook, listen

Run = Callable[..., RunningSimulator]
HASH = "0" * 32
POPUP = {"TemplateId": "S-PROGRESS", "SubscribeStatusString": "accept", "PopupScene": "1"}
REFUSED = {"TemplateId": "S-READY", "SubscribeStatusString": "reject", "PopupScene": "1"}
SENT = {
    "TemplateId": "S-READY",
    "MsgID": "1700827132819554304",
    "ErrorCode": "0",
    "ErrorStatus": "success",
}
SUGGESTED = {"suggest": "risky", "label": 20001}
REVOKED = {"OpenID": "o_test_user_1", "AppID": APP_ID}

# What a script asks for, and the elements after MsgType: in JSON; in XML where it differs.
EVENTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"event": "subscribe"}, {"EventKey": ""}, ""),
    (
        {"event": "subscribe", "key": "branch-1"},
        {"EventKey": "qrscene_branch-1", "Ticket": "TICKET_qrscene_branch-1"},
        "",
    ),
    (
        {"event": "subscribe", "key": "last_trade_no_5", "ticket": "T"},
        {"EventKey": "last_trade_no_5", "Ticket": "T"},
        "",
    ),
    ({"event": "unsubscribe"}, {"EventKey": ""}, ""),
    ({"event": "SCAN", "key": "7", "ticket": "T"}, {"EventKey": "7", "Ticket": "T"}, ""),
    (
        {"event": "LOCATION", "lat": 32.05, "lng": 123.12, "precision": 65},
        {"Latitude": 32.05, "Longitude": 123.12, "Precision": 65.0},
        "<Latitude>32.05</Latitude><Longitude>123.12</Longitude><Precision>65.0</Precision>",
    ),
    ({"event": "CLICK", "key": "apply"}, {"EventKey": "apply"}, ""),
    (
        {"event": "VIEW", "key": "https://a.example/", "menu_id": "5"},
        {"EventKey": "https://a.example/", "MenuId": "5"},
        "",
    ),
    (
        {"event": "view_miniprogram", "key": "pages/a", "menu_id": "5"},
        {"EventKey": "pages/a", "MenuId": "5"},
        "",
    ),
    (
        {"event": "scancode_push", "key": "k", "result": "r"},
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "r"}},
        (
            "<EventKey><![CDATA[k]]></EventKey><ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType>"
            "<ScanResult><![CDATA[r]]></ScanResult></ScanCodeInfo>"
        ),
    ),
    (
        {"event": "scancode_waitmsg", "key": "k", "result": "r", "scan_type": "barcode"},
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "barcode", "ScanResult": "r"}},
        (
            "<EventKey><![CDATA[k]]></EventKey><ScanCodeInfo><ScanType><![CDATA[barcode]]></ScanType>"
            "<ScanResult><![CDATA[r]]></ScanResult></ScanCodeInfo>"
        ),
    ),
    *[
        (
            {"event": event, "key": "k", "count": 2},
            {
                "EventKey": "k",
                "SendPicsInfo": {
                    "Count": 2,
                    "PicList": {"item": [{"PicMd5Sum": HASH}, {"PicMd5Sum": HASH}]},
                },
            },
            "<EventKey><![CDATA[k]]></EventKey><SendPicsInfo><Count>2</Count><PicList>"
            + f"<item><PicMd5Sum><![CDATA[{HASH}]]></PicMd5Sum></item>" * 2
            + "</PicList></SendPicsInfo>",
        )
        for event in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    ],
    (
        {"event": "location_select", "key": "k", "lat": 32.05, "lng": 123.12, "label": "和平路"},
        {
            "EventKey": "k",
            "SendLocationInfo": {
                "Location_X": "32.05",
                "Location_Y": "123.12",
                "Scale": "15",
                "Label": "和平路",
                "Poiname": "",
            },
        },
        (
            "<EventKey><![CDATA[k]]></EventKey><SendLocationInfo>"
            "<Location_X><![CDATA[32.05]]></Location_X><Location_Y><![CDATA[123.12]]></Location_Y>"
            "<Scale><![CDATA[15]]></Scale><Label><![CDATA[和平路]]></Label>"
            "<Poiname><![CDATA[]]></Poiname></SendLocationInfo>"
        ),
    ),
    (
        {"event": "TEMPLATESENDJOBFINISH", "msgid": 200163836, "status": "failed:user block"},
        {"MsgID": 200163836, "Status": "failed:user block"},
        "<MsgID>200163836</MsgID><Status><![CDATA[failed:user block]]></Status>",
    ),
    (
        {"event": "subscribe_msg_popup_event", "templates": {"S-PROGRESS": True}},
        {"List": POPUP},
        (
            "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[S-PROGRESS]]></TemplateId>"
            "<SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>"
            "<PopupScene><![CDATA[1]]></PopupScene></List></SubscribeMsgPopupEvent>"
        ),
    ),
    (
        {
            "event": "subscribe_msg_popup_event",
            "templates": {"S-PROGRESS": True, "S-READY": False},
        },
        {"List": [POPUP, REFUSED]},
        (
            "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[S-PROGRESS]]></TemplateId>"
            "<SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>"
            "<PopupScene><![CDATA[1]]></PopupScene></List>"
            "<List><TemplateId><![CDATA[S-READY]]></TemplateId>"
            "<SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>"
            "<PopupScene><![CDATA[1]]></PopupScene></List></SubscribeMsgPopupEvent>"
        ),
    ),
    *[
        (
            {"event": "subscribe_msg_change_event", "templates": {"S-READY": False}, **more},
            {"List": {"TemplateId": "S-READY", "SubscribeStatusString": "reject"}},
            (
                f"<{wrapper}><List><TemplateId><![CDATA[S-READY]]></TemplateId>"
                "<SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString></List>"
                f"</{wrapper}>"
            ),
        )
        for wrapper, more in (
            ("SubscribeMsgChangeEvent", {}),
            ("SubscribeMsgPopupEvent", {"wrapper": "SubscribeMsgPopupEvent"}),
        )
    ],
    (
        {"event": "subscribe_msg_sent_event", "template": "S-READY", "msgid": 1700827132819554304},
        {"List": SENT},
        (
            "<SubscribeMsgSentEvent><List><TemplateId><![CDATA[S-READY]]></TemplateId>"
            "<MsgID><![CDATA[1700827132819554304]]></MsgID><ErrorCode><![CDATA[0]]></ErrorCode>"
            "<ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent>"
        ),
    ),
    ({"event": "user_enter_tempsession", "key": "page"}, {"SessionFrom": "page"}, ""),
    (
        {"event": "wxa_media_check", "version": 1, "risky": True, "trace_id": "t"},
        {
            "isrisky": 1,
            "extra_info_json": "",
            "appid": APP_ID,
            "trace_id": "t",
            "status_code": 0,
        },
        (
            f"<isrisky>1</isrisky><extra_info_json><![CDATA[]]></extra_info_json>"
            f"<appid><![CDATA[{APP_ID}]]></appid><trace_id><![CDATA[t]]></trace_id>"
            "<status_code>0</status_code>"
        ),
    ),
    (
        {"event": "wxa_media_check", "version": 1, "failed": True, "trace_id": "t"},
        {
            "isrisky": 0,
            "extra_info_json": "",
            "appid": APP_ID,
            "trace_id": "t",
            "status_code": 4294966288,
        },
        (
            f"<isrisky>0</isrisky><extra_info_json><![CDATA[]]></extra_info_json>"
            f"<appid><![CDATA[{APP_ID}]]></appid><trace_id><![CDATA[t]]></trace_id>"
            "<status_code>4294966288</status_code>"
        ),
    ),
    (
        {"event": "wxa_media_check", "trace_id": "t", **SUGGESTED},
        {
            "appid": APP_ID,
            "trace_id": "t",
            "version": 2,
            "detail": [{"strategy": "content_model", "errcode": 0, "prob": 90, **SUGGESTED}],
            "errcode": 0,
            "errmsg": "ok",
            "result": SUGGESTED,
        },
        (
            f"<appid><![CDATA[{APP_ID}]]></appid><trace_id><![CDATA[t]]></trace_id>"
            "<version>2</version><detail><strategy><![CDATA[content_model]]></strategy>"
            "<errcode>0</errcode><prob>90</prob><suggest><![CDATA[risky]]></suggest>"
            "<label>20001</label></detail><errcode>0</errcode><errmsg><![CDATA[ok]]></errmsg>"
            "<result><suggest><![CDATA[risky]]></suggest><label>20001</label></result>"
        ),
    ),
    *[
        (
            {"event": event, "scopes": scopes},
            {**REVOKED, "RevokeInfo": text, "PluginID": "", "OpenPID": ""},
            "",
        )
        for event, scopes, text in (
            ("user_info_modified", [], ""),
            ("user_authorization_revoke", [8], "8"),
            ("user_authorization_revoke", [8, 14], "8,14"),
            ("user_authorization_cancellation", [], ""),
        )
    ],
    ({"event": "kf_create_session"}, {"KfAccount": "desk1@gh_a1b2c3d4e5f6"}, ""),
    (
        {"event": "kf_close_session", "kf_account": "desk2"},
        {"KfAccount": "desk2@gh_a1b2c3d4e5f6"},
        "",
    ),
    (
        {"event": "kf_switch_session"},
        {"FromKfAccount": "desk1@gh_a1b2c3d4e5f6", "ToKfAccount": "desk2@gh_a1b2c3d4e5f6"},
        "",
    ),
    ({"event": "debug_demo"}, {"debug_str": "hello world"}, ""),
    (
        {"event": "PUBLISHJOBFINISH", "fields": {"publish_id": 5}},
        {"EventKey": "", "publish_id": 5},
        "<EventKey><![CDATA[]]></EventKey><publish_id>5</publish_id>",
    ),
    ({"event": "an_event_of_2030", "key": "k"}, {"EventKey": "k"}, ""),
]
NAMES = [f"{number}-{asked['event']}" for number, (asked, _, _) in enumerate(EVENTS)]


@pytest.fixture
def plain() -> Iterator[Webhook]:
    webhook = Webhook(mode="plain")
    stop = listen(webhook)
    yield webhook
    stop()


def head(sender: str, event: str) -> str:
    """What every event in XML begins with."""
    return (
        "<xml><ToUserName><![CDATA[gh_a1b2c3d4e5f6]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName><CreateTime>0</CreateTime>"
        f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>"
    )


def timeless(text: str) -> str:
    """Without what is another at each time."""
    text = re.sub(r"<CreateTime>\d+<", "<CreateTime>0<", text)
    return re.sub(r"[0-9a-f]{32}", HASH, text)


def sender_of(event: str) -> str:
    return (
        "weixin_platform" if event.startswith("user_") and "enter" not in event else "o_test_user_1"
    )


@pytest.mark.parametrize(("asked", "fields", "xml"), EVENTS, ids=NAMES)
def test_an_event_in_xml_has_texts_in_cdata_and_numbers_bare(
    run: Run, plain: Webhook, asked: dict[str, Any], fields: dict[str, Any], xml: str
) -> None:
    Phone(run(plain)).event(**asked)
    inside = xml or "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items())
    expected = head(sender_of(asked["event"]), asked["event"]) + inside + "</xml>"
    assert timeless(plain.opened[-1]) == expected


@pytest.mark.parametrize(("asked", "fields", "xml"), EVENTS, ids=NAMES)
def test_an_event_in_json_has_numbers_as_numbers_and_one_row_as_an_object(
    run: Run, webhook: Webhook, asked: dict[str, Any], fields: dict[str, Any], xml: str
) -> None:
    """In safe mode: the envelope is JSON as well."""
    Phone(run(webhook, push_format="json")).event(**asked)
    assert json.loads(webhook.bodies[-1]).keys() == {"ToUserName", "Encrypt"}
    told = json.loads(timeless(webhook.opened[-1]))
    assert isinstance(told.pop("CreateTime"), int)
    assert told == {
        "ToUserName": "gh_a1b2c3d4e5f6",
        "FromUserName": sender_of(asked["event"]),
        "MsgType": "event",
        "Event": asked["event"],
        **fields,
    }


def test_a_script_may_write_any_field_as_no_sample_has_it(run: Run, webhook: Webhook) -> None:
    odd = {"MsgType": "Event", " OpenID": "o1", "List": [{"a": 1}, {"a": "b"}]}
    Phone(run(webhook, push_format="json")).event("user_info_modified", fields=odd)
    told = json.loads(webhook.opened[-1])
    assert (told["MsgType"], told[" OpenID"], told["List"]) == ("Event", "o1", odd["List"])


def test_a_list_of_a_script_is_a_repeated_element_in_xml(run: Run, plain: Webhook) -> None:
    Phone(run(plain)).event("x", fields={"List": [{"a": 1}, {"a": "b"}], " c": "d"})
    assert "<List><a>1</a></List><List><a><![CDATA[b]]></a></List>" in plain.opened[-1]
    assert "<c><![CDATA[d]]></c>" in plain.opened[-1]


@pytest.mark.parametrize(
    "asked",
    [
        {"event": "a b"},
        {"event": "CLICK", "key": 5},
        {"event": "subscribe_msg_popup_event"},
        {"event": "subscribe_msg_popup_event", "templates": ["S-READY"]},
        {"event": "user_authorization_revoke", "scopes": ["phone"]},
        {"event": "LOCATION", "lat": "north"},
        {"event": "pic_weixin", "count": 10},
        {"event": "x", "fields": []},
        {"event": "x", "fields": {"a><b": 1}},
    ],
)
def test_what_no_platform_would_push_is_refused(
    phone: Phone, webhook: Webhook, asked: dict[str, Any]
) -> None:
    answer = requests.post(phone.url, json={"type": "event", **asked}, timeout=5)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]
    assert webhook.pushes == []


def test_an_event_of_the_platform_names_the_person_inside(run: Run, plain: Webhook) -> None:
    phone = Phone(run(plain))
    phone.event("user_authorization_revoke", scopes=[8])
    assert plain.queries[-1]["openid"] == "weixin_platform"
    assert "<OpenID><![CDATA[o_test_user_1]]></OpenID>" in plain.opened[-1]
    assert phone.read()[-1]["kind"] == "event"
