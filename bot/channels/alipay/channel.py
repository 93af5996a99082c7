"""The life account's chat as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.channels import fitting
from bot.channels.alipay import texts
from bot.channels.alipay.identities import Recipient, Recipients, recipient_of
from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Manner, Rung, SendError


class Messages(Protocol):
    """What the channel asks of the gateway's client. Every method raises `SendError`."""

    def send_text(self, to: Recipient, text: str, timeout: float) -> None:
        """`alipay.open.public.message.custom.send`. Nothing de-duplicates it there."""

    def send_template(self, to: Recipient, message: Filled, url: str, timeout: float) -> str:
        """`alipay.open.public.message.single.send`; the message's id, "" where there is none."""

    def fetch_image(self, media_id: str, limit: int, timeout: float) -> bytes:
        """The picture a person sent, at most `limit` bytes."""


class AlipayChannel:
    """`ports.Channel` over one life account. It has no passive replies: every answer is mail."""

    name = "alipay"
    answers_at_once = False
    rungs: Sequence[Rung] = ("chat", "template")

    def __init__(
        self,
        client: Messages,
        recipients: Recipients,
        site: str,
        *,
        applies: bool = False,
        text_bytes: int = 2048,
        greets_every: timedelta = timedelta(days=1),
    ) -> None:
        """`site` is the address before links that are only paths; `applies`: forms are filled in
        here; `text_bytes` is what one text may hold. Alipay tells of everybody who opens the chat,
        who is greeted again after `greets_every`."""
        self._client, self._recipients, self._site = client, recipients, site
        self._limit = text_bytes
        self.manner = Manner(
            texts="alipay", applies=applies, subscribes="alipay", greets_every=greets_every
        )

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """What one text can hold: see `fitting.fit`."""
        return fitting.fit(reply, mail, self._shown, self._limit)

    def _shown(self, reply: Reply) -> str:
        return texts.shown(reply, self._site)

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        """A customer-service message. The platform does not de-duplicate it, so `key` is of no
        use here, and an answer that did not come is `unknown`."""
        text = fitting.cut(self._shown(reply), self._limit)
        self._client.send_text(recipient_of(self._recipients, account), text, timeout)

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A message in a wording that Alipay approved. A tap opens a page of our site."""
        url = f"{self._site.rstrip('/')}{message.path}" if message.path else ""
        to = recipient_of(self._recipients, account)
        return self._client.send_template(to, message, url, timeout)

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """A text is all that can be sent here: who would show a picture shows its link."""
        raise SendError("account", "no pictures here")

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The picture a person sent."""
        return self._client.fetch_image(media.id, limit, timeout)
