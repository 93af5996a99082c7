"""The events of sent messages and subscriptions: what became of one, who allows the next.

Source: developers.weixin.qq.com, 模板消息事件, 订阅通知事件.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.simulator.event_values import Asked, BadEvent, number, text
from bot.simulator.push import Fields, Rows


def template_result(msgid: int, status: str = "success") -> Fields:
    """What became of a template message."""
    return {
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": msgid,
        "Status": status,
    }


def asked_template_result(asked: Asked) -> Fields:
    return template_result(int(number(asked, "msgid")), text(asked, "status", "success"))


def mass_result(
    msgid: int,
    status: str = "send success",
    total: int = 100,
    left: int = 80,
    sent: int = 75,
    failed: int = 5,
) -> Fields:
    """What became of 群发 to `total` people, of whom so many were `left` after the platform's
    filter of who had four in this month or wants none."""
    return {
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": msgid,
        "Status": status,
        "TotalCount": total,
        "FilterCount": left,
        "SentCount": sent,
        "ErrorCount": failed,
    }


def asked_mass_result(asked: Asked) -> Fields:
    numbers = [("total", 100), ("filter", 80), ("sent", 75), ("error", 5)]
    counts = [int(number(asked, name, usual)) for name, usual in numbers]
    return mass_result(int(number(asked, "msgid")), text(asked, "status", "send success"), *counts)


def popup(choices: Sequence[tuple[str, bool]], scene: str) -> Fields:
    """The person answered a pop-up that asked for these templates. `scene`: 0 mini program,
    1 page, 2 article."""
    rows = [
        {
            "TemplateId": template,
            "SubscribeStatusString": "accept" if accepted else "reject",
            "PopupScene": scene,
        }
        for template, accepted in choices
    ]
    return {
        "MsgType": "event",
        "Event": "subscribe_msg_popup_event",
        "SubscribeMsgPopupEvent": Rows(rows),
    }


def change(templates: Sequence[str], wrapper: str = "SubscribeMsgChangeEvent") -> Fields:
    """The person switched these off in the settings. The manual's sample has the pop-up's
    wrapper: `wrapper` chooses."""
    rows = [{"TemplateId": id, "SubscribeStatusString": "reject"} for id in templates]
    return {"MsgType": "event", "Event": "subscribe_msg_change_event", wrapper: Rows(rows)}


def subscription_result(template: str, msgid: int, code: int, status: str) -> Fields:
    """What became of a subscription message; its id is a text here."""
    row = {
        "TemplateId": template,
        "MsgID": str(msgid),
        "ErrorCode": str(code),
        "ErrorStatus": status,
    }
    return {
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
        "SubscribeMsgSentEvent": Rows([row]),
    }


def asked_subscription_result(asked: Asked) -> Fields:
    code = int(number(asked, "code"))
    status = text(asked, "status", "success" if not code else "failed")
    return subscription_result(text(asked, "template"), int(number(asked, "msgid")), code, status)


def asked_popup(asked: Asked) -> Fields:
    return popup(_choices(asked), text(asked, "scene", "1"))


def asked_change(asked: Asked) -> Fields:
    wrapper = text(asked, "wrapper", "SubscribeMsgChangeEvent")
    return change([id for id, _ in _choices(asked)], wrapper)


def _choices(asked: Asked) -> list[tuple[str, bool]]:
    choices = asked.get("templates", {})
    if not isinstance(choices, dict) or not choices:
        raise BadEvent("templates is an object of template ids and whether it was accepted")
    return [(id, bool(accepted)) for id, accepted in choices.items()]
