"""Where a person is shown the way to notices in their channel, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from bot.dialogue.messages import Link, Reply

PAGE = "/notices"
Moment = Literal["submitted", "progress", "remembered"]
MOMENTS: Mapping[str, tuple[Moment, ...]] = {
    "wechat": ("submitted", "progress"),
    "alipay": ("submitted", "remembered"),
}
"""When it is offered, by who asks for leave to send. In WeChat one leave is one message, so that it
is offered again and again; in Alipay once."""


def offers(turn: Any, moment: Moment) -> bool:
    """Whether the platform could ask this person now: something can be subscribed to there."""
    asks = turn.manner.subscribes
    if moment not in MOMENTS.get(asks, ()):
        return False
    if asks == "wechat":
        return bool(turn.city.wechat.subscriptions)
    return bool(turn.city.alipay.mini_templates and turn.city.alipay.subscribe_page)


def offer(turn: Any) -> str:
    """The sentence that holds the label of `link`."""
    return str(turn.say("subscribe.offer", label=turn.say("subscribe.label")))


def link(turn: Any) -> Link:
    """To the page where the platform asks: WeChat on a page of our site, in the chat's language
    whatever the phone's is; Alipay in a mini program alone."""
    label = turn.say("subscribe.label")
    if turn.manner.subscribes == "alipay":
        return Link(turn.city.alipay.subscribe_page, label)
    return Link(f"{PAGE}?lang={turn.session.locale[:2]}", label)


def with_offer(turn: Any, reply: Reply, moment: Moment) -> Reply:
    """The reply and, where the platform could ask, a line with the way there."""
    if not offers(turn, moment):
        return reply
    text = f"{reply.text}\n{offer(turn)}"
    return replace(reply, text=text, links=(*reply.links, link(turn)))
