"""Events of a push: a reader for each that means something here, and the names of the others.

A reader gives what an `Update` holds beside its id, account and time (`user` in place of the
sender, where somebody else is meant), or None for an event that is only acknowledged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bot.channels.wechat.bodies import SENT_AS
from bot.channels.wechat.elements import inner, listed, name_in, text_of
from bot.channels.wechat.parsing import Fields
from bot.dialogue.messages import Kind

Read = dict[str, Any]
Reader = Callable[[Fields], Read | None]

_SCENE = "qrscene_"
_LONGEST_CODE = 100
_WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_MOST_SCOPES = 50


# --- somebody came, went, chose ---------------------------------------------------------------


def _keyed(kind: Kind) -> Reader:
    return lambda fields: {"kind": kind, "key": text_of(fields, "EventKey")}


def _followed(fields: Fields) -> Read:
    key = text_of(fields, "EventKey")
    # Seen there too, without being a scene: last_trade_no_… of a payment.
    scene = key.removeprefix(_SCENE) if key.startswith(_SCENE) else ""
    return {"kind": Kind.SUBSCRIBE, "key": scene}


def _scanned(fields: Fields) -> Read:
    """A menu key that opened the camera and waits for an answer to what it read."""
    result = text_of(inner(fields, "ScanCodeInfo"), "ScanResult")
    return {"kind": Kind.CLICK, "key": text_of(fields, "EventKey"), "text": result}


def _entered(fields: Fields) -> Read:
    return {"kind": Kind.ENTER, "key": text_of(fields, "SessionFrom")}


def _desk(key: str) -> Reader:
    return lambda fields: {"kind": Kind.DESK, "key": key}


# --- subscriptions ----------------------------------------------------------------------------


def _told(fields: Fields) -> list[Fields]:
    """The templates of a subscription event: in `List` (JSON), or in a wrapper of its own (XML),
    which the platform's samples sometimes give the name of another event."""
    places = (fields, *(inner(fields, wrapper) for wrapper in _WRAPPERS))
    return next((found for place in places if (found := listed(place.get("List")))), [])


def _templates(fields: Fields, status: str) -> Iterator[str]:
    """The ids of the templates with this status, as often as they are named."""
    for one in _told(fields):
        template = text_of(one, "TemplateId").strip()
        if template and name_in(one, "SubscribeStatusString") == status:
            yield template


def _credits(accepted: Iterable[str], refused: Iterable[str]) -> Read | None:
    counts: dict[str, int] = {}
    for template in accepted:
        counts[template] = counts.get(template, 0) + 1
    told = {"accepted": counts, "refused": list(dict.fromkeys(refused))}
    return {"kind": Kind.CREDITS, "data": told} if any(told.values()) else None


def _asked(fields: Fields) -> Read | None:
    return _credits(_templates(fields, "accept"), _templates(fields, "reject"))


def _changed(fields: Fields) -> Read | None:
    """Settings of the account: they take permissions away, and give none to send by."""
    return _credits((), _templates(fields, "reject"))


# --- what became of a message -----------------------------------------------------------------


def _finished(fields: Fields) -> Read | None:
    status = text_of(fields, "Status").strip()
    number = text_of(fields, "MsgID") or text_of(fields, "MsgId")
    return _deliveries([(number, _became(status), status)])


def _sent(fields: Fields) -> Read | None:
    return _deliveries(_outcome(one) for one in _told(fields))


def _outcome(one: Fields) -> tuple[str, str, str]:
    code, status = text_of(one, "ErrorCode").strip(), text_of(one, "ErrorStatus").strip()
    result = "delivered" if code == "0" else _became(status)
    if code not in ("", "0") and result == "delivered":
        result = "failed"
    return text_of(one, "MsgID"), result, f"{code} {status}".strip()


def _became(status: str) -> str:
    """`success`, `failed:user block`, `failed: system failed`, `failed:freq limit` …"""
    said = status.lower()
    if said == "success":
        return "delivered"
    if any(word in said for word in ("block", "refuse", "reject")):
        return "blocked"
    return "limited" if "limit" in said else "failed"


def _deliveries(outcomes: Iterable[tuple[str, str, str]]) -> Read | None:
    """One update however many messages a push tells of: the first by itself, the rest beside."""
    known = [
        (number, result, code[:_LONGEST_CODE])
        for number, result, code in outcomes
        if SENT_AS.fullmatch(number)
    ]
    if not known:
        return None
    (number, result, code), *others = known
    data: dict[str, Any] = {"result": result, "code": code}
    if others:
        data["others"] = [list(other) for other in others]
    return {"kind": Kind.DELIVERY, "key": number, "data": data}


# --- what became of 群发 -----------------------------------------------------------------------


def _mass_finished(fields: Fields) -> Read | None:
    """Its numbers, of which none is of one person: the sender is the platform's assistant. What is
    not told is None."""
    sent_as = text_of(fields, "MsgID") or text_of(fields, "MsgId")
    if not SENT_AS.fullmatch(sent_as):
        return None
    status = text_of(fields, "Status").strip()
    went_well = status.lower().replace(" ", "") == "sendsuccess"
    numbers = {name: _number(fields, element) for name, element in _NUMBERS.items()}
    failed = "" if went_well else status[:_LONGEST_CODE] or "no status"
    return {"kind": Kind.MASS, "key": sent_as, "data": {"failed": failed, **numbers}}


_NUMBERS = {"filter_count": "FilterCount", "sent_count": "SentCount", "error_count": "ErrorCount"}


def _number(fields: Fields, name: str) -> int | None:
    told = text_of(fields, name).strip()
    return int(told) if re.fullmatch(r"\d{1,9}", told, re.ASCII) else None


# --- duties -----------------------------------------------------------------------------------


def _withdrawn(what: str) -> Reader:
    """The sender is the platform; the person stands in OpenID."""

    def read(fields: Fields) -> Read:
        scopes = re.findall(r"\d{1,6}", text_of(fields, "RevokeInfo"), re.ASCII)[:_MOST_SCOPES]
        user = text_of(fields, "OpenID").strip()
        return {"kind": Kind.REVOKED, "user": user, "data": {"what": what, "scopes": scopes}}

    return read


def _checked(fields: Fields) -> Read:
    verdict = _verdict(fields) if "result" in fields else _first_verdict(fields)
    return {
        "kind": Kind.CHECKED,
        "key": text_of(fields, "trace_id")[:100],
        "data": {"verdict": verdict},
    }


def _verdict(fields: Fields) -> str:
    """Version 2: what the platform suggests."""
    suggested = name_in(inner(fields, "result"), "suggest")
    went_well = text_of(fields, "errcode").strip() in ("", "0")
    return suggested if went_well and suggested in ("pass", "review", "risky") else "failed"


def _first_verdict(fields: Fields) -> str:
    """Version 1: a status other than 0 means that the picture could not even be fetched."""
    if text_of(fields, "status_code").strip() not in ("", "0"):
        return "failed"
    return {"0": "pass", "1": "risky"}.get(text_of(fields, "isrisky").strip(), "failed")


READERS: Mapping[str, Reader] = {
    "subscribe": _followed,
    "unsubscribe": lambda fields: {"kind": Kind.UNSUBSCRIBE},
    "scan": _keyed(Kind.SCAN),
    "click": _keyed(Kind.CLICK),
    "scancode_waitmsg": _scanned,
    "user_enter_tempsession": _entered,
    "kf_create_session": _desk("begin"),
    "kf_switch_session": _desk("switch"),
    "kf_close_session": _desk("end"),
    "subscribe_msg_popup_event": _asked,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _sent,
    "templatesendjobfinish": _finished,
    "masssendjobfinish": _mass_finished,
    "user_authorization_revoke": _withdrawn("revoke"),
    "user_authorization_cancellation": _withdrawn("cancellation"),
    "wxa_media_check": _checked,
}
"""By the event's name in lower case."""

ACKNOWLEDGED = frozenset(
    {
        # a menu button that shows a page, opens the camera or is followed by a message
        "view", "view_miniprogram", "view_limited", "media_id", "scancode_push", "pic_sysphoto",
        "pic_photo_or_album", "pic_weixin", "location_select", "article_id", "article_view_limited",
        # a report each five seconds while the chat is open
        "location",
        "user_info_modified",
        # what the account's own staff did, and how it stands
        "publishjobfinish", "qualification_verify_success",
        "qualification_verify_fail", "naming_verify_success", "naming_verify_fail",
        "annual_renew", "verify_expired", "weapp_audit_success", "weapp_audit_fail",
        "weapp_audit_delay", "wxa_nickname_audit", "poi_check_notify",
        # coupons and membership cards
        "card_pass_check", "card_not_pass_check", "user_get_card", "user_gifting_card",
        "user_del_card", "user_consume_card", "user_pay_from_pay_cell", "user_view_card",
        "user_enter_session_from_card", "update_member_card", "card_sku_remind",
        "card_pay_order", "submit_membercard_user_info", "card_merchant_check_result",
        # shops, scanned goods, invoices, things nearby
        "merchant_order", "user_scan_product", "user_scan_product_enter_session",
        "user_scan_product_async", "user_scan_product_verify_action", "subscribe_scan_product",
        "user_authorize_invoice", "update_invoice_status", "submit_invoice_title",
        "shakearound_user_shake", "wificonnected",
        # what the console's test tool sends
        "debug_demo",
    }
)  # fmt: skip
"""Known names that ask for nothing here; others are acknowledged too, and counted as `other`."""
