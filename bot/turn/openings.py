"""What a person's update lets us send by API message, by the allowances of the city's profile."""

from __future__ import annotations

from datetime import datetime

from bot.dialogue.messages import Kind, Update
from bot.sessions import Opening
from config.city import City
from config.city_wechat import Act

_ACTS: dict[Kind, Act] = {  # a text with a key is a tapped option
    Kind.TEXT: "message",
    Kind.IMAGE: "message",
    Kind.VOICE: "message",
    Kind.LOCATION: "message",
    Kind.LINK: "message",
    Kind.VIDEO: "message",
    Kind.OTHER: "message",
    Kind.CLICK: "click",
    Kind.SUBSCRIBE: "subscribe",
    Kind.SCAN: "scan",
    Kind.ENTER: "enter",
}


def opening(city: City, update: Update, now: datetime) -> Opening | None:
    """None for what allows nothing in this channel: a report of the platform, work of our own."""
    act: Act | None
    act = "option" if update.kind is Kind.TEXT and update.key else _ACTS.get(update.kind)
    if act is None:
        return None
    allowance = city.allowances(update.account.channel).get(act)
    if allowance is None:
        return None
    return Opening(act, allowance.messages, now.timestamp() + allowance.seconds)
