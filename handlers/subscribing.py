"""Where a person is shown the way to notices in WeChat: after handing in, and after progress."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.dialogue.messages import Link, Reply

PAGE = "/notices"


def offers(turn: Any) -> bool:
    """Whether WeChat could ask this person: there is something that can be subscribed to."""
    return bool(turn.manner.subscribes == "wechat" and turn.city.wechat.subscriptions)


def offer(turn: Any) -> str:
    """The sentence that holds the label of `link`."""
    return str(turn.say("subscribe.offer", label=turn.say("subscribe.label")))


def link(turn: Any) -> Link:
    """To the page where WeChat asks, in the chat's language, whatever the phone's is."""
    return Link(f"{PAGE}?lang={turn.session.locale[:2]}", turn.say("subscribe.label"))


def with_offer(turn: Any, reply: Reply) -> Reply:
    """The reply and, where WeChat could ask, a line with the way there."""
    if not offers(turn):
        return reply
    text = f"{reply.text}\n{offer(turn)}"
    return replace(reply, text=text, links=(*reply.links, link(turn)))
