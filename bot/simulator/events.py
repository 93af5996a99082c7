"""What the platform tells of people and of itself, as scripts ask for it: the fields of an event.

Source: developers.weixin.qq.com, 接收事件推送, 自定义菜单事件推送, 模板消息事件, 订阅通知事件,
用户授权信息变更, 内容安全. Where a sample of the manual and the wire differ, the wire counts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from bot.simulator.desk import STAFF
from bot.simulator.event_values import Asked, BadEvent, number, text
from bot.simulator.push import Fields
from bot.simulator.result_events import (
    asked_change,
    asked_mass_result,
    asked_popup,
    asked_subscription_result,
    asked_template_result,
)

PLATFORM = "weixin_platform"
"""Who sends what no person did: the person then stands in OpenID."""

_NAME = re.compile(r" ?[A-Za-z_]\w{0,63}", re.ASCII)


def event_fields(event: str, asked: Asked, app_id: str, account: str) -> Fields:
    """All elements of the event `event` but the addresses and the time. Raises `BadEvent`."""
    build = _EVENTS.get(event, _unknown)
    context = {**asked, "app_id": app_id, "account": account}
    return {"MsgType": "event", "Event": event, **build(context)}


def more_fields(asked: Asked) -> Fields:
    """Elements that a script wants as it writes them. Raises `BadEvent`."""
    fields = asked.get("fields", {})
    if not isinstance(fields, dict):
        raise BadEvent("fields is an object of names and values")
    if not all(_NAME.fullmatch(name) for name in fields):
        raise BadEvent("fields are named by letters, digits and _")
    return fields


def _unknown(asked: Asked) -> Fields:
    return {"EventKey": text(asked, "key")}


# --- following, codes and menus ---------------------------------------------------------------


def _subscribe(asked: Asked) -> Fields:
    key = text(asked, "key")
    # Seen there too, without being a scene: last_trade_no_… of a payment.
    if key and not key.startswith(("qrscene_", "last_trade_no_")):
        key = f"qrscene_{key}"
    return {"EventKey": key, **_ticket(asked, key)}


def _scan(asked: Asked) -> Fields:
    key = text(asked, "key")
    return {"EventKey": key, **_ticket(asked, key)}


def _ticket(asked: Asked, key: str) -> Fields:
    """The QR code's ticket stands beside every scene."""
    ticket = text(asked, "ticket", f"TICKET_{key}" if key else "")
    return {"Ticket": ticket} if ticket else {}


def _location(asked: Asked) -> Fields:
    names = {"Latitude": "lat", "Longitude": "lng", "Precision": "precision"}
    return {field: float(number(asked, name)) for field, name in names.items()}


def _view(asked: Asked) -> Fields:
    return {"EventKey": text(asked, "key"), "MenuId": text(asked, "menu_id", "MENUID")}


def _scancode(asked: Asked) -> Fields:
    info = {
        "ScanType": text(asked, "scan_type", "qrcode"),
        "ScanResult": text(asked, "result", "1"),
    }
    return {"EventKey": text(asked, "key"), "ScanCodeInfo": info}


def _pictures(asked: Asked) -> Fields:
    count = int(number(asked, "count", 1))
    if not 0 <= count <= 9:
        raise BadEvent("count is 0 to 9")
    items = [{"PicMd5Sum": secrets.token_hex(16)} for _ in range(count)]
    info = {"Count": count, "PicList": {"item": items}}
    return {"EventKey": text(asked, "key"), "SendPicsInfo": info}


def _chosen_place(asked: Asked) -> Fields:
    info = {
        "Location_X": str(number(asked, "lat")),
        "Location_Y": str(number(asked, "lng")),
        "Scale": str(int(number(asked, "scale", 15))),
        "Label": text(asked, "label"),
        "Poiname": text(asked, "poi"),
    }
    return {"EventKey": text(asked, "key"), "SendLocationInfo": info}


# --- the rest ---------------------------------------------------------------------------------


def _enter(asked: Asked) -> Fields:
    return {"SessionFrom": text(asked, "key")}


def _media_check(asked: Asked) -> Fields:
    """Version 2, or 1 when asked for."""
    trace = text(asked, "trace_id", secrets.token_hex(8))
    if number(asked, "version", 2) == 1:
        failed = bool(asked.get("failed"))
        return {
            "isrisky": 0 if failed else int(bool(asked.get("risky"))),
            "extra_info_json": "",
            "appid": asked["app_id"],
            "trace_id": trace,
            "status_code": 4294966288 if failed else 0,
        }
    suggest = text(asked, "suggest", "pass")
    verdict = {"suggest": suggest, "label": int(number(asked, "label", 100))}
    return {
        "appid": asked["app_id"],
        "trace_id": trace,
        "version": 2,
        "detail": [{"strategy": "content_model", "errcode": 0, "prob": 90, **verdict}],
        "errcode": int(number(asked, "errcode")),
        "errmsg": text(asked, "errmsg", "ok"),
        "result": verdict,
    }


def _authorization(asked: Asked) -> Fields:
    scopes = asked.get("scopes", [])
    if not isinstance(scopes, list) or not all(isinstance(s, int) for s in scopes):
        raise BadEvent("scopes is a list of numbers: 8 phone, 14 picture, 13 location …")
    return {
        "OpenID": text(asked, "openid"),
        "AppID": asked["app_id"],
        "RevokeInfo": ",".join(str(scope) for scope in scopes),
        "PluginID": "",
        "OpenPID": "",
    }


def staff_name(asked: Asked, name: str, default: str) -> str:
    """A person of the desk on the wire: `desk1@gh_…`."""
    who = text(asked, name, default)
    return who if "@" in who else f"{who}@{asked['account']}"


def _session(asked: Asked) -> Fields:
    return {"KfAccount": staff_name(asked, "kf_account", STAFF[0])}


def _switch(asked: Asked) -> Fields:
    return {
        "FromKfAccount": staff_name(asked, "from", STAFF[0]),
        "ToKfAccount": staff_name(asked, "to", STAFF[1]),
    }


def _demo(asked: Asked) -> Fields:
    return {"debug_str": text(asked, "text", "hello world")}


_EVENTS: dict[str, Callable[[Asked], Fields]] = {
    "subscribe": _subscribe,
    "SCAN": _scan,
    "LOCATION": _location,
    "VIEW": _view,
    "view_miniprogram": _view,
    "scancode_push": _scancode,
    "scancode_waitmsg": _scancode,
    "pic_sysphoto": _pictures,
    "pic_photo_or_album": _pictures,
    "pic_weixin": _pictures,
    "location_select": _chosen_place,
    "TEMPLATESENDJOBFINISH": asked_template_result,
    "subscribe_msg_popup_event": asked_popup,
    "subscribe_msg_change_event": asked_change,
    "subscribe_msg_sent_event": asked_subscription_result,
    "user_enter_tempsession": _enter,
    "wxa_media_check": _media_check,
    "user_info_modified": _authorization,
    "user_authorization_revoke": _authorization,
    "user_authorization_cancellation": _authorization,
    "kf_create_session": _session,
    "kf_close_session": _session,
    "kf_switch_session": _switch,
    "MASSSENDJOBFINISH": asked_mass_result,
    "debug_demo": _demo,
}

OF_THE_PLATFORM = frozenset(
    {
        "user_info_modified",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    }
)
"""The platform itself is the sender of these."""
