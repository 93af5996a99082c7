"""群发 of the official account: `bot.push.mass.MassCalls` over its API."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.wechat import replies
from bot.channels.wechat.channel import as_send_errors, harmless
from bot.channels.wechat.client import PlatformClient
from bot.dialogue.messages import AccountKey, Reply
from bot.push.ports import MassState

_STATES: dict[str, MassState] = {"SENDING": "sending", "SEND_SUCCESS": "sent"}
"""Others are failures: SEND_FAIL, DELETE."""


class WeChatMasses:
    """The calls of one account. `site` is the address before links that are only paths."""

    def __init__(self, client: PlatformClient, site: str) -> None:
        self._client, self._site = client, site

    def send(self, people: Sequence[AccountKey], reply: Reply, key: str, timeout: float) -> str:
        text = replies.cut(replies.shown(reply, self._site))
        with self._client.within(timeout), as_send_errors():
            return self._client.send_mass([account.user for account in people], text, key)

    def state(self, sent_as: str, timeout: float) -> MassState:
        with self._client.within(timeout), as_send_errors(), harmless():
            return _STATES.get(self._client.mass_status(sent_as).upper(), "failed")
