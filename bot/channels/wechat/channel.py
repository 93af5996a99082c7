"""WeChat as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.channels.wechat import replies
from bot.channels.wechat.choices import menu_of
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Manner, Rung


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
        text = replies.cut(replies.shown(reply, self._site, clickable=self._clickable))
        with self._client.within(timeout), as_send_errors():
            if self._menus and reply.options and reply.mark and self._sent_as_menu(account, reply):
                return
            self._client.send_text(account.user, text)

    def _sent_as_menu(self, account: AccountKey, reply: Reply) -> bool:
        """Whether the account may send menus, and this one went out. Raises PlatformError."""
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
            raise
        return True

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A template message, which the platform de-duplicates by `key` for ten minutes, or one
        the person has subscribed to, which it does not."""
        site = f"{self._site.rstrip('/')}{message.path}" if message.path else ""
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
