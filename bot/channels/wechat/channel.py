"""WeChat as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.channels.wechat import replies
from bot.channels.wechat.choices import menu_of
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Rung


class WeChatChannel:
    """`ports.Channel` over one account's API."""

    name = "wechat"
    answers_at_once = True
    rungs: Sequence[Rung] = ("chat", "template", "subscription")

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
        text = replies.cut(replies.shown(reply, self._site, clickable=self._clickable))
        with self._client.within(timeout):
            if self._menus and reply.options and reply.mark and self._sent_as_menu(account, reply):
                return
            self._once(account, "send_text", text)

    def _sent_as_menu(self, account: AccountKey, reply: Reply) -> bool:
        """Whether the account may send menus, and this one went out. Raises `SendError`."""
        head = replies.cut(
            replies.shown(replace(reply, options=(), after="", footer=""), self._site)
        )
        tail = "\n".join(line for line in (reply.after, reply.footer) if line)
        menu = {"head_content": head, "list": menu_of(reply), "tail_content": tail}
        try:
            self._client.message.send_msg_menu(account.user, menu)
        except PlatformError as fault:
            if fault.kind in (Kind.ACCOUNT, Kind.BUG) and not fault.unknown:
                return False
            raise fault.as_send_error() from None
        return True

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A template message, which the platform de-duplicates by `key` for ten minutes, or one
        the person has subscribed to, which it does not."""
        site = f"{self._site.rstrip('/')}{message.path}" if message.path else ""
        with self._client.within(timeout):
            try:
                if message.rung == "template":
                    return self._client.send_template(account.user, message, site, key)
                return self._client.send_subscription(account.user, message, site)
            except PlatformError as fault:
                raise fault.as_send_error() from None

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """Upload and a customer-service message, within `timeout` seconds together."""
        with self._client.within(timeout):
            try:
                media_id = self._client.upload_picture(image)
            except PlatformError as fault:
                raise fault.harmless().as_send_error() from None
            self._once(account, "send_image", media_id)

    def _once(self, account: AccountKey, call: str, content: str) -> None:
        try:
            getattr(self._client.message, call)(account.user, content)
        except PlatformError as fault:
            raise fault.as_send_error() from None

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The picture a person sent, by its media id: the address beside it is not the
        platform's word in plain mode, and open to all who know it."""
        with self._client.within(timeout):
            try:
                return self._client.fetch_media(media.id, limit)
            except PlatformError as fault:
                raise fault.harmless().as_send_error() from None


class WeChatMiniChannel(WeChatChannel):
    """The chat of a mini program: its answers go by customer-service message, every one."""

    name = "wechat_mini"
    answers_at_once = False
    rungs: Sequence[Rung] = ("chat", "subscription")
