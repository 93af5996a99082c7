"""WeChat as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from bot.channels.wechat import bodies, replies
from bot.channels.wechat.choices import menu_of
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Manner, Rung

CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
MINI_SUBSCRIPTION = "/cgi-bin/message/subscribe/send"
Wire = tuple[str, dict[str, Any]]
"""A path of the API, and the JSON for it."""


class WeChatChannel:
    """`ports.Channel` over one account's API."""

    name = "wechat"
    answers_at_once = True
    rungs: Sequence[Rung] = ("chat", "template", "subscription")
    manner = Manner(subscribes="wechat")

    def __init__(
        self, client: PlatformClient, site: str, *, clickable: bool = False, menus: bool = False
    ) -> None:
        """`site` is the address before links that are only paths. Options are `clickable` in
        texts, or sent as `menus` of the platform where the account may."""
        self._client, self._site = client, site
        self._clickable, self._menus = clickable, menus

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """What one message can hold: see `replies.fit`. Handing over to the desk leaves no room
        for a text, and so none for mail."""
        if reply is not None and reply.desk:
            return reply, 0
        return replies.fit(reply, mail, self._site)

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        """A customer-service message. The platform does not de-duplicate it, so `key` is of no
        use here, and an answer that did not come is `unknown`. Pictures go by `send_picture`."""
        text, menu = self.text_of(reply), self.menu_of(reply)
        with self._client.within(timeout), as_send_errors():
            if menu and self._sent_as_menu(account, menu):
                return
            self._client.send_text(account.user, text)

    def text_of(self, reply: Reply) -> str:
        """The whole message as one text."""
        return replies.cut(replies.shown(reply, self._site, clickable=self._clickable))

    def menu_of(self, reply: Reply) -> dict[str, Any] | None:
        """The same as the platform's menu, where its options go as one."""
        if not (self._menus and reply.options and reply.mark):
            return None
        head = replies.cut(
            replies.shown(replace(reply, options=(), after="", footer=""), self._site)
        )
        tail = "\n".join(line for line in (reply.after, reply.footer) if line)
        return {"head_content": head, "list": menu_of(reply), "tail_content": tail}

    # --- the same for who makes the calls of many at once ---

    def chat_calls(self, account: AccountKey, reply: Reply) -> list[Wire]:
        """What `send` calls: where there are two, the second for accounts that may not do the
        first. Raises PlatformError."""
        text = bodies.text(account.user, self.text_of(reply))
        menu = self.menu_of(reply)
        shown = [(CUSTOM, bodies.menu(account.user, menu))] if menu else []
        return [*shown, (CUSTOM, text)]

    def filled_call(self, account: AccountKey, message: Filled, key: str) -> Wire:
        """What `send_filled` calls. Raises PlatformError."""
        page = self.page_of(message)
        if message.rung == "template":
            return TEMPLATE, bodies.template(account.user, message, page, key)
        return SUBSCRIPTION, bodies.subscription(account.user, message, page)

    def page_of(self, message: Filled) -> str:
        """The address that a tap opens, "" for none."""
        return f"{self._site.rstrip('/')}{message.path}" if message.path else ""

    def _sent_as_menu(self, account: AccountKey, menu: dict[str, Any]) -> bool:
        """Whether the account may send menus, and this one went out. Raises PlatformError."""
        try:
            self._client.message.send_msg_menu(account.user, menu)
        except PlatformError as fault:
            if fault.kind in (Kind.ACCOUNT, Kind.BUG) and not fault.unknown:
                return False
            raise
        return True

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A template message, which the platform de-duplicates by `key` for ten minutes, or one
        the person has subscribed to, which it does not."""
        site = self.page_of(message)
        with self._client.within(timeout), as_send_errors():
            if message.rung == "template":
                return self._client.send_template(account.user, message, site, key)
            return self._client.send_subscription(account.user, message, site)

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """Upload and a customer-service message, within `timeout` seconds together. A media id
        that the platform does not know any more is drawn once again."""
        with self._client.within(timeout), as_send_errors():
            media_id = self._uploaded(image)
            try:
                self._client.send_image(account.user, media_id)
            except PlatformError as fault:
                if fault.kind is not Kind.MEDIA:
                    raise
                self._client.send_image(account.user, self._uploaded(image))

    def _uploaded(self, image: bytes) -> str:
        """An upload shows nobody anything: repeating one does no harm."""
        with harmless():
            return self._client.upload_picture(image)

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The picture a person sent, by its media id: the address beside it is not the
        platform's word in plain mode, and open to all who know it."""
        with self._client.within(timeout), as_send_errors(), harmless():
            return self._client.fetch_media(media.id, limit)


class WeChatMiniChannel(WeChatChannel):
    """The chat of a mini program: its answers go by customer-service message, every one."""

    name = "wechat_mini"
    answers_at_once = False
    rungs: Sequence[Rung] = ("chat", "subscription")
    manner = Manner()

    def __init__(self, client: PlatformClient, site: str, *, version: str = "formal") -> None:
        """`version` of the mini program is what a tap on a message opens."""
        super().__init__(client, site)
        self._version = version

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A message the person has subscribed to. A tap opens the mini program where it begins:
        the pages of our site are none of its."""
        with self._client.within(timeout), as_send_errors():
            return self._client.send_mini_subscription(
                account.user, message, "", state=self._version
            )

    def filled_call(self, account: AccountKey, message: Filled, key: str) -> Wire:
        return mini_call(account, message, self._version)


def mini_call(account: AccountKey, message: Filled, version: str) -> Wire:
    """What a mini program sends who has subscribed. Raises PlatformError."""
    body = bodies.mini_subscription(account.user, message, "", version, "zh_CN")
    return MINI_SUBSCRIPTION, body


@contextmanager
def as_send_errors() -> Iterator[None]:
    """What the platform refuses inside, as the turn and the worker know it."""
    try:
        yield
    except PlatformError as fault:
        raise fault.as_send_error() from None


@contextmanager
def harmless() -> Iterator[None]:
    """Nothing inside is done by being carried out unnoticed."""
    try:
        yield
    except PlatformError as fault:
        raise fault.harmless() from None
