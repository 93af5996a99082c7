"""Alipay's mini program, whose pages our JSON API feeds, as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.channels.alipay.identities import Recipient, Recipients, recipient_of
from bot.channels.web.channel import PageChannel
from bot.channels.web.uploads import Uploads
from bot.dialogue.messages import AccountKey
from bot.ports import Filled, Manner, Rung
from bot.sessions import Transcripts


class Subscriptions(Protocol):
    """What the channel asks of the gateway's client. Raises `SendError`."""

    def send_subscription(self, to: Recipient, message: Filled, page: str, timeout: float) -> str:
        """`templatemessage.send`; the message's id, "" where there is none."""


class AlipayProgram(PageChannel):
    """A page, whose people may have subscribed to messages of the platform."""

    rungs: Sequence[Rung] = ("subscription",)

    def __init__(
        self,
        client: Subscriptions,
        recipients: Recipients,
        transcripts: Transcripts,
        clock: Callable[[], datetime],
        uploads: Uploads,
        *,
        page: str,
    ) -> None:
        """`page` of the mini program is what a tap on a message opens: the pages of our site are
        none of its."""
        super().__init__("mini_alipay", transcripts, clock, Manner(texts="mini"), uploads)
        self._client, self._recipients, self._page = client, recipients, page

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A message the person has subscribed to, which the platform does not de-duplicate."""
        to = recipient_of(self._recipients, account)
        return self._client.send_subscription(to, message, self._page, timeout)
