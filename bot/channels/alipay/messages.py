"""What can be sent by the gateway: customer-service messages, and approved wordings.

None of these methods knows a key of ours, so that nothing is sent twice by itself: an answer that
did not come leaves the end unknown. Source of the fields: Alipay's own SDK models, 2026-05.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from bot.channels.alipay import media
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.identities import Recipient
from bot.channels.alipay.values import sendable
from bot.ports import Filled, SendError

CUSTOM_SEND = "alipay.open.public.message.custom.send"
SINGLE_SEND = "alipay.open.public.message.single.send"
TEMPLATE_SEND = "alipay.open.app.mini.templatemessage.send"
SUBSCRIPTIONS = "alipay.open.app.messagetemplate.subscribe.query"

_ALLOWED = ("true", "1", "subscribe", "subscribed", "agree")

MOST_ARTICLES = 10
DATA_LENGTH = 2048
_HEAD_COLOR, _TEXT_COLOR = "#1677FF", "#333333"
_NAMES: Mapping[str, str] = MappingProxyType({"open_id": "to_open_id"})


@dataclass(frozen=True, slots=True)
class Article:
    """A card that opens `url`. `image_url` was uploaded to Alipay, or empty."""

    title: str
    desc: str
    url: str
    image_url: str = ""
    action_name: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whether a person lets us send by a template. `lasting`: again and again, not once."""

    template: str
    allowed: bool
    lasting: bool


class AlipayMessages:
    """`channel.Messages` over the gateway. Every method raises `SendError`.

    `chat` "1" shows messages in the list of conversations, "0" on the account's own page;
    `action_name` stands on the button of a template, at most eight Chinese characters.
    `media_address` and `media_method` are of the pictures that people send.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        chat: Literal["0", "1"] = "1",
        action_name: str = "查看详情",
        media_address: str = media.ADDRESS,
        media_method: str = media.METHOD,
    ) -> None:
        self._gateway, self._chat, self._action_name = gateway, chat, action_name
        self._media = (media_address, media_method)

    def send_text(self, to: Recipient, text: str, timeout: float) -> None:
        """`custom.send` of a text. Without `event_type`, which would bind it to one event."""
        if not text:
            raise SendError("bug", "an empty text")
        self._custom(to, {"msg_type": "text", "text": {"content": text}}, timeout)

    def send_articles(self, to: Recipient, articles: Sequence[Article], timeout: float) -> None:
        """`custom.send` of one to ten cards, the first of them large."""
        if not 0 < len(articles) <= MOST_ARTICLES:
            raise SendError("bug", f"{len(articles)} cards, {MOST_ARTICLES} at most")
        rows = [_filled_in(article) for article in articles]
        self._custom(to, {"msg_type": "image-text", "articles": rows}, timeout)

    def _custom(self, to: Recipient, message: dict[str, Any], timeout: float) -> None:
        named = {"open_id" if to.kind == "open_id" else "to_user_id": to.value}
        with self._gateway.within(timeout), as_send_errors():
            self._gateway.call(CUSTOM_SEND, {**named, **message, "chat": self._chat})

    def send_template(self, to: Recipient, message: Filled, url: str, timeout: float) -> str:
        """`single.send` of a wording that Alipay approved; a tap opens `url`. No id is told."""
        with self._gateway.within(timeout), as_send_errors():
            values = sendable(message.values)
            context: dict[str, Any] = {
                "head_color": _HEAD_COLOR,
                **({"url": url, "action_name": self._action_name} if url else {}),
                **{key: {"value": value, "color": _TEXT_COLOR} for key, value in values.items()},
            }
            template = {"template_id": message.template, "context": context}
            self._gateway.call(SINGLE_SEND, {**_addressed(to), "template": template})
        return ""

    def send_subscription(self, to: Recipient, message: Filled, page: str, timeout: float) -> str:
        """In the mini program: a message the person has subscribed to; a tap opens `page`."""
        with self._gateway.within(timeout), as_send_errors():
            values = {key: {"value": value} for key, value in sendable(message.values).items()}
            data = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
            if len(data) > DATA_LENGTH:
                raise GatewayError(Kind.BUG, f"values of more than {DATA_LENGTH} characters")
            asked = {"user_template_id": message.template, "page": page, "data": data}
            self._gateway.call(TEMPLATE_SEND, {**_addressed(to), **asked})
        return ""

    def subscriptions(
        self, who: Recipient, templates: Sequence[str], timeout: float
    ) -> list[Subscription]:
        """By which of these templates the person lets us send."""
        named = {"open_id" if who.kind == "open_id" else "user_id": who.value}
        asked = {**named, "template_id_list": list(templates)}
        with self._gateway.within(timeout), as_send_errors():
            told = self._gateway.call(SUBSCRIPTIONS, asked, repeatable=True)
        rows = told.get("subscribe_relations")
        return [_subscription(row) for row in rows or () if isinstance(row, dict)]

    def fetch_image(self, media_id: str, limit: int, timeout: float) -> bytes:
        """The picture a person sent, at most `limit` bytes."""
        address, method = self._media
        with self._gateway.within(timeout), as_send_errors():
            return media.fetch_image(self._gateway, media_id, limit, address, method)


@contextmanager
def as_send_errors() -> Iterator[None]:
    """What the gateway refuses inside, as the turn and the worker know it."""
    try:
        yield
    except GatewayError as fault:
        raise fault.as_send_error() from None


def _addressed(to: Recipient) -> dict[str, str]:
    """The one field that names the person: an id of the time before `user_id` goes there too."""
    return {_NAMES.get(to.kind, "to_user_id"): to.value}


def _filled_in(article: Article) -> dict[str, str]:
    rows = {name: str(getattr(article, name)) for name in Article.__slots__}
    return {name: value for name, value in rows.items() if value}


def _subscription(row: Mapping[str, Any]) -> Subscription:
    """`subscribe_state` and `keep_state` come as booleans or as texts; a state that is not known
    allows nothing."""
    allowed = str(row.get("subscribe_state")).lower() in _ALLOWED
    lasting = str(row.get("keep_state")).lower() in ("true", "1") or (
        str(row.get("subscribe_type")).lower() in ("long", "long_term", "permanent")
    )
    return Subscription(str(row.get("template_id", "")), allowed, lasting)
